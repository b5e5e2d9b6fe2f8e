"""What is on people's accounts when they begin: on the first morning, or when they join."""

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, normal, uniform, words
from simulator.population.accounts import CREDIT_CARD, CURRENT, LOAN, PERSON_ROWS, PURSE, SAVINGS, UNLIMITED
from simulator.records import Records
from simulator.scenario import Scenario


def opening_balances(scenario: Scenario, people: Records, row: Ints, loans: Ints) -> NDArray[np.int64]:
    """Balances of people's accounts: buffers, purses, card debts, loans; shape (people, PERSON_ROWS), minor units.

    Args:
        scenario: shares and spreads.
        people: rows of People.
        row: where each stands in the world.
        loans: what each owes on loans.
    """
    own = np.zeros((len(row), PERSON_ROWS), np.int64)
    level = np.exp(0.3 * normal(words(scenario.seed, row, Why.BUFFER, 1)[0]))
    liquid = np.rint(people.buffer * level).astype(np.int64)
    own[:, CURRENT] = np.rint(liquid * scenario.income.current_share).astype(np.int64)
    own[:, SAVINGS] = liquid - own[:, CURRENT]
    part = uniform(words(scenario.seed, row, Why.BUFFER, 2)[0])
    spent = np.rint(people.budget * (people.credit / 2**32) * (0.7 + part)).astype(np.int64)
    own[:, CREDIT_CARD] = -np.minimum(people.unpaid + spent, people.line)
    spender = people.payer == 2  # who pays the minimum only has drifted towards the line
    own[spender, CREDIT_CARD] = -(people.line[spender] * 15 // 16)
    own[:, LOAN] = -loans
    own[:, PURSE] = np.rint(people.purse * (0.5 + part)).astype(np.int64)
    return own


def opening_lines(scenario: Scenario, people: Records, loans: Ints, unit: int) -> NDArray[np.int64]:
    """How far below zero people's accounts may go; same shape."""
    lines = np.zeros((len(loans), PERSON_ROWS), np.int64)
    lines[:, CURRENT] = round(scenario.credit.overdraft * unit)
    lines[:, CREDIT_CARD] = people.line
    lines[:, LOAN] = np.where(loans > 0, UNLIMITED, 0)
    return lines
