"""`ledgerfolk calibrate`: a small real fit, taken up again after a kill with nothing repeated, and what is wrong said in one line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli import app
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

ROOT = Path(__file__).parents[1]
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
COMMON = 'unit: share, population: adults, period: "2023", source: made up here, status: derived, tolerance: 3 points'
PACK = f"""\
name: small_pack
targets:
  - {{id: cash_in_person, what: share of purchases in cash, value: 0.4, role: fit, moment: cash_in_person, {COMMON}}}
  - {{id: remote_share, what: share of purchases made remotely, value: 0.15, role: fit, moment: remote_share, {COMMON}}}
  - {{id: revolver_share, what: cards charged interest, value: 0.5, role: hold-out, moment: revolver_share, {COMMON}}}
parameters:
  - {{name: cash, what: share meant to be paid in cash, paths: [methods.cash], low: 0.1, high: 0.6}}
  - {{name: remote, what: remote shares, paths: ['categories.*.online'], how: times, low: 0.4, high: 1.0}}
fit: {{customers: 100, days: 3, runs: 6, seeds: 2}}
"""


def written(folder: Path, text: str = PACK) -> str:
    (folder / "pack.yaml").write_text(text, encoding="utf-8")
    return str(folder / "pack.yaml")


def test_a_small_fit_killed_and_taken_up_again(tmp_path: Path) -> None:
    """Killed hard in the design; with --resume no finished run is lived again, and the result is that of a fit left alone."""
    out = tmp_path / "mine.yaml"
    options = ["calibrate", written(tmp_path), "--scenario", "hamlet", "--out", str(out), "--workers", "2", "--draws", "3"]
    command = [sys.executable, "-c", "from simulator.cli import main; main()", *options]
    process = subprocess.Popen(command, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 300
    while len(list(out.with_suffix(".runs").glob("?" * 32 + ".json"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 3 and "interrupted" in said and "Traceback" not in said, said
    assert not out.exists() and json.loads((out.with_suffix(".runs") / "fit.json").read_text())["status"] == "running"
    finished = {path: path.stat().st_mtime_ns for path in out.with_suffix(".runs").glob("?" * 32 + ".json")}
    refused = CliRunner().invoke(app, options)
    assert refused.exit_code == 2 and "--resume goes on with it" in refused.output
    done = subprocess.run([*command, "--resume", "--json"], env=ENVIRONMENT, capture_output=True, text=True, timeout=500)
    assert done.returncode in (0, 1), done.stderr
    assert len(finished) >= 3 and all(path.stat().st_mtime_ns == when for path, when in finished.items())
    report = json.loads(done.stdout)
    assert report == json.loads((tmp_path / "mine.report.json").read_text())
    assert done.returncode == (report["verdict"] == "FAIL")
    by_id = {one["id"]: one for one in report["targets"]}
    assert by_id["revolver_share"]["verdict"] == "not assessed" and by_id["revolver_share"]["achieved"] is None
    cash = next(one for one in report["parameters"] if one["path"] == "methods.cash")
    assert cash["identified"] and cash["low"] <= cash["estimate"] <= cash["high"] and abs(by_id["cash_in_person"]["achieved"] - 0.4) < 0.06
    assert report["runs"]["design"] == 40 and sum(report["runs"].values()) == len(json.loads(json.dumps(report["losses"]["loss"])))
    fitted = load_scenario(out)
    assert fitted.methods.cash == pytest.approx(cash["estimate"], rel=1e-4) and fitted.targets == load_scenario("hamlet").targets
    draws = sorted((tmp_path / "mine.draws").glob("draw_*.yaml"))
    assert len(draws) == 3 and len(json.loads((tmp_path / "mine.draws" / "ensemble.json").read_text())["draws"]) == 3
    one = load_scenario(draws[1], {"population.customers": 50, "period.days": 1})
    manifest = run_scenario(one, tmp_path / "run")
    assert manifest["lineage"]["calibration_draw"] == {"pack": "small_pack", "draw": 2}


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("cash_in_person, unit", "cash_in_hand, unit", "cash_in_person.moment: found 'cash_in_hand', expected one of"),
        ("paths: [methods.cash]", "paths: [methods.cahs]", "parameters.cash.paths: methods.cahs: found no such key"),
        ("low: 0.1, high: 0.6", "low: 0.1, high: 1.6", "parameters.cash.high: 1.6 is refused by the scenario"),
        ("low: 0.1, high: 0.6", "low: 0.7, high: 0.6", "cash.high: found 0.6, expected more than low (0.7)"),
        ("parameters:", "direct: []\nparameters: []\nignored:", "ignored: found no such key"),
        ("role: fit", "role: hold-out", "targets: found none to fit"),
        ("value: 0.4", "value: .nan", "value: found nan"),
        ("id: remote_share", "id: cash_in_person", "expected an id of its own"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    assert was in PACK
    pack = written(tmp_path, PACK.replace(was, becomes))
    done = CliRunner().invoke(app, ["calibrate", pack, "--scenario", "hamlet", "--out", str(tmp_path / "out.yaml")])
    assert done.exit_code == 2 and said in done.output and "Traceback" not in done.output, done.output
    assert not (tmp_path / "out.yaml").exists() and not (tmp_path / "out.runs").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "x.yaml"], "--scenario: found nothing"),
        (["--scenario", "hamlet"], "--out: found nothing"),
        (["--scenario", "hamlet", "--out", "x.txt"], "found the ending '.txt', expected .yaml"),
        (["--scenario", "hamlet", "--out", "no/x.yaml"], "found no folder no"),
        (["--scenario", "hamlet", "--out", "x.yaml", "--resume"], "found no runs of a fit"),
        (["--scenario", "hamlet", "--out", "x.yaml", "--resume", "--force"], "found both, expected one"),
        (["--scenario", "hamlt", "--out", "x.yaml"], "did you mean 'hamlet'"),
        (["--scenario", "hamlet", "--out", "x.yaml", "--sbi"], "the library 'sbi' is not installed"),
    ],
)
def test_options_that_make_no_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["calibrate", written(tmp_path), *options])
    assert done.exit_code == (3 if "sbi" in said else 2) and said in done.output, done.output


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mine")
    for options, said in ((["--force"], "is left alone"), ([], "found mine.yaml there already")):
        given = ["calibrate", written(tmp_path), "--scenario", "hamlet", "--out", str(tmp_path / "mine.yaml"), *options]
        done = CliRunner().invoke(app, given)
        assert done.exit_code == 2 and said in done.output
    assert (tmp_path / "mine.yaml").read_text() == "mine"


def test_a_library_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.commands.calibrate.find_spec", lambda name: None)
    done = CliRunner().invoke(app, ["calibrate", written(tmp_path, PACK), "--scenario", "hamlet", "--out", str(tmp_path / "out.yaml")])
    assert done.exit_code == 3 and "pip install 'ledgerfolk[calibrate]'" in done.output
