"""A ledger of two people, two firms, a bank and what lies around, random payments for it, and days of windows through the runner."""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from simulator.clock import DAY, Clock, Today
from simulator.codes import Authentication, Channel, EntryMode, Follow, Message, Method, Purpose, Reason, Status
from simulator.ledger import BILL, FIXED, FORCED, OWED, OWN, RETRIES, ROW, SHARE, VOID, put, sequence_by_time
from simulator.population.accounts import CLOSED, FIRM_ROWS, FROZEN, PERSON_ROWS, UNLIMITED, Accounts, Layout, initiator_of, lay_out
from simulator.population.equipment import Issue
from simulator.population.rules import Rules, build_rules
from simulator.population.world import World, build_world
from simulator.records import Records, pack, records
from simulator.runner.runner import Runner
from simulator.scenario.file import load_scenario

PEOPLE, FIRMS, WINDOWS, PLANNED = 2, 2, 3, 4
"""Owners, windows a day, days on which payments are planned; what follows from them is lived to its end."""

START = "2024-03-14"
"""A Thursday: planned days reach over a weekend."""

OFFSETS = (-5, -12, 0, 8, 14)
"""Local time minus UTC, hours."""

COUNTRIES = [
    {"name": "near", "code": "CA", "currency": "USD", "utc_offset": "-6 h", "holidays": "CA"},
    {"name": "far", "code": "JP", "currency": "JPY", "rate": 0.03, "volatility": 0.5, "utc_offset": "9 h", "holidays": "JP"},
]
"""One abroad with the home currency, and one whose yen are dear, so that small amounts and their rounding matter."""

LAYOUT: Layout = lay_out(PEOPLE, FIRMS, 1, countries=2, currencies=2)
CHANCE = 2**32 // 16
RULES: Rules = build_rules(load_scenario("high_street"), 100)._replace(
    foreign_fee=100_000, fee_free=2**31, machine_fee=3,
    windows=WINDOWS, window_length=DAY // WINDOWS, daily_limit=60, retry=2**32 // 10 * 9, represented=2**31,
    wrong_pin=CHANCE, wrong_pin_again=2**31, failed_code=CHANCE, wrong_cvv=CHANCE, expired_card=CHANCE, unavailable=CHANCE * 3 // 2,
    outage=CHANCE * 4, tries_again=2**32 // 5 * 4, other_network=2**32 // 3 * 2,
)  # fmt: skip
"""High street's rules with a low limit, and failures and second tries often enough to meet in a few payments."""

GOVERNMENT, OUTSIDE, BANK = LAYOUT.government, LAYOUT.outside, LAYOUT.bank_base
NEAR, FAR, DEALER, FOREIGN_DEALER = range(LAYOUT.abroad_base, LAYOUT.bank_base)


@cache
def clock(offset: int = -5) -> Clock:
    """The calendar of the small ledger, that many hours from UTC."""
    settings = {"period.start": START, "period.windows": WINDOWS, "country.utc_offset": f"{offset} h", "abroad.countries": COUNTRIES}
    nobody = {"abroad.pensions": 0, "abroad.students": 0}  # nobody is sent money from these countries
    return Clock(load_scenario("high_street", settings | nobody))


FIRST = clock().start
CARDS_FROM = {(0, False): (0, Issue.FIRST), (0, True): (FIRST + 2, Issue.EXPIRED),
              (1, False): (FIRST + 1, Issue.LOST), (1, True): (FIRST + 3, Issue.RENEWED)}  # fmt: skip
"""From which day a card (person, whether it is a credit card) can be used, and why there is a new one."""


@cache
def _some_world() -> World:
    scenario = load_scenario("hamlet", {"population.customers": 10})
    return build_world(scenario, Clock(scenario))


class Payment(NamedTuple):
    """What an initiator plans."""

    initiator: int
    time: int
    payer: int
    payee: int
    amount: int
    method: int
    purpose: int
    marks: int = 0
    rule: int = FIXED
    channel: int = Channel.NONE
    firm: int = -1
    entry: int = EntryMode.NONE
    message: int = Message.PAYMENT
    follow: int = Follow.NONE
    hold: int = 0
    mcc: int = 5411
    related: int = -1
    status: int = Status.APPROVED
    reason: int = Reason.NONE
    """Why it is bound to fail."""
    proof: int = Authentication.NONE
    country: int = 0
    day: int = 0
    """Days after the first."""


HOLDING = (Message.AUTHORISATION, Message.REVERSAL)
"""Messages that move no money."""

YEN = np.isin(np.arange(LAYOUT.accounts), [FAR, FOREIGN_DEALER])


class Change(NamedTuple):
    """An account is frozen, closed, or neither again, at a day's close."""

    day: int
    account: int
    line: int


class Window(NamedTuple):
    """What a window did."""

    start: int
    """Microseconds since 1970."""
    block: Records
    """Attempts as authorised, in order of row."""
    seen: Records
    unseen: Records
    opening: Records
    """Accounts before it was authorised, after credits reached their value date."""
    closing: Records
    """Accounts after it was cleared."""


class Day(NamedTuple):
    """A day that is over."""

    index: int
    windows: list[Window]
    due: Records
    """What falls due on later days."""
    waiting: np.ndarray
    """Credits on their way."""
    tax_due: list[int]
    tally: np.ndarray
    """Of all days so far."""


class _Kept:
    """A recorder that keeps a window's rows."""

    def reserve(self, rows: int) -> tuple[Records, Records, int, int]:
        self.seen, self.unseen = records(ROW, rows), records(ROW, rows)
        return self.seen, self.unseen, 0, 0

    def block(self, day: int, window: int, seen: int, unseen: int) -> None:
        self.seen, self.unseen = self.seen[:seen], self.unseen[:unseen]


class Ledger:
    """The runner, with lanes that do as they are told.

    Args:
        books: accounts; changed.
        shards: how many parts.
        key: the seed.
        offset: local time minus UTC, hours.
    """

    def __init__(self, books: Records, shards: int = 1, key: int = 1, offset: int = -5) -> None:
        some = _some_world()
        people, firms = some.people[:PEOPLE].copy().view(Records), some.firms[:FIRMS].copy().view(Records)
        people.household, people.bank, firms.tax_due = np.arange(PEOPLE), 0, 0
        cards = some.equipment[:PEOPLE].copy().view(Records)
        for (person, is_credit), (usable, why) in CARDS_FROM.items():
            kind = "credit" if is_credit else "debit"
            cards[f"{kind}_from"][person], cards[f"{kind}_why"][person] = usable, why
        rules = RULES._replace(key=np.uint64(key))
        self.world = some._replace(equipment=cards, people=people, firms=firms, accounts=books, layout=LAYOUT, rules=rules)
        self.runner = Runner(self.world, shards)
        for n, lane in enumerate(self.runner.lanes):
            lane._planner = partial(self._plan, 0 if n < shards else PEOPLE)
        self._clock, self._planned = clock(offset), []

    def _plan(self, base: int, _: Any, __: Today, due: Records, row: int, last: int, out: Records, order: Any, n: int, *___: Any) -> Any:
        for initiator in range(base + row, base + last):
            first = n
            for attempt in due.attempt[due.attempt.initiator == initiator]:
                out[n] = attempt
                n += 1
            for p in self._planned:
                if p.initiator == initiator:
                    n = put(out, n, p.time, initiator, 0, p.payer, p.payee, p.amount, p.method, p.channel, p.purpose,
                            p.firm, p.mcc, -1, p.entry, p.proof, p.rule, p.marks)  # fmt: skip
                    for field in ("message", "follow", "hold", "related", "status", "reason", "country"):
                        out[field][n - 1] = getattr(p, field)
            sequence_by_time(out, first, n, order)
        return n, last

    def live(self, index: int, planned: list[Payment]) -> Day:
        """Live the day that is so many after the first; no day between may have anything due."""
        today, runner, kept, windows = self._clock.today(index), self.runner, _Kept(), []
        self._planned = planned
        runner.plan(today)
        for window in range(WINDOWS):
            runner.settle(today, window)
            opening = self.world.accounts.copy()
            count = runner.authorise(today, window)
            runner.clear(today, window, count, kept)
            block = runner._block[runner._order[:count]].view(Records)
            start = today.day * DAY + window * RULES.window_length
            windows.append(Window(start, block, kept.seen, kept.unseen, opening, self.world.accounts.copy()))
        runner.close(today)
        due = runner.postponed.table[: runner.postponed.used].copy().view(Records)
        return Day(index, windows, due, runner.flights.waiting(), self.world.firms.tax_due.tolist(), runner.tally.copy())

    def next_due(self) -> int | None:
        """When the next thing falls due, days after the first."""
        used = self.runner.postponed.used
        return int(self.runner.postponed.table.day[:used].min()) - FIRST if used else None


def live(
    books: Records, planned: list[Payment], shards: int = 1, key: int = 1, offset: int = -5, changes: tuple[Change, ...] = ()
) -> list[Day]:
    """Live the planned days, then every day on which something falls due, then one on which all has arrived."""
    ledger, days = Ledger(books, shards, key, offset), []
    for index in range(max((p.day for p in planned), default=0) + 1):
        days.append(ledger.live(index, [p for p in planned if p.day == index]))
        for change in changes:
            if change.day == index:
                books.line[change.account] = change.line
    while (index := ledger.next_due()) is not None:
        days.append(ledger.live(index, []))
    arrives = int(ledger.runner.flights.moment.max()) // DAY - FIRST
    days.append(ledger.live(max(arrives, days[-1].index + 1), []))
    return days


def windows(days: list[Day]) -> list[Window]:
    """All windows, one after the other."""
    return [window for day in days for window in day.windows]


def rows_of(window: Window) -> Iterator[tuple[Any, Any]]:
    """Each attempt that was made, with its row, in row order."""
    seen, unseen = iter(window.seen), iter(window.unseen)
    for attempt in window.block:
        hidden = attempt.method == Method.CASH and attempt.purpose not in (Purpose.WITHDRAWAL, Purpose.DEPOSIT)
        if attempt.status != VOID:
            yield attempt, next(unseen if hidden else seen)
    assert next(seen, None) is next(unseen, None) is None


def effect(window: Window) -> np.ndarray:
    """What the rows of a window do to each account, on its way or not."""
    change = np.zeros(LAYOUT.accounts, np.int64)
    for _, row in rows_of(window):
        if row.status == Status.APPROVED and row.message not in HOLDING:
            change[row.payer] -= row.amount
            change[row.payee] += row.credited
            if FAR in (row.payer, row.payee):
                takes, gives = (FOREIGN_DEALER, DEALER) if row.payer == FAR else (DEALER, FOREIGN_DEALER)
                change[takes] += row.amount
                change[gives] -= row.credited
    return change


def owner_of(account: int) -> int:
    """Initiator that owns an account; the boundary and the bank own themselves."""
    return initiator_of(LAYOUT, account) if account < GOVERNMENT else PEOPLE + FIRMS + account


# --- what may be planned ----------------------------------------------------------------------------------------------

CARDS = ("bought", "on credit", "held", "abroad")
_BACK = (Follow.NONE, Follow.NONE, Follow.REFUND, Follow.DISPUTE, Follow.DUPLICATE)
_PROOFS = (Authentication.PIN, Authentication.PIN, Authentication.NONE)
_HELD = (Follow.CAPTURE, Follow.CAPTURE, Follow.REVERSE, Follow.EXPIRE)
_RETURN = (Follow.NONE, Follow.RETURN, Follow.RECALL)


@st.composite
def payments(draw: Any) -> Payment:
    """Any payment that a day may plan, with balances and amounts so small that money often runs out."""

    def one_of(*choices: Any) -> Any:
        return choices[draw(st.integers(0, len(choices) - 1))]

    # Few moments, so that ties and orders between owners are tried.
    time = draw(st.integers(0, WINDOWS - 1)) * RULES.window_length + one_of(0, 1, 2048, 90_000_000, 5 * 10**9, RULES.window_length - 1)
    day, amount, firm = draw(st.integers(0, PLANNED - 1)), draw(st.integers(0, 80)), draw(st.integers(0, FIRMS - 1))
    if draw(st.integers(0, 3)) == 0:
        return one_of(*_by_firm(firm, time, amount, one_of(*_RETURN)))._replace(day=day)
    person, other = draw(st.integers(0, PEOPLE - 1)), draw(st.integers(0, PEOPLE - 1))
    kinds = _by_person(person, other, firm, time, amount, draw(st.integers(1, 80)), one_of)
    return one_of(*kinds[one_of(*kinds, *CARDS, *CARDS)])._replace(day=day)


def _by_person(person: int, other: int, firm: int, time: int, amount: int, hold: int, one_of: Any) -> dict[str, list[Payment]]:
    current, savings, card, loan, purse = range(person * PERSON_ROWS, (person + 1) * PERSON_ROWS)
    shop, acquiring, till, _ = range(LAYOUT.firm_base + firm * FIRM_ROWS, LAYOUT.firm_base + (firm + 1) * FIRM_ROWS)
    move, own = Method.INSTANT_TRANSFER, OWN if other == person else 0
    pos, by = Channel.POINT_OF_SALE, partial(Payment, person, time)
    entry = one_of(EntryMode.CHIP, EntryMode.CONTACTLESS, EntryMode.REMOTE)
    proof = one_of(Authentication.ONE_TIME_CODE, Authentication.CVV) if entry == EntryMode.REMOTE else one_of(*_PROOFS)
    fails = one_of(*[Reason.NONE] * 12, Reason.LOST_CARD, Reason.EXPIRED_CARD, Reason.INACTIVE_CARD, Reason.SUSPECTED_FRAUD)
    channel = Channel.ONLINE if entry == EntryMode.REMOTE else pos
    bought = by(current, acquiring, amount, one_of(Method.CARD, Method.WALLET), Purpose.PURCHASE, one_of(0, RETRIES), FIXED, channel, firm,
                entry, follow=one_of(*_BACK), proof=proof, reason=fails)  # fmt: skip
    charged = bought._replace(payee=shop, method=Method.CARD, purpose=Purpose.SUBSCRIPTION, marks=BILL, follow=Follow.NONE)
    held = bought._replace(method=Method.CARD, message=Message.AUTHORISATION, hold=hold, follow=one_of(*_HELD), mcc=one_of(5542, 7011))
    direct = by(current, shop, amount, Method.DIRECT_DEBIT, Purpose.BILL, BILL, firm=firm, follow=one_of(*_RETURN))
    gift = by(current, other * PERSON_ROWS, amount, move, Purpose.TRANSFER, own)
    slow = gift._replace(method=one_of(Method.CHEQUE, Method.BATCH_TRANSFER), marks=0, follow=one_of(*_RETURN))
    bet = by(current, acquiring, amount, Method.CARD, Purpose.GAMBLING, 0, FIXED, Channel.ONLINE, firm, hold=hold, follow=Follow.COME_BACK)
    where = one_of(NEAR, FAR)
    far = bought._replace(payee=where, firm=one_of(-1, FIRMS + 5), follow=one_of(Follow.NONE, Follow.REFUND, Follow.DISPUTE),
                          hold=one_of(0, hold), country=one_of(0, 1 + where - NEAR))  # fmt: skip
    machine = by(current, where, amount, Method.CARD, Purpose.WITHDRAWAL, 0, FIXED, Channel.ATM, -1, EntryMode.CHIP, country=2)
    notes = by(purse, till, amount, Method.CASH, Purpose.PURCHASE, 0, FIXED, pos, firm)
    return {
        "bought": [bought],
        "on credit": [bought._replace(payer=card, method=Method.CARD)],
        "held": [held, held._replace(payer=card)],
        "abroad": [far, far, far._replace(payer=card, method=Method.CARD), machine, notes._replace(payee=where, firm=-1),
                   gift._replace(payee=where, marks=0, method=one_of(Method.WIRE, move), follow=one_of(*_RETURN)),
                   by(where, current, amount, one_of(Method.WIRE, move), Purpose.REMITTANCE, follow=one_of(*_RETURN))],
        "in notes": [notes, by(purse, other * PERSON_ROWS + 4, amount, Method.CASH, Purpose.TRANSFER, own)],
        "cash": [by(current, purse, amount, Method.CARD, Purpose.WITHDRAWAL, OWN, FIXED, Channel.ATM, -1, EntryMode.CHIP),
                 by(purse, current, amount, Method.CASH, Purpose.DEPOSIT, OWN)],
        "own": [by(current, savings, amount, move, Purpose.SAVING, OWN), by(savings, current, amount, move, Purpose.SAVING, OWN),
                by(current, card, amount, Method.DIRECT_DEBIT, Purpose.CARD_BILL, OWN | BILL, follow=one_of(*_RETURN)),
                by(current, card, 0, move, Purpose.CARD_BILL, OWN, OWED),
                by(current, loan, amount, Method.DIRECT_DEBIT, Purpose.LOAN, OWN | BILL)],
        "to others": [gift, slow, slow._replace(method=Method.CHEQUE), gift._replace(method=Method.WIRE, marks=0)],
        "bill": [direct, charged, by(current, GOVERNMENT, amount, Method.BATCH_TRANSFER, Purpose.TAX, BILL, follow=one_of(*_RETURN))],
        "out and back": [bet, by(savings, OUTSIDE, amount, Method.BATCH_TRANSFER, Purpose.INVESTMENT, hold=hold, follow=Follow.COME_BACK),
                         by(current, shop, amount, move, Purpose.CRYPTO, 0, FIXED, 0, firm, hold=hold, follow=Follow.COME_BACK)],
        "forced": [by(card, BANK, amount, Method.NONE, Purpose.INTEREST, FORCED)],
        "paid": [by(BANK, savings, amount, Method.NONE, Purpose.INTEREST), by(OUTSIDE, purse, amount, Method.CASH, Purpose.TAKINGS),
                 by(GOVERNMENT, current, amount, Method.BATCH_TRANSFER, Purpose.BENEFIT, follow=one_of(*_RETURN)),
                 by(BANK, one_of(loan, card, current), 0, Method.NONE, Purpose.WRITE_OFF, 0, OWED)],
    }  # fmt: skip


def _by_firm(firm: int, time: int, amount: int, follow: int) -> list[Payment]:
    shop, acquiring, till, reserve = range(LAYOUT.firm_base + firm * FIRM_ROWS, LAYOUT.firm_base + (firm + 1) * FIRM_ROWS)
    batch, by = Method.BATCH_TRANSFER, partial(Payment, PEOPLE + firm, time, firm=firm)
    return [
        by(acquiring, BANK, 20_000 * amount, Method.NONE, Purpose.FEE, 0, SHARE),
        by(acquiring, shop, 1_000_000, batch, Purpose.PAYOUT, OWN, SHARE),
        by(acquiring, shop, 1_000_000, batch, Purpose.PAYOUT, OWN, SHARE),
        by(till, shop, amount, Method.CASH, Purpose.DEPOSIT, OWN),
        by(shop, amount % PEOPLE * PERSON_ROWS, amount, batch, Purpose.SALARY, BILL, follow=follow),
        by(shop, LAYOUT.firm_base, amount, Method.WIRE, Purpose.SUPPLIES, OWN if firm == 0 else 0),
        by(shop, OUTSIDE, amount, batch, Purpose.DIVIDEND, follow=follow),
        by(shop, reserve, amount, Method.INSTANT_TRANSFER, Purpose.SAVING, OWN),
        by(GOVERNMENT, shop, amount, batch, Purpose.GRANT),
    ]


def accounts(balances: list[int], lines: list[int], overdraft: int) -> Records:
    """Accounts of people and firms with these balances; cards have lines, one loan is owed, the boundary is unlimited."""
    book, line = np.zeros(LAYOUT.accounts, np.int64), np.zeros(LAYOUT.accounts, np.int64)
    book[:GOVERNMENT] = balances
    for person in range(PEOPLE):
        line[person * PERSON_ROWS] = overdraft
        line[person * PERSON_ROWS + 2] = lines[person]
        # A card may be overpaid, even one without a line.
        owed = int(book[person * PERSON_ROWS + 2])
        book[person * PERSON_ROWS + 2] = -min(owed, lines[person]) if lines[person] else owed
        book[person * PERSON_ROWS + 3] *= -1
    line[GOVERNMENT:] = UNLIMITED
    return pack(Accounts(book.copy(), book, line, np.zeros(LAYOUT.accounts, np.int64)))


def opened(**balances: int) -> Records:
    """Nothing anywhere but on the current (c) and savings (s) accounts of the people named by number."""
    books = accounts([0] * GOVERNMENT, [0] * PEOPLE, 0)
    for name, amount in balances.items():
        row = int(name[1:]) * 5 + "cs".index(name[0])
        books.book[row] = books.available[row] = amount
    return books


def _openings() -> st.SearchStrategy[Records]:
    limited = st.lists(st.sampled_from([0, 7, 40, 100, 400]), min_size=GOVERNMENT, max_size=GOVERNMENT)
    lines = st.lists(st.sampled_from([0, 25, 60, 300]), min_size=PEOPLE, max_size=PEOPLE)
    return st.builds(accounts, limited, lines, st.sampled_from([0, 0, 20]))


def _changes() -> st.SearchStrategy[tuple[Change, ...]]:
    change = st.builds(Change, st.integers(0, PLANNED - 1), st.integers(0, GOVERNMENT - 1), st.sampled_from([FROZEN, CLOSED, 0]))
    return st.lists(change, max_size=4).map(tuple)


OPENINGS = _openings()
PLANS = st.integers(1, 40).flatmap(lambda n: st.lists(payments(), min_size=n, max_size=n))
KEYS = st.integers(0, 2**64 - 1)
CHANGES = _changes()
HOURS = st.sampled_from(OFFSETS)
