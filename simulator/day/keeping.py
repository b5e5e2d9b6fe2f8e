"""What people who are short keep back: what the home costs comes first."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Purpose
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
