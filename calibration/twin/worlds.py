"""The worlds of the twin test: the default that is fitted, and the hidden one that differs from it by more than a fit can move."""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
from pydantic import Field

from calibration.fit.space import Space, with_overrides
from calibration.pack import Fit, Pack, Parameter, read_pack
from simulator.scenario import Scenario
from simulator.scenario.complaint import read_as
from simulator.scenario.file import load_scenario
from simulator.scenario.part import Name, Part
from simulator.scenario.source import read_file

LOYALTY = 0.6
"""People of the hidden world return to a shop they know so many times as often: a behaviour that no parameter of the fit reaches."""
LATER = 2
"""Hours by which their days are later: the other one."""


class Searched(Part):
    """What the fit may move, and what the hidden world has there."""

    parameters: list[Parameter] = Field(min_length=1)
    hidden: dict[Name, float]
    fit: Fit


def place(name: str) -> Path:
    """A file of the twin test."""
    return Path(str(files("calibration.twin").joinpath(name)))


def searched() -> Searched:
    """What the fit may move."""
    file = place("parameters.yaml")
    return read_as(Searched, read_file(file, file.name))


def default(customers: int | None = None, days: int | None = None) -> Scenario:
    """The world that is fitted, as it is before.

    Args:
        customers: adults; as the file says by default.
        days: that it lives.
    """
    given = {"population.customers": customers, "period.days": days}
    return load_scenario(place("default.yaml"), {path: value for path, value in given.items() if value is not None})


def hidden(of: Scenario, seed: int) -> Scenario:
    """The hidden world: planted parameters, and two behaviours beyond them.

    Args:
        of: the default world.
        seed: of the hidden one.
    """
    told = searched()
    space = Space(of, told.parameters, "parameters.yaml")
    values = [[told.hidden[parameter.name] for parameter in told.parameters]]
    planted = with_overrides(of, space.overrides(space.points(np.array(values))[0]))
    categories = [one.model_copy(update={"loyalty": LOYALTY * one.loyalty}) for one in planted.categories]
    archetypes = [one.model_copy(update={"hours": one.hours + LATER}) for one in planted.population.archetypes]
    people = planted.population.model_copy(update={"archetypes": archetypes})
    return planted.model_copy(update={"name": "twin_hidden", "seed": seed, "categories": categories, "population": people})


def with_parameters(released: Path, file: Path, size: Fit | None = None) -> Pack:
    """A released pack with what a fit may move.

    Args:
        released: what `ledgerfolk aggregate` wrote.
        file: to write.
        size: of the fit; as the file of the parameters says by default.
    """
    told = searched()
    plain = read_pack(released).model_dump(mode="json") | {
        "parameters": [parameter.model_dump(mode="json") for parameter in told.parameters],
        "fit": (size or told.fit).model_dump(mode="json"),
    }
    pack = Pack.model_validate(plain)
    file.write_text(json.dumps(plain, indent=1), encoding="utf-8")  # JSON is YAML
    return pack
