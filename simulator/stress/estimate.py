"""Estimates over replicates: intervals of paired and unpaired differences, and the correlation of defaults within a path."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

Floats = NDArray[np.float64]

LEVEL = 0.90
"""Probability of the intervals, two-sided."""


class Interval(NamedTuple):
    """Means with their intervals."""

    mean: Floats
    low: Floats
    high: Floats


def _moments(values: Floats) -> tuple[Floats, Floats, Floats]:
    """How many values are known, their mean and their variance, over the first axis."""
    known = np.isfinite(values)
    count = known.sum(axis=0).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, values, 0.0).sum(axis=0) / count
        variance = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / (count - 1)
    return count, mean, np.where(count > 1, variance, np.nan)


def _around(mean: Floats, error: Floats, freedom: Floats, level: float = LEVEL) -> Interval:
    half = student.ppf((1 + level) / 2, np.where(freedom > 0, freedom, np.nan)) * error
    return Interval(mean, mean - half, mean + half)


def paired(differences: Floats, level: float = LEVEL) -> Interval:
    """Means of paired differences and their 90 % intervals by Student's t over the pairs.

    Args:
        differences: of each pair, along the first axis; those that are not known are left out.
        level: probability of the interval.

    Returns:
        Means and bounds without that axis; bounds are NaN where fewer than two pairs are known.
    """
    count, mean, variance = _moments(differences)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _around(mean, np.sqrt(variance / count), count - 1, level)


def unpaired(first: Floats, second: Floats) -> Interval:
    """The intervals that the same runs would give if they were not paired: Welch's, of differences of independent means.

    Source: Welch (1947), The generalization of Student's problem when several different population variances are involved.
    """
    (count1, mean1, variance1), (count2, mean2, variance2) = _moments(first), _moments(second)
    with np.errstate(divide="ignore", invalid="ignore"):
        part1, part2 = variance1 / count1, variance2 / count2
        freedom = (part1 + part2) ** 2 / (part1**2 / (count1 - 1) + part2**2 / (count2 - 1))
    same = part1 + part2 == 0
    return _around(mean2 - mean1, np.sqrt(part1 + part2), np.where(same, 1.0, freedom))


def intraclass(defaults: Floats, borrowers: Floats) -> float:
    """Correlation of the defaults of two borrowers of one replicate, given the path that all replicates share.

    The analysis-of-variance estimator for binary data: mean squares between and within replicates. Source: Ridout, Demétrio and
    Firth (1999), Estimating intraclass correlation for binary data, Biometrics 55, 137-148 (there the estimator AOV); 0 where
    borrowers default independently, however high the rate that the path gives them.

    Args:
        defaults: of each replicate.
        borrowers: of each replicate, more than 1.

    Returns:
        The correlation; NaN where there are no two replicates, no defaults or nothing else.
    """
    known = borrowers > 1
    defaults, borrowers = defaults[known].astype(np.float64), borrowers[known].astype(np.float64)
    replicates, everyone, fell = len(borrowers), float(borrowers.sum()), float(defaults.sum())
    if replicates < 2 or fell == 0 or fell == everyone:
        return float("nan")
    squares = float((defaults**2 / borrowers).sum())
    between = (squares - fell**2 / everyone) / (replicates - 1)
    inside = (fell - squares) / (everyone - replicates)
    size = (everyone - float((borrowers**2).sum()) / everyone) / (replicates - 1)
    return (between - inside) / (between + (size - 1) * inside)


def intraclass_interval(defaults: Floats, borrowers: Floats) -> Interval:
    """The same with a 90 % interval by leaving out one replicate at a time (jackknife)."""
    whole, count = intraclass(defaults, borrowers), len(defaults)
    left = np.array([intraclass(np.delete(defaults, k), np.delete(borrowers, k)) for k in range(count)])
    found = paired(count * whole - (count - 1) * left)
    return Interval(np.array(whole), found.low, found.high)


def spearman(first: Floats, second: Floats) -> float:
    """Spearman's rank correlation; NaN where one of the two is constant or not known."""
    from scipy.stats import spearmanr

    if len(first) < 2 or not np.isfinite([first, second]).all() or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second).statistic)
