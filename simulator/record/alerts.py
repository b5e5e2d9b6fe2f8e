"""What banks raised, investigated and were told, as tables."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.codes import words
from simulator.defence.bank import Bank
from simulator.defence.monitor import Rule
from simulator.defence.reports import REASONS, Reports
from simulator.draws import Ints
from simulator.record.facts import Facts, table, word
from simulator.record.schema import arrow_schema
from simulator.stories.telling import Narrator, moment

DISPOSITIONS = ["open", "true_positive", "false_positive"]


def _times(name: str, column: str, moments: Ints, known: NDArray[np.bool_]) -> pa.Array:
    return pa.array(moments, mask=~known).view(arrow_schema(name).field(column).type)


def alerts(facts: Facts, bank: Bank, end: int) -> pa.Table:
    """One row for each alert; those decided after the last day are open.

    Args:
        facts: names and units.
        bank: the investigators.
        end: end of the last day, microseconds since 1970.
    """
    all_ = bank.alerts
    size = len(all_)
    decided = np.array([one.decided for one in all_], np.int64)
    known = (decided >= 0) & (decided < end)
    account = np.array([one.account for one in all_], np.int64)
    return table(
        "alerts",
        {
            "alert_id": np.array([one.number for one in all_], np.int64),
            "timestamp": _times("alerts", "timestamp", np.array([one.time for one in all_], np.int64), np.ones(size, bool)),
            "bank": np.array([one.bank for one in all_], np.int64),
            "account_id": facts.names.account[account],
            "transaction_id": np.array([one.transaction for one in all_], np.int64),
            "rule": word("alerts", "rule", words(Rule), np.array([one.rule for one in all_], np.int64)),
            "score": np.array([one.score for one in all_], np.float64) / 10_000,
            "disposition": word(
                "alerts", "disposition", DISPOSITIONS, np.where(known, np.array([one.disposition for one in all_], np.int64), 0)
            ),
            "decided_at": _times("alerts", "decided_at", decided, known),
        },
        size,
    )


def cases(facts: Facts, bank: Bank, end: int) -> pa.Table:
    """One row for each investigation."""
    everyone = np.concatenate([facts.customer, facts.business])
    all_ = [case for case in bank.cases if case.opened < end]
    size = len(all_)
    decided = np.array([one.decided for one in all_], np.int64)
    filed = np.array([one.filed for one in all_], np.int64)
    known = (decided >= 0) & (decided < end)
    schema = arrow_schema("cases")
    return table(
        "cases",
        {
            "case_id": np.array([one.number for one in all_], np.int64),
            "bank": np.array([one.bank for one in all_], np.int64),
            "customer_id": everyone[np.array([one.who for one in all_], np.int64)],
            "alerts": pa.array([one.alerts for one in all_], schema.field("alerts").type),
            "transactions": pa.array([one.transactions for one in all_], schema.field("transactions").type),
            "opened_at": _times("cases", "opened_at", np.array([one.opened for one in all_], np.int64), np.ones(size, bool)),
            "decided_at": _times("cases", "decided_at", decided, known),
            "outcome": word("cases", "outcome", ["open", "confirmed", "cleared"], np.where(known, 1, 0)),
            "sar_filed_at": _times("cases", "sar_filed_at", filed, (filed >= 0) & (filed < end)),
        },
        size,
    )


def all_reports(facts: Facts, disputes: pa.Table, reports: Reports, end: int) -> pa.Table:
    """Customers' disputes and victims' reports together, numbered in order of time.

    Args:
        facts: names and units.
        disputes: what `simulator.record.disputes` says.
        reports: of fraud.
        end: end of the last day, microseconds since 1970.
    """
    all_ = [one for one in reports.all if one.time < end]
    size = len(all_)
    decided = np.array([one.decided for one in all_], np.int64)
    known = (decided >= 0) & (decided < end)
    fraud = table(
        "reports",
        {
            "report_id": np.zeros(size, np.int64),
            "bank": np.array([one.bank for one in all_], np.int64),
            "transaction_id": np.array([one.transaction for one in all_], np.int64),
            "reported_at": _times("reports", "reported_at", np.array([one.time for one in all_], np.int64), np.ones(size, bool)),
            "kind": word("reports", "kind", ["victim", "chargeback", "bank"], np.zeros(size, np.int64)),
            "reason": word("reports", "reason", list(REASONS), np.array([one.reason for one in all_], np.int64)),
            "amount": np.array([one.amount for one in all_], np.float64) / facts.unit,
            "status": word(
                "reports", "status", ["open", "accepted", "rejected"], np.where(known, np.array([one.status for one in all_], np.int64), 0)
            ),
            "decided_at": _times("reports", "decided_at", decided, known),
            "recovered": np.where(known, np.array([one.recovered for one in all_], np.float64), 0.0) / facts.unit,
            "liable": word(
                "reports",
                "liable",
                ["none", "merchant", "customer", "bank"],
                np.where(known, np.array([one.liable for one in all_], np.int64), 0),
            ),
            "supersedes": np.full(size, -1),
        },
        size,
    )
    both = pa.concat_tables([disputes, fraud], promote_options="none") if size else disputes
    order = np.lexsort((both["transaction_id"].to_numpy(), both["reported_at"].cast(pa.int64()).to_numpy()))
    both = both.take(pa.array(order)).unify_dictionaries()
    return both.set_column(0, both.schema.field(0), pa.array(np.arange(len(both))))


def told_banks(facts: Facts, reports: Reports, end: int) -> dict[int, list[str]]:
    """Sentences on what victims told their banks, by story."""
    narrator = Narrator(lambda row: int(facts.names.account[row]), facts.world.layout, facts.unit, facts.scenario.country.currency)
    by_story: dict[int, list[int]] = {}
    for place, report in enumerate(reports.all):
        if report.time < end:
            by_story.setdefault(report.story, []).append(place)
    told = {}
    for story, places in by_story.items():
        mine = [reports.all[place] for place in places]
        count = f"{len(mine)} payments" if len(mine) > 1 else "1 payment"
        back = sum(one.recovered for one in mine if 0 <= one.decided < end)
        said = f"The victim told bank {mine[0].bank} about {count} on {moment(mine[0].time)}"
        told[story] = [f"{said}; {narrator.money(back)} was got back or made good." if back else f"{said}."]
    return told
