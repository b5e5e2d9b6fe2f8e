"""Journeys: who travels abroad, where to and when; decided four weeks at a time, a block of people on each day.

A household's adults mostly travel together: then the draws are those of its head. A journey is three columns of People;
whoever has none ahead is told by one comparison, for they set off never.
"""

import numpy as np

from simulator.clock import EPOCH
from simulator.draws import Ints, Why, words
from simulator.population.abroad import EVERY, LONGEST, Abroad
from simulator.population.presence import NEVER, here
from simulator.records import Records

BLOCK = 16
"""People whose turn comes together; a household rarely lies in two."""


def turn(people: int, day: int) -> Ints:
    """Rows of the people whose journeys are decided at the close of a day."""
    first = np.arange(day % EVERY * BLOCK, people, EVERY * BLOCK)
    rows = (first[:, None] + np.arange(BLOCK)).ravel()
    return rows[rows < people].astype(np.int64)


def set_off(people: Records, abroad: Abroad, seed: int, day: int) -> Ints:
    """Decide the journeys of the next four weeks of those whose turn it is.

    Args:
        people: rows of People; `abroad`, `abroad_from` and `abroad_until` are changed.
        abroad: destinations and chances.
        seed: key of the draws.
        day: the day that closes, since 1970.

    Returns:
        Rows of the people who will travel.
    """
    rows = turn(len(people), day) if abroad.countries else np.zeros(0, np.int64)
    rows = rows[(people.abroad_until[rows] <= day + 1) & here(people, day + 1, rows)]
    if not len(rows):
        return rows
    people.abroad[rows], people.abroad_from[rows] = 0, NEVER
    cycle = day // EVERY
    head = people.household[rows].astype(np.int64)
    together = words(seed, head, Why.JOURNEY, 1, cycle)[0] < abroad.together
    who = np.where(together, head, rows)
    goes, where, when, length = words(seed, who, Why.JOURNEY, 0, cycle).astype(np.int64)
    first = cycle * EVERY + who // BLOCK % EVERY + 1 + (when * EVERY >> 32)
    first = np.maximum(first, day + 1)
    month = (np.datetime64(EPOCH) + first).astype("datetime64[M]").astype(np.int64) % 12
    chance = abroad.trips[people.decile[rows].astype(np.int64) // 2] * abroad.months[month] >> 16
    travels = np.flatnonzero(goes < chance)
    country = np.minimum(np.searchsorted(abroad.travel, where[travels], side="right"), abroad.countries - 1)
    chosen = rows[travels]
    people.abroad[chosen] = country + 1
    people.abroad_from[chosen] = first[travels]
    people.abroad_until[chosen] = first[travels] + abroad.stay[country, length[travels] >> 24]
    return chosen


def set_off_before(people: Records, abroad: Abroad, seed: int, start: int) -> None:
    """Decide the journeys that began, or were planned, before the first morning, so that as many are away then as ever."""
    for day in range(start - LONGEST - EVERY, start):
        set_off(people, abroad, seed, day)


def away(people: Records, day: int) -> Ints:
    """Rows of the people who are abroad on a day."""
    return np.flatnonzero((people.abroad_from <= day) & (people.abroad_until > day))
