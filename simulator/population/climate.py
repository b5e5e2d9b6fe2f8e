"""The climate: what the economy lays on everybody's behaviour today; integers that change only between days.

In a usual time every factor is 65536 and every chance 0, and nothing differs from a world without an economy.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.population.households import KINDS, SALARIED
from simulator.scenario import Scenario

USUAL = 65536
CARD, LOAN, SAVINGS, NEW_LOAN, FIRM = range(5)
"""Places in `Climate.rate`."""


class Climate(NamedTuple):
    """Factors by category C and kind of income K, in 65536ths unless they say otherwise."""

    peak: NDArray[np.int64]
    """One entry: trips are planned at this level of the usual, then thinned to that of their category."""
    demand: NDArray[np.int64]
    """Purchases that take place of those planned, shape (C,); at most 65536."""
    elastic: NDArray[np.int64]
    """How far a person's restraint reaches each category: 0 not at all, 65536 fully."""
    shut: NDArray[np.int64]
    """Chance of 2^32 that a purchase in person may not take place, shape (C,)."""
    attended: NDArray[np.int64]
    """1 for categories that are had in person even where they are bought remotely."""
    remote: NDArray[np.int64]
    """Chance of 2^32 that a purchase in person is made remotely, shape (C,)."""
    other: NDArray[np.int64]
    """Category that is bought in place of one that is shut, -1 for none."""
    instead: NDArray[np.int64]
    """Chance of 2^32 of that."""
    price: NDArray[np.int64]
    """Prices against the first day, shape (C,)."""
    pay: NDArray[np.int64]
    """Pay against the first day, by kind of income, shape (K,)."""
    notes: NDArray[np.int64]
    """One entry: how much people keep in notes before they bank them, against the usual."""
    rate: NDArray[np.int64]
    """Yearly interest on cards, loans that run, savings, loans that are lent today, and what firms overdraw, parts per million."""


def usual_pay(scenario: Scenario) -> NDArray[np.int64]:
    """Pay on the first day by kind of income, of 65536.

    A household's yearly income, as surveys have it, is that of a year in which some were out of work and drew benefits for a part;
    so who works earns that much more in a week of work.
    """
    pay, economy = np.full(len(KINDS), USUAL, np.int64), scenario.economy
    lost, found = economy.layoffs, economy.finding
    if lost and scenario.lives.changes:
        out = lost / (lost + found)
        pay[SALARIED] = round(USUAL / (1 - out * (1 - economy.replacement * economy.take_up))) if out < 1 else USUAL
    return pay


def climate_of(scenario: Scenario) -> Climate:
    """The climate of a usual time."""
    categories, credit = scenario.categories, scenario.credit
    names = [category.name for category in categories]
    flat, never = np.full(len(names), USUAL, np.int64), np.zeros(len(names), np.int64)
    return Climate(
        peak=np.full(1, USUAL, np.int64), demand=flat.copy(), shut=never.copy(), remote=never.copy(), price=flat.copy(),
        elastic=np.rint([min(1.0, category.elasticity) * USUAL for category in categories]).astype(np.int64),
        attended=np.array([category.attended for category in categories], np.int64),
        other=np.array([names.index(c.instead) if c.instead is not None else -1 for c in categories], np.int64),
        instead=np.rint([c.moved * (2**32 - 1) for c in categories]).astype(np.int64), pay=usual_pay(scenario),
        notes=np.full(1, USUAL, np.int64),
        rate=np.rint(
            np.array([credit.card_rate, credit.loan_rate, credit.savings_rate, credit.loan_rate, scenario.lending.firm_rate]) * 1_000_000
        ).astype(np.int64),
    )  # fmt: skip
