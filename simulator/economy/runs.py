"""Runs: depositors who fear for their bank move what is not insured, and people who fear for the system draw notes.

The fear of an hour follows from the news (the shock's share) and from how many have run by then; who can move money online does so at
once, others queue at branches, which serve a share of the bank's customers a day. Money moved goes to accounts outside the town,
as in 2023 it went to larger banks and money-market funds, or to the account of a partner who is with another bank of the town.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import DAY, EPOCH, HOUR, Today
from simulator.codes import Channel, Method, Purpose
from simulator.draws import Ints, Why, uniform, words
from simulator.economy.paths import Curves
from simulator.ledger import FIXED, OWN
from simulator.lives.estates import order
from simulator.lives.register import befalls, moments
from simulator.population.accounts import CURRENT, FIRM_ROWS, PERSON_ROWS, PURSE, RESERVE, SAVINGS
from simulator.population.climate import USUAL
from simulator.population.households import Floats
from simulator.population.presence import here, trading
from simulator.population.world import World
from simulator.runner.postponed import Postponed
from simulator.scenario import Scenario
from simulator.scenario.shocks import Kind, Shock

OPENS, HOURS = 9, 8
"""Local hour at which a run begins on each of its days, and how many hours it lasts (assumption: business hours)."""

SERVED = 0.02
"""Share of a bank's customers that its branches serve in a day (assumption)."""

PANIC_NOTES = 4
"""Notes that somebody in a panic draws, in purses (assumption)."""

KEPT = 90
"""Days after a panic for which people keep the notes that they drew (assumption)."""


class Runs:
    """Bank runs and cash panics of a world.

    Args:
        scenario: its shocks.
        world: its first morning.

    Attributes:
        ran: By person, then by firm: 1 for who has run.
    """

    def __init__(self, scenario: Scenario, world: World) -> None:
        self._key, self._insured = scenario.seed, round(scenario.lending.insured * world.rules.unit)
        self._banks, self._rivals = [bank.name for bank in scenario.banks], scenario.economy.rivals
        self._runs = [shock for shock in scenario.shocks if shock.kind is Kind.BANK_RUN]
        self._panic = Curves(scenario.shocks, Kind.CASH_PANIC, ["panic"])
        self.ran = np.zeros(world.layout.people + world.layout.firms, np.int64)

    def open_day(self, world: World, today: Today) -> None:
        """People keep the notes that a panic made them draw."""
        if self._panic:
            panic = max(float(self._panic.on(today.day - back)[0]) for back in range(KEPT))
            world.climate.notes[0] = USUAL * (2 * PANIC_NOTES if panic else 1)

    def close_day(self, world: World, today: Today, postponed: Postponed) -> None:
        """Order what is moved tomorrow."""
        for shock in self._runs:
            assert shock.start is not None and shock.lasts is not None
            first = (shock.start.date() - EPOCH).days
            if first <= today.day + 1 < first + max(1, round(shock.lasts.total_seconds() / 86400)):
                self._run(world, today, postponed, shock)
        if self._panic:
            self._draw_notes(world, today, postponed, float(self._panic.on(today.day + 1)[0]))

    def _run(self, world: World, today: Today, postponed: Postponed, shock: Shock) -> None:
        layout, people, firms = world.layout, world.people, world.firms
        bank = np.concatenate([people.bank, firms.bank]).astype(np.int64)
        there = np.concatenate([here(people, today.day + 1), trading(firms, today.day + 1)])
        first = np.concatenate([np.arange(layout.people) * PERSON_ROWS, layout.firm_base + np.arange(layout.firms) * FIRM_ROWS])
        second = first + np.where(np.arange(len(first)) < layout.people, SAVINGS, RESERVE)
        held = np.maximum(0, world.accounts.book[first]) + np.maximum(0, world.accounts.book[second])
        uninsured = held - self._insured
        banks = [self._banks.index(name) for name in shock.banks] or list(range(len(self._banks)))
        mine = there & np.isin(bank, banks)
        at_risk = np.flatnonzero(mine & (uninsured > 0) & (self.ran == 0))
        exposed = int((mine & ((uninsured > 0) | (self.ran > 0))).sum())
        if not exposed:
            return
        runs, _, when, turn = words(self._key, at_risk, Why.BANK_RUN, 0, today.day)
        online = befalls(words(self._key, at_risk, Why.BANK_RUN, 1)[0], shock.online)
        hour = self._hears(shock, uniform(runs), int((mine & (self.ran > 0)).sum()), exposed)
        queue = np.flatnonzero((hour < HOURS) & ~online)
        room = int(SERVED * int(mine.sum()))
        served = queue[np.lexsort((turn[queue], hour[queue]))[:room]]
        chosen = np.concatenate([np.flatnonzero((hour < HOURS) & online), served])
        rows, at_branch = at_risk[chosen], ~online[chosen]
        self.ran[rows] = 1
        time = moments(when[chosen], today.offset, OPENS, 1) + hour[chosen] * HOUR
        payee = self._safe(world, today, rows, bank, banks)
        self._move(world, today, postponed, rows, first[rows], second[rows], payee, time % DAY, at_branch)

    @staticmethod
    def _hears(shock: Shock, luck: Floats, ran: int, exposed: int) -> Ints:
        """Hour of the day in which each depositor at risk runs, `HOURS` for who does not.

        Fear grows within the day with those who have got their money out, and with those who stand in line where others see them.
        """
        hour, calm = np.full(len(luck), HOURS, np.int64), 1.0
        for now in range(HOURS):
            fled = (ran + int((hour < now).sum())) / exposed
            calm *= (1 - (shock.share or 0.0)) ** (1 / HOURS) * (1 - min(1.0, shock.neighbours * fled))
            hour[(hour == HOURS) & (luck < 1 - calm)] = now
        return hour

    def _safe(self, world: World, today: Today, rows: Ints, bank: Ints, banks: list[int]) -> Ints:
        """Account to which each who runs sends money: of a partner with a bank that nobody runs on, or one outside the town."""
        partner = np.where(rows < world.layout.people, world.course.partner[np.minimum(rows, world.layout.people - 1)], -1).astype(np.int64)
        fits = (partner >= 0) & here(world.people, today.day + 1, partner) & ~np.isin(bank[partner], banks)
        fits &= befalls(words(self._key, rows, Why.BANK_RUN, 3)[0], self._rivals)
        return np.where(fits, partner * PERSON_ROWS + CURRENT, world.layout.outside)

    @staticmethod
    def _move(
        world: World, today: Today, postponed: Postponed, rows: Ints, first: Ints, second: Ints, payee: Ints, time: Ints,
        at_branch: NDArray[np.bool_],
    ) -> None:  # fmt: skip
        """Savings to the current account, and nearly all of it away by wire."""
        day, kept = today.day + 1, np.maximum(0, world.accounts.book[first]) // 20
        saved = np.maximum(0, world.accounts.book[second])
        has = saved > 0
        out = np.maximum(0, world.accounts.book[first]) - kept + saved
        for some, channel in ((at_branch, Channel.BRANCH), (~at_branch, Channel.ONLINE)):
            mine = some & has
            order(postponed, day, rows[mine], time[mine], second[mine], first[mine], Method.INSTANT_TRANSFER, Purpose.SAVING,
                  amount=saved[mine], rule=FIXED, marks=OWN, channel=channel)  # fmt: skip
            for goes, purpose in ((payee == world.layout.outside, Purpose.INVESTMENT), (payee != world.layout.outside, Purpose.TRANSFER)):
                mine = some & goes
                order(postponed, day, rows[mine], time[mine] + 60_000_000, first[mine], payee[mine], Method.WIRE, purpose, amount=out[mine],
                      rule=FIXED, channel=channel)  # fmt: skip

    def _draw_notes(self, world: World, today: Today, postponed: Postponed, share: float) -> None:
        """People who fear that cards and machines will fail draw notes while they can."""
        if share <= 0:
            return
        people = world.people
        rows = np.flatnonzero(here(people, today.day + 1) & (people.purse > 0))
        hit, when, _, _ = words(self._key, rows, Why.BANK_RUN, 2, today.day)
        chosen = befalls(hit, share)
        rows, note = rows[chosen], world.rules.note
        account = rows * PERSON_ROWS
        amount = np.minimum(people.purse[rows] * PANIC_NOTES, np.maximum(0, world.accounts.book[account + CURRENT])) // note * note
        has = amount > 0
        order(postponed, today.day + 1, rows[has], moments(when[chosen], today.offset, 8, 12)[has], account[has] + CURRENT,
              account[has] + PURSE, Method.CASH, Purpose.WITHDRAWAL, amount=amount[has], rule=FIXED, marks=OWN)  # fmt: skip
