"""A run written as the table that a bank would have: one row for each posting, with the words of its own columns."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from calibration.facts import read_accounts
from simulator.record.read import Run

_COLUMNS = ["transaction_id", "timestamp", "settled_at", "payer_account", "payee_account", "amount", "credited_amount", "merchant_id",
            "message", "method", "channel", "purpose", "status"]  # fmt: skip
_HOLDS = ["authorisation", "reversal"]
"""Messages that move no book money."""
ACCOUNTS = ("current", "credit_card")
"""Kinds of customers' accounts whose postings are written."""


def write_table(run: Run, file: Path) -> int:
    """Write the postings to customers' current and card accounts.

    Fraud is marked as if all of it had been found.

    Args:
        run: a whole run.
        file: Parquet file to write.

    Returns:
        Rows written.
    """
    accounts = read_accounts(run)
    own = accounts[(accounts["owner_kind"] == "customer") & accounts["kind"].isin(ACCOUNTS)]
    owner = own.set_index("account_id")["owner_id"]
    labels = run.true_labels(["transaction_id", "is_fraud"])
    fraud = labels.filter(labels["is_fraud"])["transaction_id"]
    rows = 0
    with pq.ParquetWriter(file, _schema()) as writer:
        for batch in run.batches("transactions", _COLUMNS):
            moved = pc.and_(
                pc.equal(batch["status"], "approved"), pc.invert(pc.is_in(batch["message"].cast(pa.string()), pa.array(_HOLDS)))
            )
            table = pa.table(batch.filter(moved))
            for direction, account, time, amount in (
                ("out", "payer_account", "timestamp", "amount"),
                ("in", "payee_account", "settled_at", "credited_amount"),
            ):
                mine = table.filter(pa.array(np.isin(table[account].to_numpy(), owner.index.to_numpy())))
                written = _side(mine, owner.loc[mine[account].to_numpy()].to_numpy(), direction, time, amount, fraud)
                writer.write_table(written)
                rows += written.num_rows
    return rows


def _side(table: pa.Table, customer: object, direction: str, time: str, amount: str, fraud: pa.ChunkedArray) -> pa.Table:
    marked = pc.if_else(pc.is_in(table["transaction_id"], fraud), "yes", "no")
    columns = [
        pa.array(customer, pa.int64()), table[time].cast(pa.timestamp("us")), table[amount],
        pa.array([direction] * table.num_rows, pa.string()),
        *(table[name].cast(pa.string()) for name in ("method", "channel", "purpose")), table["merchant_id"].cast(pa.int64()), marked,
    ]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=_schema())


def _schema() -> pa.Schema:
    words = [(name, pa.string()) for name in ("method", "channel", "purpose")]
    return pa.schema([("customer", pa.int64()), ("time", pa.timestamp("us")), ("amount", pa.float64()), ("direction", pa.string()), *words,
                      ("merchant", pa.int64()), ("fraud", pa.string())])  # fmt: skip
