"""Parquet: every table of the view, payments in parts by month, as a run folder has them."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from simulator.record.read import Run

ABOUT = "a folder of Parquet files as in a run folder, payments by month"
ROWS = 1 << 19
"""Rows of a row group; no more are held at once."""


def write(run: Run, folder: Path) -> dict[str, int]:
    """Write every table of a view.

    Args:
        run: The run, in a view.
        folder: An empty folder.

    Returns:
        Rows by table.
    """
    return {name: _table(run, name, folder) for name in run.tables}


def _table(run: Run, name: str, folder: Path) -> int:
    schema = run.schema(name)
    months = run.months(name)
    if months is None:
        return _file(run.batches(name), schema, folder / f"{name}.parquet", empty=True)
    (folder / name).mkdir(parents=True)
    parts = ((month, folder / name / f"month={month}" / "part-000.parquet") for month in months)
    return sum(_file(run.batches(name, month=month), schema, part) for month, part in parts)


def _file(batches: Iterable[pa.RecordBatch], schema: pa.Schema, place: Path, empty: bool = False) -> int:
    """Write a file in bounded memory; without rows there is one only where it may be empty."""
    groups = _gathered(batches, schema)
    first = next(groups, None)
    if first is None and not empty:
        return 0
    place.parent.mkdir(parents=True, exist_ok=True)
    words = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    rows = 0
    with pq.ParquetWriter(place, schema, compression="zstd", compression_level=1, use_dictionary=words) as writer:
        for group in chain([] if first is None else [first], groups):
            writer.write_table(group)
            rows += group.num_rows
    return rows


def _gathered(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Batches as tables of some size."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(map(len, waiting)) >= ROWS:
            yield pa.Table.from_batches(waiting, schema).unify_dictionaries()
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting, schema).unify_dictionaries()
