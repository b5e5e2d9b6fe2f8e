"""What people are behind with, read of the debts at the end of each day: borrowers, days past due, defaults, what is owed."""

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.economy.delinquency import past_due
from simulator.economy.lines import last_firm, line_names, line_of
from simulator.model import PaymentsModel
from simulator.population.accounts import CREDIT_CARD, PERSON_ROWS
from simulator.population.debts import DEBTS, DEFAULTED
from simulator.population.presence import here
from simulator.stress.observer import ALL, Key

PRODUCTS = ("card", "loan")
"""A person's two debts; a mortgage is in the loan account."""

BUCKETS = (30, 60, 90)
"""Days past due from which an account is in a bucket; up to the next."""


class Arrears:
    """Arrears of people, by product and by the line of business that they work in or last did.

    Args:
        model: whose debts are read.
    """

    def __init__(self, model: PaymentsModel) -> None:
        self._model = model
        self._names = line_names(model.settings)
        self._fallen = self._flags()

    def _flags(self) -> NDArray[np.bool_]:
        return np.asarray((self._model.world.debts.standing & DEFAULTED) > 0)

    def day(self, day: int) -> dict[Key, int]:
        """The day's figures; ``day`` is since 1970."""
        world = self._model.world
        person = np.arange(world.layout.people)
        present = np.repeat(here(world.people, day), DEBTS)
        books = world.accounts.book[: world.layout.firm_base].reshape(-1, PERSON_ROWS)[:, CREDIT_CARD : CREDIT_CARD + DEBTS]
        owed = np.where(present, np.maximum(0, -books.reshape(-1)), 0)
        late, flags = np.where(owed > 0, past_due(world, day), 0), self._flags()
        known = present & np.repeat(world.people.joined[person] < day, DEBTS)  # who changes the bank takes the standing along
        fell = flags & ~self._fallen & known
        self._fallen = flags
        line = np.repeat(self._lines(), DEBTS)
        found: dict[Key, int] = {("owed", ALL): int(owed.sum())}
        found |= {("owed", f"product={name}"): int(owed[place::DEBTS].sum()) for place, name in enumerate(PRODUCTS)}
        for part, those in (("borrowers", owed > 0), ("delinquent", late >= BUCKETS[0]), ("defaults", fell)):
            found[part, ALL] = int(those.sum())
            found |= {(part, f"product={name}"): int(those[place::DEBTS].sum()) for place, name in enumerate(PRODUCTS)}
            for name, number in zip(self._names, np.bincount(line[those], minlength=len(self._names)).tolist(), strict=True):
                found[part, f"sector={name}"] = found.get((part, f"sector={name}"), 0) + number
        for first, beyond in zip(BUCKETS, (*BUCKETS[1:], np.inf), strict=True):
            found["delinquent", f"bucket={first}"] = int(((late >= first) & (late < beyond)).sum())
        return found

    def _lines(self) -> Ints:
        """Line of business of everybody."""
        world, settings = self._model.world, self._model.settings
        firm = last_firm(world.people.employer.astype(np.int64))
        line = line_of(world.firms, len(settings.income.sectors), len(settings.categories))[np.maximum(firm, 0)]
        return np.where(firm < 0, len(self._names) - 1, line)
