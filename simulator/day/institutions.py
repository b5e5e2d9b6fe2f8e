"""What institutions do with what they hold: pay sellers, landlords, shops and halls; send the rest on; keep their fee apart."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.day.hours import between
from simulator.draws import Why, draw
from simulator.kernel import part
from simulator.ledger import OWN, move
from simulator.population.abroad import corridor_row, trade_row
from simulator.population.accounts import FIRM_ROWS, RESERVE
from simulator.population.trades import WHOLE, Trade
from simulator.population.world import World
from simulator.records import Records

MINUTE = 60_000_000
SETTLES = 5
"""Clubs and letting agents pay on the 5th of the month, when most rents and dues have come in (assumption)."""


@part
def pays_out(world: World, today: Today, firm: int) -> bool:
    """Whether a firm with a trade pays out today: weekly, or on its day of the month."""
    if world.tables.payout[np.int64(world.firms.trade[firm]), 0] == 1:
        return (today.due >> SETTLES) & 1 == 1
    return today.weekday == world.firms.weekday[firm]


@part
def plan_payouts(world: World, today: Today, firm: int, planned: int, out: Records, n: int) -> int:
    """Pay out what a firm with a trade holds above its reserve, less its fee, to its payees and the rest of the world.

    Args:
        world: the world.
        today: the day.
        firm: a firm that pays out today.
        planned: what today's payments take from the current account.
        out: attempts; the caller keeps room for its payees.
        n: rows used.
    """
    accounts, firms, payees, rules, layout = world.accounts, world.firms, world.payees, world.rules, world.layout
    trade, initiator = np.int64(firms.trade[firm]), layout.people + firm
    current = layout.firm_base + firm * FIRM_ROWS
    source, fees = current, current + RESERVE
    if trade == Trade.LETTING_AGENT:
        source, fees = current + RESERVE, current
        total = accounts.available[source]
    else:
        total = accounts.available[current] - planned - firms.reserve[firm] - firms.tax_due[firm]
    if total <= rules.note:
        return n
    terms = world.tables.payout[trade]
    fee = total * np.int64(firms.fee[firm]) // 1_000_000
    word, again, _, _ = draw(rules.key, firm, today.day, Why.SETTLED, 0)
    if fee > 0:
        time, method = between(today.offset, 8, 1, word), Method.INSTANT_TRANSFER
        n = move(out, n, time, initiator, source, fees, fee, method, Channel.ONLINE, Purpose.FEE, OWN)
    total -= fee
    left = total
    for row in range(world.pays[firm], world.pays[firm + 1]):
        size, when, _, _ = draw(rules.key, firm, today.day, Why.SETTLED, 1 + row - world.pays[firm])
        amount = total * np.int64(payees.share[row]) // WHOLE
        if trade == Trade.MARKETPLACE:
            amount = amount * world.tables.takings[size >> 20] >> 16  # a seller's weeks differ
        amount = min(amount, left)
        if amount > rules.unit:
            n = move(out, n, between(today.offset, 9, 3, when), initiator, source, np.int64(payees.account[row]), amount, terms[2],
                     Channel.ONLINE, terms[1], 0)  # fmt: skip
            left -= amount
    if trade == Trade.LETTING_AGENT or left <= rules.note:
        return n
    time, pieces = between(today.offset, 12, 3, again), terms[5]
    if trade == Trade.REMITTER and world.abroad.corridor.shape[0] > 0:
        # One wire to each country, by what its corridor takes.
        low, whole = np.int64(0), left
        for country in range(world.abroad.corridor.shape[0]):
            high = np.int64(world.abroad.corridor[country])
            amount = whole * (high - low) >> 32
            low = high
            if amount > rules.note:
                n = move(out, n, time + country * MINUTE, initiator, current, layout.abroad_base + country, amount, terms[4],
                         Channel.ONLINE, terms[3], 0)  # fmt: skip
        return n
    for piece in range(pieces):
        # The first payment is the largest: a half, then half of what is left.
        amount = left if piece == pieces - 1 else left // 2
        payee = np.int64(layout.outside)
        if trade == Trade.IMPORTER:
            payee = np.int64(trade_row(world.abroad, layout, again ^ piece * 0x2545F491))
        elif trade == Trade.CHARITY:
            payee = np.int64(corridor_row(world.abroad, layout, again))
        n = move(out, n, time + piece * MINUTE, initiator, current, payee, amount, terms[4], Channel.ONLINE, terms[3], 0)
        left -= amount
    return n


@part
def plan_fees(world: World, today: Today, firm: int, out: Records, n: int) -> int:
    """In the first week of the month the fees that were put apart are paid to the owners."""
    accounts, layout = world.accounts, world.layout
    if today.weekday != world.firms.weekday[firm] or today.month_day > 7 or world.firms.trade[firm] == Trade.CLUB:
        return n
    current = layout.firm_base + firm * FIRM_ROWS
    trade = world.firms.trade[firm]
    apart = current + RESERVE
    have = accounts.available[apart]
    if trade == Trade.LETTING_AGENT or trade == Trade.CONVEYANCER or trade == Trade.PAYMENT_PROVIDER:
        apart = current
        have = accounts.available[current] - world.firms.reserve[firm] - world.firms.tax_due[firm]
    if have <= world.rules.note:
        return n
    word, _, _, _ = draw(world.rules.key, firm, today.day, Why.SUPPLIER, 1)
    time = between(today.offset, 9, 8, word)
    return move(out, n, time, layout.people + firm, apart, layout.outside, have, Method.BATCH_TRANSFER, Channel.ONLINE, Purpose.DIVIDEND, 0)
