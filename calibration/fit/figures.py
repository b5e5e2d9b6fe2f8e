"""The pictures of a fit: targets beside what was achieved, parameters within their ranges, pairs of them, loss over the runs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, FuncFormatter

from calibration.fit.result import Draws, Estimate, Fitted, Floats, Judged, Losses, Recovered
from simulator.report.figures import FIRST, GRID, INK, MUTED, NARROW, SECOND, THIRD, WIDE, picture

EDGE = 4.0
"""Tolerances from the target beyond which a mark stands at the edge of its picture, as an arrow."""
RECOVERED = 0.12
"""Error of a planted parameter, as a share of its range, below which it counts as recovered."""
PAIRS = 6
"""Most parameters of a pair plot, those that the targets tell most about."""
STAGES = {"design": FIRST, "search": SECOND, "local": THIRD, "check": INK, "scale": MUTED}


def signed(judged: Judged, value: float | None) -> float:
    """Distance of a value from the target in tolerances, below it negative; NaN where there is none."""
    return float("nan") if value is None else (value - judged.target) / max(judged.tolerance, 1e-12)


def targets(rows: Sequence[Judged]) -> str:
    """Achieved numbers in tolerances from their targets, with their spread over seeds and the range that runs reached.

    Args:
        rows: measured numbers of one role.
    """

    def draw(axes: Axes) -> None:
        axes.axvspan(-1, 1, color=THIRD, alpha=0.14, linewidth=0, label="within tolerance")
        for height, one in enumerate(rows):
            reach = np.clip([signed(one, one.reach_low), signed(one, one.reach_high)], -EDGE, EDGE)
            axes.plot(reach, [height] * 2, color=GRID, linewidth=6, solid_capstyle="butt",
                      label="range of the first runs" if height == 0 else None)  # fmt: skip
            middle = signed(one, one.achieved)
            if one.spread is not None and abs(middle) < EDGE:
                wide = one.spread / max(one.tolerance, 1e-12)
                axes.plot(np.clip([middle - wide, middle + wide], -EDGE, EDGE), [height] * 2, color=MUTED, linewidth=1.2)
            axes.plot(np.clip(middle, -EDGE, EDGE), height, _marker(middle), color=_ink(one), markersize=6)
        _named(axes, [one.label for one in rows])
        axes.axvline(0, color=MUTED, linewidth=1)
        axes.set_xlim(-EDGE * 1.06, EDGE * 1.06)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+g}" if value else "target"))
        axes.set_xlabel("distance from the target, in tolerances")
        figure: Any = axes.figure
        figure.legend(loc="outside upper left", ncols=2)  # over the whole width: names leave the axes too little

    return picture(draw, (WIDE[0] if len(rows) > 30 else NARROW[0], max(1.7, 0.9 + 0.23 * len(rows))))


def _marker(middle: float) -> str:
    return "<" if middle < -EDGE else ">" if middle > EDGE else "o"


def _ink(one: Judged) -> str:
    return FIRST if one.misfit is not None and one.misfit <= 1 else SECOND


def share_of_range(of: Estimate, value: float) -> float:
    """Where a value lies in the range that was searched: 0 at its low end, 1 at its high one."""
    return (value - of.prior_low) / (of.prior_high - of.prior_low)


def intervals(estimates: Sequence[Estimate]) -> str:
    """Estimates and their 90 % intervals within the ranges that were searched; hollow where nothing was learnt."""

    def draw(axes: Axes) -> None:
        for height, one in enumerate(estimates):
            axes.plot([0, 1], [height] * 2, color=GRID, linewidth=6, solid_capstyle="butt")
            if one.identified:
                ends = [share_of_range(one, value) for value in (one.low, one.high)]
                axes.plot(ends, [height] * 2, color=FIRST, linewidth=3, solid_capstyle="butt")
                axes.plot(share_of_range(one, one.estimate), height, "o", color=FIRST, markersize=6)
            axes.annotate(f"{one.prior_low:.3g}", (0, height), (-4, 0), textcoords="offset points", ha="right", va="center", fontsize=7,
                          color=MUTED)  # fmt: skip
            axes.annotate(f"{one.prior_high:.3g}", (1, height), (4, 0), textcoords="offset points", va="center", fontsize=7, color=MUTED)
            if not one.identified:
                axes.annotate("not identified", (0.5, height), ha="center", va="center", fontsize=8, color=MUTED)
        _named(axes, [one.name for one in estimates])
        axes.set_xlim(-0.12, 1.12)
        axes.set_xticks([0, 0.5, 1], ["low", "range that was searched", "high"])
        axes.grid(visible=False)

    return picture(draw, (NARROW[0], max(1.5, 0.6 + 0.26 * len(estimates))))


def recovery(found: Sequence[Recovered], identified: Sequence[str]) -> str:
    """Error with which planted parameters are found again, as a share of their ranges."""
    rows = sorted(found, key=lambda one: one.rmse)

    def draw(axes: Axes) -> None:
        for height, one in enumerate(rows):
            axes.barh(height, one.rmse, height=0.6, color=FIRST if one.name in identified else GRID)
            axes.annotate(f"{one.rmse:.3f}", (one.rmse, height), (3, 0), textcoords="offset points", va="center", fontsize=8, color=MUTED)
        axes.axvline(RECOVERED, color=SECOND, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.axvline(12**-0.5, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))
        _named(axes, [one.name for one in rows])
        axes.set_xlim(0, max(0.33, *(one.rmse * 1.2 for one in rows)))
        axes.set_xlabel("error, as a share of the range")

    return picture(draw, (NARROW[0], max(1.5, 0.7 + 0.26 * len(rows))))


def pairs(draws: Draws, estimates: Sequence[Estimate]) -> str:
    """Every pair of identified parameters over the draws; on the diagonal each one's histogram."""
    known = {one.name: one for one in estimates}
    shown = sorted((name for name in draws.names if name in known), key=lambda name: -known[name].r2)[:PAIRS]
    columns = [draws.names.index(name) for name in shown]
    values, weights = np.asarray(draws.values)[:, columns], np.asarray(draws.weights)
    size = len(shown)

    def draw(axes: Axes) -> None:
        figure: Any = axes.figure
        axes.remove()
        cells = figure.subplots(size, size, squeeze=False)
        for row in range(size):
            for column in range(size):
                _pair(cells[row][column], values[:, column], values[:, row], weights, row - column)
            cells[row][0].set_ylabel(shown[row].replace("_", "\n"), fontsize=8)
            cells[size - 1][row].set_xlabel(shown[row].replace("_", " "), fontsize=8)

    wide = NARROW[0] if is_small(draws) else WIDE[0]
    return picture(draw, (wide, wide * 0.86))


def is_small(draws: Draws) -> bool:
    """Whether a pair plot has room in half of the page."""
    return len(draws.names) <= 3


def _pair(axes: Axes, x: Floats, y: Floats, weights: Floats, below: int) -> None:
    if below < 0:
        axes.set_visible(False)
        return
    if below == 0:
        axes.hist(x, bins=10, weights=weights, color=FIRST)
        axes.set_yticks([])
    else:
        # As dots of an image: thousands of paths would make the page megabytes.
        size = 8 + 300 * weights / max(weights.sum(), 1e-12)
        axes.scatter(x, y, s=size, color=FIRST, alpha=0.55, linewidths=0, rasterized=True)
        axes.locator_params(axis="y", nbins=3)
    axes.locator_params(axis="x", nbins=3)
    axes.tick_params(labelsize=7)
    axes.grid(visible=False)


def losses(of: Losses) -> str:
    """Loss of every run, by what it was run for, and the least up to then."""

    def draw(axes: Axes) -> None:
        loss, stage, runs = np.asarray(of.loss, float), np.array(of.stage), np.arange(1, len(of.loss) + 1)
        for name, colour in STAGES.items():
            mine = (stage == name) & np.isfinite(loss)
            if mine.any():
                axes.plot(runs[mine], loss[mine], ".", color=colour, markersize=4, alpha=0.7, label=name)
        known = np.where(np.isfinite(loss), loss, np.inf)
        if np.isfinite(known).any():
            axes.plot(runs, np.where(np.isinf(least := np.minimum.accumulate(known)), np.nan, least), color=MUTED, linewidth=1.2,
                      drawstyle="steps-post", label="least so far")  # fmt: skip
            axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(FuncFormatter(lambda *_: ""))
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        axes.set_xlabel("run")
        axes.set_ylabel("loss")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=6, borderaxespad=0.2)

    return picture(draw, WIDE)


def of_fit(fitted: Fitted) -> dict[str, str]:
    """Every picture of a fit that has something to show, by name."""
    known = [one.name for one in fitted.estimates if one.identified]
    made: dict[str, str] = {}
    for role in ("fit", "hold-out", "report"):
        rows = [one for one in fitted.targets if one.role == role and one.achieved is not None and one.verdict != "not assessed"]
        if rows:
            made[role] = targets(rows)
    if fitted.estimates:
        made["intervals"] = intervals(sorted(fitted.estimates, key=lambda one: -one.r2))
    if fitted.recovery:
        made["recovery"] = recovery(fitted.recovery, known)
    if len(fitted.draws.names) and len(fitted.draws.values):
        made["pairs"] = pairs(fitted.draws, fitted.estimates)
    if len(fitted.losses.loss):
        made["losses"] = losses(fitted.losses)
    return made


def _named(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [name.replace(".", ": ", 1).replace("__", " ").replace("_", " ") for name in names], fontsize=8)
    axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
