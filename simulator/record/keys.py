"""Sets of keys that a viewer has seen, small enough to hold: what rows of other tables are known by."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

type Ints = NDArray[np.int64]


class Keys(Protocol):
    """A set of keys."""

    def holds(self, values: Ints) -> NDArray[np.bool_]:
        """Which of some values are in it."""


class Rows:
    """Numbers of rows, a bit each: a hundred million payments are 12 MB."""

    def __init__(self, batches: Iterable[Ints], rows: int) -> None:
        self._bits = np.zeros(rows // 8 + 1, np.uint8)
        for ids in batches:
            start, end = int(ids.min()) // 8, int(ids.max()) // 8 + 1
            block = np.zeros((end - start) * 8, bool)
            block[ids - start * 8] = True
            self._bits[start:end] |= np.packbits(block, bitorder="little")

    def holds(self, values: Ints) -> NDArray[np.bool_]:
        """Which of some values are in it."""
        inside = (values >= 0) & (values < 8 * len(self._bits))
        known = np.where(inside, values, 0)
        found: NDArray[np.bool_] = inside & (self._bits[known >> 3] >> (known & 7) & 1).astype(bool)
        return found


class Ids:
    """Keys of any size, sorted."""

    def __init__(self, batches: Iterable[Ints]) -> None:
        self._sorted: Ints = np.empty(0, np.int64)
        waiting: list[Ints] = []
        for ids in batches:
            waiting.append(np.unique(ids))
            if sum(map(len, waiting)) > max(1 << 20, len(self._sorted)):
                self._sorted, waiting = np.unique(np.concatenate([self._sorted, *waiting])), []
        self._sorted = np.unique(np.concatenate([self._sorted, *waiting])).astype(np.int64)

    def holds(self, values: Ints) -> NDArray[np.bool_]:
        """Which of some values are in it."""
        if not len(self._sorted):
            return np.zeros(len(values), bool)
        place = np.minimum(np.searchsorted(self._sorted, values), len(self._sorted) - 1)
        found: NDArray[np.bool_] = self._sorted[place] == values
        return found
