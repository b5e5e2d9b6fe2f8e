"""Departures: deaths, and households that leave the town and its banks."""

import numpy as np

from simulator.clock import Today
from simulator.draws import Ints, Why, words
from simulator.lives.diary import Diary
from simulator.lives.estates import DEAD, GONE, depart, freeze
from simulator.lives.register import Register, within
from simulator.lives.times import last_minute
from simulator.population.presence import here
from simulator.population.world import World

PROBATE_FIRST, PROBATE_SPAN = 20, 60
"""Days from a death to the closing of the accounts: 20 to 79 (assumption)."""

CLOSING_FIRST, CLOSING_SPAN = 3, 12
"""Days from a departure to it (assumption)."""


def die(register: Register, world: World, today: Today, diary: Diary, rows: Ints) -> None:
    """People die today. A partner keeps the home and its bills; else the household ends."""
    people, course = world.people, world.course
    rows = rows[here(people, today.day, rows)]
    if not len(rows):
        return
    word, when, _, _ = words(register.seed, rows, Why.DEATH, 1, today.day)
    depart(world, today.day, rows, DEAD, register.business(within(word, today.day + PROBATE_FIRST, PROBATE_SPAN)), diary)
    freeze(world, rows, diary, last_minute(when))
    partner = course.partner[rows].astype(np.int64)
    stays = (partner >= 0) & here(people, today.day + 1, partner)
    dead, left = rows[stays], partner[stays]
    headed = people.head[dead] == 1
    course.takes[left[headed]] = dead[headed]
    people.tenure[left[headed]], people.home[left[headed]] = people.tenure[dead[headed]], people.home[dead[headed]]
    people.head[left], people.adults[left], course.partner[left], course.stale[left] = 1, 1, -1, 1


def leave(register: Register, world: World, today: Today, diary: Diary, heads: Ints) -> None:
    """Households leave town after today."""
    people = world.people
    heads = heads[here(people, today.day, heads) & (people.head[heads] == 1)]
    partner = world.course.partner[heads].astype(np.int64)
    along = (partner >= 0) & here(people, today.day, partner)
    rows = np.sort(np.concatenate([heads, partner[along]]))
    if not len(rows):
        return
    word = words(register.seed, rows, Why.LEAVING, 1, today.day)[0]
    depart(world, today.day, rows, GONE, register.business(within(word, today.day + CLOSING_FIRST, CLOSING_SPAN)), diary)
