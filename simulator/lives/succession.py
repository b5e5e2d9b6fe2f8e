"""Succession: firms, tenancies and sellers' accounts whose owner leaves or dies pass to somebody else of the town."""

import numpy as np

from simulator.clock import Today
from simulator.draws import Ints, Why, words
from simulator.lives.diary import Diary
from simulator.lives.estates import SWITCHED
from simulator.population.accounts import CURRENT, PERSON_ROWS
from simulator.population.presence import here, trading
from simulator.population.world import World

ASKED = 16
"""People considered as successors; the first who is there and well off takes over, else the first who is there."""

WELL_OFF = 7
"""Decile of household income from which somebody takes over a firm rather than others (assumption)."""


def succeed(world: World, today: Today, diary: Diary) -> None:
    """Let others take the place of owners, treasurers, landlords and sellers who are gone from tomorrow.

    Args:
        world: changes.
        today: the day that closes.
        diary: told of a firm's former owner.
    """
    people, firms, payees, layout = world.people, world.firms, world.payees, world.layout
    owned = np.flatnonzero((firms.owner >= 0) & trading(firms, today.day + 1))
    owned = owned[people.left[firms.owner[owned]] <= today.day + 1]
    if len(owned):
        before = firms.owner[owned].copy()
        diary.change("owner", today.day + 1, owned, owner=before)
        firms.owner[owned] = successors(world, today, before.astype(np.int64), owned)
    paid = np.flatnonzero(payees.account < layout.firm_base)
    paid = paid[people.left[payees.account[paid] // PERSON_ROWS] <= today.day + 1]
    if len(paid):
        found = successors(world, today, payees.account[paid].astype(np.int64) // PERSON_ROWS, layout.firms + paid)
        payees.account[paid[found >= 0]] = (found[found >= 0] * PERSON_ROWS + CURRENT).astype(np.int32)


def successors(world: World, today: Today, gone: Ints, address: Ints) -> Ints:
    """Somebody of the town of each who is gone, -1 where nobody asked is there; who only changed bank succeeds as a new customer."""
    people, town = world.people, world.people.town[gone].astype(np.int64)
    first, size = world.towns[town], world.towns[town + 1] - world.towns[town]
    found = np.full(len(gone), -1, np.int64)
    rich = np.zeros(len(gone), bool)
    for turn in range(ASKED):
        word = words(int(world.rules.key), address, Why.OWNER, 1000 + turn, today.day)[0].astype(np.int64)
        asked = world.townsfolk[first + (word * size >> 32)].astype(np.int64)
        stays = here(people, today.day + 1, asked)
        well_off = stays & (people.decile[asked] >= WELL_OFF)
        found = np.where(well_off & ~rich | stays & (found < 0), asked, found)
        rich |= well_off
    return np.where(world.course.why[gone] == SWITCHED, world.course.partner[gone], found)
