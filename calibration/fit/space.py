"""The parameters of a pack as points of the unit cube, as values in their own units, and as overrides of a scenario."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.pack import Parameter
from simulator.errors import InputError
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.part import nearest

type Floats = NDArray[np.float64]

DIGITS = 6
"""Significant digits of a parameter: enough to fit, few enough to read."""


class Space:
    """Parameters that a fit may move.

    Attributes:
        parameters: in the order of the pack.
        paths: of each, without wildcards.
        starts: what the scenario has there: the value, 1 for a factor, None where the paths have different ones.
    """

    def __init__(self, scenario: Scenario, parameters: Sequence[Parameter], shown: str) -> None:
        """Find every path.

        Args:
            scenario: whose parameters they are.
            parameters: of a pack.
            shown: how messages call the pack.

        Raises:
            InputError: a path leads nowhere, or to something that is no number.
        """
        self.parameters, self._shown = list(parameters), shown
        tree = light(scenario).model_dump()
        self._now: dict[str, Any] = {}
        self.paths: list[list[str]] = []
        self.starts: list[float | None] = []
        for parameter in self.parameters:
            where = f"{shown}: parameters.{parameter.name}.paths"
            found = {path: value for pattern in parameter.paths for path, value in _matches(tree, pattern, where)}
            for path, value in found.items():
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise InputError(f"{where}: {path}: found {value!r:.60} in {scenario.name}, expected a number")
            self._now |= found
            self.paths.append(list(found))
            same = len(set(found.values())) == 1
            self.starts.append(1.0 if parameter.how == "times" else float(next(iter(found.values()))) if same else None)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.parameters)

    @property
    def names(self) -> list[str]:
        """Of the parameters."""
        return [parameter.name for parameter in self.parameters]

    def values(self, points: Floats) -> Floats:
        """Values in the parameters' units.

        Args:
            points: of the unit cube, one row each.
        """
        columns = []
        for place, parameter in enumerate(self.parameters):
            low, high = _ends(parameter)
            value = low + np.clip(points[:, place], 0, 1) * (high - low)
            value = np.exp(value) if parameter.scale == "log" else value
            columns.append(np.clip(np.round(value) if parameter.whole else value, parameter.low, parameter.high))
        return np.stack(columns, axis=1) if columns else np.zeros((len(points), 0))

    def points(self, values: Floats) -> Floats:
        """Points of the unit cube; values outside the range come to lie on its side.

        Args:
            values: in the parameters' units, one row each.
        """
        columns = []
        for place, parameter in enumerate(self.parameters):
            low, high = _ends(parameter)
            value = np.clip(values[:, place], parameter.low, parameter.high)
            columns.append(((np.log(value) if parameter.scale == "log" else value) - low) / (high - low))
        return np.clip(np.stack(columns, axis=1), 0, 1) if columns else np.zeros((len(values), 0))

    def overrides(self, point: Sequence[float] | Floats) -> dict[str, float | int]:
        """What a point puts where in the scenario.

        Args:
            point: of the unit cube; a coordinate that is NaN leaves its parameter as the scenario has it.

        Returns:
            Dotted paths and numbers; factors of the same path multiply, in the order of the pack.
        """
        value = self.values(np.nan_to_num(np.array([point], np.float64), nan=0.5))[0]
        found: dict[str, float | int] = {}
        for place, parameter in enumerate(self.parameters):
            if np.isnan(point[place]):
                continue
            for path in self.paths[place]:
                before = found.get(path, self._now[path])
                new = float(value[place]) * (before if parameter.how == "times" else 1.0)
                found[path] = round(new) if parameter.whole else _short(new)
        return found

    def check(self, scenario: Scenario) -> None:
        """Try both ends of every range on the scenario, all else as it is.

        Raises:
            InputError: the scenario refuses one; the text says which.
        """
        plain = light(scenario)
        for place, parameter in enumerate(self.parameters):
            for end, at in (("low", 0.0), ("high", 1.0)):
                point = [np.nan] * len(self)
                point[place] = at
                try:
                    load_scenario(plain, self.overrides(point))
                except InputError as error:
                    said = str(error).splitlines()[0].removeprefix("override: ")
                    where = f"{self._shown}: parameters.{parameter.name}.{end}: {getattr(parameter, end):g}"
                    raise InputError(f"{where} is refused by the scenario: {said}") from None


def light(scenario: Scenario) -> Scenario:
    """The same scenario without its stories' text, which takes longer to read than a small world to live."""
    return scenario.model_copy(update={"stories": scenario.stories.model_copy(update={"told": []})})


def with_overrides(scenario: Scenario, overrides: Mapping[str, Any]) -> Scenario:
    """A scenario with numbers put at dotted paths; its stories are not read again.

    Raises:
        InputError: it refuses one.
    """
    if any(path.startswith("stories.told") for path in overrides):
        return load_scenario(scenario, overrides)
    changed = load_scenario(light(scenario), overrides)
    return changed.model_copy(update={"stories": changed.stories.model_copy(update={"told": scenario.stories.told})})


def _ends(parameter: Parameter) -> tuple[float, float]:
    if parameter.scale == "log":
        return float(np.log(parameter.low)), float(np.log(parameter.high))
    return parameter.low, parameter.high


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _matches(tree: Any, pattern: str, where: str) -> list[tuple[str, Any]]:
    """Every path that a pattern stands for, with what is there."""
    found: list[tuple[list[str], Any]] = [([], tree)]
    for word in pattern.split("."):
        found = [([*way, step], inside) for way, node in found for step, inside in _steps(node, word, way, where)]
    if not found:
        raise InputError(f"{where}: {pattern}: found nothing there, expected at least one number")
    return [(".".join(way), value) for way, value in found]


def _steps(node: Any, word: str, way: list[str], where: str) -> list[tuple[str, Any]]:
    if isinstance(node, list | tuple):
        inside = {str(item["name"]) if isinstance(item, dict) and "name" in item else str(at): item for at, item in enumerate(node)}
        if word.isdecimal() and word not in inside and int(word) < len(node):
            word = list(inside)[int(word)]
    elif isinstance(node, dict):
        inside = {str(getattr(key, "value", key)): value for key, value in node.items()}
    else:
        raise InputError(f"{where}: {'.'.join(way)}: found {node!r:.60}, expected something that has {word!r} in it")
    if word == "*":
        return list(inside.items())
    if word not in inside:
        path = ".".join([*way, word])
        raise InputError(f"{where}: {path}: found no such key, expected one of {', '.join(list(inside)[:40])}{nearest(word, inside)}")
    return [(word, inside[word])]
