"""What a fit found, as its report shows it."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Verdict = Literal["PASS", "WARN", "FAIL", "not assessed", "report"]


@dataclass(frozen=True)
class Estimate:
    """A parameter.

    Attributes:
        name: of the pack's parameter.
        what: it is, in a line.
        paths: of the scenario that it moves.
        how: ``set`` at the paths, or ``times`` what the scenario has there.
        prior_low: low end of the range that was searched.
        prior_high: its high end.
        start: the value that the scenario had (1 for ``times``), None where its paths have more than one.
        estimate: what fits best; where it is not identified, ``start`` again, or the middle of the range where there is none.
        low: low end of the 90 % interval; of the prior range where it is not identified.
        high: its high end.
        r2: cross-validated share of its variance that the moments tell.
        identified: whether that is above 0.5.
    """

    name: str
    what: str
    paths: tuple[str, ...]
    how: Literal["set", "times"]
    prior_low: float
    prior_high: float
    start: float | None
    estimate: float
    low: float
    high: float
    r2: float
    identified: bool


@dataclass(frozen=True)
class Judged:
    """One number of a target beside the fitted world.

    Attributes:
        id: of the target.
        component: which of its numbers; empty for a single one.
        what: it says, in a line.
        unit: of the numbers.
        role: ``fit``, ``hold-out`` or ``report``.
        target: the real number.
        tolerance: room around it that counts as met, in the unit.
        achieved: mean over the seeds of the fitted world; None where it was not measured.
        spread: standard deviation from seed to seed, in the unit; None with one seed.
        misfit: distance in tolerances.
        verdict: PASS up to 1, WARN up to 2 and for a target that contradicts the rest, FAIL beyond.
        reach_low: lowest that the runs of the first design came.
        reach_high: highest.
        reachable: whether the target, with its tolerance, lies between them.
        contradicted: whether the targets that are met speak against it.
        scaled: mean in worlds of ten times the people; None where they were not run.
        scaled_misfit: distance of that from the mean in small worlds, in tolerances.
        source: title and year.
        why: what there is to say about it: the pack's words, and why it was missed.
    """

    id: str
    component: str
    what: str
    unit: str
    role: Literal["fit", "hold-out", "report"]
    target: float
    tolerance: float
    achieved: float | None
    spread: float | None
    misfit: float | None
    verdict: Verdict
    reach_low: float | None
    reach_high: float | None
    reachable: bool
    contradicted: bool
    scaled: float | None
    scaled_misfit: float | None
    source: str
    why: str

    @property
    def label(self) -> str:
        """Its name in a table: ``id`` or ``id.component``."""
        return f"{self.id}.{self.component}" if self.component else self.id


@dataclass(frozen=True)
class Recovered:
    """How well a parameter is found again in planted worlds, each left out of what the fit learnt from.

    Attributes:
        name: of the parameter.
        rmse: root mean square error, as a share of the prior range.
        r2: share of the variance of the planted values that was found.
        covered: planted values that lay within their 90 % interval.
        planted: worlds.
    """

    name: str
    rmse: float
    r2: float
    covered: int
    planted: int


@dataclass(frozen=True)
class Coverage:
    """How many planted values of identified parameters lay within their intervals.

    Attributes:
        level: that the intervals promise, such as 0.9.
        covered: values inside.
        of: values.
        low: low end of the exact 95 % binomial interval of the share.
        high: its high end.
    """

    level: float
    covered: int
    of: int
    low: float
    high: float


@dataclass(frozen=True)
class Losses:
    """Loss over the runs, in the order in which they were planned.

    Attributes:
        loss: mean bounded squared misfit of each run, in tolerances.
        stage: what each was run for: ``design``, ``search``, ``local``, ``check`` or ``scale``.
    """

    loss: Floats
    stage: tuple[str, ...]


@dataclass(frozen=True)
class Draws:
    """Parameter sets that the targets leave possible.

    Attributes:
        names: of the parameters, columns of ``values``; identified ones only.
        values: one row for each draw, in the parameters' own units; the rows are equally likely.
        weights: of the rows; they sum to 1.
        files: scenarios written from them, beside the fitted one.
    """

    names: tuple[str, ...]
    values: Floats
    weights: Floats
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fitted:
    """A finished fit.

    Attributes:
        pack: name of the pack.
        about: what the pack says of itself.
        notes: where its sources measure different things.
        scenario_name: shipped name of the scenario that was fitted, or that of its file.
        command: that makes the same fit again.
        seed: of the fit.
        customers: adults in a world of the search.
        days: that it lives.
        estimates: by parameter, in the order of the pack.
        direct: paths that were set to a target's number, with the value.
        targets: every number of every target.
        recovery: by parameter.
        coverage: of the identified parameters in planted worlds.
        losses: over the runs.
        draws: of the posterior.
        seconds: by stage.
        runs: worlds lived by stage, those found in the folder of the runs included.
        contradictions: labels of targets that the rest speaks against.
        consistent: whether every assessable fit target lies within reach.
        digest: of pack, scenario and sources.
        ledger: privacy ledger of a pack that was released with noise.
        extra: of optional stages, such as the neural posterior.
    """

    pack: str
    about: str
    notes: tuple[str, ...]
    scenario_name: str
    command: str
    seed: int
    customers: int
    days: int
    estimates: tuple[Estimate, ...]
    direct: dict[str, float]
    targets: tuple[Judged, ...]
    recovery: tuple[Recovered, ...]
    coverage: Coverage
    losses: Losses
    draws: Draws
    seconds: dict[str, float]
    runs: dict[str, int]
    contradictions: tuple[str, ...]
    consistent: bool
    digest: str
    ledger: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether a fit target failed: exit code 1."""
        return any(judged.role == "fit" and judged.verdict == "FAIL" for judged in self.targets)

    def share_met(self, role: str) -> tuple[int, int]:
        """Numbers of a role within tolerance, and numbers of it that could be judged."""
        judged = [one for one in self.targets if one.role == role and one.misfit is not None and one.verdict != "not assessed"]
        return sum(one.misfit <= 1 + 1e-9 for one in judged if one.misfit is not None), len(judged)
