"""The agenda: what will happen to rows on later days, kept until its day comes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.records import Records, records

STEP = np.dtype([
    ("day", np.int32),  # days since 1970
    ("row", np.int32),
    ("value", np.int32),
    ("what", np.int32),
], align=True)  # fmt: skip
"""Something that will happen to a row; what `value` says depends on `what`."""


class Agenda:
    """Steps by day, in the order in which they were put down."""

    def __init__(self) -> None:
        self._days: dict[int, list[Records]] = {}

    def put(self, day: Ints | int, what: int, row: Ints, value: Ints | int = 0) -> None:
        """Put steps down, one for each row; ``day`` has not passed."""
        if not len(row):
            return
        steps = records(STEP, len(row))
        steps.day, steps.what, steps.row, steps.value = day, what, row, value
        for when in np.unique(steps.day).tolist():
            self._days.setdefault(when, []).append(steps[steps.day == when])

    def take(self, day: int) -> Records:
        """Remove and return the steps of a day."""
        parts = self._days.pop(day, [])
        return np.concatenate(parts).view(Records) if parts else records(STEP, 0)

    def coming(self, day: int, *what: int) -> Ints:
        """Rows of steps of some kinds up to a day."""
        parts = [np.asarray(part) for when, parts in self._days.items() if when <= day for part in parts]
        steps = np.concatenate(parts) if parts else np.zeros(0, STEP)
        return steps["row"][np.isin(steps["what"], what)].astype(np.int64)

    def dump(self) -> NDArray[Any]:
        """Every step, for a checkpoint."""
        parts = [np.asarray(part) for parts in self._days.values() for part in parts]
        return np.concatenate(parts) if parts else np.zeros(0, STEP)

    def load(self, steps: NDArray[Any]) -> None:
        """Take up the steps of a checkpoint."""
        self._days = {}
        for when in dict.fromkeys(steps["day"].tolist()):
            self._days[when] = [steps[steps["day"] == when].astype(STEP).view(Records)]
