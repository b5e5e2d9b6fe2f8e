"""What a day adds up to: small integer sums over its finished rows and over the books, in one buffer."""

from typing import NamedTuple

import numpy as np

from simulator.codes import Channel, Message, Method, Purpose, Reason, Status
from simulator.draws import Ints
from simulator.kernel import kernel, step
from simulator.population.accounts import CREDIT_CARD, CURRENT, FIRM_ROWS, PERSON_ROWS, PURSE, RESERVE, SAVINGS, TILL, Layout
from simulator.population.firms import MERCHANT
from simulator.population.presence import is_here
from simulator.records import Records

COUNT, VALUE = 0, 1
WAGES, BENEFITS, PENSIONS, OTHER = range(4)
KINDS = ("wages", "benefits", "pensions", "other")
OUT, IN, NOTES = range(3)
QUARTILES, QUINTILES = 4, 5

UNSPENT = (
    Purpose.TRANSFER, Purpose.WITHDRAWAL, Purpose.DEPOSIT, Purpose.LOAN, Purpose.MORTGAGE, Purpose.SAVING, Purpose.CARD_BILL,
    Purpose.INVESTMENT, Purpose.PROPERTY, Purpose.CRYPTO, Purpose.CLOSING, Purpose.INHERITANCE, Purpose.WRITE_OFF, Purpose.SALE,
    Purpose.ALLOWANCE, Purpose.CHARGE_OFF, Purpose.NONE,
)  # fmt: skip
"""Purposes that are neither income nor outlay: they change one thing that is owned or owed for another, or its owner."""


class Sums(NamedTuple):
    """Views of one buffer; counts, or minor units of the home currency.

    Income quartiles are of household income, 0 the lowest fourth: the world's tenths of income by twos and a half, a tenth in the
    middle going by the parity of the household's row.
    """

    method: Ints
    """Payments that moved money, and their value, shape (2, methods)."""
    channel: Ints
    purpose: Ints
    paid_by: Ints
    """The same of people, by the payer's quartile."""
    paid_to: Ints
    """The same to merchants from anybody but themselves, by their category: purchases, bills that they send to firms, capital."""
    bought: Ints
    """Purchases by people and their value, by category and the payer's quartile, shape (2, categories + 1, 4)."""
    bought_by: Ints
    """The same by method."""
    bought_at: Ints
    """The same by channel."""
    asked: Ints
    """Payments and authorisations that a bank was asked for, by method."""
    refused: Ints
    """Of those, declined, by method."""
    reasons: Ints
    income: Ints
    """What people were paid, by kind and quartile, shape (4, 4)."""
    outlay: Ints
    """What people paid for good, less what they got back, by quartile; without tax."""
    tax: Ints
    off: Ints
    """What banks charged off, of cards and of loans."""
    bank: Ints
    """Paid from a bank's accounts to other banks and abroad, paid to it from there, and drawn in notes; shape (3, banks)."""
    liquid: Ints
    """Current and savings balances of people at the day's end, by quintile."""
    card: Ints
    """Balances of their credit cards, by quintile."""
    people: Ints
    """Customers, by quintile."""
    held: Ints
    """Balances of people and firms, by bank."""
    notes: Ints
    """Notes that people and firms hold, one entry."""


def make_sums(categories: int, banks: int) -> tuple[Ints, Sums]:
    """A buffer of zeros, and its views.

    Args:
        categories: of the scenario; a last one stands for shops abroad and whatever has none.
        banks: of the scenario.
    """
    shapes: dict[str, tuple[int, ...]] = {
        "method": (2, len(Method)), "channel": (2, len(Channel)), "purpose": (2, len(Purpose)),
        "paid_by": (2, QUARTILES), "paid_to": (2, categories + 1),
        "bought": (2, categories + 1, QUARTILES), "bought_by": (2, len(Method)), "bought_at": (2, len(Channel)),
        "asked": (len(Method),), "refused": (len(Method),), "reasons": (len(Reason),),
        "income": (len(KINDS), QUARTILES), "outlay": (QUARTILES,), "tax": (QUARTILES,), "off": (2,), "bank": (3, banks),
        "liquid": (QUINTILES,), "card": (QUINTILES,), "people": (QUINTILES,), "held": (banks,), "notes": (1,),
    }  # fmt: skip
    buffer, views, used = np.zeros(sum(int(np.prod(shape)) for shape in shapes.values()), np.int64), {}, 0
    for name, shape in shapes.items():
        size = int(np.prod(shape))
        views[name] = buffer[used : used + size].reshape(shape)
        used += size
    return buffer, Sums(**views)


def unspent() -> Ints:
    """By purpose: 1 where it is neither income nor outlay."""
    return np.isin(np.arange(len(Purpose)), UNSPENT).astype(np.int64)


@step
def _quartile(people: Records, person: int) -> int:
    """Quartile of household income from its tenth; see `Sums`."""
    return int((4 * np.int64(people.decile[person]) + 2 * (np.int64(people.household[person]) & 1)) // 10)


@step
def _bank(layout: Layout, people: Records, firms: Records, account: int) -> int:
    """Bank of an account; -1 for notes and whoever banks elsewhere."""
    if account < layout.firm_base:
        return -1 if account % PERSON_ROWS == PURSE else int(people.bank[account // PERSON_ROWS])
    if account < layout.government:
        place = account - layout.firm_base
        return -1 if place % FIRM_ROWS == TILL else int(firms.bank[place // FIRM_ROWS])
    return account - layout.bank_base if account >= layout.bank_base else -1


@step
def _category_paid(row: int, rows: Records, none: int, layout: Layout, firms: Records) -> int:
    """Category of the merchant that a row pays, ``none`` for a shop abroad; -1 where it pays no merchant.

    What a shop moves to itself, or gets of its provider, it was paid before.
    """
    payer, payee, purpose = np.int64(rows.payer[row]), np.int64(rows.payee[row]), np.int64(rows.purpose[row])
    if purpose == Purpose.PURCHASE:
        firm = np.int64(rows.firm[row])
        return int(np.int64(firms.category[firm])) if 0 <= firm < layout.firms and firms.kind[firm] == MERCHANT else none
    if payee < layout.firm_base or payee >= layout.government or purpose == Purpose.PAYOUT:
        return -1
    firm = (payee - layout.firm_base) // FIRM_ROWS
    own = layout.firm_base <= payer < layout.government and (payer - layout.firm_base) // FIRM_ROWS == firm
    return -1 if own or firms.kind[firm] != MERCHANT else int(np.int64(firms.category[firm]))


@step
def _add_people(row: int, rows: Records, amount: int, layout: Layout, people: Records, firms: Records, flat: Ints, sums: Sums) -> None:
    """Payments to merchants, and payments, purchases, income and outlays of people, of a row that moved money."""
    payer, payee, purpose = np.int64(rows.payer[row]), np.int64(rows.payee[row]), np.int64(rows.purpose[row])
    from_person, to_person = payer < layout.firm_base, payee < layout.firm_base
    category = _category_paid(row, rows, sums.bought.shape[1] - 1, layout, firms)
    if category >= 0 and not to_person:
        sums.paid_to[COUNT, category] += 1
        sums.paid_to[VALUE, category] += amount
    if from_person:
        quartile = _quartile(people, payer // PERSON_ROWS)
        sums.paid_by[COUNT, quartile] += 1
        sums.paid_by[VALUE, quartile] += amount
    if from_person and purpose == Purpose.PURCHASE:
        sums.bought[COUNT, category, quartile] += 1
        sums.bought[VALUE, category, quartile] += amount
        sums.bought_by[COUNT, rows.method[row]] += 1
        sums.bought_by[VALUE, rows.method[row]] += amount
        sums.bought_at[COUNT, rows.channel[row]] += 1
        sums.bought_at[VALUE, rows.channel[row]] += amount
    if from_person == to_person or flat[purpose] == 1:
        return
    if from_person:
        if purpose == Purpose.TAX:
            sums.tax[quartile] += amount
        else:
            sums.outlay[quartile] += amount
        return
    quartile = _quartile(people, payee // PERSON_ROWS)
    message = rows.message[row]
    if purpose == Purpose.REFUND or (message != Message.PAYMENT and message != Message.CAPTURE) or purpose == Purpose.PURCHASE:
        sums.outlay[quartile] -= amount
    elif purpose == Purpose.SALARY:
        sums.income[WAGES, quartile] += amount
    elif purpose == Purpose.BENEFIT or purpose == Purpose.GRANT:
        sums.income[BENEFITS, quartile] += amount
    elif purpose == Purpose.PENSION:
        sums.income[PENSIONS, quartile] += amount
    else:
        sums.income[OTHER, quartile] += amount


@kernel
def add_rows(rows: Records, count: int, seen: int, layout: Layout, people: Records, firms: Records, flat: Ints, sums: Sums) -> None:
    """Add the finished rows of a window.

    Args:
        rows: as the recorder takes them.
        count: how many.
        seen: 1 where a bank saw them.
        layout: account rows.
        people: payers and payees.
        firms: payers and payees.
        flat: by purpose, 1 where it is neither income nor outlay.
        sums: changed.
    """
    for i in range(count):
        message, status, method = rows.message[i], rows.status[i], rows.method[i]
        if seen == 1 and (message == Message.PAYMENT or message == Message.AUTHORISATION):
            sums.asked[method] += 1
            if status == Status.DECLINED:
                sums.refused[method] += 1
                sums.reasons[rows.reason[i]] += 1
        if status != Status.APPROVED or message == Message.AUTHORISATION or message == Message.REVERSAL:
            continue
        payer, payee = np.int64(rows.payer[i]), np.int64(rows.payee[i])
        amount = rows.credited[i] if payer >= layout.government else rows.amount[i]  # as the clearing counts value
        sums.method[COUNT, method] += 1
        sums.method[VALUE, method] += amount
        sums.channel[COUNT, rows.channel[i]] += 1
        sums.channel[VALUE, rows.channel[i]] += amount
        sums.purpose[COUNT, rows.purpose[i]] += 1
        sums.purpose[VALUE, rows.purpose[i]] += amount
        if rows.purpose[i] == Purpose.CHARGE_OFF and payee < layout.firm_base:
            sums.off[0 if payee % PERSON_ROWS == CREDIT_CARD else 1] += amount
        _add_people(i, rows, amount, layout, people, firms, flat, sums)
        of, to = _bank(layout, people, firms, payer), _bank(layout, people, firms, payee)
        if of >= 0 and rows.purpose[i] == Purpose.WITHDRAWAL:
            sums.bank[NOTES, of] += amount
        elif of != to:
            if of >= 0 and method != Method.CASH:
                sums.bank[OUT, of] += amount
            if to >= 0 and method != Method.CASH:
                sums.bank[IN, to] += amount


@kernel
def add_books(accounts: Records, day: int, layout: Layout, people: Records, firms: Records, sums: Sums) -> None:
    """Add what everybody holds at a day's end; ``day`` is since 1970."""
    for person in range(layout.people):
        first = person * PERSON_ROWS
        held = accounts.book[first + CURRENT] + accounts.book[first + SAVINGS]
        fifth = np.int64(people.decile[person]) // 2
        sums.liquid[fifth] += held
        sums.card[fifth] += accounts.book[first + CREDIT_CARD]
        sums.notes[0] += accounts.book[first + PURSE]
        sums.held[people.bank[person]] += held  # also of those who have left, until their accounts are closed
        if is_here(people, person, day):
            sums.people[fifth] += 1
    for firm in range(layout.firms):
        first = layout.firm_base + firm * FIRM_ROWS
        sums.held[firms.bank[firm]] += accounts.book[first] + accounts.book[first + 1] + accounts.book[first + RESERVE]
        sums.notes[0] += accounts.book[first + TILL]
