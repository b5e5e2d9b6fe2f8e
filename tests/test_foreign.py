"""Foreign tables: what is known to give rivals' fraud away is found, under their own names."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from simulator.audit.foreign import read_mapping, read_table
from simulator.cli import app

PAYSIM = """\
timestamp: step
timestamp_unit: hours
method: type
amount: amount
payer_account: nameOrig
payee_account: nameDest
payer_balance_before: oldbalanceOrg
payer_balance: newbalanceOrig
payee_balance_before: oldbalanceDest
payee_balance: newbalanceDest
label: isFraud
ignore: [isFlaggedFraud]
"""
AMLWORLD = (
    "timestamp=Timestamp,payer_bank=From Bank,payee_bank=To Bank,payer_account=From Bank+Account,payee_account=To Bank+Account.1,"
    "amount=Amount Paid,currency=Payment Currency,credited_amount=Amount Received,credited_currency=Receiving Currency,"
    "method=Payment Format,label=Is Laundering"
)


def ledgerfolk(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def paysim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PaySim's columns and its marks: fraud takes the whole balance, and mules' names begin with CC."""
    folder = tmp_path_factory.mktemp("paysim")
    draw, rows = np.random.default_rng(1), 30_000
    fraud = draw.random(rows) < 0.01
    kind = np.where(fraud, draw.choice(["TRANSFER", "CASH_OUT"], rows), draw.choice(["PAYMENT", "CASH_IN", "CASH_OUT", "TRANSFER"], rows))
    old = np.round(draw.lognormal(9, 1, rows), 2)
    amount = np.where(fraud, old, np.round(old * draw.random(rows), 2))
    dest = np.round(draw.lognormal(9, 1, rows), 2)
    names = draw.integers(10**6, 10**6 + 4000, (2, rows)).astype(str)
    pd.DataFrame({
        "step": np.sort(draw.integers(1, 720, rows)), "type": kind, "amount": amount, "nameOrig": np.char.add("C", names[0]),
        "oldbalanceOrg": old, "newbalanceOrig": np.round(old - amount, 2),
        "nameDest": np.where(fraud, np.char.add("CC", names[1]), np.char.add("C", names[1])),
        "oldbalanceDest": dest, "newbalanceDest": np.where(fraud, dest, np.round(dest + amount, 2)),
        "isFraud": fraud.astype(int), "isFlaggedFraud": 0,
    }).to_csv(folder / "paysim.csv", index=False)  # fmt: skip
    (folder / "paysim.yaml").write_text(PAYSIM, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def amlworld(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AMLworld's columns, one name of them there twice, and its marks: one payment format, and a tail of guilty days."""
    file = tmp_path_factory.mktemp("amlworld") / "HI-Small.csv"
    draw, rows = np.random.default_rng(2), 30_000
    bad = draw.random(rows) < 0.02
    day = np.where(bad & (draw.random(rows) < 0.4), draw.integers(10, 16, rows), draw.integers(0, 10, rows))
    at = pd.Timestamp("2022-09-01") + pd.to_timedelta(day * 1440 + draw.integers(0, 1440, rows), unit="min")
    amount = np.round(draw.lognormal(6, 2, rows), 2)
    form = np.where(bad & (draw.random(rows) < 0.87), "ACH", draw.choice(["ACH", "Cheque", "Credit Card", "Wire", "Cash"], rows))
    lines = pd.DataFrame({
        "Timestamp": at.strftime("%Y/%m/%d %H:%M"), "From Bank": draw.integers(1, 40, rows), "a": draw.integers(0, 2000, rows),
        "To Bank": draw.integers(1, 40, rows), "b": draw.integers(0, 2000, rows), "Amount Received": amount,
        "Receiving Currency": "US Dollar", "Amount Paid": amount, "Payment Currency": "US Dollar", "Payment Format": form,
        "Is Laundering": bad.astype(int),
    }).rename(columns={"a": "Account", "b": "Account"})  # fmt: skip
    lines.to_csv(file, index=False)
    return file


def failed(*arguments: object) -> dict[str, Any]:
    result = ledgerfolk("audit", *arguments, "--json", "--only", "leaks")
    assert result.exit_code == 1, result.output
    return {one["check"]: one for one in json.loads(result.stdout)["leaks"] if not one["passed"]}


def test_paysim_takes_the_whole_balance(paysim: Path) -> None:
    found = failed("--table", paysim / "paysim.csv", "--columns", paysim / "paysim.yaml")
    assert {"whole_balance", "zero_balance", "payee_balance_jump", "words_of_guilty_rows_only"} <= set(found)
    assert "start of payee_account = 'CC'" in found["words_of_guilty_rows_only"]["example"]
    assert found["whole_balance"]["figure"] > 0.9
    assert "payer_balance_jump" not in found


def test_amlworld_has_one_format_and_a_tail(amlworld: Path) -> None:
    found = failed("--table", amlworld, "--columns", AMLWORLD)
    assert {"method_share", "tail_days"} <= set(found)
    assert "ACH" in found["method_share"]["example"]
    assert "account_attributes" not in found


def test_a_foreign_table_has_a_difficulty(paysim: Path) -> None:
    result = ledgerfolk("audit", "--table", paysim / "paysim.csv", "--columns", paysim / "paysim.yaml", "--json", "--only", "difficulty")
    said = json.loads(result.stdout)
    assert said["passed"]
    assert set(said) == {"passed", "difficulty"}
    assert set(said["difficulty"]["gradient_boosting_row"]) == {"auc", "average_precision", "card_precision_at_100"}


def test_it_prints_tables(paysim: Path) -> None:
    result = ledgerfolk("audit", "--table", paysim / "paysim.csv", "--columns", paysim / "paysim.yaml")
    assert result.exit_code == 1
    assert "whole_balance" in result.stdout
    assert "gradient_boosting_history" in result.stdout


def test_parquet_says_the_same_as_csv(paysim: Path, tmp_path: Path) -> None:
    mapping = read_mapping(str(paysim / "paysim.yaml"))
    pq.write_table(pa.Table.from_pandas(pd.read_csv(paysim / "paysim.csv")), tmp_path / "p.parquet")
    one, other = read_table(paysim / "paysim.csv", mapping), read_table(tmp_path / "p.parquet", mapping)
    assert one.names == other.names
    assert all(np.array_equal(one.column(name), other.column(name)) for name in one.names)
    assert np.array_equal(one.guilty, other.guilty)


def test_two_columns_are_one_key(amlworld: Path) -> None:
    sheet = read_table(amlworld, read_mapping(AMLWORLD))
    frame = pd.read_csv(amlworld)
    assert len(np.unique(sheet.column("payee_account"))) == len(frame[["To Bank", "Account.1"]].drop_duplicates())


def test_a_column_that_is_not_mapped_is_audited(tmp_path: Path) -> None:
    """finforge's score is made from the label, and its style is written for injected rows only."""
    draw, rows = np.random.default_rng(3), 8000
    fraud = draw.random(rows) < 0.03
    pd.DataFrame({
        "when": pd.date_range("2025-01-01", periods=rows, freq="5min"), "amount": draw.lognormal(3, 1, rows).round(2), "is_fraud": fraud,
        "risk_score": draw.random(rows) / 2 + fraud * 0.45, "spending_style": np.where(fraud, "injected", draw.choice(["a", "b"], rows)),
    }).to_csv(tmp_path / "f.csv", index=False)  # fmt: skip
    found = failed("--table", tmp_path / "f.csv", "--columns", "timestamp=when,amount=amount,label=is_fraud")
    assert {"column_precision", "words_of_guilty_rows_only", "value_lift"} <= set(found)
    assert "spending_style = 'injected'" in found["words_of_guilty_rows_only"]["example"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("timestamp=step", "'label'"),
        ("timestamp", "no such file"),
        ("label=isFraud,timestamp", "name=column"),
        ("label=isFraud,label=isFraud", "twice"),
        ("label=isFraud,amont=amount", "did you mean 'amount'"),
        ("label=isFroud", "did you mean 'isFraud'"),
        ("label=isFraud,timestamp=step", "timestamp_unit"),
        ("label=isFraud,timestamp=step,timestamp_unit=fortnights", "fortnights"),
        ("label=type", "column 'type', row 1"),
        ("label=isFraud,amount=type", "expected a number"),
        ("label=isFraud,timestamp=nameOrig", "expected a time"),
        ("label=isFraud,amount=amount+step", "expected one"),
        ("nowhere.yaml", "no such file"),
    ],
)
def test_a_bad_mapping_is_one_message(paysim: Path, text: str, said: str) -> None:
    result = ledgerfolk("audit", "--table", paysim / "paysim.csv", "--columns", text)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.stderr
    assert said in result.stderr


def test_a_bad_mapping_says_its_line(paysim: Path, tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("label: isFraud\ntimestamp: stop\n", encoding="utf-8")
    result = ledgerfolk("audit", "--table", paysim / "paysim.csv", "--columns", tmp_path / "map.yaml")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "map.yaml:2" in result.stderr
    (tmp_path / "map.yaml").write_text("label: isFraud\namount: {a: b}\n", encoding="utf-8")
    assert "map.yaml:2" in ledgerfolk("audit", "--table", paysim / "paysim.csv", "--columns", tmp_path / "map.yaml").stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [], ["--table", "x.csv"], ["--columns", "label=a"], ["run", "--table", "x.csv", "--columns", "label=a"], ["run", "--only", "leak"],
        ["run", "--blind", "3"], ["--table", "x.csv", "--columns", "label=a", "--only", "ledger"],
        ["--table", "x.csv", "--columns", "label=a"],
        ["--table", "x.csv", "--columns", "label=a", "--blind", "3", "--out", "b"], ["run", "--out", "b"],
    ],
)  # fmt: skip
def test_options_that_do_not_fit_are_one_message(arguments: list[str]) -> None:
    result = ledgerfolk("audit", *arguments)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.stderr


def test_the_page_shows_what_fails_first(paysim: Path, tmp_path: Path) -> None:
    page = tmp_path / "audit.html"
    result = ledgerfolk("audit", "--table", paysim / "paysim.csv", "--columns", paysim / "paysim.yaml", "--html", page)
    assert result.exit_code == 1
    text = page.read_text(encoding="utf-8")
    assert "Not every check passes" in text
    assert "gradient_boosting_history" in text
    assert "start of payee_account = &#39;CC&#39;" in text
    assert text.rindex(">fails<") < text.index(">ok<")


def test_a_page_that_cannot_be_written_is_one_message(paysim: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    given = ("--table", paysim / "paysim.csv", "--columns", paysim / "paysim.yaml", "--only", "leaks")
    result = ledgerfolk("audit", *given, "--html", tmp_path / "file" / "a.html")
    assert (result.exit_code, result.stderr.count("\n")) == (3, 1)


@pytest.mark.parametrize("content", ["", "a,b\n", "a,b\n1\n", "\x00\x01"])
def test_a_file_that_is_no_table_is_one_message(tmp_path: Path, content: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(content, encoding="utf-8")
    result = ledgerfolk("audit", "--table", file, "--columns", "label=b")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    file.rename(tmp_path / "t.parquet")
    result = ledgerfolk("audit", "--table", tmp_path / "t.parquet", "--columns", "label=b")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
