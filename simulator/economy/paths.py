"""Paths of shocks as numbers by day, and what several shocks of one kind add up to."""

from collections.abc import Iterable

import numpy as np

from simulator.clock import EPOCH
from simulator.population.households import Floats
from simulator.scenario.shocks import Between, Kind, Path, Shock


class Curve:
    """A value by day.

    Args:
        path: its points.
        before: the value before the first of them.
    """

    def __init__(self, path: Path, before: float = 0.0) -> None:
        self._before = before
        points = sorted(path.points.items())
        self._days = np.array([(day - EPOCH).days for day, _ in points], np.int64)
        self._values = np.array([value for _, value in points])
        self._ramps = path.between is Between.RAMP

    def on(self, day: int) -> float:
        """The value on a day since 1970; after the last point the last value."""
        if day < self._days[0]:
            return self._before
        if self._ramps:
            return float(np.interp(day, self._days, self._values))
        return float(self._values[np.searchsorted(self._days, day, side="right") - 1])


class Curves:
    """All shocks of one kind, by the things that they move.

    Args:
        shocks: of a scenario.
        kind: which of them.
        names: of the things, in order; a path without a name moves all.
    """

    def __init__(self, shocks: Iterable[Shock], kind: Kind, names: list[str]) -> None:
        mine = [shock for shock in shocks if shock.kind is kind]
        self._size = len(names)
        self._all = [Curve(shock.path) for shock in mine if shock.path is not None]
        self._one = [(names.index(name), Curve(path)) for shock in mine for name, path in shock.by.items()]

    def __bool__(self) -> bool:
        return bool(self._all or self._one)

    def on(self, day: int) -> Floats:
        """The value of each on a day since 1970: a path of its own is added to that of all."""
        values = np.full(self._size, sum((curve.on(day) for curve in self._all), 0.0))
        for place, curve in self._one:
            values[place] += curve.on(day)
        return values
