"""The stages of a fit, over whoever lives the worlds: each takes what the ones before found, and adds to it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from calibration.fit import design
from calibration.fit.contradict import Contradiction, Shifted, contradictions, robust, shift_experiment
from calibration.fit.emulator import IDENTIFIED, Forward, Inverse, Validated, cross_validate, expit, logit
from calibration.fit.intervals import interval, nearness, posterior
from calibration.fit.numbers import Numbers, loss, numbers_of, searched
from calibration.fit.recover import recover
from calibration.fit.result import Coverage, Recovered
from calibration.fit.search import emulated, evolve, population
from calibration.fit.space import Space
from calibration.fit.worlds import Plan, Worlds
from calibration.pack import Pack

type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]

SCALE_UP = 10
"""How many times the people of a world of the search the last worlds have."""
SCALE_SEEDS = 3
CHECK_SEEDS = 8
SETS = 500
"""Parameter sets of the posterior that are kept for the report."""


@dataclass
class Runs:
    """Worlds that were lived, in order."""

    points: Floats
    measured: Floats
    stages: list[str] = field(default_factory=list)

    def add(self, stage: str, points: Floats, measured: Floats) -> None:
        """Put worlds behind the others."""
        self.points = np.concatenate([self.points, points])
        self.measured = np.concatenate([self.measured, measured])
        self.stages += [stage] * len(points)

    def of(self, *stages: str) -> Flags:
        """Which are of some stages."""
        return np.isin(np.array(self.stages), stages)


class Engine:
    """A fit under way; its attributes are what the stages found."""

    def __init__(self, pack: Pack, space: Space, worlds: Worlds, seed: int, runs: int, customers: int, seeds: int) -> None:
        """Nothing is lived yet.

        Args:
            pack: targets, and what may be moved.
            space: the parameters.
            worlds: who lives.
            seed: of the fit.
            runs: of the first design for each parameter.
            customers: of a world.
            seeds: worlds of each point of the search.
        """
        self.pack, self.space, self._worlds, self.seed = pack, space, worlds, seed
        self._each, self._customers, self._seeds = runs, customers, seeds
        self.all = numbers_of(pack)
        self.runs = Runs(np.zeros((0, len(space))), np.zeros((0, len(self.all))))
        self.seconds: dict[str, float] = {}
        # What is not identified stays as the scenario has it; the emulator, which must be told a number, takes the middle of the
        # range where the scenario has several.
        starts = [np.nan if start is None else start for start in space.starts]
        middle = space.points(np.array([starts], np.float64))[0] if len(space) else np.zeros(0)
        self._home: Floats = np.where(np.isnan(middle), 0.5, middle)
        self.numbers: Numbers
        self.low: Floats
        self.high: Floats
        self.validated: Validated
        self.free: Flags
        self.recovery: tuple[Recovered, ...]
        self.coverage: Coverage
        self.shifted: Shifted
        self.forward: Forward
        self.candidates: dict[str, Floats] = {}
        self.noise: Floats
        self.best: Floats
        self.chosen = ""
        self.losses: dict[str, float] = {}
        self.checked: Floats
        self.scaled: Floats | None = None
        self.contradicted: list[Contradiction] = []
        self.interval: tuple[Floats, Floats]
        self.sets: Floats
        self.extra: dict[str, Any] = {}

    # Stages, in order.

    def explore(self) -> None:
        """Prior-predictive design: worlds all over the ranges, and how far each number came."""
        with self._timed("design"):
            points = design.sobol(max(self._each * len(self.space), 40), len(self.space), self.seed)
            measured = self._live("design", points, design.seeds(self.seed, design.DESIGN, len(points)), self._customers)
            self.numbers = searched(self.pack, measured)
            finite = np.isfinite(measured)
            self.low = np.where(finite.any(axis=0), np.where(finite, measured, np.inf).min(axis=0), np.nan)
            self.high = np.where(finite.any(axis=0), np.where(finite, measured, -np.inf).max(axis=0), np.nan)

    @property
    def reachable(self) -> Flags:
        """Which of all numbers lie, within their tolerance, between the extremes of the design."""
        return np.asarray((self.all.target >= self.low - self.all.room) & (self.all.target <= self.high + self.all.room))

    def learn(self) -> None:
        """Regression of parameters on moments: which are identified, and how well planted ones are found again."""
        with self._timed("regression"):
            points, moments = self._design()
            self.validated = cross_validate(points, moments, self.seed)
            self.free = self.validated.r2 > IDENTIFIED
            self.recovery, self.coverage = recover(points, moments, self.validated, self.space.names)
            self.forward = Forward(points, moments, self.seed)
            self.noise = self.forward.noise
            self.shifted = shift_experiment(self.forward, self.numbers, points, moments, self.seed)
            answer = expit(Inverse(points, moments)(self.numbers.target[None]))[0]
            self.candidates["regression"] = self._at(answer)
            cost = loss(moments, self.numbers, self.noise)
            starts = np.array([self.candidates["regression"], *(self._at(point) for point in points[np.argsort(cost)[:7]])])
            self.candidates["emulator"] = emulated(self.forward, self.numbers, starts, self.free)[0]

    def search(self) -> None:
        """CMA-ES over worlds from there, every generation under seeds of its own."""
        with self._timed("search"):
            free = int(self.free.sum())
            generations = max(4, round(self._each * free / (population(free) * self._seeds))) if free else 0
            widths = np.clip(2 * self.validated.rmse, 0.05, 0.3)
            spreads: list[Floats] = []

            def evaluate(points: Floats, generation: int) -> Floats:
                seeds = design.seeds(self.seed, design.SEARCH, self._seeds, generation * self._seeds)
                found = self._seeded("search", points, seeds)
                spreads.append(found.var(axis=1, ddof=1).mean(axis=0) if self._seeds > 1 else self.noise**2)
                return loss(found.mean(axis=1), self.numbers, self.noise / np.sqrt(self._seeds))

            start = self.candidates["emulator"]
            self.candidates["search"] = evolve(evaluate, start, widths, self.free, generations, self.seed) if free else start
            if spreads:
                self.noise = np.sqrt(np.nanmean(spreads, axis=0))

    def look_round(self) -> None:
        """A local design round what was found, and the regressions anew with its runs."""
        with self._timed("local"):
            near = np.array([self.candidates[name] for name in ("emulator", "search")])
            both = self._seeded("local", near, design.seeds(self.seed, design.LOCAL, CHECK_SEEDS, 1 << 20))
            centre = near[int(np.argmin(loss(both.mean(axis=1), self.numbers, self.noise / np.sqrt(CHECK_SEEDS))))]
            half = np.where(self.free, np.clip(3 * self.validated.rmse, 0.05, 0.35), 0.0)
            count = max(60, self._each * int(self.free.sum()) // 2)
            even = design.sobol(count, len(self.space), self.seed + 1)
            low, high = np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)
            points = np.where(self.free, low + even * (high - low), centre)
            self._live("local", self._masked(points), design.seeds(self.seed, design.LOCAL, count), self._customers, points)
            known, moments = self.learnt()
            weights = 0.05 + np.exp(-0.5 * (((known - centre)[:, self.free] / np.maximum(half, 0.05)[self.free]) ** 2).mean(axis=1))
            self.forward = Forward(known, moments, self.seed, weights)
            starts = np.array([self.candidates[name] for name in ("search", "emulator", "regression")])
            self.candidates["local"] = emulated(self.forward, self.numbers, starts, self.free)[0]

    def blame(self) -> None:
        """Which targets the rest speaks against: by a fit on the emulator that sees through a few that are far off."""
        with self._timed("contradictions"):
            points, moments = self.learnt()
            at, misfit = robust(self.forward, self.numbers, points, moments, self.free, self.seed)
            self.contradicted = contradictions(self.forward, self.numbers, misfit, at, self.free)
            if self.contradicted:
                self.candidates["without those contradicted"] = at

    def check(self) -> None:
        """All candidates under the same fresh seeds; then the best under others, for what the report says of it."""
        with self._timed("check"):
            names = list(self.candidates)
            points = np.array([self.candidates[name] for name in names])
            found = self._seeded("check", points, design.seeds(self.seed, design.CHECK, CHECK_SEEDS))
            # Once the rest speaks against a target, it has no say in which fit is best.
            agreed = ~np.isin(np.array(self.numbers.labels), [one.label for one in self.contradicted])
            costs = loss(found.mean(axis=1)[:, agreed], self.numbers.only(agreed), self.noise[agreed] / np.sqrt(CHECK_SEEDS))
            self.losses = dict(zip(names, map(float, costs), strict=True))
            self.chosen = names[int(np.argmin(costs))]
            self.best = self.candidates[self.chosen]
            fresh = design.seeds(self.seed, design.CHECK, CHECK_SEEDS, CHECK_SEEDS)
            repeated = np.tile(self.best, (CHECK_SEEDS, 1))
            self.checked = self._live("check", self._masked(repeated), fresh, self._customers, repeated)
            misfit = (self.achieved - self.numbers.target) / np.hypot(self.numbers.room, self.noise / np.sqrt(CHECK_SEEDS))
            known = {one.label for one in self.contradicted}
            more = contradictions(self.forward, self.numbers, misfit, self.best, self.free)
            self.contradicted += [one for one in more if one.label not in known]

    def possible(self) -> None:
        """Intervals and parameter sets: what the targets, as far as they agree, leave possible."""
        with self._timed("intervals"):
            points, moments = self.learnt()
            validated = cross_validate(points, moments, self.seed)
            denied = np.isin(np.array(self.numbers.labels), [one.label for one in self.contradicted])
            silent = denied | ~self.reachable[self.numbers.columns]
            said = np.where(silent, self.achieved, self.numbers.target)
            inverse = Inverse(points, moments)
            centre = inverse(said[None])[0]
            weights = nearness(validated.predicted, centre, self.free)
            # The fit's own answer is the centre; how the regression would move is what the errors of the sources leave open.
            even = design.sobol(SETS, len(self.numbers), self.seed + 2)
            errors = norm.ppf(np.clip(even, 1e-4, 1 - 1e-4)) * np.where(silent, 0.0, self.numbers.error)
            moved = inverse(said + errors) - centre
            sets = posterior(validated, logit(self.best) + moved, weights, self.seed + 3)
            self.sets = np.where(self.free, sets, self._home)
            low, high = np.quantile(sets, [0.05, 0.95], axis=0)
            if not self.numbers.error.any():
                low, high = interval(validated, logit(self.best), weights)
            self.interval = (np.where(self.free, np.minimum(low, self.best), 0.0), np.where(self.free, np.maximum(high, self.best), 1.0))

    def scale(self) -> None:
        """The same parameters in worlds of ten times the people."""
        with self._timed("scale"):
            points = np.tile(self.best, (SCALE_SEEDS, 1))
            seeds = design.seeds(self.seed, design.SCALE, SCALE_SEEDS)
            self.scaled = self._live("scale", self._masked(points), seeds, SCALE_UP * self._customers, points)

    # What the stages share.

    @property
    def achieved(self) -> Floats:
        """The fit's numbers in worlds of the best point, on the mean of their seeds."""
        return np.asarray(np.nanmean(self.checked[:, self.numbers.columns], axis=0))

    def point_losses(self) -> Floats:
        """Loss of every world, in order."""
        return loss(self.runs.measured[:, self.numbers.columns], self.numbers)

    def _at(self, point: Floats) -> Floats:
        return np.asarray(np.where(self.free, point, self._home))

    def _masked(self, points: Floats) -> Floats:
        return np.asarray(np.where(self.free, points, np.nan))

    def _design(self) -> tuple[Floats, Floats]:
        first = self.runs.of("design")
        return self.runs.points[first], self.runs.measured[first][:, self.numbers.columns]

    def learnt(self) -> tuple[Floats, Floats]:
        """Worlds whose points were chosen evenly: those of the search crowd where it went, and would pull regressions there."""
        even = self.runs.of("design", "local")
        return self.runs.points[even], self.runs.measured[even][:, self.numbers.columns]

    def _seeded(self, stage: str, points: Floats, seeds: list[int]) -> Floats:
        """The fit's numbers of every point under every seed: shape (points, seeds, numbers)."""
        repeated = np.repeat(points, len(seeds), axis=0)
        found = self._live(stage, self._masked(repeated), seeds * len(points), self._customers, repeated)
        return found[:, self.numbers.columns].reshape(len(points), len(seeds), -1)

    def _live(self, stage: str, points: Floats, seeds: list[int], customers: int, whole: Floats | None = None) -> Floats:
        plans = [Plan(stage, tuple(map(float, point)), seed, customers) for point, seed in zip(points, seeds, strict=True)]
        measured = self._worlds.live(plans)
        self.runs.add(stage, points if whole is None else whole, measured)
        return measured

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[stage] = time.perf_counter() - started


STAGES: tuple[Callable[[Engine], None], ...] = (
    Engine.explore, Engine.learn, Engine.search, Engine.look_round, Engine.blame, Engine.check, Engine.possible, Engine.scale,
)  # fmt: skip
"""A fit, in order."""
