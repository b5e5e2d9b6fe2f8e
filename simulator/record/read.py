"""Reading a run folder back, whole or as one observer saw it: see `simulator.record.view`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property, partialmethod
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from simulator.errors import InputError
from simulator.record.edges import edges_of
from simulator.record.files import manifest_of, month_of
from simulator.record.graph import graph_of
from simulator.record.known import KNOWN, known_labels
from simulator.record.moment import moment
from simulator.record.schema import SCHEMA_VERSION, TABLES, Table, arrow_schema
from simulator.record.seen import Seen, chosen
from simulator.record.view import POOLED, Viewpoint, viewpoint
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario


def open_run(path: str | Path, view: str = "all", *, allow_incomplete: bool = False) -> "Run":
    """Opens a run folder.

    Args:
        path: The run folder.
        view: Whose eyes to read with: `all`, the pooled view; `bank=K`, what that bank sees; `scheme=card`, what a card network sees.
        allow_incomplete: Also opens a run that is still running or was interrupted; its parts may reach beyond the last whole day.

    Returns:
        The run. Nothing but its manifest is read yet, and its banks where one of them looks.

    Raises:
        InputError: If the folder is no run, is not whole, or was written by a version this one cannot read; if there is no such view.
    """
    seen = viewpoint(view)
    folder = Path(path)
    manifest = manifest_of(folder)
    version = manifest.get("schema_version")
    if version != SCHEMA_VERSION:
        raise InputError(f"{folder / 'manifest.json'}: schema_version: found {version!r}, expected {SCHEMA_VERSION}")
    status = manifest.get("status")
    if status != "complete" and not (status == "running" and allow_incomplete):
        expected = "expected 'complete' (allow_incomplete=True reads a run that is not whole)"
        raise InputError(f"{folder / 'manifest.json'}: status: found {status!r}, {expected}")
    return Run(folder, manifest)._seen_from(seen)


class Run:
    """A run folder, read lazily.

    Every table has a method of its name that takes `columns` (names to read, all by default) and `where` (a
    `pyarrow.compute` expression on any column of the table) and returns an Arrow table in row order.

    Attributes:
        path: The run folder.
        manifest: What `manifest.json` says.
        viewpoint: Whose eyes it is read with, and up to when.
    """

    def __init__(self, path: Path, manifest: dict[str, Any], viewpoint: Viewpoint = POOLED) -> None:
        """Use `open_run`, which checks the folder first."""
        self.path = path
        self.manifest = manifest
        self.viewpoint = viewpoint
        self._seen = Seen(path, manifest, viewpoint)

    def __repr__(self) -> str:
        """Names the folder, its status and the view."""
        return f"Run({str(self.path)!r}, status={self.manifest.get('status')!r}, view='{self.viewpoint}')"

    def view(self, view: str) -> "Run":
        """The run in a view, up to the same day.

        Args:
            view: As `open_run` takes it.

        Raises:
            InputError: If there is no such view, or this one is another's.
        """
        return self._seen_from(replace(viewpoint(view), until=self.viewpoint.until))

    def as_of(self, when: str | date | datetime, bank: int | None = None) -> "Run":
        """The run up to a day: every table holds what was known then.

        Args:
            when: A UTC day, counted to its end, or a time; as text in ISO 8601.
            bank: Whose knowledge; that of the view by default.

        Returns:
            The run, to be read as any other; `labels()` is what that bank knew, or all banks together.

        Raises:
            InputError: If it is no day, there is no such bank, or the view is another's.
        """
        until = moment(when)
        until = until if self.viewpoint.until is None else min(until, self.viewpoint.until)
        seen = self.viewpoint if bank is None else viewpoint(f"bank={bank}")
        return self._seen_from(replace(seen, until=until))

    def _seen_from(self, seen: Viewpoint) -> "Run":
        if not self.viewpoint.pooled and seen.name != self.viewpoint.name:
            raise InputError(f"view: found '{seen.name}' asked of the view '{self.viewpoint.name}', expected to start from 'all'")
        if seen.bank is not None and self.viewpoint.pooled:
            banks = self._pooled().table("banks", ["bank"])["bank"].unique().to_pylist()
            if seen.bank not in banks:
                raise InputError(f"view: found '{seen.name}', expected a bank of the run: {', '.join(map(str, sorted(banks)))}")
        return self if seen == self.viewpoint else Run(self.path, self.manifest, seen)

    def _pooled(self) -> "Run":
        return self if self.viewpoint.everything else Run(self.path, self.manifest)

    @property
    def tables(self) -> list[str]:
        """Names of the tables in this view; a bank's has `labels` too."""
        return [name for name, table in TABLES.items() if self.viewpoint.sees(table)] + [KNOWN.name] * (self.viewpoint.bank is not None)

    @cached_property
    def scenario(self) -> Scenario:
        """The resolved scenario of the run."""
        return load_scenario(self.path / "scenario.yaml")

    def table(self, name: str, columns: Sequence[str] | None = None, where: ds.Expression | None = None) -> pa.Table:
        """Reads a table.

        Args:
            name: Its name in the registry, such as `transactions` or `truth/labels`; or `labels`, what banks knew.
            columns: Names of the columns to read, in the order wanted; all by default.
            where: A `pyarrow.compute` expression; only rows for which it is true are read.

        Returns:
            The rows in row order.

        Raises:
            InputError: If there is no such table or column, or the file is missing or damaged.
        """
        found = self._table(name)
        try:
            table = pa.Table.from_batches(self.batches(name, columns, where), self.schema(name, columns))
            return table.unify_dictionaries()
        except pa.ArrowException as error:
            raise InputError(f"{self.path / found.file}: cannot be read: {error}") from None

    def batches(
        self,
        name: str,
        columns: Sequence[str] | None = None,
        where: ds.Expression | None = None,
        month: str | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Streams a table in row order, in bounded memory.

        Args:
            name: Its name in the registry.
            columns: Names of the columns to read; all by default.
            where: A `pyarrow.compute` expression; only rows for which it is true are read.
            month: Only the parts of this month, such as 2025-03, of a table that has parts by month.

        Yields:
            Record batches with the registry's types, which may miss more values where the view is a narrow one.

        Raises:
            InputError: If there is no such table or column, or the file is missing or damaged.
        """
        table = self._table(name)
        names = _names(table, columns)
        if table is KNOWN:
            yield from chosen(known_labels(self), where, arrow_schema(KNOWN, names))
        else:
            yield from self._seen.batches(table, names, where, month)

    def files(self, name: str) -> list[Path]:
        """The Parquet files of a table, in row order, as the pooled view has them.

        Args:
            name: Its name in the registry.

        Raises:
            InputError: If there is no such table, it is missing from the folder, or the view is a narrower one.
        """
        table = self._table(name)
        if not self.viewpoint.everything:
            raise InputError(f"files: found the view '{self.viewpoint}', expected 'all': files hold everything (ledgerfolk export --view)")
        return self._seen.files(table)

    def schema(self, name: str, columns: Sequence[str] | None = None) -> pa.Schema:
        """The Arrow schema of a table in this view.

        Args:
            name: Its name in the registry.
            columns: Names of the columns; all by default.

        Raises:
            InputError: If there is no such table or column.
        """
        table = self._table(name)
        names = _names(table, columns)
        return arrow_schema(KNOWN, names) if table is KNOWN else self._seen.schema(table, names)

    def months(self, name: str) -> list[str] | None:
        """The months of a table that has parts by month, such as 2025-03, in order; None where it is a single file.

        Args:
            name: Its name in the registry.

        Raises:
            InputError: If there is no such table, or it is missing from the folder.
        """
        table = self._table(name)
        return sorted(set(map(month_of, self._seen.files(table)))) if table.partitioned else None

    def _table(self, name: str) -> Table:
        if name == KNOWN.name and not self.viewpoint.scheme:
            return KNOWN
        if name not in TABLES:
            raise InputError(f"table: found '{name}', expected one of {', '.join(self.tables)}")
        if not self.viewpoint.sees(TABLES[name]):
            raise InputError(f"{name}: found in the view '{self.viewpoint.name}', expected a table of it: {', '.join(self.tables)}")
        return TABLES[name]

    def labels(self, columns: Sequence[str] | None = None, where: ds.Expression | None = None) -> pa.Table:
        """What the bank of the view, or all banks together, knew of payments by its day: see `simulator.record.known`.

        The truth is `true_labels`.

        Args:
            columns: Names of the columns to read; all by default.
            where: A `pyarrow.compute` expression; only rows for which it is true are read.

        Raises:
            InputError: If there is no such column, a file is missing or damaged, or the view is a scheme's, which knows none.
        """
        return self.table(KNOWN.name, columns, where)

    graph = graph_of
    edges = edges_of

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
    true_labels = partialmethod(table, "truth/labels")
    stories = partialmethod(table, "truth/stories")
    account_roles = partialmethod(table, "truth/accounts")
    traits = partialmethod(table, "truth/traits")
    unseen = partialmethod(table, "truth/unseen")
    balances = partialmethod(table, "truth/balances")
    balance_sheet = partialmethod(table, "truth/balance_sheet")


def _names(table: Table, columns: Sequence[str] | None) -> Sequence[str]:
    for column in columns or ():
        if column not in table.names:
            raise InputError(f"{table.name}: found column '{column}', expected one of {', '.join(table.names)}")
    return table.names if columns is None else columns
