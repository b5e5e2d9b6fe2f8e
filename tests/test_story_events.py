"""Acts that are events: an account is opened, a card ordered, a mule recruited, as it happens to everybody else."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator.audit.ledger import reconcile
from simulator.audit.stories import verify
from simulator.errors import InputError
from simulator.model import PaymentsModel
from simulator.record.read import Run, open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.story import Placement, Role
from simulator.scenario.tales import read_story
from simulator.stories.dice import Dice
from simulator.stories.sight import Sight

APPLIES = """\
# Somebody asks for a credit card. It comes by post. They use it, and order another.
name: applies
title: A card that was applied for
typology: X4
family: first_party
about: Somebody asks for a credit card. It comes by post and is used. Then another is ordered in its place, and nobody pays.
rate: {yearly: 3, source: assumption}
cast:
  applicant: {drawn: people, no_credit: true}
acts:
  - name: opened
    says: the applicant asks for a credit card
    hours: [9, 20]
    event: {kind: account_opened, who: applicant, device: own}
  - name: goods
    says: the applicant buys with it
    after: {between: [16 days, 20 days]}
    hours: [9, 20]
    stage: fraud
    times: 2
    gap: {between: [1 h, 2 h]}
    pay: {payer: applicant.credit_card, shop: [groceries, clothing], method: card, channel: online, purpose: purchase, amount: {median: 30}}
"""
RECRUITS = """\
# A crew asks a man for his account. He lets them have it. Money comes and is gone.
name: recruits
title: An account that is lent
typology: X5
family: mule
about: A crew asks a man for his account. He lets them have it, and takes part of what comes. Money comes and is gone again.
rate: {yearly: 1, source: assumption}
cast:
  friend: {drawn: people, available: 100}
  boss: {drawn: crew}
acts:
  - name: recruited
    says: the friend lets the crew have the account
    event: {kind: mule_recruited, who: friend}
  - name: tampered
    says: the friend orders another card
    event: {kind: card_ordered, who: friend}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("events")
    (folder / "applies.yaml").write_text(APPLIES)
    (folder / "recruits.yaml").write_text(RECRUITS)
    scenario = folder / "town.yaml"
    scenario.write_text(
        "extends: hamlet\nname: town\npopulation: {customers: 800}\nperiod: {start: 2024-03-03, days: 45}\n"
        "stories: {library: [applies.yaml, recruits.yaml]}\n"
    )
    return scenario


@pytest.fixture(scope="module")
def run(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("told") / "run"
    run_scenario(load_scenario(file), out)
    return open_run(out)


def _events(run: Run, kind: str) -> pd.DataFrame:
    events = run.events().to_pandas()
    return events[events["kind"].astype(str) == kind]


def test_an_account_is_opened_and_its_card_comes_and_pays(run: Run) -> None:
    labels = run.true_labels().to_pandas()
    labels = labels[labels["typology"].astype(str) == "X4"]
    rows = (
        run.transactions(["transaction_id", "payer_account", "status", "timestamp", "card_id"])
        .to_pandas()
        .merge(labels, on="transaction_id")
    )
    approved = rows[rows["status"].astype(str) == "approved"]
    assert len(approved) > 10 and len(approved) > 0.7 * len(rows)
    accounts = run.accounts().to_pandas().astype({"kind": str}).drop_duplicates("account_id").set_index("account_id")
    assert set(accounts.loc[rows["payer_account"], "kind"]) == {"credit_card"}
    opened = _events(run, "account_opened").set_index("account_id")["timestamp"]
    assert set(rows["payer_account"]) <= set(opened.index)
    days = (rows["timestamp"] - rows["payer_account"].map(opened)).dt.days
    assert days.between(15, 22).all()
    assert (accounts.loc[rows["payer_account"], "opened"].astype(str).to_numpy() >= "2024-03-03").all()
    for kind in ("card_ordered", "card_posted", "card_activated"):
        told = _events(run, kind)
        assert set(approved["card_id"]) <= set(told["card_id"]) | {-1}, kind


def test_the_books_and_the_verifier(run: Run) -> None:
    assert reconcile(run)["passed"]
    found = verify(run)
    assert found["passed"], [check for check in found["checks"] if not check["passed"]]


def test_any_sharding_and_a_stop_leave_it_as_it_is(file: Path, run: Run, tmp_path: Path) -> None:
    def stop(progress: Any) -> None:
        if progress.phase == "running" and progress.day == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_scenario(load_scenario(file), tmp_path / "run", progress=stop, checkpoint_seconds=0.0)
    assert run_scenario(load_scenario(file), tmp_path / "run", resume=True, shards=3)["digests"] == run.manifest["digests"]


def test_who_is_recruited_serves_the_crew_and_who_orders_a_card_gets_one(file: Path) -> None:
    model = PaymentsModel(load_scenario(file, {"period.days": 20}))
    for _ in range(20):
        model.step()
    told = [one for one in model.teller.ended if model.teller.library[one.typology].name == "recruits"]
    assert len(told) > 10
    for one in told:
        assert one.cast["friend"][0] // 5 in [mule[0] for mule in model.teller.crews[one.crew].mules]
    issued = model.world.equipment.debit_card
    ordered = [one.cast["friend"][0] // 5 for one in told if one.notes[-1][1] < (model.clock.start + 15) * 86_400_000_000]
    assert ordered and sum(int(issued[row]) > 0 for row in ordered) > 0.8 * len(ordered)


def test_firms_may_have_to_be_new() -> None:
    model = PaymentsModel("hamlet", customers=1500, days=3, **{"lives.close": 0.5})
    model.step()
    casting, firms = model.teller.casting, model.world.firms
    day, sight, found = model.clock.start + 1, Sight(model.world), {}
    for placed in (Placement.NEWCOMERS, Placement.EXISTING):
        rows = [casting.find(sight, day, Role(drawn="firms", placed=placed), Dice(1, story), 0, [], {}) for story in range(60)]
        found[placed] = [int(firms.opened[row - sight.people]) for row in rows if row >= 0]
    assert found[Placement.EXISTING] and max(found[Placement.EXISTING]) <= day - 365
    assert all(opened > day - 365 for opened in found[Placement.NEWCOMERS])


def test_who_plays_with_a_credit_card_has_one(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text(APPLIES.replace("no_credit: true", "no_credit: true, credit: true"))
    with pytest.raises(InputError, match=r"cast\.applicant\.no_credit: found True, expected false, for a role|no_credit: found true"):
        read_story(tmp_path / "story.yaml")
