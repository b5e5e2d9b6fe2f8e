"""A world with one story more differs from the same world without it only where that story reached."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator.record.read import Run, open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

OWN = ["timestamp", "payer_account", "payee_account", "amount", "method", "channel", "purpose", "message", "entry_mode", "authentication",
       "payee_check", "mcc", "merchant_id", "terminal_id", "country", "card_id", "device_id", "ip_id", "status", "decline_reason",
       "settled_at", "credited_amount", "payer_bank", "payee_bank", "currency", "credited_currency", "payer_balance"]  # fmt: skip
"""All columns but the ids that the recorder gives and the counterparty's balance."""


def _run(folder: Path, **changes: Any) -> Run:
    told: dict[str, Any] = {"stories.library": "[safe_account, mule_cash_out]", "stories.mix.safe_account": 7}
    told |= {"population.customers": 1200, "period.days": 25}
    scenario = load_scenario("hamlet", told | changes)
    run_scenario(scenario, folder)
    return open_run(folder)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    folder = tmp_path_factory.mktemp("worlds")
    quiet: dict[str, Any] = {"defence.alerts": False}
    return {
        "without": _run(folder / "without", **quiet, **{"stories.intensity": 0.0}),
        "with": _run(folder / "with", **quiet, **{"stories.intensity": 12.0}),
        "watched without": _run(folder / "watched_without", **{"stories.intensity": 0.0}),
        "watched with": _run(folder / "watched_with", **{"stories.intensity": 12.0}),
    }


def _rows(run: Run) -> pd.DataFrame:
    frame = run.transactions(columns=OWN).to_pandas()
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].astype(str)
    return frame


def _owners(run: Run) -> dict[int, int]:
    holders = run.holders(columns=["account_id", "customer_id", "role"]).to_pandas()
    primary = holders[holders["role"] == "primary"]
    return dict(zip(primary["account_id"].tolist(), primary["customer_id"].tolist(), strict=True))


def _difference(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Rows that only one of two worlds has."""
    both = one.merge(other, how="outer", on=OWN, indicator=True)
    return both[both["_merge"] != "both"]


def test_nothing_differs_before_the_first_act(worlds: dict[str, Run]) -> None:
    stories = worlds["with"].stories().to_pandas()
    assert 1 <= len(stories) <= 12
    first = stories["start"].min()
    without, with_ = _rows(worlds["without"]), _rows(worlds["with"])
    before, then = without[without["timestamp"] < first], with_[with_["timestamp"] < first]
    assert len(before) > 10_000
    pd.testing.assert_frame_equal(before, then)


@pytest.mark.parametrize("watched", ["", "watched "])
def test_only_whom_it_reached_differs(worlds: dict[str, Run], watched: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = worlds[f"{watched}with"]
    differs = _difference(_rows(worlds[f"{watched}without"]), _rows(run))
    owner = _owners(run)
    payer = differs["payer_account"].map(lambda account: owner.get(account, -account))
    payee = differs["payee_account"].map(lambda account: owner.get(account, -account))
    cast = {owner.get(player["account"], -player["account"]) for one in run.stories().to_pandas()["cast"] for player in one}
    changed = set(payer) - cast
    everyone = set(owner.values())
    with capsys.disabled():
        print(f"\n{watched or 'un'}{'' if watched else 'watched '}world: {len(changed & everyone)} of {len(everyone)} customers differ "
              f"beside a cast of {len(cast)}")  # fmt: skip
    # Whoever differs has been paid, or not paid, by somebody who differs, before.
    first = differs.groupby(payer)["timestamp"].min()
    reached = differs.groupby(payee)["timestamp"].min()
    purses = {one for one in changed if one < 0}
    unexplained = [one for one in changed - purses if one in everyone and not (one in reached.index and reached[one] <= first[one])]
    if not watched:
        assert not unexplained
    assert len(changed & everyone) < len(everyone) // 4
