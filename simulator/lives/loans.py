"""Loans: who has paid one off takes another, so that a town owes as much after ten years as on the first morning.

A holder of a loan pays the same instalment for good: a car, a student's fees, a home are followed by the next. The bank pays
the new loan out to whoever sells them, outside the town.
"""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.draws import Ints, Why, words
from simulator.ledger import FIXED, FORCED
from simulator.lives.estates import HOUR, order
from simulator.lives.register import Register, within
from simulator.population.accounts import LOAN, PERSON_ROWS, UNLIMITED
from simulator.population.obligations import TERMS, instalments_left, present_value
from simulator.population.presence import here
from simulator.population.world import World
from simulator.runner.postponed import Postponed

LATEST = 20
"""Loans are paid out in the first days of a month, so many."""


def lend(world: World, today: Today, postponed: Postponed, rows: Ints, amount: Ints, day: Ints | int, purpose: Purpose) -> None:
    """Pay loans out to sellers outside, on a day."""
    debt = rows * PERSON_ROWS + LOAN
    world.accounts.line[debt] = UNLIMITED
    world.course.borrowed[rows] = 1
    time = (12 * HOUR - today.offset) % (24 * HOUR)
    outside = np.full(len(rows), world.layout.outside)
    order(postponed, day, rows, time, debt, outside, Method.WIRE, purpose, channel=Channel.NONE, amount=amount, rule=FIXED, marks=FORCED)


def renew_loans(register: Register, world: World, today: Today, postponed: Postponed) -> None:
    """Plan the loans that begin in the coming month.

    Args:
        register: rates.
        world: who owes what.
        today: the day that closes.
        postponed: takes the payments.
    """
    month = register.month(today.day + 1)
    owed, rate = world.obligations, register.scenario.credit.loan_rate
    rows = np.flatnonzero((owed.purpose == Purpose.LOAN) | (owed.purpose == Purpose.MORTGAGE))
    payer = np.searchsorted(world.owes, rows, side="right") - 1
    stays = here(world.people, today.day + 1, payer) & (owed.payee[rows] == payer * PERSON_ROWS + LOAN)
    rows, payer = rows[stays], payer[stays]
    amount, mortgage = owed.amount[rows], owed.purpose[rows] == Purpose.MORTGAGE
    most = amount * np.where(mortgage, present_value(rate, TERMS[Purpose.MORTGAGE]), present_value(rate, TERMS[Purpose.LOAN]))
    bound = np.bincount(payer, most, world.layout.people)
    for purpose, mine in ((Purpose.LOAN, ~mortgage), (Purpose.MORTGAGE, mortgage)):
        due = mine & (instalments_left(register.seed, purpose, payer, month) == TERMS[purpose])
        who, place = np.unique(payer[due], return_inverse=True)
        if not len(who):
            continue
        wanted = np.bincount(place, most[due])
        room = bound[who] + world.accounts.book[who * PERSON_ROWS + LOAN]
        lent = np.rint(np.clip(room, 0, wanted)).astype(np.int64)
        pays = lent > 0
        day = within(words(register.seed, who, Why.LOAN, 0, month)[0], today.day + 1, LATEST)
        lend(world, today, postponed, who[pays], lent[pays], register.business(day[pays]),
             Purpose.LOAN if purpose == Purpose.LOAN else Purpose.PROPERTY)  # fmt: skip
