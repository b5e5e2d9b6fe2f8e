"""Moves: households that change homes within the town; tenants get another landlord."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Event, Purpose
from simulator.draws import Ints, Why
from simulator.lives.diary import Diary
from simulator.lives.turns import chances, households, members, moment
from simulator.population.accounts import FIRM_ROWS, PERSON_ROWS
from simulator.population.firms import BILLER
from simulator.population.world import World


def move_home(world: World, today: Today, diary: Diary) -> None:
    """Let households move, by their head's age."""
    people = world.people
    heads = households(world, today.day)
    heads = heads[people.left[heads] > today.day + 1]
    word, _, _, _ = chances(world, heads, Why.MOVE, today.day)
    movers = heads[word < world.renewal.moves[people.age[heads].astype(np.int64)]]
    rows = members(world, today.day + 1, movers)
    if not len(rows):
        return
    home = people.household[rows].astype(np.int64)
    zone, _, _, _ = chances(world, home, Why.MOVE, today.day, 1)
    time, _, _, _ = chances(world, rows, Why.MOVE, today.day, 2)
    diary.change("home", today.day + 1, rows, town=people.town[rows], zone=people.zone[rows])
    people.zone[rows] = (zone >> 28).astype(np.int8)
    diary.note(Event.ADDRESS_CHANGED, rows, moment(time, today.offset), account=rows * PERSON_ROWS)
    _change_landlord(world, today, movers)


def _change_landlord(world: World, today: Today, movers: Ints) -> None:
    """The rent goes to another landlord, drawn among all."""
    obligations, firms = world.obligations, world.firms
    count = (world.owes[movers + 1] - world.owes[movers]).astype(np.int64)
    rows = np.repeat(world.owes[movers] - np.cumsum(count) + count, count) + np.arange(count.sum())
    rents = rows[(obligations.purpose[rows] == Purpose.RENT) & (obligations.firm[rows] >= 0)]
    rents = rents[firms.kind[obligations.firm[rents]] == BILLER]  # who rents through an agent finds the next home there too
    if not len(rents):
        return
    old = obligations.firm[rents].astype(np.int64)
    landlords = np.flatnonzero((firms.kind == BILLER) & (firms.category == firms.category[old[0]]))
    word, _, _, _ = chances(world, rents, Why.MOVE, today.day, 3)
    new = landlords[word * len(landlords) >> 32]
    obligations.firm[rents] = new
    obligations.payee[rents] += ((new - old) * FIRM_ROWS).astype(np.int32)
