"""What crosses the boundary of the world: every credit has a purpose and a yearly size that is fixed on the first morning.

The sizes and what they are held against are in ``scenarios/BUDGET.md``. An unbounded outside would be a top-up by
another name.
"""

import numpy as np

from simulator.codes import Purpose, Status
from simulator.draws import WORD, Ints, Why, words
from simulator.ledger import HOME_VALUE, IN
from simulator.population.accounts import LOAN, PERSON_ROWS
from simulator.population.budget import MORTGAGED, OWNED
from simulator.population.households import BENEFIT, PENSION, SELF_EMPLOYED, STUDENT
from simulator.population.mortality import mortality
from simulator.population.opening import opening_balances
from simulator.population.presence import NEVER, here, trading
from simulator.population.renewal import AGES, renewal_of
from simulator.population.world import World
from simulator.scenario import Scenario

WEEKS, MONTHS = 365.25 / 7, 12


DECLARED = ("pension", "benefit", "remittance", "takings", "invoice", "grant")
"""Purposes of what the boundary pays in, year after year."""

BROUGHT = ("closing", "property")
"""Purposes of what it pays in as people come and go: what newcomers bring, and what homes here cost people from elsewhere."""

FOUND = 0.8
"""Share of homes offered that find a buyer (what runs show)."""

OWN = 0.06
"""Share of the price that buyers pay from accounts here: between the least and the most of `simulator.lives.homes`."""

CHANGED = 0.05
"""Share of loans that is paid off in a year by who comes to live in less (what runs show)."""


def declared_credits(world: World, day: int) -> dict[str, float]:
    """What the boundary pays in a year into a world as it is on a day, to those who are there; by purpose, currency units."""
    row = np.flatnonzero(here(world.people, day))
    people, rules = world.people[row], world.rules
    firms = world.firms[trading(world.firms, day)]
    share = rules.boundary_credits / 65536 / rules.unit
    student = people.kind == STUDENT
    supported = student & (words(int(rules.key), row, Why.INCOME_TIME, 1)[1] < world.abroad.students)
    takings = people.takings[people.kind == SELF_EMPLOYED].sum() * rules.takings_a_day / 65536 * 365.25
    sizes = (
        int(people.net[people.kind == PENSION].sum()) * MONTHS,
        int(people.net[(people.kind == BENEFIT) | (student & ~supported)].sum()) * MONTHS,
        int(people.net[supported].sum()) * MONTHS,
        float(takings),
        int(firms.invoices[firms.public == 0].sum()) * WEEKS,
        int(firms.invoices[firms.public == 1].sum()) * WEEKS,
    )
    return {name: size * share for name, size in zip(DECLARED, sizes, strict=True)}


def observed_credits(world: World, tally: Ints, crossed: Ints, days: int) -> dict[str, float]:
    """What it paid in, brought to a year.

    Args:
        world: the world.
        tally: counts and values so far, shape (2, purposes, methods, statuses).
        crossed: payments across the border so far, see `simulator.clearing.clear`.
        days: days lived.
    """
    value = tally[1, :, :, Status.APPROVED].sum(axis=1)
    value[Purpose.REMITTANCE] = crossed[HOME_VALUE, :, IN, Purpose.REMITTANCE].sum()  # people send remittances too
    yearly = value / world.rules.unit * 365.25 / max(1, days)
    return {name: float(np.round(yearly[Purpose[name.upper()]], 2)) for name in DECLARED}


def declared_arrivals(scenario: Scenario, world: World, day: int) -> dict[str, float]:
    """What comes in a year as people come and go, by purpose, currency units.

    Newcomers are drawn on the first morning, so what they bring to their new bank is known. Homes that are sold, and loans of
    owners who leave or die alone, are paid from outside as far as nobody here pays: what is expected follows from the rates.

    Args:
        scenario: rates, and the days that are lived.
        world: as it is on the day.
        day: the first day, since 1970.
    """
    people, unit = world.people, world.rules.unit
    comes = np.flatnonzero((people.joined > day) & (people.joined != NEVER)).astype(np.int64)
    bring = opening_balances(scenario, people[comes], comes, np.zeros(len(comes), np.int64))
    brought = int(np.maximum(bring, 0).sum()) * 365.25 / scenario.period.days
    row = np.flatnonzero(here(people, day) & np.isin(people.tenure, (OWNED, MORTGAGED)) & (people.head == 1))
    owes, homes = -world.accounts.book[row * PERSON_ROWS + LOAN], max(1, int(people.home[row].sum()))
    offered = homes * world.rules.home_sales / WORD * 365.25
    sold = offered * FOUND * (1 - OWN - owes.sum() / homes)
    gone = 0.0
    if scenario.lives.changes:
        age = np.clip(people.age[row].astype(np.int64) - AGES[0], 0, len(AGES) - 1)
        leave, dies = renewal_of(scenario.population.households, scenario.lives).leave[age], mortality(AGES).mean(axis=0)[age]
        gone = float((owes * (leave + dies * (people.adults[row] == 1) + CHANGED)).sum())
    return dict(zip(BROUGHT, (brought / unit, (sold + gone) / unit), strict=True))
