"""Bills on their due days: rent, mortgage, utilities, insurance, subscriptions, allowances, remittances, tax."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, EntryMode, Follow, Method
from simulator.day.equipment import use_stored_card
from simulator.day.hours import between
from simulator.day.keeping import is_settling
from simulator.draws import Why, draw
from simulator.kernel import part, step
from simulator.ledger import BILL, FIXED, OWN, put
from simulator.population.debts import DEBTS, LOAN_DEBT, fall_due
from simulator.population.world import World
from simulator.records import Records


@part
def due_today(world: World, today: Today, row: int) -> bool:
    """Whether an obligation falls due: bank payments move to the next business day, cards and people do not."""
    obligations = world.obligations
    method = obligations.method[row]
    plain = method == Method.CARD or obligations.channel[row] == Channel.STANDING_ORDER
    bits = today.exact if plain else today.due
    return (bits >> np.int64(obligations.day[row])) & 1 == 1 and (np.int64(obligations.months[row]) >> today.month) & 1 == 1


@part
def amount_today(world: World, today: Today, person: int, row: int, word: int) -> int:
    """What is due: the usual amount, by season, varying from month to month."""
    obligations, tables = world.obligations, world.tables
    amount = obligations.amount[row]
    season = obligations.season[row]
    if season >= 0:
        amount = amount * tables.bill_season[season, today.month] >> 16
    if obligations.varies[row] > 0:
        z = np.int64(tables.normal[word >> 20])
        amount += amount * np.int64(obligations.varies[row]) * max(-8192, min(z, 12288)) >> 24
    return max(1, amount)


@part
def plan_obligations(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Plan what a person must pay today; a new account's standing orders wait."""
    waits = is_settling(world, person, today.day)
    for row in range(world.owes[person], world.owes[person + 1]):
        if due_today(world, today, row) and not (waits and world.obligations.channel[row] == Channel.STANDING_ORDER):
            n = _plan_due(world, today, person, row, out, n)
    return n


@step
def _plan_due(world: World, today: Today, person: int, row: int, out: Records, n: int) -> int:
    """Plan the payment of what is due."""
    obligations, people = world.obligations, world.people
    which = row - world.owes[person]
    varies, when, back, _ = draw(world.rules.key, person, today.day, Why.BILL_TIME, which)
    amount = amount_today(world, today, person, row, varies)
    payer = person * 5
    payee = np.int64(obligations.payee[row])
    method = np.int64(obligations.method[row])
    marks = BILL
    entry = EntryMode.NONE
    if payee == person * 5 + 3:
        # A loan is paid off in the end; the last payment is what is left.
        amount = min(amount, -world.accounts.available[payee])
        marks = BILL | OWN
        if amount <= 0:
            return n
        fall_due(world.debts, person * DEBTS + LOAN_DEBT, amount, instalments(world, person), today.day)
    if method == Method.CARD:
        entry = EntryMode.STORED
        if people.line[person] > 0 and when & 0xFF < 140:
            payer = person * 5 + 2
    purpose = np.int64(obligations.purpose[row])
    time = between(today.offset, 6, 4, when) if method != Method.CHEQUE else between(today.offset, 9, 8, when)
    n = put(out, n, time, person, 0, payer, payee, amount, method, np.int64(obligations.channel[row]), purpose,
            np.int64(obligations.firm[row]), np.int64(obligations.mcc[row]), -1, entry, 0, FIXED, marks)  # fmt: skip
    if marks & OWN == 0 and comes_back(world, method, back):
        out.follow[n - 1] = Follow.RETURN
    if method == Method.CARD:
        use_stored_card(world, today, person, varies, out, n - 1)
    return n


@part
def instalments(world: World, person: int) -> int:
    """What a person's loans cost a month, minor units."""
    owed, total = world.obligations, np.int64(0)
    for row in range(world.owes[person], world.owes[person + 1]):
        if owed.payee[row] == person * 5 + 3:
            total += owed.amount[row]
    return int(total)


@part
def comes_back(world: World, method: int, word: int) -> bool:
    """Whether a bill that was paid is returned by a bank: the account was wrong, the debit or the cheque is refused after all."""
    rules = world.rules
    if method == Method.DIRECT_DEBIT:
        return word < rules.returned_debit
    if method == Method.BATCH_TRANSFER:
        return word < rules.returned_transfer
    return method == Method.CHEQUE and word < rules.returned_cheque


@part
def committed(out: Records, first: int, n: int, account: int) -> int:
    """What the attempts planned so far take from an account."""
    total = 0
    for i in range(first, n):
        if out.payer[i] == account:
            total += out.amount[i]
    return total
