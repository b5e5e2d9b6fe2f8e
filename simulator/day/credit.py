"""Credit cards, interest and fees: statements, full, revolving and minimum payers, loan and savings interest."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.day.hours import between
from simulator.draws import Why, draw
from simulator.kernel import part, step
from simulator.ledger import BILL, FORCED, OWN, move
from simulator.population.climate import CARD, LOAN, SAVINGS
from simulator.population.world import World
from simulator.records import Records

GRACE = 21
"""Days from statement to payment. Source: Credit CARD Act of 2009, section 106 (at least 21 days)."""


@part
def plan_credit(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Plan a person's card statement, card payment, interest and fees of the day."""
    people, loan = world.people, person * 5 + 3
    bank = world.layout.bank_base + np.int64(people.bank[person])
    day = np.int64(people.statement_day[person])
    if today.month_day == day:
        n = _plan_statement(world, today, person, bank, out, n)
    if (today.due >> ((day + GRACE - 1) % 28 + 1)) & 1 and people.statement[person] > 0:
        n = _plan_payment(world, today, person, out, n)
    if today.month_day == 1:
        n = _plan_interest(world, today, person, bank, loan, out, n)
    return n


@step
def _plan_statement(world: World, today: Today, person: int, bank: int, out: Records, n: int) -> int:
    """What is owed on the card is to be paid; who revolves is charged interest, who pays a fee the fee."""
    people, rules, card = world.people, world.rules, person * 5 + 2
    word, _, _, _ = draw(rules.key, person, today.day, Why.CREDIT, 0)
    owed = max(0, -world.accounts.book[card])  # what is held is not yet owed
    if people.payer[person] > 0 and owed > 0:
        carried = min(owed, people.unpaid[person]) if people.payer[person] == 1 else owed
        interest = carried * world.climate.rate[CARD] // 12_000_000
        if interest > 0:
            time = between(today.offset, 1, 2, word)
            n = move(out, n, time, person, card, bank, interest, Method.NONE, Channel.NONE, Purpose.INTEREST, FORCED)
            owed += interest
    people.statement[person] = owed
    if people.fee[person] and rules.monthly_fee > 0:
        time = between(today.offset, 1, 2, word ^ 0xFFFF)
        n = move(out, n, time, person, person * 5, bank, rules.monthly_fee, Method.NONE, Channel.NONE, Purpose.FEE, 0)
    return n


@step
def _plan_payment(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Pay the card bill as the person usually does; the minimum where the account does not hold more."""
    people, rules = world.people, world.rules
    word, _, _, _ = draw(rules.key, person, today.day, Why.CREDIT, 1)
    statement = people.statement[person]
    minimum = min(statement, max(rules.minimum_amount, statement * rules.minimum // 1_000_000))
    amount = statement
    if people.payer[person] == 1:
        amount = max(minimum, statement - people.unpaid[person])
    elif people.payer[person] == 2:
        amount = minimum
    have = world.accounts.available[person * 5] + world.accounts.available[person * 5 + 1]
    amount = max(minimum, min(amount, have - people.budget[person] // 8))
    people.statement[person] = 0
    method = Method.DIRECT_DEBIT if word & 0xFF < 128 else Method.BATCH_TRANSFER
    time = between(today.offset, 8, 4, word)
    return move(out, n, time, person, person * 5, person * 5 + 2, amount, method, Channel.ONLINE, Purpose.CARD_BILL, BILL | OWN)


@step
def _plan_interest(world: World, today: Today, person: int, bank: int, loan: int, out: Records, n: int) -> int:
    """Interest for a month: on the loan to the bank, on savings from the bank, which cannot run short."""
    rules, accounts, rate = world.rules, world.accounts, world.climate.rate
    word, _, _, _ = draw(rules.key, person, today.day, Why.CREDIT, 2)
    interest = max(0, -accounts.available[loan]) * rate[LOAN] // 12_000_000
    if interest > 0:
        time = between(today.offset, 1, 2, word)
        n = move(out, n, time, person, loan, bank, interest, Method.NONE, Channel.NONE, Purpose.INTEREST, FORCED)
    earned = max(0, accounts.available[person * 5 + 1]) * rate[SAVINGS] // 12_000_000
    if earned > 0:
        time = between(today.offset, 1, 2, word ^ 0xFFFF)
        n = move(out, n, time, person, bank, person * 5 + 1, earned, Method.NONE, Channel.NONE, Purpose.INTEREST, 0)
    return n
