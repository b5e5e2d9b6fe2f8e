"""Transfers between people who know each other: splits, gifts, help."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.day.abroad import is_away
from simulator.day.hours import between
from simulator.draws import Why, draw, poisson
from simulator.kernel import part
from simulator.ledger import move
from simulator.population.world import World
from simulator.records import Records


@part
def who_is_there(world: World, today: Today, person: int, place: int, known: int) -> int:
    """The contact at a place, or the next who lives here today; -1 where none does."""
    for step in range(known):
        friend = np.int64(world.contacts.person[world.knows[person] + (place + step) % known])
        if world.people.joined[friend] <= today.day < world.people.left[friend]:
            return friend
    return -1


@part
def plan_transfers(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Plan a person's transfers of the day to partner, friends and colleagues."""
    people, rules = world.people, world.rules
    known = world.knows[person + 1] - world.knows[person]
    if known == 0:
        return n
    count_word, dither, _, _ = draw(rules.key, person, today.day, Why.TRANSFER, 0)
    for k in range(poisson(world.tables.poisson, people.social[person], count_word, dither)):
        whom, size, how, when = draw(rules.key, person, today.day, Why.TRANSFER, k + 1)
        # The square of a uniform draw prefers the first contacts: partner and old friends.
        place = ((whom >> 16) * (whom >> 16) >> 16) * known >> 16
        friend = who_is_there(world, today, person, place, known)
        if friend < 0:
            continue
        amount = world.tables.transfer[size >> 20] * (32768 + people.price[person] // 2) >> 16
        if size & 3:
            amount = max(1, amount // rules.unit) * rules.unit
        time = between(today.offset, 9, 13, when)
        if how < rules.cash_transfer and (is_away(world, today, person) or is_away(world, today, friend)):
            how = np.int64(rules.cash_transfer + rules.cheque)  # notes change hands where both are
        if how < rules.cash_transfer:
            n = move(out, n, time, person, person * 5 + 4, friend * 5 + 4, amount, Method.CASH, Channel.NONE, Purpose.TRANSFER, 0)
        elif how < rules.cash_transfer + rules.cheque:
            n = move(out, n, time, person, person * 5, friend * 5, amount, Method.CHEQUE, Channel.NONE, Purpose.TRANSFER, 0)
        elif how < rules.cash_transfer + rules.cheque + rules.instant:
            n = move(out, n, time, person, person * 5, friend * 5, amount, Method.INSTANT_TRANSFER, Channel.MOBILE, Purpose.TRANSFER, 0)
        else:
            n = move(out, n, time, person, person * 5, friend * 5, amount, Method.BATCH_TRANSFER, Channel.ONLINE, Purpose.TRANSFER, 0)
    return n
