"""Law 1: money is conserved, shown from the files of a run and nothing else; and nothing is ever topped up."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from reconcile import DAY, Accounts, Auditor, Books, open_holds, read_accounts, read_books, settled, sums, texts
from small_worlds import run, scenario

from simulator import PaymentsModel, open_run
from simulator.codes import Purpose, Status
from simulator.record.read import Run
from simulator.sequel import EXPIRE_AFTER

WORLDS = ("hamlet", "towns", "wallets", "crowns", "five minutes", "once a day", "far east", "far west")


@pytest.fixture(scope="module", params=WORLDS)
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A world that has been run into a folder."""
    folder = tmp_path_factory.mktemp("world") / "run"
    run(folder, request.param, shards=2)
    return open_run(folder)


@pytest.fixture(scope="module")
def payments(lived: Run) -> Books:
    """Its payments in minor units."""
    return read_books(lived.path)


@pytest.fixture(scope="module")
def accounts(lived: Run) -> Accounts:
    """What it says of its accounts."""
    return read_accounts(lived.path)


@pytest.fixture(scope="module")
def both(lived: Run) -> list[pa.Table]:
    """Its payments, seen and unseen, as they are on disk."""
    return [lived.transactions(), lived.unseen()]


def test_opening_and_payments_make_the_closing_balance_of_every_account(payments: Books, accounts: Accounts) -> None:
    """Opening + settled in - out = closing, what is left is in flight, and every row shows both books just after it."""
    assert payments.moves.sum() > 400
    book, in_flight = settled(accounts, payments)
    assert book == accounts.closing
    assert in_flight == accounts.in_flight
    assert sum(in_flight.values()) > 0


def test_sums_are_equal_per_currency(accounts: Accounts) -> None:
    assert sums(accounts)
    for currency, (before, after) in sums(accounts).items():
        assert before == after, currency


def test_every_account_is_listed_once(lived: Run) -> None:
    """Purses, tills, banks and the boundary included: what the banks see is a part of it."""
    ids = lived.balances()["account_id"].to_pylist()
    assert len(set(ids)) == len(ids)
    assert set(lived.accounts()["account_id"].to_pylist()) <= set(ids)


def test_value_dates_are_starts_of_windows(lived: Run, payments: Books) -> None:
    """What does not settle at once settles in a later window, and within three weeks: holidays abroad are long."""
    length = DAY // lived.scenario.period.windows
    late = payments.settled > payments.time
    assert late.sum() > 100
    assert payments.moves[late].all()
    assert (payments.settled[late] % length == 0).all()
    assert (payments.settled >= payments.time).all()
    assert (payments.settled - payments.time < 21 * DAY).all()


def test_every_hold_is_released_once(payments: Books, accounts: Accounts) -> None:
    """By its capture or reversal; what is still open at the end is younger than a hold gets."""
    holds, held = open_holds(payments)
    assert all(accounts.end - payments.time[row] <= (EXPIRE_AFTER + 1) * DAY for row in holds.values())
    # Who pays of their own will has the money beside what is held.
    willing = (payments.status == "approved") & np.isin(payments.message, ["authorisation", "payment"]) & (payments.purpose != "interest")
    current = np.isin(payments.payer, [account for account, kind in accounts.kind.items() if kind == "current"])
    assert (payments.payer_balance - held >= 0)[willing & current].all()


def test_money_between_the_two_sides_is_the_same(both: list[pa.Table]) -> None:
    for table in both:
        same = texts(table["currency"]) == texts(table["credited_currency"])
        assert (table["amount"].to_numpy() == table["credited_amount"].to_numpy())[same].all()
        assert (table["payer_account"].to_numpy() != table["payee_account"].to_numpy()).all()
        assert (table["amount"].to_numpy() > 0).all()


def test_ids_are_dense_and_time_never_runs_back(lived: Run, both: list[pa.Table]) -> None:
    start = np.datetime64(lived.scenario.period.start, "us")
    for table in both:
        assert table["transaction_id"].to_pylist() == list(range(len(table)))
        time = table["timestamp"].to_numpy()
        assert (time[1:] >= time[:-1]).all()
        assert start <= time[0] and time[-1] < start + np.timedelta64(lived.scenario.period.days, "D")


def test_a_part_holds_the_days_of_its_month(lived: Run) -> None:
    for name in ("transactions", "truth/unseen"):
        for file in lived.files(name):
            months = pq.read_table(file, columns=["timestamp"])["timestamp"].to_numpy().astype("datetime64[M]")
            assert {f"month={month}" for month in np.unique(months)} == {file.parent.name}


ANSWERS: dict[str, set[tuple[str, str]]] = {
    "payment": {("payment", "declined")},  # tried again, presented again
    "authorisation": {("authorisation", "declined")},
    "capture": {("authorisation", "approved")},
    "reversal": {("authorisation", "approved")},
    "refund": {("payment", "approved")},
    "return": {("payment", "approved")},
    "chargeback": {("payment", "approved"), ("chargeback", "declined")},
    "representment": {("chargeback", "approved")},
    "recall": {("payment", "approved")},
    "recovery": {("recall", "declined")},
}
"""Message and status of the row that a message refers to."""

TURNED = ("refund", "return", "chargeback", "representment", "recall")
"""Messages that send money the other way."""


def test_related_rows_stand_before_what_relates_to_them(payments: Books) -> None:
    """Every row that refers to another names an earlier transaction, and the right one."""
    rows = np.flatnonzero(payments.related >= 0)
    assert len(rows) >= 2
    place = {int(number): row for row, number in enumerate(payments.number) if number >= 0}
    for row in rows.tolist():
        first, message = place[int(payments.related[row])], str(payments.message[row])
        assert payments.time[first] < payments.time[row]
        if payments.number[row] >= 0:
            assert payments.number[first] < payments.number[row]
        else:  # tried again in notes
            assert (payments.message[first], payments.status[first]) in ANSWERS["payment"] | ANSWERS["authorisation"]
            continue
        fee = payments.purpose[row] == "fee"  # of a payment abroad
        assert (payments.message[first], payments.status[first]) in ANSWERS["refund" if fee else message], message
        if message in TURNED and payments.message[first] != message:
            assert payments.credited[first] == payments.amount[row]  # at the rate of that day
            assert payments.payer[first] == payments.payee[row]
    answers = np.isin(payments.message, [message for message in ANSWERS if message not in ("payment", "authorisation")])
    assert (payments.related[answers] >= 0).all()
    assert set(payments.message.tolist()) <= set(ANSWERS)


def test_declined_rows_say_why(both: list[pa.Table], payments: Books) -> None:
    for table in both:
        declined = texts(table["status"]) == "declined"
        assert ((texts(table["decline_reason"]) != "none") == declined).all()
    assert (payments.status == "declined").sum() > 0
    assert set(payments.message[payments.status == "expired"].tolist()) <= {"reversal"}


def test_notes_are_what_no_bank_sees(both: list[pa.Table], lived: Run) -> None:
    """From purse to purse; what crosses a counter or a machine has a bank on one side, and is seen."""
    seen, unseen = both
    assert set(unseen["method"].unique().to_pylist()) == {"cash"}
    assert set(unseen["status"].unique().to_pylist()) == {"approved"}
    assert set(unseen["message"].unique().to_pylist()) == {"payment"}
    cash = texts(seen["method"]) == "cash"
    assert set(texts(seen["purpose"])[cash].tolist()) <= {"deposit", "withdrawal"}


def test_nobody_spends_what_they_do_not_have(lived: Run, payments: Books, accounts: Accounts) -> None:
    """No purse, till, current, savings or firm's account pays below zero of its own will: captures, returns and lost disputes may."""
    assert lived.scenario.credit.overdraft == 0
    free = {account for account, kind in accounts.kind.items() if kind in ("credit_card", "loan", "boundary", "bank", "dealer")}
    assert len(free) > 4
    willing = payments.moves & ~np.isin(payments.message, ["capture", "return", "representment"])
    below = willing & (payments.payer_balance < 0)
    assert set(payments.payer[below].tolist()) <= free


def test_dealers_stand_between_currencies() -> None:
    """The auditor's books, by hand: a payment from dollars to yen moves four accounts, and each currency's sum stands."""
    usd, yen, dealers = (1, 2), (3,), {"USD": 8, "JPY": 9}
    currency = {**dict.fromkeys((*usd, 8), "USD"), **dict.fromkeys((*yen, 9), "JPY")}
    opening = dict.fromkeys(currency, 0) | {1: 100_00, 9: 50_000}
    auditor = Auditor(Accounts(opening, {}, {}, currency, dealers, {}, 100))
    auditor.pay(10, 60, 1, 3, 20_00, 3_000, ("USD", "JPY"))
    auditor.pay(20, 20, 1, 2, 5_00, 5_00, ("USD", "USD"))
    assert auditor.book == {1: 75_00, 2: 5_00, 8: 20_00, 3: 0, 9: 47_000}
    assert auditor.in_flight() == dict.fromkeys(currency, 0) | {3: 3_000}
    auditor.settle(59)
    assert auditor.book[3] == 0
    auditor.settle(60)
    assert auditor.book == {1: 75_00, 2: 5_00, 8: 20_00, 3: 3_000, 9: 47_000}
    for unlike in (("USD", "USD"), ("JPY", "USD")):
        with pytest.raises(AssertionError):
            auditor.pay(70, 70, 1, 3, 1, 1, unlike)
    ended = Accounts(opening, auditor.book, auditor.in_flight(), currency, dealers, {}, 100)
    assert sums(ended) == {"USD": (100_00, 100_00), "JPY": (50_000, 50_000)}


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
                after=int(model.world.accounts.book.sum() + model.world.accounts.flight.sum()),
                boundary=model.world.accounts.book[layout.government : layout.dealer_base].copy(),
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
