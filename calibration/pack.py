"""Packs of targets: real aggregates with source, tolerance and role, and the parameters that a fit may move, read from YAML."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from calibration.targets import Target
from simulator.scenario.complaint import read_as
from simulator.scenario.extend import locate
from simulator.scenario.part import Name, Part, misplaced
from simulator.scenario.schema import bounded
from simulator.scenario.source import read_file

ROLES = ("fit", "hold-out", "report")


class Parameter(Part):
    """A parameter that a fit may move, with the range that it is searched in (the prior)."""

    name: Name
    what: str = Field(min_length=3, description="what it is, in a line")
    paths: list[str] = Field(min_length=1, description="dotted paths of the scenario; '*' stands for every item of a list or mapping")
    how: Literal["set", "times"] = Field("set", description="put at the paths, or multiplied with what the scenario has there")
    low: float
    high: float
    scale: Literal["linear", "log"] = Field("linear", description="in which the prior is even")
    whole: bool = Field(False, description="rounded to whole numbers")
    why: str = Field("", description="where the range comes from")

    @model_validator(mode="after")
    def _ordered(self) -> "Parameter":
        if not self.low < self.high:
            raise misplaced(("high",), f"more than low ({self.low:g})")
        if self.scale == "log" and self.low <= 0:
            raise misplaced(("low",), "more than 0 on a log scale")
        return self


class Direct(Part):
    """A parameter that is a target itself: set, not searched."""

    path: str = Field(min_length=1, description="dotted path of the scenario")
    target: Name = Field(description="id of the target")
    component: str = Field("", description="which of its numbers")
    times: float = Field(1.0, description="what brings the target's unit to the parameter's")


class Fit(Part):
    """How large the worlds of a fit are, and how many."""

    customers: int = Field(1000, ge=50, description="adults in a world of the search")
    days: int = Field(60, ge=2, description="days that it lives")
    runs: int = Field(30, ge=5, le=400, description="runs of the first design for each free parameter")
    seeds: int = Field(3, ge=1, le=20, description="seeds of each point of the last search")


class Pack(Part):
    """A file of targets."""

    name: Name
    about: str = Field("", max_length=2000)
    notes: list[str] = Field(default_factory=list, description="where the sources measure different things")
    targets: list[Target] = Field(min_length=1)
    direct: list[Direct] = Field(default_factory=list, description="parameters that are targets themselves")
    parameters: list[Parameter] = Field(default_factory=list, description="parameters that a fit may move")
    fit: Fit = Field(default_factory=lambda: Fit.model_validate({}), description="size of the fit")
    ledger: dict[str, Any] = Field(default_factory=dict, description="privacy ledger of a pack that was released with noise")

    @property
    def sizes(self) -> dict[str, int]:
        """How many targets it has, by role, and how many parameters."""
        roles: list[str] = [target.role for target in self.targets]
        return {"targets": len(roles), **{role: roles.count(role) for role in ROLES}, "parameters": len(self.parameters)}

    @model_validator(mode="after")
    def _consistent(self) -> "Pack":
        for key, names in (("targets", [t.id for t in self.targets]), ("parameters", [p.name for p in self.parameters])):
            for place, one in enumerate(names):
                if one in names[:place]:
                    raise misplaced((key, place, "id" if key == "targets" else "name"), "an id of its own, not one that stands above")
        known = {target.id: target for target in self.targets}
        for place, direct in enumerate(self.direct):
            if direct.target not in known:
                raise misplaced(("direct", place, "target"), f"one of {', '.join(known)}")
            if direct.component not in known[direct.target].components:
                raise misplaced(("direct", place, "component"), f"one of {', '.join(known[direct.target].components)}")
        return self


def read_pack(name_or_path: str | Path) -> Pack:
    """Reads a pack.

    Args:
        name_or_path: a shipped name such as ``us_town``, or a path.

    Raises:
        InputError: there is no such pack, or the file is wrong; the text says where.
    """
    path, shown = locate(name_or_path, "packs")
    return read_as(Pack, read_file(path, shown))


def pack_schema() -> dict[str, Any]:
    """What a pack may say, as JSON Schema."""
    schema: dict[str, Any] = bounded(Pack.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
