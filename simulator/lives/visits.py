"""Visits: once a month every person is looked at, and what befalls them in the month after is drawn.

One in thirty is visited a day, so that rare events cost next to nothing; the day on which one happens is drawn over the
thirty days that follow, so that it tells nothing of the visit.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import DAY, HOUR
from simulator.draws import Ints, threshold
from simulator.population.accounts import CLOSED, PERSON_ROWS
from simulator.population.world import World

MONTH = 30
"""Days between visits."""


def visited(world: World, day: int) -> Ints:
    """Rows of the customers who are visited on a day."""
    rows = np.arange(day % MONTH, world.layout.people, MONTH, dtype=np.int64)
    people, line = world.people, world.accounts.line[rows * PERSON_ROWS]
    here: Ints = rows[(people.joined[rows] <= day) & (people.left[rows] > day) & (line > CLOSED)]
    return here


def befalls(word: NDArray[np.uint32], a_year: float) -> NDArray[np.bool_]:
    """Whom something that befalls a share of people in a year befalls before the next visit."""
    return word.astype(np.int64) < threshold(min(1.0, a_year * MONTH / 365.25))


def within_month(word: NDArray[np.uint32], day: int) -> Ints:
    """Days after a visit, by a word; the next day at the earliest."""
    days: Ints = day + 1 + (word.astype(np.int64) * MONTH >> 32)
    return days


def moments(offset: int, first: int, hours: int, word: NDArray[np.uint32]) -> Ints:
    """Moments of the UTC day between local hours ``first`` and ``first + hours``, by a word."""
    inside = (word.astype(np.int64) * (hours * 3600) >> 32) * 1_000_000 + (word & np.uint32(0xFFFFF)).astype(np.int64) % 1_000_000
    times: Ints = (first * HOUR + inside - offset) % DAY
    return times
