"""Arrivals: households that come to town and open accounts; as many as keep the number of customers."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Event, Method, Purpose
from simulator.draws import Ints, Why
from simulator.ledger import FIXED
from simulator.lives.diary import Diary
from simulator.lives.estates import HOUR, order
from simulator.lives.turns import chances, moment
from simulator.population.accounts import CREDIT_CARD, CURRENT, LOAN, PERSON_ROWS, PURSE, SAVINGS, UNLIMITED
from simulator.population.people import NEVER
from simulator.population.world import World
from simulator.runner.postponed import Postponed


def arrive(world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
    """Let the next households in line come, in place of those who went; they are customers from tomorrow."""
    people, tomorrow = world.people, today.day + 1
    here = int(np.count_nonzero((people.joined <= tomorrow) & (people.left > tomorrow)))
    first = world.renewal.first
    waiting = first + np.flatnonzero(people.joined[first:] == NEVER)
    wanted = min(world.renewal.customers - here, len(waiting))
    while 0 < wanted < len(waiting) and people.household[waiting[wanted]] == people.household[waiting[wanted - 1]]:
        wanted -= 1
    if wanted <= 0:
        return
    rows = waiting[:wanted]
    people.joined[rows] = tomorrow
    _bring(world, today, postponed, rows)
    _open_accounts(world, today, diary, rows)


def _bring(world: World, today: Today, postponed: Postponed, rows: Ints) -> None:
    """What newcomers bring from their former bank, the notes in their purse, and the loan on what they bought outside."""
    people, layout, base = world.people, world.layout, rows * PERSON_ROWS
    level, part, _, _ = chances(world, rows, Why.ARRIVAL, today.day, 1)
    liquid = people.buffer[rows] * (49152 + (level >> 17)) >> 16
    notes = people.purse[rows] * (32768 + (part >> 16)) >> 16
    start = (9 * HOUR - today.offset) % (24 * HOUR)
    outside, day = layout.outside, today.day + 1
    order(postponed, day, rows, start, outside, base + CURRENT, Method.WIRE, Purpose.CLOSING, amount=liquid, rule=FIXED)
    order(postponed, day, rows, start, outside, base + PURSE, Method.CASH, Purpose.CLOSING, amount=notes, rule=FIXED)
    owes = people.loan[rows] > 0
    debtor = rows[owes]
    world.accounts.line[debtor * PERSON_ROWS + LOAN] = UNLIMITED
    order(postponed, day, debtor, start + HOUR, debtor * PERSON_ROWS + LOAN, outside, Method.WIRE, Purpose.PROPERTY,
          amount=people.loan[debtor], rule=FIXED)  # fmt: skip


def _open_accounts(world: World, today: Today, diary: Diary, rows: Ints) -> None:
    word, _, _, _ = chances(world, rows, Why.ARRIVAL, today.day, 2)
    time = moment(word, today.offset)
    diary.note(Event.CUSTOMER_JOINED, rows, time, account=rows * PERSON_ROWS)
    for account in (CURRENT, SAVINGS):
        diary.note(Event.ACCOUNT_OPENED, rows, time + 1, account=rows * PERSON_ROWS + account)
    carded = world.people.line[rows] > 0
    diary.note(Event.ACCOUNT_OPENED, rows[carded], time[carded] + 2, account=rows[carded] * PERSON_ROWS + CREDIT_CARD)
