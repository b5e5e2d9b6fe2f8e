"""Lines of business: the sectors of employers and the categories of shops, by which jobs are lost and found."""

import numpy as np

from simulator.draws import Ints
from simulator.population.firms import EMPLOYER, MERCHANT
from simulator.records import Records
from simulator.scenario import Scenario


def line_names(scenario: Scenario) -> list[str]:
    """Names of the lines: sectors, then categories, then `other` for who works elsewhere."""
    return [*(sector.name for sector in scenario.income.sectors), *(category.name for category in scenario.categories), "other"]


def line_of(firms: Records, sectors: int, categories: int) -> Ints:
    """Line of each firm.

    Args:
        firms: rows of Firms.
        sectors: how many sectors the scenario has.
        categories: how many categories.
    """
    category = firms.category.astype(np.int64)
    return np.where(firms.kind == EMPLOYER, category, np.where(firms.kind == MERCHANT, sectors + category, sectors + categories))


def last_firm(employer: Ints) -> Ints:
    """The firm that people work for, or worked for last; -1 where there was none."""
    return np.where(employer >= 0, employer, -2 - employer)
