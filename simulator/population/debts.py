"""Debts: what people owe on cards and loans that has fallen due, and for how long it has not been paid.

Two rows a person: the card's, then the loan account's. What falls due is put down when the day is planned, what is paid when it is
booked, so that delinquency follows from payments and from nothing else. The steps of the ladder are taken at the day's close, see
`simulator.economy.delinquency`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Purpose
from simulator.kernel import step
from simulator.population.accounts import CREDIT_CARD
from simulator.records import Records

DEBTS = 2
"""Rows of a person."""

CARD_DEBT, LOAN_DEBT = 0, 1

CUT, DEFAULTED, CHARGED_OFF, SHUT = 1, 2, 4, 8
"""Bits of the standing."""

NO_LINE = 1
"""Minor units: the line of a card that lends no more; 0 says that there is no card."""

MONTH = 30
"""Days past due count months of so many days, as delinquency classes do."""

REPAYS = sum(1 << purpose for purpose in (Purpose.CARD_BILL, Purpose.LOAN, Purpose.MORTGAGE, Purpose.PROPERTY))
FORGIVES = 1 << Purpose.WRITE_OFF | 1 << Purpose.CHARGE_OFF
"""Bits of the purposes that pay a debt off, and of those by which the bank gives it up."""


class Debts(NamedTuple):
    """Columns over people's cards and loan accounts; minor units. All change."""

    due: NDArray[np.int64]
    """Fell due and is not paid."""
    minimum: NDArray[np.int64]
    """What falls due in a month: the minimum payment, the instalments."""
    fell: NDArray[np.int64]
    """Fell due since the month began."""
    paid: NDArray[np.int64]
    """Paid since the month began."""
    off: NDArray[np.int64]
    """Written off since the month began."""
    since: NDArray[np.int32]
    """Day on which the oldest of what is due fell due; 0 where nothing is."""
    last: NDArray[np.int32]
    """Day on which something last fell due."""
    margin: NDArray[np.int32]
    """Interest above the scenario's rate, parts per million a year."""
    fixed: NDArray[np.int32]
    """Interest above that of loans of a usual time, kept from the days on which the loans were lent, parts per million a year."""
    standing: NDArray[np.int8]
    """Bits: the line was cut, the debt is in default, it was charged off, the card's account was closed for it."""


@step
def fall_due(debts: Records, row: int, amount: int, minimum: int, day: int) -> None:
    """An amount falls due on a day; ``minimum`` is what falls due in a month."""
    debts.due[row] += amount
    debts.fell[row] += amount
    debts.minimum[row] = minimum
    debts.last[row] = day
    if debts.since[row] == 0:
        debts.since[row] = day


@step
def is_overdue(debts: Records, person: int) -> bool:
    """Whether anything of a person's card or loans fell due and is not paid."""
    return debts.since[person * DEBTS + CARD_DEBT] > 0 or debts.since[person * DEBTS + LOAN_DEBT] > 0


@step
def repay(debts: Records, row: int, amount: int) -> None:
    """A payment reaches a debt: the oldest of what is due is paid first."""
    debts.paid[row] += amount
    due = debts.due[row]
    if due == 0:
        return
    due = max(0, due - amount)
    debts.due[row] = due
    if due == 0:
        debts.since[row] = 0
        return
    months = (due - 1) // max(1, debts.minimum[row])  # before the last
    debts.since[row] = max(np.int64(debts.since[row]), np.int64(debts.last[row]) - MONTH * months)


@step
def forgive(debts: Records, row: int, amount: int, purpose: int) -> None:
    """The bank writes an amount off: nothing is due any more."""
    debts.off[row] += amount
    debts.due[row] = 0
    debts.since[row] = 0
    if purpose == Purpose.CHARGE_OFF:
        debts.standing[row] = np.int64(debts.standing[row]) | CHARGED_OFF


@step
def note_repayment(debts: Records, account: int, amount: int, purpose: int) -> None:
    """What an approved payment to an account of a person does to their debts."""
    kind = account % 5
    if kind != 2 and kind != 3:
        return
    row = account // 5 * DEBTS + kind - CREDIT_CARD
    if REPAYS >> purpose & 1:
        repay(debts, row, amount)
    else:
        forgive(debts, row, amount, purpose)
