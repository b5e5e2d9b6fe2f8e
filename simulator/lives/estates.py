"""Estates: how the accounts of somebody who is gone are settled, by ordinary payments, and closed."""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.codes import Channel, Event, Message, Method, Purpose, Status
from simulator.draws import Ints
from simulator.ledger import OWED, OWN, SHARE
from simulator.lives.diary import Diary
from simulator.population.accounts import CLOSED, CREDIT_CARD, CURRENT, LOAN, PERSON_ROWS, PURSE, SAVINGS
from simulator.population.world import World
from simulator.runner.postponed import Postponed

ALL = 1_000_000
HOUR = 3_600_000_000
SWEEP = 4
"""Days after which what still came in is paid out too."""

CLOSES = 6
"""Days after which the accounts are closed (assumption: the last credits have settled by then)."""


def order(
    postponed: Postponed, day: int, initiator: Ints, time: int, payer: Ints | int, payee: Ints | int, method: Method, purpose: Purpose,
    amount: Ints | int = ALL, rule: int = SHARE, marks: int = 0,
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
        "terminal": -1, "method": int(method), "channel": int(Channel.BRANCH), "purpose": int(purpose), "message": int(Message.PAYMENT),
        "rule": rule, "marks": marks, "status": int(Status.APPROVED),
    }  # fmt: skip
    for name, value in fields.items():
        attempt[name] = value
    postponed.used += size


def settle_estate(
    world: World, today: Today, postponed: Postponed, rows: Ints, heir: Ints, purpose: Purpose, keeps_home: NDArray[np.bool_]
) -> None:
    """Gather the money of people who are gone, pay what they owe, write off the rest, and pay what is left to an heir.

    Args:
        world: the world.
        today: the day that closes.
        postponed: takes the payments.
        rows: people who are gone from tomorrow.
        heir: account row of each heir.
        purpose: of what the heir gets.
        keeps_home: where somebody stays who goes on paying the loans.
    """
    layout, base, day = world.layout, rows * PERSON_ROWS, today.day + 1
    bank = layout.bank_base + world.people.bank[rows].astype(np.int64)
    home = np.full(len(rows), layout.outside)
    start = (10 * HOUR - today.offset) % (24 * HOUR) // HOUR * HOUR
    owner, debtor = (world.people.tenure[rows] <= 1) & ~keeps_home, (world.people.tenure[rows] > 1) & ~keeps_home
    own, move = OWN, Method.INSTANT_TRANSFER
    order(postponed, day, rows, start, base + SAVINGS, base + CURRENT, move, Purpose.SAVING, marks=own)
    order(postponed, day, rows, start + 1_000_000, base + PURSE, base + CURRENT, Method.CASH, Purpose.DEPOSIT, marks=own)
    order(postponed, day, rows, start + 2_000_000, base + CURRENT, base + CREDIT_CARD, move, Purpose.CARD_BILL, rule=OWED, marks=own)
    # Who owned the home sells it: the buyer, outside, pays what is owed on it.
    order(postponed, day, rows[owner], start + 3_000_000, home[owner], base[owner] + LOAN, Method.WIRE, Purpose.PROPERTY, rule=OWED)
    order(postponed, day, rows[debtor], start + 3_000_000, base[debtor] + CURRENT, base[debtor] + LOAN, move, Purpose.LOAN,
          rule=OWED, marks=own)  # fmt: skip
    order(postponed, day, rows, start + 4_000_000, bank, base + CREDIT_CARD, Method.NONE, Purpose.WRITE_OFF, rule=OWED)
    order(postponed, day, rows[debtor], start + 5_000_000, bank[debtor], base[debtor] + LOAN, Method.NONE, Purpose.WRITE_OFF, rule=OWED)
    for after in (0, SWEEP):
        order(postponed, day + after, rows, start + 6_000_000, base + CURRENT, heir, Method.WIRE, purpose)


def close_accounts(world: World, today: Today, diary: Diary) -> None:
    """Close the accounts of those who went some days ago; they may neither pay nor be paid."""
    gone = np.flatnonzero(world.people.left == today.day + 1 - CLOSES)
    if not len(gone):
        return
    line = world.accounts.line[: world.layout.firm_base].reshape(-1, PERSON_ROWS)
    used = line[gone, CREDIT_CARD] > 0
    for account, mine in ((CURRENT, gone), (SAVINGS, gone), (CREDIT_CARD, gone[used])):
        line[mine, account] = CLOSED
        diary.note(Event.ACCOUNT_CLOSED, mine, (16 * HOUR - today.offset) % (24 * HOUR), account=mine * PERSON_ROWS + account)
    diary.note(Event.CUSTOMER_LEFT, gone, (16 * HOUR - today.offset) % (24 * HOUR) + 1, account=gone * PERSON_ROWS)
