"""The twin test: a hidden world releases private aggregates, another is fitted to them, and a fraud model moves between the two."""
