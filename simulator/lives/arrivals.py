"""Arrivals: households that were expected come, open accounts, and bring what they had at their former bank."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Event, Method, Purpose
from simulator.draws import Ints, Why, words
from simulator.ledger import FIXED, FORCED, OWN
from simulator.lives.diary import Diary
from simulator.lives.estates import HOUR, SECOND, order
from simulator.lives.register import Register, moments
from simulator.population.accounts import CREDIT_CARD, CURRENT, LOAN, PERSON_ROWS, PURSE, SAVINGS
from simulator.population.opening import opening_balances, opening_lines
from simulator.population.people import minor, spread
from simulator.population.world import World
from simulator.runner.postponed import Postponed
from simulator.scenario import Scenario


def arrive(register: Register, world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
    """Let those come who are expected tomorrow; newcomers stand in the order in which they come."""
    first, tomorrow = register.scenario.population.customers, (today.day + 1, today.day + 2)
    low, high = (int(place) for place in np.searchsorted(register.joins, tomorrow))
    begin, end = (int(place) for place in np.searchsorted(world.people.joined[register.opens], tomorrow))
    rows = np.append(register.opens[begin:end], np.arange(first + low, first + high, dtype=np.int64))
    if not len(rows):
        return
    people, outside, day = world.people[rows], world.layout.outside, today.day + 1
    loans = world.course.debt[rows]
    world.census[1] += len(rows)
    brings = opening_balances(register.scenario, people, rows, loans)
    deposit = first_deposits(register.scenario, rows, register.unit)
    if register.scenario.opening.deposit:
        brings[:, [CURRENT, SAVINGS]] = 0
        brings[:, PURSE] += deposit
    lines = world.accounts.line[: world.layout.firm_base].reshape(-1, PERSON_ROWS)
    lines[rows] = opening_lines(register.scenario, people, loans, register.unit)
    open_accounts(world, diary, day, today.offset, register.seed, rows)
    time, base = (8 * HOUR - today.offset) % (24 * HOUR), rows * PERSON_ROWS
    for account, method in ((CURRENT, Method.INSTANT_TRANSFER), (SAVINGS, Method.INSTANT_TRANSFER), (PURSE, Method.CASH)):
        has = brings[:, account] > 0
        order(postponed, day, rows[has], time + account * SECOND, np.full(has.sum(), outside), base[has] + account, method, Purpose.CLOSING,
              amount=brings[has, account], rule=FIXED, channel=Channel.ONLINE)  # fmt: skip
    pays = deposit > 0
    order(postponed, day, rows[pays], time + 6 * HOUR, base[pays] + PURSE, base[pays] + CURRENT, Method.CASH, Purpose.DEPOSIT,
          amount=deposit[pays], rule=FIXED, marks=OWN)  # fmt: skip
    # The new bank pays off what is owed elsewhere: cards by a transfer of the balance, loans by a new loan.
    for account, purpose in ((CREDIT_CARD, Purpose.CARD_BILL), (LOAN, Purpose.LOAN)):
        owes = brings[:, account] < 0
        order(postponed, day, rows[owes], time + (5 + account) * SECOND, base[owes] + account, np.full(owes.sum(), outside), Method.WIRE,
              purpose, amount=-brings[owes, account], rule=FIXED, marks=FORCED)  # fmt: skip


def first_deposits(scenario: Scenario, rows: Ints, unit: int) -> Ints:
    """Notes with which people open an account, minor units; differences between people are an assumption."""
    notes = scenario.opening.deposit * spread(scenario, rows, 0.5, Why.BUFFER, 3) / scenario.cash.note
    return minor(np.maximum(np.rint(notes), scenario.opening.deposit > 0), unit) * round(scenario.cash.note)


def open_accounts(world: World, diary: Diary, day: int, offset: int, seed: int, rows: Ints) -> None:
    """Banks see people join and their accounts opened on a day, before they are used."""
    time = moments(words(seed, rows, Why.ESTATE, 3)[0], offset, 6, 1)
    base = rows * PERSON_ROWS
    diary.later(day, Event.CUSTOMER_JOINED, rows, time, account=base)
    line = world.accounts.line[: world.layout.firm_base].reshape(-1, PERSON_ROWS)
    for account in (CURRENT, SAVINGS, CREDIT_CARD, LOAN):
        used = line[rows, account] > 0 if account in (CREDIT_CARD, LOAN) else rows >= 0
        diary.later(day, Event.ACCOUNT_OPENED, rows[used], time[used] + account * SECOND, account=base[used] + account)
