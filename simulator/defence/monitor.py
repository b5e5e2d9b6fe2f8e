"""Monitoring: a bank's rules over the payments of a window, as they are cleared; an alert is raised, nothing is decided here."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Channel, EntryMode, Message, Method, Purpose, Status
from simulator.kernel import kernel, step
from simulator.ledger import NEW_PAYEE, OWN, VOID
from simulator.population.accounts import Layout, initiator_of
from simulator.records import AHEAD, Records


class Rule(IntEnum):
    """Rules that raise alerts; append only."""

    FIRST_PAYMENT = 0
    REMOTE_PURCHASE = 1
    CARD_VELOCITY = 2
    CARD_FAILURES = 3
    NEARLY_REPORTABLE = 4
    PASSING_ON = 5
    ACROSS_THE_BORDER = 6
    DETECTOR = 7
    """What a detector refused before authorisation; never raised here."""


class Limits(NamedTuple):
    """The rules' thresholds: minor units, counts, parts of 1,000."""

    first_payment: int
    remote_purchase: int
    velocity: int
    failures: int
    deposits: int
    nearly: int
    passing: int
    passed: int
    abroad: int


SEEN = np.dtype([
    ("inflow", np.int64),  # what came from others lately, halved every day
    ("outflow", np.int64),  # what went on
    ("window", np.int32),  # of the counts below
    ("day", np.int32),  # of the flows
    ("deposit_day", np.int32),  # of the last deposit that was nearly reportable
    ("told", np.int32),  # day of the last alert
    ("cards", np.int16),  # card purchases of the window
    ("fails", np.int16),  # declined ones
    ("deposits", np.int16),
], align=True)  # fmt: skip
"""What a bank remembers of a customer."""

ALERT = np.dtype([
    ("transaction", np.int64),
    ("time", np.int64),  # microseconds since 1970
    ("amount", np.int64),
    ("who", np.int32),  # a person's row, or people + a firm's row
    ("account", np.int32),
    ("rule", np.int16),
    ("score", np.int16),  # of 1,000
], align=True)  # fmt: skip
"""An alert as it is raised."""


class Raised(NamedTuple):
    """`ALERT` in plain numbers."""

    transaction: int
    time: int
    amount: int
    who: int
    account: int
    rule: int
    score: int


QUIET = 7
"""Days for which a rule does not raise a second alert on a customer."""


@step
def _fade(seen: Records, who: int, day: int) -> None:
    """What came and went is halved every day."""
    since = day - np.int64(seen.day[who])
    if since > 0:
        shift = min(since, 40)
        seen.inflow[who] >>= shift
        seen.outflow[who] >>= shift
        seen.day[who] = day


@step
def _raise(alerts: Records, n: int, block: Records, i: int, ids: NDArray[np.int64], midnight: int, who: int, account: int, rule: int,
           limit: int) -> int:  # fmt: skip
    """Write an alert; its score rises with how far the amount passes the limit."""
    alerts.transaction[n] = ids[i]
    alerts.time[n] = midnight + block.time[i]
    alerts.amount[n] = block.amount[i]
    alerts.who[n] = who
    alerts.account[n] = account
    alerts.rule[n] = rule
    alerts.score[n] = min(990, 500 + 100 * block.amount[i] // max(1, limit)) if limit > 0 else 700
    return n + 1


@step
def _touch(block: Records, seen: Records, first: int, last: int) -> int:
    """Read what is remembered of the next customers, so that it comes to the cache side by side and not one after the other."""
    read = np.int64(0)
    for i in range(first, last):
        read ^= np.int64(seen.window[block.initiator[i]])
    return int(read)


@kernel
def monitor(
    layout: Layout, limits: Limits, reportable: int, day: int, window: int, block: Records, count: int,
    ids: NDArray[np.int64], seen: Records, alerts: Records,
) -> int:  # fmt: skip
    """Watch a cleared window, customer by customer, so that what is remembered of them is read from front to back.

    Args:
        layout: account rows.
        limits: of the rules.
        reportable: notes from which a report is filed, minor units; 0 for none.
        day: days since 1970.
        window: of the day.
        block: the window's attempts as decided.
        count: how many.
        ids: their transactions.
        seen: what banks remember, by customer; changed.
        alerts: filled; longer than the block.

    Returns:
        How many alerts were raised.
    """
    n, midnight, now = 0, day * 86_400_000_000, day * 1024 + window
    for i in range(count):
        if i % AHEAD == 0:
            alerts.time[n] = _touch(block, seen, i, min(count, i + AHEAD))  # which is written over
        if ids[i] < 0 or block.status[i] == VOID or block.message[i] > Message.AUTHORISATION:
            continue
        method, purpose = np.int64(block.method[i]), np.int64(block.purpose[i])
        moved = purpose == Purpose.TRANSFER or purpose == Purpose.SALE or purpose == Purpose.REMITTANCE or purpose == Purpose.CRYPTO
        notes = purpose == Purpose.WITHDRAWAL or purpose == Purpose.DEPOSIT
        abroad = layout.abroad_base <= block.payee[i] < layout.dealer_base
        if not (moved or notes or abroad or (purpose == Purpose.PURCHASE and method == Method.CARD)):
            continue
        payer, payee, amount = np.int64(block.payer[i]), np.int64(block.payee[i]), block.amount[i]
        who, marks = initiator_of(layout, payer), np.int64(block.marks[i])
        approved = block.status[i] == Status.APPROVED
        if method == Method.CARD and who >= 0 and who < layout.people:
            if purpose == Purpose.PURCHASE:
                if seen.window[who] != now:
                    seen.window[who], seen.cards[who], seen.fails[who] = now, 0, 0
                seen.cards[who] += 1
                if not approved:
                    seen.fails[who] += 1
                quiet = day - np.int64(seen.told[who]) < QUIET
                rule, limit = -1, 0
                if seen.fails[who] == limits.failures:
                    rule = Rule.CARD_FAILURES
                elif seen.cards[who] == limits.velocity:
                    rule = Rule.CARD_VELOCITY
                elif approved and block.entry[i] == EntryMode.REMOTE and amount >= limits.remote_purchase and not quiet:
                    rule, limit = Rule.REMOTE_PURCHASE, limits.remote_purchase
                if rule >= 0:
                    n = _raise(alerts, n, block, i, ids, midnight, who, payer, rule, limit)
                    seen.told[who] = day
                continue
        if not approved:
            continue
        if purpose == Purpose.DEPOSIT and method == Method.CASH:
            owner = initiator_of(layout, payee)
            if owner >= 0 and reportable > 0 and reportable * limits.nearly // 1000 <= amount <= reportable:
                seen.deposits[owner] = seen.deposits[owner] + 1 if day - np.int64(seen.deposit_day[owner]) <= 10 else 1
                seen.deposit_day[owner] = day
                if seen.deposits[owner] >= limits.deposits and day - np.int64(seen.told[owner]) >= QUIET:
                    n = _raise(alerts, n, block, i, ids, midnight, owner, payee, Rule.NEARLY_REPORTABLE, reportable)
                    seen.told[owner] = day
            continue
        if marks & OWN and purpose != Purpose.WITHDRAWAL:
            continue
        owner = initiator_of(layout, payee)
        if moved and owner >= 0 and owner < layout.people and payee % 5 == 0:
            _fade(seen, owner, day)
            seen.inflow[owner] += amount
        if who < 0 or who >= layout.people or not (moved or purpose == Purpose.WITHDRAWAL):
            if who >= layout.people and payee >= layout.abroad_base and payee < layout.dealer_base and amount >= 4 * limits.abroad:
                if day - np.int64(seen.told[who]) >= 4 * QUIET:
                    n = _raise(alerts, n, block, i, ids, midnight, who, payer, Rule.ACROSS_THE_BORDER, 4 * limits.abroad)
                    seen.told[who] = day
            continue
        _fade(seen, who, day)
        seen.outflow[who] += amount
        if day - np.int64(seen.told[who]) < QUIET:
            continue
        rule, limit = -1, 0
        remote = block.channel[i] == Channel.MOBILE or block.channel[i] == Channel.ONLINE
        if payee >= layout.abroad_base and payee < layout.dealer_base and amount >= limits.abroad:
            rule, limit = Rule.ACROSS_THE_BORDER, limits.abroad
        elif marks & NEW_PAYEE and remote and amount >= limits.first_payment:
            rule, limit = Rule.FIRST_PAYMENT, limits.first_payment
        elif seen.inflow[who] >= limits.passing and seen.outflow[who] * 1000 >= seen.inflow[who] * limits.passed:
            rule, limit = Rule.PASSING_ON, limits.passing
        if rule >= 0:
            n = _raise(alerts, n, block, i, ids, midnight, who, payer, rule, limit)
            seen.told[who] = day
    return n
