"""An audit as a single HTML file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.pages import fill, write


def write_page(said: Mapping[str, Any], title: str, out: Path) -> None:
    """Write an audit as one HTML file that needs nothing else.

    Args:
        said: What `simulator.audit.parts.audit_run` or `audit_table` gave.
        title: What was audited.
        out: The file.

    Raises:
        MachineError: The file cannot be written.
    """
    write(out, fill("simulator.audit", "page.html", said=said, title=title))
