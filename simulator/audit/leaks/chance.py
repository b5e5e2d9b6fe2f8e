"""What chance alone may do: limits that a measured figure clears before it counts against a world.

Every figure of the leak audit is the lower 99 % limit of what is measured, for as many comparisons as the check makes
(Bonferroni). Rows of one story are not independent, so a share of guilty rows counts as measured on `Sheet.independent` rows.
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.audit.leaks.sheet import Flags, Floats, Ints, Sheet

LEVEL = 0.01
"""Chance that a world without a leak clears a limit by luck, per check."""


class Contrast(NamedTuple):
    """How often guilty rows have each value, and how often they would if they were like the others of their cells."""

    found: Floats
    """Share of guilty rows by value."""
    expected: Floats
    """Share of other rows by value, with the guilty rows' mix of cells."""
    size: float
    """Independent guilty observations."""
    others: float
    """Independent other rows, weighted as the mix of cells asks."""
    missing: float
    """Share of guilty rows in cells that no other row has; they are left out."""


def normal(tests: int = 1) -> float:
    """How many standard errors a figure may stray by chance, over some comparisons."""
    return NormalDist().inv_cdf(1 - LEVEL / max(tests, 1))


def contrast(sheet: Sheet, value: Ints, cell: Ints | None = None, guilty: Flags | None = None, others: Flags | None = None) -> Contrast:
    """Guilty rows against others of the same cells, by value.

    Args:
        sheet: The rows.
        value: A small code by row, from 0; rows below 0 are left out.
        cell: The cell of each row, dense from 0; one cell by default.
        guilty: Rows to judge; all guilty rows by default.
        others: Rows to compare with; all that are neither guilty nor look-alikes by default.

    Returns:
        The two mixes of values, with the numbers of observations behind them.
    """
    judged = (sheet.guilty if guilty is None else guilty) & (value >= 0)
    compared = (~sheet.guilty & ~sheet.lookalike if others is None else others) & (value >= 0)
    where = np.zeros(len(sheet), np.int64) if cell is None else cell
    kinds = int(value.max(initial=0)) + 1
    asked = np.bincount(where[judged], minlength=int(where.max(initial=0)) + 1)
    dense = np.where(asked > 0, np.cumsum(asked > 0) - 1, -1)
    compared &= dense[where] >= 0
    count = int((asked > 0).sum())
    mine = np.bincount(dense[where[judged]] * kinds + value[judged], minlength=count * kinds).reshape(count, kinds).astype(np.float64)
    theirs = np.bincount(dense[where[compared]] * kinds + value[compared], minlength=count * kinds).reshape(count, kinds)
    many = theirs.sum(axis=1)
    met = many > 0
    weight = mine.sum(axis=1)
    total = weight[met].sum()
    if not total:
        return Contrast(np.zeros(kinds), np.zeros(kinds), 0.0, 0.0, 1.0 if weight.sum() else 0.0)
    expected = (weight[met, None] * theirs[met] / many[met, None]).sum(axis=0) / total
    size = sheet.independent(judged) * total / weight.sum()
    spread = float((weight[met] ** 2 / many[met]).sum())
    return Contrast(mine[met].sum(axis=0) / total, expected, size, total**2 / spread, 1 - total / weight.sum())


def least(share: Floats | float, size: float, tests: int = 1) -> NDArray[np.float64]:
    """Lower limit of a share (Wilson 1927)."""
    return _wilson(np.asarray(share, np.float64), size, -normal(tests))


def most(share: Floats | float, size: float, tests: int = 1) -> NDArray[np.float64]:
    """Upper limit of a share (Wilson 1927)."""
    return _wilson(np.asarray(share, np.float64), size, normal(tests))


def _wilson(share: NDArray[np.float64], size: float, z: float) -> NDArray[np.float64]:
    size = max(size, 1e-9)
    middle = share + z * z / (2 * size)
    reach = z * np.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    limit: NDArray[np.float64] = np.clip((middle + reach) / (1 + z * z / size), 0.0, 1.0)
    return limit


def ratios(of: Contrast, tests: int | None = None) -> Floats:
    """Lower limit of how many times as common each value is among guilty rows."""
    if not of.size:
        return np.zeros(len(of.found))
    tests = tests or int((of.found > 0).sum())
    ratio: Floats = least(of.found, of.size, tests) / np.maximum(most(of.expected, of.others), 1e-12)
    return np.where(of.found > 0, ratio, 0.0)


def gap(of: Contrast, value: int = 1, tests: int = 1, both: bool = True) -> float:
    """Lower limit of the difference of a value's share, guilty less others; of its size where `both` ways count."""
    if not of.size or len(of.found) <= value:
        return 0.0
    difference = of.found[value] - of.expected[value]
    # The variance at the middle of both shares, with two rows added: a share of 0 or 1 is not certain.
    middle = ((of.found[value] * of.size + 1) / (of.size + 2) + of.expected[value]) / 2
    error = float(np.sqrt(middle * (1 - middle) * (1 / of.size + 1 / of.others)))
    far = abs(difference) if both else difference
    return float(max(far - normal(2 * tests if both else tests) * error, 0.0))


def distance(of: Contrast, tests: int = 1) -> float:
    """Lower limit of the total variation between the two mixes.

    The mean of what chance gives is taken off, and as much again as it strays (McDiarmid 1989): no permutations are needed.
    """
    if not of.size:
        return 0.0
    apart = float(np.abs(of.found - of.expected).sum() / 2)
    size = 1 / (1 / of.size + 1 / of.others)
    usual = float(np.sqrt(2 * of.expected * (1 - of.expected) / (np.pi * size)).sum() / 2)
    return max(apart - usual - float(np.sqrt(np.log(max(tests, 1) / LEVEL) / (2 * size))), 0.0)


def ranking(of: Contrast, tests: int = 1) -> float:
    """Lower limit of the AUC of values in order, whichever way it points: .5 where they say nothing."""
    if not of.size:
        return 0.5
    below = np.cumsum(of.expected) - of.expected
    auc = float((of.found * (below + of.expected / 2)).sum())
    error = np.sqrt((1 / of.size + 1 / of.others) / 12)
    return 0.5 + float(max(abs(auc - 0.5) - normal(2 * tests) * error, 0.0))


def precision(value: Ints, guilty: Flags, fold: Ints, size: float, tests: int = 1) -> tuple[float, float]:
    """Average precision of a column's values ranked by risk, learnt on one half of the stories and measured on the other.

    Args:
        value: A code by row, from 0.
        guilty: Which rows are guilty.
        fold: Half of each row, 0 or 1.
        size: Independent guilty observations.
        tests: Columns that are compared.

    Returns:
        The lower limit (on the log-odds scale, Boyd, Eng and Page 2013), and the share of guilty rows.
    """
    kinds = int(value.max(initial=0)) + 1
    count = np.bincount((fold * 2 + guilty) * kinds + value, minlength=4 * kinds).reshape(2, 2, kinds).astype(np.float64)
    base = float(guilty.mean())
    measured = []
    for learn, test in ((0, 1), (1, 0)):
        risk = (count[learn, 1] + base) / (count[learn].sum(axis=0) + 1)
        order = np.argsort(-risk, kind="stable")
        hits, rows = np.cumsum(count[test, 1][order]), np.cumsum(count[test].sum(axis=0)[order])
        if hits[-1]:
            gained = np.diff(hits, prepend=0.0) / hits[-1]
            measured.append(float((gained * hits / np.maximum(rows, 1)).sum()))
    if not measured:
        return 0.0, base
    mean = min(max(float(np.mean(measured)), 1e-9), 1 - 1e-9)
    size = max(size, 1.0)
    kept = min(max(mean, 0.5 / size), 1 - 0.5 / size)  # a figure of exactly 1 on few rows is not certain
    odds = np.log(kept / (1 - kept)) - normal(tests) / np.sqrt(size * kept * (1 - kept))
    return float(min(1 / (1 + np.exp(-odds)), mean)), base
