"""The recovery test: planted worlds of the design, each left out, found again by what the others taught."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from calibration.fit.emulator import IDENTIFIED, Inverse, Validated, expit
from calibration.fit.intervals import interval, nearness
from calibration.fit.result import Coverage, Recovered

type Floats = NDArray[np.float64]

PLANTED = 48
LEVEL = 0.9


def recover(points: Floats, moments: Floats, validated: Validated, names: list[str]) -> tuple[tuple[Recovered, ...], Coverage]:
    """Plant worlds of the design one at a time.

    Args:
        points: of the design, a row for each run.
        moments: of the runs.
        validated: the cross-validated regression over all of them.
        names: of the parameters.

    Returns:
        How well each parameter was found, and how many planted values of identified ones lay within their 90 % intervals, with
        the exact binomial interval of that share (Clopper and Pearson 1934).
    """
    planted = np.unique(np.linspace(0, len(points) - 1, min(PLANTED, len(points))).astype(int))
    identified = validated.r2 > IDENTIFIED
    found, inside = np.zeros((len(planted), len(names))), np.zeros((len(planted), len(names)), bool)
    for place, world in enumerate(planted):
        rest = np.arange(len(points)) != world
        answer = Inverse(points[rest], moments[rest])(moments[world][None])[0]
        others = Validated(validated.predicted[rest], validated.residual[rest], validated.r2, validated.rmse)
        low, high = interval(others, answer, nearness(others.predicted, answer, identified), LEVEL)
        found[place], inside[place] = expit(answer), (low <= points[world]) & (points[world] <= high)
    true = points[planted]
    square = ((found - true) ** 2).mean(axis=0)
    r2 = 1 - square / np.maximum(true.var(axis=0), 1e-12)
    recovered = tuple(
        Recovered(name, float(np.sqrt(square[at])), float(r2[at]), int(inside[:, at].sum()), len(planted)) for at, name in enumerate(names)
    )
    covered, of = int(inside[:, identified].sum()), int(inside[:, identified].size)
    ends = binomtest(covered, of).proportion_ci(0.95) if of else None
    return recovered, Coverage(LEVEL, covered, of, float(ends.low) if ends else 0.0, float(ends.high) if ends else 1.0)
