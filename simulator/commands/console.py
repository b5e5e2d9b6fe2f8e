"""Where tables are printed: as wide as the terminal, or wide enough to read in a file."""

import sys

from rich.console import Console

_WIDTH_IN_FILES = 160


def console(width: int | None = None) -> Console:
    """A console on standard output.

    Args:
        width: at most this wide; as wide as the terminal by default.
    """
    if sys.stdout.isatty():
        found = Console()
        return found if width is None or found.width <= width else Console(width=width)
    return Console(width=width or _WIDTH_IN_FILES)
