"""The AMLworld files say what the run says, to readers that know only IBM's."""

import csv
import json
import re
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_up_run import make_run
from made_up_stories import LOOKALIKES, TYPOLOGIES, story_run
from typer.testing import CliRunner

from simulator.cli import app
from simulator.codes import Method, words
from simulator.errors import InputError
from simulator.export.amlworld_words import FORMATS, PATTERNS, pattern
from simulator.export.write import export_run
from simulator.record.read import Run, open_run
from simulator.record.schema import TABLES

type Row = dict[str, Any]
HEADER = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,"
    "Payment Format,Is Laundering"
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return open_run(story_run(tmp_path_factory.mktemp("stories") / "run"))


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "out"
    export_run(run, "amlworld", out)
    return out


@pytest.fixture(scope="module")
def moved(run: Run) -> list[Row]:
    labels = {row["transaction_id"]: row for row in run.true_labels().to_pylist()}
    return [
        row | {"label": labels.get(row["transaction_id"], {"is_laundering": False})}
        for row in run.transactions().to_pylist()
        if row["status"] == "approved" and row["message"] not in ("authorisation", "reversal") and row["amount"] > 0
    ]


def test_the_payments_file_is_read_as_multi_gnn_reads_it(folder: Path, moved: list[Row]) -> None:
    """Names of accounts are bank and account put together, nodes are numbered as they come, times are counted from the first day."""
    file = folder / "ledgerfolk_Trans.csv"
    assert file.read_text().split("\n")[0] == HEADER
    raw = pd.read_csv(file, dtype={"From Bank": str, "To Bank": str, "Account": str, "Account.1": str})
    assert list(raw.columns) == [*HEADER.split(",")[:4], "Account.1", *HEADER.split(",")[5:]]
    assert len(raw) == len(moved)
    times = [datetime.strptime(text, "%Y/%m/%d %H:%M") for text in raw["Timestamp"]]
    assert times == [row["timestamp"].replace(second=0, microsecond=0, tzinfo=None) for row in moved]
    nodes: dict[str, int] = {}
    pairs = [
        (nodes.setdefault(one, len(nodes)), nodes.setdefault(other, len(nodes)))
        for one, other in zip(raw["From Bank"] + raw["Account"], raw["To Bank"] + raw["Account.1"], strict=True)
    ]
    accounts: dict[int, int] = {}
    assert pairs == [tuple(accounts.setdefault(row[end], len(accounts)) for end in ("payer_account", "payee_account")) for row in moved]
    assert raw["Amount Paid"].tolist() == [row["amount"] for row in moved]
    assert raw["Amount Received"].tolist() == [row["credited_amount"] for row in moved]
    currency = {"USD": "US Dollar", "EUR": "Euro"}
    assert raw["Payment Currency"].tolist() == [currency[row["currency"]] for row in moved]
    assert Counter(raw["Receiving Currency"]) == Counter(currency[row["credited_currency"]] for row in moved)
    formats = {"card": "Credit Card", "wallet": "Credit Card", "instant_transfer": "Wire", "direct_debit": "ACH", "cheque": "Cheque"}
    assert raw["Payment Format"].tolist() == [formats[row["method"]] for row in moved]
    assert raw["Is Laundering"].tolist() == [int(row["label"]["is_laundering"]) for row in moved]
    assert raw["Is Laundering"].sum() > 10 and (times[-1] - times[0]).days >= 3
    assert set(raw.loc[raw["Account.1"] == "999", "To Bank"]) == {"99999"} and set(raw["From Bank"]) <= {"00000", "00001", "00002", "99999"}


def test_patterns_are_blocks_of_the_same_lines(folder: Path, moved: list[Row]) -> None:
    lines = (folder / "ledgerfolk_Trans.csv").read_text().splitlines()[1:]
    text = (folder / "ledgerfolk_Patterns.txt").read_text()
    blocks = re.findall(r"BEGIN LAUNDERING ATTEMPT - ([A-Z-]+)\n(.*?)\nEND LAUNDERING ATTEMPT - \1\n\n", text, re.DOTALL)
    assert "".join(f"BEGIN LAUNDERING ATTEMPT - {kind}\n{rows}\nEND LAUNDERING ATTEMPT - {kind}\n\n" for kind, rows in blocks) == text
    shapes = ["FAN-OUT", "FAN-IN", "CYCLE", "FAN-OUT", None, None, "GATHER-SCATTER", None, "RANDOM"]
    expected: dict[int, list[str]] = defaultdict(list)
    for line, row in zip(lines, moved, strict=True):
        if row["label"]["is_laundering"] and shapes[row["label"]["story_id"]]:
            assert line.endswith(",1")
            expected[row["label"]["story_id"]].append(line)
    assert blocks == [(shapes[story], "\n".join(rows)) for story, rows in expected.items()]
    assert len(expected) >= 5 and not set(LOOKALIKES) & set(expected) and len(shapes) == len(TYPOLOGIES)
    lone = [row for row in moved if row["label"]["is_laundering"] and row["label"]["story_id"] not in expected]
    assert len(lone) + sum(map(len, expected.values())) == sum(line.endswith(",1") for line in lines)


def test_the_accounts_file_says_whose_they_are(run: Run, folder: Path) -> None:
    with (folder / "ledgerfolk_accounts.csv").open(newline="") as file:
        header, *cells = csv.reader(file)
    assert header == ["Bank Name", "Bank ID", "Account Number", "Entity ID", "Entity Name"]
    rows = {cell[2]: cell for cell in cells}
    assert len(rows) == len(cells) == len({row["account_id"] for row in run.accounts().to_pylist()})
    assert rows["10"] == ["bank 1", "00001", "10", "customer-10", "Person #10"]
    assert rows["9"] == ["bank 0", "00000", "9", "customer-9", "Business #9"]
    assert rows["1003"] == ["bank 1", "00001", "1003", "merchant-3", "Merchant #3"]
    assert rows["999"] == ["No bank", "99999", "999", "outside", "Outside"]


def test_every_method_and_typology_has_its_word() -> None:
    assert set(FORMATS) == set(words(Method))
    assert set(FORMATS.values()) == {"Wire", "Cheque", "Credit Card", "Cash", "ACH", "Bitcoin", "Reinvestment"}
    assert [pattern(name) for name in ("L05", "L05_stack", "stack", "gather scatter", "L050", "L09", "F06", "")] == [
        "STACK", "STACK", "STACK", "GATHER-SCATTER", None, None, None, None,
    ]  # fmt: skip
    assert len(set(PATTERNS.values())) == 8


def test_a_run_without_stories_has_no_patterns(tmp_path: Path) -> None:
    about = export_run(open_run(make_run(tmp_path / "run", rows=50, days=3)), "amlworld", tmp_path / "out")
    assert about["tables"]["ledgerfolk_Patterns.txt"] == 0 and (tmp_path / "out" / "ledgerfolk_Patterns.txt").read_text() == ""
    raw = pd.read_csv(tmp_path / "out" / "ledgerfolk_Trans.csv")
    assert len(raw) == about["tables"]["ledgerfolk_Trans.csv"] > 30 and raw["Is Laundering"].sum() == 0
    assert (tmp_path / "out" / "ledgerfolk_accounts.csv").read_text().count("\n") == 1


def test_as_of_a_day_nothing_later_is_known(run: Run, moved: list[Row], tmp_path: Path) -> None:
    about = export_run(run.as_of("2024-02-10"), "amlworld", tmp_path / "out")
    known = [row for row in moved if f"{row['timestamp']:%Y-%m-%d}" <= "2024-02-10"]
    raw = pd.read_csv(tmp_path / "out" / "ledgerfolk_Trans.csv")
    assert about["tables"]["ledgerfolk_Trans.csv"] == len(raw) == len(known)
    assert raw["Is Laundering"].sum() == sum(row["label"]["is_laundering"] for row in known)
    assert max(raw["Timestamp"]) < "2024/02/11"


def test_a_bank_has_no_truth_to_export(run: Run, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["export", str(run.path), "--to", "amlworld", "--out", str(tmp_path / "out"), "--view", "bank=1"])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "--to amlworld: found the view 'bank=1', expected 'all'" in result.stderr and not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="expected 'all'"):
        export_run(run.view("scheme=card"), "amlworld", tmp_path / "out")


def test_the_page_says_what_the_format_leaves_out(folder: Path) -> None:
    page = (folder / "README.md").read_text()
    assert "declined ones, holds" in page and "Nothing." not in page
    assert json.loads((folder / "export.json").read_text())["notes"]


def test_truth_is_readable_in_csv(run: Run, tmp_path: Path) -> None:
    """Lists and structs are JSON."""
    export_run(run, "csv", tmp_path / "out")
    stories = pd.read_csv(tmp_path / "out" / "truth" / "stories.csv")
    assert [json.loads(text) for text in stories["cast"]] == run.stories()["cast"].to_pylist()
    assert stories["text"].tolist() == run.stories()["text"].to_pylist() and stories["text"][0] == 'Story 0, "so, so".'
    for name in TABLES:
        with (tmp_path / "out" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            assert next(csv.reader(file)) == TABLES[name].names
