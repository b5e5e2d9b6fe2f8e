"""Payments of a window as columns: planned here, decided in ``authorisation.py``, booked in ``clearing.py``.

Double entry in whole minor units. Within a window a decision sees the payer's own books up to now and everybody else's
as of the last clearing: money between an owner's accounts is spendable at once, other credits at the next clearing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import EntryMode, Follow, Message, Reason, Status
from simulator.kernel import kernel
from simulator.records import Records

FIXED, SHARE, OWED = 0, 1, 2
"""Amount rules: minor units; parts per million of what the payer has available at authorisation; what the payee, an account
of the initiator's own, owes, as far as the payer has it."""

OWN, RETRIES, BILL, FORCED, DUPLICATED, NEW_PAYEE, AFTER = 1, 2, 4, 8, 16, 32, 64
"""Marks: between accounts of one owner; a purchase that may be tried again; a bill that is presented again after
three days; charged whatever the balance; a purchase that the merchant charged a second time; to a payee that has to be added
first where it is paid through the bank's app or site (see `simulator.day.sessions`); made only if the attempt that it names as its
origin was approved."""

ORDERED = 1 << 20
"""Sequence numbers of the orders of stories begin here, beyond those of what people plan and try again."""

OUT, IN = 0, 1
"""Which way a payment crosses the border."""

APPROVED_ROWS, HOME_VALUE, FOREIGN_VALUE, DECLINED_ROWS = range(4)
"""What is counted of payments across the border: rows, and value at home and abroad, in minor units."""

VOID = 127
"""Status of an attempt that is not made after all."""

UNSEEN = -2
"""In place of a transaction: a payment that no bank sees."""


class Became(NamedTuple):
    """What became of an order: fields of `ATTEMPT` as decided."""

    time: int
    amount: int
    hold: int
    payer: int
    payee: int
    method: int
    entry: int
    channel: int
    terminal: int
    card: int
    status: int
    reason: int
    transaction: int
    """-1 for what was not made, `UNSEEN` for what no bank saw."""
    settled: int
    """Value date, microseconds since 1970; -1 where there is no transaction."""



ATTEMPT = np.dtype([
    ("time", np.int64),  # microseconds within the UTC day
    ("amount", np.int64),  # by its rule: minor units, or parts per million of what is available
    ("related", np.int64),  # transaction that it refers to, -1 for none
    # Of an authorisation: what will be captured; of a capture, reversal or expiry: the hold it releases; of a payment to
    # abroad: the price in the payee's currency, if there is one.
    ("hold", np.int64),
    ("initiator", np.int32),  # owner who starts it: a person's row, or people + a firm's row
    ("sequence", np.int32),  # number among the initiator's attempts of the day
    ("payer", np.int32),  # account row
    ("payee", np.int32),  # account row
    ("origin", np.int32),  # attempt of the same lane and day that it repeats, -1 for none
    ("firm", np.int32),  # firm that accepts it, -1 for none
    ("place", np.int32),  # where it is made from, by network: household, firm, town or -country; the machine of a withdrawal
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
    ("follow", np.int8),  # what follows where it is approved
    ("status", np.int8),
    ("reason", np.int8),
    ("card", np.int8),  # generation of the payer's card, + equipment.TOKEN for its token in the phone
    ("device_kind", np.int8),
    ("network", np.int8),
    ("check", np.int8),  # confirmation of payee
    ("country", np.int8),  # where it is made, 0 at home
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
    ("settled", np.int64),  # value date, microseconds since 1970
    ("credited", np.int64),  # what the payee gets, minor units of its currency
    ("payer", np.int32),
    ("payee", np.int32),
    ("firm", np.int32),
    ("place", np.int32),
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
    ("card", np.int8),
    ("equipment", np.int8),  # kind of device + 8 x network
    ("check", np.int8),
    ("country", np.int8),
], align=True)  # fmt: skip
"""A finished row, as the recorder takes it."""

CREDIT = np.dtype([
    ("amount", np.int64),
    ("payee", np.int32),
], align=True)  # fmt: skip
"""A credit on its way: the payer's book has moved, the payee's has not."""


@kernel
def put(
    out: Records, n: int, time: int, initiator: int, sequence: int, payer: int, payee: int, amount: int,
    method: int, channel: int, purpose: int, firm: int, mcc: int, terminal: int, entry: int, authentication: int, rule: int, marks: int,
) -> int:  # fmt: skip
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
    out.place[n] = -1
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
    out.hold[n] = 0
    out.follow[n] = Follow.NONE
    out.status[n] = Status.APPROVED
    out.reason[n] = Reason.NONE
    out.card[n] = 0
    out.device_kind[n] = 0
    out.network[n] = 0
    out.check[n] = 0
    out.country[n] = 0
    return n + 1


@kernel
def move(
    out: Records,
    n: int,
    time: int,
    initiator: int,
    payer: int,
    payee: int,
    amount: int,
    method: int,
    channel: int,
    purpose: int,
    marks: int,
) -> int:
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
def by_window(attempts: Records, order: NDArray[np.int32], count: int, length: int, start: NDArray[np.int64], out: Records) -> None:
    """Stable counting sort of the day's attempts by window: ``out[start[w]:start[w + 1]]`` are those of window w.

    The rows themselves are moved, for whoever goes through a window then reads memory from front to back.
    """
    start[:] = 0
    for n in range(count):
        start[attempts.time[n] // length + 1] += 1
    for w in range(1, start.shape[0]):
        start[w] += start[w - 1]
    for n in range(count):
        i = order[n]
        w = attempts.time[i] // length
        out[start[w]] = attempts[i]
        start[w] += 1
    for w in range(start.shape[0] - 1, 0, -1):
        start[w] = start[w - 1]
    start[0] = 0


@kernel
def merge(attempts: Records, first: int, last: int, again: NDArray[np.int32], more: int, queue: NDArray[np.int32]) -> int:
    """Planned attempts [first, last) of a window and retries in one queue, ordered by initiator, then time; returns its length."""
    i = first
    j = 0
    count = last - first + more
    for n in range(count):
        if j == more:
            take = True
        elif i == last:
            take = False
        else:
            b = again[j]
            same = attempts.initiator[i] == attempts.initiator[b]
            take = attempts.time[i] <= attempts.time[b] if same else attempts.initiator[i] < attempts.initiator[b]
        if take:
            queue[n] = i
            i += 1
        else:
            queue[n] = again[j]
            j += 1
    return count
