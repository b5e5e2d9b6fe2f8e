"""Accounts: where each owner's balances lie, and what is on them on the first morning.

A person owns five rows (current, savings, credit card, loan, purse of notes), a firm three (current, acquiring, till),
the government, the outside and each bank one. A row that its owner does not use stays at zero and is not exported.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import AccountKind
from simulator.kernel import kernel

PERSON_ROWS = 5
FIRM_ROWS = 3
CURRENT, SAVINGS, CREDIT_CARD, LOAN, PURSE = range(5)
ACQUIRING, TILL = 1, 2

UNLIMITED = 2**62
"""Line of payers that cannot run short: the government, the outside, banks."""

_FIRM_KINDS = (AccountKind.CURRENT, AccountKind.ACQUIRING, AccountKind.PURSE)


class Accounts(NamedTuple):
    """Columns over accounts; minor units."""

    available: NDArray[np.int64]
    """What the owner may spend, beside the line: book at the last clearing less own debits since, plus own credits. Changes."""
    book: NDArray[np.int64]
    """Book balance in row order. Changes."""
    line: NDArray[np.int64]
    """How far below zero the available balance may go."""


class Layout(NamedTuple):
    """Which rows belong to whom; integers only, so that kernels can compute rows."""

    people: int
    firms: int
    banks: int
    firm_base: int
    """First row of firm 0's accounts."""
    government: int
    outside: int
    bank_base: int
    """Row of bank 0's own account."""
    accounts: int


def lay_out(people: int, firms: int, banks: int) -> Layout:
    """Account rows of a world."""
    base = people * PERSON_ROWS
    government = base + firms * FIRM_ROWS
    return Layout(people, firms, banks, base, government, government + 1, government + 2, government + 2 + banks)


@kernel
def current(person: int) -> int:
    """Row of a person's current account."""
    return person * 5


@kernel
def firm_account(layout: Layout, firm: int, which: int) -> int:
    """Row of a firm's account: 0 current, 1 acquiring, 2 till."""
    return layout.firm_base + firm * 3 + which


def kinds(layout: Layout) -> NDArray[np.int8]:
    """AccountKind of every row."""
    kind = np.empty(layout.accounts, np.int8)
    kind[: layout.firm_base] = np.tile(np.arange(PERSON_ROWS, dtype=np.int8), layout.people)
    kind[layout.firm_base : layout.government] = np.tile(np.array(_FIRM_KINDS, np.int8), layout.firms)
    kind[layout.government : layout.bank_base] = AccountKind.BOUNDARY
    kind[layout.bank_base :] = AccountKind.BANK
    return kind


def bank_of(layout: Layout, person_bank: NDArray[np.int16], firm_bank: NDArray[np.int16]) -> NDArray[np.int16]:
    """Bank of every account row; -1 for notes and the boundary."""
    bank = np.full(layout.accounts, -1, np.int16)
    mine = bank[: layout.firm_base].reshape(-1, PERSON_ROWS)
    mine[:, :PURSE] = person_bank[:, None]
    firms = bank[layout.firm_base : layout.government].reshape(-1, FIRM_ROWS)
    firms[:, :TILL] = firm_bank[:, None]
    bank[layout.bank_base :] = np.arange(layout.banks)
    return bank


_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


def minor_units(currency: str) -> int:
    """Minor units in one unit of a currency. Source: ISO 4217, table A.1 (exponents other than 2)."""
    return int(10 ** _EXPONENTS.get(currency, 2))
