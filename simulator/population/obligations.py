"""Obligations: what each person pays at regular intervals, as sparse rows. Rent, bills, allowances, remittances, tax."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Channel, Method, Purpose
from simulator.draws import Ints, Why, uniform, words
from simulator.population.accounts import ACQUIRING, CURRENT, FIRM_ROWS, LOAN, PERSON_ROWS, Layout
from simulator.population.budget import Budget
from simulator.population.firms import Plan
from simulator.population.households import SELF_EMPLOYED, Floats
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


class _Rows:
    """Obligations as they are gathered, a list of equal columns."""

    _TYPES = (np.int32, np.int32, np.int32, np.int64, np.int8, np.int16, np.int16, np.int8, np.int8, np.int8, np.int8, np.int16)

    def __init__(self, unit: int) -> None:
        self._unit = unit
        self._columns: list[list[NDArray[Any]]] = [[] for _ in self._TYPES]

    def add(
        self, payer: Ints, payee: Ints, amount: Floats, day: Ints, method: Ints | int, purpose: int, *, channel: Ints | int = 0,
        firm: Ints | int = -1, months: Ints | int = EVERY_MONTH, varies: float = 0.0, season: int = -1, mcc: int = 0,
    ) -> None:  # fmt: skip
        whole = np.maximum(1, np.rint(amount * self._unit)).astype(np.int64)
        fields = (payer, payee, firm, whole, day, months, round(varies * 4096), season, method, channel, purpose, mcc)
        for column, field, kind in zip(self._columns, fields, self._TYPES, strict=True):
            column.append(np.broadcast_to(np.asarray(field), payer.shape).astype(kind))

    def columns(self, people: int) -> Obligations:
        payer = np.concatenate(self._columns[0])
        order = np.argsort(payer, kind="stable").astype(np.int32)
        start = np.concatenate([[0], np.cumsum(np.bincount(payer, minlength=people))]).astype(np.int64)
        gathered = []
        for column in self._columns[1:]:
            gathered.append(np.concatenate(column)[order])
            column.clear()  # a million customers have eight million obligations: each column is let go as it is taken
        return Obligations(start, *gathered)


def _methods(bill: Bill, u: Floats) -> Ints:
    names = list(bill.methods)
    shares = np.cumsum([bill.methods[name] for name in names])
    chosen = np.minimum(np.searchsorted(shares / shares[-1], u, side="right"), len(names) - 1)
    return np.array([int(Method[name.value.upper()]) for name in names])[chosen]


def _channel(method: Ints) -> Ints:
    return np.where((method == Method.CARD) | (method == Method.BATCH_TRANSFER), int(Channel.ONLINE), 0)


def _add_bills(rows: _Rows, scenario: Scenario, plan: Plan, layout: Layout, budget: Budget, household: Ints, town: Ints) -> None:
    seasons = [place for place, bill in enumerate(scenario.bills) if bill.season]
    for held in budget.held:
        bill = scenario.bills[held.bill]
        day_word, biller_word, method_word, month_word = words(scenario.seed, held.rows, Why.BILL, 200 + held.bill)
        biller_word = words(scenario.seed, household[held.rows], Why.BILL, 300 + held.bill)[1]
        u = uniform(day_word)
        day = np.where(u < bill.first, 1, 2 + (uniform(method_word) * 27).astype(np.int64))
        method = _methods(bill, uniform(words(scenario.seed, held.rows, Why.BILL, 400 + held.bill)[0]))
        count = plan.billers[held.bill]
        firm = plan.first_biller[held.bill] + ((town[held.rows] + uniform(biller_word)) / plan.towns * count).astype(np.int64)
        months: Ints | int = EVERY_MONTH
        if bill.every > 1:
            phase = (month_word >> np.uint32(8)).astype(np.int64) % bill.every
            months = np.array([sum(1 << m for m in range(12) if m % bill.every == p) for p in range(bill.every)])[phase]
        if bill.kind in (BillKind.MORTGAGE, BillKind.LOAN):
            payee, firm = held.rows * PERSON_ROWS + LOAN, np.full(len(held.rows), -1)
        elif bill.kind is BillKind.TAX:
            payee, firm = np.full(len(held.rows), layout.government), np.full(len(held.rows), -1)
        else:
            payee = layout.firm_base + firm * FIRM_ROWS + np.where(method == Method.CARD, ACQUIRING, CURRENT)
        season = seasons.index(held.bill) if bill.season else -1
        mcc = 0 if bill.kind in (BillKind.MORTGAGE, BillKind.LOAN, BillKind.TAX) else bill.mcc
        rows.add(held.rows, payee, held.amount, day, method, _PURPOSE[bill.kind], channel=_channel(method), firm=firm, months=months,
                 varies=bill.varies, season=season, mcc=mcc)  # fmt: skip


def _add_people(rows: _Rows, budget: Budget, layout: Layout, seed: int) -> None:
    """Allowances between partners, rent to a flatmate, remittances: standing orders."""
    everyone = np.arange(len(budget.net), dtype=np.int64)
    day_word = words(seed, everyone, Why.BILL, 500)[0]
    day = 2 + (day_word >> np.uint32(8)).astype(np.int64) % 26
    instant, order = int(Method.INSTANT_TRANSFER), int(Channel.STANDING_ORDER)
    gives = np.flatnonzero(budget.allowance > 1)
    rows.add(gives, (gives + 1) * PERSON_ROWS, budget.allowance[gives], day[gives], instant, Purpose.ALLOWANCE, channel=order)
    takes = np.flatnonzero(budget.allowance < -1)
    rows.add(takes + 1, takes * PERSON_ROWS, -budget.allowance[takes], day[takes], instant, Purpose.ALLOWANCE, channel=order)
    shares = np.flatnonzero(budget.flatmate >= 0)
    mate, share = budget.flatmate[shares] * PERSON_ROWS, budget.flat_share[shares]
    rows.add(shares, mate, share, np.full(len(shares), 28), instant, Purpose.RENT, channel=order)
    sends = np.flatnonzero(budget.remittance > 0)
    outside = np.full(len(sends), layout.outside)
    rows.add(sends, outside, budget.remittance[sends], day[sends], Method.WIRE, Purpose.REMITTANCE, channel=int(Channel.MOBILE), varies=0.2)


def build_obligations(
    scenario: Scenario, plan: Plan, layout: Layout, budget: Budget,
    household: Ints, town: Ints, kind: Ints, gross: Floats, quintile: Ints, unit: int,
) -> Obligations:  # fmt: skip
    """Everything that people pay at regular intervals.

    Args:
        scenario: the bills.
        plan: where the billers stand.
        layout: account rows.
        budget: who holds which bill, allowances and remittances.
        household: row of the head of each person's household.
        town: town of each person.
        kind: income kind of each person.
        gross: yearly income before tax, currency units.
        quintile: income quintile of each person.
        unit: minor units in a currency unit.
    """
    rows = _Rows(unit)
    _add_bills(rows, scenario, plan, layout, budget, household, town)
    _add_people(rows, budget, layout, scenario.seed)
    trader = np.flatnonzero((kind == SELF_EMPLOYED) & (gross > 0))
    quarterly = gross[trader] / 4 * np.array(scenario.income.withheld)[quintile[trader]]
    owes = quarterly > 1
    # Estimated tax of the self-employed falls due in mid January, April, June and September (IRS, Form 1040-ES).
    months = sum(1 << m for m in (0, 3, 5, 8))
    government, day = np.full(owes.sum(), layout.government), np.full(owes.sum(), 15)
    rows.add(trader[owes], government, quarterly[owes], day, Method.BATCH_TRANSFER, Purpose.TAX, channel=int(Channel.ONLINE), months=months)
    return rows.columns(len(kind))
