"""Changes of bank: somebody's accounts are closed at one bank and opened at another.

A customer is a person at a bank: whoever changes bank leaves as one customer and joins as another, in a row that was set
aside, with the same life, household, friends, job and bills. Balances, card debt and loans move over by payments.
"""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.draws import Ints, Why, choose, words
from simulator.ledger import FIXED, FORCED
from simulator.lives.arrivals import open_accounts
from simulator.lives.departures import CLOSING_FIRST, CLOSING_SPAN
from simulator.lives.diary import Diary
from simulator.lives.estates import HOUR, SECOND, SWITCHED, depart, order
from simulator.lives.register import Register, within
from simulator.population.accounts import CREDIT_CARD, CURRENT, PERSON_ROWS, PURSE, SAVINGS
from simulator.population.debts import CARD_DEBT, DEBTS, SHUT
from simulator.population.presence import NEVER, here
from simulator.population.world import World
from simulator.runner.postponed import Postponed

MOVED_AT_ONCE = 900_000
"""Parts per million of a balance that move on the first day; the rest follows when the old account is closed."""


def switch_banks(register: Register, world: World, today: Today, diary: Diary, postponed: Postponed, rows: Ints) -> None:
    """Let people be customers of another bank from tomorrow.

    Args:
        register: shares of banks.
        world: whose rows change.
        today: the day that closes.
        diary: told of it.
        postponed: takes the payments.
        rows: rows set aside, each for the one that `Course.takes` says.
    """
    people, course = world.people, world.course
    old = course.takes[rows].astype(np.int64)
    fine = here(people, today.day + 1, old) & (len(register.scenario.banks) > 1)
    fine &= (world.debts.since.reshape(-1, DEBTS)[old] == 0).all(axis=1)  # no other bank takes over what is overdue
    new, old = rows[fine], old[fine]
    if not len(new):
        return
    people[new], course[new], world.habit[new], world.known[new] = people[old], course[old], world.habit[old], world.known[old]
    people.joined[new], people.left[new], people.statement[new] = today.day + 1, NEVER, 0
    people.bank[new] = _another(register, new, people.bank[old].astype(np.int64))
    world.census[1] += len(new)
    debts = world.debts.reshape(-1, DEBTS)
    debts["margin"][new], debts["standing"][new] = debts["margin"][old], debts["standing"][old]
    course.closes[new], course.debt[new] = NEVER, 0
    base, account = old * PERSON_ROWS, new * PERSON_ROWS
    line = world.accounts.line[: world.layout.firm_base].reshape(-1, PERSON_ROWS)
    line[new] = line[old]
    shut = new[debts["standing"][new, CARD_DEBT] & SHUT > 0]  # no account to be closed there
    line[shut, CREDIT_CARD] = 0
    debts["standing"][shut, CARD_DEBT] &= ~SHUT
    _tell_others(world, old, new)
    word = words(register.seed, new, Why.SWITCH, 1, today.day)[0]
    employer = people.employer[new].copy()
    depart(world, today.day, old, SWITCHED, register.business(within(word, today.day + CLOSING_FIRST, CLOSING_SPAN)), diary)
    people.employer[new] = employer
    course.partner[old] = new
    open_accounts(world, diary, today.day + 1, today.offset, register.seed, new)
    time, day, instant = (8 * HOUR - today.offset) % (24 * HOUR), today.day + 1, Method.INSTANT_TRANSFER
    for kind, method, part in ((CURRENT, instant, MOVED_AT_ONCE), (SAVINGS, instant, MOVED_AT_ONCE), (PURSE, Method.CASH, 1_000_000)):
        order(postponed, day, old, time + kind * SECOND, base + kind, account + kind, method, Purpose.CLOSING, amount=part, marks=FORCED,
              channel=Channel.ONLINE)  # fmt: skip
    owed = np.maximum(0, -world.accounts.book[base + CREDIT_CARD])
    owes = owed > 0
    order(postponed, day, new[owes], time + 6 * SECOND, account[owes] + CREDIT_CARD, base[owes] + CREDIT_CARD, instant, Purpose.CARD_BILL,
          amount=owed[owes], rule=FIXED, marks=FORCED)  # fmt: skip


def _another(register: Register, rows: Ints, bank: Ints) -> Ints:
    """A bank by its share, other than the one that each has."""
    shares = np.array([one.share for one in register.scenario.banks])
    found = bank.copy()
    for turn in range(16):
        again = found == bank
        if not again.any():
            break
        found[again] = choose(shares, words(register.seed, rows[again], Why.SWITCH, 2 + turn)[0])
    found = np.where(found == bank, (bank + 1) % len(shares), found)
    return found


def _tell_others(world: World, old: Ints, new: Ints) -> None:
    """Partner, flatmate and employer know the new account at once."""
    people, course, owed = world.people, world.course, world.obligations
    lent = np.flatnonzero((course.takes >= 0) & (people.joined == NEVER))
    after = dict(zip(old.tolist(), new.tolist(), strict=True))
    for was, now in after.items():
        partner, employer = int(course.partner[now]), int(people.employer[was])
        if partner >= 0:
            partner = after.get(partner, partner)  # both may change bank on one day
            course.partner[now], course.partner[partner] = partner, now
            # A row set aside to succeed the partner this month holds what the partner pays already.
            for payer in [partner, *lent[course.takes[lent] == partner].tolist()]:
                mine = slice(int(world.owes[payer]), int(world.owes[payer + 1]))
                owed.payee[mine][owed.payee[mine] == was * PERSON_ROWS + CURRENT] = now * PERSON_ROWS + CURRENT
        if employer >= 0:
            staff = world.workers[int(world.staff[employer]) : int(world.staff[employer + 1])]
            staff[staff == was] = now
