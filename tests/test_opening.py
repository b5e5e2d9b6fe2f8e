"""A bank that grows: accounts are opened during the run in notes, and begin slowly; what the dials say is what the statements show."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import PaymentsModel, open_run
from simulator.population.tables import build_tables
from simulator.record.read import Run
from simulator.run import run_scenario
from simulator.scenario import Opening
from simulator.scenario.file import load_scenario

SETTLES = 1.0
MONTH = 365.25 / 12


DEPOSIT = 5000


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Three months in which all accounts are opened, and settle within one."""
    changes = {"population.customers": 150, "period.days": 90, "lives.switch": 0, "stories.told": [], "cash.deposit": DEPOSIT,
               "opening.settles": SETTLES, "opening.settles_spread": 0}  # fmt: skip
    place = Path(tmp_path_factory.mktemp("opening")) / "run"
    run_scenario(load_scenario("_czech_bank", changes), place, shards=1, workers=1)
    return open_run(place)


@pytest.fixture(scope="module")
def statements(run: Run) -> pd.DataFrame:
    """What moved on customers' current accounts, with the day on which each was opened."""
    accounts = run.table("accounts").to_pandas()
    own = accounts[(accounts["kind"] == "current") & (accounts["owner_kind"] == "customer")].groupby("account_id")["valid_from"].min()
    columns = ["timestamp", "payer_account", "payee_account", "amount", "purpose", "method", "channel", "status"]
    paid = run.transactions(columns=columns).to_pandas()
    paid = paid[paid["status"] == "approved"].assign(day=lambda rows: rows["timestamp"].dt.tz_localize(None).dt.normalize())
    sides = [paid.assign(account=paid[side], out=side == "payer_account") for side in ("payer_account", "payee_account")]
    rows = pd.concat(sides).query("account in @own.index").sort_values("timestamp", kind="stable")
    opened = pd.to_datetime(rows["account"].map(own)).dt.normalize()
    found: pd.DataFrame = rows.assign(opened=opened, age=(rows["day"] - opened).dt.days)
    return found


def test_accounts_open_during_the_run_with_a_deposit(statements: pd.DataFrame) -> None:
    """Catches accounts that are used before they are opened, or that bring money by transfer."""
    assert statements["age"].min() >= 0
    first = statements.groupby("account").first()
    assert first["day"].nunique() > 20
    assert (first["purpose"] == "deposit").mean() > 0.9


def test_new_accounts_begin_slowly(statements: pd.DataFrame) -> None:
    """Catches orders and fees that do not wait, and a wait that never ends."""
    waits = statements[statements["out"] & ((statements["purpose"] == "fee") | (statements["channel"] == "standing_order"))]
    assert waits["age"].min() >= int(SETTLES * MONTH)
    assert len(waits) > 30


@pytest.mark.parametrize("purpose", ["allowance", "saving"])
def test_partners_share_notes_and_the_surplus_is_drawn(statements: pd.DataFrame, purpose: str) -> None:
    """Catches a dial at nothing that still moves money: partners who level what they have, surplus swept to savings."""
    assert not (statements["purpose"] == purpose).any()


def test_interest_is_for_whole_months(statements: pd.DataFrame) -> None:
    """Catches interest for the month in which an account was opened, and none at all."""
    interest = statements[~statements["out"] & (statements["purpose"] == "interest")]
    assert len(interest) > 30
    assert (interest["day"].dt.to_period("M") > interest["opened"].dt.to_period("M")).all()


def test_notes_are_banked_in_parts(statements: pd.DataFrame) -> None:
    """Catches wages that are banked at once though a deposit has a size."""
    later = statements[~statements["out"] & (statements["purpose"] == "deposit") & (statements["age"] > 0)]
    assert len(later) > 30
    assert later["amount"].max() < 3 * DEPOSIT
    assert later["amount"].median() > 0.5 * DEPOSIT


def test_nobody_transfers_tax_who_is_paid_without_it(statements: pd.DataFrame) -> None:
    """Catches traders with net takings who pay their tax a second time."""
    assert not (statements["purpose"] == "tax").any()


def test_who_has_no_reserve_yet_lives_on_notes_from_elsewhere(run: Run) -> None:
    """Catches a reserve that nobody puts by once the account has settled."""
    accounts = run.table("accounts").to_pandas()
    opened = pd.to_datetime(accounts[accounts["kind"] == "purse"].groupby("account_id")["valid_from"].min())
    unseen = run.unseen(["timestamp", "payee_account", "purpose"]).to_pandas()
    rows = unseen.query("purpose == 'closing' and payee_account in @opened.index")
    age = (rows["timestamp"].dt.tz_localize(None) - rows["payee_account"].map(opened)).dt.days
    assert (age > SETTLES * MONTH + 1).sum() > 10


def test_some_accounts_settle_soon_and_some_hardly_ever() -> None:
    """Catches a spread that moves the mean, or does nothing."""
    alike, apart = (build_tables(load_scenario("_czech_bank", {"opening.settles_spread": spread}), 100).settles for spread in (0, 0.9))
    assert len(np.unique(alike)) == 1
    assert np.quantile(apart, 0.1) < 0.5 * alike[0] < 2 * alike[0] < np.quantile(apart, 0.97)
    assert apart.mean() == pytest.approx(alike[0], rel=0.03)


def test_buffers_and_purses_may_be_the_same_for_all() -> None:
    """Catches flat buffers that still follow income, and purses that differ though no spread is left."""
    same = {"income.flat_buffers": 1, "income.buffer": 40000, "income.buffer_spread": 0, "cash.purse_spread": 0, "cash.elasticity": 0}
    people = PaymentsModel(load_scenario("_czech_bank", {"population.customers": 200} | same)).world.people[:200]
    assert (people.buffer == 40000 * 100).all()
    assert len(np.unique(people.purse)) == 1


def test_nobody_opens_later_unless_told() -> None:
    """Catches a default that changes every world."""
    assert Opening().model_dump() == {
        "during": 0.0, "within": 1.0, "idle": 0.0, "deposit": 0.0, "settles": 0.0, "reserve": 0.0, "settles_spread": 0.0,
    }  # fmt: skip
