"""The tables of a run folder as one viewpoint shows them, streamed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from re import findall
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from simulator.record.alias import viewer_key
from simulator.record.files import files_of, month_of, rows_of
from simulator.record.keys import Ids, Keys, Rows
from simulator.record.schema import TABLES, Table, arrow_schema
from simulator.record.veil import Veil
from simulator.record.view import Viewpoint


class Seen:
    """What can be seen of a run from one viewpoint.

    Args:
        folder: The run folder.
        manifest: What its manifest says.
        viewpoint: Whose eyes, and up to when.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any], viewpoint: Viewpoint) -> None:
        self._folder, self._viewpoint = folder, viewpoint
        self._secret = viewer_key(manifest, viewpoint.name)
        self._keys: dict[tuple[str, str], Keys] = {}

    def schema(self, table: Table, names: Sequence[str]) -> pa.Schema:
        """The Arrow schema of some columns of a table."""
        return arrow_schema(table, names) if self._viewpoint.everything else self._veil(table).schema(names)

    def files(self, table: Table, month: str | None = None) -> list[Path]:
        """The files that rows up to the day of the view can be in."""
        until = self._viewpoint.until
        files = files_of(self._folder, table, month)
        return files if until is None or not table.partitioned else [file for file in files if month_of(file) <= f"{until.end:%Y-%m}"]

    def batches(
        self, table: Table, names: Sequence[str], where: ds.Expression | None, month: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Streams rows in row order, in bounded memory.

        Args:
            table: A table that can be seen.
            names: Names of the columns to read.
            where: Only rows for which this is true of what is seen.
            month: Only the parts of this month.
        """
        if self._viewpoint.everything:
            schema = arrow_schema(table, names)
            for file in self.files(table, month):
                yield from (batch.cast(schema) for batch in rows_of(file, table, names, where))
            return
        # The caller's condition is on what is seen, so it comes last, and may speak of columns that are not asked for.
        spoken_of = set(findall(r"\w+", str(where))) if where is not None else set()
        lifted = [name for name in table.names if name in names or name in spoken_of]
        schema = self._veil(table).schema(names)
        for batch in self._lifted(table, lifted, month):
            yield from chosen(pa.Table.from_batches([batch]), where, schema)

    def _lifted(self, table: Table, names: Sequence[str], month: str | None) -> Iterator[pa.RecordBatch]:
        veil, ends = self._veil(table), self._viewpoint.merges(table)
        names = table.names if ends else names
        where = self._viewpoint.rows(table)
        rows = (batch for file in self.files(table, month) for batch in rows_of(file, table, veil.needs(names), where))
        batches = (veil.lift(batch, names) for batch in rows)
        if not ends:
            return batches
        # No table of this kind grows with payments.
        whole = pa.Table.from_batches(batches, veil.schema(names)).unify_dictionaries()
        return iter(veil.merge(whole).to_batches())

    def _veil(self, table: Table) -> Veil:
        return Veil(self._viewpoint, table, self._lookup, self._secret)

    def _lookup(self, name: str, column: str) -> Keys:
        """The keys in a column, as far as it is seen; they are gathered once."""
        if (name, column) not in self._keys:
            table = TABLES[name]
            found = (batch[column].to_numpy() for batch in self.batches(table, [column], None))
            if table.partitioned and column == table.names[0]:
                self._keys[name, column] = Rows(found, sum(pq.read_metadata(file).num_rows for file in self.files(table)))
            else:
                self._keys[name, column] = Ids(found)
        return self._keys[name, column]


def chosen(table: pa.Table, where: ds.Expression | None, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Rows for which a condition is true, with the columns of a schema."""
    table = (table if where is None else table.filter(where)).select(schema.names).cast(schema)
    yield from (batch for batch in table.to_batches() if batch.num_rows)
