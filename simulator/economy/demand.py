"""Who asks for credit at the turn of a month, and whose line a bank takes back; the loans of the first morning and of newcomers."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Event, Purpose
from simulator.draws import Ints, words
from simulator.draws import Why as Draw
from simulator.economy.underwriting import Product, apply_for_card, note_loans
from simulator.lives.cards import order_first
from simulator.lives.diary import Diary
from simulator.lives.estates import HOUR
from simulator.lives.register import Register, befalls
from simulator.population.accounts import CREDIT_CARD, CURRENT, FROZEN, LOAN, PERSON_ROWS, SAVINGS
from simulator.population.debts import CARD_DEBT, DEBTS, NO_LINE, SHUT
from simulator.population.households import STUDENT
from simulator.population.obligations import TERMS, instalments_left, present_value
from simulator.population.presence import NEVER, here
from simulator.population.world import World

DAYS_A_MONTH = 30.4375

LITTLE = 0.25
"""Share of a line below which a card is little used at the end of a month (assumption; a third of cards in `gfc2008`). People have one
card each here and use it, so that hardly any owes nothing at all."""


def seek_credit(register: Register, world: World, today: Today, diary: Diary) -> None:
    """People who are short of money, or whose line was cut, ask for a card or a longer line.

    Args:
        register: the scenario.
        world: whose lines change.
        today: the day that closes, the last of a month.
        diary: told of applications, new lines and cards.
    """
    people, book = world.people, world.accounts.book
    rows = np.flatnonzero(here(people, today.day) & here(people, today.day + 1) & (people.kind != STUDENT))
    base = rows * PERSON_ROWS
    short = book[base + CURRENT] + book[base + SAVINGS] < people.budget[rows] // 4
    shut = world.debts.standing[rows * DEBTS + CARD_DEBT] & SHUT > 0
    lost = (people.line[rows] == NO_LINE) | shut
    word = words(register.seed, rows, Draw.APPLICATION, 0, today.day)[0]
    asks = befalls(word, np.where(short | lost, register.scenario.lending.asks, 0.0))
    rows = rows[asks & (shut | (world.accounts.line[base + CREDIT_CARD] > FROZEN))]
    usual = np.rint(people.net[rows] * register.scenario.credit.line_months).astype(np.int64)
    asked = _round(np.where(people.line[rows] > NO_LINE, np.maximum(usual, people.line[rows]) * 5 // 4, usual), register.unit)
    rows, asked = rows[asked > 0], asked[asked > 0]
    granted = apply_for_card(register, world, today, diary, rows, asked)
    given = granted > people.line[rows]
    set_lines(world, today, diary, rows[given], granted[given])


def set_lines(world: World, today: Today, diary: Diary, rows: Ints, line: Ints) -> None:
    """Banks give some people a line: on their card, or on a first one."""
    if not len(rows):
        return
    people, card = world.people, rows * PERSON_ROWS + CREDIT_CARD
    first = people.line[rows] == 0
    time = (15 * HOUR - today.offset) % (24 * HOUR)
    diary.change("limit", today.day + 1, card[~first], limit=people.line[rows[~first]].astype(np.int64))
    people.line[rows] = world.accounts.line[card] = line
    world.debts.standing[rows * DEBTS + CARD_DEBT] = 0
    for kind, mine in ((Event.ACCOUNT_OPENED, first), (Event.LIMIT_CHANGED, ~first)):
        diary.note(kind, rows[mine], time, account=card[mine], amount=line[mine])
    order_first(diary.agenda, world, today.day + 1, rows[first] * 2 + 1)
    diary.change("opened", today.day, rows[first], account=np.full(int(first.sum()), CREDIT_CARD, np.int8))


def review_lines(register: Register, world: World, today: Today, diary: Diary) -> None:
    """Banks take lines back from cards that are little used, as many as their policy says; what is owed stays to be paid."""
    share = register.scenario.lending.lines_reviewed
    if not share:
        return
    people = world.people
    account = np.arange(world.layout.people, dtype=np.int64) * PERSON_ROWS + CREDIT_CARD
    little = (people.line > NO_LINE) & (-world.accounts.book[account] < people.line * LITTLE)
    little &= here(people, today.day) & here(people, today.day + 1) & (world.accounts.line[account] > FROZEN)
    rows = np.flatnonzero(little)
    rows = rows[befalls(words(register.seed, rows, Draw.APPLICATION, 1, today.day)[0], share / 12)]
    diary.change("limit", today.day + 1, account[rows], limit=people.line[rows].astype(np.int64))
    diary.note(Event.LIMIT_CHANGED, rows, (17 * HOUR - today.offset) % (24 * HOUR), account=account[rows], amount=NO_LINE)
    people.line[rows] = world.accounts.line[account[rows]] = NO_LINE


def first_loans(register: Register, world: World, diary: Diary, start: int) -> None:
    """Put down the loans of the first morning, and those that newcomers will bring.

    Args:
        register: the scenario.
        world: its first morning.
        diary: told of them.
        start: the first day.
    """
    owed = world.obligations
    rows = np.flatnonzero((owed.purpose == Purpose.LOAN) | (owed.purpose == Purpose.MORTGAGE))
    payer = np.searchsorted(world.owes, rows, side="right") - 1
    own = (owed.payee[rows] == payer * PERSON_ROWS + LOAN) & (world.people.joined[payer] < NEVER)
    rows, payer = rows[own], payer[own]
    purpose = owed.purpose[rows].astype(np.int64)
    rate, joined = register.scenario.credit.loan_rate, world.people.joined[payer].astype(np.int64)
    for kind, product in ((Purpose.LOAN, Product.LOAN), (Purpose.MORTGAGE, Product.MORTGAGE)):
        mine = purpose == kind
        who, term, each = payer[mine], TERMS[kind], owed.amount[rows[mine]]
        month = np.array([register.month(int(day)) for day in np.maximum(joined[mine], start)], np.int64)
        left = instalments_left(register.seed, kind, world.course.origin[who].astype(np.int64), month)
        granted = np.where(joined[mine] > start, joined[mine], start - np.rint((term - left) * DAYS_A_MONTH).astype(np.int64))
        brought = joined[mine] > start  # by a bank elsewhere until now: the new bank lends what is left
        left = np.where(brought, left, term)
        note_loans(diary, start, who, np.full(len(who), int(product)), np.rint(each * present_value(rate, left)).astype(np.int64), left,
                   each, np.full(len(who), round(rate * 1e6)), granted)  # fmt: skip


def _round(amount: Ints, unit: int) -> Ints:
    """Lines are multiples of a hundred."""
    found: Ints = amount // (100 * unit) * (100 * unit)
    return found
