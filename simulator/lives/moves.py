"""Moves: households change homes; tenants get another landlord, whoever goes to another town looks for work there."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Purpose
from simulator.draws import Ints, Why, words
from simulator.lives.diary import Diary
from simulator.lives.families import change_address
from simulator.lives.register import Register, befalls
from simulator.population.accounts import FIRM_ROWS
from simulator.population.firms import BILLER
from simulator.population.presence import here
from simulator.population.world import World

FORGOTTEN = 10
"""Chance of forgetting a place a month, of 256, times the places known."""

KNOWN_LEFT = 2
"""After a move people know a third of the places of their category that they knew (assumption); shift of the number, and one more."""


def move_home(register: Register, world: World, today: Today, diary: Diary, heads: Ints) -> None:
    """Let households live elsewhere from tomorrow."""
    people, towns = world.people, register.plan.towns
    heads = heads[here(people, today.day + 1, heads) & (people.head[heads] == 1)]
    if not len(heads):
        return
    zone, away, where, landlord = words(register.seed, heads, Why.MOVE, 0, today.day)
    town = people.town[heads].astype(np.int64)
    far = befalls(away, register.scenario.lives.another_town if towns > 1 else 0.0)
    town[far] = (town[far] + 1 + (where[far].astype(np.int64) * max(1, towns - 1) >> 32)) % towns
    partner = world.course.partner[heads].astype(np.int64)
    along = (partner >= 0) & here(people, today.day + 1, partner)
    rows = np.concatenate([heads, partner[along]])
    house = np.concatenate([np.arange(len(heads)), np.flatnonzero(along)])
    quits = rows[far[house]]
    people.employer[quits] = -1
    world.course.stale[heads[far]] = np.maximum(world.course.stale[heads[far]], 1)  # clubs, billers and shops are those of the town
    change_address(register, world, today, diary, rows, town[house], (zone >> np.uint32(28)).astype(np.int8)[house])
    world.known[rows] = (world.known[rows] >> np.uint8(KNOWN_LEFT)) + np.uint8(1)
    _change_landlord(world, heads, landlord.astype(np.int64))


def forget_places(register: Register, world: World, today: Today) -> None:
    """People forget places in proportion to how many they know, so that those they know stay about as many (assumption).

    The capacity to keep places is limited: Alessandretti and others, "Evidence for a conserved quantity in human mobility",
    Nature Human Behaviour 2 (2018).
    """
    rows = np.arange(world.layout.people, dtype=np.int64)
    word = (words(register.seed, rows, Why.MOVE, 2, today.day)[0] >> np.uint32(24)).astype(np.uint8)
    for category in range(world.known.shape[1]):
        known = world.known[:, category]
        chance = word + np.uint8(category * 159 & 0xFF)
        known -= ((known.astype(np.uint16) * FORGOTTEN > chance) & (known > 1)).astype(np.uint8)


def _change_landlord(world: World, heads: Ints, word: Ints) -> None:
    """The rent goes to another landlord, drawn among all."""
    obligations, firms = world.obligations, world.firms
    count = world.owes[heads + 1] - world.owes[heads]
    rows = np.repeat(world.owes[heads] - np.cumsum(count) + count, count) + np.arange(int(count.sum()))
    whose = np.repeat(np.arange(len(heads)), count)
    rents = (obligations.purpose[rows] == Purpose.RENT) & (obligations.firm[rows] >= 0)
    rents &= firms.kind[obligations.firm[rows]] == BILLER  # who rents through an agent finds the next home there too
    rows, whose = rows[rents], whose[rents]
    if not len(rows):
        return
    old = obligations.firm[rows].astype(np.int64)
    landlords = np.flatnonzero((firms.kind == BILLER) & (firms.category == firms.category[old[0]]))
    new = landlords[word[whose] * len(landlords) >> 32]
    obligations.firm[rows] = new
    obligations.payee[rows] += ((new - old) * FIRM_ROWS).astype(np.int32)
