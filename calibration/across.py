"""A fraud model trained in one world and tested in another: how much of what a model of the same world reaches it reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from simulator.audit.difficulty import LEARNT, LEAST, TEST, Scope, models, used
from simulator.audit.history import DELAY, History, row_features
from simulator.audit.leaks.sheet import Flags, Floats, Ints, Sheet
from simulator.audit.lot import For, some
from simulator.audit.truth import sheet_of
from simulator.errors import InputError
from simulator.record.read import Run

WORDS = ("method", "channel", "entry_mode", "authentication")
"""Columns of words that mean the same in every world; countries and purposes are left to each."""
MODEL = "gradient_boosting"
DEPTH = 6
"""Of the tree, which this does not use."""


class Parts(NamedTuple):
    """Rows of a world: those learnt from, and those tested on."""

    learnt: Ints
    tested: Ints


@dataclass(frozen=True, slots=True)
class Reached:
    """What a model reaches in the test of a world.

    Attributes:
        name: of the world it was trained in.
        precision: average precision there.
        low: low end of the interval of the precision.
        high: high end.
        ratio: of the precision to that of the first model.
        ratio_low: low end of the interval of the ratio, over the same draws of payers for both.
        ratio_high: high end.
        learnt: guilty rows that it learnt from.
    """

    name: str
    precision: float
    low: float
    high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    learnt: int


class World:
    """The payments of a run with what their past says, split by time.

    Attributes:
        sheet: the payments.
        parts: rows by what they are for.
    """

    def __init__(self, run: Run, scope: Scope = "card") -> None:
        """Reads a run.

        Args:
            run: a whole run, as everything of it.
            scope: ``all`` approved payments, or those by ``card`` and wallet only.

        Raises:
            InputError: too few rows are guilty to learn from or to test on.
        """
        self.sheet: Sheet = sheet_of(run)
        rows = used(self.sheet, scope)
        self._history = History(self.sheet, rows)
        day = self.sheet.day()
        begin = int(np.ceil((day.max(initial=0) + 1) * (1 - TEST)))
        self.parts = Parts(np.flatnonzero(rows & (day < begin - DELAY)), np.flatnonzero(rows & (day >= begin)))
        for name, part in (("to learn from", self.parts.learnt), ("in the test", self.parts.tested)):
            guilty = int(self.sheet.guilty[part].sum())
            if guilty < LEAST:
                raise InputError(f"{run.scenario.name}: found {guilty} guilty rows {name}, expected at least {LEAST}")

    def features(self, rows: Ints) -> tuple[list[str], Floats]:
        """What some rows and their past say: names and values, a column each."""
        names, row = row_features(self.sheet, rows, words=WORDS)
        more, past = self._history.features(rows)
        return [*names, *more], np.hstack([row, past])

    @property
    def payer(self) -> Ints:
        """Code of each row's payer; -1 for unknown instruments."""
        return self._history.payer

    @property
    def guilty(self) -> Flags:
        """Truth of each row."""
        return self.sheet.guilty


def scores(trained: World, asked: World) -> Floats:
    """Scores of a world's test by a model that learnt in another, or the same.

    Args:
        trained: the world that it learns in, from its first days.
        asked: the world whose last days it is asked about.
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    learnt, guilty = trained.parts.learnt, trained.guilty
    mine, others = learnt[guilty[learnt]], learnt[~guilty[learnt]]
    drawn = some(others, LEARNT, For.MODELS)
    rows = np.concatenate([mine, drawn])
    weight = np.concatenate([np.ones(len(mine)), np.full(len(drawn), len(others) / max(len(drawn), 1))])
    names, known = trained.features(rows)
    with threadpool_limits(1):  # the same figures on every machine
        fitted: Any = models(lambda: DEPTH)[MODEL]().fit(known, guilty[rows], sample_weight=weight)
        return np.asarray(fitted.predict_proba(_aligned(names, *asked.features(asked.parts.tested)))[:, 1], dtype=np.float64)


def _aligned(names: list[str], theirs: list[str], values: Floats) -> Floats:
    """Columns in the order of others; a word that does not occur is 0 in every row."""
    place = {name: column for column, name in enumerate(theirs)}
    empty = np.zeros(len(values), np.float32)
    return np.stack([values[:, place[name]] if name in place else empty for name in names], axis=1)


def compared(named: Sequence[tuple[str, World]], tested: World, draws: int = 400, level: float = 0.9, seed: int = 1) -> list[Reached]:
    """What models of several worlds reach in the test of one.

    Payers are drawn again, all rows of a payer together, the same ones for every model: fraud on one card comes in bursts.

    Args:
        named: worlds that models learn in, by name; ratios are to the first.
        tested: the world of the test.
        draws: of payers.
        level: of the intervals.
        seed: of the draws.

    Returns:
        One for each world.
    """
    from scipy.stats import bootstrap
    from sklearn.metrics import average_precision_score

    rows = tested.parts.tested
    truth = tested.guilty[rows]
    scored = [scores(world, tested) for _, world in named]
    payers, of = np.unique(tested.payer[rows], return_inverse=True)

    def precisions(drawn: Ints) -> Floats:
        weight = np.bincount(drawn, minlength=len(payers))[of]
        if not (weight * truth).any():
            return np.zeros(2 * len(scored))
        found = np.array([average_precision_score(truth, score, sample_weight=weight) for score in scored])
        return np.concatenate([found, found / max(found[0], 1e-12)])

    at = precisions(np.arange(len(payers)))
    again = bootstrap((np.arange(len(payers)),), precisions, n_resamples=draws, confidence_level=level, method="percentile",
                      vectorized=False, rng=seed)  # fmt: skip
    low, high = again.confidence_interval
    size = len(scored)
    return [
        Reached(name, float(at[k]), float(low[k]), float(high[k]), float(at[size + k]), float(low[size + k]), float(high[size + k]),
                int(world.guilty[world.parts.learnt].sum()))
        for k, (name, world) in enumerate(named)
    ]  # fmt: skip


def markdown(found: Sequence[Reached]) -> str:
    """The comparison as a table in Markdown."""
    lines = ["| trained in | guilty rows learnt from | average precision (90 %) | share of the first (90 %) |", "|---|--:|--:|--:|"]
    for one in found:
        lines.append(
            f"| {one.name} | {one.learnt:,} | {one.precision:.3f} ({one.low:.3f} to {one.high:.3f}) | "
            f"{one.ratio:.2f} ({one.ratio_low:.2f} to {one.ratio_high:.2f}) |"
        )
    return "\n".join(lines)
