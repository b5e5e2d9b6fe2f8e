"""The audit of a run with stories: all its parts, its page, and the cases for an expert."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_up_crime import tell
from small_worlds import run
from typer.testing import CliRunner, Result

from simulator import open_run
from simulator.audit.blind import _apart
from simulator.audit.leaks import find_leaks
from simulator.audit.truth import column_of, sheet_of
from simulator.cli import app


def ledgerfolk(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, with stories that were picked by lot from what happened: nothing gives them away."""
    folder = tmp_path_factory.mktemp("told") / "run"
    run(folder, "towns")
    tell(folder)
    return folder


@pytest.fixture
def copied(told: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(told, tmp_path / "run"))


def change(folder: Path, table: str, column: str, rows: np.ndarray, value: object) -> None:
    """Change some rows of a column, wherever the files have them."""
    before = 0
    for file in sorted((folder / table).rglob("*.parquet")):
        found = pq.read_table(file, partitioning=None)
        mine = rows[(rows >= before) & (rows < before + len(found))] - before
        values = found.column(column).to_pandas().copy()
        values = values.astype(object) if isinstance(values.dtype, pd.CategoricalDtype) else values
        values.iloc[mine] = value
        place = found.column_names.index(column)
        field = found.schema.field(place)
        pq.write_table(found.set_column(place, field, pa.array(values.to_numpy()).cast(field.type)), file)
        before += len(found)


def test_a_run_whose_stories_are_as_its_rest_passes(told: Path) -> None:
    result = ledgerfolk("audit", told, "--json", "--only", "ledger,leaks")
    said = json.loads(result.stdout)
    assert [one for one in said["leaks"] if not one["passed"]] == []
    assert result.exit_code == 0
    assert set(said) == {"passed", "ledger", "leaks", "power"}
    assert len(said["leaks"]) > 40
    assert said["power"]["stories"] == 120
    assert said["power"]["independent"] == pytest.approx(120)
    assert 0.1 < said["power"]["least_gap"] < 0.2


def test_a_mark_in_the_files_is_found(copied: Path) -> None:
    guilty = np.flatnonzero(sheet_of(open_run(copied)).guilty)
    change(copied, "transactions", "amount", guilty, 9999.0)
    result = ledgerfolk("audit", copied, "--only", "leaks")
    assert result.exit_code == 1
    assert "repeated_amounts" in result.stdout
    assert "leaks" in result.stdout


def test_labels_without_rows_are_found(copied: Path) -> None:
    file = copied / "truth" / "labels.parquet"
    labels = pq.read_table(file)
    ids = labels.column("transaction_id").to_numpy().copy()
    ids[3] = 10**12
    pq.write_table(labels.set_column(0, labels.schema.field(0), pa.array(ids)), file)
    found = {one["check"]: one for one in find_leaks(sheet_of(open_run(copied)))}
    assert found["labels_without_a_row"]["figure"] == 1


def test_columns_are_as_the_run_has_them(told: Path) -> None:
    frame = open_run(told).transactions().to_pandas()
    for name in ("amount", "transaction_id", "method", "country", "timestamp", "payer_bank"):
        values, words = column_of(open_run(told), name)
        if words is not None:
            assert [words[code] for code in values] == frame[name].astype(str).tolist()
        elif name == "timestamp":
            assert np.array_equal(values, frame[name].dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64))
        else:
            assert np.array_equal(values, frame[name].to_numpy())


def test_guilty_and_lookalike_rows_are_kept_apart(told: Path) -> None:
    sheet = sheet_of(open_run(told))
    labels = open_run(told).true_labels().to_pandas()
    bad = labels["lookalike_of"].isna()
    assert set(np.flatnonzero(sheet.guilty)) == set(labels.loc[bad, "transaction_id"])
    assert set(np.flatnonzero(sheet.lookalike)) == set(labels.loc[~bad, "transaction_id"])


def test_the_page_shows_all_parts(told: Path, tmp_path: Path) -> None:
    page = tmp_path / "deep" / "audit.html"
    result = ledgerfolk("audit", told, "--only", "ledger,leaks,difficulty", "--html", page)
    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf-8")
    for word in ("repeated_amounts", "closing_balance", "How hard", "Every check passes"):
        assert word in text
    assert "http" not in text  # nothing is fetched
    assert str(page)[-10:] in result.stdout.replace("\n", "")


def test_a_run_without_stories_says_so(tmp_path: Path) -> None:
    run(tmp_path / "run", "five minutes")
    result = ledgerfolk("audit", tmp_path / "run")
    assert result.exit_code == 0
    assert "there are no guilty rows" in result.stdout
    assert "difficulty: not measured" in result.stdout


def test_blind_cases_have_no_truth(told: Path, tmp_path: Path) -> None:
    out = tmp_path / "cases"
    result = ledgerfolk("audit", told, "--blind", 20, "--out", out)
    assert result.exit_code == 0, result.output
    cases, key = pd.read_csv(out / "cases.csv"), pd.read_csv(out / "key.csv")
    assert sorted(file.name for file in out.iterdir()) == ["cases.csv", "cases.html", "key.csv"]
    assert len(key) == 40
    assert key["guilty"].sum() == 20
    assert set(cases["case"]) == set(key["case"])
    text = (out / "cases.html").read_text(encoding="utf-8") + (out / "cases.csv").read_text(encoding="utf-8")
    for word in ("fraud", "guilty\"", "mule", "story_id", "typology", "lookalike"):
        assert word not in text.lower()
    secret = set(map(str, key["account_id"]))
    assert not secret & set(cases.astype(str).to_numpy().ravel())
    assert 0.2 < key.sort_values("case")["guilty"].head(20).mean() < 0.8  # shuffled


def test_blind_cases_show_the_story(told: Path, tmp_path: Path) -> None:
    """Each case holds the payments of its story, seen from its account."""
    ledgerfolk("audit", told, "--blind", 5, "--out", tmp_path / "cases")
    cases, key = pd.read_csv(tmp_path / "cases" / "cases.csv"), pd.read_csv(tmp_path / "cases" / "key.csv")
    rows = open_run(told).transactions().to_pandas().set_index("transaction_id")
    labels = open_run(told).true_labels().to_pandas()
    for one in key.itertuples():
        mine = rows.loc[labels.loc[labels["story_id"] == one.story_id, "transaction_id"]]
        shown = cases[cases["case"] == one.case]
        assert len(shown) <= 60
        assert set(mine["timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S")) <= set(shown["timestamp"])
        assert set(mine["amount"]) <= set(shown["amount"])


def test_blind_cases_are_the_same_again(told: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        ledgerfolk("audit", told, "--blind", 5, "--out", tmp_path / name)
    for file in ("cases.csv", "cases.html", "key.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_blind_cases_need_stories_and_an_empty_folder(told: Path, tmp_path: Path) -> None:
    (tmp_path / "something").write_text("here", encoding="utf-8")
    result = ledgerfolk("audit", told, "--blind", 5, "--out", tmp_path)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    file = told / "truth" / "labels.parquet"
    copy = tmp_path / "run"
    shutil.copytree(told, copy)
    pq.write_table(pq.read_table(file).slice(0, 0), copy / "truth" / "labels.parquet")
    result = ledgerfolk("audit", copy, "--blind", 5, "--out", tmp_path / "out")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "0 guilty and 0 look-alike" in result.stderr
    assert not (tmp_path / "out").exists()


def test_what_is_shown_of_a_busy_account_is_nearest_to_the_story() -> None:
    times = np.arange(0, 1000, 10).astype("datetime64[s]")
    apart = _apart(times, times[[3, 90]])
    assert apart.astype(int)[[3, 4, 46, 90, 99]].tolist() == [0, 10, 430, 0, 90]
