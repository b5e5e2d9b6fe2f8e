"""Departures: deaths, and households that leave town and bank."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Purpose
from simulator.draws import Ints, Why
from simulator.lives.diary import Diary
from simulator.lives.estates import settle_estate
from simulator.lives.turns import chances, households, members, turn
from simulator.population.accounts import PERSON_ROWS
from simulator.population.world import World
from simulator.runner.postponed import Postponed


def die(world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
    """Let people die by age; a partner keeps the home and its bills and inherits, else the heirs are elsewhere."""
    people = world.people
    rows = turn(world, today.day)
    word, _, _, _ = chances(world, rows, Why.DEATH, today.day)
    dead = rows[word < world.renewal.dies[people.age[rows].astype(np.int64)]]
    if not len(dead):
        return
    people.left[dead] = today.day + 1
    diary.change("left", today.day + 1, dead, why=np.zeros(len(dead), np.int8))
    survivor = _survivors(world, today.day + 1, dead)
    heir = np.where(survivor >= 0, survivor * PERSON_ROWS, world.layout.outside)
    settle_estate(world, today, postponed, dead, heir, Purpose.INHERITANCE, keeps_home=survivor >= 0)
    left = survivor >= 0
    _carry_on(world, dead[left], survivor[left])


def _survivors(world: World, tomorrow: int, dead: Ints) -> Ints:
    """Another adult of each household who is there tomorrow, -1 for none."""
    heads = np.unique(world.people.household[dead].astype(np.int64))
    left = members(world, tomorrow, heads)
    found = np.full(world.layout.people, -1, np.int64)
    found[world.people.household[left][::-1]] = left[::-1]
    survivor: Ints = found[world.people.household[dead]]
    return survivor


def _carry_on(world: World, dead: Ints, survivor: Ints) -> None:
    """Survivors live alone; where the head died, they become the head and pay the household's bills."""
    people = world.people
    people.adults[survivor] = 1
    headless = people.head[dead] == 1
    gone, stays = dead[headless], survivor[headless]
    people.household[stays], people.head[stays] = stays, 1
    people.tenure[stays] = people.tenure[gone]
    own_home = people.lodges[stays] == 0
    people.also[stays[own_home]] = gone[own_home]
    people.lodges[stays] = 0


def depart(world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
    """Let households leave, by their head's age; what they hold goes to their new bank, outside."""
    people = world.people
    heads = households(world, today.day)
    heads = heads[people.left[heads] > today.day + 1]
    word, _, _, _ = chances(world, heads, Why.DEPARTURE, today.day)
    leaving = heads[word < world.renewal.leaves[people.age[heads].astype(np.int64)]]
    rows = members(world, today.day + 1, leaving)
    people.left[rows] = today.day + 1
    diary.change("left", today.day + 1, rows, why=np.ones(len(rows), np.int8))
    outside = np.full(len(rows), world.layout.outside)
    settle_estate(world, today, postponed, rows, outside, Purpose.CLOSING, keeps_home=np.zeros(len(rows), bool))
