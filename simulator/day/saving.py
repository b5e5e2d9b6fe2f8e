"""Saving and drawing down: what keeps the current account afloat, and where the surplus goes."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.day.hours import between
from simulator.draws import Why, draw, poisson
from simulator.kernel import part, step
from simulator.ledger import OWN, move
from simulator.population.accounts import FIRM_ROWS
from simulator.population.debts import is_overdue
from simulator.population.world import World
from simulator.records import Records

LATER, LAST = 21_600_000_000, 86_399_999_999
"""What is drawn is spent six hours later (assumption), within the UTC day; microseconds."""


@part
def plan_saving(world: World, today: Today, person: int, needed: int, out: Records, n: int) -> int:
    """Draw savings down before the bills of the day; once a month move the surplus to savings, and beyond to investments.

    Args:
        world: the world.
        today: the day.
        person: whose money.
        needed: what today's obligations take from the current account.
        out: attempts.
        n: rows used.
    """
    people, accounts = world.people, world.accounts
    current, savings = person * 5, person * 5 + 1
    have, saved = accounts.available[current], accounts.available[savings]
    low = people.budget[person] // 4 + needed
    if have < low and saved > 0:
        return _draw_down(world, today, person, min(saved, low + people.budget[person] // 4 - have), out, n)
    turn = (np.int64(people.statement_day[person]) + 9) % 28 + 1
    waits = world.rules.overdue_first == 1 and is_overdue(world.debts, person)
    in_notes = world.rules.surplus_in_notes > 0 and _takes_notes(world, person)
    if not waits and in_notes and today.business == 1 and (today.due >> turn) & 1 == 1:
        n = _take_surplus(world, today, person, have, needed, out, n)
    elif not waits and not in_notes and today.month_day == turn:
        n = _plan_surplus(world, today, person, have, saved, needed, out, n)
    if world.rules.debits > 0:
        n = _plan_debits(world, today, person, out, n)
    return n


@step
def _draw_down(world: World, today: Today, person: int, amount: int, out: Records, n: int) -> int:
    """The bank's own service: what keeps an account from running short moves by itself before the bills."""
    word, _, _, _ = draw(world.rules.key, person, today.day, Why.SAVING, 0)
    return move(out, n, between(today.offset, 4, 1, word), person, person * 5 + 1, person * 5, amount, Method.INSTANT_TRANSFER,
                Channel.STANDING_ORDER, Purpose.SAVING, OWN)  # fmt: skip


@step
def _plan_surplus(world: World, today: Today, person: int, have: int, saved: int, needed: int, out: Records, n: int) -> int:
    people = world.people
    current, savings = person * 5, person * 5 + 1
    word, later, _, _ = draw(world.rules.key, person, today.day, Why.SAVING, 1)
    extra = _surplus(world, person, have, needed)
    if extra > people.net[person] // 20 + world.rules.note:
        time = between(today.offset, 12, 4, word)
        n = move(out, n, time, person, current, savings, extra, Method.INSTANT_TRANSFER, Channel.MOBILE, Purpose.SAVING, OWN)
        saved += extra
    beyond = min(saved, max(0, have - extra) + saved - max(people.buffer[person], people.net[person] * 3 // 4))
    if beyond > people.net[person] // 4 + world.rules.note:
        time, broker = between(today.offset, 17, 2, later), np.int64(world.layout.outside)
        if people.broker[person] >= 0:
            broker = world.layout.firm_base + np.int64(people.broker[person]) * FIRM_ROWS
        n = move(out, n, time, person, savings, broker, beyond, Method.BATCH_TRANSFER, Channel.ONLINE, Purpose.INVESTMENT, 0)
    return n


@part
def _takes_notes(world: World, person: int) -> bool:
    """Whether a person draws the surplus in notes."""
    habit, _, _, _ = draw(world.rules.key, person, 0, Why.SAVING, 1)
    return bool(habit < world.rules.surplus_in_notes)


@part
def _surplus(world: World, person: int, have: int, needed: int) -> int:
    """What the current account holds beyond what stays on it."""
    stays = world.people.buffer[person] * world.rules.current_share >> 16
    return int(max(0, have - max(stays, world.people.budget[person] // 2) - needed))


@step
def _take_surplus(world: World, today: Today, person: int, have: int, needed: int, out: Records, n: int) -> int:
    """Draw the surplus at the counter on a business day, and keep or spend it where no bank looks."""
    current, purse = person * 5, person * 5 + 4
    amount = _surplus(world, person, have, needed)
    if amount <= world.people.net[person] // 20 + world.rules.note:
        return n
    amount = amount // world.rules.note * world.rules.note
    word, _, _, _ = draw(world.rules.key, person, today.day, Why.SAVING, 1)
    time = between(today.offset, 10, 5, word)
    n = move(out, n, time, person, current, purse, amount, Method.CASH, Channel.BRANCH, Purpose.WITHDRAWAL, OWN)
    later = min(time + LATER, LAST)
    return move(out, n, later, person, purse, np.int64(world.layout.outside), amount, Method.CASH, Channel.NONE, Purpose.SAVING, 0)


@step
def _plan_debits(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Moves from the mobile wallet to a bank account, where a world has them."""
    count_word, dither, size, when = draw(world.rules.key, person, today.day, Why.SAVING, 2)
    count = poisson(world.tables.poisson, world.rules.debits, count_word, dither)
    if count == 0:
        return n
    amount = max(1, world.rules.debit * world.tables.takings[size >> 20] >> 16)
    time = between(today.offset, 8, 12, when)
    return move(out, n, time, person, person * 5, person * 5 + 1, amount, Method.WALLET, Channel.MOBILE, Purpose.SAVING, OWN)
