"""Story files: one narrative each."""
