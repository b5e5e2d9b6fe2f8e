"""Laws 1 and 3: the ledger written a second time, with dictionaries and no kernels, gives the same days.

The twin knows the rules as prose has them: what a payer has, why a payment is declined, how it is tried again, what falls
due later, how rows are ordered and numbered. Broken by hand, these fail: any decline out of its order, a retry in the same
window or of the wrong account, a refund of a declined purchase, ids that count attempts that never were, rows out of
(time, initiator, sequence), a balance of the wrong moment, a bill presented again on the wrong day.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from hypothesis import given, settings
from small_ledger import BANK, DAYS, GOVERNMENT, KEYS, LAYOUT, OPENINGS, PEOPLE, RULES, TODAY, WINDOWS, Payment, copied, live

from simulator.codes import Channel, EntryMode, Message, Method, Purpose, Reason, Status
from simulator.draws import Why, draw
from simulator.ledger import BILL, FORCED, OWN, REFUNDABLE, RETRIES, SHARE
from simulator.population.accounts import Accounts

MINUTES = 60_000_000
DAY = 24 * 60 * MINUTES
BOUNDARY = range(GOVERNMENT, BANK + 1)


@dataclass
class Attempt:
    """A payment on its way through the twin."""

    plan: Payment
    time: int
    sequence: int
    payer: int
    payee: int
    amount: int
    method: int
    entry: int
    marks: int
    related: int = -1
    repeats: "Attempt | None" = None
    status: int = Status.APPROVED
    reason: int = Reason.NONE
    number: int = -1

    @property
    def who(self) -> int:
        return self.plan.initiator


@dataclass
class Twin:
    """The books of a day, account by account."""

    key: int
    book: dict[int, int]
    line: dict[int, int]
    seen: list[tuple[int, ...]] = field(default_factory=list)
    unseen: list[tuple[int, ...]] = field(default_factory=list)
    later: list[tuple[int, ...]] = field(default_factory=list)
    transactions: int = 0
    notes: int = 0

    def lot(self, why: Why, attempt: Attempt) -> list[int]:
        return [int(word) for word in draw(np.uint64(self.key), attempt.who, TODAY, int(why), attempt.sequence)]

    def fault(self, attempt: Attempt) -> Reason:
        """What goes wrong at a terminal or an issuer before money is asked for."""
        if attempt.method not in (Method.CARD, Method.WALLET) or attempt.marks & FORCED:
            return Reason.NONE
        pin, cvv, expired, issuer = self.lot(Why.DECLINE, attempt)
        if issuer < RULES.unavailable:
            return Reason.ISSUER_UNAVAILABLE
        if attempt.entry == EntryMode.REMOTE and expired < RULES.expired_card:
            return Reason.EXPIRED_CARD
        if attempt.entry == EntryMode.REMOTE and cvv < RULES.wrong_cvv:
            return Reason.WRONG_CVV
        return Reason.WRONG_PIN if attempt.entry == EntryMode.CHIP and pin < RULES.wrong_pin else Reason.NONE

    def lacks(self, attempt: Attempt, have: dict[int, int]) -> Reason:
        """Whether the payer may not, or cannot, pay so much."""
        if attempt.marks & FORCED or attempt.payer in BOUNDARY:
            return Reason.NONE
        of_person = attempt.payer < PEOPLE * 5
        on_credit = of_person and attempt.payer % 5 == 2
        if of_person and not on_credit and attempt.method == Method.CARD and attempt.amount > RULES.daily_limit:
            return Reason.LIMIT_EXCEEDED
        if have[attempt.payer] + self.line[attempt.payer] >= attempt.amount:
            return Reason.NONE
        return Reason.LIMIT_EXCEEDED if on_credit else Reason.INSUFFICIENT_FUNDS

    def again(self, attempt: Attempt, have: dict[int, int], opens: int) -> Attempt | None:
        """The second try in the next window: the same once more, the other card, notes; or none."""
        chance, delay, _, _ = self.lot(Why.RETRY, attempt)
        if not attempt.marks & RETRIES or chance >= RULES.retry:
            return None
        wait = delay * min(10 * MINUTES, DAY // WINDOWS) // 2**32
        retry = replace(attempt, time=opens + wait, sequence=attempt.sequence + 4096, marks=attempt.marks & ~RETRIES, repeats=attempt)
        retry.status, retry.reason = Status.APPROVED, Reason.NONE
        if attempt.reason in (Reason.WRONG_PIN, Reason.WRONG_CVV, Reason.ISSUER_UNAVAILABLE):
            return retry
        current = attempt.who * 5
        other = current + 2 if attempt.payer != current + 2 else current
        may = other == current or self.line[other] > 0
        if may and have[other] + self.line[other] >= attempt.amount:
            return replace(retry, payer=other, method=Method.CARD)
        if attempt.plan.channel == Channel.POINT_OF_SALE and have[current + 4] >= attempt.amount:
            return replace(retry, payer=current + 4, payee=attempt.payee + 1, method=Method.CASH, entry=EntryMode.NONE)
        return None

    def decide(self, attempt: Attempt, have: dict[int, int], opens: int) -> tuple[bool, Attempt | None]:
        """Whether the attempt is made at all, and what follows in the next window."""
        if attempt.plan.rule == SHARE:
            attempt.amount = max(0, have[attempt.payer]) * attempt.amount // 1_000_000
        buys = attempt.plan.purpose == Purpose.PURCHASE
        if buys and attempt.method == Method.CASH and have[attempt.payer] < attempt.amount:
            attempt.payer, attempt.payee = attempt.payer - 4, attempt.payee - 1
            attempt.method, attempt.entry = Method.CARD, EntryMode.CONTACTLESS
        if attempt.amount <= 0:
            return False, None
        attempt.reason = self.fault(attempt) or self.lacks(attempt, have)
        if attempt.reason == Reason.NONE:
            have[attempt.payer] -= attempt.amount
            if attempt.marks & OWN:
                have[attempt.payee] += attempt.amount
            return True, None
        if attempt.method == Method.CASH:
            return False, None
        attempt.status = Status.DECLINED
        return True, self.again(attempt, have, opens)

    def post(self, attempt: Attempt) -> None:
        """Book a row, number it, and note what it brings on later days."""
        if attempt.repeats:
            attempt.related = attempt.repeats.number
        if attempt.status == Status.APPROVED:
            self.book[attempt.payer] -= attempt.amount
            self.book[attempt.payee] += attempt.amount
        hidden = attempt.method == Method.CASH and attempt.plan.purpose not in (Purpose.WITHDRAWAL, Purpose.DEPOSIT)
        row = (
            TODAY * DAY + attempt.time, attempt.payer, attempt.payee, attempt.amount, attempt.related, attempt.plan.firm, attempt.method,
            attempt.plan.purpose, attempt.entry, attempt.status, attempt.reason, self.book[attempt.payer], self.book[attempt.payee],
        )  # fmt: skip
        if hidden:
            attempt.number, self.notes = self.notes, self.notes + 1
            self.unseen.append(row)
            return
        attempt.number, self.transactions = self.transactions, self.transactions + 1
        self.seen.append(row)
        if attempt.status == Status.APPROVED and attempt.marks & REFUNDABLE:
            delay, moment, _, _ = self.lot(Why.REFUND, attempt)
            firm = attempt.plan.firm
            day = TODAY + 2 + delay * 20 // 2**32
            self.later.append((
                day, (attempt.time + moment // 2) % DAY, PEOPLE + firm, PEOPLE * 5 + firm * 3, attempt.payer, attempt.amount,
                attempt.number, Purpose.REFUND, Message.REFUND, 0,
            ))  # fmt: skip
        if attempt.reason == Reason.INSUFFICIENT_FUNDS and attempt.marks & BILL:
            self.postpone(attempt, TODAY + 3, attempt.number, attempt.marks & ~BILL)

    def postpone(self, attempt: Attempt, day: int, related: int, marks: int) -> None:
        self.later.append((
            day, attempt.time % DAY, attempt.who, attempt.payer, attempt.payee, attempt.amount, related, attempt.plan.purpose,
            Message.PAYMENT, marks,
        ))  # fmt: skip

    def live(self, planned: list[Payment]) -> list[list[int]]:
        """A day; returns the books after each window."""
        waiting: list[Attempt] = []
        for who in sorted({p.initiator for p in planned}):
            for sequence, p in enumerate(p for p in planned if p.initiator == who):
                waiting.append(Attempt(p, p.time, sequence, p.payer, p.payee, p.amount, p.method, p.entry, p.marks))
        history = []
        for window in range(WINDOWS):
            opens = (window + 1) * (DAY // WINDOWS)
            now = [attempt for attempt in waiting if attempt.time < opens]
            waiting = [attempt for attempt in waiting if attempt.time >= opens]
            made: list[Attempt] = []
            for who in sorted({attempt.who for attempt in now}):
                # An owner sees the books as of the last clearing, and what they did themselves since.
                have = dict(self.book)
                for attempt in sorted((a for a in now if a.who == who), key=lambda a: (a.time, a.sequence)):
                    is_made, retry = self.decide(attempt, have, opens)
                    made += [attempt] if is_made else []
                    waiting += [retry] if retry else []
            for attempt in sorted(made, key=lambda a: (a.time, a.who, a.sequence)):
                self.post(attempt)
            history.append([self.book[account] for account in range(LAYOUT.accounts)])
        for attempt in sorted(waiting, key=lambda a: (a.who, a.time)):
            assert attempt.repeats
            self.postpone(attempt, TODAY + 1, attempt.repeats.number, attempt.marks)
        return history


ROW_FIELDS = (
    "time", "payer", "payee", "amount", "related", "firm", "method", "purpose", "entry", "status", "reason",
    "payer_balance", "payee_balance",
)  # fmt: skip
LATER_FIELDS = ("time", "initiator", "payer", "payee", "amount", "related", "purpose", "message", "marks")


@settings(max_examples=300)
@given(OPENINGS, DAYS, KEYS)
def test_the_twin_lives_the_same_day(books: Accounts, planned: list[Payment], key: int) -> None:
    """Balances after every window, every row with its status, reason and balances, every id, everything that falls due."""
    twin = Twin(key, dict(enumerate(books.book.tolist())), dict(enumerate(books.line.tolist())))
    history = twin.live(planned)
    lived = live(copied(books), planned, key=key)
    for expected, window in zip(history, lived.windows, strict=True):
        assert window.closing.book.tolist() == expected
    for rows, expected_rows in ((("seen"), twin.seen), (("unseen"), twin.unseen)):
        found = [tuple(int(row[name]) for name in ROW_FIELDS) for window in lived.windows for row in getattr(window, rows)]
        assert found == [tuple(map(int, row)) for row in expected_rows]
    due = [(int(row.day), *(int(row.attempt[name]) for name in LATER_FIELDS)) for row in lived.due]
    assert due == [tuple(map(int, row)) for row in twin.later]


def test_the_days_above_meet_every_rule() -> None:
    """Catches examples too tame to say anything: a fixed mixture of days meets every reason, retries, refunds and bills."""
    met: set[str] = set()

    @settings(max_examples=300, database=None)
    @given(OPENINGS, DAYS, KEYS)
    def meet(books: Accounts, planned: list[Payment], key: int) -> None:
        lived = live(books, planned, key=key)
        for window in lived.windows:
            met.update(Reason(int(reason)).name for reason in window.seen.reason)
            met.update("seen again" for related in window.seen.related if related >= 0)
            met.update("notes instead" for related in window.unseen.related if related >= 0)
            met.update("card instead" for row in window.seen if row.purpose == Purpose.PURCHASE and row.entry == EntryMode.CONTACTLESS)
        met.update(Purpose(int(purpose)).name for purpose in lived.due.attempt.purpose)
        met.update("tomorrow" for day in lived.due.day if day == TODAY + 1)

    meet()
    wanted = {*(reason.name for reason in Reason), "seen again", "notes instead", "card instead", "tomorrow", "REFUND", "BILL", "CARD_BILL"}
    assert wanted <= met, wanted - met
