"""What a viewer does not see, taken out of batches of a table."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulator.record.alias import aliases
from simulator.record.keys import Keys
from simulator.record.schema import TABLES
from simulator.record.tables.column import Column, Table
from simulator.record.versions import merged
from simulator.record.view import Viewpoint, mask_of

type Lookup = Callable[[str, str], Keys]
"""The keys that a viewer has seen in a column: by the table's name and the column's."""


class Veil:
    """One viewer and one table.

    Args:
        viewpoint: Who looks, and when.
        table: At what.
        lookup: The keys that the viewer has seen in other tables.
        secret: The key of the viewer's stand-ins for accounts.
    """

    def __init__(self, viewpoint: Viewpoint, table: Table, lookup: Lookup, secret: bytes) -> None:
        self._viewpoint, self._table, self._lookup, self._secret = viewpoint, table, lookup, secret
        self._links = viewpoint.links(table)

    def needs(self, names: Sequence[str]) -> list[str]:
        """The columns of the file that these columns of the view are made from."""
        wanted = [link.column for link in self._links]
        for name in names:
            column = self._table.column(name)
            wanted += [name, column.known_at, self._viewpoint.sight(self._table, column)]
            wanted += [column.nameless.column] if column.nameless else []
        return [name for name in self._table.names if name in wanted]

    def schema(self, names: Sequence[str]) -> pa.Schema:
        """The Arrow schema of these columns of the view."""
        fields = [self._viewpoint.field(self._table, self._table.column(name)) for name in names]
        return pa.schema(fields, metadata={"table": self._table.name, "meaning": self._table.meaning})

    def lift(self, batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
        """Some columns of the view.

        Args:
            batch: Rows of the file that the viewer's condition on rows let through, with the columns that are needed.
            names: Names of the columns.

        Returns:
            The rows that the viewer sees.
        """
        if self._links:
            seen = np.zeros(len(batch), bool)
            for link in self._links:
                seen |= self._lookup(link.table, link.of).holds(_numbers(batch[link.column]))
            batch = batch.filter(pa.array(seen))
        schema = self.schema(names)
        arrays = [_cast(self._column(batch, self._table.column(name)), schema.field(name).type) for name in names]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def merge(self, table: pa.Table) -> pa.Table:
        """A whole table of the view, with what looks the same to the viewer made one."""
        ends = self._viewpoint.merges(self._table)
        if ends is None:
            return table
        own = np.zeros(table.num_rows, bool)
        if self._viewpoint.bank is not None:
            own = table["bank"].to_numpy() == self._viewpoint.bank
        return merged(table, *ends, own)

    def _column(self, batch: pa.RecordBatch, column: Column) -> pa.Array:
        values, until = batch[column.name], self._viewpoint.until
        if until is not None:
            if column.known_at:
                decided = self._table.column(column.known_at)
                known = pc.fill_null(pc.less(batch[column.known_at], until.bound(decided)), False)
                values = _replaced(values, known, column.before)
            if column.known == "run end":
                values = pa.nulls(len(values), values.type)
            elif pa.types.is_temporal(values.type) and column.known != "ahead" and column.name != self._table.time:
                values = _replaced(values, pc.less(values, until.bound(column)), None)
        if column.refers and not self._table.truth:
            values = self._referred(values, column.refers)
        sight = self._viewpoint.sight(self._table, column)
        if sight != "always":
            values = self._masked(batch, values, column, sight)
        return compact(values) if pa.types.is_dictionary(values.type) and column.codes is None else values

    def _referred(self, values: pa.Array, name: str) -> pa.Array:
        """Keys of rows of another table, without those that the viewer does not see."""
        keys = self._lookup(name, TABLES[name].names[0])
        if not pa.types.is_list(values.type):
            return _replaced(values, pa.array(keys.holds(_numbers(values))), -1)
        start, end = values.offsets[0].as_py(), values.offsets[-1].as_py()
        items = values.values.slice(start, end - start)
        held = keys.holds(_numbers(items))
        places = np.concatenate([[0], np.cumsum(held)])[values.offsets.to_numpy() - start]
        return pa.ListArray.from_arrays(pa.array(places, pa.int32()), items.filter(pa.array(held)), type=values.type)

    def _masked(self, batch: pa.RecordBatch, values: pa.Array, column: Column, sight: str) -> pa.Array:
        if sight == "never":
            mine = np.zeros(len(batch), bool)
        else:
            mine = pc.equal(batch[sight], pa.scalar(self._viewpoint.bank, batch[sight].type)).to_numpy(zero_copy_only=False)
        if not column.alias:
            return _replaced(values, pa.array(mine), mask_of(column))
        shown, foreign = _numbers(values).copy(), ~mine
        shown[foreign] = aliases(shown[foreign], self._secret)
        if column.nameless:
            told = batch[column.nameless.column]
            nameless = pc.is_in(told.cast(pa.string()) if _is_words(told) else told, pa.array(column.nameless.words))
            shown[foreign & nameless.to_numpy(zero_copy_only=False)] = -1
        return pa.array(shown)


def compact(values: pa.DictionaryArray) -> pa.DictionaryArray:
    """Words without those that no row has: they would tell of rows that are not there."""
    indices = values.indices
    codes = pc.fill_null(indices, 0).to_numpy(zero_copy_only=False)
    used = np.zeros(max(1, len(values.dictionary)), bool)
    used[codes if not indices.null_count else codes[indices.is_valid().to_numpy(zero_copy_only=False)]] = True
    if used.all():
        return values
    place = (np.cumsum(used) - 1).clip(0).astype(codes.dtype)
    kept = pa.array(place[codes], indices.type, mask=indices.is_null().to_numpy(zero_copy_only=False))
    return pa.DictionaryArray.from_arrays(kept, values.dictionary.filter(pa.array(used[: len(values.dictionary)])))


def _replaced(values: pa.Array, keep: pa.BooleanArray, value: str | float | None) -> pa.Array:
    """Values where they are kept, another where they are not."""
    if value is None or not _is_words(values):
        return pc.if_else(keep, values, pa.scalar(value, values.type))
    words = values.dictionary.to_pylist()
    words += [] if value in words else [value]
    index = pa.scalar(words.index(value), values.type.index_type)
    return pa.DictionaryArray.from_arrays(pc.if_else(keep, values.indices, index), pa.array(words, values.type.value_type))


def _is_words(values: pa.Array) -> bool:
    return bool(pa.types.is_dictionary(values.type))


def _cast(values: pa.Array, kind: pa.DataType) -> pa.Array:
    return values if values.type == kind else values.cast(kind)


def _numbers(values: pa.Array) -> NDArray[np.int64]:
    found: NDArray[np.int64] = values.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
    return found
