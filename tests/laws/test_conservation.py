"""Law 1: money is conserved, shown from the files of a run and nothing else; and nothing is ever topped up."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from small_worlds import Books, books, minor, run, scenario

from simulator import PaymentsModel, open_run
from simulator.record.read import Run

WORLDS = ("hamlet", "towns", "wallets")


@pytest.fixture(scope="module", params=WORLDS)
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A world that has been run into a folder."""
    folder = tmp_path_factory.mktemp(request.param) / "run"
    run(folder, request.param, shards=2)
    return open_run(folder)


@pytest.fixture(scope="module")
def payments(lived: Run) -> Books:
    """Its payments in minor units."""
    return books(lived.path)


@pytest.fixture(scope="module")
def both(lived: Run) -> list[pa.Table]:
    """Its payments, seen and unseen, as they are on disk."""
    return [lived.transactions(), lived.unseen()]


def opening(run: Run) -> dict[int, int]:
    """Opening balance of every account, minor units."""
    balances = run.balances()
    return dict(zip(balances["account_id"].to_pylist(), minor(balances["opening_balance"]).tolist(), strict=True))


def closing(run: Run) -> dict[int, int]:
    """Closing balance and what is in flight, minor units."""
    balances = run.balances()
    total = minor(balances["closing_balance"]) + minor(balances["in_flight"])
    return dict(zip(balances["account_id"].to_pylist(), total.tolist(), strict=True))


def settled(start: dict[int, int], payments: Books) -> dict[int, int]:
    """Balances after every approved payment: opening + settled in - out."""
    book = dict(start)
    moved = payments.approved
    for payer, payee, amount in zip(payments.payer[moved].tolist(), payments.payee[moved].tolist(), payments.amount[moved].tolist(), strict=True):
        book[payer] -= amount  # a KeyError is an account that the balances do not list
        book[payee] += amount
    return book


def test_opening_and_payments_make_the_closing_balance_of_every_account(lived: Run, payments: Books) -> None:
    assert payments.approved.sum() > 500
    assert settled(opening(lived), payments) == closing(lived)


def test_sums_are_equal_per_currency(lived: Run) -> None:
    balances = lived.balances()
    for currency in balances["currency"].unique().to_pylist():
        mine = balances.filter(pa.compute.equal(balances["currency"], currency))
        after = minor(mine["closing_balance"]).sum() + minor(mine["in_flight"]).sum()
        assert minor(mine["opening_balance"]).sum() == after


def test_every_account_is_listed_once(lived: Run) -> None:
    """Purses, tills, banks and the boundary included: what the banks see is a part of it."""
    ids = lived.balances()["account_id"].to_pylist()
    assert len(set(ids)) == len(ids)
    assert set(lived.accounts()["account_id"].to_pylist()) <= set(ids)


def test_balances_follow_in_row_order(lived: Run, payments: Books) -> None:
    """Each row shows the book balances of both sides just after it."""
    book = opening(lived)
    for row, (payer, payee, amount) in enumerate(zip(payments.payer.tolist(), payments.payee.tolist(), payments.amount.tolist(), strict=True)):
        if payments.approved[row]:
            book[payer] -= amount
            book[payee] += amount
        assert book[payer] == payments.payer_balance[row]
        assert book[payee] == payments.payee_balance[row]


def test_money_between_the_two_sides_is_the_same(both: list[pa.Table]) -> None:
    for table in both:
        assert table["amount"].equals(table["credited_amount"])
        assert table["currency"].to_pylist() == table["credited_currency"].to_pylist()
        assert (table["payer_account"].to_numpy() != table["payee_account"].to_numpy()).all()
        assert (minor(table["amount"]) > 0).all()


def test_ids_are_dense_and_time_never_runs_back(lived: Run, both: list[pa.Table]) -> None:
    start = np.datetime64(lived.scenario.period.start, "us")
    for table in both:
        assert table["transaction_id"].to_pylist() == list(range(len(table)))
        time = table["timestamp"].to_numpy()
        assert (np.diff(time) >= np.timedelta64(0)).all()
        assert start <= time[0] and time[-1] < start + np.timedelta64(lived.scenario.period.days, "D")
        assert (table["settled_at"].to_numpy() >= time).all()


def test_a_part_holds_the_days_of_its_month(lived: Run) -> None:
    for name in ("transactions", "truth/unseen"):
        for file in lived.files(name):
            months = pa.parquet.read_table(file, columns=["timestamp"])["timestamp"].to_numpy().astype("datetime64[M]")
            assert {f"month={month}" for month in np.unique(months)} == {file.parent.name}


def test_related_rows_stand_before_what_relates_to_them(both: list[pa.Table]) -> None:
    """Refunds, retries and bills presented again name an earlier transaction, and the right one."""
    seen = both[0]
    columns = {name: np.array(seen[name].to_pylist()) for name in ("status", "message", "purpose", "payer_account", "payee_account", "decline_reason")}
    times, amounts = seen["timestamp"].to_numpy(), minor(seen["amount"])
    for table in both:
        related = table["related_transaction_id"].to_numpy()
        rows = np.flatnonzero(related >= 0)
        assert (related >= -1).all() and (related < len(seen)).all()
        origin = related[rows]
        assert (times[origin] < table["timestamp"].to_numpy()[rows]).all()
        if table is seen:
            assert (origin < table["transaction_id"].to_numpy()[rows]).all()
        refund = np.array(table["message"].to_pylist())[rows] == "refund"
        assert (amounts[origin] == minor(table["amount"])[rows])[refund].all()
        assert (columns["status"][origin] == np.where(refund, "approved", "declined")).all()
        assert (columns["payer_account"][origin] == table["payee_account"].to_numpy()[rows])[refund].all()
    messages = columns["message"] == "refund"
    assert (seen["related_transaction_id"].to_numpy()[messages] >= 0).all()


def test_declined_rows_say_why_and_move_nothing(both: list[pa.Table], payments: Books) -> None:
    for table in both:
        declined = np.array(table["status"].to_pylist()) == "declined"
        assert ((np.array(table["decline_reason"].to_pylist()) != "none") == declined).all()
    assert (~payments.approved).sum() > 0
    last: dict[int, int] = {}
    for row, payer in enumerate(payments.payer.tolist()):
        if not payments.approved[row] and payer in last:
            assert payments.payer_balance[row] == last[payer]
        last[payer] = int(payments.payer_balance[row])
        last[int(payments.payee[row])] = int(payments.payee_balance[row])


def test_notes_are_what_no_bank_sees(both: list[pa.Table], lived: Run) -> None:
    """From purse to purse; what crosses a counter or a machine has a bank on one side, and is seen."""
    seen, unseen = both
    assert set(unseen["method"].unique().to_pylist()) == {"cash"}
    assert set(unseen["status"].unique().to_pylist()) == {"approved"}
    cash = np.array(seen["method"].to_pylist()) == "cash"
    assert set(np.array(seen["purpose"].to_pylist())[cash].tolist()) <= {"deposit", "withdrawal"}


def test_people_never_hold_less_than_their_line(lived: Run, payments: Books) -> None:
    """Purses, current and savings accounts without an overdraft, tills: no balance is ever below zero."""
    accounts = lived.accounts()
    listed = dict(zip(accounts["account_id"].to_pylist(), accounts["kind"].to_pylist(), strict=True))
    free = {account for account, kind in listed.items() if kind in ("credit_card", "loan", "boundary", "bank")}
    every = set(opening(lived))
    outside = every - set(listed)  # purses and tills
    assert lived.scenario.credit.overdraft == 0
    lowest: dict[int, int] = {}
    for payer, balance in zip(payments.payer.tolist(), payments.payer_balance.tolist(), strict=True):
        lowest[payer] = min(balance, lowest.get(payer, 0))
    below = {account: balance for account, balance in lowest.items() if balance < 0 and account not in free}
    assert not below, (below, [listed.get(account, "purse") for account in below], len(outside))


# --- nothing is topped up ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lives() -> Callable[[float], dict[str, Any]]:
    """Three months of a hamlet of which a share of the declared boundary credits arrives."""
    known: dict[float, dict[str, Any]] = {}

    def of(credits: float) -> dict[str, Any]:
        if credits not in known:
            model = PaymentsModel(scenario("hamlet", boundary__credits=credits, period__days=90, declines__issuer_unavailable=0.0))
            model.run_for(90)
            declined = model.runner.tally[0, :, :, 1].sum()
            known[credits] = {
                "wages": sum(day["wages"] for day in model.series.days),
                "last_wages": sum(day["wages"] for day in model.series.days[-30:]),
                "credits": sum(day["boundary_credits"] for day in model.series.days),
                "spent": sum(day["purchase_value"] for day in model.series.days[-30:]),
                "declined": declined,
                "share": declined / model.runner.tally[0].sum(),
                "approved": model.runner.tally[0, :, :, 0].sum(),
                "sum": (int(model.opening.sum()), int(model.world.accounts.book.sum())),
                "boundary": boundary(model),
            }
        return known[credits]

    return of


def boundary(model: PaymentsModel) -> NDArray[np.int64]:
    """Balances of the government and of the rest of the world."""
    layout = model.world.layout
    return model.world.accounts.book[layout.government : layout.bank_base]


@pytest.mark.parametrize("credits", [1.0, 0.5, 0.0])
def test_the_sum_stands_whatever_arrives(lives: Callable[[float], dict[str, Any]], credits: float) -> None:
    before, after = lives(credits)["sum"]
    assert before == after


def test_what_arrives_is_what_was_declared(lives: Callable[[float], dict[str, Any]]) -> None:
    assert lives(0.5)["credits"] == pytest.approx(lives(1.0)["credits"] / 2, rel=0.02)
    assert lives(0.0)["credits"] == 0
    assert (lives(0.0)["boundary"] >= 0).all()  # the boundary was never a payer: what left was never made good


def test_a_world_that_is_cut_off_runs_short(lives: Callable[[float], dict[str, Any]]) -> None:
    """Employers who sell abroad cannot pay wages, people buy less, and more payments are declined."""
    full, half, none = lives(1.0), lives(0.5), lives(0.0)
    assert none["last_wages"] < half["last_wages"] < full["last_wages"]
    assert none["last_wages"] < 0.8 * full["last_wages"]
    assert none["spent"] < 0.9 * full["spent"]
    assert none["share"] > half["share"] > full["share"]
    assert none["share"] > 1.5 * full["share"]


def test_wages_go_unpaid_for_want_of_money(tmp_path: Path) -> None:
    run(tmp_path / "run", "hamlet", boundary__credits=0.0, period__days=75)
    table = open_run(tmp_path / "run").transactions(["purpose", "status", "decline_reason"])
    purpose, status, reason = (np.array(table[name].to_pylist()) for name in table.column_names)
    unpaid = (purpose == "salary") & (status == "declined")
    assert unpaid.sum() > 0
    assert set(reason[unpaid].tolist()) == {"insufficient_funds"}
    assert not np.isin(purpose, ["pension", "benefit", "takings", "invoice", "grant"]).any()
