"""Accounts: where each owner's balances lie, and what is on them on the first morning.

A person owns five rows (current, savings, credit card, loan, purse of notes), a firm four (current, acquiring, till,
reserve), the government, the outside, each country abroad, each currency's dealer and each bank one. A row that its owner
does not use stays at zero and is not exported.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import AccountKind
from simulator.kernel import kernel

PERSON_ROWS = 5
FIRM_ROWS = 4
CURRENT, SAVINGS, CREDIT_CARD, LOAN, PURSE = range(5)
ACQUIRING, TILL, RESERVE = 1, 2, 3

UNLIMITED = 2**62
"""Line of payers that cannot run short: the government, the outside, banks."""

FROZEN, CLOSED = -(2**61), -(2**62)
"""Lines of accounts that may not pay; a closed one is not paid either. Set at the day's close only. A frozen account keeps its
line as ``FROZEN - line``, so that it comes back by the same subtraction."""

_FIRM_KINDS = (AccountKind.CURRENT, AccountKind.ACQUIRING, AccountKind.PURSE, AccountKind.RESERVE)


class Accounts(NamedTuple):
    """Columns over accounts; minor units."""

    available: NDArray[np.int64]
    """What the owner may spend, beside the line: book at the last clearing less holds and own debits since, plus own credits. Changes."""
    book: NDArray[np.int64]
    """Book balance in row order. Changes."""
    line: NDArray[np.int64]
    """How far below zero the available balance may go."""
    flight: NDArray[np.int64]
    """Credits on their way, not yet in the book. Changes."""


class Layout(NamedTuple):
    """Which rows belong to whom; integers only, so that kernels can compute rows."""

    people: int
    firms: int
    banks: int
    firm_base: int
    """First row of firm 0's accounts."""
    government: int
    outside: int
    """The rest of the country."""
    abroad_base: int
    """Row of the first country abroad; one a country, in its currency."""
    dealer_base: int
    """Row of the dealer in the home currency; one a currency, home first."""
    bank_base: int
    """Row of bank 0's own account."""
    accounts: int


def lay_out(people: int, firms: int, banks: int, countries: int = 0, currencies: int = 1) -> Layout:
    """Account rows of a world.

    Args:
        people: customers, those who join later included.
        firms: firms.
        banks: banks.
        countries: countries abroad.
        currencies: currencies, the home currency included.
    """
    base = people * PERSON_ROWS
    government = base + firms * FIRM_ROWS
    abroad = government + 2
    dealer = abroad + countries
    bank = dealer + currencies
    return Layout(people, firms, banks, base, government, government + 1, abroad, dealer, bank, bank + banks)


@kernel
def initiator_of(layout: Layout, account: int) -> int:
    """Who starts what is paid from an account: a person's row, or people + a firm's row; -1 at the boundary."""
    if account < layout.firm_base:
        return account // PERSON_ROWS
    if account < layout.government:
        return layout.people + (account - layout.firm_base) // FIRM_ROWS
    return -1


def kinds(layout: Layout) -> NDArray[np.int8]:
    """AccountKind of every row."""
    kind = np.empty(layout.accounts, np.int8)
    kind[: layout.firm_base] = np.tile(np.arange(PERSON_ROWS, dtype=np.int8), layout.people)
    kind[layout.firm_base : layout.government] = np.tile(np.array(_FIRM_KINDS, np.int8), layout.firms)
    kind[layout.government : layout.dealer_base] = AccountKind.BOUNDARY
    kind[layout.dealer_base : layout.bank_base] = AccountKind.DEALER
    kind[layout.bank_base :] = AccountKind.BANK
    return kind


def bank_of(layout: Layout, person_bank: NDArray[np.int16], firm_bank: NDArray[np.int16]) -> NDArray[np.int16]:
    """Bank of every account row; -1 for notes and the boundary."""
    bank = np.full(layout.accounts, -1, np.int16)
    mine = bank[: layout.firm_base].reshape(-1, PERSON_ROWS)
    mine[:, :PURSE] = person_bank[:, None]
    firms = bank[layout.firm_base : layout.government].reshape(-1, FIRM_ROWS)
    firms[:, [CURRENT, ACQUIRING, RESERVE]] = firm_bank[:, None]
    bank[layout.bank_base :] = np.arange(layout.banks)
    return bank


def true_lines(line: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lines of accounts as they are without a freeze."""
    return np.where((line <= FROZEN) & (line > CLOSED), FROZEN - line, line)
