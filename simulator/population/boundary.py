"""What crosses the boundary of the world: every credit has a purpose and a yearly size that is fixed on the first morning.

The sizes and what they are held against are in ``scenarios/BUDGET.md``. An unbounded outside would be a top-up by
another name.
"""

import numpy as np

from simulator.codes import Purpose, Status
from simulator.draws import Ints
from simulator.population.households import BENEFIT, PENSION, SELF_EMPLOYED, STUDENT
from simulator.population.world import World

WEEKS, MONTHS = 365.25 / 7, 12


def declared_credits(world: World) -> dict[str, float]:
    """What the boundary pays into the world in a year, by purpose, currency units."""
    people, firms, rules = world.people, world.firms, world.rules
    share = rules.boundary_credits / 65536 / rules.unit
    takings = people.takings[people.kind == SELF_EMPLOYED].sum() * rules.takings_a_day / 65536 * 365.25
    return {
        "pension": int(people.net[people.kind == PENSION].sum()) * MONTHS * share,
        "benefit": int(people.net[(people.kind == BENEFIT) | (people.kind == STUDENT)].sum()) * MONTHS * share,
        "takings": float(takings) * share,
        "invoice": int(firms.invoices[firms.public == 0].sum()) * WEEKS * share,
        "grant": int(firms.invoices[firms.public == 1].sum()) * WEEKS * share,
    }


def observed_credits(world: World, tally: Ints, days: int) -> dict[str, float]:
    """What it paid in, brought to a year.

    Args:
        world: the world.
        tally: counts and values so far, shape (2, purposes, methods, statuses).
        days: days lived.
    """
    value = tally[1, :, :, Status.APPROVED].sum(axis=1) / world.rules.unit * 365.25 / max(1, days)
    return {name: float(np.round(value[Purpose[name.upper()]], 2)) for name in declared_credits(world)}
