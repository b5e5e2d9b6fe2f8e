"""`ledgerfolk stress`: its sums are those of the rows, its numbers the same however it is run, and what is wrong is said in one line."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator import PaymentsModel
from simulator.cli import app
from simulator.errors import InputError, MachineError
from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.expectations import METRICS, keys_of, names_of_groups
from simulator.scenario.file import dump_scenario, load_scenario
from simulator.scenario.shocks import UNITS
from simulator.stress import Stress, run_pairs
from simulator.stress.live import Lived, live
from simulator.stress.metrics import measured
from simulator.stress.page import _turns, called
from simulator.stress.pairs import LIVE
from simulator.workers import Job, carry_out

ROOT = Path(__file__).parents[1]
CRIME = {"population.customers": 400, "period.days": 12, "period.start": "2024-01-25"}
TINY: dict[str, Any] = {"population.customers": 60, "period.days": 20}
CASH = {"methods.cash": 0.7}
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}


@pytest.fixture(scope="module")
def crime(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lived]:
    """The same world as a run folder and as an observed run."""
    scenario = load_scenario("crime_wave", CRIME)
    folder = tmp_path_factory.mktemp("crime") / "run"
    run_scenario(scenario, folder)
    return folder, live(scenario)


@pytest.fixture(scope="module")
def rows(crime: tuple[Path, Lived]) -> pd.DataFrame:
    run = open_run(crime[0])
    tables = [run.table(name).to_pandas().assign(seen=name == "transactions") for name in ("transactions", "truth/unseen")]
    frame = pd.concat(tables, ignore_index=True)
    words = frame.select_dtypes("category").columns
    frame[words] = frame[words].astype(str)
    accounts = run.accounts().to_pandas().drop_duplicates("account_id").set_index("account_id")
    frame["by_person"] = frame["payer_account"].map(accounts["owner_kind"].astype(str)) == "customer"
    frame["day"] = (frame["timestamp"].dt.tz_localize(None) - pd.Timestamp(run.scenario.period.start)).dt.days
    return frame


def money(series: "pd.Series[float]") -> np.ndarray[Any, Any]:
    return np.rint(100 * series.to_numpy()).astype(np.int64)


def moved(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["status"] == "approved") & ~rows["message"].isin(["authorisation", "reversal"])]


def by_day(frame: pd.DataFrame, days: int) -> list[int]:
    return [int(count) for count in frame.groupby("day").size().reindex(range(days), fill_value=0)]


def test_payments_are_those_of_the_rows(crime: tuple[Path, Lived], rows: pd.DataFrame) -> None:
    parts, approved = crime[1].parts, moved(rows)
    home = approved[approved["currency"] == "USD"]
    assert crime[1].payments == len(rows)
    assert parts["payments", "all"].tolist() == by_day(approved, 12)
    for column in ("method", "channel", "purpose"):
        for word, mine in approved.groupby(column):
            assert parts["payments", f"{column}={word}"].tolist() == by_day(mine, 12), (column, word)
    assert parts["value", "purpose=salary"].sum() == money(home[home["purpose"] == "salary"]["amount"]).sum()
    assert parts["withdrawals", "all"].sum() == money(home[home["purpose"] == "withdrawal"]["amount"]).sum() > 0


def test_payments_are_told_by_the_payers_quartile_and_the_shop_paid(crime: tuple[Path, Lived], rows: pd.DataFrame) -> None:
    parts, run, approved = crime[1].parts, open_run(crime[0]), moved(rows)
    people = np.sum([parts["payments", f"quartile={quartile}"] for quartile in "1234"], axis=0)
    assert people.tolist() == by_day(approved[approved["by_person"]], 12)
    accounts = run.accounts().to_pandas().drop_duplicates("account_id").set_index("account_id")
    accounts = accounts[accounts["owner_kind"].astype(str) == "merchant"]["owner_id"]
    shops = run.merchants().to_pandas().drop_duplicates("merchant_id").set_index("merchant_id")["category"].astype(str)
    payee, payer = (approved[f"{side}_account"].map(accounts) for side in ("payee", "payer"))
    paid = approved.assign(category=payee.map(shops))[(payee != payer) & (approved["purpose"] != "payout")]
    for category in ("groceries", "furniture", "clothing"):
        mine = paid[paid["category"] == category]
        assert parts["payments", f"category={category}"].tolist() == by_day(mine, 12), category
        assert parts["value", f"category={category}"].sum() == money(mine["amount"]).sum() > 0
        assert parts["value", f"category={category}"].sum() >= parts["spending", f"category={category}"].sum()
    assert any((parts["payments", f"category={one}"] > parts["purchases", f"category={one}"]).any() for one in ("groceries", "furniture"))


def test_purchases_are_those_of_the_rows(crime: tuple[Path, Lived], rows: pd.DataFrame) -> None:
    parts, run = crime[1].parts, open_run(crime[0])
    bought = moved(rows)
    bought = bought[(bought["purpose"] == "purchase") & bought["by_person"]]
    assert parts["purchases", "all"].tolist() == by_day(bought, 12)
    shops = run.merchants().to_pandas().drop_duplicates("merchant_id").set_index("merchant_id")
    category = shops["category"].astype(str).where(shops["country"].astype(str) == "US", "other")
    bought = bought.assign(category=bought["merchant_id"].map(category))
    for word in ("groceries", "restaurants", "fuel", "online_marketplace"):
        mine = bought[bought["category"] == word]
        assert parts["spending", f"category={word}"].sum() == money(mine["amount"]).sum() > 0
        quartiles = [parts["spending", f"category={word},quartile={quartile}"] for quartile in "1234"]
        assert np.sum(quartiles, axis=0).tolist() == parts["spending", f"category={word}"].tolist()
    assert sum(parts["purchases", f"quartile={quartile}"].sum() for quartile in "1234") == len(bought)


def test_declines_are_those_of_the_rows(crime: tuple[Path, Lived], rows: pd.DataFrame) -> None:
    parts = crime[1].parts
    asked = rows[rows["seen"] & rows["message"].isin(["payment", "authorisation"])]
    assert parts["attempts", "all"].tolist() == by_day(asked, 12)
    for reason, mine in asked[asked["status"] == "declined"].groupby("decline_reason"):
        assert parts["declines", f"reason={reason}"].tolist() == by_day(mine, 12)


def test_books_are_those_of_the_folder(crime: tuple[Path, Lived]) -> None:
    parts, run = crime[1].parts, open_run(crime[0])
    daily = run.table("daily").to_pandas()
    daily = daily[daily["currency"].astype(str) == "USD"]
    for part, columns in (("deposits", ["deposits", "firm_deposits"]), ("liquid", ["deposits"]), ("card_debt", ["card_debt"]),
                          ("notes", ["notes"])):  # fmt: skip
        assert parts[part, "all"] == pytest.approx(money(daily[columns].sum(axis=1)), abs=1), part
    assert parts["customers", "all"].tolist() == daily["customers"].tolist()
    assert parts["income", "kind=wages"] == pytest.approx(money(daily["wages"]), abs=1)
    assert parts["income", "kind=pensions"] == pytest.approx(money(daily["pensions"]), abs=1)


def test_arrears_are_those_of_the_months_of_credit(crime: tuple[Path, Lived], rows: pd.DataFrame) -> None:
    """On the last day of January, the seventh of the run."""
    parts, run = crime[1].parts, open_run(crime[0])
    month = run.table("credit_months").to_pandas()
    month = month[month["month"].astype(str) == "2024-01-01"]
    owing = month[month["balance"] > 0]
    assert parts["owed", "all"][6] == money(owing["balance"]).sum() > 0
    assert parts["borrowers", "all"][6] == len(owing) > 100
    assert parts["delinquent", "all"][6] == (owing["days_past_due"] >= 30).sum()
    assert parts["owed", "all"].tolist() == (parts["owed", "product=card"] + parts["owed", "product=loan"]).tolist()
    charged = moved(rows)[moved(rows)["purpose"] == "charge_off"]
    assert parts["charge_offs", "all"].sum() == money(charged["amount"]).sum()


def test_fraud_is_that_of_the_labels(crime: tuple[Path, Lived], rows: pd.DataFrame) -> None:
    parts, run = crime[1].parts, open_run(crime[0])
    labels = run.true_labels().to_pandas()
    stories = run.stories().to_pandas().set_index("story_id")["family"].astype(str)
    fraud = labels[labels["is_fraud"]].assign(family=labels["story_id"].map(stories))
    fraud = fraud.merge(rows[rows["seen"]][["transaction_id", "status", "day"]], on="transaction_id")
    alerted = set(run.alerts()["transaction_id"].to_pylist())
    assert parts["fraud_attempts", "all"].tolist() == by_day(fraud, 12) and len(fraud) > 50
    for family, mine in fraud.groupby("family"):
        good = mine[mine["status"] == "approved"]
        assert parts["fraud_losses", f"family={family}"].sum() == money(good["amount_illicit"]).sum()
        assert parts["fraud_declined", f"family={family}"].sum() == len(mine) - len(good)
        assert parts["fraud_alerted", f"family={family}"].sum() == mine["transaction_id"].isin(alerted).sum()
    told = run.reports().to_pandas()
    guilty = set(fraud["transaction_id"])
    reported = told[told["transaction_id"].isin(guilty) & (told["kind"].astype(str) == "victim")]
    assert parts["fraud_reported", "all"].sum() >= len(reported) > 0


def test_every_metric_has_its_parts(crime: tuple[Path, Lived]) -> None:
    found = {metric for metric, _ in measured(crime[1].parts.keys())}
    assert {"spending", "saving_rate", "balance", "outflow", "decline_rate", "merchants", "closures", "detection", "fraud_rate"} <= found


def test_what_expectations_may_name_is_what_is_measured(crime: tuple[Path, Lived]) -> None:
    """Every group of the run, and nothing by which a metric is never told."""
    known = names_of_groups(load_scenario(crime[0] / "scenario.yaml"))
    keys: dict[str, set[str]] = {metric: set() for metric in METRICS}
    for metric, group in measured(crime[1].parts.keys()):
        for part in group.split(",") if group != "all" else ():
            assert part.partition("=")[2] in known[part.partition("=")[0]], (metric, group)
        keys[metric] |= {",".join(part.partition("=")[0] for part in group.split(","))} - {"all"}
    unmeasured = {"unemployed", "unemployment"}  # nobody loses a job here
    assert {metric for metric in keys if set(keys_of(metric)) != keys[metric]} == unmeasured


@pytest.fixture(scope="module")
def pairs() -> Stress:
    return run_pairs("hamlet", "hamlet", replicates=3, settings=TINY, changes=CASH, workers=1)


def test_the_same_in_processes_and_by_the_command(pairs: Stress, tmp_path: Path) -> None:
    """Plain Python in one process, and the command in two processes, give the same numbers."""
    options = ["--against", "hamlet", "--replicates", "3", "--workers", "2", "--quiet", "--out", str(tmp_path / "out")]
    settings = [word for path, value in TINY.items() for word in ("--set", f"{path}={value}")]
    done = CliRunner().invoke(app, ["stress", "hamlet", *options, *settings, "--change", "methods.cash=0.7"])
    assert done.exit_code == 0, done.output
    frame = pd.read_parquet(tmp_path / "out" / "effects.parquet")
    pd.testing.assert_frame_equal(frame.assign(date=frame["date"].astype(object)), pairs.effects, check_dtype=False)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["status"] == "complete" and summary["seeds"] == pairs.seeds
    assert len(pd.read_csv(tmp_path / "out" / "effects.csv")) == len(frame)
    assert not list((tmp_path / "out" / "runs").glob("*.unfinished")) and len(list((tmp_path / "out" / "runs").iterdir())) == 6


def test_batch_run_gives_the_same_baseline(pairs: Stress) -> None:
    parameters = {"scenario": ["hamlet"], "customers": [TINY["population.customers"]], "days": [TINY["period.days"]]}
    batch = mesa.batch_run(PaymentsModel, parameters, number_processes=1, rng=pairs.seeds, max_steps=20, data_collection_period=1,
                           display_progress=False)  # fmt: skip
    for seed, lived in zip(pairs.seeds, pairs.panel.baseline, strict=True):
        mine = pd.DataFrame([row for row in batch if row["rng"] == seed]).sort_values("Step")
        assert lived.parts["withdrawals", "all"] == pytest.approx(100 * mine["withdrawals"])
        assert lived.parts["income", "kind=wages"] == pytest.approx(100 * mine["wages"])
        assert lived.parts["notes", "all"] == pytest.approx(100 * mine["notes"])
        assert lived.parts["liquid", "all"] == pytest.approx(100 * mine["deposits"])


SHOCKED = """
extends: hamlet
name: shocked
economy: {layoffs: 2 %}
shocks:
  - {name: jobs, kind: unemployment, source: assumption, path: {2024-01-06: 30 %}}
  - {name: pay, kind: income, source: assumption, path: {2024-01-06: -0.2}}
  - {name: doors, kind: restriction, source: assumption, path: {2024-01-05: 0.6}}
  - {name: touch, kind: rule, source: assumption, start: 2024-01-04T00:00:00, set: {methods.contactless: 0}}
"""


def test_batch_run_gives_the_same_with_shocks(tmp_path: Path) -> None:
    """The command, plain Python and `mesa.batch_run` give the same world with its shocks, day by day."""
    file, settings = tmp_path / "shocked.yaml", {"population.customers": 60, "period.days": 14}
    file.write_text(SHOCKED, encoding="utf-8")
    found = run_pairs(file, replicates=2, settings=settings, workers=1)
    words = [word for path, value in settings.items() for word in ("--set", f"{path}={value}")]
    options = ["--replicates", "2", "--workers", "2", "--quiet", "--out", str(tmp_path / "out"), *words]
    assert CliRunner().invoke(app, ["stress", str(file), *options]).exit_code == 0
    frame = pd.read_parquet(tmp_path / "out" / "effects.parquet")
    pd.testing.assert_frame_equal(frame.assign(date=frame["date"].astype(object)), found.effects, check_dtype=False)
    whole = found.effects.query("period == 'run' and group == 'all'").set_index("metric")["effect"]
    assert whole["unemployment"] > 0.05 and whole["spending"] < 0 and whole["income"] < 0
    batch = mesa.batch_run(PaymentsModel, {"scenario": [str(file)], "customers": [60], "days": [14]}, number_processes=1, rng=found.seeds,
                           max_steps=14, data_collection_period=1, display_progress=False)  # fmt: skip
    for seed, lived in zip(found.seeds, found.panel.scenario, strict=True):
        mine = pd.DataFrame([row for row in batch if row["rng"] == seed]).sort_values("Step")
        for part, column in ((("withdrawals", "all"), "withdrawals"), (("income", "kind=wages"), "wages"), (("notes", "all"), "notes"),
                             (("liquid", "all"), "deposits")):  # fmt: skip
            assert lived.parts[part] == pytest.approx(100 * mine[column]), column
        assert lived.parts["purchases", "all"].sum() > 0 and len(mine) == 14


def test_groups_are_named_in_words() -> None:
    frame = pd.DataFrame([
        {"metric": "spending", "group": group, "trough": date(2024, 1, 9), "days_to_trough": 3, "effect": -1.0, "relative": -0.1,
         "days_to_recovery": None}
        for group in ("all", "quartile=1", "quartile=4", "category=fast_food")
    ])  # fmt: skip
    rows = _turns(SimpleNamespace(turns=frame))  # type: ignore[arg-type]
    assert [row["what"] for row in rows] == ["spending", "spending · lowest fourth", "spending · highest fourth", "spending · fast food"]
    assert called("quintile", "3") == "middle fifth" and called("method", "card") == "card"


def test_pairs_share_what_the_change_does_not_reach(pairs: Stress) -> None:
    """More cash at shops: nobody earns another cent in wages, and many more notes are drawn."""
    for one, two in zip(pairs.panel.baseline, pairs.panel.scenario, strict=True):
        assert one.parts["income", "kind=wages"].tolist() == two.parts["income", "kind=wages"].tolist()
        assert two.parts["withdrawals", "all"].sum() > one.parts["withdrawals", "all"].sum()
    whole = pairs.effects.query("period == 'run' and metric == 'purchases' and group == 'method=card'").iloc[0]
    assert whole["high"] < 0


def test_pairing_narrows_intervals(pairs: Stress) -> None:
    whole = pairs.effects.query("period == 'run' and group == 'all'").set_index("metric")
    apart, together = (whole[f"{kind}high"] - whole[f"{kind}low"] for kind in ("unpaired_", ""))
    assert (apart / together)["spending"] > 3


def test_the_same_world_twice_has_no_effect() -> None:
    found = run_pairs("hamlet", "hamlet", replicates=2, settings=TINY | {"period.days": 3}, workers=1)
    assert (found.effects["effect"].fillna(0) == 0).all() and not len(found.turns)


EXPECTING = """
extends: hamlet
name: cash_hamlet
methods: {cash: 0.7}
expect:
  - {name: notes_rise, metric: notes, sign: rises}
  - {name: cards_fall, metric: purchases, group: method=card, within: [-0.9, -0.1]}
  - {name: order, metric: purchases, order: [method=card, method=cash], since: 2024-01-03, until: 2024-01-05}
  - {name: level, metric: decline_rate, within: [0, 0.5], figure: scenario}
  - {name: later, metric: spending, sign: falls, since: 2031-01-05}
  - {name: untold, metric: fraud_losses, group: family=insider, sign: rises}
"""
SMALL = ["--customers", "150", "--days", "8", "--replicates", "3", "--workers", "1", "--against", "hamlet", "--quiet"]


def expecting(tmp_path: Path, more: str = "") -> str:
    file = tmp_path / "cash.yaml"
    file.write_text(EXPECTING + more, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(("more", "code"), [("", 0), ("  - {name: wrong, metric: notes, sign: falls}\n", 1)])
def test_expectations_are_judged(tmp_path: Path, more: str, code: int) -> None:
    done = CliRunner().invoke(app, ["stress", expecting(tmp_path, more), *SMALL, "--out", str(tmp_path / "out")])
    assert done.exit_code == code, done.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    verdicts = {one["name"]: one["verdict"] for one in summary["verdicts"]}
    assert verdicts.pop("later") == verdicts.pop("untold") == "not assessed" and verdicts.pop("wrong", "failed") == "failed"
    assert set(verdicts.values()) == {"met"} and summary["passed"] == (code == 0) and summary["status"] == "complete"


def test_the_report_stands_alone_and_shows_everything(tmp_path: Path) -> None:
    more = "variables:\n  - {name: Share prices <b>, treatment: ignored, by: nobody here owns any}\n"
    vary = ["--vary", "cash.purse=20:80", "--vary", "economy.benefit_weeks=13:26", "--grid", "2"]
    options = ["--decompose", "--change", "purchases_per_month=20", *vary]
    done = CliRunner().invoke(app, ["stress", expecting(tmp_path, more), *SMALL, *options, "--out", str(tmp_path / "out")])
    assert done.exit_code in (0, 1), done.output
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!#)', re.sub(r'xlink:href="#', "", page)) and "<script" not in page
    assert "Share prices &lt;b&gt;" in page and "Shock by shock" in page and "Which assumptions carry the result" in page
    assert "notes rise" in page and page.count("<svg") > 12 and not re.search(r"#01020[3-8]", page)
    apart = pd.read_parquet(tmp_path / "out" / "decomposition.parquet")
    assert set(apart["shock"]) == {"purchases_per_month", "together", "left over"}
    points = pd.read_parquet(tmp_path / "out" / "sensitivity_points.parquet")
    assert sorted(set(points["cash.purse"])) == [20, 80] and sorted(set(points["economy.benefit_weeks"])) == [13, 26]


def test_screening_runs_through_the_library() -> None:
    pytest.importorskip("SALib")
    found = run_pairs("hamlet", "hamlet", replicates=2, settings=TINY | {"period.days": 4}, changes={"methods.cash": 0.6}, workers=1,
                      vary=["purchases_per_month=10:60", "cash.purse=30:60"], trajectories=2)  # fmt: skip
    assert found.sensitivity is not None
    rows = found.sensitivity.query("metric == 'notes' and group == 'all' and result == 'effect'").set_index("path")
    assert rows.loc["purchases_per_month", "mu_star"] > 0 and len(rows) == 2


COLLAPSE = """
extends: hamlet
name: collapse
economy: {layoffs: 1 %}
shocks:
  - {name: no_jobs, kind: unemployment, source: assumption, path: {2024-01-06: 95 %}}
  - {name: no_income, kind: income, source: assumption, path: {2024-01-06: -1}}
  - {name: no_shops, kind: restriction, source: assumption, path: {2024-01-06: 1}}
"""


def test_a_world_that_collapses_ends_with_a_report(tmp_path: Path) -> None:
    """Against itself without its shocks, each of them alone on and alone off."""
    file = tmp_path / "collapse.yaml"
    file.write_text(COLLAPSE, encoding="utf-8")
    settings = {"population.customers": 60, "period.days": 14}
    found = run_pairs(file, replicates=2, settings=settings, decompose=True, workers=2, out=tmp_path / "out")
    assert found.baseline.name == "collapse_calm" and not found.baseline.shocks and len(found.scenario.shocks) == 3
    assert found.decomposition is not None
    shocks = {"no_jobs", "no_income", "no_shops"}
    assert set(found.decomposition["shock"]) == shocks | {"together", "left over"}
    days = found.effects.query("period == 'day' and group == 'all' and metric == 'spending'").set_index("date")["effect"]
    assert (days[: date(2024, 1, 5)] == 0).all() and (days[date(2024, 1, 9) :] < 0).all(), "before the first shock nothing differs"
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "Shock by shock" in page
    assert all(f"<td>{escape(UNITS[shock.kind])}</td>".replace("&#x27;", "&#39;") in page for shock in found.scenario.shocks)
    again = load_scenario(tmp_path / "out" / "scenario.yaml")
    assert again == found.scenario


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["nowhere"], "found 'nowhere', expected a file or one of"),
        (["hamlet", "--against", "high_stret"], "did you mean 'high_street'"),
        (["hamlet", "--against", "high_street"], "period.days: found 90, expected 30"),
        (["hamlet", "--against", "mobile_money", "--days", "5"], "period.start: found 2024-03-01, expected 2024-01-01"),
        (["hamlet", "--against", "crime_wave", "--days", "5"], "population.customers: found"),
        (["hamlet", "--replicates", "1"], "--replicates 1: found fewer than 2"),
        (["hamlet", "--replicates", "3", "--seed", "4", "--seed", "5"], "found 2 seeds, expected as many"),
        (["hamlet", "--seed", "4", "--seed", "4"], "expected different seeds"),
        (["hamlet", "--seed", "-4"], "--seed -4: expected 0 to"),
        (["hamlet", "--change", "methods.cahs=0.5"], "did you mean 'cash'"),
        (["hamlet", "--change", "methods.cash"], "--change methods.cash: found no path and value"),
        (["hamlet", "--vary", "methods.cahs=0.1:0.5"], "did you mean 'cash'"),
        (["hamlet", "--vary", "methods.cash=0.5:0.5"], "expected the lower bound first"),
        (["hamlet", "--vary", "methods.cash=0.5"], "expected path=low:high"),
        (["hamlet", "--vary", "methods.cash=0.1:1.5", "--grid", "2"], "methods.cash: found"),
        (["hamlet", "--vary", "methods.cash=0.1:0.5", "--vary", "methods.cash=0.1:0.6"], "found it twice"),
        (["hamlet", "--resume"], "holds no stress to go on with"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, options: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["stress", *options, "--out", str(tmp_path / "out")])
    assert done.exit_code == 2 and said in done.output, done.output
    assert len(done.output.strip().splitlines()) <= 2 and not (tmp_path / "out" / "effects.parquet").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{name: a, metric: spendig, sign: falls}", "a.metric: found 'spendig', expected one of"),
        ("{name: a, metric: spending, sign: sinks}", "expected one of rises, falls"),
        ("{name: a, metric: spending}", "expected one of `sign`, `within` and `order`"),
        ("{name: a, metric: spending, within: [2, 1]}", "expected two bounds, the lower first"),
        ("{name: a, metric: spending, group: category=grocery, sign: falls}", "did you mean 'groceries'"),
        ("{name: a, metric: spending, group: categry=groceries, sign: falls}", "did you mean 'category'"),
        ("{name: a, metric: spending, sign: falls, since: 2024-03-02, until: 2024-03-01}", "expected a date from 2024-03-02 on"),
        ("{name: notes_rise, metric: spending, sign: falls}", "found the name 'notes_rise' twice in one list"),
    ],
)
def test_wrong_expectations_are_located(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)) as error:
        load_scenario(expecting(tmp_path, f"  - {line}\n"))
    assert f"cash.yaml:{len(EXPECTING.splitlines()) + 1}" in str(error.value) and "\n" not in str(error.value)


def test_a_group_that_is_not_measured_is_refused(tmp_path: Path) -> None:
    line = "  - {name: strange, metric: spending, group: bucket=30, sign: falls}\n"
    done = CliRunner().invoke(app, ["stress", expecting(tmp_path, line), *SMALL, "--out", str(tmp_path / "out")])
    assert done.exit_code == 2 and "found 'bucket=30', expected all, or category=" in done.output and not (tmp_path / "out").exists()


def test_folders_in_use_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    for options, said in ((["--force"], "holds no stress, and is left alone"), ([], "the folder is not empty")):
        done = CliRunner().invoke(app, ["stress", "hamlet", *SMALL, *options, "--out", str(tmp_path)])
        assert done.exit_code == 2 and said in done.output
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_what_goes_wrong_in_a_worker_is_told(tmp_path: Path) -> None:
    """A world that is no scenario any more; a folder that cannot be written to; a worker that nobody listens to ends by itself."""
    world = tmp_path / "world.yaml"
    world.write_text(dump_scenario(load_scenario("hamlet", TINY | {"period.days": 400})), encoding="utf-8")
    jobs = [Job(f"run {seed}", LIVE, {"world": str(world), "seed": seed}, 400, tmp_path / "nowhere" / f"{seed}.parquet") for seed in (1, 2)]
    process = subprocess.Popen([sys.executable, "-c", "from simulator.workers import serve; serve()"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)  # fmt: skip
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdin.write(json.dumps(jobs[0]._asdict(), default=str) + "\n")
    process.stdin.flush()
    assert "day" in json.loads(process.stdout.readline())
    process.stdout.close()
    assert process.wait(timeout=60) == 1 and "Traceback" not in process.stderr.read()
    world.write_text("name: 3\n", encoding="utf-8")
    with pytest.raises(InputError, match="found 3, expected text"):
        carry_out(jobs, workers=2)
    world.write_text(dump_scenario(load_scenario("hamlet", TINY | {"period.days": 1})), encoding="utf-8")
    with pytest.raises(MachineError, match="No such file"):
        carry_out(jobs, workers=2)


def test_interrupted_and_taken_up_again(tmp_path: Path) -> None:
    """Ctrl-C ends with code 3, with no worker left and nothing that looks finished; what was finished is not run again."""
    folder = tmp_path / "out"
    options = ["stress", "hamlet", "--against", "hamlet", "--customers", "100", "--days", "20", "--replicates", "4", "--workers", "2"]
    command = [sys.executable, "-c", "from simulator.cli import main; main()", *options, "--change", "methods.cash=0.5", "--out"]
    process = subprocess.Popen([*command, str(folder)], env=ENVIRONMENT, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 240
    while not list(folder.glob("runs/*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3 and "interrupted" in said and "Traceback" not in said, said
    assert not (folder / "effects.parquet").exists() and not (folder / "report.html").exists()
    assert json.loads((folder / "summary.json").read_text("utf-8"))["status"] == "running"
    finished = {path.name: path.stat().st_mtime_ns for path in folder.glob("runs/*.parquet")}
    assert 0 < len(finished) < 8
    again = subprocess.run([*command, str(folder), "--resume"], env=ENVIRONMENT, capture_output=True, text=True, timeout=240)
    assert again.returncode == 0, again.stderr
    assert f"{len(finished)} kept from before" in again.stderr
    assert all((folder / "runs" / name).stat().st_mtime_ns == when for name, when in finished.items())
    assert json.loads((folder / "summary.json").read_text("utf-8"))["status"] == "complete"
    assert len(list(folder.glob("runs/*.parquet"))) == 8
