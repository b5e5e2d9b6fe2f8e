"""The audit: the books of a run kept once more from its files, and every kind of corruption found."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reconcile import closes
from small_worlds import run
from typer.testing import CliRunner, Result

from simulator import open_run
from simulator.audit.ledger import CHECKS, reconcile
from simulator.cli import app

Rows = dict[str, list[object]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with holds, returns, several banks and payments abroad."""
    folder = tmp_path_factory.mktemp("audited") / "run"
    run(folder, "towns", stories__intensity=0.0)
    return folder


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    """The run, to be corrupted."""
    return Path(shutil.copytree(whole, tmp_path / "run"))


def ledgerfolk(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def wrong(folder: Path) -> dict[str, int]:
    """The checks that fail, with what they count."""
    return {check["check"]: check["figure"] for check in reconcile(open_run(folder))["checks"] if not check["passed"]}


def edit(path: Path, change: Callable[[Rows], object]) -> None:
    """Change rows of a file, written as any other program would."""
    table = pq.read_table(path, partitioning=None)
    rows = table.to_pydict()
    change(rows)
    pq.write_table(pa.Table.from_pydict(rows, schema=table.schema), path)


def row(rows: Rows, **wanted: object) -> int:
    """The first row that has some values."""
    return next(i for i in range(len(rows["amount"])) if all(rows[name][i] == value for name, value in wanted.items()))


def plain(rows: Rows) -> int:
    """A transfer at home that settles later."""
    for i, (made, settled) in enumerate(zip(rows["timestamp"], rows["settled_at"], strict=True)):
        if rows["message"][i] == "payment" and rows["status"][i] == "approved" and made != settled and rows["country"][i] == "US":
            return i
    raise AssertionError("no such row")


@pytest.mark.parametrize("world", ["wallets", "five minutes", "far east"])
def test_it_agrees_with_the_tests_own_auditor(world: str, tmp_path: Path) -> None:
    """Two audits that share nothing but the files."""
    run(tmp_path / "run", world)
    assert closes(tmp_path / "run")
    assert wrong(tmp_path / "run") == {}


def test_a_whole_run_passes(whole: Path) -> None:
    result = ledgerfolk("audit", whole, "--json")
    said = json.loads(result.stdout)
    assert result.exit_code == 0
    assert said["passed"]
    assert [check["check"] for check in said["ledger"]["checks"]] == list(CHECKS)
    manifest = open_run(whole).manifest["rows"]
    assert said["ledger"]["payments"] == manifest["transactions"] + manifest["truth/unseen"]
    currencies = set(open_run(whole).transactions(["currency"])["currency"].to_pylist())
    assert len(currencies) > 1


def _amount(rows: Rows) -> None:
    rows["amount"][plain(rows)] += 0.01


def _fraction(rows: Rows) -> None:
    rows["payer_balance"][plain(rows)] += 0.001


def _stranger(rows: Rows) -> None:
    rows["payee_account"][plain(rows)] = 12345


def _currency(rows: Rows) -> None:
    rows["currency"][plain(rows)] = "EUR"


def _negative(rows: Rows) -> None:
    i = plain(rows)
    rows["amount"][i], rows["credited_amount"][i] = -rows["amount"][i], -rows["credited_amount"][i]


def _early(rows: Rows) -> None:
    i = plain(rows)
    rows["settled_at"][i] = rows["timestamp"][i] - (rows["settled_at"][i] - rows["timestamp"][i])


def _swapped(rows: Rows) -> None:
    i = len(rows["amount"]) // 2
    for column in rows.values():
        column[i], column[i + 1] = column[i + 1], column[i]


def _gone(rows: Rows) -> None:
    for column in rows.values():
        del column[plain(rows)]


def _balance(rows: Rows) -> None:
    rows["payee_balance"][len(rows["amount"]) // 2] += 1.0


def _part_released(rows: Rows) -> None:
    i = row(rows, message="capture")
    rows["related_transaction_id"][i] -= 1


def _declined(rows: Rows) -> None:
    rows["status"][plain(rows)] = "declined"


@pytest.mark.parametrize(
    ("corrupt", "found"),
    [
        (_amount, {"same_amount_in_same_currency": 1}),
        (_fraction, {"whole_minor_units": 1}),
        (_stranger, {"accounts_are_listed": 1}),
        (_currency, {"own_currency": 1}),
        (_negative, {"positive_amount": 1}),
        (_early, {"value_date": 1}),
        (_swapped, {"order": 2}),
        (_gone, {}),
        (_balance, {"payee_balance": 1}),
        (_part_released, {"holds": 1}),
        (_declined, {"value_date": 1}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_corrupted_payment_is_found(copied: Path, corrupt: Callable[[Rows], None], found: dict[str, int]) -> None:
    """One value of one row, as another program would write it: the check that is meant for it says so, and where."""
    edit(copied / "transactions" / "month=2024-01" / "part-000.parquet", corrupt)
    said = wrong(copied)
    assert said
    assert {name: said.get(name) for name in found} == found
    if corrupt in (_amount, _stranger, _negative, _gone, _declined):  # money is not where it was
        assert said["closing_balance"] >= 1
    result = ledgerfolk("audit", copied)
    assert result.exit_code == 1
    assert "does not close" in result.stdout
    assert "transaction " in result.stdout


@pytest.mark.parametrize("column", ["opening_balance", "closing_balance", "in_flight"])
def test_a_corrupted_balance_is_found(copied: Path, column: str) -> None:
    def corrupt(rows: Rows) -> None:
        rows[column][7] += 0.01

    edit(copied / "truth" / "balances.parquet", corrupt)
    said = wrong(copied)
    assert said["sum_of_money"] == 1
    assert said["in_flight" if column == "in_flight" else "closing_balance"] == 1


def test_unseen_rows_are_part_of_the_books(copied: Path) -> None:
    file = next((copied / "truth" / "unseen").rglob("*.parquet"))
    pq.write_table(pq.read_table(file, partitioning=None).slice(1), file)
    assert wrong(copied)["closing_balance"] == 2


def test_a_hold_ends_once(copied: Path) -> None:
    """Two captures of one authorisation."""

    def corrupt(rows: Rows) -> None:
        captures = [i for i, message in enumerate(rows["message"]) if message == "capture"]
        first, second = captures[:2]
        for name in ("related_transaction_id", "payer_account", "payee_account"):
            rows[name][second] = rows[name][first]

    edit(copied / "transactions" / "month=2024-01" / "part-000.parquet", corrupt)
    assert wrong(copied)["holds"] == 1


def test_batches_of_any_size_give_the_same_books(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of one moment may lie on two batches."""
    from simulator.audit import payments

    read = payments._read

    def crumbs(*arguments: object) -> object:
        for rows in read(*arguments):
            for first in range(0, len(rows.time), 997):
                yield rows.rows(slice(first, first + 997))

    monkeypatch.setattr(payments, "_read", crumbs)
    assert wrong(whole) == {}


def test_what_is_no_run_is_one_message(tmp_path: Path) -> None:
    result = ledgerfolk("audit", tmp_path)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_a_table_that_is_missing_is_one_message(copied: Path) -> None:
    (copied / "truth" / "balances.parquet").unlink()
    result = ledgerfolk("audit", copied)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "balances" in result.stderr
