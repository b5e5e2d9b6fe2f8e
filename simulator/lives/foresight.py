"""Foresight: before a month begins, who will die, leave, move or change bank in it, and on which day; nobody in the world knows.

Chances are drawn once a month for everybody and cost next to nothing on other days. The agenda keeps them.
"""

from datetime import timedelta
from enum import IntEnum

import numpy as np

from simulator.clock import EPOCH, Today
from simulator.draws import Ints, Why, words
from simulator.lives.diary import Diary
from simulator.lives.register import YEAR, Register, befalls, within
from simulator.population.budget import RENTED
from simulator.population.mortality import OLDEST, mortality
from simulator.population.presence import NEVER, here
from simulator.population.renewal import AGES
from simulator.population.world import World

MONTH = 31
"""Days of a month at most."""


class Step(IntEnum):
    """What the agenda holds for a person; numbers beyond those of cards and details."""

    DIE = 96
    LEAVE = 97
    MOVE = 98
    SWITCH = 99
    SETTLE = 100
    CLOSE = 101
    SWEEP = 102
    WEARY = 103


def is_turn(today: Today) -> bool:
    """Whether a month begins tomorrow, or the run began today."""
    return today.index == 0 or (EPOCH + timedelta(today.day + 1)).day == 1


def rest_of_month(day: int) -> int:
    """Days from tomorrow to the end of tomorrow's month."""
    tomorrow = EPOCH + timedelta(day + 1)
    following = (tomorrow.replace(day=28) + timedelta(4)).replace(day=1)
    return (following - tomorrow).days


def turn_of(day: int) -> int:
    """Last day of a day's month, at whose close the next month is foreseen."""
    return day + rest_of_month(day - 1) - 1


def stage_of_life(world: World, rows: Ints) -> Ints:
    """Age that counts for a household's stage of life, from its head's row."""
    age = world.people.age[rows].astype(np.int64) - world.course.ahead[rows]
    stage: Ints = np.clip(age, AGES[0], AGES[-1])
    return stage


def heads_here(world: World, day: int) -> Ints:
    """Rows of the heads of the households that are here on a day."""
    return np.flatnonzero(here(world.people, day) & (world.people.head == 1))


def foresee(register: Register, world: World, today: Today, diary: Diary, weary: Ints) -> None:
    """Put the coming month's deaths, departures, moves and changes of bank on the agenda; who is ``weary`` of a bank leaves it."""
    days = rest_of_month(today.day)
    part = days / YEAR
    people, lives = world.people, register.scenario.lives
    alive = np.flatnonzero(here(people, today.day + 1))
    seed, first, agenda = register.seed, today.day + 1, diary.agenda
    risk = mortality(np.arange(OLDEST + 1))[people.sex[alive].astype(np.int64), np.minimum(people.age[alive], OLDEST)]
    dies, when, switches, other = words(seed, alive, Why.DEATH, 0, today.day)
    hit = befalls(dies, risk * part)
    agenda.put(within(when, first, days)[hit], Step.DIE, alive[hit])
    hit = befalls(switches, lives.switch * part)
    _book_switches(register, world, alive[hit], within(other, first, days)[hit], diary)
    tired = np.isin(alive, weary) & ~hit
    _let_go(register, world, today, alive[tired], within(other, first, days)[tired], diary)
    heads = alive[people.head[alive] == 1]
    goes, when, moves, moved = words(seed, heads, Why.LEAVING, 0, today.day)
    hit = befalls(goes, register.rate(register.renewal.leave, stage_of_life(world, heads)) * part)
    agenda.put(within(when, first, days)[hit], Step.LEAVE, heads[hit])
    rate = np.where(people.tenure[heads] == RENTED, lives.tenants_move, lives.owners_move)
    hit = befalls(moves, rate * part)
    agenda.put(within(moved, first, days)[hit], Step.MOVE, heads[hit])


def _book_switches(register: Register, world: World, rows: Ints, days: Ints, diary: Diary) -> None:
    """Set a row aside for each who changes bank, in the order of rows; where none is left, people stay with their bank."""
    spare = np.flatnonzero((world.people.joined == NEVER) & (world.course.takes < 0))[: len(rows)]
    rows, days = rows[: len(spare)], register.business(days[: len(spare)])
    world.course.takes[spare] = rows
    diary.agenda.put(days, Step.SWITCH, spare)


def _let_go(register: Register, world: World, today: Today, rows: Ints, days: Ints, diary: Diary) -> None:
    """Set rows aside for those whose patience is spent, from the last on, so that who changes bank anyhow gets the row they would have.

    As many rows stay as others will need in later months; for whom there is none, they wait for the next one.
    """
    scenario = register.scenario
    later = scenario.period.days - today.index - rest_of_month(today.day)
    booked = later + MONTH if later > 0 else 0  # the last month is foreseen as a whole, wherever the run ends in it
    ahead = booked * scenario.population.customers * scenario.lives.switch / YEAR
    spare = np.flatnonzero((world.people.joined == NEVER) & (world.course.takes < 0))[::-1]
    spare = spare[: min(len(rows), max(0, len(spare) - int(ahead + 2 * ahead**0.5)))]
    world.course.takes[spare] = rows[: len(spare)]
    diary.agenda.put(register.business(days[: len(spare)]), Step.SWITCH, spare)
    diary.agenda.put(turn_of(today.day + 1), Step.WEARY, rows[len(spare) :])
