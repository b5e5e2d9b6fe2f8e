"""The ladder of delinquency, at the day's close: late fee, line cut, default, charge-off, account closed, foreclosure.

Days past due follow from the payments of the person alone, see `simulator.population.debts`; nothing here is drawn.
"""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Event, Method, Purpose
from simulator.draws import Ints, Why, choose, words
from simulator.ledger import FIXED, FORCED, OWED, OWN
from simulator.lives.diary import Diary
from simulator.lives.estates import HOUR, SECOND, order
from simulator.lives.register import Register, befalls
from simulator.population.accounts import CLOSED, CREDIT_CARD, CURRENT, FROZEN, LOAN, PERSON_ROWS, SAVINGS
from simulator.population.budget import MORTGAGED, RENTED
from simulator.population.debts import CARD_DEBT, CHARGED_OFF, CUT, DEBTS, DEFAULTED, LOAN_DEBT, MONTH, NO_LINE, SHUT
from simulator.population.presence import here
from simulator.population.world import World
from simulator.runner.postponed import Postponed

FEE_AFTER = 5
"""Days from a payment missed to its fee: once it was presented again in vain."""

ARREARS = 64
"""Which of the draws about credit says who begins late."""

LADDER = (1.0, 0.67, 0.45, 0.36, 0.31)
"""Balances one to five months past due at any one time, against those of one month: of debts 30 and 60 days past due two thirds go on
for another month, of those 90 and 120 days past due 80 and 85 % (roll rates; from memory)."""


def begin_late(register: Register, world: World, day: int) -> None:
    """Some are late with their cards on the first morning.

    They are of those who carry a balance and hold less than a month's purchases (assumption). Others are late with loans as well,
    which is left out.

    Args:
        register: the scenario.
        world: its first morning; debts change.
        day: the first day.
    """
    credit, people, book = register.scenario.credit, world.people, world.accounts.book
    rows = np.flatnonzero(here(people, day))
    owed = np.maximum(0, -book[rows * PERSON_ROWS + CREDIT_CARD])
    short = book[rows * PERSON_ROWS + CURRENT] + book[rows * PERSON_ROWS + SAVINGS] < people.budget[rows]
    able = short & (people.payer[rows] > 0) & (owed > 0)
    share = credit.arrears * owed.sum() / max(1, owed[able].sum())
    hit, month, date, _ = words(register.seed, rows, Why.CREDIT, ARREARS)
    late = able & befalls(hit, share)
    rows, owed, months = rows[late], owed[late], 1 + choose(LADDER, month[late])
    debts, row = world.debts, rows * DEBTS + CARD_DEBT
    least, part = round(credit.minimum_amount * register.unit), round(credit.minimum * 1_000_000)
    debts.minimum[row] = np.minimum(owed, np.maximum(least, owed * part // 1_000_000))
    debts.due[row] = np.minimum(owed, debts.minimum[row] * (months + 1))
    debts.last[row] = day - 1 - (date[late].astype(np.int64) * MONTH >> 32)
    debts.since[row] = debts.last[row] - MONTH * months
    debts.standing[row[day - debts.since[row] > register.scenario.lending.default_after]] |= DEFAULTED


def past_due(world: World, day: int) -> Ints:
    """Days past due of every debt at the close of a day, by row of `Debts`; 0 where nothing is."""
    since = world.debts.since.astype(np.int64)
    return np.where(since > 0, day - since, 0)


def climb(register: Register, world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
    """Take the steps of the ladder that are due; what they cost is paid tomorrow.

    Args:
        register: the scenario.
        world: whose debts and lines change.
        today: the day that closes.
        diary: told of lines cut and of accounts closed.
        postponed: takes the fees and what is written off.
    """
    if register.scenario.lending.closes:
        close_charged_off(world, today, diary, postponed)
    rows = np.flatnonzero(world.debts.since)
    rows = rows[here(world.people, today.day + 1, rows // DEBTS)]
    if not len(rows):
        return
    rule, debts = register.scenario.lending, world.debts
    days = today.day - debts.since[rows].astype(np.int64)
    card, person = rows % DEBTS == CARD_DEBT, rows // DEBTS
    charge_late(register, world, today, postponed, rows[card & (today.day - debts.last[rows] == FEE_AFTER)])
    cut_lines(world, today, diary, person[card & (days >= rule.cut_after)])
    standing = debts.standing
    standing[rows[days >= rule.default_after]] |= DEFAULTED
    home = world.people.tenure[person] == MORTGAGED
    charge_off(world, today, postponed, person[card & (days >= rule.card_charged_off)], CREDIT_CARD)
    charge_off(world, today, postponed, person[~card & ~home & (days >= rule.loan_charged_off)], LOAN)
    foreclose(register, world, today, postponed, person[~card & home & (days >= rule.foreclosed)])


def charge_late(register: Register, world: World, today: Today, postponed: Postponed, rows: Ints) -> None:
    """Banks charge a fee for card payments missed."""
    fee = np.minimum(round(register.scenario.lending.late_fee * register.unit), world.debts.minimum[rows])
    rows, fee = rows[fee > 0], fee[fee > 0]
    person = rows // DEBTS
    bank = world.layout.bank_base + world.people.bank[person].astype(np.int64)
    order(postponed, today.day + 1, person, (2 * HOUR - today.offset) % (24 * HOUR), person * PERSON_ROWS + CREDIT_CARD, bank, Method.NONE,
          Purpose.FEE, amount=fee, rule=FIXED, marks=FORCED, channel=Channel.NONE)  # fmt: skip


def cut_lines(world: World, today: Today, diary: Diary, person: Ints) -> None:
    """Cards of some people lend no more."""
    account = person * PERSON_ROWS + CREDIT_CARD
    open_ = (world.people.line[person] > NO_LINE) & (world.accounts.line[account] > FROZEN)
    person, account = person[open_], account[open_]
    if not len(person):
        return
    diary.change("limit", today.day + 1, account, limit=world.people.line[person].astype(np.int64))
    diary.note(Event.LIMIT_CHANGED, person, (17 * HOUR - today.offset) % (24 * HOUR), account=account, amount=NO_LINE)
    world.people.line[person] = world.accounts.line[account] = NO_LINE
    world.debts.standing[person * DEBTS + CARD_DEBT] |= CUT


def charge_off(world: World, today: Today, postponed: Postponed, person: Ints, account: int) -> None:
    """Banks give up what some people owe on an account: they pay it off themselves, which the books show as their loss."""
    bank = world.layout.bank_base + world.people.bank[person].astype(np.int64)
    order(postponed, today.day + 1, person, (3 * HOUR - today.offset) % (24 * HOUR) + SECOND, bank, person * PERSON_ROWS + account,
          Method.NONE, Purpose.CHARGE_OFF, rule=OWED, marks=FORCED, channel=Channel.NONE)  # fmt: skip


def close_charged_off(world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
    """Accounts of cards that were charged off are closed once nothing is owed on them or on its way; the card goes with its account.

    What reaches them later, such as a refund, is paid out.
    """
    people, accounts, standing = world.people, world.accounts, world.debts.standing[CARD_DEBT::DEBTS]
    paid = np.flatnonzero(standing & SHUT)
    paid = paid[(accounts.available[paid * PERSON_ROWS + CREDIT_CARD] > 0) & here(people, today.day + 1, paid)]
    base = paid * PERSON_ROWS
    order(postponed, today.day + 1, paid, (11 * HOUR - today.offset) % (24 * HOUR), base + CREDIT_CARD, base + CURRENT,
          Method.INSTANT_TRANSFER, Purpose.CLOSING, marks=OWN | FORCED, channel=Channel.NONE)  # fmt: skip
    person = np.flatnonzero((standing & CHARGED_OFF > 0) & (people.line > 0))
    account = person * PERSON_ROWS + CREDIT_CARD
    settled = (accounts.book[account] == 0) & (accounts.available[account] == 0) & (accounts.flight[account] == 0)
    done = settled & (accounts.line[account] > FROZEN) & here(people, today.day + 1, person)
    person, account = person[done], account[done]
    diary.note(Event.ACCOUNT_CLOSED, person, (16 * HOUR - today.offset) % (24 * HOUR) + CREDIT_CARD * SECOND, account=account)
    diary.change("card_closed", today.day, person)
    people.line[person], people.statement[person], accounts.line[account] = 0, 0, CLOSED
    world.debts.standing[person * DEBTS + CARD_DEBT] |= SHUT


def foreclose(register: Register, world: World, today: Today, postponed: Postponed, person: Ints) -> None:
    """Homes are sold to somebody outside for less than usual; what they do not bring is charged off. Their owners rent from now on."""
    if not len(person):
        return
    people, outside = world.people, np.full(len(person), world.layout.outside)
    price = np.rint(people.home[person] * (1 - register.scenario.lending.foreclosure_discount)).astype(np.int64)
    account = person * PERSON_ROWS
    owed = np.maximum(0, -world.accounts.book[account + LOAN])
    time = (2 * HOUR - today.offset) % (24 * HOUR)
    for payee, amount in ((LOAN, np.minimum(price, owed)), (CURRENT, price - owed)):
        paid = amount > 0
        order(postponed, today.day + 1, person[paid], time, outside[paid], account[paid] + payee, Method.WIRE, Purpose.PROPERTY,
              amount=amount[paid], rule=FIXED, marks=FORCED)  # fmt: skip
    world.debts.standing[person * DEBTS + LOAN_DEBT] |= CHARGED_OFF
    charge_off(world, today, postponed, person, LOAN)
    people.tenure[person], people.home[person] = RENTED, 0
    _rent(register, world, person)


def _rent(register: Register, world: World, person: Ints) -> None:
    """What a home cost its owner each month is paid to a landlord of the town from now on, at most 30 % of income (assumption)."""
    owed, plan, layout = world.obligations, register.plan, world.layout
    bills = [place for place, bill in enumerate(register.scenario.bills) if bill.kind.value == "rent"]
    for who in person.tolist():
        rows = np.arange(int(world.owes[who]), int(world.owes[who + 1]))
        mine = rows[owed.payee[rows] == who * PERSON_ROWS + LOAN]
        homes = mine[owed.purpose[mine] == Purpose.MORTGAGE]
        for row in homes.tolist():
            if not bills:
                owed.months[row] = 0
                continue
            bill = bills[0]
            place = int(world.people.town[who]) * int(plan.billers[bill]) // plan.towns
            firm = int(plan.first_biller[bill]) + place
            owed.payee[row], owed.firm[row] = layout.firm_base + firm * 4 + CURRENT, firm
            owed.purpose[row], owed.bill[row], owed.mcc[row] = Purpose.RENT, bill, register.scenario.bills[bill].mcc
            owed.amount[row] = min(int(owed.amount[row]), int(world.people.gross[who]) * 3 // 120)
