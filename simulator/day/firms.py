"""What firms do: receive payouts net of fees, bank their takings, pay wages and tax; the order of a firm's other payments."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, EntryMode, Method, Purpose
from simulator.day.hours import between
from simulator.day.institutions import pays_out, plan_fees, plan_payouts
from simulator.day.obligations import committed
from simulator.day.trade import plan_receipts, plan_supplies, plan_surplus, plan_treasury
from simulator.draws import Why, draw
from simulator.kernel import part, step
from simulator.ledger import BILL, FIXED, OWN, SHARE, move, put
from simulator.population.accounts import ACQUIRING, FIRM_ROWS, RESERVE
from simulator.population.firms import EMPLOYER
from simulator.population.households import SALARIED
from simulator.population.trades import Trade
from simulator.population.world import World
from simulator.records import Records

REMITS = 15
"""Withheld tax is remitted by the 15th of the next month. Source: IRS Publication 15, monthly depositors."""


@step
def plan_takings(world: World, today: Today, firm: int, out: Records, n: int) -> int:
    """Card sales are paid out daily net of the acquirer's fee, which is a row of its own; the till is banked when full."""
    accounts, firms, rules = world.accounts, world.firms, world.rules
    initiator = world.layout.people + firm
    current = world.layout.firm_base + firm * FIRM_ROWS
    word, other, _, _ = draw(rules.key, firm, today.day, Why.FIRM_DAY, 0)
    if today.business and firms.provider[firm] >= 0:
        n = _plan_collection(world, today, firm, between(today.offset, 5, 2, word), out, n)
    elif today.business and firms.kind[firm] != EMPLOYER:
        # After card sales are credited in the morning; a share of nothing is no payment.
        bank = world.layout.bank_base + np.int64(firms.bank[firm])
        time = between(today.offset, 5, 2, word)
        n = put(out, n, time, initiator, 0, current + 1, bank, rules.acquiring_fee, Method.NONE, Channel.NONE, Purpose.FEE,
                firm, 0, -1, EntryMode.NONE, 0, SHARE, 0)  # fmt: skip
        later = min(time + 1_000_000, 86_399_999_999)  # within the UTC day
        n = put(out, n, later, initiator, 0, current + 1, current, 1_000_000, Method.BATCH_TRANSFER, Channel.NONE,
                Purpose.PAYOUT, firm, 0, -1, EntryMode.NONE, 0, SHARE, OWN)  # fmt: skip
    if accounts.available[current + 2] > firms.till[firm] and today.business:
        notes = accounts.available[current + 2] * 9 // 10 // rules.note * rules.note
        if notes > 0:
            time = between(today.offset, 9, 7, other)
            n = move(out, n, time, initiator, current + 2, current, notes, Method.CASH, Channel.BRANCH, Purpose.DEPOSIT, OWN)
    return n


@part
def _plan_collection(world: World, today: Today, firm: int, time: int, out: Records, n: int) -> int:
    """Card sales of a small merchant go to its payment provider, which owes them from the day's close on."""
    firms, layout = world.firms, world.layout
    acquiring = layout.firm_base + firm * FIRM_ROWS + ACQUIRING
    amount = world.accounts.available[acquiring]
    if amount <= 0:
        return n
    provider = layout.firm_base + np.int64(firms.provider[firm]) * FIRM_ROWS + RESERVE
    firms.owed[firm] += amount
    return put(out, n, time, layout.people + firm, 0, acquiring, provider, amount, Method.BATCH_TRANSFER, Channel.NONE,
               Purpose.PAYOUT, firm, 0, -1, EntryMode.NONE, 0, FIXED, 0)  # fmt: skip


@part
def pay_of(world: World, person: int, frequency: int) -> int:
    """Net pay of one payday, minor units."""
    year = world.people.net[person] * 12 * world.climate.pay[SALARIED] >> 16
    if frequency == 0:
        return year // 52
    if frequency == 1:
        return year // 26
    return year // 24 if frequency == 2 else year // 12


@step
def plan_wages(world: World, today: Today, firm: int, out: Records, n: int) -> int:
    """Plan the salaries of a firm's staff on its payday, and note the tax withheld."""
    people, firms = world.people, world.firms
    frequency = np.int64(firms.frequency[firm])
    if today.payday[frequency, firms.phase[firm]] == 0:
        return n
    initiator = world.layout.people + firm
    current = world.layout.firm_base + firm * FIRM_ROWS
    in_notes = 0
    for place in range(world.staff[firm], world.staff[firm + 1]):
        person = np.int64(world.workers[place])
        if people.employer[person] != firm or np.int64(people.joined[person]) > today.day:
            continue
        pay = pay_of(world, person, frequency)
        if pay <= 0 or people.employer[person] != firm:
            continue
        word, _, _, _ = draw(world.rules.key, person, today.day, Why.WAGE_TIME, 0)
        habit, _, _, _ = draw(world.rules.key, person, 0, Why.WAGE_TIME, 1)
        if habit < world.rules.earned_in_notes:
            in_notes += pay
            time = between(today.offset, 8, 9, word)
            n = move(out, n, time, initiator, current + 2, person * 5 + 4, pay, Method.CASH, Channel.NONE, Purpose.SALARY, 0)
        else:
            time = between(today.offset, 0, 5, word)
            n = move(out, n, time, initiator, current, person * 5, pay, Method.BATCH_TRANSFER, Channel.NONE, Purpose.SALARY, BILL)
        periods = 52 if frequency == 0 else (26 if frequency == 1 else (24 if frequency == 2 else 12))
        firms.tax_due[firm] += max(0, (people.gross[person] * world.climate.pay[SALARIED] >> 16) // periods - pay)
    if in_notes > 0:
        # The notes are drawn in the morning, before the wages that are paid in them.
        time = between(today.offset, 7, 1, 0)
        n = move(out, n, time, initiator, current, current + 2, in_notes, Method.CASH, Channel.BRANCH, Purpose.WITHDRAWAL, OWN)
    return n


@part
def plan_tax(world: World, today: Today, firm: int, out: Records, n: int) -> int:
    """Withheld tax and sales tax once a month."""
    firms, layout = world.firms, world.layout
    if (today.due >> REMITS) & 1 == 0 or firms.tax_due[firm] <= 0:
        return n
    current = layout.firm_base + firm * FIRM_ROWS
    word, _, _, _ = draw(world.rules.key, firm, today.day, Why.FIRM_DAY, 1)
    time, tax, method = between(today.offset, 9, 6, word), firms.tax_due[firm], Method.BATCH_TRANSFER
    firms.tax_due[firm] = 0
    return move(out, n, time, layout.people + firm, current, layout.government, tax, method, Channel.ONLINE, Purpose.TAX, BILL)


@step
def plan_firm_bills(world: World, today: Today, firm: int, first: int, out: Records, n: int) -> int:
    """Tax, receipts from elsewhere, suppliers, and what is left to owners, or by its trade; the reserve account stands by."""
    current = world.layout.firm_base + firm * FIRM_ROWS
    n = plan_tax(world, today, firm, out, n)
    n = plan_receipts(world, today, firm, out, n)
    n = plan_supplies(world, today, firm, out, n)
    planned = committed(out, first, n, current)
    if world.firms.trade[firm] == Trade.NONE:
        n = plan_surplus(world, today, firm, planned, out, n)
        if world.firms.sweeps[firm]:
            n = plan_treasury(world, today, firm, committed(out, first, n, current), out, n)
    else:
        if world.firms.trade[firm] != Trade.PAYMENT_PROVIDER and world.firms.trade[firm] != Trade.CONVEYANCER:
            if pays_out(world, today, firm):
                n = plan_payouts(world, today, firm, planned, out, n)
        n = plan_fees(world, today, firm, out, n)
    return n
