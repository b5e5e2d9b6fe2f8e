"""Counting and adding up by key over a stream of batches, in memory bounded by the number of keys."""

import pandas as pd
import pyarrow as pa

PENDING_ROWS = 500_000


class Tally:
    """Payments and their value by key.

    Attributes:
        keys: The columns that make a key.
    """

    def __init__(self, *keys: str) -> None:
        """Starts empty.

        Args:
            keys: The columns that make a key.
        """
        self.keys = list(keys)
        self._parts: list[pa.Table] = []

    def add(self, batch: pa.Table) -> None:
        """Adds the rows of a table that has the keys and an `amount`; in row order, so that sums are the same bits every time."""
        sums = batch.group_by(self.keys, use_threads=False).aggregate([("amount", "count"), ("amount", "sum")])
        keys = {key: _text(sums[key]) for key in self.keys}
        self._parts.append(pa.table(keys | {"payments": sums["amount_count"], "value": sums["amount_sum"]}))
        if sum(len(part) for part in self._parts) > PENDING_ROWS:
            self._parts = [self._merged()]

    def frame(self) -> pd.DataFrame:
        """One row per key, in order of the keys: the keys, `payments` and `value`."""
        if not self._parts:
            return pd.DataFrame(columns=[*self.keys, "payments", "value"])
        frame: pd.DataFrame = self._merged().sort_by([(key, "ascending") for key in self.keys]).to_pandas()
        return frame

    def _merged(self) -> pa.Table:
        sums = pa.concat_tables(self._parts).group_by(self.keys, use_threads=False).aggregate([("payments", "sum"), ("value", "sum")])
        return sums.select([*self.keys, "payments_sum", "value_sum"]).rename_columns([*self.keys, "payments", "value"])


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Words as text: batches may number the same words differently."""
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
