"""What crosses the boundary of the world: every credit has a purpose and a yearly size that is fixed on the first morning.

The sizes and what they are held against are in ``scenarios/BUDGET.md``. An unbounded outside would be a top-up by
another name.
"""

import numpy as np

from simulator.codes import Purpose, Status
from simulator.draws import Ints, Why, words
from simulator.ledger import HOME_VALUE, IN
from simulator.population.households import BENEFIT, PENSION, SELF_EMPLOYED, STUDENT
from simulator.population.presence import here, trading
from simulator.population.world import World

WEEKS, MONTHS = 365.25 / 7, 12


DECLARED = ("pension", "benefit", "remittance", "takings", "invoice", "grant")
"""Purposes of what the boundary pays in."""


def declared_credits(world: World, day: int) -> dict[str, float]:
    """What the boundary pays in a year into a world as it is on a day, to those who are there; by purpose, currency units."""
    row = np.flatnonzero(here(world.people, day))
    people, rules = world.people[row].view(np.recarray), world.rules
    firms = world.firms[trading(world.firms, day)].view(np.recarray)
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
