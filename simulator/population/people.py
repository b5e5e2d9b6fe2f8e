"""People as columns: who they are, what they earn and how they differ. One row a person; kernels read, few write."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, choose, normal, uniform, words
from simulator.population.households import KINDS, NO_INCOME, SALARIED, Floats, Members, Table
from simulator.scenario import Scenario

ZONES = 16
"""Zones of a town, on a four by four grid."""

INNER = np.array([2 if z % 4 in (1, 2) and z // 4 in (1, 2) else 1 for z in range(ZONES)])
"""Weight of each zone among homes."""

REFERENCE = 4 * 1000
"""People of the reference world: means are taken over these rows, whatever the number of customers."""


class Reference:
    """Means over the reference rows, so that more people change nobody; the first span of a world holds these rows."""

    def __init__(self) -> None:
        self._means: dict[str, float] = {}

    def mean(self, name: str, values: Floats | Ints) -> float:
        """The mean of what ``name`` stands for: of the first span's values, whatever span they are asked for."""
        if name not in self._means:
            self._means[name] = float(values[:REFERENCE].mean())
        return self._means[name]

    def __getitem__(self, name: str) -> float:
        return self._means[name]


class People(NamedTuple):
    """Columns over N people: customers, and those who will be. Nearly all of them change at the close of a day.

    Money is in minor units; shares and factors are integers with the unit named. For changes see `simulator.lives`.
    """

    household: NDArray[np.int32]
    """Row of the household's head."""
    head: NDArray[np.int8]
    adults: NDArray[np.int8]
    children: NDArray[np.int8]
    age: NDArray[np.int8]
    sex: NDArray[np.int8]
    """0 female, 1 male."""
    decile: NDArray[np.int8]
    """Decile of household income, 0 to 9."""
    kind: NDArray[np.int8]
    """Income kind, place in households.KINDS."""
    archetype: NDArray[np.int8]
    """Place in population.archetypes."""
    gross: NDArray[np.int64]
    """Income before tax, a year."""
    net: NDArray[np.int64]
    """Income after what is withheld, a month."""
    town: NDArray[np.int32]
    zone: NDArray[np.int8]
    bank: NDArray[np.int16]
    employer: NDArray[np.int32]
    """Row of the firm that pays the salary, -1 for none."""
    frequency: NDArray[np.int8]
    """Pay frequency: 0 weekly, 1 biweekly, 2 semimonthly, 3 monthly."""
    phase: NDArray[np.int8]
    """Which weekday, week or day of the month, see Clock.paydays."""
    tenure: NDArray[np.int8]
    """0 owner without mortgage, 1 mortgage, 2 rent, 3 no home of their own (partner, lodger)."""
    buffer: NDArray[np.int64]
    """Liquid assets that the person aims to hold in current and savings account."""
    budget: NDArray[np.int64]
    """Purchases at merchants a month, expected."""
    trips: NDArray[np.int64]
    """Shopping trips a day, 1/65536."""
    price: NDArray[np.int64]
    """Amounts against the category mean, 1/65536."""
    habit: NDArray[np.uint16]
    """Cumulative shares of categories in purchases, shape (N, categories), 65535 is all."""
    online: NDArray[np.int32]
    """Inclination to remote purchases, 1/4096."""
    cash: NDArray[np.int64]
    """Chance of meaning to pay cash in person, of 2^32."""
    credit: NDArray[np.int64]
    """Chance of a credit card among cards, of 2^32; 0 without one."""
    wallet: NDArray[np.int64]
    """Chance of a wallet in remote purchases, of 2^32."""
    hours: NDArray[np.int8]
    """Hours by which the person's day is shifted."""
    social: NDArray[np.int64]
    """Transfers to other people a day, 1/65536."""
    purse: NDArray[np.int64]
    """Notes that the person aims to carry after a withdrawal."""
    line: NDArray[np.int64]
    """Credit line of the credit card; 0 without one."""
    payer: NDArray[np.int8]
    """How the card bill is paid: 0 in full, 1 down to the usual unpaid balance, 2 the minimum."""
    unpaid: NDArray[np.int64]
    """Unpaid card balance that a revolver usually carries."""
    statement_day: NDArray[np.int8]
    fee: NDArray[np.int8]
    """1 where the current account costs a monthly fee."""
    takings: NDArray[np.int64]
    """Mean of one payment received by a self-employed person, 0 for others."""
    vulnerability: NDArray[np.int32]
    """Openness to scams against the average, 1/65536."""
    broker: NDArray[np.int32]
    """Firm that invests what is above the buffer, -1 for one outside."""
    home: NDArray[np.int64]
    """Price that the home would fetch, 0 for who does not own one. Changes."""
    known: NDArray[np.uint8]
    """Places known by category, shape (N, categories). Changes."""
    statement: NDArray[np.int64]
    """Amount of the last card statement that is still to be paid. Changes."""
    joined: NDArray[np.int32]
    """Day since 1970 on which the person's accounts are opened and the first of living here."""
    left: NDArray[np.int32]
    """Day from which the person lives here no more, `presence.NEVER` while there. Changes."""
    abroad: NDArray[np.int8]
    """Country of the journey under way or ahead, 1 for the first abroad; 0 for none. Changes."""
    abroad_from: NDArray[np.int32]
    """Day since 1970 on which that journey begins, `journeys.NEVER` without one. Changes."""
    abroad_until: NDArray[np.int32]
    """Day on which the person is back. Changes."""
    strangers: NDArray[np.int32]
    """Draws for payees beyond one's contacts so far. Changes."""
    benefit: NDArray[np.int64]
    """Unemployment benefit a week, 0 for none. Changes."""
    restraint: NDArray[np.int32]
    """Spending given up for fear or want of income, of 65536; 0 in a usual time, below it where more is bought. Changes."""


def draw_archetypes(scenario: Scenario, members: Members) -> Ints:
    """Archetype of each person: drawn by weight among those whose kind, age and income rank fit."""
    archetypes = scenario.population.archetypes
    kind = np.where(members.kind == NO_INCOME, SALARIED, members.kind)
    age, rank = members.age.astype(np.int8), members.rank
    total = np.zeros(len(kind), np.float32)
    cumulative = np.empty((len(archetypes), len(kind)), np.float32)
    for place, archetype in enumerate(archetypes):
        of_kind = np.isin(np.arange(len(KINDS)), [KINDS.index(k.value) for k in archetype.kinds])
        fits = of_kind[kind]
        fits &= (age >= archetype.ages[0]) & (age <= archetype.ages[1])
        fits &= (rank >= archetype.incomes[0]) & (rank <= archetype.incomes[1])
        total += fits * np.float32(archetype.weight)
        cumulative[place] = total
    misfit = np.flatnonzero(total == 0)
    cumulative[:, misfit] = np.cumsum([a.weight or 1e-9 for a in archetypes], dtype=np.float32)[:, None]
    target = (uniform(words(scenario.seed, members.row, Why.ARCHETYPE)[0]) * cumulative[-1]).astype(np.float32)
    chosen = np.zeros(len(kind), np.int8)
    for passed in cumulative[:-1]:
        chosen += passed < target
    return chosen.astype(np.int64)


def effect(scenario: Scenario, archetype: Ints, name: str) -> Floats:
    """An archetype's factor, a row a person."""
    values: Floats = np.array([float(getattr(a, name)) for a in scenario.population.archetypes])[archetype]
    return values


def draw_homes(scenario: Scenario, household: Ints) -> tuple[Ints, Ints]:
    """Town and zone of each person's household; inner zones hold more people (assumption: twice the outer).

    Those of the first morning fill town after town; who comes later moves into any of these, by size.
    """
    zone_word, town_word, _, _ = words(scenario.seed, household, Why.HOME)
    customers = scenario.population.customers
    beside = np.where(household < customers, household, town_word.astype(np.int64) * customers >> 32)
    return beside // scenario.population.town_size, choose(INNER, zone_word)


def draw_banks(scenario: Scenario, row: Ints, household: Ints) -> Ints:
    """Bank of each person: the household's with chance 0.7 (assumption), else one of their own, by market share."""
    own, _, together, _ = words(scenario.seed, row, Why.BANK)
    joint = words(scenario.seed, household, Why.BANK, 1)[1]
    return choose([bank.share for bank in scenario.banks], np.where(uniform(together) < 0.7, joint, own))


def spread(scenario: Scenario, rows: Ints, sigma: float, why: Why, which: int) -> Floats:
    """Log-normal differences between people, mean 1."""
    values: Floats = np.exp(sigma * normal(words(scenario.seed, rows, why, which)[0]) - sigma * sigma / 2)
    return values


def minor(values: Floats, unit: int) -> Ints:
    """Currency units as whole minor units."""
    return np.rint(values * unit).astype(np.int64)


def mean_household_income(scenario: Scenario, table: Table) -> float:
    """Mean yearly household income of the world before tax, currency units."""
    return table.mean_income * scenario.population.income_scale
