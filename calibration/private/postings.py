"""A posting: one movement on one customer's account, as a statement shows it, read alike from a bank's table and from a run."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from calibration.private.config import Rule, listed

MILLI = 1000
"""Amounts are whole thousandths of the currency unit, so that sums are exact in any order."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Postings(NamedTuple):
    """A batch of postings in row order.

    A column that a table lacks holds -1 (hour, merchant), 0 (balance) or False (fraud).
    """

    customer: Ints
    """Row number of the customer or account, dense from 0 in order of first sight."""
    day: Ints
    """Days since 1970-01-01, local."""
    opened: Ints
    """Day that the account was opened; the day of the posting where that is not told."""
    hour: Ints
    amount: Ints
    """Thousandths, never negative."""
    out: Flags
    """Whether it left the account."""
    kind: Ints
    """Place in the list of kinds; the last, one past it, is other."""
    merchant: Ints
    """A number that the same merchant always has."""
    balance: Ints
    """Thousandths, after the posting."""
    fraud: Flags

    def only(self, keep: Flags) -> "Postings":
        """Those where a mask is true."""
        columns: list[Any] = [column[keep] for column in self]
        return Postings(*columns)


class Source(Protocol):
    """What postings are read from."""

    first: int
    """First day that counts, in days since 1970-01-01."""
    last: int
    """Last day that counts."""

    @property
    def customers(self) -> int:
        """Customers seen so far."""
        ...

    def batches(self) -> Iterator[Postings]:
        """Postings in row order, in bounded memory."""
        ...


class Match(Protocol):
    """Says of every row of a batch whether a column holds one of some values; None asks for nothing there."""

    def __call__(self, column: str, values: list[str] | None) -> Flags:
        """One flag for each row."""
        ...


def kinds_of(rules: Mapping[str, Rule], rows: int, match: Match) -> Ints:
    """The kind of each row: the first rule whose conditions all hold; one past the last where none does.

    Args:
        rules: by kind, in order.
        rows: of the batch.
        match: reads the batch.
    """
    kind = np.full(rows, len(rules), np.int64)
    open_still = np.ones(rows, bool)
    for place, rule in enumerate(rules.values()):
        holds = open_still.copy()
        for column, values in rule.items():
            holds &= match(column, None if values is None else listed(values))
        kind[holds] = place
        open_still &= ~holds
    return kind


def thousandths(amount: Floats) -> Ints:
    """Money in whole thousandths."""
    whole: Ints = np.rint(amount * MILLI).astype(np.int64)
    return whole
