"""What each bank's customers hold and owe, and what nobody's bank holds: integer sums over the books at a day's close."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.kernel import kernel
from simulator.population.accounts import FIRM_ROWS, PERSON_ROWS, Layout
from simulator.population.debts import DEBTS
from simulator.population.world import World
from simulator.records import Records

DEPOSITS, FIRM_DEPOSITS, CARDS, LOANS, OWN, INSURED, CARDS_BY_AGE, LOANS_BY_AGE, LINES, LINES_BY_AGE = 0, 1, 2, 3, 4, 5, 6, 10, 14, 15
"""Places of a bank's sums: deposits of people and of firms, debts on cards and loans, the bank's own account, deposits that are insured,
both kinds of debt by days past due: less than 30, 60, 90, and more; and what firms drew on their lines, likewise."""

WIDTH = 19

PURSES, TILLS = 0, 1
"""Places of what is no bank's."""

CLASSES = 4


@kernel
def _add_up(
    accounts: Records, layout: Layout, people: Records, firms: Records, debts: Records, lines: Records, day: int, insured: int,
    out: NDArray[np.int64], notes: NDArray[np.int64],
) -> None:  # fmt: skip
    """Fill ``out``, shape (banks, WIDTH), and ``notes``, shape (2)."""
    for person in range(layout.people):
        bank = int(np.int64(people.bank[person]))
        base = person * PERSON_ROWS
        held = accounts.book[base] + accounts.book[base + 1]
        out[bank, DEPOSITS] += held
        out[bank, INSURED] += max(0, min(held, insured))
        notes[PURSES] += accounts.book[base + 4]
        for kind in range(DEBTS):
            owed = -accounts.book[base + 2 + kind]
            if owed == 0:
                continue
            out[bank, CARDS + kind] += owed
            since = np.int64(debts.since[person * DEBTS + kind])
            place = min(CLASSES - 1, int(day - since) // 30) if since > 0 else 0
            out[bank, CARDS_BY_AGE + CLASSES * kind + place] += max(0, owed)
    for firm in range(layout.firms):
        bank = int(np.int64(firms.bank[firm]))
        base = layout.firm_base + firm * FIRM_ROWS
        drawn = 0
        if firm < lines.shape[0] and accounts.book[base] < 0:
            drawn = -accounts.book[base]
            since = np.int64(lines.since[firm])
            place = min(CLASSES - 1, int(day - since) // 30) if since > 0 else 0
            out[bank, LINES] += drawn
            out[bank, LINES_BY_AGE + place] += drawn
        held = accounts.book[base] + drawn + accounts.book[base + 1] + accounts.book[base + 3]
        out[bank, FIRM_DEPOSITS] += held
        out[bank, INSURED] += max(0, min(held, insured))
        notes[TILLS] += accounts.book[base + 2]
    for row in range(layout.banks):
        out[row, OWN] += accounts.book[layout.bank_base + row]


class Sums(NamedTuple):
    """Sums at a day's close; minor units."""

    banks: Ints
    """Shape (banks, WIDTH)."""
    notes: Ints
    """Of people, of firms."""

    @property
    def books(self) -> Ints:
        """What all accounts at each bank add up to, its own among them: it changes by what goes to and comes from other banks only."""
        one = self.banks
        total: Ints = one[:, DEPOSITS] + one[:, FIRM_DEPOSITS] + one[:, OWN] - self.lent
        return total

    @property
    def lent(self) -> Ints:
        """By bank."""
        total: Ints = self.banks[:, CARDS] + self.banks[:, LOANS] + self.banks[:, LINES]
        return total

    @property
    def deposits(self) -> Ints:
        """By bank."""
        total: Ints = self.banks[:, DEPOSITS] + self.banks[:, FIRM_DEPOSITS]
        return total


def add_up(world: World, lines: Records, day: int, insured: int) -> Sums:
    """The sums at the close of a day.

    Args:
        world: whose books are read.
        lines: debts of firms on their lines, by firm; none where what firms overdraw is not lent.
        day: days since 1970.
        insured: of one customer's deposits at a bank, minor units.
    """
    out, notes = np.zeros((world.layout.banks, WIDTH), np.int64), np.zeros(2, np.int64)
    _add_up(world.accounts, world.layout, world.people, world.firms, world.debts, lines, day, insured, out, notes)
    return Sums(out, notes)
