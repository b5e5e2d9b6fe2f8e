"""Versions of an entity that a viewer cannot tell apart, made one.

A merchant that changes its bank has two rows. Who sees neither bank nor account of it would still see that something changed on that
day; so what looks the same to them, day after day, is one row. And of versions, which is the last.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_OPEN = 1 << 31
"""Beyond every day that a file can hold."""


def merged(table: pa.Table, since: str, until: str, alone: NDArray[np.bool_]) -> pa.Table:
    """A table without rows that go on where another leaves off and say nothing else.

    Args:
        table: Rows with the days from which and to which they hold.
        since: Name of the column of first days.
        until: Name of the column of last days; missing where the row still holds.
        alone: Rows that stay as they are.

    Returns:
        The rows in the order in which each began to appear.
    """
    if not table.num_rows:
        return table
    kind = _kinds(table.drop_columns([since, until]))
    kind = np.where(alone, kind.max() + 1 + np.arange(len(kind)), kind)
    first = table[since].combine_chunks().cast(pa.int32()).to_numpy().astype(np.int64)
    last = pc.fill_null(table[until].combine_chunks().cast(pa.int32()).cast(pa.int64()), _OPEN).to_numpy()
    order = np.lexsort((first, kind))
    kind, first, last = kind[order], first[order], last[order]
    reach = np.maximum.accumulate(last + (kind << 32)) - (kind << 32)
    fresh = np.concatenate([[True], (kind[1:] != kind[:-1]) | (first[1:] > reach[:-1] + 1)])
    starts = np.flatnonzero(fresh)
    ends = np.maximum.reduceat(last, starts)
    row = np.minimum.reduceat(order, starts)
    place = np.argsort(row)
    kept = table.take(pa.array(row[place]))
    for name, days, missing in ((since, first[starts], np.zeros(len(starts), bool)), (until, ends, ends == _OPEN)):
        values = pa.array(np.where(missing, 0, days)[place].astype(np.int32), pa.int32(), mask=missing[place])
        at = table.schema.get_field_index(name)
        kept = kept.set_column(at, table.schema.field(at), values.cast(table.schema.field(at).type))
    return kept


def latest(keys: list[pa.ChunkedArray], since: pa.ChunkedArray) -> pa.Array:
    """Which rows of a table of versions are the last of their key.

    Args:
        keys: Columns that together name a thing, whole numbers or words.
        since: The first day of each version.

    Returns:
        Numbers of rows, in order of the keys.
    """
    codes = [column.combine_chunks() for column in keys]
    codes = [column.indices if pa.types.is_dictionary(column.type) else column for column in codes]
    columns = [column.to_numpy(zero_copy_only=False).astype(np.int64) for column in codes]
    order = np.lexsort((since.cast(pa.int32()).to_numpy(), *reversed(columns)))
    last = np.ones(len(order), bool)
    if len(order):
        last[:-1] = np.any([column[order][1:] != column[order][:-1] for column in columns], axis=0)
    return pa.array(order[last])


def _kinds(table: pa.Table) -> NDArray[np.int64]:
    """A number for each row: the same where all columns are the same."""
    kind: NDArray[np.int64] = np.zeros(table.num_rows, np.int64)
    for column in table.columns:
        values = column.combine_chunks()
        values = values.cast(values.type.value_type) if pa.types.is_dictionary(values.type) else values
        codes = values.dictionary_encode("encode").indices.to_numpy().astype(np.int64)
        kind = np.unique(kind * (codes.max() + 1) + codes, return_inverse=True)[1]
    return kind
