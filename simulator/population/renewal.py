"""Renewal: who dies, leaves and comes, so that the ages of a world stay as its table of households has them.

Let f(a) be the density of heads' ages in the table, m(a) the death rate and h(a) the rate at which households leave. A
population that renews itself keeps f when those who come have ages with density n(a) = f'(a) + (m(a) + h(a)) f(a), the
balance of a cohort. So newcomers are drawn from the same table with each household weighed by n(a) / f(a) at its head's age,
and where this would be below zero, more households leave instead.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import WORD
from simulator.population.households import BLOCK, PENSION, Floats, Table
from simulator.scenario import Scenario

BANDS = (18, 25, 35, 45, 55, 65, 70, 75, 80, 85, 90, 95)
"""First ages of the bands of `scenario.lives`."""

AGES = 128
TURN = 30
"""Days between two looks at a person: chances are those of a turn."""

MOST = 0.5
"""Newcomers a year of an age, over those who live there, at most (assumption: a bound on what the youngest ages ask for)."""


class Renewal(NamedTuple):
    """Chances of a turn by age, of 2^32, shape (128,)."""

    dies: NDArray[np.int64]
    leaves: NDArray[np.int64]
    moves: NDArray[np.int64]
    retires: NDArray[np.int64]
    arrives: Floats
    """Weight of a household among newcomers, by its head's age; for drawing them, no kernel reads it."""
    turnover: float
    """Share of the people who die or leave in a year."""
    pension: int
    """Pension over the wage before, 1/65536."""
    graduates: int
    """Chance of a turn, of 2^32, like the next two."""
    births: int
    parts: int
    quits: int
    """Chance of a week, of 2^32."""
    customers: int
    """People whom arrivals keep here."""
    first: int
    """First row of the people who wait."""


def _by_age(values: list[float]) -> Floats:
    """Values of bands, joined by straight lines through the middles of the bands."""
    middle = [(low + high) / 2 for low, high in zip(BANDS, (*BANDS[1:], 105), strict=True)]
    return np.interp(np.arange(AGES), middle, values)


def _density(table: Table) -> Floats:
    """Adults by age of the household's head, smoothed over nine years; sums to one."""
    count = np.zeros(AGES)
    for low, high, weight in zip(*table.age, table.weight * table.adults, strict=True):
        count[low : high + 1] += weight / (high - low + 1)
    kernel = np.ones(9) / 9
    first = int(np.flatnonzero(count)[0])
    padded = np.concatenate([np.full(4, count[first]), count[first:], np.zeros(4)])
    count[first:] = np.convolve(padded, kernel, "valid")
    return np.maximum(count, 1e-12) / count.sum()


def _pensioned(table: Table) -> Floats:
    """Share of pensioners among heads by age, from the table's cells."""
    held, all_ = np.zeros(AGES), np.full(AGES, 1e-12)
    share = np.diff(table.head, axis=1, prepend=0.0)[:, PENSION]
    for low, high, weight, pension in zip(*table.age, table.weight, share, strict=True):
        held[low : high + 1] += weight * pension / (high - low + 1)
        all_[low : high + 1] += weight / (high - low + 1)
    return np.maximum.accumulate(held / all_)


def _chance(rate: Floats) -> NDArray[np.int64]:
    """Yearly rates as chances of a turn, of 2^32."""
    return np.rint(-np.expm1(-np.clip(rate, 0, 50) * TURN / 365.25) * (WORD - 1)).astype(np.int64)


def build_renewal(scenario: Scenario, table: Table) -> Renewal:
    """The balance of deaths, departures and arrivals of a scenario."""
    lives = scenario.lives
    density, dies = _density(table), _by_age(lives.mortality)
    dies[105:] = 50.0
    slope = np.gradient(density) / density
    arrives = np.clip(slope + dies + _by_age(lives.leaves), 0.0, MOST)
    leaves = np.clip(arrives - slope - dies, 0.0, MOST)
    arrives[:18] = leaves[:18] = 0.0
    pensioned = _pensioned(table)
    retires = np.clip(np.gradient(pensioned) / np.maximum(1 - pensioned, 0.02), 0.0, 2.0)
    retires[:50] = 0.0
    turnover = float((density * (dies + leaves)).sum())
    turned = _chance(np.array([lives.graduation, lives.births, lives.separations])).tolist()
    weekly = _chance(np.array([lives.job_changes * 7 / TURN])).tolist()
    first = -(-scenario.population.customers // BLOCK) * BLOCK
    return Renewal(
        _chance(dies), _chance(leaves), _chance(_by_age(lives.moves)), _chance(retires), arrives, turnover,
        round(lives.retirement * 65536), turned[0], turned[1], turned[2], weekly[0], scenario.population.customers, first,
    )  # fmt: skip


def newcomers(table: Table, renewal: Renewal) -> Table:
    """The table that newcomers are drawn from: the same households, weighed by how many of their age must come."""
    mean = np.array([renewal.arrives[low : high + 1].mean() for low, high in zip(*table.age, strict=True)])
    return table._replace(weight=table.weight * mean)


def waiting_rows(scenario: Scenario, renewal: Renewal) -> tuple[int, int]:
    """First row and number of the people who wait to arrive: whole blocks after those who are there."""
    expected = renewal.customers * renewal.turnover * scenario.period.days / 365.25 * scenario.lives.reserve
    return renewal.first, -(-max(1, round(expected)) // BLOCK) * BLOCK
