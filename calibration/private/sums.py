"""Whole numbers gathered by key over batches: sums, different pairs, last values. Memory grows with the keys, not the rows."""

import numpy as np

from calibration.private.postings import Floats, Ints

_PENDING = 1 << 20
"""Rows that wait before they are merged into what is known."""


class Sums:
    """Sums by customer and cell, for the pairs that occur."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._keys, self._sums = np.empty(0, np.int64), np.empty(0, np.int64)
        self._waiting: list[tuple[Ints, Ints]] = []
        self._rows = 0

    def add(self, key: Ints, weight: Ints) -> None:
        """Adds weights at keys, which are customer times width plus cell."""
        self._waiting.append(_summed(key, weight))
        self._rows += len(self._waiting[-1][0])
        if self._rows > max(_PENDING, len(self._keys)):
            self._merge()

    def _merge(self) -> None:
        parts = [(self._keys, self._sums), *self._waiting]
        self._keys, self._sums = _summed(np.concatenate([k for k, _ in parts]), np.concatenate([s for _, s in parts]))
        self._waiting, self._rows = [], 0

    def of(self, rows: Ints) -> Ints:
        """Sums of some customers by cell, one row each."""
        if self._waiting:
            self._merge()
        wanted = (rows[:, None] * self.width + np.arange(self.width)).ravel()
        return _looked_up(self._keys, self._sums, wanted).reshape(len(rows), self.width)


class Pairs:
    """How many different things each customer has."""

    def __init__(self) -> None:
        self._customer, self._thing = np.empty(0, np.int64), np.empty(0, np.int64)

    def add(self, customer: Ints, thing: Ints) -> None:
        """Adds pairs."""
        both = np.stack([np.append(self._customer, customer), np.append(self._thing, thing)])
        both = both[:, np.lexsort(both[::-1])]
        new = np.append(True, (both[:, 1:] != both[:, :-1]).any(axis=0)) if both.shape[1] else np.empty(0, bool)
        self._customer, self._thing = both[:, new]

    def of(self, rows: Ints) -> Ints:
        """Different things of some customers."""
        customers, count = np.unique(self._customer, return_counts=True)
        return _looked_up(customers, count.astype(np.int64), rows)


class Last:
    """The last value of each customer in each month; of one day, the one that stands last."""

    def __init__(self) -> None:
        self._kept = np.empty((4, 0), np.int64)

    def add(self, customer: Ints, month: Ints, day: Ints, value: Ints) -> None:
        """Adds values in row order."""
        kept = np.concatenate([self._kept, np.stack([customer, month, day, value])], axis=1)
        kept = kept[:, np.lexsort(kept[2::-1])]
        last = np.append((kept[:2, 1:] != kept[:2, :-1]).any(axis=0), True) if kept.shape[1] else np.empty(0, bool)
        self._kept = kept[:, last]

    def of(self, rows: Ints) -> Floats:
        """Mean of the months of some customers; not a number for who has none."""
        customers, place, count = np.unique(self._kept[0], return_inverse=True, return_counts=True)
        total = np.zeros(len(customers), np.int64)
        np.add.at(total, place, self._kept[3])
        months = _looked_up(customers, count.astype(np.int64), rows)
        mean: Floats = np.where(months > 0, _looked_up(customers, total, rows) / np.maximum(months, 1), np.nan)
        return mean


def _summed(keys: Ints, weights: Ints) -> tuple[Ints, Ints]:
    order = np.argsort(keys, kind="stable")
    keys, weights = keys[order], weights[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.empty(0, np.int64)
    return keys[starts], np.add.reduceat(weights, starts) if len(starts) else weights


def _looked_up(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
