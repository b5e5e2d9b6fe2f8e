"""What each customer contributes to a statistic: one short vector over public cells, from one pass over the postings.

A profile is a customer's own distribution, scaled to sum 1 (so of length 1 at most) or to length 1; a histogram has one cell
of 1. So nobody counts for more than anybody else, however many postings they have, and the noise that hides one customer is
the noise that hides a vector of length 1.
"""

from collections.abc import Sequence

import numpy as np

from calibration.private.cells import bin_of, cell, cells_of, counted, has_none, months_of
from calibration.private.config import Profile, Statistic
from calibration.private.postings import MILLI, Floats, Ints, Postings, Source
from calibration.private.sums import Last, Pairs, Sums

MONTH_DAYS = 30.4375
_LOG = 1_000_000
"""Logarithms are summed in whole millionths, so that a sum is exact in any order."""


class Tally:
    """Everything that statistics need to know of each customer, gathered in one pass.

    Attributes:
        statistics: in order.
        kinds: names of the kinds, without other.
    """

    def __init__(self, source: Source, statistics: Sequence[Statistic], kinds: Sequence[str], least_days: int) -> None:
        """Reads every posting of a source.

        Args:
            source: of postings.
            statistics: what to gather for.
            kinds: names of the kinds, without other.
            least_days: days from a customer's opening, or first posting, to the last day of the source; who has fewer is left out.

        Raises:
            InputError: the source cannot be read.
        """
        self.statistics, self.kinds = list(statistics), list(kinds)
        self._start, self._first = source.first, np.empty(0, np.int64)
        self._all = Sums(1)
        self._of = [_gatherer(one, self.kinds) for one in self.statistics]
        for batch in source.batches():
            self._add(batch.only((batch.day >= source.first) & (batch.day <= source.last)), source.customers)
        days = source.last - self._first + 1
        self.members: Ints = np.flatnonzero((days >= least_days) & (days <= source.last - source.first + 1))
        """Rows of the customers that count."""
        self._months = np.maximum(days, 1) / MONTH_DAYS

    @property
    def customers(self) -> int:
        """Customers that count."""
        return len(self.members)

    def _add(self, batch: Postings, customers: int) -> None:
        unseen = np.iinfo(np.int64).max // 2
        self._first = np.append(self._first, np.full(customers - len(self._first), unseen))
        np.minimum.at(self._first, batch.customer, np.clip(batch.opened, self._start, batch.day))
        self._all.add(batch.customer, np.ones(len(batch.day), np.int64))
        for one, gathered in zip(self.statistics, self._of, strict=True):
            gathered.add(batch.only(counted(batch, one.where, self.kinds)))

    def vectors(self, place: int, grid: int, rows: Ints) -> Ints:
        """Vectors of some customers for a statistic, on a grid of whole numbers.

        Args:
            place: which statistic.
            grid: length of the longest vector that a customer may have. Cells are rounded down, so that rounding never makes
                one longer.
            rows: rows of the customers.

        Returns:
            One row for each customer, one column for each cell of `cells_of`.
        """
        one, gathered = self.statistics[place], self._of[place]
        width = len(cells_of(one, self.kinds))
        if one.profile is not None:
            assert isinstance(gathered, _Spread)
            vectors = np.zeros((len(rows), width), np.int64)
            vectors[:, : gathered.sums.width] = _scaled(gathered.sums.of(rows), one.profile, grid)
            if has_none(one):
                vectors[~vectors.any(axis=1), -1] = grid
            return vectors
        assert one.histogram is not None and isinstance(gathered, _Figure)
        value = gathered.value(rows, self._months[rows], self._all.of(rows)[:, 0])
        vectors = np.zeros((len(rows), width), np.int64)
        vectors[np.arange(len(rows)), bin_of(value, one.histogram)] = grid
        return vectors


class _Spread:
    """A customer's postings or their value by cell."""

    def __init__(self, of: Profile, kinds: list[str], width: int) -> None:
        self.of, self.kinds, self.sums = of, kinds, Sums(width)

    def add(self, batch: Postings) -> None:
        weight = np.ones(len(batch.day), np.int64) if self.of.weigh == "count" else batch.amount
        self.sums.add(batch.customer * self.sums.width + cell(batch, self.of, self.kinds), weight)


class _Figure:
    """A number of each customer; not a number for who has no posting that counts."""

    def __init__(self, of: str, may_lack: bool) -> None:
        self.of, self.may_lack = of, may_lack
        self.count, self.sum, self.pairs, self.last = Sums(1), Sums(1), Pairs(), Last()

    def add(self, batch: Postings) -> None:
        self.count.add(batch.customer, np.ones(len(batch.day), np.int64))
        if self.of == "value":
            self.sum.add(batch.customer, batch.amount)
        elif self.of == "typical_amount":
            self.sum.add(batch.customer, np.rint(np.log(np.maximum(batch.amount, 1) / MILLI) * _LOG).astype(np.int64))
        elif self.of == "merchants":
            self.pairs.add(batch.customer[batch.merchant >= 0], batch.merchant[batch.merchant >= 0])
        elif self.of == "balance":
            self.last.add(batch.customer, months_of(batch.day), batch.day, batch.balance)

    def value(self, rows: Ints, months: Floats, all_postings: Ints) -> Floats:
        count = self.count.of(rows)[:, 0]
        figure: Floats
        if self.of == "count":
            figure = count / months
        elif self.of == "value":
            figure = self.sum.of(rows)[:, 0] / MILLI / months
        elif self.of == "typical_amount":
            figure = np.exp(self.sum.of(rows)[:, 0] / np.maximum(count, 1) / _LOG)
        elif self.of == "share":
            figure = count / np.maximum(all_postings, 1)
        elif self.of == "merchants":
            figure = self.pairs.of(rows).astype(float)
        else:
            figure = self.last.of(rows) / MILLI
        return np.where(count > 0, figure, np.nan) if self.may_lack else figure


def _gatherer(one: Statistic, kinds: list[str]) -> _Spread | _Figure:
    if one.profile is not None:
        return _Spread(one.profile, kinds, len(cells_of(one, kinds)) - has_none(one))
    assert one.histogram is not None
    return _Figure(one.histogram.of, has_none(one))


def _scaled(sums: Ints, of: Profile, grid: int) -> Ints:
    total = sums.sum(axis=1)
    if of.scale == "sum":
        size = total.astype(float)
    else:
        size = np.sqrt((sums.astype(float) ** 2).sum(axis=1))
    # A hair longer, so that no rounding of floats makes a vector longer than the grid.
    size *= 1 + 1e-12
    scale = np.divide(grid, size, out=np.zeros(len(sums)), where=total > 0)
    scaled: Ints = np.floor(sums * scale[:, None]).astype(np.int64)
    return scaled
