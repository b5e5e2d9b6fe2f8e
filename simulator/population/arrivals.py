"""Newcomers: the households that will come during a run, drawn on the first morning, in the order in which they come.

They come by a Poisson process whose rate keeps the number of households (`simulator.population.renewal`), whatever happens
in the town; so a longer run begins with the same newcomers, and whoever is changed by a crisis changes nobody's coming.
"""

from typing import NamedTuple

import numpy as np

from simulator.clock import EPOCH, Clock
from simulator.draws import Ints, Why, uniform, words
from simulator.population.households import BLOCK, Entry, Floats, Members, Table, build_members
from simulator.population.renewal import AGES, BAND, EDGES, Renewal, renewal_of
from simulator.scenario import Scenario

SLOTS = 1 << 30
"""Address of the first newcomers' draws."""


class Newcomers(NamedTuple):
    """Those who will come, one row a person."""

    members: Members
    joined: Ints
    """Day since 1970 on which each joins, rising."""


def _upper(density: Floats) -> Floats:
    """Band plus cumulative share within it, by age."""
    sums = np.cumsum(density)
    total = np.bincount(BAND, density)
    before = np.cumsum(total) - total
    share = (sums - before[BAND]) / total[BAND]
    share[np.append(BAND[1:] != BAND[:-1], True)] = 1.0
    upper: Floats = BAND + share
    return upper


def residents(table: Table, renewal: Renewal) -> Entry:
    """How the people of the first morning are drawn."""
    return Entry(table.weight, EDGES, AGES, _upper(renewal.households))


def newcomers(table: Table, renewal: Renewal) -> Entry:
    """How those who come are drawn: as residents of their age, but with the ages of those who come."""
    band = np.searchsorted(EDGES, table.age[0], side="right") - 1
    factor = np.bincount(BAND, renewal.newcomers) / np.bincount(BAND, renewal.households)
    return Entry(table.weight * factor[band], EDGES, AGES, _upper(renewal.newcomers))


def _days(scenario: Scenario, clock: Clock, rate: float) -> Ints:
    """Days on which households come, rising; banks open accounts on business days."""
    days = scenario.period.days
    size = int(rate * days + 8 * np.sqrt(rate * days) + 16)
    gaps = -np.log(uniform(words(scenario.seed, np.arange(size, dtype=np.int64), Why.ARRIVAL)[0])) / max(rate, 1e-12)
    came = np.cumsum(gaps)
    day = 1 + np.floor(came[came < days]).astype(np.int64)  # who would come on the first day is there already
    opens = np.arange(days + 12)
    business = np.array([clock.is_business(EPOCH.fromordinal(EPOCH.toordinal() + clock.start + int(d))) for d in opens])
    following = np.minimum.accumulate(np.where(business, opens, len(opens))[::-1])[::-1]
    day = following[day]
    return clock.start + day[day < days]


def expect_newcomers(scenario: Scenario, table: Table, clock: Clock) -> Newcomers:
    """Draw the households that come during a run, in rows after those of the first morning."""
    renewal = renewal_of(scenario.population.households, scenario.lives)
    adults = float((table.weight * np.minimum(table.adults, 2)).sum() / table.weight.sum())
    customers = scenario.population.customers
    rate = customers / adults * renewal.arrivals / 365.25 if scenario.lives.changes else 0.0
    day = _days(scenario, clock, rate)
    size = max(1, -(-len(day) * 2 // BLOCK)) * BLOCK
    members = build_members(scenario, table, newcomers(table, renewal), size, customers, SLOTS)
    house = np.cumsum(members.head) - 1
    comes = house < len(day)
    return Newcomers(Members._make(column[comes] for column in members), day[house[comes]])
