"""Where the runs of a fit are: points that fill the unit cube evenly, and the seeds of their worlds."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from simulator.draws import Why, words

type Floats = NDArray[np.float64]

_SEEDS = 1 << 21
"""Where the seeds of a fit's runs lie among the draws about worlds; stages follow one another."""

DESIGN, SEARCH, LOCAL, CHECK, SCALE = range(5)
"""Stages, by which seeds are apart."""


def sobol(count: int, dimensions: int, seed: int) -> Floats:
    """Scrambled Sobol points (Owen 1998), one row each.

    Args:
        count: of points; any number, not only powers of two.
        dimensions: of the cube.
        seed: of the scrambling.
    """
    if not dimensions:
        return np.zeros((count, 0))
    engine = qmc.Sobol(dimensions, scramble=True, seed=seed)
    powers = int(np.ceil(np.log2(max(count, 2))))
    points: Floats = engine.random_base2(powers)[:count]
    return points


def seeds(seed: int, stage: int, count: int, first: int = 0) -> list[int]:
    """Seeds of worlds: those at the addresses of the runs' numbers, different in every stage.

    Args:
        seed: of the fit.
        stage: one of the stages above.
        count: how many.
        first: number of the first.
    """
    drawn = words(seed, np.arange(first, first + count, dtype=np.int64), Why.AUDIT, _SEEDS + stage).astype(object)
    return [int(high) << 32 | int(low) for high, low in zip(drawn[0], drawn[1], strict=True)]
