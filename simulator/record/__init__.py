"""The run folder: tables from one schema registry, written, described and read back."""
