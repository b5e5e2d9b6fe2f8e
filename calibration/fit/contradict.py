"""Targets that the rest speaks against: after a fit that a few cannot carry away, those that are left far off.

The emulator stands for the worlds. A target is *contradicted* where the fit misses it by more than two tolerances although it can be
met, and meeting it would cost the others more than it gains; the others that it would cost are named with it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calibration.fit.design import sobol
from calibration.fit.emulator import Forward
from calibration.fit.numbers import Numbers, bounded
from calibration.fit.search import emulated

type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]

NAMED = 2.0
"""Tolerances from which a target that was missed is named."""
STARTS = 4
REDESCENDING = 1.5
"""Tolerances at which the loss of this fit turns: below the shifts that it is to see through."""


@dataclass(frozen=True)
class Contradiction:
    """A target against the rest.

    Attributes:
        label: of the number.
        misfit: in tolerances, signed.
        against: numbers that would be missed if it were met, the worst first.
    """

    label: str
    misfit: float
    against: tuple[str, ...]


def robust(forward: Forward, numbers: Numbers, points: Floats, moments: Floats, free: Flags, seed: int) -> tuple[Floats, Floats]:
    """The fit that meets most targets, whatever the others say.

    Args:
        forward: moments given parameters.
        numbers: the targets.
        points: of runs; those nearest to the targets are starts.
        moments: of the runs.
        free: which coordinates may move.
        seed: of further starts.

    Returns:
        The point, and the misfit of every number there, in tolerances widened by noise.
    """
    room = np.hypot(numbers.room, forward.noise)
    cost = np.minimum(np.abs(np.nan_to_num(moments, nan=1e30) - numbers.target) / room, REDESCENDING * 2).mean(axis=1)
    near = points[np.argsort(cost)[:STARTS]]
    even = sobol(STARTS, points.shape[1], seed)
    even[:, ~free] = near[0, ~free]
    near[:, ~free] = near[0, ~free]
    return emulated(forward, numbers, np.concatenate([near, even]), free, REDESCENDING)


def contradictions(forward: Forward, numbers: Numbers, misfit: Floats, at: Floats, free: Flags) -> list[Contradiction]:
    """Which of the numbers that a fit missed the rest speaks against.

    Args:
        forward: moments given parameters.
        numbers: the targets.
        misfit: of every number where the fit ended, in tolerances, signed.
        at: the point where it ended.
        free: which coordinates may move.
    """
    found = []
    for place in np.flatnonzero(np.abs(misfit) > NAMED):
        others = np.arange(len(numbers)) != place
        forced = replace(numbers, room=np.where(others, numbers.room, numbers.room[place] / 30))
        point, _ = emulated(forward, forced, at[None], free, bound=30.0)
        room = np.hypot(numbers.room, forward.noise)
        then = (forward(point[None])[0] - numbers.target) / room
        now = (forward(at[None])[0] - numbers.target) / room
        rise = np.abs(then) - np.abs(now)
        costs = bounded(then[others]).sum() - bounded(now[others]).sum() > bounded(now[place]) - bounded(then[place])
        hurt = [int(one) for one in np.argsort(-rise) if one != place and rise[one] > 0.5 and abs(then[one]) > 1]
        if hurt and costs:
            found.append(Contradiction(numbers.labels[place], float(misfit[place]), tuple(numbers.labels[one] for one in hurt[:4])))
    return found


@dataclass(frozen=True)
class Shifted:
    """The experiment: planted worlds, a share of whose moments is shifted.

    Attributes:
        worlds: planted.
        shifted: numbers that were shifted in all of them.
        named: of these, that were named.
        sound: numbers that were not shifted.
        accused: of these, that were named.
        fitted: of these, within tolerance.
    """

    worlds: int
    shifted: int
    named: int
    sound: int
    accused: int
    fitted: int


def shift_experiment(
    forward: Forward, numbers: Numbers, points: Floats, moments: Floats, seed: int, worlds: int = 40, share: float = 0.3, by: float = 4.0
) -> Shifted:
    """Shift moments of planted worlds, fit, and count who is named.

    Args:
        forward: moments given parameters.
        numbers: the targets; their tolerances, widened by the noise of one run, are the unit of the shift.
        points: of the runs.
        moments: of the runs.
        seed: of who is shifted, and which way.
        worlds: planted, spread over the runs; each is left out of the starts.
        share: of the numbers that are shifted.
        by: tolerances.
    """
    chosen = np.unique(np.linspace(0, len(points) - 1, worlds).astype(int))
    room = np.hypot(numbers.room, forward.noise)
    draws = sobol(len(chosen), 2 * len(numbers), seed)
    counted = np.zeros(5, np.int64)
    for world, draw in zip(chosen, draws, strict=True):
        hit = np.zeros(len(numbers), bool)
        hit[np.argsort(draw[: len(numbers)])[: round(share * len(numbers))]] = True
        true = np.where(np.isfinite(moments[world]), moments[world], forward(points[world][None])[0])
        target = true + hit * np.where(draw[len(numbers) :] < 0.5, -1, 1) * by * room
        planted = replace(numbers, target=target)
        rest = np.arange(len(points)) != world
        _, misfit = robust(forward, planted, points[rest], moments[rest], np.ones(points.shape[1], bool), seed)
        named = np.abs(misfit) > NAMED
        counted += [hit.sum(), (hit & named).sum(), (~hit).sum(), (~hit & named).sum(), (~hit & (np.abs(misfit) <= 1.5)).sum()]
    return Shifted(len(chosen), *(int(number) for number in counted))
