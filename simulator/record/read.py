"""Reading a run folder back."""

import json
from collections.abc import Iterator, Sequence
from functools import cached_property, partialmethod
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from simulator.errors import InputError
from simulator.record.schema import SCHEMA_VERSION, TABLES, Table, arrow_schema
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario

VIEWS = ("all",)


def open_run(path: str | Path, view: str = "all", *, allow_incomplete: bool = False) -> "Run":
    """Opens a run folder.

    Args:
        path: The run folder.
        view: Whose eyes to read with: `all`, the pooled view.
        allow_incomplete: Also opens a run that is still running or was interrupted; its parts may reach beyond the last whole day.

    Returns:
        The run. Nothing but its manifest is read yet.

    Raises:
        InputError: If the folder is no run, is not whole, or was written by a version this one cannot read.
    """
    if view not in VIEWS:
        raise InputError(f"view: found '{view}', expected {' or '.join(repr(known) for known in VIEWS)}")
    folder = Path(path)
    manifest = _manifest(folder)
    version = manifest.get("schema_version")
    if version != SCHEMA_VERSION:
        raise InputError(f"{folder / 'manifest.json'}: schema_version: found {version!r}, expected {SCHEMA_VERSION}")
    status = manifest.get("status")
    if status != "complete" and not (status == "running" and allow_incomplete):
        expected = "expected 'complete' (allow_incomplete=True reads a run that is not whole)"
        raise InputError(f"{folder / 'manifest.json'}: status: found {status!r}, {expected}")
    return Run(folder, manifest)


class Run:
    """A run folder, read lazily.

    Every table has a method of its name that takes `columns` (names to read, all by default) and `where` (a
    `pyarrow.compute` expression on any column of the table) and returns an Arrow table in row order.

    Attributes:
        path: The run folder.
        manifest: What `manifest.json` says.
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        """Use `open_run`, which checks the folder first."""
        self.path = path
        self.manifest = manifest

    def __repr__(self) -> str:
        """Names the folder and its status."""
        return f"Run({str(self.path)!r}, status={self.manifest.get('status')!r})"

    @cached_property
    def scenario(self) -> Scenario:
        """The resolved scenario of the run."""
        return load_scenario(self.path / "scenario.yaml")

    def table(self, name: str, columns: Sequence[str] | None = None, where: ds.Expression | None = None) -> pa.Table:
        """Reads a table.

        Args:
            name: Its name in the registry, such as `transactions` or `truth/labels`.
            columns: Names of the columns to read, in the order wanted; all by default.
            where: A `pyarrow.compute` expression; only rows for which it is true are read.

        Returns:
            The rows in row order.

        Raises:
            InputError: If there is no such table or column, or the file is missing or damaged.
        """
        try:
            table = pa.Table.from_batches(self.batches(name, columns, where), _schema(name, columns))
            return table.unify_dictionaries()
        except pa.ArrowException as error:
            raise InputError(f"{self.path / TABLES[name].file}: cannot be read: {error}") from None

    def batches(self, name: str, columns: Sequence[str] | None = None, where: ds.Expression | None = None) -> Iterator[pa.RecordBatch]:
        """Streams a table in row order, in bounded memory.

        Args:
            name: Its name in the registry.
            columns: Names of the columns to read; all by default.
            where: A `pyarrow.compute` expression; only rows for which it is true are read.

        Yields:
            Record batches with the registry's types.

        Raises:
            InputError: If there is no such table or column, or the file is missing or damaged.
        """
        schema = _schema(name, columns)
        for file in self.files(name):
            for batch in _dataset(file, TABLES[name]).to_batches(columns=schema.names, filter=where):
                if batch.num_rows:
                    yield batch.cast(schema)

    def files(self, name: str) -> list[Path]:
        """The Parquet files of a table, in row order.

        Args:
            name: Its name in the registry.

        Raises:
            InputError: If there is no such table, or it is missing from the folder.
        """
        table = _table(name)
        place = self.path / table.file
        if not place.exists():
            raise InputError(f"{place}: missing from the run folder")
        return sorted(place.glob("month=*/part-*.parquet")) if table.partitioned else [place]

    transactions = partialmethod(table, "transactions")
    customers = partialmethod(table, "customers")
    merchants = partialmethod(table, "merchants")
    banks = partialmethod(table, "banks")
    accounts = partialmethod(table, "accounts")
    cards = partialmethod(table, "cards")
    devices = partialmethod(table, "devices")
    terminals = partialmethod(table, "terminals")
    holders = partialmethod(table, "holders")
    identifiers = partialmethod(table, "identifiers")
    events = partialmethod(table, "events")
    alerts = partialmethod(table, "alerts")
    cases = partialmethod(table, "cases")
    reports = partialmethod(table, "reports")
    applications = partialmethod(table, "applications")
    loans = partialmethod(table, "loans")
    credit_months = partialmethod(table, "credit_months")
    daily = partialmethod(table, "daily")
    bank_months = partialmethod(table, "bank_months")
    labels = partialmethod(table, "truth/labels")
    stories = partialmethod(table, "truth/stories")
    account_roles = partialmethod(table, "truth/accounts")
    traits = partialmethod(table, "truth/traits")
    unseen = partialmethod(table, "truth/unseen")
    balances = partialmethod(table, "truth/balances")
    balance_sheet = partialmethod(table, "truth/balance_sheet")


def _manifest(folder: Path) -> dict[str, Any]:
    file = folder / "manifest.json"
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{folder}: found no manifest.json, expected a run folder") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: cannot be read: {error}") from None
    if not isinstance(manifest, dict):
        raise InputError(f"{file}: found {type(manifest).__name__}, expected an object")
    return manifest


def _table(name: str) -> Table:
    if name not in TABLES:
        raise InputError(f"table: found '{name}', expected one of {', '.join(TABLES)}")
    return TABLES[name]


def _schema(name: str, columns: Sequence[str] | None) -> pa.Schema:
    table = _table(name)
    for column in columns or ():
        if column not in table.names:
            raise InputError(f"{name}: found column '{column}', expected one of {', '.join(table.names)}")
    return arrow_schema(table, columns)


def _dataset(file: Path, table: Table) -> ds.Dataset:
    try:
        found = pq.read_schema(file).names
        if found != table.names:
            raise InputError(f"{file}: found columns {', '.join(found)}; expected {', '.join(table.names)}")
        return ds.dataset(file, schema=arrow_schema(table), format="parquet")
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{file}: cannot be read: {error}") from None
