"""Takings: what shops of each category take in, against the usual; shops lay off and close when it stays away.

The usual is a slow mean of what the calendar and the seasons do not explain, so that a quiet January is no crisis.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.codes import Purpose, Status
from simulator.draws import Ints
from simulator.economy.labour import WEEKS
from simulator.kernel import kernel
from simulator.population.accounts import CURRENT, FIRM_ROWS, RESERVE, true_lines
from simulator.population.firms import MERCHANT
from simulator.population.households import Floats
from simulator.population.presence import NEVER, trading
from simulator.population.world import World
from simulator.records import Records
from simulator.scenario import Scenario

FAST, SLOW = 1 / 4, 1 / 52
"""Weights of a week in the means of a month and a year."""

LEARNT = 8
"""Weeks after which the usual is known well enough to act on."""

DOUBT = 2.0
"""Standard errors of a month's purchases that shops put down to chance (assumption)."""


@kernel
def sum_takings(block: Records, count: int, firms: Records, value: Ints, number: Ints) -> None:
    """Add approved purchases of a window's block to the takings of each category."""
    for i in range(count):
        firm = np.int64(block.firm[i])
        if firm < 0 or firm >= firms.shape[0] or block.purpose[i] != Purpose.PURCHASE or block.status[i] != Status.APPROVED:
            continue  # shops abroad have numbers beyond those of firms
        if firms.kind[firm] == MERCHANT:
            value[firms.category[firm]] += block.amount[i]
            number[firms.category[firm]] += 1


class Takings:
    """What shops take in.

    Args:
        scenario: its economy.
        world: its first morning.
    """

    def __init__(self, scenario: Scenario, world: World) -> None:
        self._rules = scenario.economy
        size = len(scenario.categories)
        self.active = self._rules.layoffs > 0 and self._rules.feedback and scenario.lives.changes
        self._value, self._number = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self._expected, self._weeks = np.zeros(size), 0
        self._month, self._usual, self._count = np.zeros(size), np.zeros(size), np.zeros(size)
        self._short = np.zeros(len(world.firms), np.int64)

    def note(self, world: World, block: Records, count: int) -> None:
        """Hear of a window that was cleared."""
        if self.active:
            sum_takings(block, count, world.firms, self._value, self._number)

    def close_day(self, world: World, today: Today) -> None:
        """What the calendar alone would have brought today."""
        if self.active:
            self._expected += int(today.factor[1]) / 65536 * world.tables.season[:, today.month] * (world.tables.season_peak / 2**48)

    def close_week(self) -> Floats:
        """Chance with which shops of each category lay off for want of takings."""
        chance = np.zeros(len(self._value))
        if not self.active:
            return chance
        level = self._value / np.maximum(self._expected, 1e-9)
        first = self._weeks == 0
        self._month = level if first else self._month + FAST * (level - self._month)
        self._count = self._number.astype(float) if first else self._count + FAST * (self._number - self._count)
        weight = max(SLOW, 1 / (self._weeks + 1))
        self._usual = self._usual + weight * (level - self._usual)
        self._weeks += 1
        self._value[:], self._number[:], self._expected[:] = 0, 0, 0.0
        if self._weeks > LEARNT:
            ratio = self._month / np.maximum(self._usual, 1e-9)
            chancy = DOUBT / np.sqrt(np.maximum(4 * self._count, 1.0))
            chance = np.clip(1 - self._rules.hoarding - chancy - ratio, 0.0, 1.0) * self._rules.adjustment * 12 / WEEKS
        return chance

    def back(self) -> tuple[NDArray[np.bool_], bool]:
        """Whether takings are what they usually are, but for what shops bear: of each category, and of all together."""
        least = 1 - self._rules.hoarding
        return self._month >= least * self._usual, bool(self._month.sum() >= least * self._usual.sum())

    def failing(self, world: World, today: Today) -> Ints:
        """Shops that close tonight: their accounts held, or had left of a line, less than a week's wages for weeks in a row."""
        firms = world.firms
        if not self.active or not self._rules.failing:
            return np.zeros(0, np.int64)
        base = world.layout.firm_base + np.arange(len(firms)) * FIRM_ROWS
        lent = np.maximum(0, true_lines(world.accounts.line[base + CURRENT]))
        held = world.accounts.book[base + CURRENT] + world.accounts.book[base + RESERVE] + lent
        at_risk = (firms.kind == MERCHANT) & (firms.trade == 0) & (firms.wages > 0)
        at_risk &= trading(firms, today.day + 1) & (firms.closed == NEVER)
        self._short = np.where(at_risk & (held < firms.wages * 12 / WEEKS), self._short + 1, 0)
        return np.flatnonzero(self._short >= self._rules.failing)

    def dump(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {name: getattr(self, name).tolist() for name in _KEPT} | {"weeks": self._weeks}

    def load(self, state: dict[str, Any]) -> None:
        """Take up what a checkpoint kept."""
        for name in _KEPT:
            setattr(self, name, np.array(state[name], getattr(self, name).dtype))
        self._weeks = state["weeks"]


_KEPT = ("_value", "_number", "_expected", "_month", "_usual", "_count", "_short")
