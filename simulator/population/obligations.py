"""Obligations: what each person pays at regular intervals, as sparse rows. Rent, bills, allowances, remittances, tax."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Channel, Method, Purpose
from simulator.draws import Ints, Why, choose, threshold, uniform, words
from simulator.population.accounts import ACQUIRING, CURRENT, FIRM_ROWS, LOAN, PERSON_ROWS, Layout
from simulator.population.draft import Draft
from simulator.population.firms import Plan
from simulator.population.households import SELF_EMPLOYED, Floats
from simulator.records import Gathered, Records, grown, records, row_type
from simulator.scenario import Bill, BillKind, Scenario

_PURPOSE = {
    BillKind.RENT: Purpose.RENT, BillKind.MORTGAGE: Purpose.MORTGAGE, BillKind.LOAN: Purpose.LOAN, BillKind.UTILITY: Purpose.BILL,
    BillKind.INSURANCE: Purpose.INSURANCE, BillKind.SUBSCRIPTION: Purpose.SUBSCRIPTION, BillKind.TAX: Purpose.TAX,
}  # fmt: skip
EVERY_MONTH = 0b1111_1111_1111


class Obligations(NamedTuple):
    """Columns over obligations, ordered by payer; minor units."""

    start: NDArray[np.int64]
    """First obligation of each person; N + 1 entries."""
    payee: NDArray[np.int32]
    """Account row."""
    firm: NDArray[np.int32]
    """Firm paid, -1 for none."""
    amount: NDArray[np.int64]
    day: NDArray[np.int8]
    """Day of the month."""
    months: NDArray[np.int16]
    """Bit m is set where it falls due in month m (January is 0)."""
    varies: NDArray[np.int16]
    """Standard deviation from month to month over the amount, 1/4096."""
    season: NDArray[np.int8]
    """Row of the table of seasons, -1 for none."""
    method: NDArray[np.int8]
    channel: NDArray[np.int8]
    purpose: NDArray[np.int8]
    mcc: NDArray[np.int16]


OBLIGATION = row_type(Obligations, "start")
"""An obligation as a row; those of a person lie together."""


class _Rows:
    """Obligations of a span as they are gathered, bill by bill; the room is used again for the next span."""

    def __init__(self, unit: int) -> None:
        self._unit = unit
        self._payer = np.zeros(0, np.uint16)
        self._table = records(OBLIGATION, 0)
        self._used = 0

    def add(
        self, payer: Ints, payee: Ints | int, amount: Floats, day: NDArray[Any] | int, method: NDArray[np.int8] | int, purpose: int, *,
        channel: NDArray[np.int8] | int = 0, firm: Ints | int = -1, months: Ints | int = EVERY_MONTH, varies: float = 0.0,
        season: int = -1, mcc: int = 0,
    ) -> None:  # fmt: skip
        place = slice(self._used, self._used + len(payer))
        if place.stop > len(self._table):
            self._table = grown(self._table, 2 * place.stop)
            self._payer = np.concatenate([self._payer, np.zeros(len(self._table) - len(self._payer), np.uint16)])
        self._payer[place] = payer
        fields = {
            "payee": payee, "day": day, "method": method, "purpose": purpose, "channel": channel, "firm": firm, "months": months,
            "varies": round(varies * 4096), "season": season, "mcc": mcc, "amount": np.maximum(1, np.rint(amount * self._unit)),
        }  # fmt: skip
        rows = self._table.view(np.ndarray)[place]
        for name, field in fields.items():
            rows[name] = field
        self._used = place.stop

    def give(self, people: int, out: Gathered, done: float) -> Ints:
        """Hand the rows over in order of payer, and begin anew; returns how many each payer has."""
        payer = self._payer[: self._used]
        np.take(self._table[: self._used], np.argsort(payer, kind="stable"), out=out.room(self._used, done), mode="clip")
        self._used = 0
        return np.bincount(payer, minlength=people)


def _methods(bill: Bill, word: NDArray[np.uint32]) -> NDArray[np.int8]:
    names = np.array([int(Method[name.value.upper()]) for name in bill.methods], np.int8)
    return names[choose(list(bill.methods.values()), word)]


_CHANNELS = np.zeros(len(Method), np.int8)
_CHANNELS[[Method.CARD, Method.BATCH_TRANSFER]] = Channel.ONLINE


def _months(every: int, word: NDArray[np.uint32]) -> Ints | int:
    """Bits of the months in which a bill falls due that comes every so many months."""
    if every == 1:
        return EVERY_MONTH
    return np.array([sum(1 << m for m in range(12) if m % every == p) for p in range(every)])[word % np.uint32(every)]


def _days(first: float, word: NDArray[np.uint32], late: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Day of the month on which a bill falls due: the first, or any of the 2nd to the 28th."""
    return np.where(word < np.uint32(threshold(first)), np.uint32(1), 2 + ((late >> np.uint32(16)) * np.uint32(27) >> np.uint32(16)))


def _owed(scenario: Scenario, kind: BillKind, payer: Ints, amount: Floats) -> Floats:
    """What is owed on loans: the present value of the payments that remain (mortgages 5 to 25 years, others 1 to 5)."""
    low, high = (60, 300) if kind is BillKind.MORTGAGE else (12, 60)
    left = low + uniform(words(scenario.seed, payer, Why.CREDIT, _PURPOSE[kind])[0]) * (high - low)
    rate = scenario.credit.loan_rate / 12
    return amount * ((1 - (1 + rate) ** -left) / rate if rate else left)


def _add_bills(rows: _Rows, scenario: Scenario, plan: Plan, layout: Layout, draft: Draft) -> Floats:
    """The household's and the adults' bills; returns what each person owes on loans, currency units."""
    seasons = [place for place, bill in enumerate(scenario.bills) if bill.season]
    row, household, town = draft.members.row, draft.members.household, draft.people.town
    loans = np.zeros(len(row))
    for held in draft.budget.held:
        bill, payer = scenario.bills[held.bill], row[held.rows]
        day_word, method_word, late_word, month_word = words(scenario.seed, payer, Why.BILL, 200 + held.bill)
        method = _methods(bill, method_word)
        payee: Ints | int = layout.government
        firm: Ints | int = -1
        mcc = 0
        if bill.kind in (BillKind.MORTGAGE, BillKind.LOAN):
            payee = payer * PERSON_ROWS + LOAN
            loans[held.rows] += _owed(scenario, bill.kind, payer, held.amount)
        elif bill.kind is not BillKind.TAX:
            biller_word = words(scenario.seed, household[held.rows], Why.BILL, 300 + held.bill)[1]
            place = ((town[held.rows] + uniform(biller_word)) / plan.towns * plan.billers[held.bill]).astype(np.int64)
            firm, mcc = plan.first_biller[held.bill] + place, bill.mcc
            payee = layout.firm_base + firm * FIRM_ROWS + np.where(method == Method.CARD, ACQUIRING, CURRENT)
        rows.add(held.rows, payee, held.amount, _days(bill.first, day_word, late_word), method, _PURPOSE[bill.kind],
                 channel=_CHANNELS[method], firm=firm, months=_months(bill.every, month_word), varies=bill.varies,
                 season=seasons.index(held.bill) if bill.season else -1, mcc=mcc)  # fmt: skip
    return loans


def _add_people(rows: _Rows, scenario: Scenario, layout: Layout, draft: Draft) -> None:
    """Allowances between partners, rent to a flatmate, remittances: standing orders."""
    budget, row = draft.budget, draft.members.row
    day = 2 + (words(scenario.seed, row, Why.BILL, 500)[0] >> np.uint32(8)).astype(np.int64) % 26
    instant, order = int(Method.INSTANT_TRANSFER), int(Channel.STANDING_ORDER)
    gives = np.flatnonzero(budget.allowance > 1)
    rows.add(gives, (row[gives] + 1) * PERSON_ROWS, budget.allowance[gives], day[gives], instant, Purpose.ALLOWANCE, channel=order)
    takes = np.flatnonzero(budget.allowance < -1)
    rows.add(takes + 1, row[takes] * PERSON_ROWS, -budget.allowance[takes], day[takes], instant, Purpose.ALLOWANCE, channel=order)
    shares = np.flatnonzero(budget.flatmate >= 0)
    mate = row[budget.flatmate[shares]] * PERSON_ROWS
    rows.add(shares, mate, budget.flat_share[shares], 28, instant, Purpose.RENT, channel=order)
    sends = np.flatnonzero(budget.remittance > 0)
    rows.add(sends, layout.outside, budget.remittance[sends], day[sends], Method.WIRE, Purpose.REMITTANCE,
             channel=int(Channel.MOBILE), varies=0.2)  # fmt: skip


def _add_tax(rows: _Rows, scenario: Scenario, layout: Layout, draft: Draft, unit: int) -> None:
    """Estimated tax of the self-employed: mid January, April, June and September (IRS, Form 1040-ES)."""
    people = draft.people
    trader = np.flatnonzero((people.kind == SELF_EMPLOYED) & (people.gross > 0))
    quarterly = people.gross[trader] / unit / 4 * np.array(scenario.income.withheld)[people.decile[trader] // 2]
    owes = quarterly > 1
    months = sum(1 << m for m in (0, 3, 5, 8))
    rows.add(trader[owes], layout.government, quarterly[owes], 15, Method.BATCH_TRANSFER, Purpose.TAX,
             channel=int(Channel.ONLINE), months=months)  # fmt: skip


class Dues:
    """Everything that people pay at regular intervals, gathered span by span.

    Args:
        scenario: the bills.
        plan: where the billers stand.
        layout: account rows.
        unit: minor units in a currency unit.
    """

    def __init__(self, scenario: Scenario, plan: Plan, layout: Layout, unit: int) -> None:
        self._scenario, self._plan, self._layout, self._unit = scenario, plan, layout, unit
        self._rows = _Rows(unit)
        self._all = Gathered(OBLIGATION)
        self._start = np.zeros(layout.people + 1, np.int64)
        self._loans = np.zeros(layout.people, np.int64)

    def add(self, draft: Draft) -> None:
        """Draw what the people of the next span owe."""
        first, living = int(draft.members.row[0]), len(draft.members.row)
        loans = _add_bills(self._rows, self._scenario, self._plan, self._layout, draft)
        self._loans[first : first + living] = np.rint(loans * self._unit)
        _add_people(self._rows, self._scenario, self._layout, draft)
        _add_tax(self._rows, self._scenario, self._layout, draft, self._unit)
        count = self._rows.give(living, self._all, (first + living) / self._layout.people)
        self._start[first + 1 : first + living + 1] = self._start[first] + np.cumsum(count)

    @property
    def table(self) -> Records:
        """Rows of Obligations."""
        return self._all.table

    @property
    def start(self) -> Ints:
        """First obligation of each person; N + 1 entries."""
        return self._start

    @property
    def loans(self) -> Ints:
        """What each person owes on loans, minor units."""
        return self._loans
