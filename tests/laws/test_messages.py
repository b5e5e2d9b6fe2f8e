"""Law 1 under any order of messages: whatever is authorised, captured, reversed, refunded, returned or disputed, in whatever
order and on whatever day, nothing is made or lost, and what is held is released once.

Unlike the sequels of ``simulator.sequel``, these messages come as hypothesis likes: of any amount, to any earlier row, several at once.
"""

from typing import Any, NamedTuple

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from small_ledger import FIRMS, FIRST, GOVERNMENT, LAYOUT, OPENINGS, PEOPLE, RULES, Ledger, Payment, owner_of, rows_of

from simulator.codes import Channel, EntryMode, Message, Method, Purpose, Status
from simulator.ledger import BILL, FORCED, RETRIES
from simulator.population.accounts import FIRM_ROWS
from simulator.records import Records

PEOPLES, SHOPS, WHICH = st.integers(0, PEOPLE - 1), st.integers(0, FIRMS - 1), st.integers(0, 999)
TIME = st.integers(0, 24).map(lambda hour: min(hour * 3_600_000_000, 86_399_999_999))
AMOUNT, MORE = st.integers(1, 30), st.integers(1, 80)
METHODS = st.sampled_from([Method.CARD, Method.WALLET, Method.INSTANT_TRANSFER, Method.BATCH_TRANSFER, Method.DIRECT_DEBIT, Method.CHEQUE])


class Known(NamedTuple):
    """What a bank knows of a transaction."""

    number: int
    payer: int
    payee: int
    amount: int
    method: int
    firm: int


class Messages(RuleBasedStateMachine):
    """A bank's operations desk that sends what it likes, and an auditor with a pencil."""

    @initialize(books=OPENINGS, key=st.integers(0, 2**64 - 1), shards=st.integers(1, 3), offset=st.sampled_from([-5, 8]))
    def open_books(self, books: Records, key: int, shards: int, offset: int) -> None:
        self.ledger, self.accounts = Ledger(books, shards, key, offset), books
        self.total, self.book = int(books.book.sum()), books.book.tolist()
        self.index, self.number, self.plan = -1, 0, list[Payment]()
        self.flights: list[tuple[int, int, int]] = []
        self.holds: dict[int, Known] = {}
        self.ending: set[int] = set()
        self.sales, self.payments, self.disputes = list[Known](), list[Known](), list[Known]()

    # --- what the desk sends

    def send(self, payer: int, payee: int, amount: int, time: int, method: int, message: int, related: int, **fields: Any) -> None:
        initiator = owner_of(payer) if payer < GOVERNMENT else owner_of(payee)
        by = Payment(initiator, time, payer, payee, amount, method, Purpose.PURCHASE, message=message, related=related)
        self.plan.append(by._replace(**fields))

    @rule(person=PEOPLES, shop=SHOPS, amount=AMOUNT, time=TIME, method=METHODS)
    def pay(self, person: int, shop: int, amount: int, time: int, method: int) -> None:
        payee = LAYOUT.firm_base + shop * FIRM_ROWS + (method in (Method.CARD, Method.WALLET))
        self.send(person * 5, payee, amount, time, method, Message.PAYMENT, -1, firm=shop)

    @rule(person=PEOPLES, amount=AMOUNT, time=TIME)
    def pay_tax(self, person: int, amount: int, time: int) -> None:
        self.send(person * 5, GOVERNMENT, amount, time, Method.BATCH_TRANSFER, Message.PAYMENT, -1)

    @rule(person=PEOPLES, shop=SHOPS, amount=AMOUNT, time=TIME, on_credit=st.booleans(), again=st.sampled_from([0, RETRIES]))
    def authorise(self, person: int, shop: int, amount: int, time: int, on_credit: bool, again: int) -> None:
        payer, payee = person * 5 + 2 * on_credit, LAYOUT.firm_base + shop * FIRM_ROWS + 1
        self.send(payer, payee, amount, time, Method.CARD, Message.AUTHORISATION, -1, firm=shop, hold=amount, marks=again,
                  channel=Channel.POINT_OF_SALE, entry=EntryMode.CHIP)  # fmt: skip

    def end(self, which: int, message: int, time: int, amount: int | None, status: int = Status.APPROVED) -> None:
        rest = sorted(self.holds.keys() - self.ending)
        hold = self.holds[rest[which % len(rest)]]
        self.ending.add(hold.number)
        self.send(hold.payer, hold.payee, amount or hold.amount, time, hold.method, message, hold.number, hold=hold.amount, marks=FORCED,
                  status=status, firm=hold.firm)  # fmt: skip

    @precondition(lambda self: self.holds.keys() - self.ending)
    @rule(which=WHICH, amount=MORE, time=TIME)
    def capture(self, which: int, amount: int, time: int) -> None:
        self.end(which, Message.CAPTURE, time, amount)

    @precondition(lambda self: self.holds.keys() - self.ending)
    @rule(which=WHICH, time=TIME)
    def reverse(self, which: int, time: int) -> None:
        self.end(which, Message.REVERSAL, time, None)

    @precondition(lambda self: self.holds.keys() - self.ending)
    @rule(which=WHICH, time=TIME)
    def expire(self, which: int, time: int) -> None:
        self.end(which, Message.REVERSAL, time, None, Status.EXPIRED)

    @precondition(lambda self: self.sales)
    @rule(which=WHICH, time=TIME, disputed=st.booleans())
    def refund(self, which: int, time: int, disputed: bool) -> None:
        sale = self.sales[which % len(self.sales)]
        message, marks = (Message.CHARGEBACK, BILL) if disputed else (Message.REFUND, 0)
        shop = LAYOUT.firm_base + sale.firm * FIRM_ROWS
        self.send(shop, sale.payer, sale.amount, time, sale.method, message, sale.number, marks=marks, firm=sale.firm)

    @precondition(lambda self: self.disputes)
    @rule(which=WHICH, time=TIME)
    def represent(self, which: int, time: int) -> None:
        lost = self.disputes[which % len(self.disputes)]
        self.send(lost.payee, lost.payer, lost.amount, time, lost.method, Message.REPRESENTMENT, lost.number, marks=FORCED, firm=lost.firm)

    @precondition(lambda self: self.payments)
    @rule(which=WHICH, time=TIME)
    def come_back(self, which: int, time: int) -> None:
        paid = self.payments[which % len(self.payments)]
        self.send(paid.payee, paid.payer, paid.amount, time, paid.method, Message.RETURN, paid.number, marks=FORCED, firm=paid.firm)

    # --- what the auditor checks

    @rule()
    def day_passes(self) -> None:
        self.days_pass(1)

    @rule(days=st.integers(1, 7))
    def days_pass(self, days: int) -> None:
        self.index += 1
        self.live(self.index)
        target = self.index + days - 1
        while (due := self.ledger.next_due()) is not None and due <= target:
            self.live(due)
        self.index = target

    def live(self, index: int) -> None:
        day, self.plan = self.ledger.live(index, self.plan), []
        for window in day.windows:
            for moment, payee, amount in self.flights:
                self.book[payee] += amount if moment <= window.start else 0
            self.flights = [flight for flight in self.flights if flight[0] > window.start]
            assert window.opening.book.tolist() == self.book
            for attempt, row in rows_of(window):
                self.check(attempt, row, window.start)
            assert window.closing.book.tolist() == self.book
            assert window.closing.book.sum() + window.closing.flight.sum() == self.total
            flight = np.zeros(len(self.book), np.int64)
            for _, payee, amount in self.flights:
                flight[payee] += amount
            assert window.closing.flight.tolist() == flight.tolist()
            held = np.zeros(len(self.book), np.int64)
            for hold in self.holds.values():
                held[hold.payer] += hold.amount
            assert (window.closing.available + held).tolist() == self.book
        assert FIRST + index == window.start // 86_400_000_000

    def check(self, attempt: Any, row: Any, start: int) -> None:
        """One row, written into the auditor's books."""
        payer, payee, message = int(row.payer), int(row.payee), Message(int(row.message))
        known = Known(self.number, payer, payee, int(row.amount), int(row.method), int(row.firm))
        if row.method == Method.CASH:
            assert message == Message.PAYMENT  # a second try in notes is no hold
        else:
            self.number += 1
        if message in (Message.CAPTURE, Message.REVERSAL):
            assert row.status != Status.DECLINED
            assert self.holds.pop(int(row.related)).payer == payer
            self.ending.discard(int(row.related))
        if row.status == Status.APPROVED and message == Message.AUTHORISATION:
            self.holds[self.number - 1] = known
        if row.status == Status.APPROVED and message not in (Message.AUTHORISATION, Message.REVERSAL):
            self.book[payer] -= known.amount
            later = row.method != Method.CASH
            assert (row.settled >= start + RULES.window_length) == later
            if later:
                self.flights.append((int(row.settled), payee, known.amount))
            else:
                self.book[payee] += known.amount
            if message == Message.CHARGEBACK:
                self.disputes.append(known)
            if message in (Message.PAYMENT, Message.CAPTURE) and later:
                self.payments.append(known)
                self.sales += [known] if known.firm >= 0 else []
        assert (row.payer_balance, row.payee_balance) == (self.book[payer], self.book[payee])

    def teardown(self) -> None:
        """Everything that is open ends: then nothing is held, and nothing on its way."""
        if not hasattr(self, "ledger"):
            return
        self.days_pass(14)
        while self.holds.keys() - self.ending:
            self.end(0, Message.REVERSAL, 0, None)
        self.days_pass(14)
        self.days_pass(1)
        assert not self.holds and not self.flights and not self.ending
        assert self.accounts.available.tolist() == self.accounts.book.tolist() == self.book
        assert not self.accounts.flight.any()


def test_any_order_of_messages_conserves() -> None:
    """Catches a hold released twice, never or of another amount; a payee who gets something else than was paid; a wrong balance."""
    run_state_machine_as_test(Messages, settings=settings(max_examples=100, stateful_step_count=50))
