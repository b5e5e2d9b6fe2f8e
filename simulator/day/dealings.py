"""Dealings with institutions at random times: exchanges, casinos, bets, gift cards, gifts. Some of the money comes back later.

Dues and savings plans are obligations; what is above the buffer goes to a broker in ``day/saving.py``.
"""

import numpy as np

from simulator.clock import Today
from simulator.codes import Authentication, Channel, EntryMode, Follow, Method, Purpose
from simulator.day.equipment import at_machine, use_card
from simulator.day.hours import between, within
from simulator.draws import Why, draw, scale
from simulator.kernel import part, step
from simulator.ledger import FIXED, NEW_PAYEE, OWN, put
from simulator.population.accounts import ACQUIRING, FIRM_ROWS, TILL
from simulator.population.world import World
from simulator.records import Records

FIRST_NOTES = 600_000_000
"""Who has too few notes draws them ten minutes before (assumption), microseconds."""


@part
def plan_dealings(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Plan a person's dealings of the day; one draw serves four rows."""
    dealings, tables = world.dealings, world.tables
    first = world.deals[person]
    a = b = c = d = np.int64(0)
    for row in range(first, world.deals[person + 1]):
        turn = (row - first) & 3
        if turn == 0:
            a, b, c, d = draw(world.rules.key, person, today.day, Why.DEALING, (row - first) >> 2)
        word = a if turn == 0 else (b if turn == 1 else (c if turn == 2 else d))
        season = tables.deal_season[np.int64(dealings.entry[row]), today.month]
        if word < np.int64(dealings.chance[row]) * season >> 16:
            n = _plan_dealing(world, today, person, row, row - first, out, n)
    return n


@step
def _plan_dealing(world: World, today: Today, person: int, row: int, which: int, out: Records, n: int) -> int:
    """Plan one dealing, unless the person is too short of money for it."""
    dealings, tables, rules, accounts = world.dealings, world.tables, world.rules, world.accounts
    size, when, luck, minute = draw(rules.key, person, today.day, Why.DEAL, which)
    entry, method, firm = np.int64(dealings.entry[row]), np.int64(dealings.method[row]), np.int64(dealings.firm[row])
    amount = dealings.level[row] * tables.deal[entry, size >> 20] >> 16
    # Sums are round: whole units, and tens from a hundred on.
    step = rules.unit * 10 if amount >= rules.unit * 100 else rules.unit
    amount = max(1, amount // step) * step
    profile = tables.deal_profile[entry]
    time = between(today.offset, 8, 14, when)
    if profile >= 0:
        time = within(today.offset, np.int64(tables.hours[profile, today.weekend[1], when >> 22]), minute)
    current, payer = person * 5, person * 5
    payee = world.layout.firm_base + firm * FIRM_ROWS
    channel, mode, terminal = np.int64(Channel.MOBILE), np.int64(EntryMode.NONE), np.int64(-1)
    if method == Method.CASH:
        short = amount - accounts.available[current + 4]
        if short > 0:
            notes = (short + rules.note - 1) // rules.note * rules.note
            if accounts.available[current] < 2 * notes:
                return n
            n = put(out, n, max(0, time - FIRST_NOTES), person, 0, current, current + 4, notes, Method.CARD, Channel.ATM,
                    Purpose.WITHDRAWAL, -1, 6011, -1, EntryMode.CHIP, Authentication.PIN, FIXED, OWN)  # fmt: skip
            at_machine(world, today, person, luck, out, n - 1)
        payer, payee, channel = current + 4, payee + TILL, np.int64(Channel.POINT_OF_SALE)
    elif accounts.available[current] < 2 * amount:
        return n
    elif method == Method.CARD:
        payee += ACQUIRING
        mode = np.int64(EntryMode.REMOTE)
        if world.firms.online[firm] == 0:
            channel, mode = np.int64(Channel.POINT_OF_SALE), np.int64(EntryMode.CHIP)
            terminal = np.int64(scale(minute, np.int64(world.firms.terminals[firm])))
        # Whose money may come back pays by debit card.
        if tables.deal_back[entry] == 0 and (when & 0x3FFFFF) << 10 < world.people.credit[person]:
            if accounts.available[current + 2] - amount > -world.people.line[person]:
                payer = current + 2
    marks = 0 if dealings.paid[row] == 1 or method == Method.CARD or method == Method.CASH else NEW_PAYEE
    dealings.paid[row] = 1
    n = put(out, n, time, person, 0, payer, payee, amount, method, channel, tables.deal_purpose[entry],
            firm, np.int64(world.firms.mcc[firm]), terminal, mode, 0, FIXED, marks)  # fmt: skip
    planned = n - 1
    if luck < tables.deal_back[entry]:
        out.follow[planned] = Follow.COME_BACK
        out.hold[planned] = max(1, amount * tables.deal_ratio[entry, size & 0xFFF] >> 16)
    if method == Method.CARD:
        use_card(world, today, person, (minute >> 4) & 0xFFFFFF, out, planned)
    return n
