"""What makes a shipped world itself: how the euro area pays, what a Czech account shows in 1993, and the dials that they turn."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_worlds import ORDINARY

from simulator.population.households import read_table
from simulator.record.read import Run, open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

COLUMNS = ["timestamp", "message", "amount", "method", "channel", "purpose", "payer_account", "payee_account", "authentication", "status"]
# Of the euro area the base: what its file says, before a fit moves it.
LIVED = {
    "_euro_town": {"population.customers": 500, "period.days": 32, **ORDINARY},
    # Over two ends of months, one of them a Sunday; of accounts that have been there for years.
    "czech_bank": {"population.customers": 300, "period.start": "1993-10-29", "period.days": 34, "opening.during": 0},
}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """A small world that has been run, once."""
    known: dict[str, Run] = {}

    def of(name: str) -> Run:
        if name not in known:
            folder = tmp_path_factory.mktemp(name) / "run"
            run_scenario(load_scenario(name, LIVED[name]), folder)
            known[name] = open_run(folder)
        return known[name]

    return of


def paid(run: Run, kind: str | None = "current") -> pd.DataFrame:
    """Approved payments of customers' accounts of a kind, seen or not, by local time."""
    rows = pd.concat([run.transactions(columns=COLUMNS).to_pandas(), run.unseen().select(COLUMNS).to_pandas()])
    rows = rows[(rows["status"] == "approved") & rows["message"].isin(["payment", "capture"])]
    accounts = run.table("accounts", ["account_id", "owner_kind", "kind"]).to_pandas()
    own = accounts[(accounts["owner_kind"] == "customer") & ((accounts["kind"] == kind) | (kind is None))]["account_id"]
    rows["out"], rows["into"] = rows["payer_account"].isin(own), rows["payee_account"].isin(own)
    rows["at"] = rows["timestamp"].dt.tz_localize(None) + pd.Timedelta(run.scenario.country.utc_offset)
    return rows[rows["out"] | rows["into"]]


def test_the_euro_area_pays_half_of_what_it_buys_in_person_in_cash(lived: Callable[[str], Run]) -> None:
    """Cash 52 % of payments in person by number, cards 45 to cash 39 by value (SPACE 2024); a card payment is 39 euros (ECB 2024)."""
    rows = paid(lived("_euro_town"), None)
    bought = rows[rows["out"] & (rows["purpose"] == "purchase")]
    in_person = bought[bought["channel"] == "point_of_sale"]
    in_cash = in_person["method"] == "cash"
    assert in_cash.mean() == pytest.approx(0.52, abs=0.06)
    assert in_person["amount"][in_cash].sum() / in_person["amount"].sum() == pytest.approx(0.39, abs=0.08)
    by_card = rows[rows["out"] & (rows["method"] == "card") & (rows["purpose"] != "withdrawal")]
    assert by_card["amount"].mean() == pytest.approx(39, rel=0.15)
    assert 1 - len(in_person) / len(bought) == pytest.approx(0.21, abs=0.04)


def test_the_euro_area_pays_bills_from_the_account(lived: Callable[[str], Run]) -> None:
    rows = paid(lived("_euro_town"))
    bills = rows[rows["out"] & rows["purpose"].isin(["rent", "bill", "insurance", "subscription", "loan", "mortgage", "tax"])]
    assert not (bills["method"] == "cheque").any()
    assert (bills["method"] == "direct_debit").mean() > 0.5
    rents = bills[(bills["purpose"] == "rent") & (bills["method"] != "direct_debit")]
    assert (rents["channel"] == "standing_order").all() and len(rents) > 20


def test_the_euro_area_authenticates_strongly_and_is_paid_by_the_month(lived: Callable[[str], Run]) -> None:
    rows = paid(lived("_euro_town"), None)
    remote = rows[rows["out"] & (rows["method"] == "card") & (rows["purpose"] == "purchase") & rows["channel"].isin(["online", "mobile"])]
    assert remote["authentication"].isin(["sca_result", "sca_exemption"]).mean() > 0.8
    wages = rows[rows["into"] & (rows["purpose"] == "salary")]
    assert wages.groupby("payee_account").size().median() == 1


def test_a_czech_account_is_closed_on_the_last_day_of_the_month(lived: Callable[[str], Run]) -> None:
    run = lived("czech_bank")
    rows = paid(run)
    closing = rows[rows["purpose"].isin(["interest", "fee"])]
    assert set(closing["at"].dt.strftime("%Y-%m-%d")) == {"1993-10-31", "1993-11-30"}
    fees, interest = closing[closing["purpose"] == "fee"], closing[closing["purpose"] == "interest"]
    assert (fees["amount"] == run.scenario.credit.monthly_fee).all()
    accounts = len(set(rows["payer_account"][rows["out"]]) | set(rows["payee_account"][rows["into"]]))
    assert len(fees) / 2 / accounts == pytest.approx(run.scenario.credit.fee_payers, abs=0.12)
    assert len(interest) / 2 / accounts > 0.8


def test_interest_is_a_twelfth_of_the_rate_on_the_balance(lived: Callable[[str], Run]) -> None:
    run = lived("czech_bank")
    rows = run.transactions(columns=["purpose", "amount", "payee_account", "payee_balance"]).to_pandas()
    current = run.table("accounts", ["account_id", "kind"]).to_pandas().query("kind == 'current'")["account_id"]
    rows = rows[(rows["purpose"] == "interest") & rows["payee_account"].isin(current)]
    rate = 12 * rows["amount"] / (rows["payee_balance"] - rows["amount"]).clip(lower=0.01)
    assert rate.median() == pytest.approx(run.scenario.credit.current_rate, rel=0.01)


def test_czech_shops_take_notes_alone(lived: Callable[[str], Run]) -> None:
    """Notes come from the counter of a branch on its days; what a purse cannot meet is drawn first."""
    rows = paid(lived("czech_bank"), None)
    bought = rows[rows["out"] & (rows["purpose"] == "purchase") & (rows["channel"] == "point_of_sale")]
    assert set(bought["method"]) == {"cash"}
    drawn = rows[rows["into"] & (rows["purpose"] == "withdrawal")]
    at_counter = drawn[drawn["channel"] == "branch"]
    assert len(at_counter) / len(drawn) > 0.9
    assert set(at_counter["method"]) == {"cash"} and (at_counter["at"].dt.day_of_week < 5).all()
    assert drawn["amount"].max() > 3 * drawn["amount"].median()
    cash_in = rows[rows["into"] & (rows["purpose"] == "deposit")]
    assert len(cash_in) > 50 and set(cash_in["channel"]) == {"branch"}


def test_czech_household_payments_are_standing_orders(lived: Callable[[str], Run]) -> None:
    rows = paid(lived("czech_bank"))
    household = rows[rows["out"] & (rows["purpose"] == "bill")]
    assert set(household["method"]) == {"batch_transfer"}
    assert (household["channel"] == "standing_order").mean() > 0.85
    assert not ((rows["method"] == "instant_transfer") & (rows["purpose"] == "allowance")).any()


def test_incomes_more_alike_keep_their_mean() -> None:
    def gini(incomes: np.ndarray) -> float:
        lorenz = np.append(0, np.cumsum(incomes)) / incomes.sum()
        return float(1 - (lorenz[1:] + lorenz[:-1]).mean())

    usual, alike = read_table("us_2012_14"), read_table("us_2012_14", 0.5)
    assert alike.mean_income == pytest.approx(usual.mean_income)
    even = (np.arange(1000) + 0.5) / 1000
    spreads = [gini(np.interp(even, table.quantile, table.income)) for table in (usual, alike)]
    assert spreads[0] == pytest.approx(0.48, abs=0.02) and spreads[1] < 0.3


def test_a_card_is_no_use_where_no_shop_takes_one(tmp_path: Path) -> None:
    """The dial alone, in the American hamlet: what was paid by card in person is paid in notes."""
    dials = {"population.customers": 100, "period.days": 8, "methods.cards": False, "cash.counter": 1.0}
    run_scenario(load_scenario("hamlet", dials), tmp_path / "run")
    rows = paid(open_run(tmp_path / "run"), None)
    in_person = rows[rows["out"] & (rows["purpose"] == "purchase") & (rows["channel"] == "point_of_sale")]
    assert set(in_person["method"]) == {"cash"} and len(in_person) > 300
    assert set(rows[rows["into"] & (rows["purpose"] == "withdrawal")]["channel"]) == {"branch"}


def test_larger_purchases_in_person_are_paid_from_the_account(tmp_path: Path) -> None:
    """The dial alone, in the American hamlet: at 1 all that is large enough, by transfer, and nothing that is smaller."""
    dials = {"population.customers": 100, "period.days": 8, "methods.account": 1.0, "methods.account_above": 60.0}
    run_scenario(load_scenario("hamlet", dials), tmp_path / "run")
    rows = paid(open_run(tmp_path / "run"), None)
    in_person = rows[rows["out"] & (rows["purpose"] == "purchase") & (rows["channel"] == "point_of_sale")]
    by_transfer = in_person["method"] == "instant_transfer"
    assert by_transfer.sum() > 50 and in_person["amount"][by_transfer].min() >= 60
    large = in_person["amount"][~by_transfer] >= 60
    # abroad, at institutions, and by a story that spends a stolen card, another method stays
    assert large.sum() < 0.1 * by_transfer.sum()
