"""The numbers that a fit goes by: fit targets that can be judged, what counts as met, and the loss of a world."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.fit.worlds import labels
from calibration.pack import Pack

type Floats = NDArray[np.float64]

BOUND = 3.0
"""Tolerances at which a misfit has cost half of the most that it can: one that is far off cannot carry the others away."""


@dataclass(frozen=True)
class Numbers:
    """Numbers of targets, in columns.

    Attributes:
        labels: of the numbers, ``id`` or ``id.component``.
        columns: of these in what worlds give.
        target: the real numbers.
        room: tolerance of each, in its unit.
        error: standard error of the source, in its unit.
    """

    labels: tuple[str, ...]
    columns: NDArray[np.int64]
    target: Floats
    room: Floats
    error: Floats

    def __len__(self) -> int:
        """How many."""
        return len(self.labels)

    def only(self, which: NDArray[np.bool_]) -> "Numbers":
        """Some of them."""
        names = tuple(name for name, wanted in zip(self.labels, which, strict=True) if wanted)
        return Numbers(names, self.columns[which], self.target[which], self.room[which], self.error[which])


def numbers_of(pack: Pack) -> Numbers:
    """All numbers of a pack."""
    known = [(target, component) for target in pack.targets for component in target.components]
    return Numbers(
        tuple(labels(pack)), np.arange(len(known)), np.array([target.components[component] for target, component in known]),
        np.array([max(target.room(component), 1e-12) for target, component in known]),
        np.array([target.error_of(component) for target, component in known]),
    )  # fmt: skip


def searched(pack: Pack, measured: Floats) -> Numbers:
    """Numbers that a fit goes by: of fit targets, known well enough, and measured in most worlds.

    Args:
        pack: of targets.
        measured: all numbers, a row for each world.
    """
    known = [(target, component) for target in pack.targets for component in target.components]
    wanted = np.array([target.role == "fit" and target.is_assessable(component) for target, component in known])
    return numbers_of(pack).only(wanted & (np.isfinite(measured).mean(axis=0) > 0.9))


def bounded(misfit: Floats) -> Floats:
    """What misfits cost: their square while they are small, never more than `BOUND` squared (Geman and McClure 1987)."""
    square = misfit**2
    return square / (1 + square / BOUND**2)


def loss(measured: Floats, numbers: Numbers, noise: Floats | float = 0.0) -> Floats:
    """Mean cost of worlds.

    Args:
        measured: the fit's numbers, in the last axis.
        numbers: what they should be.
        noise: standard deviation of what was measured, from seed to seed; widens the tolerance.
    """
    misfit = (np.nan_to_num(measured, nan=np.inf) - numbers.target) / np.hypot(numbers.room, noise)
    cost = np.where(np.isfinite(misfit), bounded(np.where(np.isfinite(misfit), misfit, 0.0)), BOUND**2)
    return np.asarray(cost.mean(axis=-1))
