"""Transfers between people: splits, gifts and help among those who know each other; sellers, tradesmen and others one never paid."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Follow, Method, Purpose
from simulator.day.abroad import is_away
from simulator.day.hours import between
from simulator.draws import Why, draw, poisson, scale
from simulator.kernel import part, step
from simulator.ledger import NEW_PAYEE, OWN, move
from simulator.population.world import World
from simulator.records import Records

TRIES = 12
"""Strangers considered at most; one may be of the household, a contact, or paid before."""

BEYOND = 51
"""Of 256 strangers so many live in any town, the others in one's own (assumption: a fifth)."""

ASIDE = 600_000_000
"""Savings are moved ten minutes before they are spent (assumption)."""

HANDED_OVER, LAST = 3_600_000_000, 86_399_999_999
"""Notes change hands an hour after they were drawn (assumption), within the UTC day."""


@part
def who_is_there(world: World, today: Today, person: int, place: int, known: int) -> int:
    """Row of the contact at a place, or of the next who lives here today; -1 where none does."""
    for ahead in range(known):
        row = world.knows[person] + (place + ahead) % known
        if is_here(world, today, np.int64(world.contacts.person[row])):
            return int(row)
    return -1


@part
def is_here(world: World, today: Today, person: int) -> bool:
    """Whether a person is a customer today."""
    return bool(world.people.joined[person] <= today.day < world.people.left[person])


@part
def plan_transfers(world: World, today: Today, person: int, count_word: int, dither: int, out: Records, n: int) -> int:
    """Plan a person's transfers of the day to partner, friends, colleagues, and now and then to a stranger; two words say how many."""
    known = world.knows[person + 1] - world.knows[person]
    if known == 0:
        return n
    for k in range(poisson(world.tables.poisson, world.people.social[person], count_word, dither)):
        n = _plan_transfer(world, today, person, k, known, out, n)
    return n


@step
def _plan_transfer(world: World, today: Today, person: int, k: int, known: int, out: Records, n: int) -> int:
    """Plan one transfer to one of so many contacts, or to a stranger."""
    people, contacts, rules = world.people, world.contacts, world.rules
    whom, size, how, when = draw(rules.key, person, today.day, Why.TRANSFER, k + 1)
    amount = world.tables.transfer[size >> 20] * (32768 + people.price[person] // 2) >> 16
    if size & 3:
        amount = max(1, amount // rules.unit) * rules.unit
    planned = n
    time = between(today.offset, 9, 13, when)
    # The upper half of the word chooses among contacts, the lower half whether it is one of them.
    if whom & 0xFFFF < rules.strangers:
        n = _plan_stranger(world, today, person, k, time, amount, how, out, n)
    else:
        # The square of a uniform draw prefers the first contacts: partner and old friends.
        row = who_is_there(world, today, person, ((whom >> 16) * (whom >> 16) >> 16) * known >> 16, known)
        if row < 0:
            return n
        marks = NEW_PAYEE if contacts.paid[row] == 0 else 0
        n = _send(world, today, person, np.int64(contacts.person[row]), time, amount, how, Purpose.TRANSFER, marks, out, n)
    if n > planned and out.purpose[n - 1] == Purpose.TRANSFER and (size >> 2) & 0x3FF < rules.lent:
        # A loan: the friend sends the same sum back; notes go back from hand to hand.
        out.follow[n - 1], out.hold[n - 1] = Follow.COME_BACK, amount
    return n


@step
def _send(
    world: World, today: Today, person: int, payee: int, time: int, amount: int, how: int, purpose: int, marks: int, out: Records, n: int
) -> int:
    """Plan a transfer to a person, by the method that ``how`` chooses; some come back."""
    rules = world.rules
    if how < rules.cash_transfer and (is_away(world, today, person) or is_away(world, today, payee)):
        how = rules.cash_transfer + rules.cheque  # notes change hands where both are
    back = (how & 0xFFFF) << 16
    if how < rules.cash_transfer:
        return move(out, n, time, person, person * 5 + 4, payee * 5 + 4, amount, Method.CASH, Channel.NONE, purpose, 0)
    if how < rules.cash_transfer + rules.cheque:
        n = move(out, n, time, person, person * 5, payee * 5, amount, Method.CHEQUE, Channel.NONE, purpose, 0)
        if back < rules.returned_cheque:
            out.follow[n - 1] = Follow.RETURN
        return n
    if how < rules.cash_transfer + rules.cheque + rules.instant:
        n = move(out, n, time, person, person * 5, payee * 5, amount, Method.INSTANT_TRANSFER, Channel.MOBILE, purpose, marks)
        if back < rules.recalled:
            out.follow[n - 1] = Follow.RECALL
        return n
    n = move(out, n, time, person, person * 5, payee * 5, amount, Method.BATCH_TRANSFER, Channel.ONLINE, purpose, marks)
    if back < rules.returned_transfer:
        out.follow[n - 1] = Follow.RETURN
    return n


@part
def find_stranger(world: World, today: Today, person: int) -> int:
    """Somebody whom the person neither knows nor lives with nor found before; -1 where nobody is found.

    The k-th draw stands at the address (person, k), so that whom one found before is drawn again rather than remembered.
    """
    people, rules = world.people, world.rules
    town = np.int64(people.town[person])
    low, size = world.towns[town], world.towns[town + 1] - world.towns[town]
    for _ in range(TRIES):
        found = np.int64(-1)
        last = np.int64(people.strangers[person])
        people.strangers[person] = last + 1
        for turn in range(last, -1, -1):
            which, reach, _, _ = draw(rules.key, person, 0, Why.STRANGER, turn)
            place = scale(which, world.townsfolk.shape[0]) if reach & 0xFF < BEYOND else low + scale(which, size)
            candidate = np.int64(world.townsfolk[place])
            if turn == last:
                found = candidate
            elif candidate == found:
                found = np.int64(-1)
                break
        if found < 0 or people.household[found] == people.household[person] or not is_here(world, today, found):
            continue
        if is_away(world, today, found):
            continue
        for row in range(world.knows[person], world.knows[person + 1]):
            if world.contacts.person[row] == found:
                found = np.int64(-1)
                break
        if found >= 0:
            return int(found)
    return -1


@step
def _plan_stranger(world: World, today: Today, person: int, k: int, time: int, amount: int, how: int, out: Records, n: int) -> int:
    """Pay somebody for the first time: something second-hand, a car where the money is there, or what else people owe each other."""
    rules, tables, available = world.rules, world.tables, world.accounts.available
    payee = -1 if is_away(world, today, person) else find_stranger(world, today, person)
    if payee < 0:
        return n
    what, quantile, by, when = draw(rules.key, person, today.day, Why.STRANGER, k)
    if what >= rules.sales:
        return _send(world, today, person, payee, time, amount, how, Purpose.TRANSFER, NEW_PAYEE, out, n)
    price = tables.car[quantile >> 20] // rules.note * rules.note
    have, saved = available[person * 5], available[person * 5 + 1]
    if what >= rules.cars or have + saved < price + price // 8:
        return _send(world, today, person, payee, time, tables.sale[quantile >> 20], how, Purpose.SALE, NEW_PAYEE, out, n)
    in_notes = today.business == 1 and scale(by, 10) < 2
    if in_notes:
        time = between(today.offset, 9, 6, when)
    if have < price + price // 8:
        lacks = price + price // 8 - have
        n = move(out, n, time - min(ASIDE, time // 2), person, person * 5 + 1, person * 5, lacks, Method.INSTANT_TRANSFER, Channel.MOBILE,
                 Purpose.SAVING, OWN)  # fmt: skip
    # Sellers of cars ask for notes from the counter, a cashier's cheque, a wire or money at once (assumption: 2, 3, 2, 3 in ten).
    if in_notes:
        n = move(out, n, time, person, person * 5, person * 5 + 4, price, Method.CASH, Channel.BRANCH, Purpose.WITHDRAWAL, OWN)
        met = min(time + HANDED_OVER, LAST)
        return move(out, n, met, person, person * 5 + 4, payee * 5 + 4, price, Method.CASH, Channel.NONE, Purpose.SALE, 0)
    if scale(by, 10) < 5:
        return move(out, n, time, person, person * 5, payee * 5, price, Method.CHEQUE, Channel.NONE, Purpose.SALE, 0)
    if scale(by, 10) < 7:
        return move(out, n, time, person, person * 5, payee * 5, price, Method.WIRE, Channel.ONLINE, Purpose.SALE, NEW_PAYEE)
    return move(out, n, time, person, person * 5, payee * 5, price, Method.INSTANT_TRANSFER, Channel.MOBILE, Purpose.SALE, NEW_PAYEE)
