"""Premises change hands: firms close, others open in their place and go on with their customers, suppliers and staff.

What a closed firm is still owed and owes is settled on its own accounts, which are then closed.
"""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Event, Message, Method, Purpose
from simulator.draws import Ints
from simulator.ledger import FIXED, FORCED, OWED, OWN
from simulator.lives.diary import Diary
from simulator.lives.estates import HOUR, SECOND, order
from simulator.lives.succession import successors
from simulator.population.accounts import ACQUIRING, CLOSED, CURRENT, FIRM_ROWS, RESERVE, TILL
from simulator.population.closures import TAKEN_OVER
from simulator.population.firms import MERCHANT
from simulator.population.presence import KEPT
from simulator.population.world import World
from simulator.runner.postponed import Postponed

SETTLED = (30, 60, 100, 140)
"""Days after its last on which what a closed firm holds is paid out: refunds come first, disputes later (assumption)."""


def change_premises(world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
    """Settle firms that have closed, and let those open tomorrow whose day it is: when the one before them closes, or long after.

    Args:
        world: changes.
        today: the day that closes.
        diary: told of accounts, and of whom people worked for.
        postponed: takes the payments of later days.
    """
    firms, tomorrow = world.firms, today.day + 1
    _close_accounts(world, today, diary, np.flatnonzero(firms.closed + np.int64(KEPT) == today.day))
    _settle(world, today, postponed, np.flatnonzero(np.isin(tomorrow - firms.closed.astype(np.int64), SETTLED)))
    old = np.flatnonzero((firms.successor >= 0) & (firms.opened[firms.successor] == tomorrow))
    if not len(old):
        return
    new = firms.successor[old].astype(np.int64)
    for name in TAKEN_OVER:
        firms[name][new] = firms[name][old]
    owned = firms.owner[old] >= 0
    firms.owner[new[owned]] = successors(world, today, firms.owner[old[owned]].astype(np.int64), new[owned])
    diary.change("owner", tomorrow, new[owned], owner=np.full(owned.sum(), -1, np.int32))
    pass_on(world, tomorrow, diary, postponed, old, new)
    _open_accounts(world, tomorrow, diary, postponed, new)


def pass_on(world: World, day: int, diary: Diary, postponed: Postponed, old: Ints, new: Ints) -> None:
    """Customers, staff, who sells to the firm and who pays it turn to the one that opens; subsidiaries stand alone."""
    now = np.arange(len(world.firms), dtype=np.int64)
    now[old] = new
    layout, people, firms = world.layout, world.people, world.firms
    seat = world.market.seat
    seat[:] = now[seat]
    staff = np.flatnonzero(people.employer >= 0)
    staff = staff[now[people.employer[staff]] != people.employer[staff]]
    diary.change("employer", day, staff, employer=people.employer[staff])
    people.employer[staff] = now[people.employer[staff]]
    children = np.flatnonzero(firms.parent >= 0)
    firms.parent[children[np.isin(firms.parent[children], old)]] = -1

    def pays_now(account: Ints) -> Ints:
        of_firm = (account >= layout.firm_base) & (account < layout.government)
        firm, row = np.divmod(np.where(of_firm, account - layout.firm_base, 0), FIRM_ROWS)
        return np.where(of_firm, layout.firm_base + now[firm] * FIRM_ROWS + row, account)

    for table in (world.contracts["payee"], world.payees["account"]):
        table[:] = pays_now(table.astype(np.int64))
    # What was to be bought there after its last day is bought from who is there then.
    waiting = postponed.table[: postponed.used].view(np.ndarray)["attempt"]
    asks = np.isin(waiting["message"], (Message.PAYMENT, Message.AUTHORISATION)) & (waiting["related"] < 0)
    bought = np.flatnonzero(asks & (waiting["purpose"] == Purpose.PURCHASE) & np.isin(waiting["firm"], old))
    waiting["payee"][bought] = pays_now(waiting["payee"][bought].astype(np.int64))
    waiting["firm"][bought] = now[waiting["firm"][bought]]


def _used(world: World, rows: Ints) -> list[tuple[int, Ints]]:
    """Accounts at banks that firms use, with the rows of those that do."""
    firms = world.firms
    return [(CURRENT, rows), (ACQUIRING, rows[firms.kind[rows] == MERCHANT]), (RESERVE, rows[firms.sweeps[rows] == 1])]


def _open_accounts(world: World, day: int, diary: Diary, postponed: Postponed, rows: Ints) -> None:
    """Banks open the accounts at the first moment of a day; owners elsewhere put in what a firm of the first morning has."""
    layout, firms = world.layout, world.firms
    who, base = layout.people + rows, layout.firm_base + rows * FIRM_ROWS
    world.accounts.line[base[:, None] + [CURRENT, ACQUIRING, RESERVE]] = 0
    diary.later(day, Event.CUSTOMER_JOINED, who, 0, account=base)
    for account, mine in _used(world, rows):
        current = layout.firm_base + mine * FIRM_ROWS
        diary.later(day, Event.ACCOUNT_OPENED, layout.people + mine, (1 + account) * SECOND, account=current + account)
    capital = firms.reserve[rows] + np.where(firms.kind[rows] == MERCHANT, firms.sales[rows] // 4, firms.invoices[rows] // 2)
    order(postponed, day, who, 5 * SECOND, np.full(len(rows), layout.outside), base, Method.INSTANT_TRANSFER, Purpose.INVESTMENT,
          amount=capital, rule=FIXED, marks=OWN, channel=Channel.NONE)  # fmt: skip


def _settle(world: World, today: Today, postponed: Postponed, rows: Ints) -> None:
    """Tomorrow what closed firms hold pays their tax and goes to creditors and owners elsewhere; the bank writes off what they owe."""
    if not len(rows):
        return
    layout, firms, day = world.layout, world.firms, today.day + 1
    who, base = layout.people + rows, layout.firm_base + rows * FIRM_ROWS
    bank, tax = layout.bank_base + firms.bank[rows].astype(np.int64), firms.tax_due[rows].copy()
    time, own = (11 * HOUR - today.offset) % (24 * HOUR), OWN | FORCED
    order(postponed, day, who, time, base + ACQUIRING, base + CURRENT, Method.BATCH_TRANSFER, Purpose.PAYOUT, marks=own)
    order(postponed, day, who, time + SECOND, base + TILL, base + CURRENT, Method.CASH, Purpose.DEPOSIT, marks=own)
    order(postponed, day, who, time + 2 * SECOND, base + RESERVE, base + CURRENT, Method.INSTANT_TRANSFER, Purpose.SAVING, marks=own)
    order(postponed, day, who, time + 3 * SECOND, base + CURRENT, np.full(len(rows), layout.government), Method.BATCH_TRANSFER,
          Purpose.TAX, amount=tax, rule=FIXED, marks=FORCED)  # fmt: skip
    firms.tax_due[rows] -= tax
    for account in (CURRENT, ACQUIRING, RESERVE):
        order(postponed, day, who, time + (4 + account) * SECOND, bank, base + account, Method.NONE, Purpose.WRITE_OFF, rule=OWED)
    order(postponed, day, who, time + 8 * SECOND, base + CURRENT, np.full(len(rows), layout.outside), Method.WIRE, Purpose.CLOSING,
          marks=FORCED)  # fmt: skip


def _close_accounts(world: World, today: Today, diary: Diary, rows: Ints) -> None:
    """Close the accounts whose last day it is; they may neither pay nor be paid."""
    layout, time = world.layout, (16 * HOUR - today.offset) % (24 * HOUR)
    world.accounts.line[layout.firm_base + rows[:, None] * FIRM_ROWS + [CURRENT, ACQUIRING, RESERVE]] = CLOSED
    for account, mine in _used(world, rows):
        base = layout.firm_base + mine * FIRM_ROWS
        diary.note(Event.ACCOUNT_CLOSED, layout.people + mine, time + account * SECOND, account=base + account)
    diary.note(Event.CUSTOMER_LEFT, layout.people + rows, time + 8 * SECOND, account=layout.firm_base + rows * FIRM_ROWS)
