"""Rates of loans that are lent today: they follow a part of the policy rate, and stay with the loan for as long as it runs."""

import numpy as np

from simulator.draws import Ints
from simulator.lives.register import Register
from simulator.population.accounts import LOAN as LOAN_ACCOUNT
from simulator.population.accounts import PERSON_ROWS
from simulator.population.climate import LOAN, NEW_LOAN
from simulator.population.debts import DEBTS, LOAN_DEBT
from simulator.population.world import World


def as_rate(register: Register, millionths: int) -> float:
    """A yearly rate from parts per million; where nothing moved, the scenario's to the last bit."""
    usual = register.scenario.credit.loan_rate
    return usual + (millionths - round(usual * 1_000_000)) / 1_000_000


def rate_today(register: Register, world: World) -> float:
    """Yearly rate of a loan that is lent today, before a margin."""
    return as_rate(register, int(world.climate.rate[NEW_LOAN]))


def running_rates(world: World, rows: Ints) -> Ints:
    """What the loans of some people cost as they run, before margins, parts per million a year."""
    found: Ints = world.climate.rate[LOAN] + world.debts.fixed[rows * DEBTS + LOAN_DEBT].astype(np.int64)
    return found


def fix(world: World, rows: Ints, lent: Ints, above: Ints | None = None) -> None:
    """Loans that begin today keep their rate; an account's rate is that of its loans, by what is owed on each.

    Args:
        world: what is owed; rates that are kept change.
        rows: people.
        lent: to each, minor units.
        above: by how much the new loans cost more than those that began in a usual time; what today's do, if not given.
    """
    if above is None:
        above = np.full(len(rows), world.climate.rate[NEW_LOAN] - world.climate.rate[LOAN])
    place, owed = rows * DEBTS + LOAN_DEBT, np.maximum(0, -world.accounts.book[rows * PERSON_ROWS + LOAN_ACCOUNT])
    kept = world.debts.fixed[place].astype(np.int64)
    world.debts.fixed[place] = (kept * owed + above * lent) // np.maximum(1, owed + lent)
