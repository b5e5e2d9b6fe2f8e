"""Law 1, money is conserved; and the money half of law 3, a decision sees the payer's own books and nobody else's.

Broken by hand, these fail: a cent lost or made in ``clear``; a payee credited in ``authorise`` without ``OWN`` (a credit
before clearing); ``OWN`` ignored (own money that must wait); a check of ``available`` without ``line`` or left out; a debit
of a limited payer repeated at clearing; an unlimited payer's debit forgotten there.
"""

import numpy as np
from hypothesis import given, settings
from small_ledger import (
    BANK,
    DAYS,
    GOVERNMENT,
    OPENINGS,
    OUTSIDE,
    PEOPLE,
    RULES,
    Payment,
    Window,
    accounts,
    copied,
    live,
    owner_of,
)

from simulator.codes import Method, Purpose, Reason, Status
from simulator.ledger import FORCED, OWN, VOID
from simulator.population.accounts import Accounts

MANY = settings(max_examples=150)


def approved(window: Window) -> np.ndarray:
    return window.block[window.block.status == Status.APPROVED]


@MANY
@given(OPENINGS, DAYS)
def test_books_always_add_up(books: Accounts, planned: list[Payment]) -> None:
    """Catches a lost or made cent: in every window the sum of all books, boundary included, stands still."""
    total = books.book.sum()
    for window in live(books, planned).windows:
        assert window.closing.book.sum() == total
        assert np.array_equal(window.closing.book, window.closing.available)
        moved = np.zeros(len(window.closing.book), np.int64)
        rows = approved(window)
        np.add.at(moved, rows.payer, -rows.amount)
        np.add.at(moved, rows.payee, rows.amount)
        assert np.array_equal(window.opening.book + moved, window.closing.book)
        assert (rows.amount > 0).all()


@MANY
@given(OPENINGS, DAYS)
def test_nobody_spends_what_they_do_not_have(books: Accounts, planned: list[Payment]) -> None:
    """Catches a check left out or made against another account: no book of a limited payer passes its line, in any row."""
    forced = {p.payer for p in planned if p.marks & FORCED}
    for window in live(books, planned).windows:
        line = window.closing.line
        for rows in (window.seen, window.unseen):
            for payer, balance, status in zip(rows.payer.tolist(), rows.payer_balance.tolist(), rows.status.tolist(), strict=True):
                if payer < GOVERNMENT and payer not in forced and status == Status.APPROVED:
                    assert balance >= -line[payer]


@MANY
@given(OPENINGS, DAYS)
def test_a_window_spends_only_the_payers_own_money(books: Accounts, planned: list[Payment]) -> None:
    """Catches a credit before clearing, and own money that is not spendable at once.

    Each owner's attempts are replayed alone, in order of time: what they had at the window's start, less what they paid,
    plus what they moved between their own accounts, decides every one of them.
    """
    for window in live(books, planned).windows:
        have = (window.opening.available + window.opening.line).tolist()
        for row in window.block[np.argsort(window.block.initiator, kind="stable")]:
            if row.status == VOID or row.payer >= GOVERNMENT:
                continue
            short = have[row.payer] < row.amount
            if row.status == Status.APPROVED:
                assert not short or row.marks & FORCED
                have[row.payer] -= int(row.amount)
                if row.marks & OWN:
                    assert owner_of(row.payer) == owner_of(row.payee)
                    have[row.payee] += int(row.amount)
            elif row.reason == Reason.INSUFFICIENT_FUNDS:
                assert short
            elif row.reason == Reason.LIMIT_EXCEEDED:
                assert short or row.amount > RULES.daily_limit


@settings(max_examples=60)
@given(OPENINGS, DAYS)
def test_any_number_of_shards_decides_alike(books: Accounts, planned: list[Payment]) -> None:
    """Law 3. Catches a decision that sees another owner's credits of the window, which only a shard's order would show."""
    one, three = live(copied(books), planned, 1), live(copied(books), planned, 3)
    for a, b in zip(one.windows, three.windows, strict=True):
        assert a.seen.tobytes() == b.seen.tobytes()
        assert a.unseen.tobytes() == b.unseen.tobytes()
        assert np.array_equal(a.closing.book, b.closing.book)


def opened(**balances: int) -> Accounts:
    """Nothing anywhere but on the current (c) and savings (s) accounts of the people named by number."""
    books = accounts([0] * GOVERNMENT, [0] * PEOPLE, 0)
    for name, amount in balances.items():
        row = int(name[1:]) * 5 + "cs".index(name[0])
        books.book[row] = books.available[row] = amount
    return books


def outcome(books: Accounts, planned: list[Payment]) -> list[tuple[int, int]]:
    return [(int(row.status), int(row.reason)) for window in live(books, planned).windows for row in window.seen]


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


def test_the_line_is_the_limit_to_the_cent() -> None:
    books = opened(c0=50)
    books.line[0] = 20
    assert outcome(copied(books), [transfer(0, 1, 0, 5, 70)]) == [YES]
    assert outcome(copied(books), [transfer(0, 1, 0, 5, 71)]) == [NO]
    assert outcome(copied(books), [transfer(0, 1, 0, 5, 70), transfer(0, 2, 0, 5, 1)]) == [YES, NO]


def test_the_boundary_pays_without_limit_and_in_the_books() -> None:
    books = opened()
    lived = live(books, [transfer(0, 1, account, 0, 10**12) for account in (GOVERNMENT, OUTSIDE, BANK)])
    assert [int(s) for s in lived.windows[0].seen.status] == [Status.APPROVED] * 3
    assert books.book[[GOVERNMENT, OUTSIDE, BANK]].tolist() == [-(10**12)] * 3
    assert books.book[0] == 3 * 10**12
    assert books.book.sum() == 0


def test_what_the_bank_charges_goes_through_and_notes_that_lack_do_not() -> None:
    books = opened()
    charge = Payment(0, 1, 2, BANK, 30, Method.NONE, Purpose.INTEREST, FORCED)
    gift = Payment(0, 2, 4, 9, 10, Method.CASH, Purpose.TRANSFER)
    lived = live(books, [charge, gift])
    assert books.book[[2, BANK, 4, 9]].tolist() == [-30, 30, 0, 0]
    assert len(lived.windows[0].seen) == 1
    assert len(lived.windows[0].unseen) == 0
