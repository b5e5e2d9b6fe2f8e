"""Moments and comparison on a run folder small enough to count by hand."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_up_run import fill, write_manifest, write_parts

import calibration.rhythm  # noqa: F401
from calibration.compare import compare_run
from calibration.facts import read_facts
from calibration.moments import MOMENTS
from simulator.record.read import open_run
from simulator.record.schema import TABLES
from simulator.scenario.file import dump_scenario, load_scenario

ACCOUNTS = [  # account, owner_kind, owner_id, kind
    (11, "customer", 1, "current"), (12, "customer", 1, "credit_card"), (13, "customer", 1, "purse"), (14, "customer", 1, "savings"),
    (21, "customer", 2, "current"), (23, "customer", 2, "purse"), (31, "customer", 3, "current"),
    (90, "merchant", 0, "acquiring"), (91, "employer", 7, "current"), (99, "bank", 0, "bank"),
]  # fmt: skip
START = datetime(2024, 10, 1, tzinfo=UTC)


def pay(
    day: float, payer: int, payee: int, amount: float, purpose: str, method: str, channel: str = "point_of_sale", **more: Any
) -> dict[str, Any]:
    return {
        "timestamp": START + timedelta(days=day, hours=18),
        "payer_account": payer,
        "payee_account": payee,
        "amount": amount,
        "purpose": purpose,
        "method": method,
        "channel": channel,
        "merchant_id": 0 if purpose == "purchase" else -1,
        "message": "payment",
        "status": "approved",
        **more,
    }


SEEN = [
    pay(1, 12, 90, 60.0, "purchase", "card"),
    pay(1, 12, 90, 40.0, "purchase", "card", "online"),
    pay(2, 11, 90, 20.0, "purchase", "card"),
    pay(2, 11, 90, 500.0, "purchase", "card", status="declined"),
    pay(2, 11, 90, 30.0, "purchase", "card", message="authorisation"),
    pay(3, 11, 91, 900.0, "rent", "cheque", "online"),
    pay(4, 11, 12, 100.0, "card_bill", "direct_debit", "online"),
    pay(5, 21, 11, 50.0, "transfer", "instant_transfer", "mobile"),
    pay(6, 11, 13, 80.0, "withdrawal", "card", "atm"),
    pay(6, 21, 23, 120.0, "withdrawal", "card", "atm"),
    pay(7, 11, 14, 70.0, "saving", "instant_transfer", "mobile"),
    pay(8, 91, 11, 2000.0, "salary", "batch_transfer"),
    pay(8, 91, 21, 1000.0, "salary", "batch_transfer"),
    pay(9, 12, 99, 3.0, "interest", "none"),
]
UNSEEN = [
    pay(3, 13, 90, 10.0, "purchase", "cash"),
    pay(4, 23, 90, 30.0, "purchase", "cash"),
    pay(5, 23, 13, 5.0, "transfer", "cash"),
]


def payments(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    stamps = pa.array(columns.pop("timestamp"), pa.timestamp("us", tz="UTC"))
    words = {key: ["USD"] * len(rows) for key in ("currency", "credited_currency")}
    return fill(TABLES[name], len(rows), timestamp=stamps, settled_at=stamps, **columns, **words)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("moments") / "run"
    small: dict[str, dict[str, Any]] = {
        # The third leaves after ten days; another, of another household, comes in their place.
        "customers": {
            "customer_id": [1, 2, 3, 4, 1], "household": [1, 1, 3, 4, 1], "kind": ["person"] * 5,
            "valid_from": [date(2020, 1, 1)] * 3 + [date(2024, 10, 11), date(2024, 10, 20)],
            "valid_to": [date(2024, 10, 19), None, date(2024, 10, 10), None, None],
        },
        "truth/traits": {
            "customer_id": [1, 2, 3, 4], "income_kind": ["salaried", "salaried", "pension", "pension"],
            "pay_frequency": ["weekly", "weekly", "none", "none"],
            "gross_income": [60000.0, 20000.0, 90000.0, 30000.0], "quintile": [4, 4, 2, 2], "age": [40, 60, 70, 71],
        },
        "accounts": dict(zip(("account_id", "owner_kind", "owner_id", "kind"), map(list, zip(*ACCOUNTS, strict=True)), strict=True)),
        "truth/balances": {"account_id": [row[0] for row in ACCOUNTS], "opening_balance": [100.0] * len(ACCOUNTS)},
        "merchants": {"merchant_id": [0], "category": ["groceries"]},
    }  # fmt: skip
    for table in TABLES.values():
        file = folder / table.file
        if table.partitioned:
            write_parts(file, payments(table.name, UNSEEN if table.truth else SEEN))
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        columns = small.get(table.name, {})
        pq.write_table(fill(table, len(next(iter(columns.values()), [])), **columns), file)
    changes = {"population.customers": 10, "period.days": 31, "period.start": "2024-10-01"}
    (folder / "scenario.yaml").write_text(dump_scenario(load_scenario("hamlet", changes)), encoding="utf-8")
    write_manifest(folder, len(SEEN), 31)
    return folder


def measured(run: Path, name: str) -> Any:
    return MOMENTS[name](read_facts(open_run(run)))


def test_counts(run: Path) -> None:
    months = 3 * 31 / 30.4375
    # Three card purchases, two in cash, rent, card bill, two transfers; no decline, hold, withdrawal, saving or interest.
    assert measured(run, "payments_per_adult_month") == pytest.approx(9 / months)
    assert measured(run, "value_per_adult_month") == pytest.approx((160 + 900 + 100 + 55) / months)
    assert measured(run, "shares_by_method") == pytest.approx({"credit": 2 / 9, "debit": 1 / 9, "cash": 3 / 9, "cheque": 1 / 9})
    assert measured(run, "remote_share") == pytest.approx(1 / 5)
    assert measured(run, "cash_in_person") == pytest.approx(2 / 4)
    assert measured(run, "mean_withdrawal") == pytest.approx(100)
    means = measured(run, "mean_value_by_method")
    assert (means["cash"], means["credit"], means["debit"]) == pytest.approx((15, 50, 20))
    assert measured(run, "category_shares") == pytest.approx({"groceries": 1.0})
    assert measured(run, "cash_share_by_age") == pytest.approx({"under_55": 1 / 6, "from_55": 2 / 3})


def test_people(run: Path) -> None:
    assert measured(run, "household_income_mean") == pytest.approx(55_000)
    assert measured(run, "household_income_quantiles")["p50"] == pytest.approx(55_000)
    assert measured(run, "transaction_accounts_median") == pytest.approx(200)
    assert measured(run, "pay_frequency") == {"weekly": 1.0, "biweekly": 0.0, "semimonthly": 0.0, "monthly": 0.0}
    spent = measured(run, "spending_by_quintile")
    assert spent["q4"] * 31 / 365 == pytest.approx(160 / 0.985 * np.mean([*MONTH_FACTORS]) + 900, rel=0.01)
    assert spent["q2"] == 0


MONTH_FACTORS = [0.874, 0.935, 0.990, 1.009, 1.024, 1.021, 1.019, 1.024, 0.971, 0.985, 1.028, 1.120]


def test_short_runs_are_not_assessed(run: Path) -> None:
    rows = {row["id"]: row for row in compare_run(run)}
    for name in (
        "month_factors.december",
        "weekday_shares.friday",
        "month_day_factors.day_1",
        "revolver_share",
        "special_day_factors.christmas",
    ):
        assert rows[name]["verdict"] == "not assessed" and rows[name]["achieved"] is None
    assert rows["payments_per_adult_month"]["verdict"] == "off"
    assert rows["mean_value__all"]["verdict"] == "report" and rows["mean_value__all"]["achieved"] == pytest.approx(1215 / 9)
    columns = "id what target unit achieved tolerance misfit verdict role source why"
    assert set(next(iter(rows.values()))) == set(columns.split())


def test_local_days_are_whole(run: Path) -> None:
    facts = read_facts(open_run(run))
    # 18:00 UTC is 13:00 in the town: purchases of day 1 and 2 fall on 2 and 3 October.
    assert {day.day: value for day, value in facts.daily.items() if value} == {2: 100.0, 3: 20.0}
    assert (facts.daily.index[0].day, facts.daily.index[-1].day) == (1, 30)
    assert facts.hours[13] == facts.hours.sum()
