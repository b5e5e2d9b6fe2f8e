"""A target: a real aggregate with its unit, source, error and role, that a world is set beside."""

import re
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from simulator.scenario.part import Name, Part, misplaced

_TOLERANCE = re.compile(r"^(\d+(?:\.\d+)?) (%|points)$")

CAP = 0.10
"""Most that the error of a source may widen a tolerance to, as a share of the target; a wider error leaves it not assessed."""

type Numbers = float | dict[str, float]


def _tolerance(value: Any) -> str:
    text = str(value)
    found = _TOLERANCE.match(text)
    if not found:
        raise ValueError("expected a tolerance such as '10 %' (of the target) or '3 points' (of a share)")
    if found[2] == "%" and float(found[1]) > 100 * CAP:
        raise ValueError(f"expected a tolerance of at most {100 * CAP:g} %")
    return text


class Target(Part):
    """A real aggregate that a run is set beside."""

    id: Name
    what: str = Field(min_length=3, description="what it says, in a line")
    value: Numbers = Field(description="one number, or one by component: a histogram by bin, a series by date")
    unit: str = Field(description="what one unit is; 'share' where it is one")
    population: str = Field(min_length=2, description="whom it is about")
    period: str = Field(min_length=2, description="when it was")
    source: str = Field(min_length=5, description="title and year")
    status: Literal["seen", "derived", "released", "memory"] = Field(
        description="read in the source, computed from it, released with noise by `ledgerfolk aggregate`, or unverified"
    )
    tolerance: Annotated[str, BeforeValidator(_tolerance)] = Field("5 %", description="of the target, or points of a share")
    error: Numbers = Field(0.0, description="standard error of the source, privacy noise included, in the target's unit")
    role: Literal["fit", "hold-out", "report"] = Field(description="searched for, only judged by, or only shown")
    moment: Name = Field(description="the function that measures it in a run")
    of: dict[str, Any] = Field(default_factory=dict, description="what the moment is computed over, where it needs to be told")
    why: str = Field("", description="why it is report only, or how it was derived")

    @model_validator(mode="after")
    def _sound(self) -> "Target":
        numbers = list(self.components.values())
        if not numbers or not all(isfinite(one) for one in numbers):
            raise misplaced(("value",), "one finite number, or one by component")
        # Noise may carry a released share beyond 1; its error says so.
        if self.unit == "share" and self.status != "released" and any(abs(one) > 1 for one in numbers):
            raise misplaced(("value",), "shares between -1 and 1, as the unit says, not per cent")
        if not all(isfinite(one) for one in (self.error.values() if isinstance(self.error, dict) else (self.error,))):
            raise misplaced(("error",), "finite numbers")
        return self

    @model_validator(mode="after")
    def _sourced(self) -> "Target":
        if self.status == "memory" and self.role != "report":
            raise misplaced(("role",), "role report for a target from memory")
        if isinstance(self.error, dict) and set(self.error) != set(self.components):
            raise misplaced(("error",), f"one number, or one for each of {', '.join(self.components)}")
        if any(one < 0 for one in (self.error.values() if isinstance(self.error, dict) else (self.error,))):
            raise misplaced(("error",), "0 or more")
        return self

    def within(self, component: str, achieved: float) -> bool:
        """Whether a measured number meets the target's number of a component."""
        return self.misfit(component, achieved) <= 1 + 1e-9

    def misfit(self, component: str, achieved: float) -> float:
        """How far a measured number is from the target's number of a component, in tolerances: met up to 1."""
        return abs(achieved - self.components[component]) / max(self.room(component), 1e-12)

    def room(self, component: str) -> float:
        """Distance in the target's unit that counts as met: the tolerance, or twice the source's error if wider, up to the cap."""
        target = abs(self.components[component])
        found = _TOLERANCE.match(self.tolerance)
        assert found is not None
        stated = float(found[1]) / 100 * (1.0 if found[2] == "points" else target)
        return max(stated, min(2 * self.error_of(component), CAP * target))

    def is_assessable(self, component: str) -> bool:
        """Whether the source knows this number well enough to judge a world by it: its error is within the tolerance and the cap."""
        return 2 * self.error_of(component) <= self.room(component) + 1e-12

    def error_of(self, component: str) -> float:
        """Standard error of a component, in the target's unit."""
        return self.error[component] if isinstance(self.error, dict) else self.error

    @property
    def components(self) -> dict[str, float]:
        """Its numbers by component; a single one has an empty name."""
        return self.value if isinstance(self.value, dict) else {"": self.value}
