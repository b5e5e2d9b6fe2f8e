"""Where tables are printed: as wide as the terminal, or wide enough to read in a file."""

import sys

from rich.console import Console

_WIDTH_IN_FILES = 160


def console() -> Console:
    """A console on standard output."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH_IN_FILES)
