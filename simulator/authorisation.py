"""Authorisation: a shard decides its attempts of a window, in the order of its payers, on the payers' own books.

A decision sees the payer's accounts up to now and nobody else's: what others pay is spendable after clearing.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Channel, EntryMode, Message, Method, Purpose, Reason, Status
from simulator.draws import Why, draw, scale
from simulator.kernel import kernel
from simulator.ledger import FORCED, OWN, RETRIES, SHARE, VOID
from simulator.population.accounts import Accounts, Layout
from simulator.population.tables import Rules
from simulator.records import Records

AGAIN = 4096
"""Added to the sequence number of a retry, which keeps (day, initiator, sequence) unique."""

AHEAD = 128
"""Rows whose accounts are read ahead."""

SECOND_TRY = 10 * 60 * 1_000_000
"""A retry follows within ten minutes of the next window's start (assumption)."""


@kernel
def _refuse(
    accounts: Accounts, layout: Layout, rules: Rules, day: int, attempts: Records, i: int, payer: int, amount: int, method: int
) -> int:
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
        attempts.payee[n] = np.int64(attempts.payee[n]) + 1
        attempts.method[n] = Method.CASH
        attempts.entry[n] = EntryMode.NONE
        attempts.authentication[n] = 0
        return True
    return False


@kernel
def _try_again(
    accounts: Accounts, layout: Layout, rules: Rules, day: int, attempts: Records, i: int, n: int, reason: int, later: int
) -> bool:
    """Plan a retry of attempt ``i`` at row ``n``, in the window that starts at ``later``."""
    tries, delay, _, _ = draw(rules.key, np.int64(attempts.initiator[i]), day, Why.RETRY, np.int64(attempts.sequence[i]))
    if tries >= rules.retry:
        return False
    attempts[n] = attempts[i]
    attempts.sequence[n] = np.int64(attempts.sequence[i]) + AGAIN
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
    while place > 0:
        before = again[place - 1]
        if attempts.initiator[before] != attempts.initiator[n] or attempts.time[before] <= attempts.time[n]:
            break
        again[place] = before
        place -= 1
    again[place] = n


@kernel
def _touch(accounts: Accounts, attempts: Records, queue: NDArray[np.int32], first: int, last: int) -> int:
    """Read the attempts and accounts of the next rows, so that they come to the cache side by side and not one after the other."""
    read = 0
    for j in range(first, last):
        read ^= accounts.available[attempts.payer[queue[j]]]
    return read & 1


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
        again: rows of the retries, filled in order of initiator; one longer than the attempts.
        block: the window's block of all shards.
        place: first row of the block for this shard.

    Returns:
        Records after retries were appended, and the number of retries.
    """
    more = 0
    for j in range(count):
        if j % AHEAD == 0:
            again[count] = _touch(accounts, attempts, queue, j, min(count, j + AHEAD))
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
