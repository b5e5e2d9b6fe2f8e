"""Credit cards, interest and fees: statements, full, revolving and minimum payers, loan and savings interest.

Who is short pays in an order: first the home, then loans, then cards (assumption, after TransUnion's studies of the payment
hierarchy since 2012, from memory: cards are the first to be missed); and what is overdue before anything else is bought.
"""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.day.hours import between
from simulator.day.keeping import for_the_home, is_settling
from simulator.draws import Why, draw
from simulator.kernel import part, step
from simulator.ledger import BILL, FORCED, OWN, move
from simulator.population.climate import CARD, LOAN, SAVINGS
from simulator.population.debts import CARD_DEBT, DEBTS, LOAN_DEBT, fall_due, is_overdue
from simulator.population.world import World
from simulator.records import Records

AGAIN = 3
"""Days in which what was not paid is presented again, see `simulator.clearing.BILL_AGAIN`."""

MORTGAGED = 1
"""Tenure of who pays off a home."""

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
    if is_overdue(world.debts, person):
        n = _plan_arrears(world, today, person, out, n)
    if (today.last == 1) if world.rules.month_end == 1 else (today.month_day == 1):
        n = _plan_interest(world, today, person, bank, loan, out, n)
    return n


@step
def _plan_statement(world: World, today: Today, person: int, bank: int, out: Records, n: int) -> int:
    """What is owed on the card is to be paid; who revolves is charged interest, who pays a fee the fee."""
    people, rules, card = world.people, world.rules, person * 5 + 2
    word, _, _, _ = draw(rules.key, person, today.day, Why.CREDIT, 0)
    owed = max(0, -world.accounts.book[card])  # what is held is not yet owed
    overdue = world.debts.since[person * DEBTS + CARD_DEBT] > 0
    if (people.payer[person] > 0 or overdue) and owed > 0:
        carried = min(owed, people.unpaid[person]) if people.payer[person] == 1 and not overdue else owed
        interest = carried * (world.climate.rate[CARD] + np.int64(world.debts.margin[person * DEBTS + CARD_DEBT])) // 12_000_000
        if interest > 0:
            time = between(today.offset, 1, 2, word)
            n = move(out, n, time, person, card, bank, interest, Method.NONE, Channel.NONE, Purpose.INTEREST, FORCED)
            owed += interest
    people.statement[person] = owed
    if people.fee[person] and rules.monthly_fee > 0 and rules.month_end == 0:
        n = _charge(world, today, person, bank, word, out, n)
    return n


@part
def _charge(world: World, today: Today, person: int, bank: int, word: int, out: Records, n: int) -> int:
    """The month's fee of the current account, once it is settled."""
    if is_settling(world, person, today.day):
        return n
    time = between(today.offset, 1, 2, word ^ 0xFFFF)
    return move(out, n, time, person, person * 5, bank, world.rules.monthly_fee, Method.NONE, Channel.NONE, Purpose.FEE, 0)


@step
def _plan_payment(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Pay the card bill as the person usually does; the minimum where the account does not hold more.

    What is overdue is part of the minimum. Who has not even that beside what the home costs pays the month's, or nothing: a direct
    debit is tried all the same, unless it has failed for a month.
    """
    people, rules, debts, row = world.people, world.rules, world.debts, person * DEBTS + CARD_DEBT
    word, _, _, _ = draw(rules.key, person, today.day, Why.CREDIT, 1)
    statement = people.statement[person]
    overdue = debts.due[row]
    month = min(statement, max(rules.minimum_amount, statement * rules.minimum // 1_000_000))
    minimum = min(statement, month + overdue)
    fall_due(debts, row, max(0, minimum - overdue), month, today.day)
    amount = statement
    if people.payer[person] == 1:
        amount = max(minimum, statement - people.unpaid[person])
    elif people.payer[person] == 2:
        amount = minimum
    have = world.accounts.available[person * 5] + world.accounts.available[person * 5 + 1]
    late = months_late(debts, row, today.day)
    free = have - needs_first(world, person, late)
    people.statement[person] = 0
    method = Method.DIRECT_DEBIT if word & 0xFF < 128 else Method.BATCH_TRANSFER
    amount = max(minimum, min(amount, free))
    if free < minimum:
        if late > 0:
            return n
        amount = month
        if method == Method.BATCH_TRANSFER and have - for_the_home(world, today, person) < month:
            return n
    time = between(today.offset, 8, 4, word)
    return move(out, n, time, person, person * 5, person * 5 + 2, amount, method, Channel.ONLINE, Purpose.CARD_BILL, BILL | OWN)


@part
def needs_first(world: World, person: int, late: int) -> int:
    """What a person keeps for other things before paying a debt: the longer it has not been paid, the less it matters.

    That debts are seldom caught up once they are months late is known from roll rates (usual: two thirds go on from 60 days past due to
    90, nine tenths from 150 to 180; from memory).
    """
    return int(world.people.budget[person] * (world.rules.needs + world.rules.lapse * late) >> 16)


@part
def months_late(debts: Records, row: int, day: int) -> int:
    """Whole months since the oldest of what is due fell due."""
    since = np.int64(debts.since[row])
    return int((day - since) // 30) if since > 0 else 0


@step
def _plan_arrears(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Pay what is overdue as soon as there is money beside the home and the needs of some days: loans first, then the card."""
    people, accounts, debts = world.people, world.accounts, world.debts
    have = np.int64(-1)
    for kind in range(LOAN_DEBT, CARD_DEBT - 1, -1):
        row, account = person * DEBTS + kind, person * 5 + 2 + kind
        due = min(debts.due[row], -accounts.available[account])
        # Until then the bank itself presents again what was not paid.
        if due <= 0 or today.day - max(np.int64(debts.since[row]), np.int64(debts.last[row])) <= AGAIN:
            continue
        if have < 0:
            have = max(
                np.int64(0), accounts.available[person * 5] + accounts.available[person * 5 + 1] - for_the_home(world, today, person)
            )
        late = months_late(debts, row, today.day) if kind == CARD_DEBT or people.tenure[person] != MORTGAGED else 0
        free = have - needs_first(world, person, late)
        if free < min(due, debts.minimum[row]):
            continue
        amount = min(due, free)
        have -= amount
        word, _, _, _ = draw(world.rules.key, person, today.day, Why.CREDIT, 3 + kind)
        purpose = Purpose.CARD_BILL if kind == CARD_DEBT else Purpose.MORTGAGE if people.tenure[person] == MORTGAGED else Purpose.LOAN
        time = between(today.offset, 8, 4, word)
        n = move(out, n, time, person, person * 5, account, amount, Method.BATCH_TRANSFER, Channel.ONLINE, purpose, OWN)
    return n


@step
def _plan_interest(world: World, today: Today, person: int, bank: int, loan: int, out: Records, n: int) -> int:
    """Interest for a month: on the loan to the bank, on savings and balances from the bank, which cannot run short.

    Where accounts are closed at the end of the month, the fee falls due with it.
    """
    rules, accounts, rate = world.rules, world.accounts, world.climate.rate
    word, _, _, _ = draw(rules.key, person, today.day, Why.CREDIT, 2)
    debts, row = world.debts, person * DEBTS + LOAN_DEBT
    interest = max(0, -accounts.available[loan]) * (rate[LOAN] + np.int64(debts.margin[row]) + np.int64(debts.fixed[row])) // 12_000_000
    if interest > 0:
        time = between(today.offset, 1, 2, word)
        n = move(out, n, time, person, loan, bank, interest, Method.NONE, Channel.NONE, Purpose.INTEREST, FORCED)
    earned = max(0, accounts.available[person * 5 + 1]) * rate[SAVINGS] // 12_000_000
    if earned > 0:
        time = between(today.offset, 1, 2, word ^ 0xFFFF)
        n = move(out, n, time, person, bank, person * 5 + 1, earned, Method.NONE, Channel.NONE, Purpose.INTEREST, 0)
    on_current = max(0, accounts.available[person * 5]) * rules.current_rate // 12_000_000
    whole = rules.whole_months == 0 or np.int64(world.people.joined[person]) <= today.day - today.month_day
    if on_current > 0 and whole:
        time = between(today.offset, 1, 2, word ^ 0xFFFF0000)
        n = move(out, n, time, person, bank, person * 5, on_current, Method.NONE, Channel.NONE, Purpose.INTEREST, 0)
    if rules.month_end == 1 and world.people.fee[person] and rules.monthly_fee > 0:
        n = _charge(world, today, person, bank, word, out, n)
    return n
