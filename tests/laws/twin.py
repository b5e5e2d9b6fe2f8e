"""The ledger written a second time, with dictionaries and no kernels: payments, holds, value dates and sequels as prose has them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from math import ceil, floor
from typing import Any

import holidays
import numpy as np
from small_ledger import (
    BANK,
    CARDS_FROM,
    DEALER,
    FAR,
    FIRMS,
    FIRST,
    FOREIGN_DEALER,
    GOVERNMENT,
    LAYOUT,
    NEAR,
    PEOPLE,
    RULES,
    WINDOWS,
    Change,
    Payment,
    clock,
)

from simulator.codes import Authentication, Channel, EntryMode, Follow, Message, Method, Purpose, Reason, Status
from simulator.draws import Why, draw
from simulator.ledger import BILL, DUPLICATED, FIXED, FORCED, NEW_PAYEE, OWED, OWN, RETRIES, SHARE
from simulator.population.accounts import CLOSED, FROZEN
from simulator.population.equipment import Issue

MINUTES = 60_000_000
HOUR = 60 * MINUTES
DAY = 24 * HOUR
LENGTH = DAY // WINDOWS
BOUNDARY = range(GOVERNMENT, BANK + 1)
OF_PEOPLE, OF_FIRMS = range(PEOPLE * 5), range(PEOPLE * 5, GOVERNMENT)
BY_CARD = (Method.CARD, Method.WALLET)
REPLACED = (Reason.LOST_CARD, Reason.EXPIRED_CARD, Reason.INACTIVE_CARD)
HOLDING = (Message.AUTHORISATION, Message.REVERSAL)


@dataclass
class Attempt:
    """A payment on its way through the twin."""

    initiator: int
    time: int
    payer: int
    payee: int
    amount: int
    method: int
    purpose: int
    marks: int
    rule: int
    channel: int
    firm: int
    entry: int
    message: int
    follow: int
    hold: int
    mcc: int
    related: int
    status: int
    reason: int
    proof: int
    country: int
    day: int
    sequence: int = 0
    repeats: "Attempt | None" = None
    number: int = -1


@cache
def country_holidays(country: str) -> Any:
    return holidays.country_holidays(country)


def share(word: int, n: int) -> int:
    """A word as one of n numbers from zero."""
    return word * n // 2**32


def starter(payer: int, payee: int) -> int:
    """Whoever pays starts it, unless they are beyond the boundary."""
    for account in (payer, payee):
        if account in OF_PEOPLE:
            return account // 5
        if account in OF_FIRMS:
            return PEOPLE + (account - PEOPLE * 5) // 4
    return -1


@dataclass
class Twin:
    """The books, account by account.

    Attributes:
        holds: open holds by the number of their authorisation: account and amount.
        flights: credits on their way: value date, account, amount.
        later: what falls due on later days.
    """

    key: int
    offset: int
    book: dict[int, int]
    line: dict[int, int]
    holds: dict[int, tuple[int, int]] = field(default_factory=dict)
    flights: list[tuple[int, int, int]] = field(default_factory=list)
    later: list[Attempt] = field(default_factory=list)
    tax: list[int] = field(default_factory=lambda: [0] * FIRMS)
    seen: list[dict[str, int]] = field(default_factory=list)
    unseen: list[dict[str, int]] = field(default_factory=list)
    count: Counter[tuple[int, ...]] = field(default_factory=Counter)
    value: Counter[tuple[int, ...]] = field(default_factory=Counter)
    transactions: int = 0
    notes: int = 0
    today: int = 0

    def lot(self, why: Why, attempt: Attempt) -> list[int]:
        return [int(word) for word in draw(np.uint64(self.key), attempt.initiator, self.today, int(why), attempt.sequence)]

    # --- what a payer has, and why a payment is declined

    def has(self) -> dict[int, int]:
        """What can be spent of each account: its book less what is held."""
        have = dict(self.book)
        for account, amount in self.holds.values():
            have[account] -= amount
        return have

    def fault(self, attempt: Attempt) -> Reason:
        """What goes wrong at a terminal or an issuer before money is asked for."""
        asks = attempt.message in (Message.PAYMENT, Message.AUTHORISATION)
        if attempt.method not in BY_CARD or not asks or attempt.marks & FORCED:
            return Reason.NONE
        pin, cvv, expired, issuer = self.lot(Why.DECLINE, attempt)
        if issuer < RULES.outage and not self.elsewhere(attempt.payer):
            return Reason.NETWORK_UNAVAILABLE
        if issuer < RULES.unavailable:
            return Reason.ISSUER_UNAVAILABLE
        if attempt.entry == EntryMode.REMOTE and expired < RULES.expired_card:
            return Reason.EXPIRED_CARD
        if attempt.entry == EntryMode.REMOTE and cvv < RULES.wrong_cvv:
            return Reason.WRONG_CVV
        if attempt.entry == EntryMode.REMOTE:
            return Reason.WRONG_ONE_TIME_CODE if attempt.proof == Authentication.ONE_TIME_CODE and pin < RULES.failed_code else Reason.NONE
        again = attempt.repeats and attempt.repeats.reason == Reason.WRONG_PIN  # who misremembers a PIN does so again
        wrong = pin < (RULES.wrong_pin_again if again else RULES.wrong_pin)
        return Reason.WRONG_PIN if attempt.proof == Authentication.PIN and wrong else Reason.NONE

    def elsewhere(self, account: int) -> bool:
        """Whether an account is a credit card on the network that does not fail."""
        word = int(draw(np.uint64(self.key), account // 5, 0, int(Why.CARD_NETWORK), 2)[0])
        return account in OF_PEOPLE and account % 5 == 2 and word < RULES.other_network

    def card(self, account: int) -> Reason:
        """Why a person's card cannot be used yet; none where it can."""
        usable, why = CARDS_FROM[account // 5, account % 5 == 2]
        late = {Issue.LOST: Reason.LOST_CARD, Issue.EXPIRED: Reason.EXPIRED_CARD}
        return Reason.NONE if self.today >= usable else late.get(why, Reason.INACTIVE_CARD)

    def lacks(self, attempt: Attempt, have: dict[int, int]) -> Reason:
        """Whether the payer may not, or cannot, pay so much to such an account."""
        if attempt.marks & FORCED:
            return Reason.NONE
        sold = attempt.method == Method.CARD and attempt.message in (Message.PAYMENT, Message.AUTHORISATION)
        if self.line[attempt.payee] == CLOSED and not sold:
            return Reason.ACCOUNT_CLOSED
        if attempt.payer in BOUNDARY:
            return Reason.NONE
        of_person = attempt.payer in OF_PEOPLE
        on_credit = of_person and attempt.payer % 5 == 2
        if of_person and not on_credit and attempt.method == Method.CARD and attempt.amount > RULES.daily_limit:
            return Reason.LIMIT_EXCEEDED
        if self.line[attempt.payer] in (FROZEN, CLOSED):
            return Reason.ACCOUNT_FROZEN if self.line[attempt.payer] == FROZEN else Reason.ACCOUNT_CLOSED
        if have[attempt.payer] + self.line[attempt.payer] >= attempt.amount:
            return Reason.NONE
        return Reason.LIMIT_EXCEEDED if on_credit else Reason.INSUFFICIENT_FUNDS

    def again(self, attempt: Attempt, have: dict[int, int], opens: int) -> Attempt | None:
        """The second try in the next window: the same once more, the other card, notes; or none."""
        chance, delay, _, _ = self.lot(Why.RETRY, attempt)
        failed = attempt.reason == Reason.NETWORK_UNAVAILABLE
        if not attempt.marks & RETRIES or chance >= (RULES.tries_again if failed else RULES.retry):
            return None
        retry = replace(attempt, time=opens + share(delay, min(10 * MINUTES, LENGTH)), repeats=attempt)
        # A PIN may be tried three times, everything else twice.
        marks = attempt.marks if attempt.reason == Reason.WRONG_PIN and not attempt.repeats else attempt.marks & ~RETRIES
        retry = replace(retry, sequence=attempt.sequence + 4096, marks=marks, status=Status.APPROVED, reason=Reason.NONE)
        if attempt.reason in (Reason.WRONG_PIN, Reason.WRONG_CVV, Reason.WRONG_ONE_TIME_CODE, Reason.ISSUER_UNAVAILABLE):
            return retry
        current = attempt.initiator * 5
        other = current + 2 if attempt.payer != current + 2 else current
        may = (other == current or self.line[other] > 0) and (not failed or self.elsewhere(other))
        if may and self.card(other) == Reason.NONE and have[other] + self.line[other] >= attempt.amount:
            return replace(retry, payer=other, method=Method.CARD)
        return self.in_notes(attempt, retry, have) or (retry if failed else None)

    @staticmethod
    def in_notes(attempt: Attempt, retry: Attempt, have: dict[int, int]) -> Attempt | None:
        """The second try in notes, where they are taken and there are enough."""
        current = attempt.initiator * 5
        price = attempt.hold if attempt.message == Message.AUTHORISATION else attempt.amount
        in_town = attempt.payee in OF_FIRMS and attempt.country == 0
        if attempt.channel == Channel.POINT_OF_SALE and in_town and have[current + 4] >= price:
            return replace(
                retry, payer=current + 4, payee=attempt.payee + 1, method=Method.CASH, entry=EntryMode.NONE, message=Message.PAYMENT,
                proof=Authentication.NONE, amount=price, hold=0, follow=Follow.NONE,
            )  # fmt: skip
        return None

    def decide(self, attempt: Attempt, have: dict[int, int], opens: int) -> tuple[bool, Attempt | None]:
        """Whether the attempt is made at all, and what follows in the next window."""
        spendable = max(0, have[attempt.payer])
        if attempt.rule == SHARE:
            attempt.amount = spendable * attempt.amount // 1_000_000
        if attempt.rule == OWED:
            owed = max(0, -have[attempt.payee])
            attempt.amount = owed if attempt.payer in BOUNDARY else min(owed, spendable)
        if attempt.message in (Message.CAPTURE, Message.REVERSAL):
            account, held = self.holds.pop(attempt.related)
            assert (account, held) == (attempt.payer, attempt.hold)
            have[account] += held
        if attempt.purpose == Purpose.PURCHASE and attempt.method == Method.CASH and have[attempt.payer] < attempt.amount:
            attempt.payer -= 4
            attempt.payee -= attempt.payee in OF_FIRMS
            attempt.method, attempt.entry = Method.CARD, EntryMode.CONTACTLESS
            if self.card(attempt.payer) != Reason.NONE:
                return False, None  # neither notes nor a card
        if attempt.amount <= 0:
            return False, None
        attempt.reason = attempt.reason or self.fault(attempt) or self.lacks(attempt, have)
        if attempt.reason == Reason.NONE:
            have[attempt.payer] -= attempt.amount if attempt.message != Message.REVERSAL else 0
            have[attempt.payee] += attempt.amount if attempt.marks & OWN else 0
            return True, None
        if attempt.method == Method.CASH:
            return False, None
        attempt.status = Status.DECLINED
        return True, self.again(attempt, have, opens)

    # --- when money arrives

    def open(self, day: int, abroad: str | None = None) -> bool:
        """Whether banks work at home, and in a country abroad."""
        when = date(1970, 1, 1) + timedelta(day)
        return clock().is_business(when) and (abroad is None or when not in country_holidays(abroad))

    def business(self, day: int, count: int, abroad: str | None = None) -> int:
        """The so-many-th business day after a day."""
        while count:
            day += 1
            count -= self.open(day, abroad)
        return day

    def value_date(self, attempt: Attempt, start: int) -> int | None:
        """The first window at which the payee has the money; None where that is at once."""
        offset = self.offset * HOUR

        def morning(hour: int, days: int) -> int:
            made = max(self.today, (start + offset - hour * HOUR) // DAY)
            return self.business(made, days) * DAY + hour * HOUR - offset

        target = 0
        if attempt.marks & OWN or attempt.method in (Method.CASH, Method.NONE):
            return None
        if attempt.method in BY_CARD:
            target = morning(3, 1)
        elif {attempt.payer, attempt.payee} & {NEAR, FAR}:
            country, hours = ("CA", -6) if NEAR in (attempt.payer, attempt.payee) else ("JP", 9)
            target = self.business(self.today, 2, country) * DAY + 6 * HOUR - min(offset, hours * HOUR)
        elif attempt.method in (Method.BATCH_TRANSFER, Method.DIRECT_DEBIT):
            target = morning(6, 1)
        elif attempt.method == Method.CHEQUE:
            target = morning(6, 2)
        elif attempt.method == Method.WIRE:
            local = start + offset
            while not (self.open(local // DAY) and 6 <= local % DAY // HOUR < 17):
                local = (local // HOUR + 1) * HOUR
            target = local - offset
        return next(moment for moment in range(start + LENGTH, start + 99 * DAY, LENGTH) if moment >= target)

    def offered(self, attempt: Attempt) -> int:
        """What the payee would get: across currencies what the amount is worth today, rounded down."""
        if FAR not in (attempt.payer, attempt.payee):
            return attempt.amount
        cents = Fraction(int(clock().exchange.on(self.today)[1]), 1_000_000)  # for one yen
        if attempt.payer == FAR:
            return max(1, floor(attempt.amount * cents))
        agreed = attempt.hold > 0 and ceil(attempt.hold * cents) == attempt.amount
        return attempt.hold if agreed else max(1, floor(attempt.amount / cents))

    def exchange(self, attempt: Attempt) -> int:
        """What the payee gets: across currencies the dealer takes the amount, and gives that."""
        credited = self.offered(attempt)
        if FAR not in (attempt.payer, attempt.payee):
            return credited
        takes, gives = (FOREIGN_DEALER, DEALER) if attempt.payer == FAR else (DEALER, FOREIGN_DEALER)
        self.book[takes] += attempt.amount
        self.book[gives] -= credited
        attempt.hold = credited
        return credited

    def settle(self, now: int) -> None:
        """Credits that have reached their value date are in the books."""
        for moment, payee, amount in self.flights:
            if moment <= now:
                self.book[payee] += amount
        self.flights = [flight for flight in self.flights if flight[0] > now]

    # --- rows, and what they bring on later days

    def post(self, attempt: Attempt, start: int) -> None:
        """Book a row, number it, and note what it brings on later days."""
        if attempt.repeats:
            attempt.related = attempt.repeats.number
        settled = now = self.today * DAY + attempt.time
        hidden = attempt.method == Method.CASH and attempt.purpose not in (Purpose.WITHDRAWAL, Purpose.DEPOSIT)
        attempt.number = self.notes if hidden else self.transactions
        credited = self.offered(attempt)
        if attempt.status == Status.APPROVED and attempt.message not in HOLDING:
            self.book[attempt.payer] -= attempt.amount
            credited = self.exchange(attempt)
            self.value[attempt.purpose, attempt.method] += credited if attempt.payer in BOUNDARY else attempt.amount
            later = self.value_date(attempt, start)
            if later is None:
                self.book[attempt.payee] += credited
            else:
                self.flights.append((later, attempt.payee, credited))
                settled = later
            takings = attempt.purpose == Purpose.PAYOUT or (attempt.purpose == Purpose.DEPOSIT and attempt.payer in OF_FIRMS)
            if takings and attempt.payee in OF_FIRMS and (attempt.payee - PEOPLE * 5) % 4 == 0:
                self.tax[(attempt.payee - PEOPLE * 5) // 4] += attempt.amount * RULES.sales_tax // 1_000_000
        elif attempt.status == Status.APPROVED and attempt.message == Message.AUTHORISATION:
            self.holds[attempt.number] = (attempt.payer, attempt.amount)
        held = attempt.message in HOLDING and attempt.status == Status.APPROVED
        self.count[attempt.purpose, attempt.method, 3 if held else attempt.status] += 1
        row = {name: getattr(attempt, name) for name in ("payer", "payee", "amount", "related", "firm", "method", "purpose", "message")}
        row |= {name: getattr(attempt, name) for name in ("entry", "status", "reason")} | {"time": now, "settled": settled}
        row |= {"payer_balance": self.book[attempt.payer], "payee_balance": self.book[attempt.payee], "credited": credited}
        if hidden:
            self.notes += 1
            self.unseen.append(row)
            if attempt.status == Status.APPROVED and attempt.follow == Follow.COME_BACK:
                self.later.append(self.sequel(attempt, settled, credited))
            return
        self.transactions += 1
        self.seen.append(row)
        if attempt.status == Status.APPROVED:
            self.later += self.fees(attempt)
        if attempt.status == Status.APPROVED and attempt.follow != Follow.NONE:
            self.later.append(self.sequel(attempt, settled, credited))
        if attempt.reason in (Reason.INSUFFICIENT_FUNDS, *REPLACED) and attempt.marks & BILL:
            self.postpone(attempt, self.today + 3, attempt.number, attempt.marks & ~BILL)
        elif attempt.status == Status.DECLINED and attempt.message == Message.RECALL:
            self.postpone(replace(attempt, message=Message.RECOVERY), self.today + 10, attempt.number, 0)

    def postpone(self, attempt: Attempt, day: int, related: int, marks: int) -> None:
        again = replace(attempt, day=day, time=attempt.time % DAY, related=related, marks=marks, rule=FIXED, status=Status.APPROVED)
        self.later.append(replace(again, reason=Reason.NONE, repeats=None))

    def fees(self, a: Attempt) -> list[Attempt]:
        """What the own bank charges tomorrow for a card payment abroad: a share of it, and for a machine."""
        if not {NEAR, FAR} & {a.payee} or a.message != Message.PAYMENT or a.method != Method.CARD or a.payer not in OF_PEOPLE:
            return []
        free = int(draw(np.uint64(self.key), a.initiator, 0, int(Why.FOREIGN_FEE), a.payer % 5)[0]) < RULES.fee_free
        fees = [(0, 0 if free else a.amount * RULES.foreign_fee // 1_000_000)]
        fees += [(1_000_000, RULES.machine_fee)] if a.purpose == Purpose.WITHDRAWAL else []
        charge = replace(
            a, day=self.today + 1, payee=BANK, related=a.number, marks=FORCED, rule=FIXED, hold=0, firm=-1, mcc=0, method=Method.NONE,
            channel=Channel.NONE, purpose=Purpose.FEE, entry=EntryMode.NONE, follow=Follow.NONE, country=0, repeats=None,
            proof=Authentication.NONE,
        )  # fmt: skip
        return [replace(charge, amount=fee, time=(a.time + later) % DAY) for later, fee in fees if fee]

    def sequel(self, a: Attempt, settled: int, credited: int) -> Attempt:
        """What follows from an approved row: money back, the end of a hold, a dispute."""
        delay, moment, chance, _ = self.lot(Why.SEQUEL, a)

        def on(first: int, days: int = 1) -> int:
            return self.today + first + share(delay, days)

        then = replace(a, time=(a.time + moment // 2) % DAY, related=a.number, marks=0, rule=FIXED, follow=Follow.NONE, repeats=None)
        back = replace(
            then, payer=a.payee, payee=a.payer, initiator=starter(a.payee, a.payer), amount=credited, hold=0, proof=Authentication.NONE
        )
        shop = replace(back, payer=PEOPLE * 5 + a.firm * 4, initiator=PEOPLE + a.firm) if a.payee in OF_FIRMS else back
        match a.follow:
            case Follow.CAPTURE:
                day = on(1) if a.mcc in (5541, 5542) else on(1, 5)
                return replace(then, day=day, message=Message.CAPTURE, amount=a.hold, hold=a.amount, marks=FORCED)
            case Follow.REVERSE:
                return replace(then, day=on(1, 2), message=Message.REVERSAL, hold=a.amount, marks=FORCED)
            case Follow.EXPIRE:
                return replace(then, day=on(7), message=Message.REVERSAL, hold=a.amount, marks=FORCED, status=Status.EXPIRED)
            case Follow.REFUND:
                return replace(shop, day=on(2, 20), message=Message.REFUND, purpose=Purpose.REFUND)
            case Follow.RETURN:
                day = self.business(self.today, 2 + (a.method == Method.CHEQUE) + share(delay, 2))
                return replace(back, day=max(day, settled // DAY + 1), message=Message.RETURN, marks=FORCED)
            case Follow.RECALL:
                return replace(back, day=max(on(1, 5), settled // DAY + 1), message=Message.RECALL)
            case Follow.DUPLICATE:
                follow = Follow.REFUND if chance % 2 else Follow.DISPUTE
                return replace(then, day=on(1), related=-1, marks=DUPLICATED, follow=follow)
            case Follow.DISPUTE:
                follow = Follow.REPRESENT if chance < RULES.represented else Follow.NONE
                marks = BILL | a.marks & DUPLICATED
                return replace(shop, day=on(4, 40), message=Message.CHARGEBACK, purpose=Purpose.REFUND, marks=marks, follow=follow)
            case Follow.REPRESENT:
                return replace(back, day=on(10, 20), message=Message.REPRESENTMENT, purpose=Purpose.PURCHASE, marks=FORCED)
        assert a.follow == Follow.COME_BACK
        back = replace(back, day=on(1, 6 if a.mcc == 7995 else 60), related=-1, message=Message.PAYMENT, amount=a.hold, marks=BILL)
        back = replace(back, entry=EntryMode.NONE)
        if a.payee in OF_PEOPLE:
            return replace(back, marks=BILL | NEW_PAYEE)
        if a.payee not in OF_FIRMS or (a.method == Method.CASH and a.hold < 1200 * RULES.unit):
            return back
        # Institutions pay from their current account to the client's, a large win in notes by cheque.
        back = replace(back, payer=a.payee - (a.payee - PEOPLE * 5) % 4, payee=a.payer - a.payer % 5)
        if a.method == Method.CASH:
            return replace(back, method=Method.CHEQUE, channel=Channel.NONE)
        return replace(back, method=a.method if a.method == Method.BATCH_TRANSFER else Method.INSTANT_TRANSFER, channel=Channel.ONLINE)

    # --- a day

    def plan(self, planned: Iterable[Payment]) -> list[Attempt]:
        """The day's attempts, numbered: what falls due, then what is planned."""
        due = [attempt for attempt in self.later if attempt.day <= self.today]
        self.later = [attempt for attempt in self.later if attempt.day > self.today]
        plans = due + [Attempt(**p._asdict()) for p in planned]
        for who in range(PEOPLE + FIRMS):
            for sequence, attempt in enumerate(a for a in plans if a.initiator == who):
                attempt.sequence = sequence
        return plans

    def live(self, index: int, planned: list[Payment], changes: Iterable[Change]) -> list[tuple[list[int], list[int], list[int]]]:
        """A day; returns book, available and flight of every account after each window."""
        self.today, rows, history = FIRST + index, range(LAYOUT.accounts), []
        waiting = self.plan(planned)
        for window in range(WINDOWS):
            opens, start = (window + 1) * LENGTH, self.today * DAY + window * LENGTH
            self.settle(start)
            now = [attempt for attempt in waiting if attempt.time < opens]
            waiting = [attempt for attempt in waiting if attempt.time >= opens]
            made: list[Attempt] = []
            spendable = self.has()
            for who in range(PEOPLE + FIRMS):
                # An owner sees the books as of the last clearing, and what they did themselves since.
                have = dict(spendable)
                for attempt in sorted((a for a in now if a.initiator == who), key=lambda a: (a.time, a.sequence)):
                    is_made, retry = self.decide(attempt, have, opens)
                    made += [attempt] if is_made else []
                    waiting += [retry] if retry else []
            for attempt in sorted(made, key=lambda a: (a.time, a.initiator, a.sequence)):
                self.post(attempt, start)
            have, on_the_way = self.has(), dict.fromkeys(rows, 0)
            for _, payee, amount in self.flights:
                on_the_way[payee] += amount
            history.append(([self.book[row] for row in rows], [have[row] for row in rows], [on_the_way[row] for row in rows]))
        for attempt in sorted(waiting, key=lambda a: (a.initiator, a.time)):
            assert attempt.repeats
            self.postpone(attempt, self.today + 1, attempt.repeats.number, attempt.marks)
        for change in changes:
            if change.day == index:
                self.line[change.account] = change.line
        return history
