"""Estates: how the accounts of somebody who is gone are settled, by ordinary payments, and closed."""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.codes import Channel, Event, Message, Method, Purpose, Status
from simulator.draws import Ints, Why, words
from simulator.economy.underwriting import take_over
from simulator.ledger import FIXED, FORCED, OWED, OWN, SHARE
from simulator.lives.diary import Diary
from simulator.lives.foresight import Step
from simulator.lives.register import Register, befalls
from simulator.population.accounts import CLOSED, CREDIT_CARD, CURRENT, FROZEN, LOAN, PERSON_ROWS, PURSE, SAVINGS, UNLIMITED
from simulator.population.budget import MORTGAGED, OWNED
from simulator.population.presence import here
from simulator.population.world import World
from simulator.runner.postponed import Postponed

ALL = 1_000_000
SECOND = 1_000_000
HOUR = 3600 * SECOND

DEAD, GONE, SWITCHED = range(3)
"""Why somebody is gone."""

SWEEPS = (5, 25, 60, 130)
"""Days after the closing on which what still came in is paid out too: refunds, what other banks sent, disputes."""

ASKED = 24
"""People of the town among whom an heir is looked for."""


def order(
    postponed: Postponed, day: Ints | int, initiator: Ints, time: Ints | int, payer: Ints, payee: Ints | int, method: Method,
    purpose: Purpose, amount: Ints | int = ALL, rule: int = SHARE, marks: int = 0, channel: Channel = Channel.BRANCH,
) -> None:  # fmt: skip
    """Let payments fall due on a day, one for each initiator.

    Args:
        postponed: where they wait.
        day: days since 1970.
        initiator: who starts them.
        time: microseconds within the UTC day.
        payer: account rows.
        payee: account rows.
        method: how the money moves.
        purpose: what it is for.
        amount: by its rule; everything that the payer has by default.
        rule: FIXED, SHARE or OWED.
        marks: see `simulator.ledger`.
        channel: where it is started.
    """
    size = len(initiator)
    if not size:
        return
    due = postponed.reserve(size)[postponed.used : postponed.used + size]
    due["day"] = day
    attempt = due["attempt"]
    attempt[:] = np.zeros((), attempt.dtype)
    fields = {
        "time": time, "amount": amount, "related": -1, "initiator": initiator, "payer": payer, "payee": payee, "origin": -1, "firm": -1,
        "terminal": -1, "method": int(method), "channel": int(channel), "purpose": int(purpose), "message": int(Message.PAYMENT),
        "rule": rule, "marks": marks, "status": int(Status.APPROVED),
    }  # fmt: skip
    for name, value in fields.items():
        attempt[name] = value
    postponed.used += size


def depart(world: World, day: int, rows: Ints, why: int, closes: Ints, diary: Diary) -> None:
    """People are gone from the day after ``day``; their accounts will be closed some days later."""
    people, course = world.people, world.course
    diary.change("left", day + 1, rows, why=np.full(len(rows), why, np.int8))
    people.left[rows], course.closes[rows], course.why[rows] = day + 1, closes, why
    people.employer[rows] = -1
    world.census[1] -= len(rows)
    diary.agenda.put(closes - 1, Step.SETTLE, rows)
    diary.agenda.put(closes, Step.CLOSE, rows)


def freeze(world: World, rows: Ints, diary: Diary, time: Ints) -> None:
    """Banks freeze the accounts of the dead until the estate is settled."""
    for account in (CURRENT, SAVINGS, CREDIT_CARD):
        mine = rows * PERSON_ROWS + account
        used = (world.accounts.line[mine] > FROZEN) if account != CREDIT_CARD else world.people.line[rows] > 0
        world.accounts.line[mine[used]] = FROZEN - world.accounts.line[mine[used]]
        diary.note(Event.ACCOUNT_FROZEN, rows[used], time[used] + account * SECOND, account=mine[used])


def heirs(register: Register, world: World, today: Today, rows: Ints) -> Ints:
    """Account that gets what somebody leaves: the partner's, one of a younger person in the town, or one elsewhere."""
    people = world.people
    partner = world.course.partner[rows].astype(np.int64)
    stays = (partner >= 0) & here(people, today.day + 1, partner)
    found = np.where(stays, partner * PERSON_ROWS + CURRENT, np.int64(world.layout.outside))
    chance, _, _, _ = words(register.seed, rows, Why.ESTATE)
    for place in np.flatnonzero(~stays & befalls(chance, register.scenario.lives.heirs_here)).tolist():
        person = int(rows[place])
        town = int(people.town[person])
        low, size = int(world.towns[town]), int(world.towns[town + 1] - world.towns[town])
        word = words(register.seed, person * ASKED + np.arange(ASKED, dtype=np.int64), Why.ESTATE, 1)[0].astype(np.int64)
        asked = world.townsfolk[low + (word * size >> 32)].astype(np.int64)
        younger = people.age[person] - people.age[asked].astype(np.int64)
        fits = asked[here(people, today.day + 1, asked) & (younger >= 18) & (younger <= 45)]
        if len(fits):
            found[place] = fits[0] * PERSON_ROWS + CURRENT
    return found


def settle_estates(register: Register, world: World, today: Today, diary: Diary, postponed: Postponed, rows: Ints) -> None:
    """Plan tomorrow's payments for the accounts that are closed tomorrow."""
    if not len(rows):
        return
    people, layout, base = world.people, world.layout, rows * PERSON_ROWS
    bank = layout.bank_base + people.bank[rows].astype(np.int64)
    day, start = today.day + 1, (10 * HOUR - today.offset) % (24 * HOUR) // HOUR * HOUR
    time = start + (words(register.seed, rows, Why.ESTATE, 2)[0] >> np.uint32(20)).astype(np.int64) * 200_000
    own, move = OWN | FORCED, Method.INSTANT_TRANSFER
    order(postponed, day, rows, time, base + SAVINGS, base + CURRENT, move, Purpose.SAVING, marks=own)
    order(postponed, day, rows, time + SECOND, base + PURSE, base + CURRENT, Method.CASH, Purpose.DEPOSIT, marks=own)
    order(postponed, day, rows, time + 2 * SECOND, base + CURRENT, base + CREDIT_CARD, move, Purpose.CARD_BILL, rule=OWED, marks=own)
    _settle_loans(register, world, diary, postponed, day, rows, time + 3 * SECOND, bank)
    moved = world.course.why[rows] == GONE  # their new bank pays the card off
    order(postponed, day, rows[moved], time[moved] + 5 * SECOND, np.full(int(moved.sum()), layout.outside), base[moved] + CREDIT_CARD,
          Method.WIRE, Purpose.CARD_BILL, rule=OWED)  # fmt: skip
    for after, debt, mine in ((5, CREDIT_CARD, ~moved), (6, CURRENT, rows >= 0)):
        order(postponed, day, rows[mine], time[mine] + after * SECOND, bank[mine], base[mine] + debt, Method.NONE, Purpose.WRITE_OFF,
              rule=OWED)  # fmt: skip
    _pay_out(register, world, today, postponed, day, rows, time)
    for after in SWEEPS:
        diary.agenda.put(day + after - 1, Step.SWEEP, rows)


def _settle_loans(
    register: Register, world: World, diary: Diary, postponed: Postponed, day: int, rows: Ints, time: Ints, bank: Ints
) -> None:  # fmt: skip
    """A home is sold, or another bank takes the loan over: that pays it off, from outside; a tenant's loan is paid from what is there.

    A partner who stays takes the loans over.
    """
    people, course, base = world.people, world.course, rows * PERSON_ROWS
    owed = np.maximum(0, -world.accounts.book[base + LOAN])
    partner = course.partner[rows].astype(np.int64)
    stays = (owed > 0) & (partner >= 0) & here(people, day, partner)
    taker = partner[stays]
    home = people.tenure[rows[stays]] == MORTGAGED
    take_over(diary, register, world, day - 1, taker, rows[stays], owed[stays], home)
    world.accounts.line[taker * PERSON_ROWS + LOAN] = UNLIMITED
    world.course.borrowed[taker] = 1
    order(postponed, day, taker, time[stays], taker * PERSON_ROWS + LOAN, base[stays] + LOAN, Method.INSTANT_TRANSFER, Purpose.LOAN,
          amount=owed[stays], rule=FIXED, marks=FORCED)  # fmt: skip
    owner = ~stays & ((people.tenure[rows] == OWNED) | (people.tenure[rows] == MORTGAGED))
    outside = np.full(len(rows), world.layout.outside)
    order(postponed, day, rows[owner], time[owner], outside[owner], base[owner] + LOAN, Method.WIRE, Purpose.PROPERTY, rule=OWED)
    tenant = ~stays & ~owner
    order(postponed, day, rows[tenant], time[tenant], base[tenant] + CURRENT, base[tenant] + LOAN, Method.INSTANT_TRANSFER, Purpose.LOAN,
          rule=OWED, marks=OWN | FORCED)  # fmt: skip
    order(postponed, day, rows[tenant], time[tenant] + SECOND, bank[tenant], base[tenant] + LOAN, Method.NONE, Purpose.WRITE_OFF, rule=OWED)


def _pay_out(register: Register, world: World, today: Today, postponed: Postponed, day: int, rows: Ints, time: Ints) -> None:
    """What is left goes to the heirs of the dead, to the new bank of the others."""
    why = world.course.why[rows].astype(np.int64)
    base = rows * PERSON_ROWS + CURRENT
    successor = world.course.partner[rows].astype(np.int64) * PERSON_ROWS + CURRENT  # of who changed bank: the row that succeeds
    payee = np.where(why == SWITCHED, successor, np.int64(world.layout.outside))
    payee[why == DEAD] = heirs(register, world, today, rows[why == DEAD])
    for kinds, purpose in (([DEAD], Purpose.INHERITANCE), ([GONE, SWITCHED], Purpose.CLOSING)):
        mine = np.isin(why, kinds)
        order(postponed, day, rows[mine], time[mine] + 8 * SECOND, base[mine], payee[mine], Method.WIRE, purpose, marks=FORCED)


def sweep(register: Register, world: World, today: Today, postponed: Postponed, rows: Ints) -> None:
    """What came in after the closing is paid out tomorrow, what went out is written off."""
    if not len(rows):
        return
    base, time = rows * PERSON_ROWS, np.full(len(rows), (11 * HOUR - today.offset) % (24 * HOUR))
    bank, own = world.layout.bank_base + world.people.bank[rows].astype(np.int64), OWN | FORCED
    day = today.day + 1
    for account in (SAVINGS, CREDIT_CARD, LOAN):
        order(postponed, day, rows, time, base + account, base + CURRENT, Method.INSTANT_TRANSFER, Purpose.CLOSING, marks=own)
        order(postponed, day, rows, time + SECOND, bank, base + account, Method.NONE, Purpose.WRITE_OFF, rule=OWED, marks=FORCED)
    order(postponed, day, rows, time + SECOND, bank, base + CURRENT, Method.NONE, Purpose.WRITE_OFF, rule=OWED, marks=FORCED)
    _pay_out(register, world, today, postponed, day, rows, time)


def close_accounts(world: World, today: Today, diary: Diary, gone: Ints) -> None:
    """Close the accounts whose day it is; they may neither pay nor be paid."""
    line = world.accounts.line[: world.layout.firm_base].reshape(-1, PERSON_ROWS)
    used: dict[int, NDArray[np.bool_]] = {
        CREDIT_CARD: world.people.line[gone] > 0, LOAN: world.course.borrowed[gone] > 0, **dict.fromkeys((CURRENT, SAVINGS), gone >= 0)
    }  # fmt: skip
    time = (16 * HOUR - today.offset) % (24 * HOUR)
    for account in (CURRENT, SAVINGS, CREDIT_CARD, LOAN):
        mine = gone[used[account]]
        line[gone, account] = CLOSED
        diary.note(Event.ACCOUNT_CLOSED, mine, time + account * SECOND, account=mine * PERSON_ROWS + account)
    diary.note(Event.CUSTOMER_LEFT, gone, time + 8 * SECOND, account=gone * PERSON_ROWS)
