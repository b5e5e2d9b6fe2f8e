"""Daily series: what happened today, from the tally of the clearing and the books at the day's end."""

from typing import Any

import numpy as np
import pyarrow as pa

from simulator.clearing import HELD
from simulator.clock import EPOCH, Today
from simulator.codes import Method, Purpose, Status, words
from simulator.draws import Ints
from simulator.population.accounts import CREDIT_CARD, FIRM_ROWS, LOAN, PERSON_ROWS, PURSE
from simulator.population.world import World
from simulator.record.schema import arrow_schema

Day = dict[str, Any]
_SEEN_IN_CASH = (int(Purpose.WITHDRAWAL), int(Purpose.DEPOSIT))


class Series:
    """Collects one row a day.

    Args:
        world: whose books are read.
        currency: ISO 4217.
    """

    def __init__(self, world: World, currency: str) -> None:
        self._world, self._currency = world, currency
        self._tally: Ints | None = None
        self._boundary = self._boundary_balance()
        self.days: list[Day] = []

    def _boundary_balance(self) -> int:
        layout = self._world.layout
        return int(self._world.accounts.book[layout.government : layout.bank_base].sum())

    def add(self, today: Today, tally: Ints) -> Day:
        """Add the day; ``tally`` runs from the start, shape (2, purposes, methods, statuses)."""
        new = tally - self._tally if self._tally is not None else tally.copy()
        self._tally = tally.copy()
        self.days.append(self._row(today, new))
        return self.days[-1]

    def resume(self, days: list[Day], tally: Ints) -> None:
        """Go on after days that were lived before."""
        self.days, self._tally, self._boundary = days, tally.copy(), self._boundary_balance()

    def _row(self, today: Today, new: Ints) -> Day:
        unit = self._world.rules.unit
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
            "currency": self._currency,
            "customers": self._world.layout.people,
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
            row[f"{word}_payments"] = int(count[:, method, good].sum())
            row[f"{word}_value"] = float(value[:, method, good].sum())
        return row | self._books(new)

    def _books(self, new: Ints) -> Day:
        layout, accounts, unit = self._world.layout, self._world.accounts, self._world.rules.unit
        own = accounts.book[: layout.firm_base].reshape(-1, PERSON_ROWS)
        firms = accounts.book[layout.firm_base : layout.government].reshape(-1, FIRM_ROWS)
        before, self._boundary = self._boundary, self._boundary_balance()
        credits = new[1, _BOUNDARY_CREDITS, :, Status.APPROVED].sum()
        net = before - self._boundary
        return {
            "deposits": int(own[:, :CREDIT_CARD].sum()) / unit,
            "firm_deposits": int(firms[:, :2].sum()) / unit,
            "card_debt": -int(own[:, CREDIT_CARD].sum()) / unit,
            "loan_debt": -int(own[:, LOAN].sum()) / unit,
            "notes": int(own[:, PURSE].sum() + firms[:, 2].sum()) / unit,
            "in_flight": int(accounts.flight.sum()) / unit,
            "boundary_credits": float(credits / unit),
            "boundary_debits": float((credits - net) / unit),
            "boundary_net": net / unit,
        }

    def table(self) -> pa.Table:
        """All days as the table `daily`."""
        return pa.Table.from_pylist(self.days, schema=arrow_schema("daily"))


_BOUNDARY_CREDITS = [int(p) for p in (Purpose.PENSION, Purpose.BENEFIT, Purpose.TAKINGS, Purpose.INVOICE, Purpose.GRANT)]
"""Purposes by which the boundary, and nobody else, pays in."""
