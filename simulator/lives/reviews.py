"""Reviews: some years on, a household earns more or less than before, or has come to another stage of life: work, retirement, old age."""

import numpy as np

from simulator.clock import EPOCH, Today
from simulator.draws import WORD, Ints, Why, normal, words
from simulator.lives.foresight import heads_here, stage_of_life
from simulator.lives.register import Register, befalls
from simulator.population.presence import here
from simulator.population.renewal import EDGES
from simulator.population.world import World

EVERY = 3
"""Years between reviews (assumption: incomes are drawn anew less often than they change, and by more)."""

RETIRED = 65


def review(register: Register, world: World, today: Today) -> None:
    """Look at the households whose head had a birthday this month, every few years and when a band of the table is passed."""
    heads = heads_here(world, today.day + 1)
    when = EPOCH.fromordinal(EPOCH.toordinal() + today.day)
    last = when.replace(year=2023, day=min(when.day, 28) if when.month == 2 else when.day).timetuple().tm_yday - 1
    first = when.replace(year=2023, day=1).timetuple().tm_yday - 1
    birthday = world.course.birthday[heads]
    heads = heads[(birthday >= first) & (birthday <= last)]
    stage = stage_of_life(world, heads)
    turns = (stage % EVERY == heads % EVERY) | np.isin(stage, EDGES[1:])
    heads, stage = heads[turns], stage[turns]
    if not len(heads):
        return
    course, lives = world.course, register.scenario.lives
    step = normal(words(register.seed, heads, Why.STANDING, 0, today.day)[0]) * _step(lives.persistence)
    place = np.abs((course.standing[heads] + 0.5) / WORD + step) % 2.0
    standing = np.minimum(np.where(place > 1, 2 - place, place) * WORD, WORD - 1).astype(np.uint32)
    partner = course.partner[heads].astype(np.int64)
    along = (partner >= 0) & here(world.people, today.day + 1, partner)
    for rows, place in ((heads, standing), (partner[along], standing[along])):
        course.standing[rows], course.stale[rows] = place, np.maximum(course.stale[rows], 1)
        _change_fortune(register, world, today, rows)


def _step(persistence: float) -> float:
    """Standard deviation of a step that is reflected at 0 and 1, so that standings stay even, for a correlation from year to year."""
    return float(np.sqrt(-2 * np.log(max(persistence, 1e-6)) * EVERY)) / np.pi


def _change_fortune(register: Register, world: World, today: Today, rows: Ints) -> None:
    """Some people below the age of retirement come to live on something else: work, benefits, their own business."""
    hit, word, _, _ = words(register.seed, rows, Why.FORTUNE, 0, today.day)
    chosen = befalls(hit, register.scenario.lives.fortune * EVERY) & (world.people.age[rows] < RETIRED)
    world.course.fortune[rows[chosen]] = word[chosen]
