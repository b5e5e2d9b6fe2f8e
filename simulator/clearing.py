"""Clearing: the block of a (day, window) in its one order, booked, and handed to the recorder.

A block is sorted by (timestamp, initiator, sequence) by whoever writes it, so that ids and balances do not depend on
the number of shards.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import DAY, Today
from simulator.codes import Follow, Message, Method, Purpose, Reason, Schedule, Status
from simulator.events import Notes
from simulator.kernel import kernel
from simulator.ledger import BILL, OWN, VOID
from simulator.population.accounts import Accounts, Layout
from simulator.population.tables import Rules
from simulator.records import Records
from simulator.sequel import plan_sequel, postpone
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
def _write(rows: Records, n: int, midnight: int, block: Records, i: int, value: int, payer_balance: int, payee_balance: int) -> None:
    rows.time[n] = midnight + block.time[i]
    rows.payer[n] = block.payer[i]
    rows.payee[n] = block.payee[i]
    rows.amount[n] = block.amount[i]
    rows.related[n] = block.related[i]
    rows.settled[n] = value
    rows.credited[n] = block.amount[i]
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
    rows.device_kind[n] = block.device_kind[i]
    rows.network[n] = block.network[i]
    rows.check[n] = block.check[i]
    rows.country[n] = block.country[i]
    rows.payer_balance[n] = payer_balance
    rows.payee_balance[n] = payee_balance


@kernel
def schedule_of(method: int, marks: int, abroad: bool) -> int:
    """When the payee's book moves: own money and notes at once, everything else as its method settles."""
    if marks & OWN or method == Method.CASH or method == Method.NONE:
        return Schedule.NOW
    if abroad and method != Method.CARD:
        return Schedule.ABROAD
    if method == Method.CARD or method == Method.WALLET:
        return Schedule.CARD
    if method == Method.BATCH_TRANSFER or method == Method.DIRECT_DEBIT:
        return Schedule.BATCH
    if method == Method.CHEQUE:
        return Schedule.CHEQUE
    return Schedule.WIRE if method == Method.WIRE else Schedule.NEXT_WINDOW


@kernel
def _book(
    accounts: Accounts, layout: Layout, today: Today, window: int, block: Records, i: int, amount: int, credits: tuple[Records, ...],
    used: NDArray[np.int64],
) -> int:  # fmt: skip
    """Move an approved payment: the payer's book now, the payee's now or later. Returns the value date, microseconds since 1970."""
    payer, payee = np.int64(block.payer[i]), np.int64(block.payee[i])
    marks = np.int64(block.marks[i])
    accounts.book[payer] -= amount
    if payer >= layout.government:
        accounts.available[payer] -= amount
    schedule = schedule_of(np.int64(block.method[i]), marks, payee >= layout.abroad_base and payee < layout.dealer_base)
    batch = today.batch[schedule, window]
    if batch < 0:
        accounts.book[payee] += amount
        if marks & OWN == 0:
            accounts.available[payee] += amount
        return today.day * DAY + block.time[i]
    n = used[batch]
    credits[batch].amount[n] = amount
    credits[batch].payee[n] = payee
    used[batch] = n + 1
    accounts.flight[payee] += amount
    return today.value[schedule, window]


@kernel
def settle(accounts: Accounts, credits: Records, count: int) -> None:
    """Credits reach their value date: they are in the payees' books and may be spent."""
    for i in range(count):
        payee, amount = np.int64(credits.payee[i]), credits.amount[i]
        accounts.flight[payee] -= amount
        accounts.book[payee] += amount
        accounts.available[payee] += amount


@kernel
def clear(
    accounts: Accounts, layout: Layout, rules: Rules, firms: Records, today: Today, window: int, block: Records, order: NDArray[np.int32],
    count: int, seen: Records, unseen: Records, totals: NDArray[np.int64], ids: NDArray[np.int64], due: Records, tally: NDArray[np.int64],
    credits: tuple[Records, ...], used: NDArray[np.int64], notes: Notes,
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
        totals: used rows of seen and unseen, transactions and unseen payments so far, used rows of due; changed.
        ids: transaction of each row of the block; filled.
        due: what falls due later; written from ``totals[4]``.
        tally: counts and values by purpose, method and status (HELD for holds), shape (2, purposes, methods, 4).
        credits: credits on their way, by batch.
        used: credits of each batch; changed.
        notes: events and disputes that the rows make; written on.
    """
    midnight = today.day * DAY
    for place in range(count):
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
            value = _book(accounts, layout, today, window, block, i, amount, credits, used)
            tally[1, purpose, method, status] += amount
            if purpose == Purpose.PAYOUT or (purpose == Purpose.DEPOSIT and payer >= layout.firm_base):
                firms.tax_due[block.initiator[i] - layout.people] += amount * rules.sales_tax // 1_000_000
        tally[0, purpose, method, HELD if holds and status == Status.APPROVED else status] += 1
        if method == Method.CASH and purpose != Purpose.WITHDRAWAL and purpose != Purpose.DEPOSIT:
            _write(unseen, totals[1], midnight, block, i, value, accounts.book[payer], accounts.book[payee])
            ids[i] = totals[3]
            totals[1] += 1
            totals[3] += 1
            continue
        row = totals[2]
        ids[i] = row
        _write(seen, totals[0], midnight, block, i, value, accounts.book[payer], accounts.book[payee])
        totals[0] += 1
        totals[2] += 1
        if is_watched(layout, payer, payee, method, purpose, message, np.int64(block.reason[i])):
            watch(rules, layout, today, block, i, row, notes)
        if status == Status.APPROVED and block.follow[i] != Follow.NONE:
            totals[4] = plan_sequel(rules, layout, due, totals[4], today, block, i, row)
            if block.follow[i] == Follow.DISPUTE:
                note_dispute(block, i, today, row, np.int64(due.day[totals[4] - 1]), notes)
        elif status == Status.DECLINED and marks & BILL and block.reason[i] == Reason.INSUFFICIENT_FUNDS:
            postpone(due, totals[4], today.day + BILL_AGAIN, block, i, row, marks & ~BILL)
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
