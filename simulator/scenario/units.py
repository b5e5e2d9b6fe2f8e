"""Quantities in plain words: ``2 h``, ``3 days``, ``1.5 %``, amounts in currency units.

Every annotated type here accepts the plain word and the bare number, and refuses anything else with a message that
says what was expected. Values are kept as the Python number a reader would compute with; they are rounded to the
integers that kernels decide on when the world is built (law 9).
"""

import math
import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_DURATION = re.compile(rf"^({_NUMBER})\s*(s|sec|seconds?|min|minutes?|h|hours?|d|days?|weeks?)$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PERCENT = re.compile(rf"^({_NUMBER})\s*%$")


def _finite(value: float, expected: str) -> float:
    if not math.isfinite(value):
        raise ValueError(f"expected {expected}, found {value}")
    return value


def parse_duration(value: Any) -> timedelta:
    """Read ``2 h``, ``3 days``, ``30 min`` or ``-5 h``.

    Raises:
        ValueError: the text is not a number followed by s, min, h, days or weeks.
    """
    if isinstance(value, timedelta):
        return value
    found = _DURATION.match(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("expected a duration such as '2 h', '30 min' or '3 days'")
    seconds = _finite(float(found[1]), "a duration") * _SECONDS[found[2][0]]
    if abs(seconds) > 1e9:
        raise ValueError("expected a duration below thirty years")
    return timedelta(seconds=seconds)


def parse_share(value: Any) -> float:
    """Read ``1.5 %`` or ``0.015`` as 0.015.

    Raises:
        ValueError: the value is neither a number nor a number followed by a per-cent sign.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(float(value), "a share such as '1.5 %' or 0.015")
    found = _PERCENT.match(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("expected a share such as '1.5 %' or 0.015")
    return float(found[1]) / 100.0


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("expected a number")
    return _finite(float(value), "a finite number")


def not_all_zero[Numbers: (list[float], dict[str, float])](values: Numbers) -> Numbers:
    """Refuse relative numbers that are all 0, for they say nothing of each other.

    Raises:
        ValueError: every number is 0.
    """
    if not any(values.values() if isinstance(values, dict) else values):
        raise ValueError("expected at least one number above 0")
    return values


Duration = Annotated[timedelta, BeforeValidator(parse_duration, json_schema_input_type=str)]
Share = Annotated[float, BeforeValidator(parse_share, json_schema_input_type=float | str), Field(ge=0.0, le=1.0)]
Rate = Annotated[float, BeforeValidator(parse_share, json_schema_input_type=float | str), Field(ge=-1.0, le=10.0)]
Money = Annotated[float, BeforeValidator(_number, json_schema_input_type=float), Field(ge=0.0, le=1e12)]
Factor = Annotated[float, BeforeValidator(_number, json_schema_input_type=float), Field(ge=0.0, le=1000.0)]
PerMonth = Annotated[float, BeforeValidator(_number, json_schema_input_type=float), Field(ge=0.0, le=1000.0)]
Months = Annotated[list[Factor], Field(min_length=12, max_length=12), AfterValidator(not_all_zero)]
