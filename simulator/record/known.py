"""What a bank believed of payments: labels as it could have trained on them that day, beside the truth that only the world knows.

A bank hears of fraud and laundering in four ways, and each has its own delay and its own errors:

- reports. Whoever reports a payment as fraud is believed until the claim is decided: an accepted one stays fraud, a rejected or
  withdrawn one becomes genuine. A report that another corrects counts no more. Disputes about goods and services are no claim of
  fraud, and say nothing here.
- alerts and cases. While they are open the payment is unknown; decided, it is fraud or genuine.
- suspicious-activity reports. From the day on which one is filed the payments of its case count as fraud, decided or not.

The latest word wins, a decided one over an open one. A payment that nobody reported or looked into has no row, and neither has an
attempt that was declined: whether it would have been fraud is never known.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.record.schema import arrow_schema
from simulator.record.tables.column import ID, MONEY, NAME, TIME, WORD, Column, Table

if TYPE_CHECKING:
    from simulator.record.read import Run

KNOWN = Table(
    "labels",
    (
        Column("transaction_id", ID, "", "row of the transactions table", "bank"),
        Column("label", WORD, "", "fraud (laundering counts as such), genuine, or unknown while it is looked into", "bank"),
        Column("source", WORD, "", "victim, chargeback, bank, alert_open, alert_confirmed, alert_cleared or sar", "bank"),
        Column("event_time", TIME, "UTC", "when the payment was made", "bank"),
        Column("reported_at", TIME, "UTC", "when the bank was told, or an alert raised or a case opened", "bank"),
        Column("available_at", TIME, "UTC", "since when the bank holds this label", "bank"),
        Column("reason", NAME, "", "what was claimed, or the rule that raised the alert; none for a case", "bank"),
        Column("amount", MONEY, "currency units", "amount claimed; missing where nobody claims one", "bank", nullable=True),
        Column("supersedes", ID, "", "report that the report corrects; -1 where none", "bank", refers="reports"),
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

_REPORTED = {"accepted": "fraud", "rejected": "genuine", "withdrawn": "genuine"}
_LOOKED_INTO = {"true_positive": "fraud", "false_positive": "genuine", "confirmed": "fraud", "cleared": "genuine"}
_SOURCES = {"fraud": "alert_confirmed", "genuine": "alert_cleared", "unknown": "alert_open"}


def known_labels(run: "Run") -> pa.Table:
    """What the bank of a view knew of payments on the day of the view; in the pooled view, what all banks together knew.

    Args:
        run: A run in the view of a bank, or the pooled one.

    Returns:
        The table `KNOWN`, a row a payment, by the number of the payment.
    """
    said = pa.concat_tables([_alerts(run), *_cases(run), _reports(run)])
    said = said.append_column("decided", pc.not_equal(said["label"], "unknown"))
    # The last two keys only make the order of words that came at one instant the same everywhere.
    said = said.sort_by([(name, "ascending") for name in ("transaction_id", "decided", "available_at", "label", "source")])
    payment = said["transaction_id"].to_numpy()
    said = said.filter(pa.array(np.append(payment[1:] != payment[:-1], np.ones(min(1, len(payment)), bool))))
    made = _made(run, said["transaction_id"])
    said = said.append_column("event_time", made).filter(made.is_valid())
    return said.select(KNOWN.names).cast(arrow_schema(KNOWN))


def _made(run: "Run", payments: pa.ChunkedArray) -> pa.Array:
    """When some payments, in ascending order, were made; missing for those that were declined or cannot be seen."""
    wanted = payments.to_numpy()
    times = np.full(len(wanted), np.datetime64("NaT", "us"))
    for batch in run.batches("transactions", ["transaction_id", "timestamp"], pc.field("status") != "declined") if len(wanted) else ():
        ids = batch["transaction_id"].to_numpy()
        first, end = np.searchsorted(wanted, [ids[0], ids[-1] + 1])
        place = np.minimum(np.searchsorted(ids, wanted[first:end]), len(ids) - 1)
        found = ids[place] == wanted[first:end]
        times[first:end][found] = batch["timestamp"].to_numpy(zero_copy_only=False)[place[found]]
    return pa.array(times, TIME)


def _alerts(run: "Run") -> pa.Table:
    table = run.alerts(["transaction_id", "timestamp", "rule", "disposition", "decided_at"])
    label, since = _decided(table["disposition"], _LOOKED_INTO, "unknown", table["timestamp"], table["decided_at"])
    return _said(table["transaction_id"], label, _source(label), table["timestamp"], since, table["rule"])


def _cases(run: "Run") -> tuple[pa.Table, pa.Table]:
    table = run.cases(["transactions", "opened_at", "outcome", "decided_at", "sar_filed_at"])
    payments = pc.list_flatten(table["transactions"])
    each = table.drop_columns("transactions").take(pc.list_parent_indices(table["transactions"]))
    label, since = _decided(each["outcome"], _LOOKED_INTO, "unknown", each["opened_at"], each["decided_at"])
    outcomes = _said(payments, label, _source(label), each["opened_at"], since)
    filed = each["sar_filed_at"].is_valid()
    filings = _said(payments, _all(payments, "fraud"), _all(payments, "sar"), each["opened_at"], each["sar_filed_at"])
    return outcomes, filings.filter(filed)


def _reports(run: "Run") -> pa.Table:
    names = ["report_id", "transaction_id", "reported_at", "kind", "reason", "amount", "status", "decided_at", "supersedes"]
    table = run.reports(names)
    corrected = pc.is_in(table["report_id"], table["supersedes"].combine_chunks())
    disputes = pc.is_in(table["reason"].cast(pa.string()), pa.array(DISPUTES))
    table = table.filter(pc.invert(pc.or_(corrected, disputes)))
    label, since = _decided(table["status"], _REPORTED, "fraud", table["reported_at"], table["decided_at"])
    source = table["kind"].cast(pa.string())
    return _said(table["transaction_id"], label, source, table["reported_at"], since, table["reason"], table["amount"], table["supersedes"])


def _decided(
    word: pa.ChunkedArray, words: dict[str, str], meanwhile: str, since: pa.ChunkedArray, decided_at: pa.ChunkedArray
) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Labels of decided words, what is believed meanwhile for others, and since when."""
    place = pc.index_in(word.cast(pa.string()), pa.array(words))
    label = pc.fill_null(pc.take(pa.array(words.values()), place), meanwhile)
    return label, pc.coalesce(pc.if_else(place.is_valid(), decided_at, pa.scalar(None, TIME)), since)


def _source(label: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.take(pa.array(_SOURCES.values()), pc.index_in(label, pa.array(_SOURCES)))


def _all(rows: pa.ChunkedArray, value: Any) -> pa.Array:
    return pa.repeat(value, len(rows))


def _said(
    payment: pa.ChunkedArray,
    label: pa.ChunkedArray,
    source: pa.ChunkedArray,
    reported_at: pa.ChunkedArray,
    available_at: pa.ChunkedArray,
    reason: pa.ChunkedArray | None = None,
    amount: pa.ChunkedArray | None = None,
    supersedes: pa.ChunkedArray | None = None,
) -> pa.Table:
    """What one table says of payments; alerts about no payment say nothing."""
    found = pa.table(
        {
            "transaction_id": payment,
            "label": label,
            "source": source,
            "reported_at": reported_at,
            "available_at": available_at,
            "reason": _all(payment, "none") if reason is None else reason.cast(pa.string()),
            "amount": pa.nulls(len(payment), MONEY) if amount is None else amount,
            "supersedes": _all(payment, pa.scalar(-1, ID)) if supersedes is None else supersedes,
        }
    )
    return found.filter(pc.field("transaction_id") >= 0)
