"""Packs of targets: real aggregates with source, tolerance and role, read from YAML."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from simulator.errors import InputError
from simulator.scenario.extend import shipped
from simulator.scenario.part import Name, Part
from simulator.scenario.source import read_file

_TOLERANCE = re.compile(r"^(\d+(?:\.\d+)?) (%|points)$")


def _tolerance(value: Any) -> str:
    text = str(value)
    if not _TOLERANCE.match(text):
        raise ValueError("expected a tolerance such as '10 %' (of the target) or '3 points' (of a share)")
    return text


class Target(Part):
    """A real aggregate that a run is set beside."""

    id: Name
    what: str = Field(min_length=3, description="what it says, in a line")
    value: float | dict[str, float] = Field(description="one number, or one by component")
    unit: str = Field(description="what one unit is; 'share' where it is one")
    population: str = Field(min_length=2, description="whom it is about")
    period: str = Field(min_length=2, description="when it was")
    source: str = Field(min_length=5, description="title and year")
    status: Literal["seen", "derived", "memory"] = Field(description="read in the source, computed from it, or unverified")
    tolerance: Annotated[str, BeforeValidator(_tolerance)] = Field("10 %", description="of the target, or points of a share")
    role: Literal["fit", "report"] = Field(description="whether a world that meets the identity should meet it")
    moment: Name = Field(description="function of calibration.moments that measures it")
    why: str = Field("", description="why it is report only, or how it was derived")

    @model_validator(mode="after")
    def _sourced(self) -> "Target":
        if self.status == "memory" and self.role == "fit":
            raise ValueError("a target from memory may not have role fit")
        return self

    def within(self, target: float, achieved: float) -> bool:
        """Whether a measured number meets one of the target's numbers."""
        return abs(achieved - target) <= self._room(target) + 1e-12

    def misfit(self, target: float, achieved: float) -> float:
        """How far a measured number is from one of the target's numbers, in tolerances: met up to 1."""
        return abs(achieved - target) / max(self._room(target), 1e-12)

    def _room(self, target: float) -> float:
        found = _TOLERANCE.match(self.tolerance)
        assert found is not None
        return float(found[1]) / 100 * (1.0 if found[2] == "points" else abs(target))

    @property
    def components(self) -> dict[str, float]:
        """Its numbers by component; a single one has an empty name."""
        return self.value if isinstance(self.value, dict) else {"": self.value}


class Pack(Part):
    """A file of targets."""

    name: Name
    about: str = Field("", max_length=2000)
    targets: list[Target] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> "Pack":
        ids = [target.id for target in self.targets]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"targets with the same id: {', '.join(twice)}")
        return self


def read_pack(name_or_path: str | Path) -> Pack:
    """Reads a pack.

    Args:
        name_or_path: a shipped name such as ``us_town``, or a path.

    Raises:
        InputError: there is no such pack, or the file is wrong.
    """
    known = shipped("packs")
    path = known.get(str(name_or_path), Path(name_or_path))
    if not path.exists():
        raise InputError(f"pack: found '{name_or_path}', expected one of {', '.join(sorted(known))} or a file")
    try:
        return Pack.model_validate(read_file(path).plain())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: {place}: {first['msg']}") from None
