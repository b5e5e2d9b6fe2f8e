"""Acquaintances: at the turn of a month newcomers get to know people like them, couples know each other, and who is gone is forgotten."""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.draws import Ints, Why, words
from simulator.lives.estates import SWITCHED
from simulator.lives.foresight import rest_of_month
from simulator.lives.register import Register
from simulator.population.contacts import CONTACT, FRIEND, PARTNER
from simulator.population.presence import NEVER, here
from simulator.population.world import World
from simulator.records import Records, records

MET = 6
"""People of the town whom a newcomer meets for each friend that is made: the one most alike (assumption)."""

DECILE = 8
"""Years of age that a decile of income counts for, as on the first morning."""


def meet(register: Register, world: World, today: Today) -> World:
    """Write the contacts of everybody anew. Returns the world with them."""
    people, course = world.people, world.course
    tomorrow = today.day + 1
    gone = people.left <= tomorrow
    after = np.arange(world.layout.people)
    switched = np.flatnonzero(gone & (course.why == SWITCHED) & (people.joined != NEVER))
    after[switched] = course.partner[switched]
    after[switched] = after[after[switched]]  # who changed bank twice in a month
    size = np.diff(world.knows)
    owner, contact = after[np.repeat(np.arange(len(size)), size)], after[world.contacts.person]
    partner = world.contacts.kind == PARTNER
    last = today.day + rest_of_month(today.day)
    expected = (people.joined <= last) & ~gone
    lent = np.repeat(np.isin(np.arange(len(size)), switched), size)  # the row that succeeds was lent the same contacts
    kept = expected[owner] & expected[contact] & ~lent & (owner != contact) & ~(partner & (course.partner[owner] != contact))
    rows = world.contacts[kept].copy()
    rows.person = contact[kept]
    owner = owner[kept]
    if len(switched):
        order = np.argsort(owner, kind="stable")
        owner, rows = owner[order], rows[order]
    new = _new_pairs(world, expected, owner, rows)
    comes = np.flatnonzero(expected & (people.joined > today.day) & (course.origin == after))
    left, right = _make_friends(register, world, today, comes, owner)
    table, begin = _merge(owner, rows, new, (np.concatenate([left, right]), np.concatenate([right, left])), len(size))
    world.knows[:] = begin
    return world._replace(contacts=_lend(world, table))


def _new_pairs(world: World, expected: NDArray[np.bool_], owner: Ints, rows: Records) -> tuple[Ints, Ints]:
    """Partners who do not know each other yet."""
    knows = np.zeros(world.layout.people, bool)
    knows[owner[rows.kind == PARTNER]] = True
    partner = world.course.partner.astype(np.int64)
    paired = np.flatnonzero((partner >= 0) & expected & ~knows)
    paired = paired[expected[partner[paired]]]
    return paired, partner[paired]


def _make_friends(register: Register, world: World, today: Today, comes: Ints, owner: Ints) -> tuple[Ints, Ints]:
    """As many friends for each newcomer as somebody who is here has, drawn in the town by age and income."""
    people = world.people
    residents = np.flatnonzero(here(people, today.day + 1))
    if not len(comes) or not len(residents):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    known = np.bincount(owner, minlength=len(people)) - (world.course.partner >= 0)
    like, _, _, _ = words(register.seed, comes, Why.ACQUAINTANCE)
    number = np.maximum(0, known)[residents[like.astype(np.int64) * len(residents) >> 32]]
    who = np.repeat(comes, number)
    turn = np.arange(len(who)) - np.repeat(np.cumsum(number) - number, number)
    best, distance = np.full(len(who), -1, np.int64), np.full(len(who), 1 << 30, np.int64)
    for met in range(MET):
        town = people.town[who].astype(np.int64)
        word = words(register.seed, who * 64 + turn, Why.ACQUAINTANCE, 1 + met)[0].astype(np.int64)
        low, size = world.towns[town], world.towns[town + 1] - world.towns[town]
        found = world.townsfolk[low + (word * size >> 32)].astype(np.int64)
        apart = np.abs(people.age[found].astype(np.int64) - people.age[who])
        apart += DECILE * np.abs(people.decile[found].astype(np.int64) - people.decile[who])
        better = here(people, today.day + 1, found) & (people.household[found] != people.household[who]) & (apart < distance)
        best[better], distance[better] = found[better], apart[better]
    chosen = best >= 0
    pairs = np.unique(who[chosen] << 32 | best[chosen])
    return pairs >> 32, pairs & 0xFFFFFFFF


def _merge(owner: Ints, rows: Records, first: tuple[Ints, Ints], last: tuple[Ints, Ints], size: int) -> tuple[Records, Ints]:
    """Contacts in order of owners: new partners before those kept, new friends after them."""
    counts = [np.bincount(who, minlength=size) for who in (first[0], owner, last[0])]
    begin = np.concatenate([[0], np.cumsum(counts[0] + counts[1] + counts[2])]).astype(np.int64)
    out = records(CONTACT, int(begin[-1]))
    before = begin[:-1].copy()
    for which, (who, count) in enumerate(zip((first[0], owner, last[0]), counts, strict=True)):
        order = np.argsort(who, kind="stable") if which != 1 else slice(None)
        sorted_ = who[order]
        place = before[sorted_] + np.arange(len(sorted_)) - np.repeat(np.cumsum(count) - count, count)
        if which == 1:
            out[place] = rows
        else:
            out.person[place] = (first, last)[which // 2][1][order]
            out.kind[place] = PARTNER if which == 0 else FRIEND
        before += count
    return out, begin


def _lend(world: World, table: Records) -> Records:
    """Rows set aside for who will change bank know the same people from their first day."""
    course, size = world.course, len(world.people)
    successor = np.flatnonzero((course.takes >= 0) & (world.people.joined == NEVER))
    if not len(successor):
        return table
    model = course.takes[successor].astype(np.int64)
    count = np.diff(world.knows)
    source = np.arange(size)
    source[successor] = model
    more = count.copy()
    more[successor] = count[model]
    begin = np.concatenate([[0], np.cumsum(more)]).astype(np.int64)
    place = np.repeat(world.knows[source] - begin[:-1], more) + np.arange(int(begin[-1]))
    world.knows[:] = begin
    copied: Records = table[place]
    return copied
