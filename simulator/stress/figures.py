"""The pictures of a stress: fans of effects over time, effects by group, what each shock and each assumption does."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.ticker import EngFormatter, FuncFormatter

from simulator.report.figures import FIRST, GRID, MUTED, NARROW, SECOND, THIRD, WIDE, picture
from simulator.stress.decompose import LEFT, TOGETHER
from simulator.stress.effects import Course
from simulator.stress.estimate import Floats
from simulator.stress.metrics import HOW, RATIO
from simulator.stress.variants import OFF, ON

type Frame = Any
"""A data frame: its stubs know too little of its columns."""


POINTS = 300
"""A fan is drawn through about so many days: more cannot be seen, and make the page large."""


def scaled(metric: str, values: Floats, baseline: Floats) -> Floats:
    """Effects as they are shown: shares in points, all else in per cent of the baseline."""
    if HOW[metric].unit == RATIO:
        return 100 * values
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100 * values / np.where(baseline != 0, np.abs(baseline), np.nan)


def unit_of(metric: str) -> str:
    """What effects are shown in."""
    return "percentage points" if HOW[metric].unit == RATIO else "% of the baseline"


def fan(courses: Sequence[Course], names: Sequence[str], start: date, onset: date, wide: bool = False) -> str:
    """Effects by day: the mean over pairs, its 90 % interval, and the spread of the pairs.

    Args:
        courses: of one metric, at most three groups.
        names: of the groups; none is written where there is one.
        start: first day of the run.
        onset: first day on which anything can differ.
        wide: over the whole page.
    """

    def draw(axes: Axes) -> None:
        for one, name, colour in zip(courses, names, (FIRST, SECOND, THIRD), strict=False):
            thin = slice(None, None, max(1, len(one.baseline) // POINTS))
            days = date2num([start + timedelta(k) for k in range(len(one.baseline))][thin])  # type: ignore[no-untyped-call]

            def shown(values: Floats, one: Course = one, thin: slice = thin) -> Floats:
                return scaled(one.metric, values, one.baseline)[..., thin]

            if len(courses) == 1:
                spread = shown(one.differences)
                axes.fill_between(days, *_limits(spread), color=colour, alpha=0.14, linewidth=0, label="all pairs")
            axes.fill_between(days, shown(one.effect.low), shown(one.effect.high), color=colour, alpha=0.3, linewidth=0,
                              label="90 % interval" if len(courses) == 1 else None)  # fmt: skip
            axes.plot(days, shown(one.effect.mean), color=colour, linewidth=1.6, label="mean" if len(courses) == 1 else name)
        axes.axhline(0, color=MUTED, linewidth=1)
        if onset > start:
            axes.axvline(float(date2num(onset)), color=MUTED, linewidth=1, linestyle=(0, (2, 3)))  # type: ignore[no-untyped-call]
        locator = AutoDateLocator(minticks=3, maxticks=9 if wide else 6)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
        axes.set_ylabel(unit_of(courses[0].metric))
        axes.grid(axis="x", visible=False)
        if wide or len(courses) > 1:
            _legend(axes)

    return picture(draw, WIDE if wide else NARROW)


def _limits(spread: Floats) -> tuple[Floats, Floats]:
    known = np.where(np.isfinite(spread), spread, 0.0)
    return known.min(axis=0), known.max(axis=0)


def bars(frames: dict[str, Frame], metric: str, ranked: bool = True) -> str:
    """Effects by group with their intervals, one series for each of some periods; the first gives the order.

    Args:
        frames: rows of effects by name of the period, indexed by what stands for the group; at most two.
        metric: of all of them.
        ranked: the lowest effect first; as they come otherwise.
    """
    first = next(iter(frames.values()))
    order = first.assign(shown=scaled(metric, first["effect"].to_numpy(float), first["baseline"].to_numpy(float)))
    names = (order.sort_values("shown") if ranked else order).index.tolist()

    def draw(axes: Axes) -> None:
        thick = 0.76 / len(frames)
        for place, ((title, frame), colour) in enumerate(zip(frames.items(), (FIRST, SECOND), strict=False)):
            rows = frame.reindex(names)
            base = rows["baseline"].to_numpy(float)
            mean, low, high = (scaled(metric, rows[name].to_numpy(float), base) for name in ("effect", "low", "high"))
            heights = np.arange(len(names)) + (place - (len(frames) - 1) / 2) * thick
            axes.barh(heights, mean, height=thick * 0.92, color=colour, label=title)
            axes.errorbar(mean, heights, xerr=np.abs(np.array([mean - low, high - mean])), fmt="none", ecolor=MUTED, elinewidth=1)
        _across(axes, names, unit_of(metric))
        if len(frames) > 1:
            _legend(axes)

    return picture(draw, (NARROW[0], max(1.6, 0.7 + 0.24 * len(names) * (1 + 0.3 * (len(frames) - 1)))))


def shock_bars(rows: Frame, metric: str, baseline: float) -> str:
    """What each shock does alone, and what it adds to all others."""
    ways = {way: rows[rows["way"] == way].set_index("shock") for way in (ON, OFF)}
    whole = rows[rows["way"] == "all"].set_index("shock")
    names = [*ways[ON].index, LEFT, TOGETHER]

    def draw(axes: Axes) -> None:
        for place, (way, colour) in enumerate(((ON, FIRST), (OFF, SECOND))):
            heights = np.arange(len(ways[way])) + (place - 0.5) * 0.38
            _bar(axes, heights, ways[way], metric, baseline, colour, "alone" if way == ON else "on top of the others", 0.36)
        heights = np.arange(len(ways[ON]), len(names)).astype(float)
        _bar(axes, heights, whole.loc[[LEFT, TOGETHER]], metric, baseline, THIRD, "", 0.5)
        _across(axes, [name.replace("_", " ") for name in names], unit_of(metric))
        _legend(axes)

    return picture(draw, (NARROW[0], max(1.8, 0.8 + 0.38 * len(names))))


def _bar(axes: Axes, heights: Any, rows: Frame, metric: str, baseline: float, colour: str, label: str, thick: float) -> None:
    base = np.full(len(rows), baseline)
    mean, low, high = (scaled(metric, rows[name].to_numpy(float), base) for name in ("effect", "low", "high"))
    axes.barh(heights, mean, height=thick, color=colour, label=label or None)
    axes.errorbar(mean, heights, xerr=np.abs(np.array([mean - low, high - mean])), fmt="none", ecolor=MUTED, elinewidth=1)


def _legend(axes: Axes) -> None:
    """Above the axes, where nothing is drawn."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2)


def _across(axes: Axes, names: Sequence[str], label: str) -> None:
    axes.set_yticks(range(len(names)), [str(name).replace("_", " ") for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.axvline(0, color=MUTED, linewidth=1)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+g}" if value else "0"))
    axes.set_xlabel(label)
    axes.grid(axis="y", visible=False)


def screening(rows: Frame) -> str:
    """Morris's picture: how much each assumption moves the result, and how far that depends on the others."""

    def draw(axes: Axes) -> None:
        axes.errorbar(rows["mu_star"], rows["sigma"], xerr=rows["mu_star_interval"], fmt="none", ecolor=GRID, elinewidth=1.2)
        axes.plot(rows["mu_star"], rows["sigma"], "o", color=FIRST, markersize=6)
        for path, x, y in zip(rows["path"], rows["mu_star"], rows["sigma"], strict=True):
            axes.annotate(path, (x, y), (5, 4), textcoords="offset points", fontsize=8, color=MUTED)
        axes.set_xlim(0, float(rows["mu_star"].max()) * 1.5 or 1)
        axes.set_ylim(0, float(max(rows["sigma"].max(), rows["mu_star"].max() / 4)) * 1.25 or 1)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(EngFormatter(sep=""))
        axes.set_xlabel("µ*: mean size of what it moves")
        axes.set_ylabel("σ: how that varies")

    return picture(draw)
