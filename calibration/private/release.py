"""Noise: one vector of every customer goes through one measurement of OpenDP, and what comes out may leave the building.

All statistics of a release are laid side by side in one vector of whole numbers. A statistic with the share w of the budget is
laid on a grid of sqrt(w) of the whole, so no customer's vector is longer than the whole grid: that is the sensitivity to one
customer more or less, rounding included. One discrete Gaussian over it costs rho under zero-concentrated differential privacy
(Bun and Steinke, 2016), and each statistic gets the error that its share would buy alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from math import isqrt, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtr

from calibration.private.cells import NONE, cells_of, has_none
from calibration.private.config import Statistic
from calibration.private.postings import Floats, Ints
from calibration.private.profile import Tally
from simulator.errors import MachineError

GRID = 1 << 24
"""Length of the longest vector that a customer may have."""
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Spent:
    """What a release costs in privacy.

    Attributes:
        rho: under zero-concentrated differential privacy.
        epsilon: of the same at ``delta``, by the privacy curve of OpenDP.
        delta: chance that epsilon does not hold.
        bound: most that a test for a customer's presence can gain: true less false positive rate.
        library: what made the noise.
    """

    rho: float
    epsilon: float
    delta: float
    bound: float
    library: str


@dataclass(frozen=True, slots=True)
class Figures:
    """A statistic as released or as it is.

    Attributes:
        value: by cell, per customer or per customer with any.
        error: standard deviation of the noise in it.
        customers: how many each cell holds: at least as many customers contribute.
    """

    value: dict[str, float]
    error: dict[str, float]
    customers: dict[str, float]


def membership_bound(rho: float) -> float:
    """Most that anybody can gain in telling whether a customer is in the table: 2 Phi(sqrt(2 rho) / 2) - 1.

    Exact for the Gaussian mechanism with sensitivity met (Dong, Roth and Su, 2022, Gaussian differential privacy).
    """
    return float(2 * ndtr(sqrt(2 * rho) / 2) - 1)


def grids(shares: Sequence[float], grid: int = GRID) -> list[int]:
    """Grid of each statistic: squares of all together are at most the square of the whole.

    Args:
        shares: of the budget, in any unit.
        grid: the whole.
    """
    total = sum(shares)
    return [isqrt(int(grid * grid * (share / total) * (1 - 1e-12))) for share in shares]


def summed(tally: Tally, customers: int, parts: Sequence[int]) -> Ints:
    """The vectors of all customers, added up.

    Args:
        tally: of the customers.
        customers: grid of their number, which stands first.
        parts: grid of each statistic.

    Returns:
        The number of customers, then the cells of every statistic in order.
    """
    total = np.zeros(1 + sum(len(cells_of(one, tally.kinds)) for one in tally.statistics), np.int64)
    for start in range(0, tally.customers, _CHUNK):
        rows = tally.members[start : start + _CHUNK]
        own = np.full((len(rows), 1), customers, np.int64)
        vectors = np.concatenate([own, *(tally.vectors(place, grid, rows) for place, grid in enumerate(parts))], axis=1)
        most = float(sum(grid * grid for grid in (customers, *parts))) * (1 + 1e-13)
        # Whatever is wrong above, nobody weighs more than the noise hides.
        vectors[(vectors.astype(float) ** 2).sum(axis=1) > most] = 0
        total += vectors.sum(axis=0)
    return total


def spent(rho: float, delta: float) -> Spent:
    """What a release of ``rho`` costs; nothing is drawn.

    Raises:
        MachineError: OpenDP is not installed.
    """
    measure, combinators = _measurement(1, rho), _opendp("combinators")
    epsilon = combinators.make_zCDP_to_approxDP(measure).map(float(GRID)).epsilon(delta)
    return Spent(rho, float(epsilon), delta, membership_bound(rho), f"OpenDP {version('opendp')}")


def noised(total: Ints, rho: float) -> Ints:
    """Adds discrete Gaussian noise from OpenDP's own entropy, which nothing can seed.

    Args:
        total: sum of vectors of at most `GRID` in length.
        rho: what it may cost.

    Raises:
        MachineError: OpenDP is not installed, or would charge more than ``rho``.
    """
    measure = _measurement(len(total), rho)
    charged = measure.map(float(GRID))
    if not charged <= rho:
        raise MachineError(f"opendp: found a cost of {charged:.9g} for a release of rho {rho:g}, expected no more")
    return np.array(measure([int(one) for one in total]), np.int64)


def _measurement(size: int, rho: float) -> Any:
    prelude = _opendp("prelude")
    prelude.enable_features("contrib")
    space = prelude.vector_domain(prelude.atom_domain(T="i64"), size=size), prelude.l2_distance(T="f64")
    # A hair wider than rho asks for, so that no rounding makes it cost more.
    return _opendp("measurements").make_gaussian(*space, scale=deviation(rho) * (1 + 1e-9))


def deviation(rho: float) -> float:
    """Standard deviation of the noise on the whole grid."""
    return GRID / sqrt(2 * rho)


def _opendp(module: str) -> Any:
    try:
        from importlib import import_module

        return import_module(f"opendp.{module}")
    except ImportError:
        raise MachineError("opendp: found no such library, expected one (pip install 'ledgerfolk[aggregate]')") from None


def figures(
    total: Ints, statistics: Sequence[Statistic], kinds: Sequence[str], customers: int, parts: Sequence[int], noise: float = 0.0
) -> tuple[tuple[float, float], list[Figures]]:
    """Means over customers from sums, noised or not.

    Args:
        total: as `summed` lays it out.
        statistics: in order.
        kinds: names of the kinds.
        customers: grid of the number of customers.
        parts: grid of each statistic.
        noise: standard deviation of the noise in each sum.

    Returns:
        The number of customers with its error, and each statistic's figures.
    """
    people = float(total[0]) / customers, noise / customers
    found, start = [], 1
    for one, grid in zip(statistics, parts, strict=True):
        names = cells_of(one, list(kinds))
        sums = np.asarray(total[start : start + len(names)], float) / grid
        start += len(names)
        found.append(_means(names, sums, noise / grid, people, one))
    return people, found


def _means(names: list[str], sums: Floats, noise: float, people: tuple[float, float], one: Statistic) -> Figures:
    base, error = people
    held = dict(zip(names, map(float, sums), strict=True))
    if one.whom == "with_any" and has_none(one):
        base, error = base - held.pop(NONE), sqrt(error**2 + noise**2)
    if base <= 0:
        return Figures({}, {}, {})
    value = {name: one_sum / base for name, one_sum in held.items()}
    # First order of a ratio of two noisy numbers.
    errors = {name: sqrt(noise**2 + share**2 * error**2) / base for name, share in value.items()}
    return Figures(value, errors, held)


def exact(tally: Tally) -> tuple[float, list[Figures]]:
    """The statistics as they are, without noise: of a run, or of customers that were held out.

    Args:
        tally: of the customers.
    """
    parts = [GRID] * len(tally.statistics)
    total = summed(tally, GRID, parts)
    (people, _), found = figures(total, tally.statistics, tally.kinds, GRID, parts)
    return people, found
