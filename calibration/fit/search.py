"""Where the targets are met best: on the emulator first, then CMA-ES over worlds (Hansen and Ostermeier 2001)."""

from collections.abc import Callable

import cma
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from calibration.fit.emulator import Forward
from calibration.fit.numbers import BOUND, Numbers, bounded

type Floats = NDArray[np.float64]

Evaluate = Callable[[Floats, int], Floats]
"""Loss of each point of a generation, whose number is given too."""


def emulated(forward: Forward, numbers: Numbers, starts: Floats, free: NDArray[np.bool_], bound: float = BOUND) -> tuple[Floats, Floats]:
    """The point whose emulated moments meet the targets best, with a bounded loss so that a few that cannot be met carry nothing away.

    Args:
        forward: moments given parameters.
        numbers: the targets.
        starts: points to begin at, one row each; the best end of all is taken.
        free: which coordinates may move.
        bound: tolerances at which a misfit has cost half of the most that it can.

    Returns:
        The point, and the misfit of every number there in tolerances widened by the emulator's noise.
    """
    room = np.hypot(numbers.room, forward.noise)
    best, least = starts[0], np.inf
    for start in starts:
        point = start.copy()

        def misfit(part: Floats, point: Floats = point) -> Floats:
            point[free] = part
            return np.asarray((forward(point[None])[0] - numbers.target) / room)

        def slopes(part: Floats, point: Floats = point) -> Floats:
            point[free] = part
            return np.asarray(forward.slopes(point)[:, free] / room[:, None])

        # From a loss that is nearly a square to the bounded one, so that few starts end in a hollow (Blake and Zisserman 1987).
        part = np.clip(start[free], 1e-6, 1 - 1e-6)
        for width in (4 * bound, bound):
            found = least_squares(misfit, part, slopes, bounds=(0, 1), loss=_geman_mcclure, f_scale=width, max_nfev=40)
            part = np.clip(found.x, 1e-6, 1 - 1e-6)
        cost = float(bounded(misfit(part) * BOUND / bound).sum())
        if cost < least:
            least, best = cost, point.copy()
            best[free] = part
    return best, np.asarray((forward(best[None])[0] - numbers.target) / room)


def _geman_mcclure(square: Floats) -> Floats:
    """The bounded loss and its first two derivatives, as `scipy.optimize.least_squares` asks for them."""
    under = 1 + square
    return np.stack([square / under, under**-2.0, -2 * under**-3.0])


def evolve(evaluate: Evaluate, start: Floats, widths: Floats, free: NDArray[np.bool_], generations: int, seed: int) -> Floats:
    """CMA-ES from a start, wide at first.

    Args:
        evaluate: loss of points; every generation may meet worlds of its own, so that no seed is fitted.
        start: a point of the unit cube.
        widths: first standard deviation along each coordinate.
        free: which coordinates may move.
        generations: how many.
        seed: of the search.

    Returns:
        The mean of the last generation: the best single point would be the luckiest one.
    """
    options = {"bounds": [0, 1], "seed": seed % (2**31 - 2) + 1, "verbose": -9, "CMA_stds": widths[free].tolist(), "tolflatfitness": 10**6,
               "maxiter": 10**6, "tolfun": 0, "tolx": 0, "tolstagnation": 10**6}  # fmt: skip
    if free.sum() == 0:
        return start
    if free.sum() == 1:
        return _scan(evaluate, start, widths, free, generations)
    search = cma.CMAEvolutionStrategy(np.clip(start[free], 0.02, 0.98).tolist(), 1.0, options)
    for generation in range(generations):
        asked = search.ask()
        points = np.tile(start, (len(asked), 1))
        points[:, free] = np.clip(np.array(asked), 0, 1)
        search.tell(asked, evaluate(points, generation).tolist())
    best = start.copy()
    best[free] = np.clip(search.result.xfavorite, 0, 1)
    return best


def population(free: int) -> int:
    """Points of a generation, as CMA-ES takes them by default."""
    return 4 + int(3 * np.log(max(free, 1)))


def _scan(evaluate: Evaluate, start: Floats, widths: Floats, free: NDArray[np.bool_], generations: int) -> Floats:
    """One coordinate needs no evolution, and CMA-ES takes none: the lowest point of a parabola through even steps."""
    half = float(2 * widths[free][0])
    steps = np.clip(start[free][0] + np.linspace(-half, half, population(1) + 1), 0, 1)
    points = np.tile(start, (len(steps), 1))
    points[:, free] = steps[:, None]
    costs = np.mean([evaluate(points, generation) for generation in range(generations)], axis=0)
    curve = np.polyfit(steps, costs, 2)
    best = start.copy()
    best[free] = np.clip(-curve[1] / (2 * curve[0]), steps.min(), steps.max()) if curve[0] > 0 else steps[np.argmin(costs)]
    return best
