"""The base of every section of a scenario: frozen, unknown keys refused."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]


class Part(BaseModel):
    """A section of a scenario file."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, use_attribute_docstrings=True)


def nearest(word: str, names: Iterable[str]) -> str:
    """The tail of a message that names the valid name nearest to a word; empty when none is near."""
    close = get_close_matches(word, names, n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def misplaced(path: tuple[str | int, ...], expected: str, hint: str = "", found: str = "") -> PydanticCustomError:
    """An error of a value that disagrees with another part of the file.

    Args:
        path: keys and positions from the part that checks down to the value at fault.
        expected: what should stand there.
        hint: what `nearest` said, if anything.
        found: what was found, where that is not what is written there.
    """
    return PydanticCustomError("misplaced", "expected {expected}", {"path": path, "expected": expected, "hint": hint, "found": found})
