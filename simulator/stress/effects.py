"""Effects: the scenario less its baseline, pair by pair, over days, weeks, months and the run, with intervals."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from simulator.draws import Ints
from simulator.stress.estimate import LEVEL, Floats, Interval, paired, unpaired
from simulator.stress.live import Lived
from simulator.stress.metrics import measure, measured

SHORT = 120
"""Runs of at most so many days are also told day by day."""

COLUMNS = ("metric", "group", "date", "baseline", "scenario", "effect", "low", "high", "pairs", "period", "days", "relative",
           "relative_low", "relative_high", "unpaired_low", "unpaired_high")  # fmt: skip


class Panel(NamedTuple):
    """Finished pairs: the same seeds in two worlds."""

    start: date
    unit: int
    """Minor units in a currency unit."""
    baseline: Sequence[Lived]
    scenario: Sequence[Lived]

    @property
    def days(self) -> int:
        """Days of every run."""
        return len(next(iter(self.baseline[0].parts.values())))

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Metrics and groups that anything happened in."""
        parts = {key for lived in (*self.baseline, *self.scenario) for key, column in lived.parts.items() if column.any()}
        return measured(parts)

    def values(self, metric: str, group: str, starts: Ints) -> Floats:
        """A metric over periods: shape (2, pairs, periods), the baseline first."""
        worlds = (self.baseline, self.scenario)
        return np.array([[measure(lived.parts, metric, group, self.unit).over(starts) for lived in world] for world in worlds])


class Period(NamedTuple):
    """One way to divide a run."""

    name: str
    starts: Ints
    """First day of each part, from 0."""
    lengths: Ints


def periods(start: date, days: int) -> list[Period]:
    """The run as a whole, its calendar months, its weeks from the first day, and its days where it is short."""
    months = [k for k in range(days) if k == 0 or (start + timedelta(k)).day == 1]
    ways = {"run": [0], "month": months, "week": list(range(0, days, 7))} | ({"day": list(range(days))} if days <= SHORT else {})
    return [Period(name, np.array(first, np.int64), np.diff([*first, days])) for name, first in ways.items()]


def effects(panel: Panel) -> pd.DataFrame:
    """Every metric and group over every period, a row each; see `COLUMNS`.

    Groups of two keys are told by month and for the run only. ``relative`` is against the mean of the baseline, which its interval
    takes as given. Days are UTC days; a period at an end of the run may be shorter than its name says, see ``days``.
    """
    frames = []
    for metric, group in panel.keys:
        for period in periods(panel.start, panel.days):
            if group.count(",") and period.name in ("week", "day"):
                continue
            frames.append(_frame(panel, metric, group, period))
    return pd.concat(frames, ignore_index=True)[list(COLUMNS)] if frames else pd.DataFrame(columns=list(COLUMNS))


def _frame(panel: Panel, metric: str, group: str, period: Period) -> pd.DataFrame:
    baseline, scenario = panel.values(metric, group, period.starts)
    effect, apart = paired(scenario - baseline), unpaired(baseline, scenario)
    before = paired(baseline).mean
    relative = against(effect, before)
    return pd.DataFrame({
        "metric": metric, "group": group, "period": period.name, "days": period.lengths,
        "date": [panel.start + timedelta(int(first)) for first in period.starts],
        "baseline": before, "scenario": paired(scenario).mean,
        "effect": effect.mean, "low": effect.low, "high": effect.high,
        "relative": relative.mean, "relative_low": relative.low, "relative_high": relative.high,
        "unpaired_low": apart.low, "unpaired_high": apart.high, "pairs": np.isfinite(scenario - baseline).sum(axis=0),
    })  # fmt: skip


def against(effect: Interval, baseline: Floats) -> Interval:
    """An effect as a share of the baseline; not known where that is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(baseline != 0, np.abs(baseline), np.nan)
        return Interval(*(one / size for one in effect))


def narrower(frame: pd.DataFrame) -> "pd.Series[float]":
    """How many times the unpaired interval is as wide as the paired one."""
    return (frame["unpaired_high"] - frame["unpaired_low"]) / (frame["high"] - frame["low"]).replace(0.0, np.nan)


class Course(NamedTuple):
    """How an effect goes over the run, by day, smoothed; see `smoothing`."""

    metric: str
    group: str
    effect: Interval
    relative: Interval
    differences: Floats
    """Effect of each pair, shape (pairs, days)."""
    baseline: Floats
    """Mean level of the baseline, by day; its mean over the run where some days have next to nothing of it."""


WEEK = 7
LONG = 400
"""Longer runs are smoothed over four weeks, shorter ones over one."""

RARE = 0.25
"""A metric that on some day is less than so much of its mean is set against its mean, for else the rare would be told as huge."""


def smoothing(days: int) -> int:
    """Days over which courses of a run are smoothed: none, a week, or four weeks; weekly shapes vanish in both."""
    return 1 if days < 2 * WEEK else WEEK if days <= LONG else 4 * WEEK


def course(panel: Panel, metric: str, group: str) -> Course:
    """The smoothed daily course of an effect."""
    starts = np.arange(panel.days, dtype=np.int64)
    worlds = np.array(
        [[_smoothed(panel, lived, metric, group, starts) for lived in world] for world in (panel.baseline, panel.scenario)]
    )  # fmt: skip
    difference, before = worlds[1] - worlds[0], paired(worlds[0]).mean
    effect = paired(difference)
    usual = np.nanmean(np.abs(before)) if np.isfinite(before).any() else np.nan
    if np.nanmin(np.abs(before), initial=np.inf) < RARE * usual:
        before = np.full(len(before), usual)
    return Course(metric, group, effect, against(effect, before), difference, before)


def _smoothed(panel: Panel, lived: Lived, metric: str, group: str, starts: Ints) -> Floats:
    """A metric by day as a centred mean, of sums where it is a share; of fewer days at both ends."""
    one = measure(lived.parts, metric, group, panel.unit)
    width = smoothing(panel.days)
    top, bottom = _smooth(one.top, width), _smooth(one.bottom, width)
    return one._replace(top=top, bottom=bottom).over(starts)


def _smooth(values: Floats, width: int) -> Floats:
    kernel = np.ones(width)
    return np.convolve(values, kernel, "same") / np.convolve(np.ones(len(values)), kernel, "same")


class Turn(NamedTuple):
    """Where an effect is at its largest, and when it is over."""

    metric: str
    group: str
    trough: date
    """Day of the largest departure from the baseline, whichever way it goes."""
    days_to_trough: int
    """From the first day on which anything can differ."""
    effect: float
    low: float
    high: float
    relative: float
    days_to_recovery: int | None
    """From the same day, until less than a tenth of it is left for a week; None where it is not over with the run."""


OVER = 0.1
"""What of the largest departure may be left for it to count as over."""


def turns(panel: Panel, keys: Sequence[tuple[str, str]], onset: int = 0) -> Iterator[Turn]:
    """The turns of effects that are not nothing at their largest departure; the others have none.

    The largest of many days is far from nothing by chance alone: there the interval must leave out nothing at a level that allows for
    as many looks as the run has weeks (Bonferroni). The interval that is told is the usual one.

    Args:
        panel: the pairs.
        keys: metrics and groups.
        onset: first day on which anything can differ, from 0.
    """
    for metric, group in keys:
        one = course(panel, metric, group)
        depth = np.abs(np.where(np.isfinite(one.effect.mean), one.effect.mean, 0.0))
        depth[:onset] = 0
        day = int(depth.argmax())
        low, high = float(one.effect.low[day]), float(one.effect.high[day])
        strict = paired(one.differences[:, day], 1 - (1 - LEVEL) / max(1, panel.days // WEEK))
        if depth[day] == 0 or not (strict.low > 0 or strict.high < 0):
            continue
        left = np.flatnonzero(_stays(depth[day + 1 :] < OVER * depth[day]))
        recovery = day + 1 + int(left[0]) - onset if len(left) else None
        yield Turn(metric, group, panel.start + timedelta(day), day - onset, float(one.effect.mean[day]), low, high,
                   float(one.relative.mean[day]), recovery)  # fmt: skip


def _stays(small: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Days on which something holds for a week, or to the end of the run where that comes sooner and a week is not left."""
    run = np.zeros(len(small), bool)
    for day in range(len(small) - WEEK + 1):
        run[day] = small[day : day + WEEK].all()
    return run
