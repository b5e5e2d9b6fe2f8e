"""Trade between firms: invoices of suppliers on the weekly pay run, receipts from abroad, taxes, owners, treasury."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.day.abroad import foreign_amount
from simulator.day.hours import between
from simulator.draws import Why, draw, scale
from simulator.kernel import part
from simulator.ledger import BILL, OWN, move
from simulator.population.abroad import trade_row
from simulator.population.accounts import FIRM_ROWS, PERSON_ROWS, RESERVE
from simulator.population.trade import KEPT_BY
from simulator.population.world import World
from simulator.records import Records


@part
def plan_supplies(world: World, today: Today, firm: int, out: Records, n: int) -> int:
    """Pay the invoices that have fallen due since the last pay run.

    An invoice is not kept: what a supplier asked for in a week is drawn at the address of that week.
    """
    contracts, layout, rules = world.contracts, world.layout, world.rules
    if today.weekday != world.firms.weekday[firm]:
        return n
    current, week = layout.firm_base + firm * FIRM_ROWS, today.day // 7
    for row in range(world.buys[firm], world.buys[firm + 1]):
        asked = week - np.int64(contracts.lag[row])
        if asked % np.int64(contracts.every[row]) != np.int64(contracts.phase[row]):
            continue
        size, when, _, _ = draw(rules.key, firm, asked, Why.DELIVERY, row - world.buys[firm])
        amount = contracts.amount[row] * world.tables.invoice[size >> 20] >> 16
        if amount <= 0:
            continue
        # A second signatory is asked above the firm's limit, and the payment leaves in the afternoon.
        time = between(today.offset, 14, 3, when) if amount > world.firms.approval[firm] else between(today.offset, 9, 5, when)
        n = move(out, n, time, layout.people + firm, current, np.int64(contracts.payee[row]), amount, np.int64(contracts.method[row]),
                 Channel.ONLINE, Purpose.SUPPLIES, BILL)  # fmt: skip
    return n


@part
def plan_receipts(world: World, today: Today, firm: int, out: Records, n: int) -> int:
    """Customers outside or abroad, or the government, pay a firm; the payee's side starts it, for the payer cannot run short."""
    firms, rules, layout = world.firms, world.rules, world.layout
    if today.weekday != firms.weekday[firm]:
        return n
    word, size, exports, whence = draw(rules.key, firm, today.day, Why.INVOICE, 0)
    amount = firms.invoices[firm] * (58982 + scale(size, 13108)) >> 16
    amount = amount * rules.boundary_credits >> 16
    if firms.season[firm] >= 0:
        amount = amount * world.tables.turnover[np.int64(firms.season[firm]), today.month] >> 16
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


@part
def plan_surplus(world: World, today: Today, firm: int, planned: int, out: Records, n: int) -> int:
    """What is above the reserve and the tax that is due is owed to suppliers elsewhere, and in the first week to the owners.

    What the current account lacks for it, `plan_treasury` draws from the reserve account: what is swept there goes out too.

    Args:
        world: the world.
        today: the day.
        firm: whose surplus.
        planned: what today's payments take from the current account.
        out: attempts.
        n: rows used.
    """
    accounts, firms, rules, layout = world.accounts, world.firms, world.rules, world.layout
    if today.weekday != firms.weekday[firm]:
        return n
    current = layout.firm_base + firm * FIRM_ROWS
    have = accounts.available[current] - planned
    surplus = (have + accounts.available[current + RESERVE] - firms.reserve[firm] - firms.tax_due[firm]) * 3 // 4
    if surplus <= rules.note:
        return n
    word, _, imports, whence = draw(rules.key, firm, today.day, Why.SUPPLIER, 1)
    time = between(today.offset, 9, 8, word)
    payee, purpose, method = np.int64(layout.outside), np.int64(Purpose.SUPPLIES), np.int64(Method.BATCH_TRANSFER)
    if today.month_day <= 7:
        purpose = np.int64(Purpose.DIVIDEND)
        if firms.owner[firm] >= 0:
            payee = np.int64(firms.owner[firm]) * PERSON_ROWS
        elif firms.parent[firm] >= 0:
            payee = layout.firm_base + np.int64(firms.parent[firm]) * FIRM_ROWS
    elif imports < world.abroad.imports:
        payee, method = np.int64(trade_row(world.abroad, layout, whence)), np.int64(Method.WIRE)
    return move(out, n, time, layout.people + firm, current, payee, surplus, method, Channel.ONLINE, purpose, 0)


@part
def plan_treasury(world: World, today: Today, firm: int, planned: int, out: Records, n: int) -> int:
    """Draw on the reserve account before the payments of the day, and sweep once a week what the current account holds beside its part.

    Args:
        world: the world.
        today: the day.
        firm: a firm that has a reserve account.
        planned: what today's payments take from the current account.
        out: attempts.
        n: rows used.
    """
    accounts, firms, layout = world.accounts, world.firms, world.layout
    current = layout.firm_base + firm * FIRM_ROWS
    have, kept = accounts.available[current], accounts.available[current + RESERVE]
    stays = firms.reserve[firm] * (5 - KEPT_BY) // 5
    initiator = layout.people + firm
    if have < planned and kept > 0:
        # In the first minutes of the UTC day, before anything is paid.
        when, _, _, _ = draw(world.rules.key, firm, today.day, Why.TREASURY, 0)
        amount, time = min(kept, planned + stays // 4 - have), scale(when, 1_000_000) * 60
        method = Method.INSTANT_TRANSFER
        return move(out, n, time, initiator, current + RESERVE, current, amount, method, Channel.ONLINE, Purpose.SAVING, OWN)
    if today.weekday != (np.int64(firms.weekday[firm]) + 1) % 5:
        return n
    over = have - planned - stays
    when, _, _, _ = draw(world.rules.key, firm, today.day, Why.TREASURY, 0)
    time = between(today.offset, 15, 2, when)
    if over > stays // 8:
        n = move(out, n, time, initiator, current, current + RESERVE, over, Method.INSTANT_TRANSFER, Channel.ONLINE, Purpose.SAVING, OWN)
    elif -over > stays // 8 and kept > 0:
        amount = min(kept, -over)
        n = move(out, n, time, initiator, current + RESERVE, current, amount, Method.INSTANT_TRANSFER, Channel.ONLINE, Purpose.SAVING, OWN)
    return n
