"""Payments of a window as columns: planned, authorised against the payer's own books, settled and cleared.

Double entry in whole minor units. Within a window a decision sees the payer's own books up to now and everybody else's
as of the last clearing: money between an owner's accounts is spendable at once, other credits at the next clearing.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Channel, EntryMode, Message, Method, Purpose, Reason, Status
from simulator.draws import Why, draw, scale
from simulator.kernel import kernel
from simulator.population.accounts import Accounts, Layout
from simulator.population.tables import Rules
from simulator.records import Records

FIXED, SHARE = 0, 1
"""Amount rules: minor units, or parts per million of what the payer has available at authorisation."""

OWN, RETRIES, BILL, REFUNDABLE, FORCED = 1, 2, 4, 8, 16
"""Marks: between accounts of one owner; a purchase that may be tried again; a bill that is presented again after
three days; a purchase that will be refunded; charged by the bank whatever the balance."""

VOID = 127
"""Status of an attempt that is not made after all."""

AGAIN = 4096
"""Added to the sequence number of a retry, which keeps (day, initiator, sequence) unique."""

SECOND_TRY = 10 * 60 * 1_000_000
"""A retry follows within ten minutes of the next window's start (assumption)."""

PURPOSES, METHODS = len(Purpose), len(Method)


ATTEMPT = np.dtype([
    ("time", np.int64),  # microseconds within the UTC day
    ("amount", np.int64),  # by its rule: minor units, or parts per million of what is available
    ("related", np.int64),  # transaction that it refers to, -1 for none
    ("initiator", np.int32),  # owner who starts it: a person's row, or people + a firm's row
    ("sequence", np.int32),  # number among the initiator's attempts of the day
    ("payer", np.int32),  # account row
    ("payee", np.int32),  # account row
    ("origin", np.int32),  # attempt of the same lane and day that it repeats, -1 for none
    ("firm", np.int32),  # firm that accepts it, -1 for none
    ("mcc", np.int16),
    ("terminal", np.int16),  # terminal within the firm, -1 for none
    ("method", np.int8),
    ("channel", np.int8),
    ("purpose", np.int8),
    ("message", np.int8),
    ("entry", np.int8),
    ("authentication", np.int8),
    ("rule", np.int8),
    ("marks", np.int8),
    ("status", np.int8),
    ("reason", np.int8),
], align=True)  # fmt: skip
"""An attempted payment."""

DUE = np.dtype([
    ("day", np.int32),  # days since 1970
    ("attempt", ATTEMPT),
], align=True)  # fmt: skip
"""A payment that falls due on a later day: a refund, a bill presented again, a retry across midnight."""

ROW = np.dtype([
    ("time", np.int64),  # microseconds since 1970
    ("amount", np.int64),
    ("related", np.int64),
    ("payer_balance", np.int64),
    ("payee_balance", np.int64),
    ("payer", np.int32),
    ("payee", np.int32),
    ("firm", np.int32),
    ("mcc", np.int16),
    ("terminal", np.int16),
    ("method", np.int8),
    ("channel", np.int8),
    ("purpose", np.int8),
    ("message", np.int8),
    ("entry", np.int8),
    ("authentication", np.int8),
    ("status", np.int8),
    ("reason", np.int8),
], align=True)  # fmt: skip
"""A finished row, as the recorder takes it."""


@kernel
def put(out, n, time, initiator, sequence, payer, payee, amount, method, channel, purpose, firm, mcc, terminal, entry, authentication, rule, marks):  # type: ignore[no-untyped-def]
    """Plan one payment at row ``n``; returns the next row."""
    out.time[n] = time
    out.initiator[n] = initiator
    out.sequence[n] = sequence
    out.payer[n] = payer
    out.payee[n] = payee
    out.amount[n] = amount
    out.related[n] = -1
    out.origin[n] = -1
    out.firm[n] = firm
    out.mcc[n] = mcc
    out.terminal[n] = terminal
    out.method[n] = method
    out.channel[n] = channel
    out.purpose[n] = purpose
    out.message[n] = Message.PAYMENT
    out.entry[n] = entry
    out.authentication[n] = authentication
    out.rule[n] = rule
    out.marks[n] = marks
    out.status[n] = Status.APPROVED
    out.reason[n] = Reason.NONE
    return n + 1


@kernel
def move(out: Records, n: int, time: int, initiator: int, payer: int, payee: int, amount: int, method: int, channel: int, purpose: int, marks: int) -> int:
    """Plan a plain payment of a fixed amount that no firm accepts."""
    return put(out, n, time, initiator, 0, payer, payee, amount, method, channel, purpose, -1, 0, -1, EntryMode.NONE, 0, FIXED, marks)


@kernel
def sequence_by_time(out: Records, first: int, last: int, order: NDArray[np.int32]) -> None:
    """Number one initiator's attempts of a day, and write their order by time (insertion sort: they are few)."""
    for n in range(first, last):
        out.sequence[n] = n - first
        place = n
        while place > first and out.time[order[place - 1]] > out.time[n]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = n


@kernel
def by_window(attempts: Records, order: NDArray[np.int32], count: int, length: int, start: NDArray[np.int64], queue: NDArray[np.int32]) -> None:
    """Stable counting sort of the day's attempts by window: ``queue[start[w]:start[w + 1]]`` are those of window w."""
    start[:] = 0
    for n in range(count):
        start[attempts.time[n] // length + 1] += 1
    for w in range(1, start.shape[0]):
        start[w] += start[w - 1]
    for n in range(count):
        i = order[n]
        w = attempts.time[i] // length
        queue[start[w]] = i
        start[w] += 1
    for w in range(start.shape[0] - 1, 0, -1):
        start[w] = start[w - 1]
    start[0] = 0


@kernel
def merge(attempts: Records, planned: NDArray[np.int32], count: int, again: NDArray[np.int32], more: int, queue: NDArray[np.int32]) -> int:
    """Planned attempts and retries of a window in one queue, ordered by initiator, then time."""
    i = 0
    j = 0
    for n in range(count + more):
        if j == more:
            take = True
        elif i == count:
            take = False
        else:
            a = planned[i]
            b = again[j]
            same = attempts.initiator[a] == attempts.initiator[b]
            take = attempts.time[a] <= attempts.time[b] if same else attempts.initiator[a] < attempts.initiator[b]
        if take:
            queue[n] = planned[i]
            i += 1
        else:
            queue[n] = again[j]
            j += 1
    return count + more


@kernel
def _refuse(accounts: Accounts, layout: Layout, rules: Rules, day: int, attempts: Records, i: int, payer: int, amount: int, method: int) -> int:
    """Why an attempt is declined; Reason.NONE where it is not."""
    marks = np.int64(attempts.marks[i])
    carded = method == Method.CARD or method == Method.WALLET
    if carded and attempts.message[i] == Message.PAYMENT and marks & FORCED == 0:
        pin, cvv, expired, issuer = draw(rules.key, np.int64(attempts.initiator[i]), day, Why.DECLINE, np.int64(attempts.sequence[i]))
        if issuer < rules.unavailable:
            return Reason.ISSUER_UNAVAILABLE
        if attempts.entry[i] == EntryMode.REMOTE:
            if expired < rules.expired_card:
                return Reason.EXPIRED_CARD
            if cvv < rules.wrong_cvv:
                return Reason.WRONG_CVV
        elif attempts.entry[i] == EntryMode.CHIP and pin < rules.wrong_pin:
            return Reason.WRONG_PIN
    if marks & FORCED or payer >= layout.government:
        return Reason.NONE
    credit = payer < layout.firm_base and payer % 5 == 2
    if method == Method.CARD and not credit and payer < layout.firm_base and amount > rules.daily_limit:
        return Reason.LIMIT_EXCEEDED
    if accounts.available[payer] + accounts.line[payer] < amount:
        return Reason.LIMIT_EXCEEDED if credit else Reason.INSUFFICIENT_FUNDS
    return Reason.NONE


@kernel
def _other_way(accounts: Accounts, layout: Layout, attempts: Records, n: int, reason: int) -> bool:
    """Change a retry to a method that may work; False where the payer goes without."""
    payer = np.int64(attempts.payer[n])
    if payer >= layout.firm_base:
        return False
    amount = attempts.amount[n]
    base = payer - payer % 5
    again = reason == Reason.WRONG_PIN or reason == Reason.WRONG_CVV or reason == Reason.ISSUER_UNAVAILABLE
    if again:
        return True
    other = base if payer == base + 2 else base + 2
    if accounts.available[other] + accounts.line[other] >= amount and (other == base or accounts.line[other] > 0):
        attempts.payer[n] = other
        attempts.method[n] = Method.CARD
        return True
    if attempts.channel[n] == Channel.POINT_OF_SALE and accounts.available[base + 4] >= amount:
        attempts.payer[n] = base + 4
        attempts.payee[n] = attempts.payee[n] + 1
        attempts.method[n] = Method.CASH
        attempts.entry[n] = EntryMode.NONE
        attempts.authentication[n] = 0
        return True
    return False


@kernel
def _try_again(accounts: Accounts, layout: Layout, rules: Rules, day: int, attempts: Records, i: int, n: int, reason: int, later: int) -> bool:
    """Plan a retry of attempt ``i`` at row ``n``, in the window that starts at ``later``."""
    tries, delay, _, _ = draw(rules.key, np.int64(attempts.initiator[i]), day, Why.RETRY, np.int64(attempts.sequence[i]))
    if tries >= rules.retry:
        return False
    attempts[n] = attempts[i]
    attempts.sequence[n] = attempts.sequence[i] + AGAIN
    attempts.marks[n] = np.int64(attempts.marks[i]) & ~RETRIES
    attempts.origin[n] = i
    attempts.status[n] = Status.APPROVED
    attempts.reason[n] = Reason.NONE
    attempts.time[n] = later + scale(delay, min(SECOND_TRY, rules.window_length))
    return _other_way(accounts, layout, attempts, n, reason)


@kernel
def _queue_retry(attempts: Records, again: NDArray[np.int32], more: int, n: int) -> None:
    """Insert a retry so that the list stays ordered by initiator, then time."""
    place = more
    while place > 0 and attempts.initiator[again[place - 1]] == attempts.initiator[n] and attempts.time[again[place - 1]] > attempts.time[n]:
        again[place] = again[place - 1]
        place -= 1
    again[place] = n


@kernel
def authorise(
    accounts: Accounts, layout: Layout, rules: Rules, day: int, attempts: Records, n: int, queue: NDArray[np.int32], count: int,
    later: int, again: NDArray[np.int32], block: Records, place: int,
) -> tuple[int, int]:  # fmt: skip
    """Authorise one shard's attempts of a window in the order of its payers, and place them in the window's block.

    Args:
        accounts: balances; only the payers' own are read and written.
        layout: account rows.
        rules: the scenario's scalars.
        day: days since 1970.
        attempts: the shard's attempts of the day; retries are appended.
        n: number of attempts so far.
        queue: rows of this window's attempts.
        count: how many.
        later: start of the next window.
        again: rows of the retries, filled in order of initiator.
        block: the window's block of all shards.
        place: first row of the block for this shard.

    Returns:
        Records after retries were appended, and the number of retries.
    """
    more = 0
    for j in range(count):
        i = np.int64(queue[j])
        payer = np.int64(attempts.payer[i])
        amount = attempts.amount[i]
        method = np.int64(attempts.method[i])
        if attempts.rule[i] == SHARE:
            amount = max(0, accounts.available[payer]) * amount // 1_000_000
            attempts.amount[i] = amount
        if method == Method.CASH and attempts.purpose[i] == Purpose.PURCHASE and accounts.available[payer] < amount:
            # Not enough notes: the purchase is made by debit card, and no bank saw the attempt in cash.
            payer -= 4
            method = np.int64(Method.CARD)
            attempts.payer[i] = payer
            attempts.payee[i] -= 1
            attempts.method[i] = method
            attempts.entry[i] = EntryMode.CONTACTLESS
        if amount <= 0:
            attempts.status[i] = VOID
            block[place + j] = attempts[i]
            continue
        reason = _refuse(accounts, layout, rules, day, attempts, i, payer, amount, method)
        if reason == Reason.NONE:
            if payer < layout.government:
                accounts.available[payer] -= amount
            if np.int64(attempts.marks[i]) & OWN:
                accounts.available[attempts.payee[i]] += amount
        elif method == Method.CASH:
            attempts.status[i] = VOID
        else:
            attempts.status[i] = Status.DECLINED
            attempts.reason[i] = reason
            if np.int64(attempts.marks[i]) & RETRIES and _try_again(accounts, layout, rules, day, attempts, i, n, reason, later):
                _queue_retry(attempts, again, more, n)
                more += 1
                n += 1
        block[place + j] = attempts[i]
    return n, more
