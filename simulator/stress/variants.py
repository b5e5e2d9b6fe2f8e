"""Worlds that differ from a scenario in some of its shocks: none of them, one alone, all but one.

The one place that knows what a shock is: an item of the scenario's ``shocks``, or a change by dotted path given beside it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario

ON, OFF = "alone on", "alone off"

CALM = "calm"
"""In place of a baseline: the scenario itself without its shocks."""


class Variant(NamedTuple):
    """A world for the decomposition."""

    shock: str
    way: str
    scenario: Scenario


def shocks_of(scenario: Scenario) -> list[Any]:
    """The shocks of a scenario, which have a `name` each."""
    return list(getattr(scenario, "shocks", []))


def with_shocks(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """The same scenario with those of its shocks only; expectations are about all of them, and go."""
    shocks = [shock.model_dump(exclude_defaults=True) for shock in shocks_of(scenario) if shock.name in names]
    changes: dict[str, Any] = {"expect": []} | ({"shocks": shocks} if hasattr(scenario, "shocks") else {})
    return load_scenario(scenario, changes)


def calm(scenario: Scenario) -> Scenario:
    """The scenario without its shocks, under a name of its own."""
    return load_scenario(with_shocks(scenario, []), {"name": f"{scenario.name[:55]}_calm"})


def variants(scenario: Scenario, changes: Mapping[str, Any] | None = None) -> list[Variant]:
    """Each shock alone on and alone off.

    Args:
        scenario: with its shocks, before ``changes``.
        changes: dotted paths and values that the scenario has beyond its shocks; each counts as one.
    """
    changes = changes or {}
    names = [shock.name for shock in shocks_of(scenario)]
    found = []
    for name in [*names, *changes]:
        rest = [other for other in names if other != name]
        others = {path: value for path, value in changes.items() if path != name}
        alone = with_shocks(scenario, [name] if name in names else [])
        without = with_shocks(scenario, rest)
        found.append(Variant(name, ON, load_scenario(alone, {name: changes[name]} if name in changes else None)))
        found.append(Variant(name, OFF, load_scenario(without, others or None)))
    return found


def onset(scenario: Scenario) -> date:
    """The first day on which a shock moves anything; the first of the run where there are none."""
    found = []
    for shock in shocks_of(scenario):
        paths = [path for path in (getattr(shock, "path", None), *getattr(shock, "by", {}).values()) if path is not None]
        found += [day for path in paths for day in path.points]
        begins = getattr(shock, "start", None)
        if begins is not None:
            found.append(begins.date() if isinstance(begins, datetime) else begins)
    return max(scenario.period.start, min(found)) if found else scenario.period.start
