"""Books: how an approved payment moves them, now or at its value date, and across currencies."""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import DAY, Today
from simulator.codes import Method, Schedule
from simulator.exchange import credited_abroad, worth
from simulator.kernel import kernel, step
from simulator.ledger import OWN
from simulator.population.accounts import Accounts, Layout
from simulator.records import Records

SCHEDULES = len(Schedule)
"""First row of `Today.value` for a country abroad."""


@step
def schedule_of(method: int, marks: int, abroad: bool) -> int:
    """When the payee's book moves: own money and notes at once, everything else as its method settles."""
    if marks & OWN or method == Method.CASH or method == Method.NONE:
        return Schedule.NOW
    if method == Method.CARD or method == Method.WALLET:
        return Schedule.CARD
    if abroad:
        return Schedule.ABROAD
    if method == Method.BATCH_TRANSFER or method == Method.DIRECT_DEBIT:
        return Schedule.BATCH
    if method == Method.CHEQUE:
        return Schedule.CHEQUE
    return Schedule.WIRE if method == Method.WIRE else Schedule.NEXT_WINDOW


@step
def country_of(layout: Layout, payer: int, payee: int) -> int:
    """Country abroad to or from which a payment goes, -1 for none; no payment has both ends abroad."""
    if payee >= layout.abroad_base and payee < layout.dealer_base:
        return payee - layout.abroad_base
    return payer - layout.abroad_base if payer >= layout.abroad_base and payer < layout.dealer_base else -1


@step
def offered(layout: Layout, today: Today, payer: int, payee: int, amount: int, price: int) -> int:
    """What a payee is credited at today's rate, or would be, were the payment approved."""
    country = country_of(layout, payer, payee)
    if country < 0 or today.currency[country] == 0:
        return amount
    rate = today.rates[today.currency[country]]
    if payer >= layout.abroad_base and payer < layout.dealer_base:
        return int(worth(amount, rate))
    return int(credited_abroad(amount, price, rate))


@step
def _exchange(accounts: Accounts, layout: Layout, payer: int, amount: int, credited: int, currency: int) -> None:
    """Across currencies the dealer's two accounts move now, by exactly the row's two amounts."""
    home, foreign = layout.dealer_base, layout.dealer_base + currency
    is_from_abroad = payer >= layout.abroad_base and payer < layout.dealer_base
    takes, gives = (foreign, home) if is_from_abroad else (home, foreign)
    accounts.book[takes] += amount
    accounts.available[takes] += amount
    accounts.book[gives] -= credited
    accounts.available[gives] -= credited


@step
def book(
    accounts: Accounts, layout: Layout, today: Today, window: int, block: Records, i: int, amount: int, credits: tuple[Records, ...],
    used: NDArray[np.int64],
) -> tuple[int, int]:  # fmt: skip
    """Move an approved payment: the payer's book now, the payee's now or later.

    Returns:
        The value date, microseconds since 1970, and what the payee is credited.
    """
    payer, payee = np.int64(block.payer[i]), np.int64(block.payee[i])
    marks = np.int64(block.marks[i])
    accounts.book[payer] -= amount
    if payer >= layout.government:
        accounts.available[payer] -= amount
    country = country_of(layout, payer, payee)
    schedule = schedule_of(np.int64(block.method[i]), marks, country >= 0)
    credited = amount
    if country >= 0:
        if schedule == Schedule.ABROAD:
            schedule = SCHEDULES + country
        if today.currency[country] > 0:
            credited = offered(layout, today, payer, payee, amount, block.hold[i])
            _exchange(accounts, layout, payer, amount, credited, today.currency[country])
            block.hold[i] = credited  # what follows needs it
    batch = today.batch[schedule, window]
    if batch < 0:
        accounts.book[payee] += credited
        if marks & OWN == 0:
            accounts.available[payee] += credited
        return today.day * DAY + block.time[i], credited
    n = used[batch]
    credits[batch].amount[n] = credited
    credits[batch].payee[n] = payee
    used[batch] = n + 1
    accounts.flight[payee] += credited
    return today.value[schedule, window], credited


@kernel
def settle(accounts: Accounts, credits: Records, count: int) -> None:
    """Credits reach their value date: they are in the payees' books and may be spent."""
    for i in range(count):
        payee, amount = np.int64(credits.payee[i]), credits.amount[i]
        accounts.flight[payee] -= amount
        accounts.book[payee] += amount
        accounts.available[payee] += amount


@kernel
def money(accounts: Accounts) -> int:
    """The sum of all books and of what is in flight, minor units of whatever currency."""
    total = np.int64(0)
    for account in range(accounts.book.shape[0]):
        total += accounts.book[account] + accounts.flight[account]
    return int(total)
