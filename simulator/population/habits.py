"""What people buy: the share of each category in a person's purchases, and how many places they know in it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import NORMAL, Ints, Why, words
from simulator.population.households import Floats, Members
from simulator.scenario import Scenario

_OWN = np.exp(0.5 * NORMAL).astype(np.float32)
"""Personal taste by quantile: log-normal, log standard deviation one half (assumption)."""


class Habits(NamedTuple):
    """One row a person."""

    shares: NDArray[np.uint16]
    """See People.habit."""
    known: NDArray[np.uint8]
    """See People.known."""
    ticket: Floats
    """Mean amount of a purchase where each category's is its mean, currency units."""


def _weights(scenario: Scenario, members: Members, archetype: Ints, mean_gross: float) -> NDArray[np.float32]:
    """Weight of each category in a person's number of purchases, shape (categories, N)."""
    weights = np.empty((len(scenario.categories), len(archetype)), np.float32)
    income = np.log(np.maximum(members.household_gross / mean_gross, 0.05))
    by_income: dict[float, NDArray[np.float32]] = {}
    for place, category in enumerate(scenario.categories):
        if place % 4 == 0:
            draws = words(scenario.seed, members.row, Why.HABIT, place // 4)
        weight = weights[place]
        np.take(_OWN, draws[place % 4] >> np.uint32(20), out=weight, mode="clip")
        if category.elasticity not in by_income:
            level = np.clip(np.exp((category.elasticity - 1) * 0.5 * income), 0.2, 5)
            by_income[category.elasticity] = level.astype(np.float32)
        weight *= by_income[category.elasticity]
        tastes = [a.tastes.get(category.name, 1.0) for a in scenario.population.archetypes]
        weight *= np.array(category.share / category.mean * np.array(tastes), np.float32)[archetype]
    return weights


def draw_habits(scenario: Scenario, members: Members, archetype: Ints, mean_gross: float) -> Habits:
    """Draw everybody's habits, category by category.

    Args:
        scenario: the categories and the archetypes' tastes.
        members: the people.
        archetype: of each person.
        mean_gross: mean yearly household income, currency units.
    """
    weights = _weights(scenario, members, archetype, mean_gross)
    total: NDArray[np.float32] = weights.sum(axis=0)
    shares, known = np.empty(weights.T.shape, np.uint16), np.empty(weights.T.shape, np.uint8)
    first = (1 + words(scenario.seed, members.row, Why.KNOWN)[0] % np.uint32(3)).astype(np.uint8)
    of_all, dozen = np.float32(65535) / total, np.float32(12) / total
    sum_up, ticket = np.zeros_like(total), np.zeros_like(total)
    for place, category in enumerate(scenario.categories):
        sum_up += weights[place]
        ticket += weights[place] * np.float32(category.mean)
        shares[:, place] = sum_up * of_all + np.float32(0.5)
        known[:, place] = first + (weights[place] * dozen).astype(np.uint8)
    return Habits(shares, known, (ticket / total).astype(np.float64))
