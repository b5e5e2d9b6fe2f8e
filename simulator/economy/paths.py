"""What several shocks of one kind add up to, by day."""

from collections.abc import Iterable

import numpy as np

from simulator.population.households import Floats
from simulator.scenario.curve import Curve
from simulator.scenario.shocks import Kind, Shock


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

    @property
    def since(self) -> int:
        """The first day on which one of them says anything, since 1970."""
        return min(curve.since for curve in (*self._all, *(curve for _, curve in self._one)))

    def __bool__(self) -> bool:
        return bool(self._all or self._one)

    def on(self, day: int) -> Floats:
        """The value of each on a day since 1970: a path of its own is added to that of all."""
        values = np.full(self._size, sum((curve.on(day) for curve in self._all), 0.0))
        for place, curve in self._one:
            values[place] += curve.on(day)
        return values
