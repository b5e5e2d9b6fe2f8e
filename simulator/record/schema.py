"""The one registry of the run folder's tables: files, data dictionary and metadata all come from it."""

from collections.abc import Iterable

import pyarrow as pa

from simulator.record.tables import defence, economy, entities, payments
from simulator.record.tables.column import Column, Table, View

__all__ = ["SCHEMA_VERSION", "TABLES", "Column", "Table", "View", "arrow_field", "arrow_schema"]

SCHEMA_VERSION = 1
"""Rises when a reader of the older one would misread a run folder."""

TABLES: dict[str, Table] = {table.name: table for area in (payments, entities, defence, economy) for table in area.TABLES}
"""Every table by name: observable ones first as the contract lists them, truth under `truth/`."""


def arrow_field(table: Table, column: Column) -> pa.Field:
    """The Arrow field of a table's column, with unit, meaning and view as metadata."""
    about = {"unit": column.unit, "meaning": column.meaning, "view": table.seen_by(column)}
    return pa.field(column.name, column.type, nullable=column.nullable, metadata=about)


def arrow_schema(table: Table | str, columns: Iterable[str] | None = None) -> pa.Schema:
    """The Arrow schema of a table.

    Args:
        table: A table of the registry, or its name.
        columns: Names to keep, in this order; all by default.

    Returns:
        The schema, with unit, meaning and view on every field and the table's meaning on the whole.
    """
    table = TABLES[table] if isinstance(table, str) else table
    by_name = {column.name: column for column in table.columns}
    chosen = table.columns if columns is None else [by_name[name] for name in columns]
    return pa.schema([arrow_field(table, column) for column in chosen], metadata={"table": table.name, "meaning": table.meaning})
