"""Ageing: everybody has a birthday a year."""

import numpy as np

from simulator.clock import EPOCH, Today
from simulator.lives.register import Register
from simulator.population.mortality import OLDEST
from simulator.population.presence import here
from simulator.population.world import World


def grow_older(register: Register, world: World, today: Today) -> None:
    """Those whose birthday is tomorrow are a year older tomorrow. On the leap day nobody has a birthday."""
    tomorrow = EPOCH.fromordinal(EPOCH.toordinal() + today.day + 1)
    if (tomorrow.month, tomorrow.day) == (2, 29):
        return
    born = register.born(world, tomorrow.replace(year=2023).timetuple().tm_yday - 1)
    born = born[here(world.people, today.day + 1, born)]
    world.people.age[born] = np.minimum(world.people.age[born].astype(np.int64) + 1, OLDEST)
