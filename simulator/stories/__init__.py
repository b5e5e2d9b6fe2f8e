"""The narrative engine: stories with a cast and acts that write orders to the day, and never touch a balance."""
