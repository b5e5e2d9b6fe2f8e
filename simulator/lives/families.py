"""Families: at the turn of a month couples part, single people find each other, children are born and grow up.

The rates are those that keep the household table (`simulator.population.renewal`). Whoever lives otherwise from now on gets
a new plan (`simulator.lives.plans`).
"""

import numpy as np

from simulator.clock import Today
from simulator.codes import Event
from simulator.draws import Ints, Why, words
from simulator.lives.diary import Diary
from simulator.lives.foresight import heads_here, stage_of_life
from simulator.lives.plans import FRESH
from simulator.lives.register import Register, befalls, moments, within
from simulator.population.accounts import PERSON_ROWS
from simulator.population.budget import LODGING
from simulator.population.presence import here
from simulator.population.world import World

MONTHS = 12
APART = 10
"""Most years between the ages of two who find each other (assumption)."""

SAME_SEX = 0.02
"""Share of people who look for a partner of their sex (assumption)."""

TELL_WITHIN = 20
"""Days within which people tell their bank of a new address (assumption)."""


def change_families(register: Register, world: World, today: Today, diary: Diary) -> None:
    """Change who lives with whom from tomorrow."""
    heads = heads_here(world, today.day + 1)
    stage = stage_of_life(world, heads)
    _change_children(register, world, today, heads, stage)
    _part(register, world, today, diary, heads, stage)
    _look_around(register, world, today)
    _pair(register, world, today, diary)


def _household(world: World, day: int, heads: Ints) -> Ints:
    """Heads and the partners who are here."""
    partner = world.course.partner[heads].astype(np.int64)
    along = (partner >= 0) & here(world.people, day, partner)
    return np.concatenate([heads, partner[along]])


def _change_children(register: Register, world: World, today: Today, heads: Ints, stage: Ints) -> None:
    """First children, and last ones who grow up; they leave the town, or come back as newcomers of their own."""
    people, renewal = world.people, register.renewal
    bears, grows, _, _ = words(register.seed, heads, Why.CHILD, 0, today.day)
    couple = (people.adults[heads] >= 2).astype(np.int64)
    age = stage - 18
    has = people.children[heads] > 0
    born = heads[~has & befalls(bears, renewal.bear[couple, age] / MONTHS)]
    alone = heads[has & befalls(grows, renewal.grown[couple, age] / MONTHS)]
    for chosen, children in ((born, 1), (alone, 0)):
        rows = _household(world, today.day + 1, chosen)
        people.children[rows], world.course.stale[rows] = children, 1


def _part(register: Register, world: World, today: Today, diary: Diary, heads: Ints, stage: Ints) -> None:
    """One of a couple moves out, into a home of their own; the other stays with the children."""
    people, course = world.people, world.course
    partner = course.partner[heads].astype(np.int64)
    word = words(register.seed, heads, Why.PARTNERSHIP, 0, today.day)[0]
    parts = (partner >= 0) & here(people, today.day + 1, partner) & befalls(word, register.rate(register.renewal.part, stage) / MONTHS)
    stays, goes = heads[parts], partner[parts]
    if not len(goes):
        return
    name = people.household[stays].astype(np.int64)
    # A household is named by the row of whoever founded it, and keeps that person's devices.
    founder = name == goes
    people.household[goes] = goes
    people.household[stays[founder]] = stays[founder]
    people.adults[stays], people.adults[goes], people.children[goes], people.head[goes] = 1, 1, 0, 1
    course.partner[stays], course.partner[goes], course.stale[stays], course.stale[goes] = -1, -1, 1, FRESH
    zone = words(register.seed, goes, Why.PARTNERSHIP, 1, today.day)[0] >> np.uint32(28)
    change_address(register, world, today, diary, goes, people.town[goes], zone.astype(np.int8))


def _look_around(register: Register, world: World, today: Today) -> None:
    """Single people begin to look for a partner."""
    people, course = world.people, world.course
    alone = np.flatnonzero(here(people, today.day + 1) & (people.adults == 1) & (course.seeks == 0))
    word = words(register.seed, alone, Why.PARTNERSHIP, 2, today.day)[0]
    seeks = befalls(word, register.rate(register.renewal.pair, stage_of_life(world, alone)) / MONTHS)
    course.seeks[alone[seeks]] = 1


def _pair(register: Register, world: World, today: Today, diary: Diary) -> None:
    """Those who look find each other within the town, by age; whoever finds nobody goes on looking."""
    people, course = world.people, world.course
    looking = np.flatnonzero((course.seeks == 1) & here(people, today.day + 1) & (people.adults == 1))
    if len(looking) < 2:
        return
    same, host_word, _, _ = words(register.seed, looking, Why.PARTNERSHIP, 3)
    side = people.sex[looking].astype(np.int64) ^ befalls(same, SAME_SEX)
    town, age = people.town[looking].astype(np.int64), people.age[looking].astype(np.int64)
    order_by = np.lexsort((looking, age, side, town))
    one, other = (order_by[side[order_by] == which] for which in (0, 1))
    first = [np.searchsorted(town[who], town[who]) for who in (one, other)]
    key = [town[who] * len(looking) + np.arange(len(who)) - first[which] for which, who in enumerate((one, other))]
    _, left, right = np.intersect1d(key[0], key[1], assume_unique=True, return_indices=True)
    near = np.abs(age[one[left]] - age[other[right]]) <= APART
    left, right = one[left[near]], other[right[near]]
    swap = (host_word[left] & np.uint32(1)).astype(bool)
    host, guest = looking[np.where(swap, left, right)], looking[np.where(swap, right, left)]
    _move_in(register, world, today, diary, host, guest)


def _move_in(register: Register, world: World, today: Today, diary: Diary, host: Ints, guest: Ints) -> None:
    """Guests give up their homes and live with their hosts from tomorrow; a plan made anew pays their mortgages off."""
    people, course = world.people, world.course
    children = np.maximum(people.children[host], people.children[guest])
    people.household[guest], people.head[guest], people.tenure[guest], people.home[guest] = people.household[host], 0, LODGING, 0
    for who, partner in ((host, guest), (guest, host)):
        people.adults[who], people.children[who], course.partner[who] = 2, children, partner
        course.seeks[who], course.stale[who] = 0, 1
    course.standing[guest], course.ahead[guest] = course.standing[host], course.ahead[host]
    change_address(register, world, today, diary, guest, people.town[host], people.zone[host])


def change_address(register: Register, world: World, today: Today, diary: Diary, rows: Ints, town: np.ndarray, zone: np.ndarray) -> None:
    """People live elsewhere from tomorrow, and tell their bank within some weeks."""
    people = world.people
    diary.change("home", today.day + 1, rows, town=people.town[rows], zone=people.zone[rows], household=people.household[rows])
    people.town[rows], people.zone[rows] = town, zone
    when, day, _, _ = words(register.seed, rows, Why.MOVE, 1, today.day)
    diary.later(
        within(day, today.day + 1, TELL_WITHIN), Event.ADDRESS_CHANGED, rows, moments(when, today.offset), account=rows * PERSON_ROWS
    )
