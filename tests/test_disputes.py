"""Disputes are acts: reports and chargebacks follow from them, by the way of everybody's."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from test_stories import _change, _set

from simulator.audit.ledger import reconcile
from simulator.audit.stories import verify
from simulator.errors import InputError
from simulator.record.read import Run, open_run
from simulator.report.case import find_case
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.tales import read_story

STORY = """\
# A customer buys something remotely. Some weeks later they ask for the money. The bank hears of it.
name: asks_back
title: A purchase that is disputed
typology: X7
family: first_party
about: A customer buys something remotely. Some weeks later they ask for the money. The bank hears of it, and asks the shop.
rate: {yearly: 6, source: assumption}
cast:
  customer: {drawn: people, online: true}
acts:
  - name: bought
    says: the customer buys something
    hours: [8, 22]
    stage: fraud
    times: 2
    gap: {between: [1 h, 5 h]}
    pay: {payer: customer, shop: [online_marketplace, clothing], method: card, channel: online, purpose: purchase, amount: {median: 40}}
  - name: never_came
    says: the customer says that it never came
    after: {between: [5 days, 9 days]}
    dispute: {of: bought, reason: not_received}
"""
DENIED = STORY.replace("asks_back", "denies").replace("X7", "X8").replace("not_received", "not_mine")


@pytest.fixture(scope="module")
def scenario_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("disputes")
    (folder / "asks_back.yaml").write_text(STORY)
    (folder / "denies.yaml").write_text(DENIED)
    file = folder / "town.yaml"
    file.write_text(
        "extends: hamlet\nname: town\npopulation: {customers: 500}\nperiod: {days: 40}\nstories: {library: [asks_back.yaml, denies.yaml]}\n"
    )
    return file


@pytest.fixture(scope="module")
def folder(scenario_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("disputed") / "run"
    run_scenario(load_scenario(scenario_file), out)
    return out


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return open_run(folder)


def _reports(run: Run, typology: str) -> pd.DataFrame:
    labels = run.true_labels(["transaction_id", "story_id", "typology"]).to_pandas()
    labels = labels[labels["typology"].astype(str) == typology]
    return run.reports().to_pandas().merge(labels, on="transaction_id").astype({"kind": str, "reason": str})


def test_a_dispute_is_reported_and_charged_back(run: Run) -> None:
    reports = _reports(run, "X7")
    assert len(reports) > 20 and set(reports["kind"]) == {"chargeback"} and set(reports["reason"]) == {"non_delivery"}
    rows = run.transactions().to_pandas()
    back = rows[(rows["message"].astype(str) == "chargeback") & rows["related_transaction_id"].isin(reports["transaction_id"])]
    assert len(back) > 10 and not back["related_transaction_id"].duplicated().any()
    bought = rows.set_index("transaction_id").loc[back["related_transaction_id"]]
    assert (back["amount"].to_numpy() == bought["amount"].to_numpy()).all()
    assert (back["payee_account"].to_numpy() == bought["payer_account"].to_numpy()).all()
    for column in ("card_id", "merchant_id", "mcc", "channel", "method", "entry_mode"):
        assert (back[column].astype(str).to_numpy() == bought[column].astype(str).to_numpy()).all(), column
    assert (rows["message"].astype(str) == "representment").any()  # some shops answer
    opened = run.events().to_pandas()
    opened = opened[(opened["kind"].astype(str) == "dispute_opened") & (opened["detail"].astype(str) == "non_delivery")]
    assert set(reports["reported_at"]) <= set(opened["timestamp"])
    assert not run.true_labels().to_pandas()["transaction_id"].isin(back["transaction_id"]).any()


def test_what_a_customer_denies_is_reported_as_fraud(run: Run) -> None:
    reports = _reports(run, "X8")
    assert len(reports) > 20 and set(reports["kind"]) == {"victim"}
    assert (reports["reason"] == "card_absent_fraud").mean() > 0.8  # a few give a wrong reason


def test_the_books_the_verifier_and_the_text_know_of_it(run: Run) -> None:
    assert reconcile(run)["passed"]
    found = verify(run)
    assert found["passed"], [check for check in found["checks"] if not check["passed"]]
    reports = _reports(run, "X7")
    sums = reports.groupby("story_id")["amount"].sum()
    for story in sums.index[:5]:
        text = find_case(run, str(story))["text"]
        assert f"the customer says that it never came on {'20'}".lower() in text.lower() and "as not received" in text
        assert f": {sums[story]:,.2f} USD by " in text


@pytest.mark.parametrize(
    "change",
    [
        _set("reason", "duplicate", lambda f: f["kind"].astype(str) == "chargeback"),
        _set("reported_at", lambda was: was - pd.Timedelta("60D"), lambda f: f["kind"].astype(str) == "chargeback"),
        lambda f: f[f["kind"].astype(str) != "chargeback"],
    ],
)
def test_the_verifier_finds_disputes_that_were_corrupted(change: Any, run: Run, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "run")
    ours = set(_reports(run, "X7")["transaction_id"])
    _change(tmp_path / "run", "reports", lambda f: change(f[f["transaction_id"].isin(ours)]))
    failed = {one["check"] for one in verify(open_run(tmp_path / "run"))["checks"] if not one["passed"]}
    assert "disputes" in failed


def test_disputes_are_the_same_under_any_sharding_and_after_a_stop(scenario_file: Path, run: Run, tmp_path: Path) -> None:
    def stop(progress: Any) -> None:
        if progress.phase == "running" and progress.day == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_scenario(load_scenario(scenario_file), tmp_path / "run", progress=stop, checkpoint_seconds=0.0)
    again = run_scenario(load_scenario(scenario_file), tmp_path / "run", resume=True, shards=3)
    assert again["digests"] == run.manifest["digests"]


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ("of: bought", "of: bougth", r"dispute\.of: found 'bougth', expected an earlier act that buys by card \(bought\)"),
        ("reason: not_received", "reason: regret", r"dispute\.reason: found 'regret', expected"),
        ("reason: not_received}", "reason: not_mine}\ngates: {reported: 0.5}", r"gates\.reported: found 0\.5, expected 0, where"),
        ("    dispute:", "    event: {kind: login, who: customer}\n    dispute:", r"acts\.never_came\.(event|dispute): .*expected one of"),
    ],
)
def test_a_dispute_that_will_not_do_is_one_located_message(was: str, now: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "story.yaml"
    file.write_text(STORY.replace(was, now, 1))
    with pytest.raises(InputError, match=message):
        read_story(file)
