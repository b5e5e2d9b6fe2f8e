"""An audit as a single HTML file."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from simulator.errors import MachineError


def write_page(said: Mapping[str, Any], title: str, out: Path) -> None:
    """Write an audit as one HTML file that needs nothing else.

    Args:
        said: What `simulator.audit.parts.audit_run` or `audit_table` gave.
        title: What was audited.
        out: The file.

    Raises:
        MachineError: The file cannot be written.
    """
    write(out, render("page.html", said=said, title=title))


def render(template: str, **values: Any) -> str:
    """A template of this package, filled in.

    Args:
        template: Its file.
        values: What it shows.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(files("simulator.audit").joinpath(template).read_text(encoding="utf-8")).render(**values)


def write(out: Path, text: str) -> None:
    """Write a text file.

    Raises:
        MachineError: It cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MachineError(f"{out}: cannot be written: {error.strerror}") from None
