"""HTML pages that need nothing else: a template filled in with the style that all share, and written."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from simulator.errors import MachineError


def fill(package: str, template: str, **values: Any) -> str:
    """A template of a package, filled in.

    Args:
        package: Where the template lies, dotted.
        template: Its file.
        values: What it shows; ``style`` is given to all.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    style = files("simulator").joinpath("pages.css").read_text(encoding="utf-8")
    return environment.from_string(files(package).joinpath(template).read_text(encoding="utf-8")).render(style=style, **values)


def write(file: Path, text: str) -> None:
    """Write a page; its folder is made where it is missing.

    Raises:
        MachineError: It cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise MachineError(f"{file}: cannot be written: {error.strerror}") from None
