"""Law 1, money is conserved; and the money half of law 3, a decision sees the payer's own books and nobody else's."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small_ledger import (
    BANK,
    CHANGES,
    FAR,
    GOVERNMENT,
    HOLDING,
    HOURS,
    KEYS,
    OPENINGS,
    OUTSIDE,
    PLANS,
    RULES,
    YEN,
    Change,
    Payment,
    effect,
    live,
    opened,
    owner_of,
    rows_of,
    windows,
)

from simulator.codes import Message, Method, Purpose, Reason, Schedule, Status
from simulator.ledger import FORCED, OWN, VOID
from simulator.population.accounts import CLOSED, FROZEN
from simulator.records import Records

MANY = settings(max_examples=60)
LIVED = (OPENINGS, PLANS, KEYS, HOURS, CHANGES)
ENDS = (Message.CAPTURE, Message.REVERSAL)


def summed(size: int, rows: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    total = np.zeros(size, np.int64)
    np.add.at(total, rows, amounts)
    return total


@MANY
@given(*LIVED)
def test_books_always_add_up(books: Records, planned: list[Payment], key: int, offset: int, changes: tuple[Change, ...]) -> None:
    """Catches a lost or made cent: in every window the sums of all books and of what is on its way stand still, by currency."""
    totals = [books.book[kind].sum() for kind in (~YEN, YEN)]
    days = live(books, planned, 1, key, offset, changes)
    before = days[0].windows[0].opening
    for window in windows(days):
        opening, closing = window.opening, window.closing
        for total, kind in zip(totals, (~YEN, YEN), strict=True):
            assert closing.book[kind].sum() + closing.flight[kind].sum() == total
        assert (closing.flight >= 0).all()
        # What came in between the windows was on its way.
        assert np.array_equal(before.book + before.flight, opening.book + opening.flight)
        assert np.array_equal(opening.book + opening.flight + effect(window), closing.book + closing.flight)
        assert (window.block[window.block.status != VOID].amount > 0).all()
        before = closing
    assert not closing.flight.any()


@MANY
@given(*LIVED)
def test_what_is_available_is_the_book_less_what_is_held(
    books: Records, planned: list[Payment], key: int, offset: int, changes: tuple[Change, ...]
) -> None:
    """Catches a hold that is released twice, by a row it is not related to, of another amount or account, or never."""
    holds: dict[int, tuple[int, int]] = {}
    over: set[int] = set()
    number = 0
    for window in windows(live(books, planned, 1, key, offset, changes)):
        for row in window.seen:
            if row.message == Message.AUTHORISATION and row.status == Status.APPROVED:
                holds[number] = (int(row.payer), int(row.amount))
            elif row.message in ENDS:
                assert int(row.related) not in over
                payer, amount = holds.pop(int(row.related))
                assert payer == row.payer
                assert row.message == Message.CAPTURE or row.amount == amount
                assert row.status == Status.APPROVED or row.message == Message.REVERSAL
                over.add(int(row.related))
            number += 1
        held = summed(len(window.closing), *map(np.array, zip(*holds.values(), strict=True))) if holds else 0
        assert np.array_equal(window.closing.available, window.closing.book - held)
    assert not holds


@MANY
@given(*LIVED)
def test_the_payee_gets_what_was_paid_at_the_value_date(
    books: Records, planned: list[Payment], key: int, offset: int, changes: tuple[Change, ...]
) -> None:
    """Catches a credit of another amount, to another account, early, late or twice; and a value date that is no window's start."""
    days = live(books, planned, 1, key, offset, changes)
    credits: Counter[tuple[int, int]] = Counter()
    before = days[0].windows[0].opening
    for window in windows(days):
        # What has reached its value date is in the book before the window is decided, and nothing else.
        arrived = {flight: amount for flight, amount in credits.items() if flight[0] <= window.start}
        credits.subtract(arrived)
        came = summed(len(before), np.array([payee for _, payee in arrived], np.int64), np.array([*arrived.values()], np.int64))
        assert np.array_equal(window.opening.book - before.book, came)
        for attempt, row in rows_of(window):
            assert row.credited == row.amount or FAR in (row.payer, row.payee)
            assert row.credited > 0
            moves = row.status == Status.APPROVED and row.message not in HOLDING
            if not moves or attempt.marks & OWN or row.method in (Method.CASH, Method.NONE):
                assert row.settled == row.time
                continue
            assert row.settled > row.time
            assert row.settled % RULES.window_length == 0
            credits[int(row.settled), int(row.payee)] += int(row.credited)
        before = window.closing
    assert not +credits


@MANY
@given(*LIVED)
def test_a_window_spends_only_the_payers_own_money(
    books: Records, planned: list[Payment], key: int, offset: int, changes: tuple[Change, ...]
) -> None:
    """Catches a credit before clearing or its value date, own money that is not spendable at once, and held money that is spent.

    Each owner's attempts are replayed alone, in order of time: what they had at the window's start, less what they paid
    and what is held, plus what they moved between their own accounts and what is released, decides every one of them.
    """
    for window in windows(live(books, planned, 1, key, offset, changes)):
        have = (window.opening.available + window.opening.line).tolist()
        line = window.opening.line.tolist()
        for row in window.block:
            payer, amount, message = int(row.payer), int(row.amount), Message(int(row.message))
            have[payer] += int(row.hold) if message in ENDS else 0
            if payer >= GOVERNMENT or row.status == VOID:
                continue
            short, is_open = have[payer] < amount, line[payer] > FROZEN
            if row.status == Status.DECLINED:
                assert not row.marks & FORCED
                if row.reason == Reason.INSUFFICIENT_FUNDS:
                    assert short and is_open
                elif row.reason == Reason.LIMIT_EXCEEDED:
                    assert short or amount > RULES.daily_limit
                elif row.reason == Reason.ACCOUNT_FROZEN:
                    assert line[payer] == FROZEN
                elif row.reason == Reason.ACCOUNT_CLOSED:
                    assert CLOSED in (line[payer], line[int(row.payee)])
                continue
            assert row.marks & FORCED or (not short and is_open)
            assert row.marks & FORCED or line[int(row.payee)] != CLOSED or row.method == Method.CARD
            have[payer] -= amount if message != Message.REVERSAL else 0
            if row.marks & OWN:
                assert owner_of(payer) == owner_of(int(row.payee))
                have[int(row.payee)] += amount


@MANY
@given(*LIVED)
def test_nobody_spends_what_they_do_not_have(
    books: Records, planned: list[Payment], key: int, offset: int, changes: tuple[Change, ...]
) -> None:
    """Catches a check left out or made against another account: no row but a forced one takes a limited payer past its line."""
    for window in windows(live(books, planned, 1, key, offset, changes)):
        forced = {int(row.payer) for row in window.block if row.marks & FORCED}
        for row in [*window.seen, *window.unseen]:
            limited = row.payer < GOVERNMENT and row.payer not in forced
            if limited and row.status == Status.APPROVED and row.message not in HOLDING:
                assert row.payer_balance >= -max(0, window.closing.line[row.payer])


@settings(max_examples=40)
@given(*LIVED, st.sampled_from([2, 3]))
def test_any_number_of_shards_decides_alike(
    books: Records, planned: list[Payment], key: int, offset: int, changes: tuple[Change, ...], shards: int
) -> None:
    """Law 3. Catches a decision that sees another owner's credits of the window, which only a shard's order would show."""
    one, many = (live(books.copy(), planned, n, key, offset, changes) for n in (1, shards))
    for a, b in zip(one, many, strict=True):
        assert (a.index, a.due.tobytes(), a.tax_due) == (b.index, b.due.tobytes(), b.tax_due)
        assert a.waiting.tolist() == b.waiting.tolist()
        for x, y in zip(a.windows, b.windows, strict=True):
            for name in ("seen", "unseen", "closing"):
                assert getattr(x, name).tobytes() == getattr(y, name).tobytes()


# --- by hand ----------------------------------------------------------------------------------------------------------


def outcome(books: Records, planned: list[Payment]) -> list[tuple[int, int]]:
    return [(int(row.status), int(row.reason)) for window in windows(live(books, planned)) for row in window.seen]


def transfer(initiator: int, time: int, payer: int, payee: int, amount: int, marks: int = 0) -> Payment:
    return Payment(initiator, time, payer, payee, amount, Method.INSTANT_TRANSFER, Purpose.TRANSFER, marks)


YES, NO = (Status.APPROVED, Reason.NONE), (Status.DECLINED, Reason.INSUFFICIENT_FUNDS)


def test_own_money_is_spendable_at_once() -> None:
    planned = [transfer(0, 10, 1, 0, 100, OWN), transfer(0, 20, 0, 5, 100)]
    assert outcome(opened(s0=100), planned) == [YES, YES]
    assert outcome(opened(s0=100), planned[::-1]) == [YES, YES], "order is by time, not by plan"
    assert outcome(opened(s0=99), planned) == [NO, NO]


def test_anothers_credit_waits_for_clearing() -> None:
    """In either order of owners, and although the credit stands earlier in the books."""
    for first, second in ((0, 1), (1, 0)):
        gift, spend = transfer(first, 10, first * 5, second * 5, 100), transfer(second, 20, second * 5, 10, 100)
        assert outcome(opened(**{f"c{first}": 100}), [gift, spend]) == [YES, NO]
        later = spend._replace(time=RULES.window_length)
        assert outcome(opened(**{f"c{first}": 100}), [gift, later]) == [YES, YES]
    # What the government pays waits too.
    benefit = transfer(0, 10, GOVERNMENT, 0, 100)
    assert outcome(opened(), [benefit, transfer(0, 20, 0, 5, 100)]) == [YES, NO]
    assert outcome(opened(), [benefit, transfer(0, RULES.window_length, 0, 5, 100)]) == [YES, YES]


def test_a_credit_waits_for_its_value_date() -> None:
    """A batch transfer of Thursday is there on Friday at six, local time: the window from 16:00 UTC is the first to spend it."""
    slow = transfer(0, 10, 0, 5, 100)._replace(method=Method.BATCH_TRANSFER)
    for day, window, answer in ((0, 1, NO), (0, 2, NO), (1, 0, NO), (1, 1, NO), (1, 2, YES)):
        spend = transfer(1, window * RULES.window_length, 5, 0, 100)._replace(day=day)
        assert outcome(opened(c0=100), [slow, spend]) == [YES, answer], (day, window)


def test_the_line_is_the_limit_to_the_cent() -> None:
    books = opened(c0=50)
    books.line[0] = 20
    assert outcome(books.copy(), [transfer(0, 1, 0, 5, 70)]) == [YES]
    assert outcome(books.copy(), [transfer(0, 1, 0, 5, 71)]) == [NO]
    assert outcome(books.copy(), [transfer(0, 1, 0, 5, 70), transfer(0, 2, 0, 5, 1)]) == [YES, NO]


def test_the_boundary_pays_without_limit_and_in_the_books() -> None:
    books = opened()
    days = live(books, [transfer(0, 1, account, 0, 10**12) for account in (GOVERNMENT, OUTSIDE, BANK)])
    assert [int(s) for s in days[0].windows[0].seen.status] == [Status.APPROVED] * 3
    assert books.book[[GOVERNMENT, OUTSIDE, BANK]].tolist() == [-(10**12)] * 3
    assert books.book[0] == 3 * 10**12
    assert books.book.sum() == 0


def test_what_the_bank_charges_goes_through_and_notes_that_lack_do_not() -> None:
    books = opened()
    charge = Payment(0, 1, 2, BANK, 30, Method.NONE, Purpose.INTEREST, FORCED)
    gift = Payment(0, 2, 4, 9, 10, Method.CASH, Purpose.TRANSFER)
    days = live(books, [charge, gift])
    assert books.book[[2, BANK, 4, 9]].tolist() == [-30, 30, 0, 0]
    assert len(days[0].windows[0].seen) == 1
    assert len(days[0].windows[0].unseen) == 0


def test_a_frozen_account_is_paid_and_a_closed_one_is_not() -> None:
    """Not even by the government, whose payments are never short."""
    for line, answer in ((FROZEN, YES), (CLOSED, (Status.DECLINED, Reason.ACCOUNT_CLOSED))):
        books = opened(c1=100)
        books.line[0] = line
        assert outcome(books, [transfer(0, 1, GOVERNMENT, 0, 10), transfer(1, 2, 5, 0, 10)]) == [answer] * 2
    books = opened(c0=100)
    books.line[0] = FROZEN
    assert outcome(books, [transfer(0, 1, 0, 5, 10)]) == [(Status.DECLINED, Reason.ACCOUNT_FROZEN)]


def test_every_schedule_is_met() -> None:
    """Methods settle at different dates."""
    methods = (Method.INSTANT_TRANSFER, Method.CARD, Method.BATCH_TRANSFER, Method.CHEQUE)
    rows = windows(live(opened(c0=100), [transfer(0, 1, 0, 5, 10)._replace(method=method) for method in methods]))[0].seen
    assert len(set(rows.settled.tolist())) == len(methods) < len(Schedule)
