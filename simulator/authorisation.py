"""Authorisation: a shard decides its attempts of a window, in the order of its payers, on the payers' own books.

A decision sees the payer's accounts up to now and nobody else's: what others pay is spendable after clearing.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Authentication, Channel, EntryMode, Follow, Message, Method, Purpose, Reason, Status
from simulator.draws import Why, draw, scale
from simulator.kernel import kernel, step
from simulator.ledger import AFTER, FIXED, FORCED, OWED, OWN, RETRIES, VOID
from simulator.population.accounts import CLOSED, FROZEN, PERSON_ROWS, Accounts, Layout
from simulator.population.debts import REPAYS
from simulator.population.equipment import card_of, on_other_network
from simulator.population.rules import Rules
from simulator.records import AHEAD, Records

AGAIN = 4096
"""Added to the sequence number of a retry, which keeps (day, initiator, sequence) unique."""

SECOND_TRY = 10 * 60 * 1_000_000
"""A retry follows within ten minutes of the next window's start (assumption)."""


@step
def _refuse(
    accounts: Accounts, layout: Layout, rules: Rules, day: int, attempts: Records, i: int, payer: int, amount: int, method: int
) -> int:
    """Why an attempt is declined; Reason.NONE where it is not."""
    marks = np.int64(attempts.marks[i])
    carded = method == Method.CARD or method == Method.WALLET
    asks = attempts.message[i] == Message.PAYMENT or attempts.message[i] == Message.AUTHORISATION
    if carded and asks and marks & FORCED == 0:
        pin, cvv, expired, issuer = draw(rules.key, np.int64(attempts.initiator[i]), day, Why.DECLINE, np.int64(attempts.sequence[i]))
        if issuer < rules.outage and not (payer < layout.firm_base and on_other_network(rules.key, rules.other_network, payer)):
            return Reason.NETWORK_UNAVAILABLE
        if issuer < rules.unavailable:
            return Reason.ISSUER_UNAVAILABLE
        proof = np.int64(attempts.authentication[i])
        if attempts.entry[i] == EntryMode.REMOTE or attempts.entry[i] == EntryMode.MANUAL:
            if expired < rules.expired_card:
                return Reason.EXPIRED_CARD
            if cvv < rules.wrong_cvv:
                return Reason.WRONG_CVV
            if (proof == Authentication.ONE_TIME_CODE or proof == Authentication.SCA_RESULT) and pin < rules.failed_code:
                return Reason.WRONG_ONE_TIME_CODE
        elif proof == Authentication.PIN:
            # Who misremembers a PIN does so again.
            origin = np.int64(attempts.origin[i])
            again = origin >= 0 and attempts.reason[origin] == Reason.WRONG_PIN
            if pin < (rules.wrong_pin_again if again else rules.wrong_pin):
                return Reason.WRONG_PIN
    if marks & FORCED:
        return Reason.NONE
    # A card sale reaches the shop's acquirer whatever its accounts are; everything else asks for the payee's account.
    if (method != Method.CARD or not asks) and accounts.line[attempts.payee[i]] <= CLOSED:
        return Reason.ACCOUNT_CLOSED
    if payer >= layout.government:
        return Reason.NONE
    credit = payer < layout.firm_base and payer % 5 == 2
    if method == Method.CARD and not credit and payer < layout.firm_base and amount > rules.daily_limit:
        return Reason.LIMIT_EXCEEDED
    line = accounts.line[payer]
    if line <= FROZEN:
        if line <= CLOSED:
            return Reason.ACCOUNT_CLOSED
        if rules.set_off == 0 or marks & OWN == 0 or REPAYS >> np.int64(attempts.purpose[i]) & 1 == 0:
            return Reason.ACCOUNT_FROZEN
        line = FROZEN - line
    if accounts.available[payer] + line < amount:
        return Reason.LIMIT_EXCEEDED if credit else Reason.INSUFFICIENT_FUNDS
    return Reason.NONE


@step
def _other_way(
    accounts: Accounts, layout: Layout, rules: Rules, equipment: Records, day: int, attempts: Records, n: int, reason: int
) -> bool:
    """Change a retry to a method that may work; False where the payer goes without."""
    payer = np.int64(attempts.payer[n])
    if payer >= layout.firm_base:
        return False
    base = payer - payer % 5
    again = reason == Reason.WRONG_PIN or reason == Reason.WRONG_CVV or reason == Reason.ISSUER_UNAVAILABLE
    if again or reason == Reason.WRONG_ONE_TIME_CODE:
        return True
    other = base if payer == base + 2 else base + 2
    if reason == Reason.NETWORK_UNAVAILABLE:  # a card that works, notes where there are enough, else the same card once more
        works = on_other_network(rules.key, rules.other_network, other)
        if works and _by_card(accounts, equipment, day, attempts, n, base, other):
            return True
        return _in_notes(accounts, layout, attempts, n, base) or True
    return _by_card(accounts, equipment, day, attempts, n, base, other) or _in_notes(accounts, layout, attempts, n, base)


@step
def _by_card(accounts: Accounts, equipment: Records, day: int, attempts: Records, n: int, base: int, other: int) -> bool:
    """Change a retry to the person's other card; False where it cannot pay."""
    amount = attempts.amount[n]
    card, trouble = card_of(equipment, base // 5, 0 if other == base else 1, day)
    can = accounts.available[other] + accounts.line[other] >= amount and (other == base or accounts.line[other] > 0)
    if can and trouble == Reason.NONE:
        attempts.payer[n] = other
        attempts.method[n] = Method.CARD
        attempts.card[n] = card
        return True
    return False


@step
def _in_notes(accounts: Accounts, layout: Layout, attempts: Records, n: int, base: int) -> bool:
    """Change a retry to notes; False where the purse does not hold enough, or nobody takes them."""
    payee, amount = np.int64(attempts.payee[n]), np.int64(attempts.amount[n])
    if attempts.message[n] == Message.AUTHORISATION:
        amount = np.int64(attempts.hold[n])  # notes pay what is bought, not what would be held
    if attempts.channel[n] == Channel.POINT_OF_SALE and payee < layout.government and accounts.available[base + 4] >= amount:
        attempts.payer[n] = base + 4
        attempts.payee[n] = payee + 1
        attempts.method[n] = Method.CASH
        attempts.entry[n] = EntryMode.NONE
        attempts.authentication[n] = 0
        attempts.device_kind[n] = 0
        attempts.message[n] = Message.PAYMENT
        attempts.amount[n] = amount
        attempts.hold[n] = 0
        attempts.follow[n] = Follow.NONE
        return True
    return False


@step
def _resolve(accounts: Accounts, layout: Layout, attempts: Records, i: int, payer: int) -> int:
    """The amount of an attempt, by its rule."""
    amount = int(attempts.amount[i])
    rule = np.int64(attempts.rule[i])
    if rule == FIXED:
        return amount
    have = max(0, accounts.available[payer])
    if rule == OWED:
        owed = max(0, -accounts.available[attempts.payee[i]])
        amount = owed if payer >= layout.government else min(have, owed)
    else:
        amount = int(have * amount // 1_000_000)
    attempts.amount[i] = amount
    return amount


@step
def _try_again(
    accounts: Accounts,
    layout: Layout,
    rules: Rules,
    equipment: Records,
    day: int,
    attempts: Records,
    i: int,
    n: int,
    reason: int,
    later: int,
) -> bool:
    """Plan a retry of attempt ``i`` at row ``n``, in the window that starts at ``later``."""
    tries, delay, _, _ = draw(rules.key, np.int64(attempts.initiator[i]), day, Why.RETRY, np.int64(attempts.sequence[i]))
    if tries >= (rules.tries_again if reason == Reason.NETWORK_UNAVAILABLE else rules.retry):
        return False
    attempts[n] = attempts[i]
    # A third try whose second did not fail by the PIN counts as one more, so that the bank sees no three wrong PINs in it.
    steps = 2 if reason != Reason.WRONG_PIN and np.int64(attempts.sequence[i]) >= AGAIN else 1
    attempts.sequence[n] = np.int64(attempts.sequence[i]) + steps * AGAIN
    if reason != Reason.WRONG_PIN or np.int64(attempts.sequence[i]) >= AGAIN:
        attempts.marks[n] = np.int64(attempts.marks[i]) & ~RETRIES
    attempts.origin[n] = i
    attempts.status[n] = Status.APPROVED
    attempts.reason[n] = Reason.NONE
    attempts.time[n] = later + scale(delay, min(SECOND_TRY, rules.window_length))
    return _other_way(accounts, layout, rules, equipment, day, attempts, n, reason)


@step
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


@step
def _touch(accounts: Accounts, attempts: Records, queue: NDArray[np.int32], first: int, last: int) -> int:
    """Read the attempts and accounts of the next rows, so that they come to the cache side by side and not one after the other."""
    read = 0
    for j in range(first, last):
        read ^= accounts.available[attempts.payer[queue[j]]]
    return read & 1


@kernel
def refuse_cards(attempts: Records, first: int, last: int, accounts: NDArray[np.int64]) -> None:
    """Card payments from blocked accounts are bound to fail.

    Args:
        attempts: of people, in order of initiators from ``first`` up to ``last``.
        first: of a window.
        last: row after it.
        accounts: rows of people's accounts, rising.
    """
    k = 0
    for i in range(first, last):
        who = np.int64(attempts.initiator[i])
        while k < accounts.shape[0] and accounts[k] // PERSON_ROWS < who:
            k += 1
        if k == accounts.shape[0]:
            return
        if accounts[k] // PERSON_ROWS > who or attempts.method[i] != Method.CARD or attempts.reason[i] != Reason.NONE:
            continue
        message, payer = np.int64(attempts.message[i]), np.int64(attempts.payer[i])
        if message != Message.PAYMENT and message != Message.AUTHORISATION:
            continue
        if payer == accounts[k] or (k + 1 < accounts.shape[0] and payer == accounts[k + 1]):
            attempts.reason[i] = Reason.SUSPECTED_FRAUD


@kernel
def authorise(
    accounts: Accounts, layout: Layout, rules: Rules, day: int, attempts: Records, n: int, queue: NDArray[np.int32], count: int,
    later: int, again: NDArray[np.int32], equipment: Records, block: Records, place: int,
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
        equipment: the people's cards.
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
        amount = _resolve(accounts, layout, attempts, i, payer)
        method = np.int64(attempts.method[i])
        message = np.int64(attempts.message[i])
        if message == Message.CAPTURE or message == Message.REVERSAL:
            accounts.available[payer] += attempts.hold[i]
        if method == Method.CASH and attempts.purpose[i] == Purpose.PURCHASE and accounts.available[payer] < amount:
            # Not enough notes: the purchase is made by debit card, and no bank saw the attempt in cash.
            payer -= 4
            method = np.int64(Method.CARD)
            attempts.payer[i] = payer
            if attempts.payee[i] < layout.government:
                attempts.payee[i] -= 1
            attempts.method[i] = method
            attempts.entry[i] = EntryMode.CONTACTLESS
            attempts.card[i], trouble = card_of(equipment, payer // 5, 0, day)
            if trouble != Reason.NONE or rules.cards == 0:
                amount = 0  # who has no card to show either goes without
        if amount <= 0:
            attempts.status[i] = VOID
            block[place + j] = attempts[i]
            continue
        if np.int64(attempts.marks[i]) & AFTER and attempts.status[attempts.origin[i]] != Status.APPROVED:
            attempts.status[i] = VOID
            block[place + j] = attempts[i]
            continue
        reason = int(np.int64(attempts.reason[i]))  # of an attempt that is bound to fail
        if reason == Reason.NONE:
            reason = _refuse(accounts, layout, rules, day, attempts, i, payer, amount, method)
        if reason == Reason.NONE:
            if payer < layout.government and message != Message.REVERSAL:
                accounts.available[payer] -= amount
            if np.int64(attempts.marks[i]) & OWN:
                accounts.available[attempts.payee[i]] += amount
        elif method == Method.CASH:
            attempts.status[i] = VOID
        else:
            attempts.status[i] = Status.DECLINED
            attempts.reason[i] = reason
            if np.int64(attempts.marks[i]) & RETRIES and _try_again(accounts, layout, rules, equipment, day, attempts, i, n, reason, later):
                _queue_retry(attempts, again, more, n)
                more += 1
                n += 1
        block[place + j] = attempts[i]
    return n, more
