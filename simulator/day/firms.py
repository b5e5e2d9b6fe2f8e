"""What firms do: receive payouts net of fees, bank their takings, pay wages, tax, suppliers and owners."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, EntryMode, Method, Purpose
from simulator.day.abroad import foreign_amount
from simulator.day.hours import between
from simulator.draws import Why, draw, scale
from simulator.kernel import part
from simulator.ledger import BILL, OWN, SHARE, move, put
from simulator.population.abroad import trade_row
from simulator.population.accounts import FIRM_ROWS
from simulator.population.firms import EMPLOYER
from simulator.population.world import World
from simulator.records import Records

REMITS = 15
"""Withheld tax is remitted by the 15th of the next month. Source: IRS Publication 15, monthly depositors."""


@part
def plan_takings(world: World, today: Today, firm: int, out: Records, n: int) -> int:
    """Card sales are paid out daily net of the acquirer's fee, which is a row of its own; the till is banked when full."""
    accounts, firms, rules = world.accounts, world.firms, world.rules
    initiator = world.layout.people + firm
    current = world.layout.firm_base + firm * FIRM_ROWS
    word, other, _, _ = draw(rules.key, firm, today.day, Why.FIRM_DAY, 0)
    if today.business and firms.kind[firm] != EMPLOYER:
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
def pay_of(world: World, person: int, frequency: int) -> int:
    """Net pay of one payday, minor units."""
    year = world.people.net[person] * 12
    if frequency == 0:
        return year // 52
    if frequency == 1:
        return year // 26
    return year // 24 if frequency == 2 else year // 12


@part
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
        if people.employer[person] != firm:
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
        firms.tax_due[firm] += max(0, people.gross[person] // periods - pay)
    if in_notes > 0:
        # The notes are drawn in the morning, before the wages that are paid in them.
        time = between(today.offset, 7, 1, 0)
        n = move(out, n, time, initiator, current, current + 2, in_notes, Method.CASH, Channel.BRANCH, Purpose.WITHDRAWAL, OWN)
    return n


@part
def plan_firm_bills(world: World, today: Today, firm: int, out: Records, n: int) -> int:
    """Withheld tax once a month, suppliers once a week, owners once a month; receipts across the boundary once a week."""
    accounts, firms, rules, layout = world.accounts, world.firms, world.rules, world.layout
    initiator = layout.people + firm
    current = layout.firm_base + firm * FIRM_ROWS
    if (today.due >> REMITS) & 1 and firms.tax_due[firm] > 0:
        word, _, _, _ = draw(rules.key, firm, today.day, Why.FIRM_DAY, 1)
        time, tax = between(today.offset, 9, 6, word), firms.tax_due[firm]
        n = move(out, n, time, initiator, current, layout.government, tax, Method.BATCH_TRANSFER, Channel.ONLINE, Purpose.TAX, BILL)
        firms.tax_due[firm] = 0
    if today.weekday == firms.weekday[firm]:
        n = _plan_invoice(world, today, firm, out, n)
        # What is above the reserve and the tax that is due is owed to suppliers and owners.
        surplus = (accounts.available[current] - firms.reserve[firm] - firms.tax_due[firm]) * 3 // 4
        if surplus > rules.note:
            word, whom, imports, whence = draw(rules.key, firm, today.day, Why.SUPPLIER, 1)
            payee, purpose, method = np.int64(layout.outside), np.int64(Purpose.SUPPLIES), np.int64(Method.BATCH_TRANSFER)
            if firms.supplier[firm] >= 0 and whom < rules.local_supplies:
                payee = layout.firm_base + np.int64(firms.supplier[firm]) * FIRM_ROWS
            elif today.month_day <= 7:
                purpose = np.int64(Purpose.DIVIDEND)
            elif imports < world.abroad.imports:
                payee, method = np.int64(trade_row(world.abroad, layout, whence)), np.int64(Method.WIRE)
            time = between(today.offset, 9, 8, word)
            n = move(out, n, time, initiator, current, payee, surplus, method, Channel.ONLINE, purpose, 0)
    return n


@part
def _plan_invoice(world: World, today: Today, firm: int, out: Records, n: int) -> int:
    """Customers outside or abroad, or the government, pay an employer; the payee's side starts it, for the payer cannot run short."""
    firms, rules, layout = world.firms, world.rules, world.layout
    word, size, exports, whence = draw(rules.key, firm, today.day, Why.INVOICE, 0)
    amount = firms.invoices[firm] * (58982 + scale(size, 13108)) >> 16
    amount = amount * rules.boundary_credits >> 16
    if amount <= 0:
        return n
    current = layout.firm_base + firm * FIRM_ROWS
    payer = layout.government if firms.public[firm] else layout.outside
    purpose = Purpose.GRANT if firms.public[firm] else Purpose.INVOICE
    time = between(today.offset, 0, 5, word)
    if firms.public[firm] == 0 and exports < world.abroad.exports:
        abroad = trade_row(world.abroad, layout, whence)
        amount = foreign_amount(world, today, abroad, amount)
        return move(out, n, time, layout.people + firm, abroad, current, amount, Method.WIRE, Channel.NONE, purpose, 0)
    return move(out, n, time, layout.people + firm, payer, current, amount, Method.BATCH_TRANSFER, Channel.NONE, purpose, 0)
