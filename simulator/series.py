"""Daily series: what happened today, from the tally of the clearing and the books at the day's end.

The row of the home currency counts everything, values in the home currency. The row of a foreign currency holds its
published rate and what is known of it: payments of which one side is in it, and their value in it; all else is 0.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from simulator.clearing import HELD
from simulator.clock import EPOCH, Today
from simulator.codes import Method, Purpose, Status, words
from simulator.draws import Ints
from simulator.exchange import MILLION
from simulator.kernel import kernel
from simulator.ledger import APPROVED_ROWS, DECLINED_ROWS, FOREIGN_VALUE, HOME_VALUE, IN, OUT
from simulator.population.accounts import (
    ACQUIRING,
    CREDIT_CARD,
    CURRENT,
    FIRM_ROWS,
    LOAN,
    PERSON_ROWS,
    PURSE,
    RESERVE,
    SAVINGS,
    TILL,
    Layout,
)  # fmt: skip
from simulator.population.world import World
from simulator.record.schema import TABLES, arrow_schema
from simulator.records import Records

Day = dict[str, Any]
_SEEN_IN_CASH = (int(Purpose.WITHDRAWAL), int(Purpose.DEPOSIT))


@kernel
def _sum_books(accounts: Records, layout: Layout, people: Ints, firms: Ints) -> int:
    """Adds up the books of people and firms by account of theirs; returns the sum of what is in flight everywhere."""
    flight = np.int64(0)
    for account in range(layout.accounts):
        flight += accounts.flight[account]
        if account < layout.firm_base:
            people[account % PERSON_ROWS] += accounts.book[account]
        elif account < layout.government:
            firms[(account - layout.firm_base) % FIRM_ROWS] += accounts.book[account]
    return int(flight)


class Series:
    """Collects one row a day and currency.

    Args:
        world: whose books are read.
        currencies: ISO 4217, home first.

    Attributes:
        days: one row a day, of the home currency.
        foreign: the rows of the foreign currencies, by day.
    """

    def __init__(self, world: World, currencies: list[str]) -> None:
        # Not the world itself: it is another one every month.
        self._layout, self._accounts, self._abroad, self._census = world.layout, world.accounts, world.abroad, world.census
        self._unit = world.rules.unit
        self._currencies = currencies
        self._tally: Ints | None = None
        self._crossed: Ints | None = None
        self._boundary = self._boundary_balance()
        self.days: list[Day] = []
        self.foreign: list[Day] = []

    def _boundary_balance(self) -> int:
        """What the boundary holds in the home currency; the dealer's home account stands for what is held in others."""
        layout, book = self._layout, self._accounts.book
        countries = book[layout.abroad_base : layout.dealer_base][self._abroad.currency == 0]
        return int(book[layout.government] + book[layout.outside] + countries.sum() + book[layout.dealer_base])

    def add(self, today: Today, tally: Ints, crossed: Ints, figures: dict[str, int]) -> Day:
        """Add the day.

        Args:
            today: the day.
            tally: counts and values from the start, shape (2, purposes, methods, statuses).
            crossed: payments across the border from the start, see `simulator.clearing.clear`.
            figures: what the economy says of the day.
        """
        new = tally - self._tally if self._tally is not None else tally.copy()
        over = crossed - self._crossed if self._crossed is not None else crossed.copy()
        self._tally, self._crossed = tally.copy(), crossed.copy()
        self.days.append(self._row(today, new, over) | figures)
        self.foreign.extend(self._foreign_row(today, k, over[:, k]) for k in range(1, len(self._currencies)))
        return self.days[-1]

    def resume(self, days: list[Day], tally: Ints, crossed: Ints) -> None:
        """Go on after days that were lived before; ``days`` are rows of all currencies."""
        self.days = [day for day in days if day["currency"] == self._currencies[0]]
        self.foreign = [day for day in days if day["currency"] != self._currencies[0]]
        self._tally, self._crossed, self._boundary = tally.copy(), crossed.copy(), self._boundary_balance()

    def _foreign_row(self, today: Today, currency: int, over: Ints) -> Day:
        """The day in a foreign currency; ``over`` has shape (4, 2, purposes)."""
        unit = int(self._abroad.unit[currency])
        value = over[FOREIGN_VALUE] / unit
        mine = np.append(self._abroad.currency, np.arange(len(self._currencies))) == currency
        flight = self._accounts.flight[self._layout.abroad_base : self._layout.bank_base][mine].sum()
        return dict.fromkeys(TABLES["daily"].names, 0) | {
            "date": EPOCH.fromordinal(EPOCH.toordinal() + today.day),
            "currency": self._currencies[currency],
            "payments": int(over[[APPROVED_ROWS, DECLINED_ROWS]].sum()),
            "approved": int(over[APPROVED_ROWS].sum()),
            "declined": int(over[DECLINED_ROWS].sum()),
            "value": float(value.sum()),
            "purchases": int(over[APPROVED_ROWS, OUT, Purpose.PURCHASE]),
            "purchase_value": float(value[OUT, Purpose.PURCHASE]),
            "pensions": float(value[IN, Purpose.PENSION]),
            "withdrawals": float(value[OUT, Purpose.WITHDRAWAL]),
            "in_flight": int(flight) / unit,
            "boundary_credits": float(value[IN].sum()),
            "boundary_debits": float(value[OUT].sum()),
            "boundary_net": float(value[IN].sum() - value[OUT].sum()),
            "rate": int(today.rates[currency]) * unit / (self._unit * MILLION),
        }

    def _row(self, today: Today, new: Ints, over: Ints) -> Day:
        unit = self._unit
        count, value = new[0].copy(), new[1] / unit
        notes = np.zeros_like(count)
        notes[:, Method.CASH] = count[:, Method.CASH]
        notes[list(_SEEN_IN_CASH)] = 0
        seen, unseen = count - notes, notes[:, :, Status.APPROVED]
        good = Status.APPROVED
        unseen_value = np.where(unseen > 0, value[:, :, good], 0)
        bought = Purpose.PURCHASE
        row: Day = {
            "date": EPOCH.fromordinal(EPOCH.toordinal() + today.day),
            "currency": self._currencies[0],
            "customers": int(self._census[0]),
            "payments": int(seen.sum()),
            "approved": int(seen[:, :, [good, HELD]].sum()),
            "declined": int(seen[:, :, Status.DECLINED].sum()),
            "value": float(value[:, :, good].sum() - unseen_value.sum()),
            "purchases": int(seen[bought, :, good].sum()),
            "purchase_value": float(value[bought, :, good].sum() - unseen_value[bought].sum()),
            "unseen_payments": int(unseen.sum()),
            "unseen_value": float(unseen_value.sum()),
            "unseen_purchases": int(unseen[bought].sum()),
            "wages": float(value[Purpose.SALARY, :, good].sum()),
            "pensions": float(value[Purpose.PENSION, :, good].sum()),
            "benefits": float(value[Purpose.BENEFIT, :, good].sum()),
            "taxes": float(value[Purpose.TAX, :, good].sum()),
            "withdrawals": float(value[Purpose.WITHDRAWAL, :, good].sum()),
            "deposits_of_cash": float(value[Purpose.DEPOSIT, :, good].sum()),
        }
        for method, word in enumerate(words(Method)):
            row[f"{word}_payments"] = int(seen[:, method, good].sum())
            row[f"{word}_value"] = float(value[:, method, good].sum() - unseen_value[:, method].sum())
        return row | self._books(new, over) | {"rate": 1.0}

    def _books(self, new: Ints, over: Ints) -> Day:
        layout, accounts, unit = self._layout, self._accounts, self._unit
        people, firms = np.zeros(PERSON_ROWS, np.int64), np.zeros(FIRM_ROWS, np.int64)
        flight = _sum_books(accounts, layout, people, firms)
        before, self._boundary = self._boundary, self._boundary_balance()
        credits = new[1, _BOUNDARY_CREDITS, :, Status.APPROVED].sum() + over[HOME_VALUE, :, IN, Purpose.REMITTANCE].sum()
        abroad = accounts.flight[layout.abroad_base : layout.dealer_base][self._abroad.currency > 0].sum()
        net = before - self._boundary
        return {
            "deposits": int(people[CURRENT] + people[SAVINGS]) / unit,
            "firm_deposits": int(firms[CURRENT] + firms[ACQUIRING] + firms[RESERVE]) / unit,
            "card_debt": -int(people[CREDIT_CARD]) / unit,
            "loan_debt": -int(people[LOAN]) / unit,
            "notes": int(people[PURSE] + firms[TILL]) / unit,
            "in_flight": int(flight - abroad) / unit,
            "boundary_credits": float(credits / unit),
            "boundary_debits": float((credits - net) / unit),
            "boundary_net": net / unit,
        }

    def table(self) -> pa.Table:
        """All days as the table `daily`."""
        rows = sorted([*self.days, *self.foreign], key=lambda day: day["date"])  # stable: home first, then as the scenario lists them
        return pa.Table.from_pylist(rows, schema=arrow_schema("daily"))


_BOUNDARY_CREDITS = [int(p) for p in (Purpose.PENSION, Purpose.BENEFIT, Purpose.TAKINGS, Purpose.INVOICE, Purpose.GRANT)]
"""Purposes by which the boundary, and nobody else, pays in."""
