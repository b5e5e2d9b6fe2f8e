"""The files of a run folder, checked and streamed."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from simulator.errors import InputError
from simulator.record.schema import Table, arrow_schema


def manifest_of(folder: Path) -> dict[str, Any]:
    """What the manifest of a run folder says.

    Raises:
        InputError: It has none, or one that cannot be read.
    """
    file = folder / "manifest.json"
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{folder}: found no manifest.json, expected a run folder") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read: {error}") from None
    if not isinstance(manifest, dict):
        raise InputError(f"{file}: found {type(manifest).__name__}, expected an object")
    return manifest


def files_of(folder: Path, table: Table, month: str | None = None) -> list[Path]:
    """The Parquet files of a table, in row order.

    Args:
        folder: The run folder.
        table: The table.
        month: Only the parts of this month, of a table that has parts by month.

    Raises:
        InputError: It is missing from the folder.
    """
    place = folder / table.file
    if not place.exists():
        raise InputError(f"{place}: missing from the run folder")
    return sorted(place.glob(f"month={month or '*'}/part-*.parquet")) if table.partitioned else [place]


def month_of(part: Path) -> str:
    """The month of a part, such as 2025-03."""
    return part.parent.name.removeprefix("month=")


def rows_of(file: Path, table: Table, names: Sequence[str], where: ds.Expression | None) -> Iterator[pa.RecordBatch]:
    """Streams some columns of a file.

    Raises:
        InputError: It is damaged, or holds another table.
    """
    try:
        found = pq.read_schema(file).names
        if found != table.names:
            raise InputError(f"{file}: found columns {', '.join(found)}; expected {', '.join(table.names)}")
        for batch in ds.dataset(file, schema=arrow_schema(table), format="parquet").to_batches(columns=list(names), filter=where):
            if batch.num_rows:
                yield batch
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{file}: cannot be read: {(str(error) or type(error).__name__).splitlines()[0]}") from None
