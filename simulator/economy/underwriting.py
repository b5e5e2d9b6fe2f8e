"""Underwriting: one written rule that approves, reduces, prices or refuses what people and firms ask to borrow, by what a bank knows.

1. Who is 30 days or more past due, or in default, or was charged off, is refused.
2. Who scores below the scenario's lowest score is refused.
3. Payments on all debts of the household, what is asked for among them, may take the scenario's share of its income before tax. Of a
   loan that would take more, as much is granted as does not; less than half of what was asked for is not granted at all.
4. A card's line is at most a multiple of the month's net income.
   A firm's is at most twice the scenario's months of wages; its income is what it took in this month.
5. What is granted costs the rate of the day and a margin that falls with the score.

The score has 1,000 points: 350 for payments made in time, 300 for lines not used, 150 for age as a stand-in for the length of the
history, 200 for what is at hand (the weights follow those that FICO publishes: 35, 30 and 15 %; the rest assumption).
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.codes import Purpose
from simulator.draws import Ints
from simulator.economy.rates import as_rate, fix, rate_today, running_rates
from simulator.lives.diary import Diary
from simulator.lives.register import Register
from simulator.population.accounts import CREDIT_CARD, CURRENT, LOAN, PERSON_ROWS, SAVINGS
from simulator.population.climate import CARD, FIRM, NEW_LOAN
from simulator.population.debts import CARD_DEBT, CHARGED_OFF, DEBTS, DEFAULTED, LOAN_DEBT, NO_LINE
from simulator.population.households import SALARIED
from simulator.population.obligations import TERMS, present_value
from simulator.population.world import World

FREE_OF_MARGIN = 750
"""Score from which nothing is charged beyond the rate (assumption)."""

MOST_LINE = 6
"""Line of a card at most, in months of net income (assumption: average lines are a few months of income)."""


class Product(IntEnum):
    """What is asked for."""

    CARD = 0
    LOAN = 1
    MORTGAGE = 2
    LINE = 3


class Why(IntEnum):
    """Why it was decided so."""

    NONE = 0
    WITHIN_RULE = 1
    REDUCED = 2
    PAST_DUE = 3
    LOW_SCORE = 4
    DEBT_TO_INCOME = 5
    ENOUGH_CREDIT = 6


REASONS = [reason.name.lower() for reason in Why]


class Standing(NamedTuple):
    """What banks know of some applicants; minor units."""

    days: Ints
    """Past due, the later of card and loan."""
    spoilt: NDArray[np.bool_]
    """A debt is in default, or was charged off."""
    score: Ints
    income: Ints
    """Of the household, a month before tax, as far as somebody pays it now."""
    payments: Ints
    """On the household's debts, a month."""


class Decision(NamedTuple):
    """What was decided, by applicant."""

    granted: Ints
    """Minor units; 0 where it is refused."""
    reason: Ints
    """Places in `Why`."""
    margin: Ints
    """Parts per million a year."""


def score_of(days: Ints, spoilt: NDArray[np.bool_], owed: Ints, line: Ints, age: Ints, liquid: Ints, net: Ints) -> Ints:
    """The score: 0 to 1,000.

    Args:
        days: past due.
        spoilt: whether a debt is or was in default.
        owed: on the card, minor units.
        line: of the card.
        age: years.
        liquid: on current and savings account.
        net: income a month.
    """
    history = np.where(spoilt | (days >= 60), 0, np.where(days >= 30, 100, np.where(days > 0, 250, 350)))
    used = np.where(line > NO_LINE, np.clip(owed * 300 // np.maximum(line, 1), 0, 300), np.where(owed > 0, 300, 100))
    length = np.clip((age - 18) * 150 // 20, 0, 150)
    at_hand = np.clip(liquid * 200 // np.maximum(1, 3 * net), 0, 200)
    found: Ints = history + 300 - used + length + at_hand
    return found


def monthly_payments(world: World, minimum: int, least: int) -> Ints:
    """What each person's debts cost a month: instalments of what is owed, and the card's minimum payment.

    Args:
        world: who owes what.
        minimum: parts per million of a card balance.
        least: smallest minimum payment.
    """
    people, owed = world.layout.people, world.obligations
    rows = np.flatnonzero((owed.purpose == Purpose.LOAN) | (owed.purpose == Purpose.MORTGAGE))
    payer = np.searchsorted(world.owes, rows, side="right") - 1
    own = (owed.payee[rows] == payer * PERSON_ROWS + LOAN) & (world.accounts.book[payer * PERSON_ROWS + LOAN] < 0)
    total = np.zeros(people, np.int64)
    np.add.at(total, payer[own], owed.amount[rows[own]])
    card = np.maximum(0, -world.accounts.book[CREDIT_CARD : world.layout.firm_base : PERSON_ROWS])
    total += np.minimum(card, np.maximum(card * minimum // 1_000_000, np.minimum(card, least)))
    return total


def look_up(register: Register, world: World, today: Today, rows: Ints) -> Standing:
    """What banks know of applicants, on the evening of a day."""
    people, credit = world.people, register.scenario.credit
    day = today.day
    debts = world.debts.reshape(-1, DEBTS)
    since = debts["since"][rows].astype(np.int64)
    days = np.where(since > 0, day - since, 0).max(axis=1)
    spoilt = (debts["standing"][rows] & (DEFAULTED | CHARGED_OFF) > 0).any(axis=1)
    base = rows * PERSON_ROWS
    book = world.accounts.book
    payments = monthly_payments(world, round(credit.minimum * 1_000_000), round(credit.minimum_amount * register.unit))
    idle = (people.kind == SALARIED) & (people.employer < -1)
    there = (people.joined <= day + 1) & (people.left > day + 1)
    income = np.where(idle | ~there, 0, people.gross) // 12
    home = people.household.astype(np.int64)
    together = np.zeros((2, world.layout.people), np.int64)
    np.add.at(together[0], home, income)
    np.add.at(together[1], home[there], payments[there])
    score = score_of(
        days, spoilt, np.maximum(0, -book[base + CREDIT_CARD]), people.line[rows], people.age[rows].astype(np.int64),
        book[base + CURRENT] + book[base + SAVINGS], people.net[rows],
    )  # fmt: skip
    return Standing(days, spoilt, score, together[0, home[rows]], together[1, home[rows]])


def decide(register: Register, known: Standing, asked: Ints, each: Ints, other: Ints, most: Ints | None = None) -> Decision:
    """The rule.

    Args:
        register: the scenario.
        known: of the applicants.
        asked: amounts or lines, minor units.
        each: what they would cost a month.
        other: payments on debts that stay beside it.
        most: granted at most; whoever asks for more is refused.
    """
    rule = register.scenario.lending
    cap = (known.income * round(rule.debt_to_income * 1_000_000) // 1_000_000) - other
    fits = np.where(each <= cap, asked, np.where(cap > 0, asked * np.maximum(cap, 0) // np.maximum(each, 1), 0))
    reason = np.where(fits < asked, int(Why.REDUCED), int(Why.WITHIN_RULE))
    reason[fits * 2 < asked] = Why.DEBT_TO_INCOME
    if most is not None:
        reason[asked > most] = Why.ENOUGH_CREDIT
    reason[known.score < rule.lowest_score] = Why.LOW_SCORE
    reason[(known.days >= 30) | known.spoilt] = Why.PAST_DUE
    granted = np.where(np.isin(reason, (Why.WITHIN_RULE, Why.REDUCED)), fits, 0)
    short = np.clip(FREE_OF_MARGIN - known.score, 0, FREE_OF_MARGIN)
    margin = np.rint(short * rule.margin * 1e6 / max(1, FREE_OF_MARGIN - rule.lowest_score)).astype(np.int64)
    return Decision(granted, reason, np.minimum(margin, round(rule.margin * 1e6)))


def apply_for_loan(
    register: Register, world: World, today: Today, diary: Diary, rows: Ints, asked: Ints, home: NDArray[np.bool_], renewed: Ints
) -> Ints:
    """People ask for loans; the bank decides at once.

    Args:
        register: the scenario.
        world: who owes what; margins change.
        today: the day that closes.
        diary: told of applications and of loans.
        rows: people.
        asked: minor units.
        home: whether a home is bought.
        renewed: instalments a month that they have been paying and that this loan is paid off with; 0 where it comes on top.

    Returns:
        What is granted, minor units.
    """
    if not len(rows):
        return asked
    known = look_up(register, world, today, rows)
    rate = rate_today(register, world)
    term = np.where(home, TERMS[Purpose.MORTGAGE], TERMS[Purpose.LOAN])
    each = np.ceil(asked / present_value(rate, term)).astype(np.int64)
    owes = world.accounts.book[rows * PERSON_ROWS + LOAN] < 0
    other = np.maximum(0, known.payments - np.where(owes, renewed, 0))
    found = decide(register, known, asked, each, other)
    granted = found.granted > 0
    world.debts.margin[rows[granted] * DEBTS + 1] = found.margin[granted]
    fix(world, rows[granted], found.granted[granted])
    product = np.where(home, int(Product.MORTGAGE), int(Product.LOAN))
    paid = np.where(granted, found.granted * each // np.maximum(1, asked), each) + other
    offered = world.climate.rate[NEW_LOAN] + found.margin
    _file(diary, today.day, rows, product, asked, known, found, paid, offered)
    note_loans(diary, today.day, rows[granted], product[granted], found.granted[granted], term[granted],
               np.ceil(found.granted / present_value(rate, term)).astype(np.int64)[granted],
               offered[granted], np.full(int(granted.sum()), today.day))  # fmt: skip
    return found.granted


def apply_for_card(register: Register, world: World, today: Today, diary: Diary, rows: Ints, asked: Ints) -> Ints:
    """People ask for a card, or for a longer line; returns the line granted, 0 where it is refused."""
    if not len(rows):
        return asked
    known, credit = look_up(register, world, today, rows), register.scenario.credit
    debt = np.maximum(0, -world.accounts.book[rows * PERSON_ROWS + CREDIT_CARD])
    now = np.minimum(debt, np.maximum(debt * round(credit.minimum * 1e6) // 1_000_000, round(credit.minimum_amount * register.unit)))
    each = asked * round(credit.minimum * 1e6) // 1_000_000  # the whole line, drawn
    other = np.maximum(0, known.payments - now)
    most = np.maximum(MOST_LINE * world.people.net[rows], world.people.line[rows])
    found = decide(register, known, asked, each, other, most)
    granted = found.granted > 0
    world.debts.margin[rows[granted] * DEBTS + CARD_DEBT] = found.margin[granted]
    product = np.full(len(rows), int(Product.CARD))
    paid = np.where(granted, found.granted * each // np.maximum(1, asked), each) + other
    offered = world.climate.rate[CARD] + found.margin
    _file(diary, today.day, rows, product, asked, known, found, paid, offered)
    return found.granted


def apply_for_line(
    register: Register, world: World, today: Today, diary: Diary, rows: Ints, asked: Ints, known: Standing, most: Ints
) -> Decision:  # fmt: skip
    """Firms ask for a line, or a longer one.

    Args:
        register: the scenario.
        world: for the place of firms among customers, and the rate of the day.
        today: the day that closes.
        diary: told of applications.
        rows: firms.
        asked: lines, minor units.
        known: what banks know of the firms.
        most: granted at most.
    """
    each = asked * round(register.scenario.credit.minimum * 1e6) // 1_000_000  # the whole line, drawn
    found = decide(register, known, asked, each, np.zeros(len(rows), np.int64), most)
    product = np.full(len(rows), int(Product.LINE))
    payments = np.where(found.granted > 0, found.granted * each // np.maximum(1, asked), each)
    _file(diary, today.day, world.layout.people + rows, product, asked, known, found, payments, world.climate.rate[FIRM] + found.margin)
    return found


def _file(
    diary: Diary, day: int, rows: Ints, product: Ints, asked: Ints, known: Standing, found: Decision, payments: Ints, rate: Ints
) -> None:  # fmt: skip
    """Put applications down; ``payments`` are those on all debts of the household, were it granted, at a ``rate`` in millionths a year."""
    ratio = np.where(known.income > 0, payments * 1_000_000 // np.maximum(1, known.income), 99_000_000)
    diary.change(
        "application", day, rows, product=product.astype(np.int8), asked=asked, granted=found.granted, income=known.income * 12,
        reason=found.reason.astype(np.int8), score=known.score.astype(np.int16), ratio=np.minimum(ratio, 99_000_000),
        rate=rate,
    )  # fmt: skip


def note_loans(
    diary: Diary, day: int, rows: Ints, product: Ints, principal: Ints, term: Ints, instalment: Ints, rate: Ints, granted: Ints
) -> None:
    """Put loans down, for their table."""
    diary.change(
        "loan", day, rows, product=product.astype(np.int8), principal=principal, term=term.astype(np.int16), instalment=instalment,
        rate=rate, granted=granted.astype(np.int32),
    )  # fmt: skip


def take_over(
    diary: Diary, register: Register, world: World, day: int, rows: Ints, former: Ints, owed: Ints, home: NDArray[np.bool_]
) -> None:  # fmt: skip
    """Put down the loans that people take over from ``former``, a partner or themselves at another bank; the rate goes with them."""
    term, product = np.where(home, TERMS[Purpose.MORTGAGE], TERMS[Purpose.LOAN]), np.where(home, int(Product.MORTGAGE), int(Product.LOAN))
    rate, each = running_rates(world, former), np.zeros(len(rows), np.int64)
    for one in np.unique(rate).tolist():
        mine = rate == one
        each[mine] = np.ceil(owed[mine] / present_value(as_rate(register, one), term[mine])).astype(np.int64)
    fix(world, rows, owed, world.debts.fixed[former * DEBTS + LOAN_DEBT].astype(np.int64))
    note_loans(diary, day, rows, product, owed, term, each, rate, np.full(len(rows), day))
