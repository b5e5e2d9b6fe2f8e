"""Obligations: what each person pays at regular intervals, as sparse rows. Rent, bills, dues, allowances, remittances, tax."""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import EPOCH
from simulator.codes import Channel, Method, Purpose
from simulator.draws import Ints, Why, choose, threshold, uniform, words
from simulator.population.accounts import ACQUIRING, CURRENT, FIRM_ROWS, LOAN, PERSON_ROWS
from simulator.population.draft import Draft
from simulator.population.dues import CHANNELS, Directory, add_dues, add_remittances, through_agents
from simulator.population.households import SELF_EMPLOYED, Floats
from simulator.population.owed import EVERY_MONTH, OBLIGATION, Rows
from simulator.records import Gathered, Records
from simulator.scenario import Bill, BillKind, Scenario
from simulator.scenario import Method as BillMethod

_PURPOSE = {
    BillKind.RENT: Purpose.RENT, BillKind.MORTGAGE: Purpose.MORTGAGE, BillKind.LOAN: Purpose.LOAN, BillKind.UTILITY: Purpose.BILL,
    BillKind.INSURANCE: Purpose.INSURANCE, BillKind.SUBSCRIPTION: Purpose.SUBSCRIPTION, BillKind.TAX: Purpose.TAX,
}  # fmt: skip


def _methods(bill: Bill, word: NDArray[np.uint32]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Method and channel by which each pays a bill; a standing order is a batch transfer that nobody makes by hand."""
    stands = np.array([name is BillMethod.STANDING_ORDER for name in bill.methods])
    codes = [Method.BATCH_TRANSFER if name is BillMethod.STANDING_ORDER else Method[name.value.upper()] for name in bill.methods]
    place = choose(list(bill.methods.values()), word)
    method = np.array(codes, np.int8)[place]
    return method, np.where(stands[place], np.int8(Channel.STANDING_ORDER), CHANNELS[method])


def _months(every: int, word: NDArray[np.uint32]) -> Ints | int:
    """Bits of the months in which a bill falls due that comes every so many months."""
    if every == 1:
        return EVERY_MONTH
    return np.array([sum(1 << m for m in range(12) if m % every == p) for p in range(every)])[word % np.uint32(every)]


def _days(first: float, word: NDArray[np.uint32], late: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Day of the month on which a bill falls due: the first, or any of the 2nd to the 28th."""
    return np.where(word < np.uint32(threshold(first)), np.uint32(1), 2 + ((late >> np.uint32(16)) * np.uint32(27) >> np.uint32(16)))


TERMS = {Purpose.MORTGAGE: 360, Purpose.LOAN: 60}
"""Months in which loans are paid off: thirty years, the usual term of a mortgage in the United States; five (assumption)."""


def instalments_left(seed: int, purpose: Purpose, payer: Ints, month: Ints | int) -> Ints:
    """Payments that remain on people's loans at the beginning of a month of the run, from 0; one paid off is followed by another."""
    word = words(seed, payer, Why.CREDIT, purpose)[0].astype(np.int64)
    left: Ints = ((word * TERMS[purpose] >> 32) - month) % TERMS[purpose] + 1
    return left


def present_value(rate: float, months: Ints | int) -> Floats:
    """What is owed on a loan that so many monthly payments of one unit will pay off; ``rate`` a year."""
    monthly = rate / 12
    value: Floats = (1 - (1 + monthly) ** -np.asarray(months, np.float64)) / monthly if monthly else np.asarray(months, np.float64)
    return value


def _owed(scenario: Scenario, purpose: Purpose, payer: Ints, amount: Floats, month: Ints) -> Floats:
    return amount * present_value(scenario.credit.loan_rate, instalments_left(scenario.seed, purpose, payer, month))


def _add_bills(rows: Rows, directory: Directory, draft: Draft, month: Ints) -> Floats:
    """The household's and the adults' bills; returns what each person owes on loans at the beginning of a month, currency units."""
    scenario, plan, _, layout = directory
    seasons = [place for place, bill in enumerate(scenario.bills) if bill.season]
    row, household, town = draft.members.row, draft.members.household, draft.people.town
    loans = np.zeros(len(row))
    for held in draft.budget.held:
        bill, payer = scenario.bills[held.bill], row[held.rows]
        day_word, method_word, late_word, month_word = words(scenario.seed, payer, Why.BILL, 200 + held.bill)
        method, channel = _methods(bill, method_word)
        payee: Ints | int = layout.government
        firm: Ints | int = -1
        mcc = 0
        if bill.kind in (BillKind.MORTGAGE, BillKind.LOAN):
            payee = payer * PERSON_ROWS + LOAN
            loans[held.rows] += _owed(scenario, _PURPOSE[bill.kind], draft.origin[held.rows], held.amount, month[held.rows])
        elif bill.kind is not BillKind.TAX:
            biller_word = words(scenario.seed, household[held.rows], Why.BILL, 300 + held.bill)[1]
            place = ((town[held.rows] + uniform(biller_word)) / plan.towns * plan.billers[held.bill]).astype(np.int64)
            firm, mcc = plan.first_biller[held.bill] + place, bill.mcc
            payee = layout.firm_base + firm * FIRM_ROWS + np.where(method == Method.CARD, ACQUIRING, CURRENT)
            if bill.kind is BillKind.RENT:
                payee, firm = through_agents(directory, draft, held.rows, payee, firm)
        rows.add(held.rows, payee, held.amount, _days(bill.first, day_word, late_word), method, _PURPOSE[bill.kind],
                 channel=channel, firm=firm, months=_months(bill.every, month_word), varies=bill.varies,
                 season=seasons.index(held.bill) if bill.season else -1, mcc=mcc, bill=held.bill)  # fmt: skip
    return loans


def _add_people(rows: Rows, draft: Draft, scenario: Scenario) -> Ints:
    """Allowances between partners, rent to a flatmate: standing orders, instant where people know such transfers at all.

    Returns everybody's day of the month for such.
    """
    seed = scenario.seed
    budget, row = draft.budget, draft.members.row
    day = 2 + (words(seed, row, Why.BILL, 500)[0] >> np.uint32(8)).astype(np.int64) % 26
    instant = int(Method.INSTANT_TRANSFER if scenario.transfers.instant > 0 else Method.BATCH_TRANSFER)
    order = int(Channel.STANDING_ORDER)
    gives = np.flatnonzero(budget.allowance > 1)
    rows.add(
        gives,
        row[np.minimum(gives + 1, len(row) - 1)] * PERSON_ROWS,
        budget.allowance[gives],
        day[gives],
        instant,
        Purpose.ALLOWANCE,
        channel=order,
    )
    takes = np.flatnonzero(budget.allowance < -1)
    rows.add(takes + 1, row[takes] * PERSON_ROWS, -budget.allowance[takes], day[takes], instant, Purpose.ALLOWANCE, channel=order)
    shares = np.flatnonzero(budget.flatmate >= 0)
    mate = row[budget.flatmate[shares]] * PERSON_ROWS
    rows.add(shares, mate, budget.flat_share[shares], 28, instant, Purpose.RENT, channel=order)
    return day


def _add_tax(rows: Rows, directory: Directory, draft: Draft, unit: int) -> None:
    """Estimated tax of the self-employed: mid January, April, June and September (IRS, Form 1040-ES)."""
    people = draft.people
    if directory.scenario.income.net_takings:
        return
    trader = np.flatnonzero((people.kind == SELF_EMPLOYED) & (people.gross > 0))
    quarterly = people.gross[trader] / unit / 4 * np.array(directory.scenario.income.withheld)[people.decile[trader] // 2]
    owes = quarterly > 1
    rows.add(trader[owes], directory.layout.government, quarterly[owes], 15, Method.BATCH_TRANSFER, Purpose.TAX,
             channel=int(Channel.ONLINE), months=QUARTERLY)  # fmt: skip


QUARTERLY = sum(1 << m for m in (0, 3, 5, 8))
"""Months of estimated tax."""


def _draw(rows: Rows, directory: Directory, draft: Draft, unit: int, month: Ints) -> Floats:
    """Everything that some people pay; returns what each owes on loans, minor units."""
    loans = _add_bills(rows, directory, draft, month)
    add_dues(rows, directory, draft)
    add_remittances(rows, directory, draft, _add_people(rows, draft, directory.scenario))
    _add_tax(rows, directory, draft, unit)
    owed: Floats = np.rint(loans * unit)
    return owed


def draw_dues(directory: Directory, draft: Draft, unit: int, month: int) -> tuple[Records, Ints, Ints]:
    """What some people owe, by place among them: rows of Obligations, how many each has, and what each owes on loans, minor units.

    Args:
        directory: where payees are found.
        draft: the people; bills that are not among its budget's are not drawn.
        unit: minor units in a currency unit.
        month: of the run, in which they begin to pay.
    """
    rows, found = Rows(unit), Gathered(OBLIGATION)
    loans = _draw(rows, directory, draft, unit, np.full(len(draft.members.row), month))
    count = rows.give(len(draft.members.row), found, 1.0)
    return found.table, count, loans.astype(np.int64)


class Dues:
    """Everything that people pay at regular intervals, gathered span by span.

    Args:
        directory: where payees are found.
        unit: minor units in a currency unit.
    """

    def __init__(self, directory: Directory, unit: int) -> None:
        self._directory, self._unit = directory, unit
        self._rows = Rows(unit)
        self._all = Gathered(OBLIGATION)
        self._start = np.zeros(directory.layout.people + 1, np.int64)
        self._loans = np.zeros(directory.layout.people, np.int64)

    def add(self, draft: Draft) -> None:
        """Draw what the people of the next span owe."""
        first, living = int(draft.members.row[0]), len(draft.members.row)
        self._loans[first : first + living] = _draw(self._rows, self._directory, draft, self._unit, self._month(draft))
        count = self._rows.give(living, self._all, (first + living) / self._directory.layout.people)
        self._start[first + 1 : first + living + 1] = self._start[first] + np.cumsum(count)

    def _month(self, draft: Draft) -> Ints:
        """Month of the run in which each begins to pay."""
        start = self._directory.scenario.period.start
        joined = np.maximum(draft.people.joined, (start - EPOCH).days).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        month: Ints = joined - ((start.year - EPOCH.year) * 12 + start.month - 1)
        return month

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
