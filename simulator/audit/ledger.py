"""Ledger reconciliation: the books of a run, kept once more from its rows alone, against the balances that it shows.

The payer's book moves at the timestamp, the payee's at the value date: at once where they are the same, else before any row that
is not earlier. Across currencies the dealer takes the amount in one and pays the credited amount in the other. Authorisations and
reversals place and release holds, and move nothing.
"""

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.audit.payments import CAPTURES, HOLDS, MOVES, REVERSES, Accounts, Flags, Ints, Payments, read_accounts, read_payments
from simulator.kernel import kernel
from simulator.record.read import Run

DAY = 86_400_000_000

CHECKS = {
    "accounts_are_listed": "rows that name an account which truth/balances does not list",
    "whole_minor_units": "rows with money that is no whole number of minor units",
    "own_currency": "rows in another currency than that of their account",
    "positive_amount": "rows whose amount is not above zero",
    "same_amount_in_same_currency": "rows that credit another amount than they debit, within one currency",
    "value_date": "rows that settle before they are made, or that settle later and move no money",
    "order": "rows that are not in order of time, or whose ids are not dense from 0",
    "payer_balance": "rows that show another balance of the payer than its rows add up to",
    "payee_balance": "rows that show another balance of the payee than its rows add up to",
    "holds": "captures and reversals that do not end exactly one hold of the same parties, reversals of part of one among them",
    "closing_balance": "accounts whose closing balance is not opening + settled in - out",
    "in_flight": "accounts to which something else is on its way at the end than the rows say",
    "sum_of_money": "currencies whose balances, with what is in flight, add up to another sum at the end than at the start",
}
"""What each check counts; every count has to be 0."""


def reconcile(run: Run) -> dict[str, Any]:
    """Keep the books of a run once more.

    Args:
        run: a whole run, as everything of it.

    Returns:
        `passed`, `payments`, `accounts` and `checks`: for each of `CHECKS` its name, `figure`, `bound` (0), `passed`, what it
        counts and the first example.

    Raises:
        InputError: a table is missing or damaged.
    """
    accounts = read_accounts(run)
    audit = _Audit(accounts)
    for payments in read_payments(run, accounts):
        audit.add(payments)
    period = run.scenario.period
    end = int(np.datetime64(period.start, "us").astype(np.int64)) + period.days * DAY
    audit.close(end)
    checks = [
        {"check": name, "figure": audit.count[name], "bound": 0, "passed": audit.count[name] == 0, "counts": what}
        | ({"example": audit.example[name]} if audit.count[name] else {})
        for name, what in CHECKS.items()
    ]
    return {
        "passed": all(check["passed"] for check in checks),
        "payments": audit.payments,
        "accounts": len(accounts.ids),
        "checks": checks,
    }


@kernel
def _book(
    payments: Payments, first: int, last: int, book: Ints, currency: Ints, dealer: Ints, wrong_payer: Flags, wrong_payee: Flags
) -> None:
    """Book rows, and note which of them show another balance."""
    for i in range(first, last):
        payer, payee = payments.payer[i], payments.payee[i]
        if payer < 0 or payee < 0:
            continue
        does = payments.does[i]
        if does == MOVES or does == CAPTURES:
            book[payer] -= payments.amount[i]
            of, to = currency[payer], currency[payee]
            if of != to and dealer[of] >= 0 and dealer[to] >= 0:
                book[dealer[of]] += payments.amount[i]
                book[dealer[to]] -= payments.credited[i]
            if payments.settled[i] <= payments.time[i]:
                book[payee] += payments.credited[i]
        wrong_payer[i] = payments.payer_balance[i] != book[payer]
        wrong_payee[i] = payments.payee_balance[i] != book[payee]


class _Audit:
    """The books so far, and what was found."""

    def __init__(self, accounts: Accounts) -> None:
        self.payments = 0
        self._accounts = accounts
        self._book = accounts.opening.copy()
        self._flights: defaultdict[int, list[tuple[Ints, Ints]]] = defaultdict(list)
        self._holds: list[Payments] = []
        self.count = dict.fromkeys(CHECKS, 0)
        self.example: dict[str, str] = {}

    def add(self, payments: Payments) -> None:
        """Check rows and book them."""
        self.payments += len(payments.time)
        self._check(payments)
        moves = (payments.does == MOVES) | (payments.does == CAPTURES)
        later = moves & (payments.settled > payments.time) & (payments.payer >= 0) & (payments.payee >= 0)
        wrong = np.zeros((2, len(payments.time)), bool)
        done = 0
        for moment in sorted({*self._flights, *np.unique(payments.settled[later]).tolist()}):
            upto = int(np.searchsorted(payments.time, moment, "left"))
            if upto == len(payments.time):
                break
            self._live(payments, done, upto, later, wrong)
            self._settle(moment)
            done = upto
        self._live(payments, done, len(payments.time), later, wrong)
        self._note("payer_balance", wrong[0], payments)
        self._note("payee_balance", wrong[1], payments)
        self._holds.append(payments.rows((payments.does == HOLDS) | (payments.does == CAPTURES) | (payments.does == REVERSES)))

    def _live(self, payments: Payments, first: int, last: int, later: Flags, wrong: NDArray[np.bool_]) -> None:
        """Book some rows; what settles later waits."""
        accounts = self._accounts
        _book(payments, first, last, self._book, accounts.currency, accounts.dealer, wrong[0], wrong[1])
        rows = first + np.flatnonzero(later[first:last])
        for moment in np.unique(payments.settled[rows]).tolist():
            mine = rows[payments.settled[rows] == moment]
            self._flights[moment].append((payments.payee[mine], payments.credited[mine]))

    def _settle(self, moment: int) -> None:
        for payee, credited in self._flights.pop(moment, []):
            np.add.at(self._book, payee, credited)

    def _check(self, payments: Payments) -> None:
        """What a row says by itself."""
        accounts = self._accounts
        payer, payee = payments.payer, payments.payee
        listed = (payer >= 0) & (payee >= 0)
        same = payments.currency == payments.credited_currency
        own = (accounts.currency[payer] == payments.currency) & (accounts.currency[payee] == payments.credited_currency)
        moves = (payments.does == MOVES) | (payments.does == CAPTURES)
        for name, wrong in {
            "accounts_are_listed": ~listed,
            "whole_minor_units": ~payments.exact,
            "own_currency": listed & ~own,
            "positive_amount": payments.amount <= 0,
            "same_amount_in_same_currency": same & (payments.amount != payments.credited),
            "value_date": (payments.settled < payments.time) | ~moves & (payments.settled != payments.time),
            "order": payments.misplaced,
        }.items():
            self._note(name, wrong, payments)

    def _note(self, name: str, wrong: Flags, payments: Payments) -> None:
        if wrong.any():
            self.count[name] += int(wrong.sum())
            number = int(payments.number[int(np.argmax(wrong))])
            self.example.setdefault(name, f"transaction {number}" if number >= 0 else f"row {-1 - number} of truth/unseen")

    def _note_accounts(self, name: str, wrong: Flags) -> None:
        if wrong.any():
            self.count[name] += int(wrong.sum())
            self.example.setdefault(name, f"account {int(self._accounts.ids[int(np.argmax(wrong))])}")

    def close(self, end: int) -> None:
        """The end of the last day; what settles then is still on its way."""
        for moment in sorted(moment for moment in self._flights if moment < end):
            self._settle(moment)
        accounts = self._accounts
        flight = np.zeros_like(self._book)
        for parts in self._flights.values():
            for payee, credited in parts:
                np.add.at(flight, payee, credited)
        self._note_accounts("closing_balance", accounts.closing != self._book)
        self._note_accounts("in_flight", accounts.in_flight != flight)
        for place, code in enumerate(accounts.codes):
            mine = accounts.currency == place
            if int(accounts.opening[mine].sum()) != int((accounts.closing + accounts.in_flight)[mine].sum()):
                self.count["sum_of_money"] += 1
                self.example.setdefault("sum_of_money", code)
        if self._holds:
            holds = Payments._make(np.concatenate(columns) for columns in zip(*self._holds, strict=True))
            self._note("holds", _ends_wrongly(holds), holds)


def _ends_wrongly(rows: Payments) -> Flags:
    """Which captures and reversals do not end one open hold of the same parties, whole."""
    placed = np.flatnonzero(rows.does == HOLDS)
    placed = placed[np.argsort(rows.number[placed], kind="stable")]
    ends = np.flatnonzero(rows.does != HOLDS)
    wrong = np.zeros(len(rows.time), bool)
    if not len(placed):
        wrong[ends] = True
        return wrong
    place = np.minimum(np.searchsorted(rows.number[placed], rows.related[ends]), len(placed) - 1)
    hold = placed[place]
    good = (rows.number[hold] == rows.related[ends]) & (rows.time[hold] <= rows.time[ends])
    good &= (rows.payer[hold] == rows.payer[ends]) & (rows.payee[hold] == rows.payee[ends])
    good &= (rows.does[ends] == CAPTURES) | (rows.amount[hold] == rows.amount[ends])
    first = np.zeros(len(ends), bool)
    first[np.unique(rows.related[ends], return_index=True)[1]] = True  # a hold ends once
    wrong[ends] = ~(good & first)
    return wrong
