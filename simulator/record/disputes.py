"""Reports of honest customers: purchases that they disputed, as the banks know of them on the last day."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.clock import DAY
from simulator.codes import Detail, Message, Status, words
from simulator.draws import Ints
from simulator.lives.answers import Claims
from simulator.record.facts import Facts, table, word
from simulator.record.schema import arrow_schema
from simulator.records import Records
from simulator.sequel import REPRESENT_FIRST, REPRESENT_SPAN

KINDS = ["victim", "chargeback", "bank"]
STATUSES = ["open", "accepted", "rejected"]
LIABLE = ["none", "merchant", "customer", "bank"]


def _roots(rows: Ints, related: Ints, purchases: Ints) -> Ints:
    """The purchase that each chargeback is about: one that was declined is presented again, and refers to the one before."""
    root = related.copy()
    for _ in range(len(rows)):
        chained = ~np.isin(root, purchases)
        place = np.searchsorted(rows, root[chained])
        known = (place < len(rows)) & (rows[np.minimum(place, len(rows) - 1)] == root[chained])
        if not known.any():
            break
        root[np.flatnonzero(chained)[known]] = related[place[known]]
    return root


def _stamps(moments: Ints, missing: NDArray[np.bool_]) -> pa.Array:
    return pa.array(moments, mask=missing).view(arrow_schema("reports").field("decided_at").type)


def reports(facts: Facts, disputes: Records, offset: int, now: int) -> pa.Table:
    """One report for each disputed purchase of which a bank heard.

    Args:
        facts: names and units.
        disputes: records of `simulator.events.DISPUTE`, in order of rows.
        offset: local time minus UTC, microseconds.
        now: end of the last day, microseconds since 1970.
    """
    charged = disputes.message == Message.CHARGEBACK
    answered = disputes.message == Message.REPRESENTMENT
    purchase = disputes[~charged & ~answered]
    claims = Claims(facts.world, purchase, offset)
    told = claims.day * DAY + claims.time
    order = np.lexsort((purchase.row, told))
    order = order[told[order] < now]
    purchase, told, reason = purchase[order], told[order], claims.reason[order]

    back, answer = disputes[charged], disputes[answered]
    root = _roots(back.row, back.related, disputes.row[~charged & ~answered])
    taken = back.status == Status.APPROVED
    of = np.searchsorted(np.sort(purchase.row), root[taken])
    place = np.argsort(purchase.row)[np.minimum(of, max(0, len(purchase) - 1))] if len(purchase) else of
    size = len(purchase)
    at, answered_at = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    at[place] = back.time[taken]
    given = np.searchsorted(back.row[taken], answer.related)
    answered_at[place[given]] = answer.time
    # Past the merchant's last day the customer keeps the money.
    closes = at + (REPRESENT_FIRST + REPRESENT_SPAN) * DAY
    lost, won = answered_at >= 0, (at >= 0) & (answered_at < 0) & (closes < now)
    status = np.where(lost, 2, np.where(won, 1, 0))
    bank = facts.names.bank[purchase.account]
    return table(
        "reports",
        {
            "report_id": np.arange(size),
            "bank": bank,
            "transaction_id": np.ascontiguousarray(purchase.row),
            "reported_at": _stamps(told, np.zeros(size, bool)),
            "kind": word("reports", "kind", KINDS, np.ones(size, np.int64)),
            "reason": word("reports", "reason", words(Detail), reason),
            "amount": purchase.amount / facts.unit,
            "status": word("reports", "status", STATUSES, status),
            "decided_at": _stamps(np.where(lost, answered_at, closes), ~(lost | won)),
            "recovered": np.where(won, purchase.amount, 0) / facts.unit,
            "liable": word("reports", "liable", LIABLE, np.where(lost, 2, np.where(won, 1, 0))),
            "supersedes": np.full(size, -1),
        },
        size,
    )
