"""Ageing: birthdays, retirement, the end of studies, children who grow up."""

import numpy as np

from simulator.clock import Today
from simulator.draws import Why
from simulator.lives.diary import Diary
from simulator.lives.turns import chances, there, turn
from simulator.population.households import BENEFIT, PENSION, SALARIED, SELF_EMPLOYED, STUDENT
from simulator.population.world import World

STUDENTS_UNTIL = 21
"""Age from which students take up work."""

FIRST_WAGE = 3
"""Income of a first job over the means of a student (assumption)."""


def grow_older(world: World, today: Today, diary: Diary) -> None:
    """Birthdays fall on the day of the year that a row's number says; people look at retirement and studies in turn."""
    people = world.people
    born = there(world, today.day, np.arange(today.day % 365, world.layout.people, 365, dtype=np.int64))
    people.age[born] = np.minimum(people.age[born].astype(np.int64) + 1, 119)
    rows = turn(world, today.day)
    word, _, _, _ = chances(world, rows, Why.RETIREMENT, today.day)
    kind, age = people.kind[rows], people.age[rows].astype(np.int64)
    earns = (kind == SALARIED) | (kind == SELF_EMPLOYED) | (kind == BENEFIT)
    retires = rows[earns & (word < world.renewal.retires[age])]
    diary.change("work", today.day, retires, income=people.kind[retires], employer=people.employer[retires])
    _scale_means(world, retires, world.renewal.pension)
    people.kind[retires], people.employer[retires], people.takings[retires] = PENSION, -1, 0
    people.frequency[retires] = 3
    done = rows[(kind == STUDENT) & (age >= STUDENTS_UNTIL) & (word < world.renewal.graduates)]
    diary.change("work", today.day, done, income=people.kind[done], employer=people.employer[done])
    _scale_means(world, done, FIRST_WAGE << 16)
    people.kind[done] = SALARIED


def _scale_means(world: World, rows: np.ndarray, factor: int) -> None:
    """Income changes by a factor in 1/65536; what is spent follows half of the way, by buying dearer or cheaper things."""
    people = world.people
    people.gross[rows] = people.gross[rows] * factor >> 16
    people.net[rows] = people.net[rows] * factor >> 16
    half = 32768 + factor // 2
    people.budget[rows] = people.budget[rows] * half >> 16
    people.price[rows] = people.price[rows] * half >> 16
    people.buffer[rows] = people.buffer[rows] * half >> 16
