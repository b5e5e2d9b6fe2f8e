"""Values of a scenario in the words that a file would use."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any

from pydantic import BaseModel

from simulator.errors import InputError
from simulator.scenario.source import Plain


def plain(value: Any) -> Plain:
    """A part of a scenario, or a value for one, as a file would spell it.

    Raises:
        InputError: no file could say it.
    """
    if value is None or type(value) in (str, bool, int, float):
        return value  # type: ignore[no-any-return]
    if isinstance(value, BaseModel):
        return plain(value.model_dump())
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str | bool | int | float):
        return value
    if hasattr(value, "item"):  # a NumPy scalar, as `batch_run` gives
        return plain(value.item())
    raise InputError(f"override: found {value!r:.60}, expected a number, text, a date, a list or a mapping")


def _duration(value: timedelta) -> str:
    seconds = value.total_seconds()
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds % size == 0:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + " s"
