"""Mortality and moving by age: the hazards that carry people out of a town."""

import numpy as np

from simulator.population.households import Floats

OLDEST = 104
"""Nobody grows older (assumption: a life table ends somewhere)."""

_AGES = (18, 25, 35, 45, 55, 65, 70, 75, 80, 85, 90, 95, 100, 105)
_FEMALE = (0.5, 0.8, 1.4, 2.5, 5.2, 11.0, 16.5, 26.0, 45.0, 78.0, 137.0, 228.0, 335.0, 470.0)
_MALE = (1.2, 1.9, 2.6, 4.2, 8.8, 18.5, 26.0, 39.0, 63.0, 104.0, 172.0, 270.0, 380.0, 500.0)
"""Deaths a year per 1,000 of each age: round numbers of the shape of the period life table of the Social Security
Administration for 2020 (from memory, so an assumption)."""


def mortality(ages: Floats | np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Floats:
    """Chance of dying within a year, shape (2, ages): of women and of men."""
    logs = [np.interp(ages, _AGES, np.log(np.array(column) / 1000)) for column in (_FEMALE, _MALE)]
    both: Floats = np.minimum(np.exp(np.stack(logs)), 1.0)
    both[:, np.asarray(ages) >= OLDEST] = 1.0
    return both
