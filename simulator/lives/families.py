"""Families: births, children who grow up, couples who part and singles who move together."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Event
from simulator.draws import Ints, Why
from simulator.lives.diary import Diary
from simulator.lives.turns import chances, households, members, moment
from simulator.population.accounts import PERSON_ROWS
from simulator.population.renewal import TURN
from simulator.population.world import World

RENTS, LODGES_TENURE = 2, 3
GROWN = round(TURN / (18 * 365.25) * 2**32)
"""Chance of a turn that a child comes of age, of 2^32."""


def change_families(world: World, today: Today, diary: Diary) -> None:
    """Births and grown children; partings, and as many new couples among the singles whose turn it is."""
    people = world.people
    heads = households(world, today.day)
    heads = heads[people.left[heads] > today.day + 1]
    birth, grown, part, _ = chances(world, heads, Why.FAMILY, today.day)
    young = (people.adults[heads] == 2) & (people.age[heads] < 45)
    born = young & (birth < world.renewal.births) & (people.children[heads] < 9)
    grows = (grown < GROWN * people.children[heads].astype(np.int64)) & (people.children[heads] > 0)
    _count_children(world, today, heads[born], 1)
    _count_children(world, today, heads[grows], -1)
    parted = _part(world, today, diary, heads[(people.adults[heads] == 2) & (part < world.renewal.parts)])
    _join(world, today, diary, heads, parted)


def _count_children(world: World, today: Today, heads: Ints, more: int) -> None:
    rows = members(world, today.day, heads)
    world.people.children[rows] += more


def _part(world: World, today: Today, diary: Diary, heads: Ints) -> int:
    """One of each couple moves to a rented home with bills like those of another single tenant. Returns how many."""
    people = world.people
    rows = members(world, today.day + 1, heads)
    goes = rows[people.household[rows] != rows]
    if not len(goes):
        return 0
    tenants = np.flatnonzero((people.tenure == RENTS) & (people.adults == 1) & (people.household == np.arange(len(people))))
    which, zone, time, _ = chances(world, goes, Why.FAMILY, today.day, 1)
    people.adults[people.household[goes]] = 1
    lodger = people.lodges[goes] == 1
    if len(tenants):
        people.also[goes[~lodger]] = tenants[which[~lodger] * len(tenants) >> 32]
    people.lodges[goes] = 0
    people.household[goes], people.head[goes], people.adults[goes], people.children[goes] = goes, 1, 1, 0
    people.tenure[goes] = RENTS
    _settle_in(world, today, diary, goes, (zone >> 28).astype(np.int8), time)
    return len(goes)


def _join(world: World, today: Today, diary: Diary, heads: Ints, couples: int) -> None:
    """Pair singles of a town who are about alike in age; the second, a tenant, moves in with the first."""
    people = world.people
    single = heads[(people.adults[heads] == 1) & (people.age[heads] < 65) & (people.left[heads] > today.day + 1)]
    order = single[np.lexsort((people.age[single], people.town[single]))]
    left, right = order[: len(order) // 2 * 2 : 2], order[1::2]
    fits = (people.town[left] == people.town[right]) & (people.tenure[right] >= RENTS) & (people.household[right] == right)
    left, right = left[fits], right[fits]
    word, time, _, _ = chances(world, left, Why.FAMILY, today.day, 2)
    chosen = np.argsort(word, kind="stable")[:couples]
    left, right, time = left[chosen], right[chosen], time[chosen]
    people.adults[left], people.adults[right] = 2, 2
    together = people.children[left].astype(np.int64) + people.children[right]
    people.children[left], people.children[right] = np.minimum(together, 9), np.minimum(together, 9)
    people.household[right], people.head[right], people.lodges[right], people.also[right] = left, 0, 1, -1
    people.tenure[right] = LODGES_TENURE
    _settle_in(world, today, diary, right, people.zone[left], time)


def _settle_in(world: World, today: Today, diary: Diary, rows: Ints, zone: np.ndarray, word: Ints) -> None:
    """People live at another address from tomorrow, and tell their bank."""
    people = world.people
    diary.change("home", today.day + 1, rows, town=people.town[rows], zone=people.zone[rows])
    people.zone[rows] = zone
    diary.note(Event.ADDRESS_CHANGED, rows, moment(word, today.offset), account=rows * PERSON_ROWS)
