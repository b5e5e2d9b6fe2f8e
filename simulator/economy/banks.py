"""What banks do with their own money: they pay costs and owners, keep reserves, and borrow from the central bank when they run short."""

import numpy as np

from simulator.clock import SUNDAY, Today
from simulator.codes import Channel, Method, Purpose
from simulator.draws import Ints
from simulator.economy.months import Months, is_month_end
from simulator.economy.sums import Sums
from simulator.ledger import FIXED, FORCED, IN, OUT
from simulator.lives.estates import HOUR, order
from simulator.population.world import World
from simulator.runner.postponed import Postponed
from simulator.scenario import Scenario
from simulator.scenario.shocks import Kind

LOST = (Purpose.CHARGE_OFF, Purpose.WRITE_OFF, Purpose.REFUND)
EARNED = (Purpose.INTEREST, Purpose.FEE)

NEAR = 0.03
"""Reserves over deposits above which a bank's books are looked at once a week only, to spare time."""


class Treasury:
    """The banks' own money.

    Args:
        scenario: what banks keep.
        months: what they hold.

    Attributes:
        owed: To the central bank, by bank, minor units.
        room: What each can borrow before it is closed.
        short: What each one's assets are worth less than what it owes, once expected losses are set aside; 0 where they suffice.
    """

    def __init__(self, scenario: Scenario, months: Months) -> None:
        self._rule, self._months = scenario.lending, months
        self.owed: Ints = np.zeros(len(months.opening.books), np.int64)
        self.room = self.short = self.owed
        self._runs = any(shock.kind is Kind.BANK_RUN for shock in scenario.shocks)
        self._watch = True
        self._last = months.opening.deposits

    def close_day(self, world: World, today: Today, banked: Ints, postponed: Postponed) -> None:
        """Borrow what is missing, give back what is not; with a month, pay costs and owners, and hold the reserves that are usual.

        Args:
            world: whose books are read.
            today: the day that closes.
            banked: what they paid and were paid since the start.
            postponed: takes what banks pay tomorrow.
        """
        if not (self._watch or today.weekday == SUNDAY or is_month_end(today.day)):
            return
        sums = self._months.sums(world, today.day)
        deposits = np.maximum(0, sums.deposits)
        reserves = self._months.reserves(sums)
        floor = np.rint(deposits * self._rule.liquidity_floor).astype(np.int64)
        self.owed = np.maximum(0, floor - reserves)
        self._watch = self._runs or bool((reserves < np.maximum(2 * floor, deposits * NEAR)).any())
        self.room = self._sells(sums, banked) + np.rint(self._last * self._rule.central_bank_limit).astype(np.int64)
        self.short = np.maximum(0, self._months.allowance(sums) - self._months.equity(sums, banked))
        if not is_month_end(today.day):
            return
        self._last = deposits
        flows = self._months.banks[-1].flows
        profit = flows[:, IN, EARNED].sum(axis=1) - flows[:, OUT, EARNED].sum(axis=1) - flows[:, OUT, LOST].sum(axis=1)
        pays = np.rint(np.maximum(0, profit) * self._rule.paid_out).astype(np.int64)
        _pay(world, today, postponed, pays, Purpose.DIVIDEND, 1)
        target = np.rint(deposits * self._rule.reserves).astype(np.int64)
        _pay(world, today, postponed, np.maximum(reserves - pays - target, -self._sells(sums, banked)), Purpose.INVESTMENT, 2)

    def _sells(self, sums: Sums, banked: Ints) -> Ints:
        """What a bank can raise: securities it holds, and loans beyond those of the first morning, which markets take as security."""
        opening = self._months.opening
        held = opening.securities + self._months.bought(banked)
        found: Ints = np.maximum(0, held - np.minimum(0, opening.securities) + np.maximum(0, sums.lent - opening.lent))
        return found

    def dump(self) -> list[list[int]]:
        """Plain data for a checkpoint."""
        return [self.owed.tolist(), self.room.tolist(), self.short.tolist(), self._last.tolist(), [int(self._watch)]]

    def load(self, stored: list[list[int]]) -> None:
        """What `dump` gave, taken up again."""
        self.owed, self.room, self.short, self._last, watch = (np.array(one, np.int64) for one in stored)
        self._watch = bool(watch[0])


def _pay(world: World, today: Today, postponed: Postponed, amount: Ints, purpose: Purpose, hour: int) -> None:
    """Banks pay the outside tomorrow, or are paid where an amount is below 0."""
    for sign in (1, -1):
        bank = np.flatnonzero(amount * sign > 0)
        own, outside = world.layout.bank_base + bank, np.full(len(bank), world.layout.outside)
        payer, payee = (own, outside) if sign > 0 else (outside, own)
        order(postponed, today.day + 1, np.zeros(len(bank), np.int64), (hour * HOUR - today.offset) % (24 * HOUR) + bank, payer, payee,
              Method.NONE, purpose, amount=amount[bank] * sign, rule=FIXED, marks=FORCED, channel=Channel.NONE)  # fmt: skip
