"""Which assumptions carry the result: pairs over a design of parameters, screened by Morris's method or laid on a grid.

Both worlds of a pair get the same value of a parameter, so that what is screened is the effect. Source of the method: Morris (1991),
Factorial sampling plans for preliminary computational experiments, Technometrics 33; `mu_star`: Campolongo, Cariboni and Saltelli (2007).
The design and the statistics are SALib's (extra ``stress``).
"""

from collections.abc import Sequence
from itertools import product
from math import floor
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from simulator.errors import InputError, MachineError
from simulator.scenario import Scenario
from simulator.scenario.complaint import kind_at
from simulator.stress.estimate import Floats

LEVELS = 4
"""Levels of Morris's grid; SALib's default."""


class Varied(NamedTuple):
    """A parameter and its range."""

    path: str
    low: float
    high: float
    whole: bool = False
    """Whether it is a whole number."""


class Design(NamedTuple):
    """Points to evaluate."""

    varied: list[Varied]
    points: Floats
    """Shape (points, parameters); `changes` rounds those of whole numbers."""
    is_grid: bool

    def changes(self, point: int) -> dict[str, Any]:
        """The point as changes to a scenario."""
        values = zip(self.varied, self.points[point].tolist(), strict=True)
        return {one.path: floor(value + 0.5) if one.whole else value for one, value in values}

    @property
    def problem(self) -> dict[str, Any]:
        """The design as SALib calls it."""
        names = [one.path for one in self.varied]
        return {"num_vars": len(names), "names": names, "bounds": [[one.low, one.high] for one in self.varied]}


def read_varied(text: str) -> Varied:
    """A parameter and its range from ``path=low:high``.

    Raises:
        InputError: it is none.
    """
    path, _, span = text.partition("=")
    low, _, high = span.partition(":")
    try:
        one = Varied(path.strip(), float(low), float(high))
    except ValueError:
        one = Varied("", np.nan, np.nan)
    if not one.path or not np.isfinite([one.low, one.high]).all():
        raise InputError(f"--vary {text[:200]}: found no path and range, expected path=low:high such as methods.cash=0.1:0.4")
    if one.low >= one.high:
        raise InputError(f"--vary {text[:200]}: found {low} to {high}, expected the lower bound first")
    return one


def of_kind(varied: Sequence[Varied], scenario: Scenario, levels: int) -> list[Varied]:
    """The same, each known to be a whole number or not.

    Args:
        varied: parameters and their ranges.
        scenario: that has them.
        levels: how many different values each takes.

    Raises:
        InputError: a range of a whole number begins or ends between two, or has fewer than there are levels.
    """
    found = []
    for one in varied:
        whole = kind_at(type(scenario), tuple(one.path.split("."))) is int
        said = f"--vary {one.path}={one.low:g}:{one.high:g}"
        if whole and not (one.low.is_integer() and one.high.is_integer()):
            raise InputError(f"{said}: found bounds that are no whole numbers, expected whole ones, as {one.path} is")
        if whole and one.high - one.low < levels - 1:
            count = f"{one.high - one.low + 1:.0f} whole numbers"
            raise InputError(f"{said}: found {count}, expected at least {levels}, one for each level, or --grid with fewer")
        found.append(one._replace(whole=whole))
    return found


def design(varied: Sequence[Varied], trajectories: int, grid: int, seed: int) -> Design:
    """The points of Morris's trajectories, or of a grid.

    Args:
        varied: the parameters.
        trajectories: of Morris; each takes one point more than there are parameters.
        grid: points along each parameter instead; 0 for Morris.
        seed: of the trajectories.

    Raises:
        InputError: a parameter is given twice.
        MachineError: SALib is not installed.
    """
    paths = [one.path for one in varied]
    for path in paths:
        if paths.count(path) > 1:
            raise InputError(f"--vary {path}: found it twice, expected different parameters")
    if grid:
        points = np.array(list(product(*(np.linspace(one.low, one.high, grid) for one in varied))))
        return Design(list(varied), points, True)
    sample, _ = _salib()
    chosen = Design(list(varied), np.zeros((0, len(varied))), False)
    return chosen._replace(points=sample(chosen.problem, trajectories, num_levels=LEVELS, seed=seed % 2**32))


def screened(chosen: Design, results: Floats, seed: int) -> pd.DataFrame:
    """Statistics of the elementary effects of each parameter on one result.

    Args:
        chosen: a design of Morris.
        results: the result at each point.
        seed: of the resampling behind the interval.

    Returns:
        A row for each parameter: `path`, `mu`, `mu_star` (mean of absolute effects over the whole range), `mu_star_interval` (half the
        width of its 95 % interval), `sigma` (how far effects depend on the other parameters, or bend).
    """
    _, analyse = _salib()
    found = analyse(chosen.problem, chosen.points, results, num_levels=LEVELS, num_resamples=100, seed=seed % 2**32)
    names = {"mu": "mu", "mu_star": "mu_star", "mu_star_interval": "mu_star_conf", "sigma": "sigma"}
    columns = {name: np.asarray(found[theirs], np.float64) for name, theirs in names.items()}
    return pd.DataFrame({"path": [one.path for one in chosen.varied]} | columns)


def _salib() -> tuple[Any, Any]:
    try:
        from SALib.analyze.morris import analyze
        from SALib.sample.morris import sample
    except ImportError as error:
        raise MachineError(f"--vary needs SALib, which is not installed ({error}): pip install 'ledgerfolk[stress]', or --grid") from None
    return sample, analyze
