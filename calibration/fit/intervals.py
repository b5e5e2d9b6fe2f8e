"""What the targets leave possible: regression-adjusted approximate Bayesian computation.

Beaumont, Zhang and Balding (Genetics 162, 2002), with the regression's own answers as summaries (Fearnhead and Prangle, JRSS B 74,
2012): runs whose moments speak for nearly the same parameters as the targets do tell, by how far the regression missed theirs,
how far it may have missed ours.
"""

import numpy as np
from numpy.typing import NDArray

from calibration.fit.design import sobol
from calibration.fit.emulator import Validated, expit

type Floats = NDArray[np.float64]

NEAREST = 0.5
"""Share of the runs that count at all."""
FEWEST = 120


def nearness(predicted: Floats, answer: Floats, identified: NDArray[np.bool_]) -> Floats:
    """Weights of runs by how near what their moments speak for is to an answer (Epanechnikov's kernel); they sum to 1.

    Args:
        predicted: logits from regressions that left each run out.
        answer: logits that the targets speak for.
        identified: which coordinates count; all where none is.
    """
    which = identified if identified.any() else np.ones_like(identified)
    spread = predicted[:, which].std(axis=0)
    apart = np.sqrt((((predicted[:, which] - answer[which]) / np.where(spread > 0, spread, 1.0)) ** 2).mean(axis=1))
    wanted = min(max(int(NEAREST * len(apart)), FEWEST), len(apart)) - 1
    width = np.sort(apart)[wanted]
    weights = np.maximum(1 - (apart / max(width * 1.0001, 1e-12)) ** 2, 0)
    return np.asarray(weights / weights.sum())


def interval(validated: Validated, answer: Floats, weights: Floats, level: float = 0.9) -> tuple[Floats, Floats]:
    """Low and high ends for each parameter, points of the unit cube.

    Args:
        validated: of the runs.
        answer: logits that the targets speak for.
        weights: of the runs.
        level: that the interval promises.
    """
    low, high = [], []
    for place in range(len(answer)):
        residual = validated.residual[:, place]
        order = np.argsort(residual)
        # Each run's own mass lies half to its left; a little is left beyond the outermost, as with any sample.
        below = np.cumsum(weights[order]) - weights[order] / 2
        size = 1 / (weights**2).sum()
        tail = max((1 - level) / 2 * (size - 1) / size - 0.5 / size, 0)
        ends = np.interp([tail, 1 - tail], below, residual[order])
        low.append(answer[place] + ends[0])
        high.append(answer[place] + ends[1])
    return expit(np.array(low)), expit(np.array(high))


def posterior(validated: Validated, answers: Floats, weights: Floats, seed: int) -> Floats:
    """Parameter sets, points of the unit cube, equally likely.

    Args:
        validated: of the runs.
        answers: logits that the targets speak for, one row for each set: what the source's error leaves open is in them.
        weights: of the runs.
        seed: of the choice.
    """
    evenly = np.sort(sobol(len(answers), 1, seed)[:, 0])
    chosen = np.searchsorted(np.cumsum(weights), evenly * weights.sum()).clip(max=len(weights) - 1)
    shuffled = np.argsort(sobol(len(answers), 2, seed + 1)[:, 1])
    return expit(answers + validated.residual[chosen[shuffled]])
