"""Laws 1 and 3: the ledger written a second time in ``twin.py``, with dictionaries and no kernels, gives the same days.

The twin knows the rules as prose has them: what a payer has, what is held and what is on its way, why a payment is declined,
how it is tried again, when money arrives, what falls due later, how rows are ordered and numbered.
"""

from typing import Any

import numpy as np
from hypothesis import given, settings
from small_ledger import CHANGES, FAR, HOURS, KEYS, LAYOUT, NEAR, OPENINGS, PLANS, RULES, Change, Day, Payment, live, windows
from twin import Twin

from simulator.codes import EntryMode, Follow, Message, Purpose, Reason, Status
from simulator.records import Records

ROW_FIELDS = (
    "time", "payer", "payee", "amount", "related", "settled", "credited", "firm", "method", "purpose", "message", "entry", "status",
    "reason", "payer_balance", "payee_balance",
)  # fmt: skip
LATER_FIELDS = (
    "time", "initiator", "payer", "payee", "amount", "hold", "related", "firm", "mcc", "method", "purpose", "channel", "message", "entry",
    "authentication", "country", "marks", "follow", "status", "rule",
)  # fmt: skip


TWINS = {"authentication": "proof"}


def counted(table: np.ndarray) -> dict[tuple[int, ...], int]:
    """What is not zero in a table, by place."""
    return {tuple(place): int(table[tuple(place)]) for place in np.argwhere(table).tolist()}


def same_day(twin: Twin, day: Day, planned: list[Payment], changes: tuple[Change, ...]) -> None:
    """The twin lives the day, and everything is as the kernels have it."""
    seen, unseen = len(twin.seen), len(twin.unseen)
    history = twin.live(day.index, [p for p in planned if p.day == day.index], changes)
    for (book, available, flight), window in zip(history, day.windows, strict=True):
        assert window.closing.book.tolist() == book
        assert window.closing.available.tolist() == available
        assert window.closing.flight.tolist() == flight
    for name, rows in (("seen", twin.seen[seen:]), ("unseen", twin.unseen[unseen:])):
        found = [tuple(int(row[field]) for field in ROW_FIELDS) for window in day.windows for row in getattr(window, name)]
        assert found == [tuple(int(row[field]) for field in ROW_FIELDS) for row in rows]
    due = [(int(row.day), *(int(row.attempt[name]) for name in LATER_FIELDS)) for row in day.due]
    assert due == [(a.day, *(int(getattr(a, TWINS.get(name, name))) for name in LATER_FIELDS)) for a in twin.later]
    assert day.tax_due == twin.tax
    assert counted(day.tally[0]) == twin.count
    assert counted(day.tally[1, :, :, Status.APPROVED]) == twin.value
    assert sorted(day.waiting.tolist()) == sorted((amount, payee) for _, payee, amount in twin.flights)


@settings(max_examples=200)
@given(OPENINGS, PLANS, KEYS, HOURS, CHANGES)
def test_the_twin_lives_the_same_days(books: Records, planned: list[Payment], key: int, offset: int, changes: tuple[Change, ...]) -> None:
    """Balances after every window, every row with its status, reason, value date and balances, every id, all that falls due."""
    twin = Twin(key, offset, dict(enumerate(books.book.tolist())), dict(enumerate(books.line.tolist())))
    for day in live(books.copy(), planned, 1, key, offset, changes):
        same_day(twin, day, planned, changes)
    assert not twin.holds
    assert not twin.flights


def test_the_days_above_meet_every_rule() -> None:
    """Catches examples too tame to say anything: a fixed mixture of days meets every reason, message, retry and sequel."""
    met: set[str] = set()

    @settings(max_examples=400, database=None)
    @given(OPENINGS, PLANS, KEYS, HOURS, CHANGES)
    def meet(books: Records, planned: list[Payment], key: int, offset: int, changes: tuple[Change, ...]) -> None:
        days = live(books, planned, 1, key, offset, changes)
        told: list[Any] = []
        for window in windows(days):
            seen, approved = window.seen, window.seen[window.seen.status == Status.APPROVED]
            met.update(Reason(int(reason)).name for reason in seen.reason)
            met.update(Message(int(message)).name for message in approved.message)
            met.update(Status(int(status)).name for status in seen.status)
            met.update("RECOVERY" for message in seen.message if message == Message.RECOVERY)  # there is seldom money by then
            met.update("bill again" for row in seen[seen.related >= 0] if row.message == Message.PAYMENT and row.purpose == Purpose.BILL)
            met.update("held again" for row in seen[seen.related >= 0] if row.message == Message.AUTHORISATION)
            met.update("notes instead" for related in window.unseen.related if related >= 0)
            met.update("card instead" for row in seen if row.purpose == Purpose.PURCHASE and row.entry == EntryMode.CONTACTLESS)
            met.update("returned beyond" for row in approved if row.message == Message.RETURN and row.payer >= LAYOUT.government)
            told += list(seen)
            before = ((row, told[row.related]) for row in seen if 0 <= row.related < len(told))
            met.update("card of the other network" for row, first in before if row.payer == first.payer + 2
                       and first.reason == Reason.NETWORK_UNAVAILABLE)  # fmt: skip
            met.update("from abroad" for row in approved if row.message == Message.REFUND and row.payer in (FAR, NEAR))
            met.update("third try" for row in window.block if row.sequence >= 2 * 4096)
            met.update("exchanged" for row in approved if row.credited != row.amount)
            met.update("machine fee" for row in approved if row.purpose == Purpose.FEE and row.amount == RULES.machine_fee)
            met.update("written off" for row in approved if row.purpose == Purpose.WRITE_OFF)
            met.update("overnight" for row in approved if row.settled - row.time > 48 * 3600 * 10**6)
        for day in days:
            met.update(Follow(int(follow)).name for follow in day.due.attempt.follow)
            met.update("tomorrow" for row in day.due if row.attempt.sequence >= 4096 and row.attempt.message == Message.PAYMENT)

    meet()
    wanted = {code.name for codes in (Reason, Message, Status) for code in codes}
    wanted |= {"bill again", "held again", "notes instead", "card instead", "tomorrow", "returned beyond", "from abroad", "written off"}
    wanted |= {"exchanged", "machine fee", "third try", "card of the other network"}
    assert wanted | {"overnight", "REPRESENT"} <= met, wanted - met
