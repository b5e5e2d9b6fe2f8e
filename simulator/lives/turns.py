"""Whose turn it is: a person's life is looked at once in thirty days, a thirtieth of all people a day."""

import numpy as np

from simulator.draws import Ints, Why, words
from simulator.population.renewal import TURN
from simulator.population.world import World


def there(world: World, day: int, rows: Ints) -> Ints:
    """Those of some rows who are customers on a day."""
    people = world.people
    here: Ints = rows[(people.joined[rows] <= day) & (people.left[rows] > day)]
    return here


def turn(world: World, day: int) -> Ints:
    """Rows of the customers whose turn it is."""
    return there(world, day, np.arange(day % TURN, world.layout.people, TURN, dtype=np.int64))


def chances(world: World, rows: Ints, why: Why, day: int, which: int = 0) -> tuple[Ints, Ints, Ints, Ints]:
    """Four words for each row on a day, as int64."""
    a, b, c, d = words(int(world.rules.key), rows, why, which, day).astype(np.int64)
    return a, b, c, d


def households(world: World, day: int) -> Ints:
    """Rows of the heads whose household's turn it is."""
    rows = turn(world, day)
    heads: Ints = rows[world.people.household[rows] == rows]
    return heads


def members(world: World, day: int, heads: Ints) -> Ints:
    """Everybody there who lives in the households of some heads, in order of rows."""
    if not len(heads):
        return heads
    mark = np.zeros(world.layout.people, bool)
    mark[heads] = True
    return there(world, day, np.flatnonzero(mark[world.people.household]))


def moment(word: Ints, offset: int, first: int = 8, hours: int = 12) -> Ints:
    """A moment of the UTC day between local hours, by a word; microseconds."""
    local = (first * 3600 + (word * (hours * 3600) >> 32)) * 1_000_000
    return (local - offset) % 86_400_000_000
