"""One story as a case file: its words and everything that the banks saw of it, in order of time."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from simulator.errors import InputError
from simulator.record.read import Run
from simulator.scenario.part import nearest


def list_stories(run: Run) -> list[dict[str, Any]]:
    """The stories of a run, in order of their beginning, each with how many rows it has."""
    stories = run.stories(columns=["story_id", "typology", "start", "outcome", "amount_taken"]).to_pylist()
    counts = {row["values"]: row["counts"] for row in run.true_labels(columns=["story_id"])["story_id"].value_counts().to_pylist()}
    return [one | {"rows": counts.get(one["story_id"], 0)} for one in stories]


def find_case(run: Run, wanted: str) -> dict[str, Any]:
    """A story by its id, or the first of a typology that has rows.

    Args:
        run: a whole run, as everything of it.
        wanted: a story's id, or a typology's.

    Returns:
        The story's row of `truth/stories`, and `timeline`: payments, events, alerts and reports in order of time.

    Raises:
        InputError: there is no such story.
    """
    if wanted.isdigit():
        found = run.stories(where=pc.field("story_id") == int(wanted)).to_pylist()
    else:
        found = run.stories(where=pc.field("typology") == wanted).to_pylist()
    if not found:
        known = sorted({one["typology"] for one in list_stories(run)})
        raise InputError(f"story: found '{wanted}', expected a story's id or one of {', '.join(known) or 'none'}{nearest(wanted, known)}")
    story = found[0]
    case: dict[str, Any] = story | {"timeline": _timeline(run, story)}
    return case


def _timeline(run: Run, story: dict[str, Any]) -> list[dict[str, Any]]:
    labels = run.true_labels(where=pc.field("story_id") == story["story_id"])
    act = dict(zip(labels["transaction_id"].to_pylist(), labels["act"].to_pylist(), strict=True))
    rows = run.transactions(where=pc.field("transaction_id").isin(labels["transaction_id"].combine_chunks()))
    lines = [_payment(row, act[row["transaction_id"]]) for row in rows.to_pylist()]
    accounts = pa.array(sorted({player["account"] for player in story["cast"]}), pa.int64())
    lines += _events(run, story, accounts)
    ids = labels["transaction_id"].combine_chunks()
    for alert in run.alerts(where=pc.field("transaction_id").isin(ids)).to_pylist():
        lines.append(
            {"when": alert["timestamp"], "what": f"alert: {alert['rule']}", "payer": alert["account_id"], "how": alert["disposition"]}
        )
    for report in run.reports(where=pc.field("transaction_id").isin(ids)).to_pylist():
        how = f"{report['status']}, recovered {report['recovered']:,.2f}"
        lines.append({"when": report["reported_at"], "what": f"report by {report['kind']}: {report['reason']}", "how": how})
    return sorted(lines, key=lambda line: line["when"])


def _payment(row: dict[str, Any], act: str) -> dict[str, Any]:
    status = row["status"] if row["status"] == "approved" else f"{row['status']}: {row['decline_reason']}"
    return {
        "when": row["timestamp"], "what": f"{row['purpose']}, {status}", "payer": row["payer_account"], "payee": row["payee_account"],
        "amount": row["amount"], "currency": row["currency"], "how": f"{row['method']} by {row['channel']}", "act": act,
    }  # fmt: skip


def _events(run: Run, story: dict[str, Any], accounts: pa.Array) -> list[dict[str, Any]]:
    """What banks noted of the cast's accounts from an hour before the story to an hour after."""
    start = pa.scalar(story["start"], pa.timestamp("us", "UTC"))
    hour = pa.scalar(3_600_000_000, pa.duration("us"))
    end = pa.scalar(story["end"] or story["start"], pa.timestamp("us", "UTC"))
    near = (pc.field("timestamp") >= pc.subtract(start, hour)) & (pc.field("timestamp") <= pc.add(end, hour))
    owners = run.holders(columns=["customer_id"], where=pc.field("account_id").isin(accounts))["customer_id"].combine_chunks()
    mine = pc.field("account_id").isin(accounts) | pc.field("customer_id").isin(owners)
    return [
        {"when": event["timestamp"], "what": event["kind"], "payer": max(event["account_id"], 0) or "", "how": event["detail"]}
        for event in run.events(where=near & mine).to_pylist()
    ]  # fmt: skip
