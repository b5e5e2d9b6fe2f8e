"""Paths of shocks as numbers by day."""

from datetime import date

import numpy as np

from simulator.scenario.shocks import Between, Path

_EPOCH = date(1970, 1, 1).toordinal()


class Curve:
    """A value by day.

    Args:
        path: its points.
        before: the value before the first of them.

    Attributes:
        since: Day of the first of them, since 1970.
    """

    def __init__(self, path: Path, before: float = 0.0) -> None:
        self._before = before
        points = sorted(path.points.items())
        self._days = np.array([day.toordinal() - _EPOCH for day, _ in points], np.int64)
        self._values = np.array([value for _, value in points])
        self.since = int(self._days[0])
        self._ramps = path.between is Between.RAMP

    def on(self, day: int) -> float:
        """The value on a day since 1970; after the last point the last value."""
        if day < self.since:
            return self._before
        if self._ramps:
            return float(np.interp(day, self._days, self._values))
        return float(self._values[np.searchsorted(self._days, day, side="right") - 1])
