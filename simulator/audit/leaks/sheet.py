"""One table of payments with its truth beside it, column by column: what every leak check reads, of a run or of a foreign table."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Column = NDArray[Any]

type Load = Callable[[str], tuple[Column, list[str] | None]]
"""A column by name: numbers, or codes with their words."""
type Tables = Callable[[str], pd.DataFrame | None]
"""Another public or truth table by name; None where there is none."""

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
"""Microseconds."""

KEPT = 16
"""Columns held at a time: of 20 million rows, 16 columns are about 2 GB."""

IDS = (
    "transaction_id", "related_transaction_id", "payer_account", "payee_account", "merchant_id", "terminal_id", "card_id",
    "device_id", "ip_id",
)  # fmt: skip
"""Keys: judged by their order and by who shares them, never as numbers."""

CELL = ("method", "purpose", "country", "mcc")
"""What a payment is: within a cell of these, a guilty row should look like the others."""


class Sheet:
    """Payments and their truth.

    Attributes:
        names: The columns there are.
        guilty: Rows of a guilty story.
        lookalike: Innocent rows with the shape of a guilty story.
        story: Number of the story, dense from 0; -1 for rows of none. Guilty rows of no known story are one story each.
        table: Another table by name.
        offset: Microseconds that local time is ahead of UTC.
    """

    def __init__(
        self,
        names: list[str],
        load: Load,
        guilty: Flags,
        lookalike: Flags | None = None,
        story: Ints | None = None,
        tables: Tables | None = None,
        offset: int = 0,
    ) -> None:
        self.names = names
        self.offset = offset
        self.guilty = guilty
        self.lookalike = np.zeros(len(guilty), bool) if lookalike is None else lookalike
        self.story = self._stories(story)
        self.table: Tables = tables or (lambda name: None)
        self._load = load
        self._kept: OrderedDict[str, tuple[Column, list[str] | None]] = OrderedDict()

    @classmethod
    def of(
        cls,
        columns: Mapping[str, Any],
        guilty: Flags,
        lookalike: Flags | None = None,
        story: Ints | None = None,
        tables: Mapping[str, pd.DataFrame] | None = None,
        offset: int = 0,
    ) -> "Sheet":
        """A sheet of columns in memory.

        Args:
            columns: By name: numbers, times (microseconds since 1970 UTC), or text.
            guilty: Which rows are guilty.
            lookalike: Which rows are look-alikes.
            story: The story of each row, -1 for none.
            tables: Other tables by name.
            offset: Microseconds that local time is ahead of UTC.
        """
        found = {name: coded(column) for name, column in columns.items()}
        others = dict(tables or {})
        return cls(list(found), found.__getitem__, guilty, lookalike, story, others.get, offset)

    def __len__(self) -> int:
        """Rows."""
        return len(self.guilty)

    def has(self, *names: str) -> bool:
        """Whether all of these columns are there."""
        return all(name in self.names for name in names)

    def column(self, name: str) -> Column:
        """A column: numbers, codes of words, or microseconds since 1970 UTC."""
        return self._get(name)[0]

    def words(self, name: str) -> list[str] | None:
        """The words of a column of words, in order of their codes; None where it holds numbers."""
        return self._get(name)[1]

    def day(self) -> Ints:
        """Local day of each row, from 0 on the first."""
        return self._derived("day", lambda: _from_zero((self.column("timestamp") + self.offset) // DAY))

    def hour(self) -> Ints:
        """Hour of the local day of each row."""
        return self._derived("hour", lambda: ((self.column("timestamp") + self.offset) // HOUR % 24).astype(np.int64))

    def cell(self, *names: str) -> Ints:
        """The cell of each row by some columns, dense from 0; columns that are missing are left out."""
        there = [name for name in names if self.has(name)]
        return self._derived("cell " + " ".join(there), lambda: cells([self.column(name) for name in there], len(self)))

    def independent(self, rows: Flags | Ints) -> float:
        """How many independent observations some rows amount to: rows of one story share people and plan (Kish 1965)."""
        story = self.story[rows]
        counts = np.bincount(story[story >= 0])
        singles = float((story < 0).sum())
        return float((counts.sum() + singles) ** 2 / max((counts.astype(np.float64) ** 2).sum() + singles, 1.0))

    def of_lookalikes(self) -> "Sheet":
        """The same sheet with look-alikes in the place of guilty rows, which are among the others then."""
        return Sheet(self.names, self._load, self.lookalike, self.guilty, self.story, self.table, self.offset)

    def _stories(self, story: Ints | None) -> Ints:
        of = np.full(len(self.guilty), -1, np.int64) if story is None else story.astype(np.int64)
        planted = self.guilty | self.lookalike
        of = np.where(planted, of, -1)
        lone = planted & (of < 0)
        of[lone] = (of.max(initial=-1)) + 1 + np.arange(int(lone.sum()))
        known = of >= 0
        of[known] = np.unique(of[known], return_inverse=True)[1]
        return of

    def _get(self, name: str) -> tuple[Column, list[str] | None]:
        if name not in self._kept:
            self._kept[name] = self._load(name)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(name)
        return self._kept[name]

    def _derived(self, name: str, make: Callable[[], Ints]) -> Ints:
        key = "=" + name
        if key not in self._kept:
            made = make()
            self._kept[key] = (made, None)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        found: Ints = self._kept[key][0]
        return found


def coded(column: Any) -> tuple[Column, list[str] | None]:
    """A column as numbers, or as codes of words in the order of the alphabet; a missing word is the empty one."""
    values = np.asarray(column)
    if values.dtype.kind == "M":
        return values.astype("datetime64[us]").astype(np.int64), None
    if values.dtype.kind == "b":
        return values.astype(np.int8), None
    if values.dtype.kind in "iuf":
        return values, None
    codes, words = pd.factorize(pd.Series(values, dtype="string").fillna(""), sort=True)
    return codes.astype(np.int32), [str(word) for word in words]


def cells(columns: list[Column], rows: int) -> Ints:
    """One code for each combination of values, dense from 0."""
    code = np.zeros(rows, np.int64)
    for column in columns:
        part, values = pd.factorize(column)
        code = pd.factorize(code * (len(values) + 1) + part)[0].astype(np.int64)
    return code


def _from_zero(days: Column) -> Ints:
    whole: Ints = days.astype(np.int64)
    return whole - whole.min(initial=whole[0] if len(whole) else 0)
