"""A bank that grows: accounts are opened during the run in notes, and begin slowly; what the dials say is what the statements show."""

from pathlib import Path

import pandas as pd
import pytest

from simulator import open_run
from simulator.run import run_scenario
from simulator.scenario import Opening
from simulator.scenario.file import load_scenario

SETTLES = 1.0
MONTH = 365.25 / 12


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """What moved on customers' current accounts in three months, with the day on which each was opened."""
    changes = {"population.customers": 150, "period.days": 90, "opening.settles": SETTLES, "lives.switch": 0, "stories.told": []}
    place = Path(tmp_path_factory.mktemp("opening")) / "run"
    run_scenario(load_scenario("_czech_bank", changes), place, shards=1, workers=1)
    run = open_run(place)
    accounts = run.table("accounts").to_pandas()
    own = accounts[(accounts["kind"] == "current") & (accounts["owner_kind"] == "customer")].groupby("account_id")["valid_from"].min()
    columns = ["timestamp", "payer_account", "payee_account", "purpose", "method", "channel", "status"]
    paid = run.transactions(columns=columns).to_pandas()
    paid = paid[paid["status"] == "approved"].assign(day=lambda rows: rows["timestamp"].dt.tz_localize(None).dt.normalize())
    sides = [paid.assign(account=paid[side], out=side == "payer_account") for side in ("payer_account", "payee_account")]
    rows = pd.concat(sides).query("account in @own.index").sort_values("timestamp", kind="stable")
    return rows.assign(age=(rows["day"] - pd.to_datetime(rows["account"].map(own))).dt.days)


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


def test_nobody_opens_later_unless_told() -> None:
    """Catches a default that changes every world."""
    assert Opening().model_dump() == {"during": 0.0, "within": 1.0, "idle": 0.0, "deposit": 0.0, "settles": 0.0}
