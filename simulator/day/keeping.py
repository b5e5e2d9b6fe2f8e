"""What people keep to: what the home costs comes first for who is short; who is paid in notes is always; new accounts begin slowly."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Purpose
from simulator.draws import Why, draw
from simulator.kernel import part
from simulator.population.world import World

AHEAD = 10
"""Days ahead of which people keep rent and instalments back (assumption)."""


@part
def for_the_home(world: World, today: Today, person: int) -> int:
    """Rent and mortgage that fall due within the next days, minor units."""
    owed, total = world.obligations, np.int64(0)
    for row in range(world.owes[person], world.owes[person + 1]):
        purpose = np.int64(owed.purpose[row])
        if (purpose == Purpose.RENT or purpose == Purpose.MORTGAGE) and (np.int64(owed.day[row]) - today.month_day) % MONTH <= AHEAD:
            total += owed.amount[row]
    return int(total)


MONTH = 30
"""Days after which a day of the month comes again, about."""


@part
def is_paid_in_notes(world: World, person: int) -> bool:
    """Whether a person's wages or takings, or pension, benefit or grant, are paid in notes."""
    earns = np.int64(world.people.kind[person]) <= 1
    share = world.rules.earned_in_notes if earns else world.rules.pensions_in_notes
    if share == 0:
        return False
    habit, _, _, _ = draw(world.rules.key, person, 0, Why.WAGE_TIME, 1)
    return bool(habit < share)


@part
def is_settling(world: World, person: int, day: int) -> bool:
    """Whether a person's account is so new that it is hardly used."""
    if world.rules.settles == 0:
        return False
    habit, _, _, _ = draw(world.rules.key, person, 0, Why.OPENED, 2)
    return bool(day - np.int64(world.people.joined[person]) < world.tables.settles[habit >> 20])
