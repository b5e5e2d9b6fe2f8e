"""Law 1: money is conserved, shown from the files of a run and nothing else; and nothing is ever topped up."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from small_worlds import Books, books, minor, run, scenario

from simulator import PaymentsModel, open_run
from simulator.codes import Purpose, Status
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
    for payer, payee, amount in zip(*(column[moved].tolist() for column in payments[1:4]), strict=True):
        book[payer] -= amount  # a KeyError is an account that the balances do not list
        book[payee] += amount
    return book


def test_opening_and_payments_make_the_closing_balance_of_every_account(lived: Run, payments: Books) -> None:
    assert payments.approved.sum() > 500
    assert settled(opening(lived), payments) == closing(lived)


def test_sums_are_equal_per_currency(lived: Run) -> None:
    balances = lived.balances()
    for currency in balances["currency"].unique().to_pylist():
        mine = balances.filter(pc.equal(balances["currency"], currency))
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
    for row, (payer, payee, amount) in enumerate(zip(*(column.tolist() for column in payments[1:4]), strict=True)):
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
        assert (time[1:] >= time[:-1]).all()
        assert start <= time[0] and time[-1] < start + np.timedelta64(lived.scenario.period.days, "D")
        assert (table["settled_at"].to_numpy() >= time).all()


def test_a_part_holds_the_days_of_its_month(lived: Run) -> None:
    for name in ("transactions", "truth/unseen"):
        for file in lived.files(name):
            months = pq.read_table(file, columns=["timestamp"])["timestamp"].to_numpy().astype("datetime64[M]")
            assert {f"month={month}" for month in np.unique(months)} == {file.parent.name}


def test_related_rows_stand_before_what_relates_to_them(both: list[pa.Table]) -> None:
    """Refunds, retries and bills presented again name an earlier transaction, and the right one."""
    seen = both[0]
    columns = {name: np.array(seen[name].to_pylist()) for name in ("status", "message", "payer_account")}
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


def test_nobody_spends_what_they_do_not_have(lived: Run, payments: Books) -> None:
    """No purse, till, current, savings or firm's account is ever below zero: only cards, loans, banks and the boundary may be."""
    assert lived.scenario.credit.overdraft == 0
    accounts = lived.accounts()
    free = set(accounts.filter(pc.is_in(accounts["kind"], pa.array(["credit_card", "loan", "boundary", "bank"])))["account_id"].to_pylist())
    assert len(free) > 4
    below = payments.payer_balance < 0
    assert set(payments.payer[below].tolist()) <= free


# --- nothing is topped up ---------------------------------------------------------------------------------------------

LONG = 180
"""Days until firms have used up what they keep."""


class Life(NamedTuple):
    """What became of a hamlet of which a share of the declared boundary credits arrived."""

    wages: float
    unpaid: int
    arrived: float
    firm_deposits: float
    spent: float
    declined: float
    before: int
    after: int
    boundary: NDArray[np.int64]


@pytest.fixture(scope="module")
def lives() -> Callable[[float], Life]:
    """Half a year, by share of the boundary credits that arrives."""
    known: dict[float, Life] = {}

    def of(credits: float) -> Life:
        if credits not in known:
            model = PaymentsModel(scenario("hamlet", boundary__credits=credits, period__days=LONG, declines__issuer_unavailable=0.0))
            model.run_for(LONG)
            days, count, layout = model.series.days, model.runner.tally[0], model.world.layout
            known[credits] = Life(
                wages=sum(day["wages"] for day in days),
                unpaid=int(count[Purpose.SALARY, :, Status.DECLINED].sum()),
                arrived=sum(day["boundary_credits"] for day in days),
                firm_deposits=days[-1]["firm_deposits"],
                spent=sum(day["purchase_value"] for day in days),
                declined=count[:, :, Status.DECLINED].sum() / count.sum(),
                before=int(model.opening.sum()),
                after=int(model.world.accounts.book.sum()),
                boundary=model.world.accounts.book[layout.government : layout.bank_base].copy(),
            )
        return known[credits]

    return of


@pytest.mark.parametrize("credits", [1.0, 0.5, 0.0])
def test_the_sum_stands_whatever_arrives(lives: Callable[[float], Life], credits: float) -> None:
    assert lives(credits).before == lives(credits).after


def test_what_arrives_is_what_was_declared(lives: Callable[[float], Life]) -> None:
    assert lives(0.5).arrived == pytest.approx(lives(1.0).arrived / 2, rel=0.02)
    assert lives(0.0).arrived == 0
    assert (lives(0.0).boundary >= 0).all()  # what left the world was never made good


def test_a_world_that_is_cut_off_runs_short(lives: Callable[[float], Life]) -> None:
    """Employers who sell abroad cannot pay wages, people buy less, and more payments are declined."""
    full, half, none = lives(1.0), lives(0.5), lives(0.0)
    assert none.wages < half.wages < full.wages
    assert none.unpaid > half.unpaid > full.unpaid
    assert none.firm_deposits < half.firm_deposits < full.firm_deposits
    assert none.spent < half.spent < full.spent
    assert none.declined > half.declined > full.declined
    assert none.wages < 0.6 * full.wages
    assert none.declined > 2 * full.declined


def test_wages_go_unpaid_for_want_of_money(tmp_path: Path) -> None:
    run(tmp_path / "run", "hamlet", boundary__credits=0.0, period__days=75)
    table = open_run(tmp_path / "run").transactions(["purpose", "status", "decline_reason"])
    purpose, status, reason = (np.array(table[name].to_pylist()) for name in table.column_names)
    unpaid = (purpose == "salary") & (status == "declined")
    assert unpaid.sum() > 0
    assert set(reason[unpaid].tolist()) == {"insufficient_funds"}
    assert not np.isin(purpose, ["pension", "benefit", "takings", "invoice", "grant"]).any()
