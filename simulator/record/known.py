"""What a bank believed of payments: labels as it could have trained on them that day, beside the truth that only the world knows.

A bank hears of fraud in three ways, and each has its own delay and its own errors:

- reports. Whoever reports a payment as fraud is believed until the claim is decided: an accepted one stays fraud, a rejected or
  withdrawn one becomes genuine. A report that another corrects counts no more. Disputes about goods and services are no claim of
  fraud, and say nothing here.
- alerts and cases. While they are open the payment is unknown; decided, it is fraud or genuine.

The latest word wins, a decided one over an open one. A payment that nobody reported or looked into has no row.
"""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.record.schema import arrow_schema
from simulator.record.tables.column import ID, TIME, WORD, Column, Table

if TYPE_CHECKING:
    from simulator.record.read import Run

KNOWN = Table(
    "labels",
    (
        Column("transaction_id", ID, "", "row of the transactions table", "bank"),
        Column("label", WORD, "", "fraud, genuine, or unknown while it is looked into", "bank"),
        Column("source", WORD, "", "alert, case, or the kind of the report: victim, chargeback or bank", "bank"),
        Column("known_at", TIME, "UTC", "since when the bank holds this", "bank"),
    ),
    "one payment that the bank was told of or looked into, as far as it knew",
)
"""Not in a run folder: put together from what the bank had by then."""

DISPUTES = (
    "not_received",
    "non_delivery",
    "not_as_described",
    "counterfeit_goods",
    "misrepresented",
    "wrong_amount",
    "duplicate",
    "paid_otherwise",
    "cancelled",
    "credit_not_processed",
)
"""Reasons of reports that claim no fraud: processing errors and consumer disputes of the card networks (families 12 and 13)."""

_DECIDED = {
    "true_positive": "fraud", "false_positive": "genuine", "confirmed": "fraud", "cleared": "genuine",
    "accepted": "fraud", "rejected": "genuine", "withdrawn": "genuine",
}  # fmt: skip


def known_labels(run: "Run") -> pa.Table:
    """What the bank of a view knew of payments on the day of the view.

    Args:
        run: A run in a bank's view.

    Returns:
        The table `KNOWN`, a row a payment, by the number of the payment.
    """
    said = pa.concat_tables([_alerts(run), _cases(run), _reports(run)])
    said = said.filter(pc.field("transaction_id") >= 0)
    payment = said["transaction_id"].to_numpy()
    decided = pc.not_equal(said["label"], "unknown").to_numpy()
    order = np.lexsort((said["known_at"].cast(pa.int64()).to_numpy(), decided, payment))
    last = np.append(payment[order][1:] != payment[order][:-1], np.ones(min(1, len(order)), bool))
    return said.take(pa.array(order[last])).cast(arrow_schema(KNOWN))


def _alerts(run: "Run") -> pa.Table:
    table = run.alerts(["transaction_id", "timestamp", "disposition", "decided_at"])
    return _said(table["transaction_id"], table["disposition"], "alert", table["timestamp"], table["decided_at"])


def _cases(run: "Run") -> pa.Table:
    table = run.cases(["transactions", "opened_at", "outcome", "decided_at"])
    each = table.take(pc.list_parent_indices(table["transactions"]))
    return _said(pc.list_flatten(table["transactions"]), each["outcome"], "case", each["opened_at"], each["decided_at"])


def _reports(run: "Run") -> pa.Table:
    table = run.reports(["report_id", "transaction_id", "reported_at", "kind", "reason", "status", "decided_at", "supersedes"])
    corrected = pc.is_in(table["report_id"], table["supersedes"].combine_chunks())
    disputes = pc.is_in(table["reason"].cast(pa.string()), pa.array(DISPUTES))
    table = table.filter(pc.invert(pc.or_(corrected, disputes)))
    return _said(
        table["transaction_id"], table["status"], table["kind"].cast(pa.string()), table["reported_at"], table["decided_at"], "fraud"
    )


def _said(
    payment: pa.ChunkedArray,
    word: pa.ChunkedArray,
    source: str | pa.ChunkedArray,
    since: pa.ChunkedArray,
    decided_at: pa.ChunkedArray,
    meanwhile: str = "unknown",
) -> pa.Table:
    """What one table says of payments: decided words as labels, others as what is believed meanwhile."""
    words = pa.array(_DECIDED)
    place = pc.index_in(word.cast(pa.string()), words)
    label = pc.fill_null(pc.take(pa.array(_DECIDED.values()), place), meanwhile)
    known_at = pc.coalesce(pc.if_else(place.is_valid(), decided_at, pa.scalar(None, TIME)), since)
    source = pa.repeat(source, len(payment)) if isinstance(source, str) else source
    return pa.table({"transaction_id": payment, "label": label, "source": source, "known_at": known_at})
