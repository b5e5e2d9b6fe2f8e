"""Flats: single tenants who share a home; the second pays the first, who pays the landlord."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.draws import Ints, Why, words
from simulator.lives.estates import SWITCHED
from simulator.lives.foresight import heads_here
from simulator.lives.register import Register
from simulator.population.accounts import CURRENT, FIRM_ROWS, PERSON_ROWS
from simulator.population.budget import RENTED
from simulator.population.presence import here
from simulator.population.world import World
from simulator.scenario import BillKind

OLDEST_SHARER = 40
"""Age from which nobody shares a flat, as on the first morning."""

DUE = 28


def share_flats(register: Register, world: World, today: Today) -> None:
    """Part flatmates of whom one has moved on, and pair as many others as keep the share of those who share."""
    place = next((place for place, bill in enumerate(register.scenario.bills) if bill.kind is BillKind.RENT), -1)
    if place < 0:
        return
    owed, people = world.obligations, world.people
    rows = np.flatnonzero((owed.purpose == Purpose.RENT) & (owed.firm < 0))
    payer = np.searchsorted(world.owes, rows, side="right") - 1
    first = owed.payee[rows].astype(np.int64) // PERSON_ROWS
    switched = (people.left[first] <= today.day + 1) & (world.course.why[first] == SWITCHED)
    first[switched] = world.course.partner[first[switched]]
    owed.payee[rows] = first * PERSON_ROWS + CURRENT
    able = _able(world, today)
    together = able[payer] & able[first]
    _part(register, world, today, rows[~together], payer[~together], first[~together], place)
    free = able.copy()
    free[payer[together]] = free[first[together]] = False
    wanted = round(register.scenario.transfers.flatmates * able.sum() / 2) - int(together.sum())
    _pair(register, world, today, np.flatnonzero(free), wanted)


def _able(world: World, today: Today) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Who may share a flat."""
    people, able = world.people, np.zeros(world.layout.people, bool)
    heads = heads_here(world, today.day + 1)
    able[heads] = (people.adults[heads] == 1) & (people.children[heads] == 0) & (people.age[heads] < OLDEST_SHARER)
    able[heads] &= people.tenure[heads] == RENTED
    return able


def _rent(world: World, person: Ints) -> Ints:
    """The row of each person's rent to a landlord, -1 for none."""
    owed = world.obligations
    rows = np.flatnonzero((owed.purpose == Purpose.RENT) & (owed.firm >= 0))
    payer = np.searchsorted(world.owes, rows, side="right") - 1
    found = np.full(world.layout.people, -1, np.int64)
    found[payer] = rows
    return found[person]


def _part(register: Register, world: World, today: Today, rows: Ints, payer: Ints, first: Ints, place: int) -> None:
    """Who paid a flatmate pays a landlord again; who is left with a flat moves into a smaller one."""
    owed, plan = world.obligations, register.plan
    rent = _rent(world, first)
    has = (rent >= 0) & here(world.people, today.day + 1, first)
    np.subtract.at(owed.amount, rent[has], owed.amount[rows[has]])
    owed.amount[rent[has]] = np.maximum(owed.amount[rent[has]], owed.amount[rows[has]])
    word = words(register.seed, payer, Why.FLAT, 0, today.day)[0].astype(np.int64)
    firm = plan.first_biller[place] + (word * plan.billers[place] >> 32)
    owed.firm[rows], owed.payee[rows] = firm, world.layout.firm_base + firm * FIRM_ROWS + CURRENT
    owed.method[rows], owed.channel[rows], owed.day[rows] = int(Method.BATCH_TRANSFER), int(Channel.ONLINE), 1
    owed.mcc[rows], owed.bill[rows] = register.scenario.bills[place].mcc, place
    world.course.stale[payer], world.course.stale[first[has]] = 1, 1


def _pair(register: Register, world: World, today: Today, free: Ints, wanted: int) -> None:
    """Pair tenants of a town, at most ``wanted``; the second gives up a home of their own."""
    owed, people = world.obligations, world.people
    rent = _rent(world, free)
    free, rent = free[rent >= 0], rent[rent >= 0]
    word = words(register.seed, free, Why.FLAT, 1, today.day)[0]
    order = np.lexsort((word, people.town[free]))
    free, rent, word = free[order], rent[order], word[order]
    left = np.arange(0, len(free) - 1, 2)
    left = left[people.town[free[left]] == people.town[free[left + 1]]]
    left = np.sort(left[np.argsort(word[left], kind="stable")][: max(0, wanted)])
    host, guest, flat, row = free[left], free[left + 1], rent[left], rent[left + 1]
    owed.amount[flat] += owed.amount[row]
    owed.payee[row], owed.firm[row], owed.bill[row], owed.mcc[row] = host * PERSON_ROWS + CURRENT, -1, -1, 0
    owed.method[row], owed.channel[row], owed.day[row] = int(Method.INSTANT_TRANSFER), int(Channel.STANDING_ORDER), DUE
    world.course.stale[host], world.course.stale[guest] = 1, 1
