"""Clearing: the block of a (day, window) in its one order, booked, and handed to the recorder.

A block is sorted by (timestamp, initiator, sequence) by whoever writes it, so that ids and balances do not depend on
the number of shards.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Message, Method, Purpose, Reason, Status
from simulator.draws import Why, draw, scale
from simulator.kernel import kernel
from simulator.ledger import BILL, OWN, REFUNDABLE, VOID
from simulator.population.accounts import Accounts, Layout
from simulator.population.tables import Rules
from simulator.records import Records

REFUND_FIRST, REFUND_SPAN = 2, 20
"""Refunds follow after 2 to 21 days (assumption)."""

BILL_AGAIN = 3
"""Days until an unpaid bill is presented again (assumption: next settlement cycle)."""

AHEAD = 128
"""Rows whose accounts are read ahead."""

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
def _write(rows: Records, n: int, midnight: int, block: Records, i: int, related: int, payer_balance: int, payee_balance: int) -> None:
    rows.time[n] = midnight + block.time[i]
    rows.payer[n] = block.payer[i]
    rows.payee[n] = block.payee[i]
    rows.amount[n] = block.amount[i]
    rows.related[n] = related
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
    rows.payer_balance[n] = payer_balance
    rows.payee_balance[n] = payee_balance


@kernel
def _postpone(due: Records, n: int, day: int, block: Records, i: int, related: int, marks: int) -> None:
    due.day[n] = day
    attempt = due.attempt
    attempt[n] = block[i]
    attempt.related[n] = related
    attempt.origin[n] = -1
    attempt.marks[n] = marks
    attempt.status[n] = Status.APPROVED
    attempt.reason[n] = Reason.NONE


@kernel
def _refund(rules: Rules, layout: Layout, due: Records, n: int, day: int, block: Records, i: int, related: int) -> None:
    """A refund of the purchase, paid by the firm on a later day."""
    delay, when, _, _ = draw(rules.key, np.int64(block.initiator[i]), day, Why.REFUND, np.int64(block.sequence[i]))
    _postpone(due, n, day + REFUND_FIRST + scale(delay, REFUND_SPAN), block, i, related, 0)
    firm = np.int64(block.firm[i])
    attempt = due.attempt
    attempt.time[n] = (block.time[i] + when // 2) % 86_400_000_000
    attempt.initiator[n] = layout.people + firm
    attempt.payer[n] = layout.firm_base + firm * 3
    attempt.payee[n] = block.payer[i]
    attempt.purpose[n] = Purpose.REFUND
    attempt.message[n] = Message.REFUND


@kernel
def _touch(accounts: Accounts, block: Records, order: NDArray[np.int32], first: int, last: int) -> int:
    """Read the accounts of the next rows, so that they come to the cache side by side and not one after the other."""
    read = 0
    for place in range(first, last):
        i = order[place]
        read ^= accounts.book[block.payer[i]] ^ accounts.book[block.payee[i]]
    return read


@kernel
def clear(
    accounts: Accounts, layout: Layout, rules: Rules, day: int, block: Records, order: NDArray[np.int32], count: int,
    seen: Records, unseen: Records, totals: NDArray[np.int64], ids: NDArray[np.int64], due: Records, tally: NDArray[np.int64],
) -> None:  # fmt: skip
    """Book a block in row order, credit the payees, number the rows, and plan what follows on later days.

    Args:
        accounts: balances; every book and every credit is written here and nowhere else.
        layout: account rows.
        rules: the scenario's scalars.
        day: days since 1970.
        block: the window's attempts.
        order: rows of the block in row order.
        count: how many.
        seen: rows that a bank sees; written from ``totals[0]``.
        unseen: rows that no bank sees, notes from purse to purse; written from ``totals[1]``.
        totals: used rows of seen and unseen, transactions and unseen payments so far, used rows of due, scratch; changed.
        ids: transaction of each row of the block; filled.
        due: what falls due later; written from ``totals[4]``.
        tally: counts and values by purpose, method and status, shape (2, purposes, methods, 3).
    """
    midnight = day * 86_400_000_000
    for place in range(count):
        if place % AHEAD == 0:
            totals[5] = _touch(accounts, block, order, place, min(count, place + AHEAD))
        i = np.int64(order[place])
        ids[i] = -1
        status = np.int64(block.status[i])
        if status == VOID:
            continue
        payer = np.int64(block.payer[i])
        payee = np.int64(block.payee[i])
        amount = block.amount[i]
        marks = np.int64(block.marks[i])
        method = np.int64(block.method[i])
        purpose = np.int64(block.purpose[i])
        if status == Status.APPROVED:
            accounts.book[payer] -= amount
            accounts.book[payee] += amount
            if payer >= layout.government:
                accounts.available[payer] -= amount
            if marks & OWN == 0:
                accounts.available[payee] += amount
        tally[0, purpose, method, status] += 1
        tally[1, purpose, method, status] += amount
        related = block.related[i]
        if method == Method.CASH and purpose != Purpose.WITHDRAWAL and purpose != Purpose.DEPOSIT:
            _write(unseen, totals[1], midnight, block, i, related, accounts.book[payer], accounts.book[payee])
            ids[i] = totals[3]
            totals[1] += 1
            totals[3] += 1
            continue
        row = totals[2]
        ids[i] = row
        _write(seen, totals[0], midnight, block, i, related, accounts.book[payer], accounts.book[payee])
        totals[0] += 1
        totals[2] += 1
        if status == Status.APPROVED and marks & REFUNDABLE:
            _refund(rules, layout, due, totals[4], day, block, i, row)
            totals[4] += 1
        elif status == Status.DECLINED and marks & BILL and block.reason[i] == Reason.INSUFFICIENT_FUNDS:
            _postpone(due, totals[4], day + BILL_AGAIN, block, i, row, marks & ~BILL)
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
        _postpone(due, n, tomorrow, attempts, i, attempts.related[i], np.int64(attempts.marks[i]))
        due.attempt.time[n] = attempts.time[i] % 86_400_000_000
        n += 1
    return n
