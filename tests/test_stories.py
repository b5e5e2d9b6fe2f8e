"""The narrative engine: a story from one file, labels that are its orders, the same bits under any sharding, and bad files."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from simulator.audit.ledger import reconcile
from simulator.audit.stories import verify
from simulator.errors import InputError
from simulator.record.read import Run, open_run
from simulator.report.case import find_case, list_stories
from simulator.run import run_scenario
from simulator.scenario.file import dump_scenario, load_scenario
from simulator.scenario.tales import read_story

GUIDE = (Path(__file__).parent.parent / "scenarios" / "STORIES.md").read_text(encoding="utf-8")
LOAN = GUIDE.split("```yaml\n")[2].split("```")[0]
"""The whole story that the guide shows."""


@pytest.fixture(scope="module")
def scenario_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stories")
    (folder / "loan.yaml").write_text(LOAN)
    file = folder / "crime.yaml"
    file.write_text(
        "extends: hamlet\nname: crime\npopulation: {customers: 1500}\nperiod: {days: 16}\n"
        "stories: {library: [loan.yaml, safe_account, mule_cash_out], intensity: 100, mix: {never_paid_back: 0.01, safe_account: 7}}\n"
    )
    return file


@pytest.fixture(scope="module")
def folder(scenario_file: Path) -> Iterator[Path]:
    out = scenario_file.parent / "run"
    run_scenario(load_scenario(scenario_file), out, shards=1)
    yield out


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return open_run(folder)


def test_a_new_typology_is_one_file(run: Run) -> None:
    stories = run.stories().to_pandas()
    told = stories[stories["typology"] == "X1"]
    assert len(told) >= 10
    assert (told["outcome"] == "completed").sum() >= 5
    labels = run.true_labels().to_pandas()
    assert set(labels.loc[labels["typology"] == "X1", "act"]) == {"lends"}
    assert labels.loc[labels["typology"] == "X1", "is_fraud"].all()


def test_proceeds_flow_from_fraud_to_laundering(run: Run) -> None:
    stories = run.stories().to_pandas().set_index("story_id")
    children = stories[stories["typology"] == "L1"]
    assert len(children) >= 3
    for child in children.itertuples():
        parent = stories.loc[child.parent_story_id]
        assert parent["typology"] == "S7"
        assert parent["start"] < child.start
        assert child.cast[0]["account"] in {player["account"] for player in parent["cast"]}


def test_money_is_conserved_and_the_verifier_finds_nothing(run: Run) -> None:
    assert reconcile(run)["passed"]
    found = verify(run)
    assert found["passed"], [check for check in found["checks"] if not check["passed"]]
    assert found["labels"] > 50


def test_every_label_is_an_order_and_every_order_a_label(run: Run) -> None:
    # An approved fraud row credits an account of the cast, so that the sums per story are the stories' own.
    labels = run.true_labels().to_pandas()
    rows = run.transactions(columns=["transaction_id", "amount", "status"]).to_pandas()
    taken = labels.merge(rows, on="transaction_id")
    taken = taken[(taken["status"] == "approved") & taken["is_fraud"]].groupby("story_id")["amount"].sum()
    stories = run.stories().to_pandas().set_index("story_id")["amount_taken"]
    for story, amount in taken.items():
        assert stories[story] == pytest.approx(amount, abs=0.001)


@pytest.mark.parametrize("shards", [2, 7])
def test_any_sharding_tells_the_same_stories(scenario_file: Path, folder: Path, shards: int, tmp_path: Path) -> None:
    one = json.loads((folder / "manifest.json").read_text())["digests"]
    other = run_scenario(load_scenario(scenario_file), tmp_path / "run", shards=shards, workers=2)["digests"]
    assert other == one


def test_a_run_that_was_stopped_goes_on_with_its_stories(scenario_file: Path, folder: Path, tmp_path: Path) -> None:
    def stop(progress: Any) -> None:
        if progress.phase == "running" and progress.day == 9:
            raise KeyboardInterrupt

    scenario = load_scenario(scenario_file)
    with pytest.raises(KeyboardInterrupt):
        run_scenario(scenario, tmp_path / "run", progress=stop, checkpoint_seconds=0.0)
    resumed = run_scenario(scenario, tmp_path / "run", resume=True)
    assert resumed["digests"] == json.loads((folder / "manifest.json").read_text())["digests"]


def test_what_a_run_quotes_makes_the_same_run(folder: Path, tmp_path: Path) -> None:
    quoted = load_scenario(folder / "scenario.yaml")
    assert dump_scenario(quoted) == (folder / "scenario.yaml").read_text()
    again = run_scenario(quoted, tmp_path / "run")["digests"]
    assert again["run"] == json.loads((folder / "manifest.json").read_text())["digests"]["run"]


# ------------------------------------------------------------------ told in words


def test_every_sentence_of_ten_stories_is_true_to_the_rows(run: Run) -> None:
    stories = [one["story_id"] for one in list_stories(run) if one["rows"] > 0]
    chosen = np.random.default_rng(5).choice(stories, 10, replace=False)
    for story in chosen.tolist():
        _check_sentences(find_case(run, str(story)))


def _check_sentences(case: dict[str, Any]) -> None:
    payments = [line for line in case["timeline"] if line.get("amount") is not None]
    by_act: dict[str, list[dict[str, Any]]] = {}
    for line in payments:
        by_act.setdefault(line["act"], []).append(line)
    text = case["text"]
    for lines in by_act.values():
        approved = [line for line in lines if line["what"].endswith("approved")]
        total = sum(line["amount"] for line in approved)
        refused = len(lines) - len(approved)
        if approved:
            assert f"{total:,.2f} USD" in text
            assert f"from account {approved[0]['payer']} to account {approved[0]['payee']}" in text
            assert f"{approved[0]['when']:%Y-%m-%d at %H:%M}" in text
        if len(approved) > 1:
            assert f"{len(approved)} payments of {total:,.2f} USD" in text
            assert f"{approved[-1]['when']:%Y-%m-%d at %H:%M}" in text
            assert f"the first of {approved[0]['amount']:,.2f} USD" in text
        if refused:
            assert f"{refused} declined" in text
    said = sum(
        float(amount.replace(",", ""))
        for amount in re.findall(r"([\d,]+\.\d\d) USD in all|: ([\d,]+\.\d\d) USD on", text)
        for amount in amount
        if amount
    )
    assert said == pytest.approx(sum(line["amount"] for line in payments if line["what"].endswith("approved")), abs=0.01)
    told = [line for line in case["timeline"] if line["what"].startswith("report by victim")]
    assert (f"about {len(told)} payment" in text) == bool(told)


def test_a_story_that_is_not_there_is_one_line(run: Run) -> None:
    with pytest.raises(InputError, match=r"story: found 'S77', expected a story's id or one of .*S7, X1 \(did you mean 'S7'\?\)"):
        find_case(run, "S77")


# ------------------------------------------------------------------ the verifier can fail


def _change(folder: Path, name: str, change: Any) -> None:
    path = folder / f"{name}.parquet"
    table = pq.read_table(path)
    frame = table.to_pandas()
    frame = change(frame)
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False).cast(table.schema), path)


def _set(column: str, value: Any, where: Any = None) -> Any:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        rows = frame.index[:1] if where is None else frame.index[where(frame)][:1]
        assert len(rows)
        if isinstance(frame[column].dtype, pd.CategoricalDtype):
            frame[column] = frame[column].astype(object)
        frame.loc[rows, column] = value(frame.loc[rows[0], column]) if callable(value) else value
        return frame

    return change


CORRUPTIONS: dict[str, tuple[str, Any, str]] = {
    "a label of no payment": ("truth/labels", _set("transaction_id", 10**9), "rows_exist"),
    "a label of no story": ("truth/labels", _set("story_id", 7), "stories_exist"),
    "another typology": ("truth/labels", _set("typology", "S7", lambda f: f["typology"] == "X1"), "stories_exist"),
    "an act that no file has": ("truth/labels", _set("act", "dances"), "acts_declared"),
    "a flag turned round": ("truth/labels", _set("is_fraud", lambda was: not was), "flags"),
    "a row left out": ("truth/labels", lambda f: f.drop(f.index[(f["seq"] == 0) & (f["typology"] == "S7")][:1]), "sequence"),
    "an order turned round": ("truth/labels", _set("seq", 1, lambda f: f["seq"] == 0), "sequence"),
    "the wrong payment": (
        "truth/labels", _set("transaction_id", lambda was: was - 1, lambda f: f["act"] == "transfer"), "methods|amounts|roles|rows_exist",
    ),
    "a role of somebody else": ("truth/labels", _set("payee_role", "victim", lambda f: f["act"] == "transfer"), "roles"),
    "an illicit part above the amount": ("truth/labels", _set("amount_illicit", 1e7), "illicit"),
    "a sum that is not the rows'": ("truth/stories", _set("amount_taken", lambda was: was + 1), "taken"),
    "a parent that never paid": ("truth/stories", _set("parent_story_id", 9, lambda f: f["parent_story_id"] > 0), "parents"),
    "a beginning after the first row": ("truth/stories", _set("start", lambda was: was + pd.Timedelta("300D")), "times"),
    "a part left out": ("truth/accounts", lambda f: f.drop(f.index[:1]), "node_labels"),
}  # fmt: skip


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_the_verifier_finds_what_was_corrupted(name: str, folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "run"
    shutil.copytree(folder, copy)
    table, change, check = CORRUPTIONS[name]
    _change(copy, table, change)
    failed = {one["check"] for one in verify(open_run(copy))["checks"] if not one["passed"]}
    assert failed & set(check.split("|")), failed


# ------------------------------------------------------------------ files that will not do


BAD = {
    "an unknown role": (
        ("payee: neighbour, amount", "payee: stranger, amount"),
        r"loan\.yaml:\d+: acts\.lends\.pay\.payee: found 'stranger', expected a role",
    ),
    "pays from nobody": (("payer: friend, payee", "payee"), r"acts\.lends\.pay: found .*, expected a role under `payer` or `along`"),
    "a circle": (("    declined: abandoned\n", "    goto: asks\n"), r"acts\.lends\.goto: found 'asks', expected a later act, or `at_most`"),
    "an impossible delay": (
        ("{between: [5 min, 3 h]}", "{between: [3 h, 5 min]}"),
        r"acts\.lends\.after\.between: .*expected two durations, the shorter first",
    ),
    "a median above the most": (
        ("{between: [5 min, 3 h]}", "{median: 5 h, most: 1 h}"),
        r"acts\.lends\.after\.most: .*expected a duration of at least `median`",
    ),
    "a negative delay": (("{between: [5 min, 3 h]}", "{between: [-3 h, 5 min]}"), r"acts\.lends\.after\.between"),
    "a negative amount": (("between: [40, 400]", "between: [-40, 400]"), r"acts\.lends\.pay\.amount\.between\.0: found -40, expected"),
    "two rules for an amount": (
        ("between: [40, 400]", "between: [40, 400], median: 7"),
        r"acts\.lends\.pay\.amount: .*expected exactly one of",
    ),
    "an unknown key": (("near: friend", "beside: friend"), r"cast\.neighbour\.beside: found no such key, expected one of"),
    "an unknown method": (("hours: [8, 21]", "hours: [8, 21]\n    stage: theft"), r"acts\.asks\.stage: found 'theft', expected"),
    "hours turned round": (("hours: [8, 21]", "hours: [21, 8]"), r"acts\.asks\.hours: .*the earlier first"),
    "code": (("title: A loan", "title: !!python/object/apply:os.system [ls] #"), r"loan\.yaml:\d+"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_malformed_story_is_one_located_message(name: str, tmp_path: Path) -> None:
    (was, now), message = BAD[name]
    assert was in LOAN
    file = tmp_path / "loan.yaml"
    file.write_text(LOAN.replace(was, now, 1))
    with pytest.raises(InputError, match=message):
        read_story(file)


def test_a_scenario_says_where_in_the_story_file_it_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "loan.yaml").write_text(LOAN.replace("family: scam", "family: scams", 1))
    file = tmp_path / "crime.yaml"
    file.write_text("extends: hamlet\nname: crime\nstories: {library: [loan.yaml]}\n")
    with pytest.raises(InputError, match=r"loan\.yaml:5: stories\.told\.never_paid_back\.family: found 'scams', expected"):
        load_scenario(file)
    file.write_text("extends: hamlet\nname: crime\nstories: {library: [safe_acount]}\n")
    with pytest.raises(
        InputError, match=r"crime\.yaml:3: stories\.library\.0: found 'safe_acount', expected .*did you mean 'safe_account'"
    ):
        load_scenario(file)


# ------------------------------------------------------------------ the detector hook


class NoTransfers:
    """Refuses every transfer above an amount; counts what it was asked."""

    def __init__(self, above: float) -> None:
        self.above, self.asked = above, 0

    def score(self, batch: pa.RecordBatch) -> Any:
        self.asked += batch.num_rows
        transfer = pc.equal(batch["method"].cast(pa.string()), "instant_transfer")
        return pc.and_(transfer, pc.greater(batch["amount"], self.above)).cast(pa.float64())

    def dump(self) -> bytes:
        return str(self.asked).encode()

    def load(self, state: bytes) -> None:
        self.asked = int(state)


def test_a_detector_changes_the_world(scenario_file: Path, run: Run, tmp_path: Path) -> None:
    scenario = load_scenario(scenario_file, {"period.days": 8})
    digests = set()
    for shards in (1, 3):
        out = tmp_path / f"run{shards}"
        detector = NoTransfers(800)
        manifest = run_scenario(scenario, out, shards=shards, detector=detector, threshold=0.5)
        digests.add((manifest["digests"]["run"], manifest["lineage"]["detector"], detector.asked))
    assert len(digests) == 1
    columns = ["transaction_id", "method", "amount", "status", "decline_reason", "message", "payer_balance"]
    rows = open_run(out).transactions(columns=columns).to_pandas()
    large = rows[(rows["method"] == "instant_transfer") & (rows["amount"] > 800) & (rows["decline_reason"] == "suspected_fraud")]
    assert len(large) > 5
    assert (large["status"] == "declined").all()
    alerts = open_run(out).alerts().to_pandas()
    refused = alerts[alerts["rule"].astype(str) == "detector"]
    assert set(large["transaction_id"]) == set(refused["transaction_id"])  # each refusal is an alert, and waits for investigators
    assert (refused["score"] == 1.0).all() and not refused["transaction_id"].duplicated().any()
    assert (refused["disposition"].astype(str) != "open").any() and (refused["decided_at"] > refused["timestamp"]).any()
    assert (
        manifest["lineage"]["detector"].startswith("tests.test_stories.NoTransfers@0.5")
        or "NoTransfers@0.5" in manifest["lineage"]["detector"]
    )
    assert reconcile(open_run(out))["passed"]
