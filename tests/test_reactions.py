"""What stories make of banks' reactions, and who is cast: branches after a block or an alert, weights alike for one and for all."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.audit.ledger import reconcile
from simulator.audit.stories import verify
from simulator.model import PaymentsModel
from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.story import Role, Stories
from simulator.stories.cast import firm_weight_of, firm_weights, lines_of, people_weights, weight_of
from simulator.stories.dice import Dice
from simulator.stories.evasion import Evasion
from simulator.stories.sight import Sight

ROLES = [
    Role(drawn="people"),
    Role(drawn="people", ages=[(16, 1.0), (30, 4.0), (65, 0.1)], incomes=[1, 2, 3, 4, 5]),
    Role(drawn="people", vulnerable=1.5, online=True, device=True),
    Role(drawn="people", credit=True, idle=True),
]

FIRM_ROLES = [
    Role(drawn="firms"),
    Role(drawn="firms", cash=True, small=True),
    Role(drawn="firms", categories=["groceries", "fashion"]),
    Role(drawn="institutions"),
    Role(drawn="institutions", trades=["casino", "charity", "broker"]),
]


def test_one_weight_is_that_of_all() -> None:
    """Who is cast by rejection is as likely as who is befallen by rate."""
    model = PaymentsModel("hamlet", customers=400, days=3)
    for _ in range(3):
        model.step()
    rows, sight = np.arange(len(model.world.people)), Sight(model.world)
    for role in ROLES:
        expected = people_weights(model.world, role, rows)
        assert [weight_of(sight, role, int(row)) for row in rows] == pytest.approx(expected.tolist())
        assert len(np.unique(expected)) > 1 or role is ROLES[0]
    firms, lines = np.arange(len(model.world.firms)), lines_of(model.settings)
    for role in FIRM_ROLES:
        expected = firm_weights(model.world, role, firms, lines)
        assert [firm_weight_of(sight, role, int(row), lines) for row in firms] == expected.tolist()
        assert 0 < np.count_nonzero(expected) < len(firms)


SCARED = """\
# A customer sends a large sum to a stranger. The bank may ask what it is for. Who is asked tells a friend, who pays a little.
name: scared
title: A first payment that is asked about
typology: X2
family: scam
about: A customer sends a large sum to a stranger. The bank may ask what it is for. Who is asked tells a friend, who pays a little.
rate: {yearly: 8, source: assumption}
cast:
  customer: {drawn: people, online: true, device: true, available: 1500}
  stranger: {drawn: people}
  friend: {drawn: people, near: customer, available: 50}
acts:
  - name: sends
    says: the customer sends a large sum
    hours: [9, 15]
    stage: fraud
    pay: {payer: customer, payee: stranger, amount: {between: [1200, 1400]}}
  - name: again
    says: the customer sends more
    after: {between: [90 min, 100 min]}
    stage: fraud
    blocked: helps
    pay: {payer: customer, payee: stranger, amount: {between: [20, 30]}}
  - name: helps
    says: a friend pays a little after the block
    after: {between: [1 h, 2 h]}
    stage: fraud
    when: {act: again, became: blocked}
    pay: {payer: friend, payee: stranger, amount: {between: [11, 12]}}
  - name: warned
    says: the friend pays once more where there was an alert
    after: {between: [1 h, 2 h]}
    stage: fraud
    when: {act: sends, became: alerted}
    pay: {payer: friend, payee: stranger, amount: {between: [11, 12]}}
gates: {reported: 0}
"""


def test_acts_may_follow_from_a_block_and_from_an_alert(tmp_path: Path) -> None:
    (tmp_path / "scared.yaml").write_text(SCARED)
    file = tmp_path / "town.yaml"
    file.write_text(
        "extends: hamlet\nname: town\npopulation: {customers: 800}\nperiod: {days: 12}\n"
        "stories: {library: [scared.yaml]}\ndefence: {alerts: true, first_payment: 1000, blocked: 0.5}\n"
    )
    run_scenario(load_scenario(file), tmp_path / "run")
    run = open_run(tmp_path / "run")
    labels = run.true_labels().to_pandas().merge(run.transactions(["transaction_id", "status"]).to_pandas(), on="transaction_id")
    labels["act"] = labels["act"].astype(str)
    alerted = set(run.alerts(["transaction_id"]).to_pandas()["transaction_id"])
    assert alerted
    refused = labels[(labels["act"] == "again") & (labels["status"] == "declined")]["story_id"]
    helped = set(labels[labels["act"] == "helps"]["story_id"])
    assert helped and helped <= set(refused)
    noticed = labels[(labels["act"] == "sends") & labels["transaction_id"].isin(alerted)]["story_id"]
    warned = set(labels[labels["act"] == "warned"]["story_id"])
    assert warned and warned <= set(noticed)
    assert set(labels["story_id"]) - warned - helped


def _launder(tmp_path: Path, **dials: float) -> pd.DataFrame:
    """Laundering in a small town: its approved rows, once the verifier and the ledger have found nothing."""
    changes = {
        "population.customers": 1500, "period.days": 60, "stories.library": ["crime", "mule", "structure", "placement"],
        "stories.intensity": 30, "defence.alerts": True, **{f"stories.{name}": value for name, value in dials.items()},
    }  # fmt: skip
    out = tmp_path / "-".join(["run", *dials])
    run_scenario(load_scenario("hamlet", changes), out)
    run = open_run(out)
    assert verify(run)["passed"] and reconcile(run)["passed"]
    rows = run.transactions(["transaction_id", "amount", "payer_account", "payee_account", "status"]).to_pandas()
    labels = run.true_labels(["transaction_id", "story_id", "act", "is_laundering"]).to_pandas().merge(rows, on="transaction_id")
    return labels[labels["is_laundering"] & (labels["status"] == "approved")]


def test_evasion_is_a_dial_of_any_story(tmp_path: Path) -> None:
    """Payments made as two keep their sum, and the verifier and the ledger find nothing."""
    plain, split = _launder(tmp_path), _launder(tmp_path, edits=0.2)
    of = ["story_id", "act", "payer_account", "payee_account"]
    assert split.groupby(of).size().mean() > 1.05 * plain.groupby(of).size().mean()


def test_who_knows_what_is_noticed_pays_less() -> None:
    """After 7 to 30 days, and then 80 to 95 % of the least amount that raised an alert."""
    evasion, known = Evasion(Stories(cautious=1.0), 5), [[100, 900_000]]
    evasion.learn(known, 77, 1, 0, 500_000, 200)
    [[_, _], [since, amount]] = known
    assert 207 <= since <= 230 and amount == 500_000
    dice = Dice(5, 77)
    assert evasion.lessened(known, 400_000, 300, dice, 1, 1) == 400_000
    assert all(400_000 <= evasion.lessened(known, 600_000, 300, dice, 1, turn) <= 475_000 for turn in range(50))
    assert evasion.lessened(known, 600_000, 206, dice, 1, 1) == 600_000
    Evasion(Stories(), 5).learn(known, 77, 1, 0, 1, 200)
    assert len(known) == 2
