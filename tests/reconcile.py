"""An auditor's ledger: balances worked out from the files of a run and nothing else, in whole minor units of each currency."""

from heapq import heappop, heappush
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator import open_run
from simulator.scenario.iso import minor_units

HOLDING = ("authorisation", "reversal")
"""Messages that place and release holds, and move no money."""

DAY = 86_400_000_000


class Books(NamedTuple):
    """The payments of a run, in row order: seen and unseen together, by time."""

    time: NDArray[np.int64]
    settled: NDArray[np.int64]
    payer: NDArray[np.int64]
    payee: NDArray[np.int64]
    amount: NDArray[np.int64]
    """Minor units of its currency."""
    credited: NDArray[np.int64]
    """Minor units of its currency."""
    currency: NDArray[np.str_]
    credited_currency: NDArray[np.str_]
    message: NDArray[np.str_]
    purpose: NDArray[np.str_]
    status: NDArray[np.str_]
    number: NDArray[np.int64]
    """Transaction id; -1 for what is unseen."""
    related: NDArray[np.int64]
    payer_balance: NDArray[np.int64]
    payee_balance: NDArray[np.int64]

    @property
    def moves(self) -> NDArray[np.bool_]:
        """Rows that move money: approved, and no hold."""
        moving: NDArray[np.bool_] = (self.status == "approved") & ~np.isin(self.message, HOLDING)
        return moving

    def __len__(self) -> int:
        return len(self.time)


class Accounts(NamedTuple):
    """What a run says of its accounts."""

    opening: dict[int, int]
    closing: dict[int, int]
    in_flight: dict[int, int]
    currency: dict[int, str]
    dealers: dict[str, int]
    """Account of the dealer in each currency."""
    kind: dict[int, str]
    """Of the accounts that the table of accounts lists."""
    end: int
    """The moment after the last day, microseconds since 1970; what settles then is still on its way."""


def minor(column: pa.ChunkedArray, currency: NDArray[Any] | str = "USD") -> NDArray[np.int64]:
    """Money of a file in minor units; fails where it is not exact."""
    names = np.broadcast_to(np.asarray(currency), len(column))
    unit = np.empty(len(column), np.int64)
    for name in np.unique(names):
        unit[names == name] = minor_units(str(name))
    units = column.to_numpy()
    whole = np.rint(units * unit).astype(np.int64)
    assert (whole / unit == units).all()
    return whole


def texts(column: pa.ChunkedArray) -> NDArray[np.str_]:
    """Words of a file."""
    return np.array(column.to_pylist(), str)


def read_books(folder: Path) -> Books:
    """Read the payments of a run, and nothing that the run does not write."""
    run = open_run(folder)
    seen, unseen = run.transactions(), run.unseen()
    table = pa.concat_tables([seen, unseen])
    currency, credited = texts(table["currency"]), texts(table["credited_currency"])
    money = {"amount": currency, "credited_amount": credited, "payer_balance": currency, "payee_balance": credited}
    whole = {name: minor(table[name], of) for name, of in money.items()}
    read = Books(
        time=table["timestamp"].cast(pa.int64()).to_numpy(),
        settled=table["settled_at"].cast(pa.int64()).to_numpy(),
        payer=table["payer_account"].to_numpy(),
        payee=table["payee_account"].to_numpy(),
        amount=whole["amount"],
        credited=whole["credited_amount"],
        currency=currency,
        credited_currency=credited,
        message=texts(table["message"]),
        purpose=texts(table["purpose"]),
        status=texts(table["status"]),
        number=np.concatenate([seen["transaction_id"].to_numpy(), np.full(len(unseen), -1)]),
        related=table["related_transaction_id"].to_numpy(),
        payer_balance=whole["payer_balance"],
        payee_balance=whole["payee_balance"],
    )
    order = np.argsort(read.time, kind="stable")
    return Books(*(column[order] for column in read))


def read_accounts(folder: Path) -> Accounts:
    """Read what a run says of its accounts."""
    run = open_run(folder)
    balances, accounts = run.balances(), run.accounts()
    ids, currency = balances["account_id"].to_pylist(), texts(balances["currency"])
    columns = (balances[name] for name in ("opening_balance", "closing_balance", "in_flight"))
    opening, closing, flight = (dict(zip(ids, minor(column, currency).tolist(), strict=True)) for column in columns)
    kind = dict(zip(accounts["account_id"].to_pylist(), accounts["kind"].to_pylist(), strict=True))
    names = dict(zip(ids, currency.tolist(), strict=True))
    dealers = {names[account]: account for account in ids if kind.get(account) == "dealer"}
    period = run.scenario.period
    end = int(np.datetime64(period.start, "us").astype(np.int64)) + period.days * DAY
    return Accounts(opening, closing, flight, names, dealers, kind, end)


class Auditor:
    """Books each row as the contract has it.

    The payer's book moves at the timestamp, the payee's at the value date: at once where they are the same, else before any
    row that is not earlier. Across currencies the dealer takes the amount in one and pays the credited amount in the other.

    Args:
        accounts: opening balances, currencies and dealers.
    """

    def __init__(self, accounts: Accounts) -> None:
        self.book = dict(accounts.opening)
        self._currency, self._dealers = accounts.currency, accounts.dealers
        self._flights: list[tuple[int, int, int]] = []

    def pay(self, time: int, settled: int, payer: int, payee: int, amount: int, credited: int, currencies: tuple[str, str]) -> None:
        """Book a payment; a KeyError is an account or a dealer that the balances do not list."""
        assert (self._currency[payer], self._currency[payee]) == currencies
        assert settled >= time
        self.book[payer] -= amount
        if currencies[0] != currencies[1]:
            self.book[self._dealers[currencies[0]]] += amount
            self.book[self._dealers[currencies[1]]] -= credited
        else:
            assert credited == amount
        if settled == time:
            self.book[payee] += credited
        else:
            heappush(self._flights, (settled, payee, credited))

    def settle(self, until: int) -> None:
        """Book what has reached its value date."""
        while self._flights and self._flights[0][0] <= until:
            _, payee, credited = heappop(self._flights)
            self.book[payee] += credited

    def in_flight(self) -> dict[int, int]:
        """What is on its way to each account."""
        on_its_way = dict.fromkeys(self.book, 0)
        for _, payee, credited in self._flights:
            on_its_way[payee] += credited
        return on_its_way


def settled(accounts: Accounts, payments: Books) -> tuple[dict[int, int], dict[int, int]]:
    """Balances and what is in flight at the end: opening + settled in - out; asserts every row's balances on the way."""
    auditor = Auditor(accounts)
    columns = [column.tolist() for column in (*payments[:8], payments.moves, payments.payer_balance, payments.payee_balance)]
    for time, at, payer, payee, amount, credited, currency, credited_currency, moves, *shown in zip(*columns, strict=True):
        auditor.settle(time)
        if moves:
            auditor.pay(time, at, payer, payee, amount, credited, (currency, credited_currency))
        else:
            assert at == time
        assert shown == [auditor.book[payer], auditor.book[payee]]
    auditor.settle(accounts.end - 1)
    return auditor.book, auditor.in_flight()


def sums(accounts: Accounts) -> dict[str, tuple[int, int]]:
    """By currency: the sum of opening balances, and of closing balances with what is in flight."""
    totals: dict[str, tuple[int, int]] = {}
    for account, currency in accounts.currency.items():
        before, after = totals.get(currency, (0, 0))
        ends = accounts.closing[account] + accounts.in_flight[account]
        totals[currency] = (before + accounts.opening[account], after + ends)
    return totals


def open_holds(payments: Books) -> tuple[dict[int, int], NDArray[np.int64]]:
    """Holds that are still open at the end, by transaction: its row; and what is held of the payer's account after each row.

    Asserts that every capture and reversal ends one open hold of the same payer and payee, and a reversal ends all of it.
    """
    held: dict[int, int] = {}
    on_hold: dict[int, int] = {}
    after = np.zeros(len(payments), np.int64)
    for row in range(len(payments)):
        payer, message = int(payments.payer[row]), payments.message[row]
        if message == "authorisation" and payments.status[row] == "approved":
            held[int(payments.number[row])] = row
            on_hold[payer] = on_hold.get(payer, 0) + int(payments.amount[row])
        elif message in ("capture", "reversal"):
            assert payments.status[row] != "declined"
            first = held.pop(int(payments.related[row]))  # a KeyError is a hold released twice, or never placed
            assert (payments.payer[first], payments.payee[first]) == (payer, payments.payee[row])
            assert message == "capture" or payments.amount[first] == payments.amount[row]
            on_hold[payer] -= int(payments.amount[first])
        after[row] = on_hold.get(payer, 0)
    return held, after


def closes(folder: Path) -> bool:
    """Whether the books of a run close from its files alone: every account, what is in flight, and the sums by currency."""
    accounts = read_accounts(folder)
    book, in_flight = settled(accounts, read_books(folder))
    same = all(before == after for before, after in sums(accounts).values())
    return same and book == accounts.closing and in_flight == accounts.in_flight
