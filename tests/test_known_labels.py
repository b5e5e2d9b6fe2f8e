"""What a bank knew of payments, case by case, and day by day."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_stories import story_run, write

from simulator.errors import InputError
from simulator.record.read import Run, open_run

type Row = dict[str, Any]
COLUMNS = ["transaction_id", "label", "source", "event_time", "reported_at", "available_at", "reason", "amount", "supersedes"]
MARCH = datetime(2024, 3, 1, 9, tzinfo=UTC)
"""Later than the payments that the tests speak of."""


def day(number: int) -> datetime:
    return MARCH + timedelta(days=number)


@pytest.fixture(scope="module")
def payments(folder: Path) -> list[Row]:
    """Approved payments with bank 1 at both ends, in order of time."""
    found = open_run(folder).transactions().to_pylist()
    return [row for row in found if row["status"] == "approved" and {row["payer_bank"], row["payee_bank"]} == {1}]


@pytest.fixture(scope="module")
def declined(folder: Path) -> Row:
    rows: list[Row] = open_run(folder).transactions().to_pylist()
    return next(row for row in rows if row["status"] == "declined" and row["payer_bank"] == 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return story_run(tmp_path_factory.mktemp("stories") / "run")


@pytest.fixture(scope="module")
def run(folder: Path, payments: list[Row], declined: Row) -> Run:
    ids = [row["transaction_id"] for row in payments]
    write(folder, "reports", [
        report(0, ids[0], day(2)),
        report(1, ids[1], day(2), "chargeback", "rejected", day(9)),
        report(2, ids[2], day(1), "victim", "rejected", day(3)),
        report(3, ids[2], day(5), "bank", "accepted", day(8), supersedes=2),
        report(4, ids[3], day(2), reason="not_received"),
        report(5, declined["transaction_id"], day(2), "victim", "accepted", day(3)),
        report(6, ids[4], day(4)),
        report(7, ids[5], day(2), bank=2),
    ])  # fmt: skip
    write(folder, "alerts", [
        alert(0, ids[4], day(1), "true_positive", day(2)),
        alert(1, ids[6], day(1)),
        alert(2, ids[7], day(1), "false_positive", day(4)),
        alert(3, -1, day(1), "true_positive", day(2)),
        alert(4, declined["transaction_id"], day(1), "true_positive", day(2)),
        alert(5, ids[8], day(1), "false_positive", day(2)),
    ])  # fmt: skip
    write(folder, "cases", [
        case(0, [ids[6], ids[8]], day(2), "confirmed", day(5), day(7)),
        case(1, [ids[9], declined["transaction_id"]], day(3)),
        case(2, [ids[10]], day(3), "cleared", day(6), day(4)),
        case(3, [], day(3)),
    ])  # fmt: skip
    return open_run(folder)


def report(
    number: int,
    payment: int,
    told: datetime,
    kind: str = "victim",
    status: str = "open",
    decided: datetime | None = None,
    reason: str = "unauthorised",
    supersedes: int = -1,
    bank: int = 1,
) -> Row:
    return {"report_id": number, "bank": bank, "transaction_id": payment, "reported_at": told, "kind": kind, "status": status,
            "decided_at": decided, "reason": reason, "amount": 10.0 + number, "supersedes": supersedes}  # fmt: skip


def alert(number: int, payment: int, raised: datetime, disposition: str = "open", decided: datetime | None = None) -> Row:
    return {"alert_id": number, "bank": 1, "transaction_id": payment, "timestamp": raised, "rule": f"rule {number}", "score": 0.5,
            "disposition": disposition, "decided_at": decided}  # fmt: skip


def case(
    number: int,
    payments: list[int],
    opened: datetime,
    outcome: str = "open",
    decided: datetime | None = None,
    filed: datetime | None = None,
) -> Row:
    return {"case_id": number, "bank": 1, "transactions": payments, "opened_at": opened, "outcome": outcome, "decided_at": decided,
            "sar_filed_at": filed}  # fmt: skip


def known(run: Run) -> dict[int, tuple[Any, ...]]:
    table = run.labels()
    assert table.column_names == COLUMNS
    rows = table.to_pylist()
    assert [row["transaction_id"] for row in rows] == sorted({row["transaction_id"] for row in rows})
    return {row["transaction_id"]: tuple(row[name] for name in COLUMNS if name not in ("transaction_id", "event_time")) for row in rows}


def test_the_last_day(run: Run, payments: list[Row], declined: Row) -> None:
    ids = [row["transaction_id"] for row in payments]
    assert known(run.view("bank=1")) == {
        ids[0]: ("fraud", "victim", day(2), day(2), "unauthorised", 10.0, -1),
        ids[1]: ("genuine", "chargeback", day(2), day(9), "unauthorised", 11.0, -1),
        ids[2]: ("fraud", "bank", day(5), day(8), "unauthorised", 13.0, 2),
        ids[4]: ("fraud", "victim", day(4), day(4), "unauthorised", 16.0, -1),
        ids[6]: ("fraud", "sar", day(2), day(7), "none", None, -1),
        ids[7]: ("genuine", "alert_cleared", day(1), day(4), "rule 2", None, -1),
        ids[8]: ("fraud", "sar", day(2), day(7), "none", None, -1),
        ids[9]: ("unknown", "alert_open", day(3), day(3), "none", None, -1),
        ids[10]: ("genuine", "alert_cleared", day(3), day(6), "none", None, -1),
    }
    times = {row["transaction_id"]: row["timestamp"] for row in payments}
    assert all(row["event_time"] == times[row["transaction_id"]] for row in run.view("bank=1").labels().to_pylist())


@pytest.mark.parametrize(
    ("when", "place", "expected"),
    [
        (1, 1, None),
        (2, 1, ("fraud", "chargeback", day(2), day(2), "unauthorised", 11.0, -1)),
        (1, 2, ("fraud", "victim", day(1), day(1), "unauthorised", 12.0, -1)),
        (3, 2, ("genuine", "victim", day(1), day(3), "unauthorised", 12.0, -1)),
        (5, 2, ("fraud", "bank", day(5), day(5), "unauthorised", 13.0, 2)),
        (1, 4, ("unknown", "alert_open", day(1), day(1), "rule 0", None, -1)),
        (3, 4, ("fraud", "alert_confirmed", day(1), day(2), "rule 0", None, -1)),
        (2, 6, ("unknown", "alert_open", day(2), day(2), "none", None, -1)),
        (5, 6, ("fraud", "alert_confirmed", day(2), day(5), "none", None, -1)),
        (4, 10, ("fraud", "sar", day(3), day(4), "none", None, -1)),
    ],
)
def test_day_by_day(run: Run, payments: list[Row], when: int, place: int, expected: tuple[Any, ...] | None) -> None:
    assert known(run.as_of(day(when).date(), bank=1)).get(payments[place]["transaction_id"]) == expected


@given(st.integers(-45, 15))
def test_a_declined_attempt_never_gets_a_label_and_nothing_comes_from_later(run: Run, declined: Row, when: int) -> None:
    for bank in (None, 0, 1, 2):
        then: date = day(when).date()
        rows = run.as_of(then, bank=bank).labels().to_pylist()
        assert declined["transaction_id"] not in {row["transaction_id"] for row in rows}
        for row in rows:
            assert row["event_time"].date() <= then and row["reported_at"] <= row["available_at"] and row["available_at"].date() <= then


def test_the_pooled_view_knows_what_all_banks_know_and_no_truth(run: Run, payments: list[Row]) -> None:
    pooled, own = known(run), known(run.view("bank=1"))
    assert pooled == own | {payments[5]["transaction_id"]: ("fraud", "victim", day(2), day(2), "unauthorised", 17.0, -1)}
    assert known(run.view("bank=2")) == {}, "a report about a payment of others is none of its business"
    assert set(COLUMNS).isdisjoint({"is_fraud", "is_laundering", "story_id", "typology"})
    assert run.labels().num_rows < run.true_labels().num_rows
    assert run.labels(["source"]).column_names == ["source"]


def test_a_card_network_knows_none(run: Run) -> None:
    with pytest.raises(InputError, match="found 'labels', expected one of"):
        run.view("scheme=card").labels()
