"""Exports are the views, whole or not there at all."""

import csv
import errno
import json
import os
import shutil
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_banks import BANKS, START, Town
from typer.testing import CliRunner, Result

from simulator.cli import app
from simulator.errors import InputError
from simulator.export import csv as text
from simulator.export import parquet
from simulator.export.write import ABOUT_FILE, export_run, formats
from simulator.record.read import Run, open_run
from simulator.record.schema import TABLES

VIEWS = st.sampled_from(["all", "scheme=card", *(f"bank={bank}" for bank in range(BANKS))])
DATES = st.none() | st.integers(0, 80).map(lambda day: date.fromordinal(START.toordinal() + day))


def ledgerfolk(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return open_run(Town(2).write(tmp_path_factory.mktemp("town") / "run"))


def spelt(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.%fZ}"
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


@settings(max_examples=15)
@given(view=VIEWS, when=DATES, rows=st.sampled_from([7, 1 << 19]))
def test_exports_are_the_views(run: Run, view: str, when: date | None, rows: int) -> None:
    seen = run.view(view) if when is None else run.view(view).as_of(when)
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "ROWS", rows)
        abouts = [export_run(seen, to, Path(place) / to) for to in ("parquet", "csv")]
        for name in seen.tables:
            table = seen.table(name)
            assert [about["tables"][name] for about in abouts] == [len(table), len(table)]
            file = Path(place) / "parquet" / (TABLES[name].file if name in TABLES else "labels.parquet")
            files = sorted(file.rglob("*.parquet")) if file.is_dir() else [file]
            found = [row for part in files for row in pq.ParquetFile(part).read().to_pylist()]
            assert found == table.to_pylist()
            if file.is_dir() and files:
                assert ds.dataset(file).to_table().cast(table.schema).to_pylist() == table.to_pylist()
                assert [part.parent.name[6:] for part in files] == sorted({f"{row['timestamp']:%Y-%m}" for row in found})
            assert pq.read_schema(files[0]).equals(table.schema) if files else name == "transactions" or TABLES[name].partitioned
            with (Path(place) / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
                header, *cells = csv.reader(lines)
            assert header == table.column_names
            assert cells == [[spelt(value) for value in row.values()] for row in table.to_pylist()]
        kept = {path.relative_to(place).parts[1].split(".")[0] for path in Path(place).rglob("*") if path.parent != Path(place)}
        assert kept == {name.split("/")[0] for name in seen.tables} | {"README", "export"}


def test_no_word_of_other_banks_is_left_in_a_file(run: Run, tmp_path: Path) -> None:
    """Nor of the run itself: the key of the stand-ins is its digest, and its seed makes the same world again."""
    export_run(run.view("bank=1").as_of("2024-03-01"), "parquet", tmp_path / "out")
    content = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"currency 1 0" in content
    words = {row["occupation"] for row in run.customers().to_pylist()} - {
        row["occupation"] for row in run.view("bank=1").customers().to_pylist()
    }
    assert words and not any(word.encode() in content for word in words)
    assert run.manifest["digests"]["run"].encode() not in content and b"seed" not in content


def test_an_export_says_what_it_is_and_what_was_left_out(run: Run, tmp_path: Path) -> None:
    about = export_run(run.view("bank=1").as_of("2024-03-01"), "csv", tmp_path / "out")
    assert json.loads((tmp_path / "out" / ABOUT_FILE).read_text()) == about
    assert (about["format"], about["view"], about["as_of"]) == ("csv", "bank=1", "2024-03-01")
    assert "truth/labels" in about["left_out"]["tables"]
    assert about["left_out"]["columns_in_rows_of_others"]["merchants"] == ["bank", "account_id", "employees"]
    page = (tmp_path / "out" / "README.md").read_text()
    for said in ("View: `bank=1`. As of: 2024-03-01", "`truth/stories`", "`payer_balance`", "| `labels` |", "after 2024-03-01"):
        assert said in page
    export_run(run, "parquet", tmp_path / "all")
    assert "Nothing." in (tmp_path / "all" / "README.md").read_text()
    export_run(run.view("scheme=card"), "parquet", tmp_path / "scheme")
    assert "`transactions`: `payer_account`" in (tmp_path / "scheme" / "README.md").read_text()


def test_the_command_exports_a_view(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    result = ledgerfolk("export", run.path, "--to", "csv", "--out", out, "--view", "bank=1", "--as-of", "2024-03-01")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1), result.output
    rows = json.loads((out / ABOUT_FILE).read_text())["tables"]
    assert result.stdout == f"{out}: {len(rows)} tables, {sum(rows.values()):,} rows as csv, view bank=1 as of 2024-03-01\n"
    again = ledgerfolk("export", run.path, "--to", "parquet", "--out", out, "--force", "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["tables"] == {name: run.table(name).num_rows for name in TABLES}
    assert not list(out.glob("*.csv")) and [path.name for path in out.parent.iterdir()] == ["out"]


def test_the_formats_are_listed() -> None:
    assert list(formats()) == ["amlworld", "csv", "graphml", "parquet"]
    listed = json.loads(ledgerfolk("list", "formats", "--json").stdout)["formats"]
    assert [row["name"] for row in listed] == ["amlworld", "csv", "graphml", "parquet"] and all(row["about"] for row in listed)
    assert "parquet" in ledgerfolk("list", "formats").stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--to", "xlsx"), "--to: found 'xlsx', expected one of amlworld, csv, graphml, parquet"),
        (("--view", "bank=9"), "found 'bank=9', expected a bank of the run: 0, 1, 2"),
        (("--view", "banc=1"), "found 'banc=1', expected 'all'"),
        (("--as-of", "soon"), "found 'soon', expected a date such as"),
        (("--as-of", ""), "found '', expected a date such as"),
        (("--out", "{run}"), "found the run's own folder"),
        (("--out", "{run}/x"), "found the run's own folder"),
        (("--out", "{run}/.."), "found the run's own folder"),
        (("--out", "{full}"), "the folder is not empty; --force replaces"),
        (("--out", "{full}", "--force"), "holds no export, and is left alone"),
        (("--out", "{full}/thesis.tex"), "found a file, expected a folder"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(run: Run, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.tex").write_text("ten years of work")
    given = [argument.format(run=run.path, full=full) for argument in arguments]
    result = ledgerfolk("export", run.path, "--to", "csv", "--out", tmp_path / "out", *given)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1), result.output
    assert says in result.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["full", "thesis.tex"]


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        result = ledgerfolk("export", place, "--to", "csv", "--out", tmp_path / "out")
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
        assert "expected a run folder" in result.stderr


@pytest.mark.parametrize("trouble", [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), KeyboardInterrupt()])
@pytest.mark.parametrize("before", [False, True])
def test_an_export_that_fails_leaves_nothing_and_replaces_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException, before: bool
) -> None:
    out = tmp_path / "out"
    if before:
        export_run(run, "csv", out)
    kept = {path.name: path.read_bytes() for path in out.rglob("*.csv")}

    def fail(*arguments: Any) -> str:
        raise trouble

    monkeypatch.setattr(text, "_text", fail)
    result = ledgerfolk("export", run.path, "--to", "csv", "--out", out, "--force")
    assert (result.exit_code, result.stderr.count("\n"), "Traceback" in result.stderr) == (3, 1, False)
    assert [path.name for path in tmp_path.iterdir()] == (["out"] if before else [])
    assert {path.name: path.read_bytes() for path in out.rglob("*.csv")} == kept


def test_a_run_that_is_damaged_exports_nothing(run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(run.path, tmp_path / "run"))
    (folder / "cases.parquet").write_bytes(b"no parquet")
    with pytest.raises(InputError, match=r"cases\.parquet"):
        export_run(open_run(folder), "parquet", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_payment_file_that_is_damaged_inside_is_one_line(run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(run.path, tmp_path / "run"))
    part = open_run(folder).files("transactions")[-1]
    content = bytearray(part.read_bytes())
    content[100:4000] = bytes(3900)
    part.write_bytes(content)
    result = ledgerfolk("export", folder, "--to", "csv", "--out", tmp_path / "out")
    assert (result.exit_code, result.stderr.count("\n"), str(part) in result.stderr) == (2, 1, True), result.output
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
