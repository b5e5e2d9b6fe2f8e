"""A run folder as a sheet: its payments with the truth of its stories."""

from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulator.audit.leaks.sheet import SECOND, Column, Ints, Sheet
from simulator.record.read import Run
from simulator.record.schema import TABLES

LABELS = ["transaction_id", "story_id", "is_fraud", "is_laundering", "lookalike_of"]


def sheet_of(run: Run) -> Sheet:
    """The payments of a run, whose columns are read when they are asked for.

    Args:
        run: A whole run, as everything of it.

    Raises:
        InputError: A table is missing or damaged.
    """
    rows = int(sum(batch.num_rows for batch in run.batches("transactions", ["status"])))
    labels = run.true_labels(LABELS).to_pandas()
    guilty, lookalike, story = np.zeros(rows, bool), np.zeros(rows, bool), np.full(rows, -1, np.int64)
    if len(labels):
        place = _places(run, labels["transaction_id"].to_numpy())
        labels, place = labels[place >= 0], place[place >= 0]
        shape = labels["lookalike_of"].notna().to_numpy()
        bad = (labels["is_fraud"] | labels["is_laundering"]).to_numpy() & ~shape
        lookalike[place[shape]] = True
        story[place] = labels["story_id"].to_numpy()
        story[place[bad]] = labels["story_id"].to_numpy()[bad]
        guilty[place[bad]] = True
        lookalike &= ~guilty
    names, tables = TABLES["transactions"].names, lru_cache(lambda name: other(run, name))
    offset = int(run.scenario.country.utc_offset.total_seconds()) * SECOND
    return Sheet(names, lambda name: column_of(run, name), guilty, lookalike, story, tables, offset)


def _places(run: Run, ids: Ints) -> Ints:
    """Rows of some transactions, -1 where there is none: ids are dense from 0 where the run is as it should be."""
    found, _ = column_of(run, "transaction_id")
    dense = (ids >= 0) & (ids < len(found))
    if np.array_equal(found[ids[dense]], ids[dense]):
        return np.where(dense, ids, -1)
    return pd.Index(found).get_indexer(pd.Index(ids)).astype(np.int64)


def column_of(run: Run, name: str) -> tuple[Column, list[str] | None]:
    """A column of the payments, narrow: codes with words, microseconds, or numbers as they are."""
    column = run.table("transactions", [name]).column(name).combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64()).to_numpy(zero_copy_only=False), None
    if not pa.types.is_dictionary(column.type):
        return column.to_numpy(zero_copy_only=False), None
    words = column.dictionary.to_pylist()
    codes = pc.fill_null(column.indices.cast(pa.int32()), len(words)).to_numpy(zero_copy_only=False)
    return codes, [*words, ""] if column.null_count else words


def other(run: Run, name: str) -> pd.DataFrame | None:
    """Another table of the run; None where the run has none of that name."""
    return run.table(name).to_pandas() if name in TABLES else None
