"""Clearing: the block of a (day, window) in its one order, booked, and handed to the recorder.

A block is sorted by (timestamp, initiator, sequence) by whoever writes it, so that ids and balances do not depend on
the number of shards.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.books import book, country_of, offered
from simulator.clock import DAY, Today
from simulator.codes import Follow, Message, Method, Purpose, Reason, Status
from simulator.events import Notes
from simulator.kernel import kernel, step
from simulator.ledger import APPROVED_ROWS, BILL, DECLINED_ROWS, FOREIGN_VALUE, HOME_VALUE, IN, OUT, VOID
from simulator.population.accounts import CURRENT, FIRM_ROWS, Accounts, Layout
from simulator.population.debts import FORGIVES, REPAYS, note_repayment
from simulator.population.firms import INSTITUTION
from simulator.population.rules import Rules
from simulator.records import AHEAD, Records
from simulator.sequel import RECOVER_AFTER, plan_foreign_fees, plan_sequel, postpone
from simulator.watch import is_watched, note_dispute, watch

BILL_AGAIN = 3
"""Days until an unpaid bill is presented again (assumption: next settlement cycle)."""

HELD = 3
"""Place in the tally of approved rows that move no money: authorisations and reversals."""


BITS = 11
BUCKETS = 1 << BITS


@kernel
def sort_block(
    block: Records,
    count: int,
    base: int,
    order: NDArray[np.int32],
    spare: NDArray[np.int32],
    keys: NDArray[np.int64],
    bins: NDArray[np.int64],
) -> None:
    """Stable radix sort of a block by time within the window; ties keep the order of initiators and sequences.

    Args:
        block: the window's attempts.
        count: rows of the block.
        base: start of the window; times less base are below 2^44.
        order: filled with the rows in order.
        spare: room for as many rows.
        keys: room for as many times.
        bins: room for 2,048 counts.
    """
    longest = 0
    for i in range(count):
        order[i] = i
        keys[i] = block.time[i] - base
        longest = max(longest, keys[i])
    for turn in range(4):
        shift = turn * BITS
        if longest >> shift == 0:
            break
        bins[:] = 0
        for i in range(count):
            bins[(keys[i] >> shift) & (BUCKETS - 1)] += 1
        total = 0
        for b in range(BUCKETS):
            here = bins[b]
            bins[b] = total
            total += here
        for i in range(count):
            row = order[i]
            b = (keys[row] >> shift) & (BUCKETS - 1)
            spare[bins[b]] = row
            bins[b] += 1
        for i in range(count):
            order[i] = spare[i]


@kernel
def _write(
    rows: Records, n: int, midnight: int, block: Records, i: int, value: int, credited: int, payer_balance: int, payee_balance: int
) -> None:
    rows.time[n] = midnight + block.time[i]
    rows.payer[n] = block.payer[i]
    rows.payee[n] = block.payee[i]
    rows.amount[n] = block.amount[i]
    rows.related[n] = block.related[i]
    rows.settled[n] = value
    rows.credited[n] = credited
    rows.firm[n] = block.firm[i]
    rows.mcc[n] = block.mcc[i]
    rows.terminal[n] = block.terminal[i]
    rows.method[n] = block.method[i]
    rows.channel[n] = block.channel[i]
    rows.purpose[n] = block.purpose[i]
    rows.message[n] = block.message[i]
    rows.entry[n] = block.entry[i]
    rows.authentication[n] = block.authentication[i]
    rows.status[n] = block.status[i]
    rows.reason[n] = block.reason[i]
    rows.card[n] = block.card[i]
    rows.place[n] = block.place[i]
    rows.equipment[n] = np.int64(block.device_kind[i]) + 8 * np.int64(block.network[i])
    rows.check[n] = block.check[i]
    rows.country[n] = block.country[i]
    rows.payer_balance[n] = payer_balance
    rows.payee_balance[n] = payee_balance


@step
def is_presented_again(reason: int) -> bool:
    """Whether a bill that was declined is presented again: there was no money, or the card had been replaced."""
    replaced = reason == Reason.EXPIRED_CARD or reason == Reason.LOST_CARD or reason == Reason.INACTIVE_CARD
    return replaced or reason == Reason.INSUFFICIENT_FUNDS


@step
def _count_abroad(
    crossed: NDArray[np.int64], today: Today, layout: Layout, country: int, payer: int, purpose: int, status: int, amount: int,
    credited: int,
) -> None:  # fmt: skip
    """Count a payment across the border by currency, way and purpose."""
    currency, way = today.currency[country], IN if payer == layout.abroad_base + country else OUT
    if status != Status.APPROVED:
        crossed[DECLINED_ROWS, currency, way, purpose] += 1
        return
    crossed[APPROVED_ROWS, currency, way, purpose] += 1
    crossed[HOME_VALUE, currency, way, purpose] += credited if way == IN else amount
    crossed[FOREIGN_VALUE, currency, way, purpose] += amount if way == IN else credited


@step
def _touch(accounts: Accounts, block: Records, order: NDArray[np.int32], first: int, last: int) -> int:
    """Read the accounts of the next rows, so that they come to the cache side by side and not one after the other."""
    read = 0
    for place in range(first, last):
        i = order[place]
        read ^= accounts.book[block.payer[i]] ^ accounts.book[block.payee[i]] ^ np.int64(block.country[i])  # the row's other line
    return read


@step
def _tax_sale(layout: Layout, rules: Rules, firms: Records, payee: int, amount: int) -> None:
    """Sales tax falls due as takings reach a firm's current account, the only one that takings are counted at."""
    place = payee - layout.firm_base
    if place < 0 or payee >= layout.government or place % FIRM_ROWS != CURRENT or firms.kind[place // FIRM_ROWS] == INSTITUTION:
        return
    firms.tax_due[place // FIRM_ROWS] += amount * rules.sales_tax // 1_000_000


@kernel
def clear(
    accounts: Accounts, layout: Layout, rules: Rules, firms: Records, today: Today, window: int, block: Records, order: NDArray[np.int32],
    count: int, seen: Records, unseen: Records, totals: NDArray[np.int64], ids: NDArray[np.int64], due: Records, tally: NDArray[np.int64],
    credits: tuple[Records, ...], used: NDArray[np.int64], people: Records, crossed: NDArray[np.int64], notes: Notes, debts: Records,
    banked: NDArray[np.int64],
) -> None:  # fmt: skip
    """Book a block in row order, credit the payees, number the rows, and plan what follows on later days.

    Args:
        accounts: balances; every book and every credit is written here and nowhere else.
        layout: account rows.
        rules: the scenario's scalars.
        firms: their sales tax falls due as takings reach them.
        today: the day.
        window: the window.
        block: the window's attempts.
        order: rows of the block in row order.
        count: how many.
        seen: rows that a bank sees; written from ``totals[0]``.
        unseen: rows that no bank sees, notes from purse to purse; written from ``totals[1]``.
        totals: used rows of seen and unseen, transactions and unseen payments so far, used rows of due, scratch; changed.
        ids: transaction of each row of the block; filled.
        due: what falls due later; written from ``totals[4]``.
        tally: counts and values by purpose, method and status (HELD for holds), shape (2, purposes, methods, 4).
        credits: credits on their way, by batch.
        used: credits of each batch; changed.
        people: whose banks charge for payments abroad.
        crossed: payments across the border, shape (4, currencies, 2, purposes): what is counted, the currency, the way.
        notes: events and disputes that the rows make; written on.
        debts: of people; what is paid of them is put down.
        banked: what the banks themselves paid and were paid, shape (banks, 2, purposes): the way, OUT or IN.
    """
    midnight = today.day * DAY
    for place in range(count):
        if place % AHEAD == 0:
            totals[5] = _touch(accounts, block, order, place, min(count, place + AHEAD))
        i = np.int64(order[place])
        ids[i] = -1
        status = np.int64(block.status[i])
        if status == VOID:
            continue
        payer, payee = np.int64(block.payer[i]), np.int64(block.payee[i])
        amount = block.amount[i]
        marks, message = np.int64(block.marks[i]), np.int64(block.message[i])
        method, purpose = np.int64(block.method[i]), np.int64(block.purpose[i])
        value = midnight + block.time[i]
        holds = message == Message.AUTHORISATION or message == Message.REVERSAL
        if status == Status.APPROVED and not holds:
            value, credited = book(accounts, layout, today, window, block, i, amount, credits, used)
            # Value is counted in the home currency: what is credited where the payer is abroad.
            tally[1, purpose, method, status] += credited if payer >= layout.government else amount
            if payer >= layout.bank_base:
                banked[payer - layout.bank_base, OUT, purpose] += amount
            elif payee >= layout.bank_base:
                banked[payee - layout.bank_base, IN, purpose] += credited
            if payee < layout.firm_base and (REPAYS | FORGIVES) >> purpose & 1:
                note_repayment(debts, payee, credited, purpose)
            if purpose == Purpose.PAYOUT or (purpose == Purpose.DEPOSIT and payer >= layout.firm_base):
                _tax_sale(layout, rules, firms, payee, amount)
        else:
            credited = offered(layout, today, payer, payee, amount, block.hold[i])
        tally[0, purpose, method, HELD if holds and status == Status.APPROVED else status] += 1
        if method == Method.CASH and purpose != Purpose.WITHDRAWAL and purpose != Purpose.DEPOSIT:
            _write(unseen, totals[1], midnight, block, i, value, credited, accounts.book[payer], accounts.book[payee])
            unseen.terminal[totals[1]] = -1  # notes go from hand to hand
            ids[i] = totals[3]
            totals[1] += 1
            totals[3] += 1
            if status == Status.APPROVED and block.follow[i] == Follow.COME_BACK:
                totals[4] = plan_sequel(rules, layout, due, totals[4], today, block, i, -1, value, credited)
            continue
        row = totals[2]
        ids[i] = row
        _write(seen, totals[0], midnight, block, i, value, credited, accounts.book[payer], accounts.book[payee])
        totals[0] += 1
        totals[2] += 1
        country = country_of(layout, payer, payee)
        if country >= 0 and not holds:
            _count_abroad(crossed, today, layout, country, payer, purpose, status, amount, credited)
            if status == Status.APPROVED and message == Message.PAYMENT and method == Method.CARD and payer < layout.firm_base:
                bank = layout.bank_base + np.int64(people.bank[block.initiator[i]])
                totals[4] = plan_foreign_fees(rules, due, totals[4], today, block, i, row, bank)
        if is_watched(layout, payer, payee, method, purpose, message, np.int64(block.reason[i])):
            watch(rules, layout, today, block, i, row, notes)
        if status == Status.APPROVED and block.follow[i] != Follow.NONE:
            totals[4] = plan_sequel(rules, layout, due, totals[4], today, block, i, row, value, credited)
            if block.follow[i] == Follow.DISPUTE:
                note_dispute(block, i, today, row, np.int64(due.day[totals[4] - 1]), notes)
        elif status == Status.DECLINED and marks & BILL and is_presented_again(np.int64(block.reason[i])):
            postpone(due, totals[4], today.day + BILL_AGAIN, block, i, row, marks & ~BILL)
            totals[4] += 1
        elif status == Status.DECLINED and message == Message.RECALL:
            postpone(due, totals[4], today.day + RECOVER_AFTER, block, i, row, 0)
            due.attempt.message[totals[4]] = Message.RECOVERY
            totals[4] += 1


@kernel
def note_ids(
    attempts: Records, queue: NDArray[np.int32], count: int, ids: NDArray[np.int64], place: int, again: NDArray[np.int32], more: int
) -> None:
    """Tell a shard's retries which transactions they repeat."""
    where = 0
    for j in range(more):
        origin = attempts.origin[again[j]]
        while queue[where] != origin:
            where += 1
            if where == count:
                where = 0
        attempts.related[again[j]] = ids[place + where]


@kernel
def carry_over(attempts: Records, again: NDArray[np.int32], more: int, tomorrow: int, due: Records, n: int) -> int:
    """Retries of the day's last window fall due tomorrow; returns the used rows of due."""
    for j in range(more):
        i = np.int64(again[j])
        postpone(due, n, tomorrow, attempts, i, attempts.related[i], np.int64(attempts.marks[i]))
        due.attempt.time[n] = attempts.time[i] % 86_400_000_000
        n += 1
    return n
