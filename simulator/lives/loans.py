"""Loans: who has paid one off takes another, so that a town owes as much after ten years as on the first morning.

A holder of a loan pays the same instalment for good: a car, a student's fees, a home are followed by the next. The bank pays
the new loan out to whoever sells them, outside the town. How far a loan is paid off stands at its holder's address.

Instalments follow incomes, and so do debts: who lives otherwise from now on, or in more or less, borrows more, or sells what
they do without to somebody outside, who pays that much off.
"""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.draws import Ints, Why, words
from simulator.economy.rates import rate_today
from simulator.economy.underwriting import apply_for_loan
from simulator.ledger import FIXED, FORCED
from simulator.lives.diary import Diary
from simulator.lives.estates import HOUR, order
from simulator.lives.register import Register, within
from simulator.population.accounts import LOAN, PERSON_ROWS, UNLIMITED
from simulator.population.obligations import TERMS, instalments_left, present_value
from simulator.population.presence import here
from simulator.population.world import World
from simulator.records import Records
from simulator.runner.postponed import Postponed

SLIGHT = 20
"""Nobody changes a loan for less than one in so many parts of it (assumption)."""

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


def owed_now(world: World, today: Today) -> Ints:
    """What each person owes on loans, with those of partners and former accounts that will be theirs when those are settled."""
    owed: Ints = -world.accounts.book[LOAN : world.layout.firm_base : PERSON_ROWS]
    people, course = world.people, world.course
    passes = np.flatnonzero((people.left <= today.day + 1) & (course.closes > today.day) & (course.partner >= 0))
    np.add.at(owed, course.partner[passes], owed[passes])
    return owed


def scheduled(register: Register, world: World, month: int, row: Ints, table: Records, count: Ints) -> tuple[Ints, Ints]:
    """What people owe at the beginning of a month by their instalments; a loan that is followed by another then is paid off.

    Args:
        register: the scenario.
        world: whose addresses say how far loans are paid off.
        month: of the run.
        row: people.
        table: their obligations, one after the other.
        count: how many each has.

    Returns:
        Minor units by place among the people, and 1 for who pays for a home.
    """
    whose = np.repeat(np.arange(len(row)), count)
    loans = np.flatnonzero(np.isin(table.purpose, (Purpose.LOAN, Purpose.MORTGAGE)) & (table.payee == row[whose] * PERSON_ROWS + LOAN))
    whose, amount, purpose = whose[loans], table.amount[loans], table.purpose[loans]
    origin, total = world.course.origin[row[whose]].astype(np.int64), np.zeros(len(row))
    for kind, term in TERMS.items():
        mine = purpose == kind
        left = instalments_left(register.seed, kind, origin[mine], month)
        value = np.where(left == term, 0.0, present_value(register.scenario.credit.loan_rate, left))
        total += np.bincount(whose[mine], amount[mine] * value, len(row))
    return np.rint(total).astype(np.int64), np.bincount(whose[purpose == Purpose.MORTGAGE], minlength=len(row))


def change_loans(
    register: Register, world: World, today: Today, diary: Diary, postponed: Postponed, row: Ints, owed: Ints, target: Ints, home: Ints
) -> None:  # fmt: skip
    """Borrow more, as far as banks lend it, or have some paid off from outside, on the next business day.

    Args:
        register: the scenario.
        world: the world.
        today: the day that closes.
        diary: told of applications.
        postponed: takes the payments.
        row: people.
        owed: on loans.
        target: what they are to owe.
        home: above 0 where it is for a home.
    """
    more = target - owed
    usual, rate = register.scenario.credit.loan_rate, rate_today(register, world)
    more[np.abs(more) * SLIGHT < np.maximum(target, owed)] = 0
    day, time = today.day + int(today.ahead[1]), (11 * HOUR - today.offset) % (24 * HOUR)
    for mine, purpose in ((home > 0, Purpose.PROPERTY), (home == 0, Purpose.LOAN)):
        borrows, pays = mine & (more > 0), mine & (more < 0)
        who, term = row[borrows], TERMS[Purpose.MORTGAGE if purpose == Purpose.PROPERTY else Purpose.LOAN]
        if rate != usual:  # the same instalments pay off another loan
            more[borrows] = np.rint(more[borrows] * (present_value(rate, term) / present_value(usual, term))).astype(np.int64)
        granted = apply_for_loan(register, world, today, diary, who, more[borrows], home[borrows] > 0, np.zeros(len(who), np.int64))
        lend(world, today, postponed, who[granted > 0], granted[granted > 0], day, purpose)
        world.course.borrowed[row[pays]] = 1  # part of a late partner's loan may be paid off before it is taken over
        base, outside = row[pays] * PERSON_ROWS + LOAN, np.full(pays.sum(), world.layout.outside)
        order(postponed, day, row[pays], time, outside, base, Method.WIRE, Purpose.PROPERTY, amount=-more[pays], rule=FIXED, marks=FORCED)


def renew_loans(register: Register, world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
    """Plan the loans that begin in the coming month.

    Args:
        register: rates.
        world: who owes what.
        today: the day that closes.
        diary: told of applications.
        postponed: takes the payments.
    """
    month = register.month(today.day + 1)
    owed, usual, rate = world.obligations, register.scenario.credit.loan_rate, rate_today(register, world)
    rows = np.flatnonzero((owed.purpose == Purpose.LOAN) | (owed.purpose == Purpose.MORTGAGE))
    payer = np.searchsorted(world.owes, rows, side="right") - 1
    stays = here(world.people, today.day + 1, payer) & (owed.payee[rows] == payer * PERSON_ROWS + LOAN)
    rows, payer = rows[stays], payer[stays]
    amount, mortgage = owed.amount[rows], owed.purpose[rows] == Purpose.MORTGAGE
    most, new = (
        amount * np.where(mortgage, present_value(one, TERMS[Purpose.MORTGAGE]), present_value(one, TERMS[Purpose.LOAN]))
        for one in (usual, rate)
    )
    origin = world.course.origin[payer].astype(np.int64)
    bound = np.bincount(payer, most, world.layout.people)
    for purpose, mine in ((Purpose.LOAN, ~mortgage), (Purpose.MORTGAGE, mortgage)):
        due = mine & (instalments_left(register.seed, purpose, origin, month) == TERMS[purpose])
        who, place = np.unique(payer[due], return_inverse=True)
        if not len(who):
            continue
        wanted = np.bincount(place, new[due])
        room = bound[who] + (wanted - np.bincount(place, most[due])) + world.accounts.book[who * PERSON_ROWS + LOAN]
        asked = np.rint(np.clip(room, 0, wanted)).astype(np.int64)
        asks, lent = asked > 0, asked.copy()
        paid = np.bincount(place, amount[due]).astype(np.int64)[asks]
        home = np.full(int(asks.sum()), purpose == Purpose.MORTGAGE)
        lent[asks] = apply_for_loan(register, world, today, diary, who[asks], asked[asks], home, paid)
        pays = lent > 0
        day = within(words(register.seed, who, Why.LOAN, 0, month)[0], today.day + 1, LATEST)
        lend(world, today, postponed, who[pays], lent[pays], register.business(day[pays]),
             Purpose.LOAN if purpose == Purpose.LOAN else Purpose.PROPERTY)  # fmt: skip
