"""Moments of surveys, rails, fraud and crises on a small run, counted once more row by row."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import calibration.measure
from calibration.facts import Facts, read_facts
from calibration.fraud_moments import expected_of
from calibration.moments import MOMENTS
from calibration.pack import read_pack
from calibration.private.measured import POSTING_MOMENTS
from calibration.targets import Target
from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.extend import shipped
from simulator.scenario.file import load_scenario

type Frame = Any
"""A data frame: its stubs know too little of its columns."""

BILLS = ["rent", "bill", "mortgage", "insurance", "subscription", "loan", "tax"]
NEVER = {"not_in_world": "counted by a source and in no world", "household_responses": "needs pairs of runs"}
LATER = {
    "revolver_share": "60 days", "weekday_shares": "55 days", "month_day_factors": "55 days", "weekday_shares_by_income": "55 days",
    "month_factors": "a year", "special_day_factors": "a year", "income_volatility": "six whole months",
    "income_swings": "six whole months",
    "bills_not_paid": "60 days", "card_credit": "twelve months", "spending_trough": "four quarters",
    "covid_card_spending": "spring of 2020",
    "notes_in_march_2020": "March of 2020", "network_failures": "an outage", "unemployment": "jobs that are lost",
    "counted_card_fraud": "a hundred payments of fraud", "fraud_hour_shares": "a hundred payments of fraud",
    "borne_by_users": "decided reports of scams",
}  # fmt: skip
"""What a run of 35 days is too short for, or has too few people for, and what it would take."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("tracks") / "run"
    run_scenario(load_scenario("high_street", {"population.customers": 200, "period.days": 35, "seed": 5}), path)
    return path


@pytest.fixture(scope="module")
def facts(folder: Path) -> Facts:
    return read_facts(open_run(folder))


@pytest.fixture(scope="module")
def rows(folder: Path) -> Frame:
    """Payments of the run, seen and unseen, with the person who pays."""
    run = open_run(folder)
    parts = [run.table(name).to_pandas().assign(seen=name == "transactions") for name in ("transactions", "truth/unseen")]
    frame: Frame = pd.concat(parts, ignore_index=True)
    accounts = run.table("accounts", ["account_id", "owner_kind", "owner_id", "kind"]).to_pandas().drop_duplicates("account_id")
    own = accounts[(accounts["owner_kind"].astype(str) == "customer") & (accounts["kind"].astype(str) != "loan")]
    frame["person"] = frame["payer_account"].map(own.set_index("account_id")["owner_id"])
    for column in ("method", "purpose", "channel", "status", "message", "entry_mode", "decline_reason", "country"):
        frame[column] = frame[column].astype(str)
    frame["local"] = frame["timestamp"] - timedelta(hours=5)
    frame["remote"] = frame["channel"].isin(["online", "mobile", "phone"])
    frame["paid"] = (frame["status"] == "approved") & frame["message"].isin(["payment", "capture"])
    return frame


def test_every_moment_is_measured_or_says_why_not(facts: Facts) -> None:
    missing = {name for name, function in MOMENTS.items() if function(facts) is None}
    assert missing <= NEVER.keys() | LATER.keys()
    assert missing >= NEVER.keys() | {"month_factors", "card_credit", "covid_card_spending"}
    for name, function in MOMENTS.items():
        found = function(facts)
        for one in found.values() if isinstance(found, dict) else [] if found is None else [found]:
            assert np.isfinite(one), name


def test_components_of_targets_are_those_of_their_moments(facts: Facts) -> None:
    for name in shipped("packs"):
        for target in read_pack(name).targets:
            if target.moment in POSTING_MOMENTS:  # told by the target what to compute: tests/test_aggregate_run.py
                continue
            found = MOMENTS[target.moment](facts)
            if isinstance(found, dict) and target.moment not in ("category_shares", "agent_action_means", "bank_response", "agent_clients"):
                wanted = {component or target.id.rpartition("__")[2] for component in target.components}
                assert wanted <= found.keys(), f"{name}: {target.id}"


def test_rails(facts: Facts, rows: Frame) -> None:
    bought = rows[rows["paid"] & rows["person"].notna() & (rows["purpose"] == "purchase")]
    card = bought[bought["method"] == "card"]
    assert MOMENTS["contactless_share"](facts) == pytest.approx((card["entry_mode"] == "contactless").mean())
    assert MOMENTS["contactless_mean"](facts) == pytest.approx(card.loc[card["entry_mode"] == "contactless", "amount"].mean())
    counter = bought[~bought["remote"]]
    cash = counter[counter["method"] == "cash"]
    shares = {"number": len(cash) / len(counter), "value": cash["amount"].sum() / counter["amount"].sum()}
    assert MOMENTS["cash_at_counter"](facts) == pytest.approx(shares)
    everyday = rows[rows["paid"] & rows["person"].notna() & rows["purpose"].isin(["purchase", "transfer", "sale"])]
    remote = everyday[everyday["remote"] & (everyday["purpose"] == "purchase")]
    shares = {"number": len(remote) / len(everyday), "value": remote["amount"].sum() / everyday["amount"].sum()}
    assert MOMENTS["everyday_remote_share"](facts) == pytest.approx(shares)
    abroad = card[~card["country"].isin(["US", "none", ""])]
    assert MOMENTS["abroad_share"](facts)["number"] == pytest.approx(len(abroad) / len(card))  # type: ignore[index]
    own = ["withdrawal", "deposit", "interest", "fee", "saving", "card_bill", "write_off", "charge_off"]
    all_payers = rows[rows["paid"] & rows["seen"] & ~rows["purpose"].isin(own) & ~rows["method"].isin(["none", "cash", "crypto"])]
    transfers = ["instant_transfer", "batch_transfer", "wire"]
    groups = {"card": ["card"], "transfer": transfers, "debit": ["direct_debit"], "e_money": ["wallet"], "cheque": ["cheque"]}
    shares = {name: float(all_payers["method"].isin(words).mean()) for name, words in groups.items()}
    assert MOMENTS["non_cash_shares"](facts) == pytest.approx(shares)


def test_hours(facts: Facts, rows: Frame) -> None:
    remote = rows[rows["paid"] & rows["person"].notna() & (rows["purpose"] == "purchase") & (rows["method"] == "card") & rows["remote"]]
    share = remote["local"].dt.hour.value_counts(normalize=True)
    assert MOMENTS["remote_hour_shares"](facts) == pytest.approx({f"hour_{hour}": float(share.get(hour, 0)) for hour in range(24)})
    weekday = remote["local"].dt.day_of_week.value_counts(normalize=True)
    found = MOMENTS["remote_weekday_shares"](facts)
    assert list(found.values()) == pytest.approx([float(weekday.get(place, 0)) for place in range(7)])  # type: ignore[union-attr]
    acts = [*BILLS, "gambling", "donation", "dues", "gift_card", "purchase", "transfer"]
    own = rows[rows["paid"] & rows["person"].notna()]
    by_phone = own["purpose"].isin(acts) & (own["method"] != "cash")
    debits = (own["purpose"] == "saving") & (own["method"] == "wallet")
    action = own[by_phone | debits | own["purpose"].isin(["withdrawal", "deposit"])]
    share = action["local"].dt.hour.value_counts(normalize=True)
    assert MOMENTS["agent_hour_shares"](facts) == pytest.approx({f"hour_{hour}": float(share.get(hour, 0)) for hour in range(24)})


def test_actions_are_those_that_are_counted(facts: Facts) -> None:
    from calibration.moments import agent_actions

    assert facts.tracks.phone_hours.sum() == sum(agent_actions(facts, "count").values())


def test_people_of_a_month(facts: Facts, rows: Frame) -> None:
    stay = facts.people[facts.people["first"] & facts.people["last"]]["customer_id"]
    day = (rows["local"].dt.tz_convert(None).dt.normalize() - pd.Timestamp(facts.scenario.period.start)).dt.days
    early = rows[rows["paid"] & rows["person"].isin(stay) & (day >= 0) & (day < 30)]
    used = early[~early["purpose"].isin(["withdrawal", "deposit"])].groupby("method")["person"].nunique()
    shares = {name: used.get(name, 0) / len(stay) for name in ("cash", "cheque")}
    assert MOMENTS["used_in_30_days"](facts) == pytest.approx(shares)
    bought = early[(early["purpose"] == "purchase") & (early["method"] == "cash") & (day[early.index] < 28)]
    weeks = bought.groupby(day[bought.index] // 7)["person"].nunique()
    assert MOMENTS["no_cash_in_a_week"](facts) == pytest.approx(1 - weeks.reindex(range(4), fill_value=0).mean() / len(stay))
    drawn = early[early["purpose"] == "withdrawal"].groupby("person").size()
    assert MOMENTS["agent_clients"](facts)["one_cash_out"] == pytest.approx((drawn == 1).mean())  # type: ignore[index]


def test_income_by_month_and_day_by_income(facts: Facts, rows: Frame) -> None:
    tracks = facts.tracks
    salaries = rows[rows["paid"] & (rows["purpose"] == "salary") & (rows["local"].dt.month == 1) & (rows["local"].dt.year == 2024)]
    own = facts.accounts[(facts.accounts["owner_kind"] == "customer") & (facts.accounts["kind"] != "loan")]
    of = salaries["payee_account"].map(own.set_index("account_id")["owner_id"])
    kinds = facts.people["income_kind"].to_numpy() == "salaried"
    wages = salaries.groupby(of)["amount"].sum().reindex(facts.people["customer_id"]).fillna(0.0).to_numpy()
    january = 2024 * 12 - 1970 * 12 - tracks.first_month
    assert (tracks.income[kinds, january] >= wages[kinds] - 1e-6).all()
    assert tracks.income[kinds, january].sum() == pytest.approx(wages[kinds].sum(), rel=0.1)  # interest and benefits beside wages
    card = rows[rows["paid"] & rows["person"].notna() & (rows["purpose"] == "purchase") & (rows["method"] == "card")]
    assert tracks.by_quarter.sum() == pytest.approx(card["amount"].sum())
    assert tracks.by_category.sum() == pytest.approx(card["amount"].sum())
    quarter = facts.people.set_index("customer_id")["quarter"]
    assert tracks.by_quarter[3].sum() == pytest.approx(card.loc[card["person"].map(quarter) == 3, "amount"].sum())
    assert facts.people.groupby("household")["quarter"].nunique().max() == 1


def test_unpaid_bills(facts: Facts, rows: Frame) -> None:
    bills = rows[rows["person"].notna() & rows["purpose"].isin(BILLS) & rows["seen"]]
    short = bills[(bills["status"] == "declined") & (bills["decline_reason"] == "insufficient_funds")]
    left = 0
    for one in short.itertuples():
        same = bills[bills["paid"] & (bills["person"] == one.person) & (bills["payee_account"] == one.payee_account)]
        days = (same["local"].dt.normalize() - one.local.normalize()).dt.days
        left += not ((days >= 0) & (days <= 30)).any()
    assert len(short) > 0
    assert len(facts.tracks.unpaid()) == left


def test_money_that_leaves_a_bank(facts: Facts, rows: Frame) -> None:
    moved = rows[rows["paid"] & (rows["payer_bank"] != rows["payee_bank"])]
    out = moved.groupby("payer_bank")["amount"].sum() - moved.groupby("payee_bank")["amount"].sum().reindex(range(-1, 6)).fillna(0)
    assert facts.tracks.flows.sum(axis=1) == pytest.approx([out[bank] for bank in range(len(facts.scenario.banks))])


def test_closed_form_follows_the_dials() -> None:
    """One world is built for all dials: rates follow the mix, losses the money."""
    plain = load_scenario("uk_town", {"population.customers": 200})
    mix = {**plain.stories.mix, "S3": 2 * plain.stories.mix["S3"]}
    dials = plain.stories.model_copy(update={"mix": mix, "money": 2 * plain.stories.money})
    before, after = (
        {one.name: one for one in expected_of(scenario) if not one.innocent}
        for scenario in (plain, plain.model_copy(update={"stories": dials}))
    )
    assert after["romance_scam"].begins == pytest.approx(2 * before["romance_scam"].begins)
    assert after["purchase_scam"].begins == pytest.approx(before["purchase_scam"].begins)
    assert after["purchase_scam"].loss == pytest.approx(2 * before["purchase_scam"].loss)
    assert before["life_savings_moved"].begins == 0


def test_another_currency_is_not_assessed(folder: Path) -> None:
    target = read_pack("us_cards_2024").targets[0]
    pounds = Target.model_validate(target.model_dump() | {"id": "mean_withdrawal", "moment": "mean_withdrawal", "unit": "GBP a time"})
    dollars = pounds.model_copy(update={"id": "same", "unit": "USD a time"})
    found = calibration.measure.measure(open_run(folder), [pounds, dollars])
    assert found["mean_withdrawal", ""] is None
    assert found["same", ""] is not None
