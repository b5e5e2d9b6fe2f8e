"""Cash: purses are filled at machines, branches or agents when they run low, and banked when they hold too much."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, EntryMode, Method, Purpose
from simulator.day.equipment import at_machine
from simulator.day.hours import DAY, between, within
from simulator.day.keeping import is_paid_in_notes, is_settling
from simulator.draws import Why, draw, scale
from simulator.kernel import part, step
from simulator.ledger import FIXED, OWN, move, put
from simulator.population.world import World
from simulator.records import Records

LOW = 2
"""A purse runs low below half its target (assumption)."""

SPARED = 4
"""Who still builds a reserve draws one part in so many of what they need (assumption)."""

OPENS, HOURS = 8, 9
"""First hour of a branch, and how many it is open (assumption)."""


@part
def plan_cash(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Plan a withdrawal or a deposit of notes."""
    people, rules, accounts = world.people, world.rules, world.accounts
    have, target = accounts.available[person * 5 + 4], people.purse[person]
    if have >= target // LOW and have * 65536 <= target * rules.deposit_above * world.climate.notes[0] >> 16:
        return n
    return _plan_notes(world, today, person, have, target, out, n)


@part
def draw_at_counter(today: Today, person: int, amount: int, before: int, word: int, out: Records, n: int) -> int:
    """Plan a withdrawal at the counter of a branch in its hours, or before a moment at which the notes are needed."""
    time = max(0, min(between(today.offset, OPENS, HOURS, word), before - 60_000_000))
    return move(out, n, time, person, person * 5, person * 5 + 4, amount, Method.CASH, Channel.BRANCH, Purpose.WITHDRAWAL, OWN)


@step
def _plan_notes(world: World, today: Today, person: int, have: int, target: int, out: Records, n: int) -> int:
    """Withdraw for a purse that runs low; deposit, sooner or later, what is too much."""
    rules, accounts = world.rules, world.accounts
    current, purse = person * 5, person * 5 + 4
    goes, size, hour_word, minute = draw(rules.key, person, today.day, Why.CASH, 0)
    hour = np.int64(world.tables.hours[world.tables.profile[0], today.weekend[1], hour_word >> 22])
    time = within(today.offset, hour, minute)
    channel = Channel.MOBILE if rules.agents else Channel.ATM
    if have < target // LOW:
        amount = target * rules.withdrawal * world.tables.takings[size >> 20] >> 32
        if rules.own_notes == 1:
            amount = min(amount, (target * rules.deposit_above >> 16) - have)
        amount = max(1, (amount + rules.note // 2) // rules.note) * rules.note
        if scale(goes, 4) > 0 and is_settling(world, person, today.day):
            return move(out, n, time, person, np.int64(world.layout.outside), purse, amount, Method.CASH, Channel.NONE, Purpose.CLOSING, 0)
        if accounts.available[current] < world.people.buffer[person] * rules.reserve >> 16:
            part = amount // (SPARED * rules.note) * rules.note
            elsewhere = amount - part
            n = move(out, n, time, person, np.int64(world.layout.outside), purse, elsewhere, Method.CASH, Channel.NONE, Purpose.CLOSING, 0)
            amount = part
        if accounts.available[current] < amount:
            amount = accounts.available[current] // rules.note * rules.note
        if amount <= 0:
            return n
        if (size & 0xFFFFF) < rules.counter:
            return draw_at_counter(today, person, amount, DAY, minute, out, n) if today.business == 1 else n
        method = Method.WALLET if rules.agents else Method.CARD
        entry = EntryMode.NONE if rules.agents else EntryMode.CHIP
        mcc = 0 if rules.agents else 6011
        n = put(out, n, time, person, 0, current, purse, amount, method, channel, Purpose.WITHDRAWAL, -1, mcc, -1, entry, 1, FIXED, OWN)
        if not rules.agents:
            at_machine(world, today, person, goes, out, n - 1)
        return n
    if scale(goes, 3) == 0 and (rules.own_notes == 0 or is_paid_in_notes(world, person)):
        amount = have - target
        if rules.deposit > 0:
            amount = min(amount, rules.deposit * world.tables.takings[size >> 20] >> 16)
        if rules.agents:
            # An agent takes no more at once than one usually hands out (assumption).
            amount = min(amount, target * rules.withdrawal >> 16)
        amount = amount // rules.note * rules.note
        if amount > 0:
            channel = Channel.MOBILE if rules.agents else Channel.BRANCH
            return move(out, n, time, person, purse, current, amount, Method.CASH, channel, Purpose.DEPOSIT, OWN)
    return n
