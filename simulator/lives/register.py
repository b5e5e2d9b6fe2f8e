"""The register: what the day's close needs to know of a scenario to change lives as the first morning would have drawn them."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.clock import EPOCH, Clock
from simulator.draws import Ints
from simulator.population.arrivals import residents
from simulator.population.course import YEAR as DAYS
from simulator.population.course import draw_birthdays
from simulator.population.draft import draft_members
from simulator.population.firms import Plan, plan_firms
from simulator.population.households import Floats, Table, build_members, read_table
from simulator.population.ladder import Ladder, build_ladder
from simulator.population.people import REFERENCE, Reference
from simulator.population.presence import NEVER
from simulator.population.renewal import AGES, Renewal, renewal_of
from simulator.population.world import World
from simulator.scenario import Scenario
from simulator.scenario.iso import minor_units

YEAR = 365.25


class Register:
    """Tables and rates of a scenario, made when they are first asked for.

    Args:
        scenario: the scenario.
        clock: its calendar.
        joined: when each row of people joins, as the first morning has it.

    Attributes:
        joins: Day on which each newcomer joins, in the order of their rows, which begin after the people of the first morning.
        opens: Rows of the people of the first morning who open their accounts during the run, by day.
    """

    def __init__(self, scenario: Scenario, clock: Clock, joined: Ints) -> None:
        self.scenario, self.clock = scenario, clock
        later = joined[scenario.population.customers :]
        self.joins: Ints = later[later != NEVER].astype(np.int64)
        first = joined[: scenario.population.customers].astype(np.int64)
        self.opens: Ints = np.argsort(first, kind="stable")[(first <= clock.start).sum() :]
        self.idle: NDArray[np.bool_] | None = None
        """By person, true for who looks for work and finds none; None where everybody does."""
        self.hiring: Floats | None = None
        """Share of its usual wage bill that each firm means to pay; None for all of it."""
        self.seed, self.unit = scenario.seed, minor_units(scenario.country.currency)

    @cached_property
    def table(self) -> Table:
        """Households."""
        return read_table(self.scenario.population.households, self.scenario.population.income_spread)

    @cached_property
    def ladder(self) -> Ladder:
        """Incomes of each kind of household."""
        return build_ladder(self.table)

    @cached_property
    def renewal(self) -> Renewal:
        """Rates that keep the table."""
        return renewal_of(self.scenario.population.households, self.scenario.lives)

    @cached_property
    def plan(self) -> Plan:
        """Where the firms of the first morning stand."""
        return plan_firms(self.scenario, self.scenario.population.customers)

    @cached_property
    def reference(self) -> Reference:
        """Means over the reference rows, as the first morning had them."""
        reference, entry = Reference(), residents(self.table, self.renewal)
        draft_members(self.scenario, self.table, build_members(self.scenario, self.table, entry, REFERENCE), self.unit, reference)
        return reference

    @cached_property
    def _birthdays(self) -> tuple[Ints, Ints]:
        rows = np.arange(self.scenario.population.customers + len(self.joins), dtype=np.int64)
        day = draw_birthdays(self.seed, rows)
        order = np.argsort(day, kind="stable")
        return order, np.searchsorted(day[order], np.arange(DAYS + 1))

    def born(self, world: World, day: int) -> Ints:
        """Rows of those whose birthday is a day of the year, from 0."""
        order, first = self._birthdays
        spare = len(order) + np.flatnonzero(world.course.birthday[len(order) :] == day)
        return np.concatenate([order[first[day] : first[day + 1]], spare])

    def rate(self, by_age: Floats, age: Ints) -> Floats:
        """A rate at ages."""
        found: Floats = by_age[np.clip(age - AGES[0], 0, len(AGES) - 1)]
        return found

    def month(self, day: int) -> int:
        """Months from that of the first day to that of a day."""
        start, when = self.scenario.period.start, EPOCH.fromordinal(EPOCH.toordinal() + day)
        return (when.year - start.year) * 12 + when.month - start.month

    def business(self, day: Ints) -> Ints:
        """The same days, or the next business day where banks are closed."""
        unique, where = np.unique(day, return_inverse=True)
        open_days = unique.copy()
        for place, number in enumerate(unique.tolist()):
            while not self.clock.is_business(EPOCH.fromordinal(EPOCH.toordinal() + number)):
                number += 1
            open_days[place] = number
        return open_days[where]


def befalls(word: NDArray[np.uint32], share: Floats | float) -> NDArray[np.bool_]:
    """Whom something befalls whose chance is a share."""
    return word < np.rint(np.clip(share, 0.0, 1.0) * (2**32 - 1)).astype(np.uint32)


def within(word: NDArray[np.uint32], first: int, days: int) -> Ints:
    """Days from ``first`` on, by a word."""
    found: Ints = first + (word.astype(np.int64) * days >> 32)
    return found


def moments(word: NDArray[np.uint32], offset: int, first: int = 8, hours: int = 12) -> Ints:
    """Moments of the UTC day between local hours, by a word; microseconds."""
    local = (first * 3600 + (word.astype(np.int64) * (hours * 3600) >> 32)) * 1_000_000
    found: Ints = (local - offset) % 86_400_000_000
    return found
