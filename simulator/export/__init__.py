"""A run, or what one observer saw of it, in other formats: one file here per format."""
