"""A ledger of two people, two firms and a bank, random payments for it, and a day of windows through the kernels."""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from simulator.clearing import BUCKETS, carry_over, clear, sort_block
from simulator.clock import DAY
from simulator.codes import Channel, EntryMode, Method, Purpose
from simulator.ledger import ATTEMPT, BILL, DUE, FIXED, FORCED, OWN, REFUNDABLE, RETRIES, ROW, SHARE, put, sequence_by_time
from simulator.population.accounts import UNLIMITED, Accounts, Layout, lay_out
from simulator.population.tables import Rules, build_rules
from simulator.records import Records, records
from simulator.runner.lane import Lane
from simulator.scenario.file import load_scenario

PEOPLE, FIRMS, WINDOWS, TODAY = 2, 2, 3, 19_800
LAYOUT: Layout = lay_out(PEOPLE, FIRMS, 1)
CHANCE = 2**32 // 8
RULES: Rules = build_rules(load_scenario("high_street"), 100)._replace(
    windows=WINDOWS, window_length=DAY // WINDOWS, daily_limit=60, retry=2**32 // 10 * 9,
    wrong_pin=CHANCE, wrong_cvv=CHANCE, expired_card=CHANCE, unavailable=CHANCE // 2,
)  # fmt: skip
"""High street's rules with a low limit, and failures and second tries often enough to meet in a few payments."""

GOVERNMENT, OUTSIDE, BANK = LAYOUT.government, LAYOUT.outside, LAYOUT.bank_base


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


class Town(NamedTuple):
    """What a lane needs of a world."""

    accounts: Accounts
    layout: Layout
    rules: Rules


class Window(NamedTuple):
    """What a window did."""

    block: Records
    """Attempts as authorised, in order of row."""
    seen: Records
    unseen: Records
    opening: Accounts
    """Before it was authorised."""
    closing: Accounts
    """After it was cleared."""


class Lived(NamedTuple):
    """A day that is over."""

    windows: list[Window]
    due: Records


def owner_of(account: int) -> int:
    """Initiator that owns an account; the boundary and the bank own themselves."""
    if account < LAYOUT.firm_base:
        return account // 5
    return PEOPLE + (account - LAYOUT.firm_base) // 3 if account < GOVERNMENT else PEOPLE + FIRMS + account


@st.composite
def payments(draw: Any) -> Payment:
    """Any payment that the day may plan, with balances and amounts so small that money often runs out."""
    person, other, firm = (draw(st.integers(0, n - 1)) for n in (PEOPLE, PEOPLE, FIRMS))
    # Few moments, so that ties and orders between owners are tried.
    moments = st.sampled_from([0, 1, 2048, 90_000_000, 300_000_000, 5 * 10**9, RULES.window_length - 1])
    time = draw(st.integers(0, WINDOWS - 1)) * RULES.window_length + draw(moments)
    amount = draw(st.integers(0, 80))
    current, savings, card, loan, purse = range(person * 5, person * 5 + 5)
    account, acquiring, till = range(LAYOUT.firm_base + firm * 3, LAYOUT.firm_base + firm * 3 + 3)
    initiator = PEOPLE + firm
    shop = draw(st.sampled_from([Channel.POINT_OF_SALE, Channel.ONLINE]))
    entry = draw(st.sampled_from([EntryMode.CHIP, EntryMode.CONTACTLESS])) if shop == Channel.POINT_OF_SALE else EntryMode.REMOTE
    again, back = draw(st.sampled_from([0, RETRIES])), draw(st.sampled_from([0, REFUNDABLE]))
    by_card, move = draw(st.sampled_from([Method.CARD, Method.WALLET])), Method.INSTANT_TRANSFER
    bought = Payment(person, time, current, acquiring, amount, by_card, Purpose.PURCHASE, again | back, FIXED, shop, firm, entry)
    return draw(
        st.sampled_from([
            bought, bought, bought, bought,
            Payment(person, time, card, acquiring, amount, Method.CARD, Purpose.PURCHASE, again | back, FIXED, shop, firm, entry),
            Payment(person, time, purse, till, amount, Method.CASH, Purpose.PURCHASE, 0, FIXED, Channel.POINT_OF_SALE, firm),
            Payment(person, time, current, purse, amount, Method.CARD, Purpose.WITHDRAWAL, OWN, FIXED, Channel.ATM, -1, EntryMode.CHIP),
            Payment(person, time, purse, current, amount, Method.CASH, Purpose.DEPOSIT, OWN),
            Payment(person, time, current, savings, amount, move, Purpose.SAVING, OWN),
            Payment(person, time, savings, current, amount, move, Purpose.SAVING, OWN),
            Payment(person, time, current, card, amount, Method.DIRECT_DEBIT, Purpose.CARD_BILL, OWN | BILL),
            Payment(person, time, current, loan, amount, Method.DIRECT_DEBIT, Purpose.LOAN, OWN | BILL),
            Payment(person, time, current, other * 5, amount, move, Purpose.TRANSFER, OWN if other == person else 0),
            Payment(person, time, purse, other * 5 + 4, amount, Method.CASH, Purpose.TRANSFER, OWN if other == person else 0),
            Payment(person, time, current, account, amount, Method.DIRECT_DEBIT, Purpose.BILL, BILL, FIXED, 0, firm),
            Payment(person, time, savings, OUTSIDE, amount, Method.BATCH_TRANSFER, Purpose.INVESTMENT),
            Payment(person, time, card, BANK, amount, Method.NONE, Purpose.INTEREST, FORCED),
            Payment(person, time, BANK, savings, amount, Method.NONE, Purpose.INTEREST),
            Payment(person, time, GOVERNMENT, current, amount, Method.BATCH_TRANSFER, Purpose.BENEFIT),
            Payment(person, time, OUTSIDE, purse, amount, Method.CASH, Purpose.TAKINGS),
            Payment(initiator, time, acquiring, BANK, 20_000 * amount, Method.NONE, Purpose.FEE, 0, SHARE, 0, firm),
            Payment(initiator, time, acquiring, account, 1_000_000, Method.BATCH_TRANSFER, Purpose.PAYOUT, OWN, SHARE, 0, firm),
            Payment(initiator, time, till, account, amount, Method.CASH, Purpose.DEPOSIT, OWN),
            Payment(initiator, time, account, current, amount, Method.BATCH_TRANSFER, Purpose.SALARY, BILL),
            Payment(initiator, time, account, LAYOUT.firm_base, amount, Method.BATCH_TRANSFER, Purpose.SUPPLIES, OWN if firm == 0 else 0),
            Payment(initiator, time, account, OUTSIDE, amount, Method.BATCH_TRANSFER, Purpose.DIVIDEND),
            Payment(initiator, time, GOVERNMENT, account, amount, Method.BATCH_TRANSFER, Purpose.GRANT),
        ])
    )  # fmt: skip


def _openings() -> st.SearchStrategy[Accounts]:
    limited = st.lists(st.sampled_from([0, 0, 7, 40, 100]), min_size=GOVERNMENT, max_size=GOVERNMENT)
    lines = st.lists(st.sampled_from([0, 0, 25, 60]), min_size=PEOPLE, max_size=PEOPLE)
    return st.builds(accounts, limited, lines, st.sampled_from([0, 0, 20]))


def accounts(balances: list[int], lines: list[int], overdraft: int) -> Accounts:
    """Accounts of people and firms with these balances; cards have lines, one loan is owed, the boundary is unlimited."""
    book, line = np.zeros(LAYOUT.accounts, np.int64), np.zeros(LAYOUT.accounts, np.int64)
    book[:GOVERNMENT] = balances
    for person in range(PEOPLE):
        line[person * 5] = overdraft
        line[person * 5 + 2] = lines[person]
        # A card may be overpaid, even one without a line.
        book[person * 5 + 2] = -min(int(book[person * 5 + 2]), lines[person]) if lines[person] else book[person * 5 + 2]
        book[person * 5 + 3] *= -1
    line[GOVERNMENT:] = UNLIMITED
    return Accounts(book.copy(), book, line)


OPENINGS = _openings()
DAYS = st.integers(1, 40).flatmap(lambda n: st.lists(payments(), min_size=n, max_size=n))
KEYS = st.integers(0, 2**64 - 1)


def copied(books: Accounts) -> Accounts:
    """The same balances, apart."""
    return Accounts(*(column.copy() for column in books))


def live(books: Accounts, planned: list[Payment], shards: int = 1, key: int = 1) -> Lived:
    """Run a day of windows through lanes and kernels; ``books`` is changed."""
    rules = RULES._replace(key=np.uint64(key))
    town = Town(books, LAYOUT, rules)

    def planner(_: Any, today: Any, due: Any, row: int, last: int, out: Records, order: Any, n: int) -> tuple[int, int]:
        for initiator in range(row, last):
            first = n
            for p in planned:
                if p.initiator == initiator:
                    n = put(out, n, p.time, initiator, 0, p.payer, p.payee, p.amount, p.method, p.channel, p.purpose,
                            p.firm, 5411, -1, p.entry, 1, p.rule, p.marks)  # fmt: skip
            sequence_by_time(out, first, n, order)
        return n, last

    people = [PEOPLE * s // shards for s in range(shards + 1)]
    firms = [PEOPLE + FIRMS * s // shards for s in range(shards + 1)]
    lanes = [Lane(planner, low, high, WINDOWS) for ends in (people, firms) for low, high in pairwise(ends)]
    for lane in lanes:
        lane.plan(town, None, None)  # type: ignore[arg-type]
    due, totals = records(DUE, 4 * len(planned)), np.zeros(6, np.int64)
    tally = np.zeros((2, len(Purpose), len(Method), 3), np.int64)
    windows = []
    for window in range(WINDOWS):
        opening = copied(books)
        places = np.concatenate([[0], np.cumsum([lane.open_window(window) for lane in lanes])]).tolist()
        count = places[-1]
        block, seen, unseen = records(ATTEMPT, count), records(ROW, count), records(ROW, count)
        for lane, place in zip(lanes, places[:-1], strict=True):
            lane.authorise(town, TODAY, block, place)
        order, spare = np.zeros(count, np.int32), np.zeros(count, np.int32)
        ids, bins = np.zeros(count, np.int64), np.zeros(BUCKETS, np.int64)
        sort_block(block, count, window * RULES.window_length, order, spare, ids, bins)
        totals[:2] = 0
        clear(books, LAYOUT, rules, TODAY, block, order, count, seen, unseen, totals, ids, due, tally)
        for lane in lanes:
            lane.close_window(ids)
        windows.append(Window(block[order], seen[: totals[0]], unseen[: totals[1]], opening, copied(books)))
    used = int(totals[4])
    for lane in lanes:
        if lane.pending:
            used = carry_over(lane.attempts, lane._again, lane.pending, TODAY + 1, due, used)
    return Lived(windows, due[:used])
