"""How long customers have been with their bank on the first morning."""

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, words
from simulator.scenario import Scenario

LONGEST = 20
"""Years."""


def draw_joined(scenario: Scenario, start: int, row: Ints, age: NDArray[np.integer]) -> Ints:
    """Day since 1970 on which the people of the first morning joined: uniform over up to twenty years, from eighteen (assumption).

    Args:
        scenario: its seed.
        start: first day of the run.
        row: rows of people.
        age: of each.
    """
    word = words(scenario.seed, row, Why.OPENED)[0]
    years = np.minimum(LONGEST, age.astype(np.int64) - 17)
    return start - 1 - (word.astype(np.int64) * (years * 365) >> 32)
