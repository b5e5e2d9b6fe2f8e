"""A made-up run folder that follows the schema, for tests of what reads one."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.codes import Channel, Purpose, words
from simulator.record.schema import SCHEMA_VERSION, TABLES, Table, arrow_schema

START = datetime(2024, 1, 20, tzinfo=UTC)
CATEGORIES = {"groceries": 5411, "restaurants": 5812, "fuel": 5541, "clothing": 5651}
MERCHANTS = 40


def default_column(field: pa.Field, rows: int) -> pa.Array:
    """A column that says nothing: zeros, the empty word, the first day."""
    kind = field.type
    if pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int64), kind.index_type), pa.array(["none"]))
    if pa.types.is_string(kind):
        return pa.array([""] * rows, kind)
    if pa.types.is_nested(kind):
        return pa.array([[]] * rows, kind)
    if pa.types.is_date(kind):
        return pa.array([date(2020, 1, 1)] * rows, kind)
    return pa.array(np.zeros(rows, np.int64)).cast(kind)


def fill(table: Table, rows: int, **columns: Any) -> pa.Table:
    """A table with the columns given and the rest by default; words are given as lists of text."""
    schema = arrow_schema(table)
    arrays = []
    for field in schema:
        if field.name not in columns:
            arrays.append(default_column(field, rows))
        elif pa.types.is_dictionary(field.type):
            arrays.append(pa.array(columns[field.name], pa.string()).dictionary_encode().cast(field.type))
        else:
            arrays.append(pa.array(columns[field.name]).cast(field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def payments(rows: int, days: int, first_id: int = 0, seed: int = 5, seen: bool = True) -> pa.Table:
    """Payments in order of time: three in four are purchases at merchants, one in fifty is declined, one in 25 a hold."""
    draw = np.random.default_rng(seed)
    hours = draw.choice(24, rows, p=np.array([1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 9, 10, 12, 10, 9, 9, 10, 12, 13, 10, 7, 5, 3, 2]) / 151)
    seconds = np.sort(draw.integers(0, days, rows) * 86400 + hours * 3600 + draw.integers(0, 3600, rows) + 5 * 3600)
    stamps = int(START.timestamp() * 1_000_000) + seconds.astype(np.int64) * 1_000_000
    purchase = draw.random(rows) < 0.75
    merchant = np.where(purchase, np.minimum((draw.pareto(1.1, rows) * 2).astype(int), MERCHANTS - 1), -1)
    declined = (draw.random(rows) < 0.02) & seen
    method = draw.choice(["card", "direct_debit", "instant_transfer", "cheque"], rows) if seen else np.full(rows, "cash")
    method = np.where(purchase & seen, draw.choice(["card", "wallet"], rows, p=[0.9, 0.1]), method)
    mccs = np.array(list(CATEGORIES.values()))
    return fill(
        TABLES["transactions" if seen else "truth/unseen"], rows,
        transaction_id=np.arange(first_id, first_id + rows),
        timestamp=pa.array(stamps, pa.timestamp("us", tz="UTC")),
        settled_at=pa.array(stamps, pa.timestamp("us", tz="UTC")),
        payer_account=draw.integers(0, 100, rows), payee_account=1000 + merchant,
        amount=np.round(draw.lognormal(3.3, 1.0, rows), 2),
        message=np.where(draw.random(rows) < 0.04, "authorisation", "payment").tolist(),
        currency=["USD"] * rows, credited_currency=["USD"] * rows, country=["US"] * rows,
        method=method.tolist(),
        channel=np.where(purchase, words(Channel)[1], words(Channel)[3]).tolist(),
        purpose=np.where(purchase, words(Purpose)[1], words(Purpose)[5]).tolist(),
        mcc=np.where(purchase, mccs[merchant % 4], 0), merchant_id=merchant,
        status=np.where(declined, "declined", "approved").tolist(),
        decline_reason=np.where(declined, draw.choice(["insufficient_funds", "wrong_pin"], rows, p=[0.7, 0.3]), "none").tolist(),
    )  # fmt: skip


def write_parts(folder: Path, table: pa.Table) -> None:
    """Writes payments by month."""
    months = np.array([str(stamp)[:7] for stamp in table["timestamp"].to_numpy().astype("datetime64[D]")])
    folder.mkdir(parents=True, exist_ok=True)
    for month in np.unique(months):
        part = folder / f"month={month}" / "part-000.parquet"
        part.parent.mkdir()
        pq.write_table(table.filter(pa.array(months == month)), part, row_group_size=max(1, len(table) // 7))


def make_run(folder: Path, rows: int = 4000, days: int = 30, scenario: str = "") -> Path:
    """Writes a run folder with `rows` payments that banks saw and a tenth as many that none saw."""
    count = {"customers": 100, "merchants": MERCHANTS}
    names = list(CATEGORIES)
    for table in TABLES.values():
        file = folder / table.file
        if table.partitioned:
            write_parts(file, payments(rows if not table.truth else rows // 10, days, seen=not table.truth))
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        size = count.get(table.name, 0)
        columns: dict[str, Any] = {}
        if table.name == "merchants":
            columns = {"merchant_id": np.arange(size), "category": [names[row % 4] for row in range(size)], "kind": ["merchant"] * size}
        if table.name == "customers":
            columns = {"customer_id": np.arange(size), "kind": ["person"] * size}
        pq.write_table(fill(table, size, **columns), file)
    (folder / "scenario.yaml").write_text(scenario, encoding="utf-8")
    write_manifest(folder, rows, days)
    return folder


def write_manifest(folder: Path, rows: int = 4000, days: int = 30, **changes: Any) -> dict[str, Any]:
    """Writes the manifest of a made-up run, with changes."""
    counts = {name: 0 for name in TABLES} | {"transactions": rows, "truth/unseen": rows // 10, "customers": 100, "merchants": MERCHANTS}
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "status": "complete",
        "seed": 7,
        "digests": {name: f"{place:064x}" for place, name in enumerate(TABLES)} | {"run": "ab" * 32},
        "rows": counts,
        "start": "2024-01-20",
        "days": days,
        "versions": {"ledgerfolk": "0.1.0"},
    } | changes  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return manifest
