"""The pictures of a report: SVG that takes its colours from the page, so that it is read in light and in dark."""

import io
import re
from collections.abc import Callable, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, FuncFormatter, PercentFormatter

from simulator.report.numbers import AMOUNT_EDGES, Numbers

INK, MUTED, GRID, FIRST, SECOND, THIRD = "#010203", "#010204", "#010205", "#010206", "#010207", "#010208"
PAGE_COLOURS = {INK: "ink", MUTED: "muted", GRID: "grid", FIRST: "first", SECOND: "second", THIRD: "third"}
"""Stand-in colours and the variables of the page that replace them."""

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ledgerfolk",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRID,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 9,
}
NARROW, WIDE = (4.7, 2.9), (9.6, 2.7)
WORDS = {"none": "in a bank's books", "wrong_pin": "wrong PIN", "wrong_cvv": "wrong CVV"}
"""Words that a picture spells otherwise than a file."""
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def payments_over_time(numbers: Numbers) -> str:
    """Approved payments by local day."""

    def draw(axes: Axes) -> None:
        days = numbers.days
        axes.plot(days["day"], days["payments"], color=FIRST, linewidth=1.1, alpha=0.55, label="a day")
        if len(days) >= 14:
            mean = days["payments"].astype(float).rolling(7, center=True).mean()
            axes.plot(days["day"], mean, color=SECOND, linewidth=2, label="mean of seven days")
            axes.legend(loc="lower right", ncols=2)
        locator = AutoDateLocator(maxticks=9)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
        axes.set_ylim(0, float(days["payments"].max()) * 1.1 if len(days) else 1)
        axes.yaxis.set_major_formatter(EngFormatter(sep=""))
        axes.grid(axis="x", visible=False)

    return picture(draw, WIDE)


def payments_by_hour(numbers: Numbers) -> str:
    """Share of approved payments by hour of local day, purchases apart."""

    def draw(axes: Axes) -> None:
        hours, whole = numbers.hours["hour"] + 0.5, numbers.hours["payments"]
        bought = np.array(_shares(numbers.hours["purchases"], whole))
        axes.bar(hours, bought, width=0.86, color=FIRST, label="purchases")
        axes.bar(hours, np.array(_shares(whole)) - bought, width=0.86, bottom=bought, color=SECOND, label="all else")
        axes.legend(loc="upper left", ncols=2)
        axes.set_ylim(0, max(max(_shares(whole)) * 1.2, 1e-9))
        axes.set_xticks(range(0, 25, 4))
        axes.set_xlabel("hour, local time")
        _percent_upright(axes)

    return picture(draw)


def payments_by_weekday(numbers: Numbers) -> str:
    """Mean payments of a weekday against the mean of all."""

    def draw(axes: Axes) -> None:
        means = numbers.days.groupby("weekday")["payments"].mean().reindex(range(7), fill_value=0).to_numpy(dtype=float)
        axes.bar(WEEKDAYS, means / max(means.mean(), 1e-9), width=0.7, color=FIRST)
        axes.axhline(1, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        axes.set_ylabel("against the mean day")
        axes.grid(axis="x", visible=False)

    return picture(draw)


def categories(numbers: Numbers) -> str:
    """Value of purchases by category."""
    top = numbers.categories.sort_values(["value", "category"], ascending=[False, True]).head(20)
    return _shares_across(
        top["category"].tolist(), {"": _shares(top["value"], numbers.categories["value"])}, "share of the value of purchases"
    )


def methods(numbers: Numbers) -> str:
    """Payments and value by method, unseen ones included."""
    frame = numbers.methods.groupby("method", as_index=False)[["payments", "value"]].sum().sort_values("payments", ascending=False)
    return _shares_across(frame["method"].tolist(), {"payments": _shares(frame["payments"]), "value": _shares(frame["value"])}, "share")


def purposes(numbers: Numbers) -> str:
    """Value by purpose, unseen ones included."""
    top = numbers.purposes.sort_values(["value", "purpose"], ascending=[False, True]).head(16)
    return _shares_across(top["purpose"].tolist(), {"": _shares(top["value"], numbers.purposes["value"])}, "share of value")


def reasons(numbers: Numbers) -> str:
    """Declined payments by reason."""
    frame = numbers.reasons.sort_values("payments", ascending=False)
    return _shares_across(frame["decline_reason"].tolist(), {"": _shares(frame["payments"])}, "share of declined payments")


def amounts(numbers: Numbers) -> str:
    """Distribution of amounts, in bins of equal ratio."""

    def draw(axes: Axes) -> None:
        middles = np.sqrt(AMOUNT_EDGES[:-1] * AMOUNT_EDGES[1:])
        used = np.flatnonzero(sum(numbers.amounts.values()))
        for (group, counts), colour in zip(numbers.amounts.items(), (FIRST, SECOND, THIRD), strict=True):
            if counts.sum():
                axes.step(middles, counts / counts.sum(), where="mid", color=colour, linewidth=1.8, label=group)
        if len(used):
            axes.set_xscale("log")
            axes.set_xlim(AMOUNT_EDGES[used[0]], AMOUNT_EDGES[used[-1] + 1])
        axes.xaxis.set_major_formatter(FuncFormatter(_plain))
        axes.set_xlabel(f"amount, {numbers.currency}")
        axes.set_ylim(0, axes.get_ylim()[1] * 1.15)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        if len(used):
            axes.legend(loc="upper left", ncols=3)

    return picture(draw)


def merchant_sizes(numbers: Numbers) -> str:
    """Merchants' sales against their rank."""

    def draw(axes: Axes) -> None:
        ranks = np.arange(1, len(numbers.merchants) + 1)
        axes.plot(ranks, numbers.merchants, color=FIRST, linewidth=2, marker="o", markersize=2.5)
        if len(ranks):
            axes.set_xscale("log")
            axes.set_yscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(_plain))
        axes.yaxis.set_major_formatter(FuncFormatter(_plain))
        axes.set_xlabel("rank")
        axes.set_ylabel(f"sales, {numbers.currency}")

    return picture(draw)


def _shares(values: "pd.Series[float]", of: "pd.Series[float] | None" = None) -> list[float]:
    whole = float((values if of is None else of).sum())
    return [float(value) / whole if whole else 0.0 for value in values]


def _shares_across(names: Sequence[str], series: dict[str, list[float]], label: str) -> str:
    """Shares as bars that run across, the largest on top."""

    def draw(axes: Axes) -> None:
        thick = 0.74 / len(series)
        for place, ((name, shares), colour) in enumerate(zip(series.items(), (FIRST, SECOND), strict=False)):
            heights = np.arange(len(names)) + (place - (len(series) - 1) / 2) * thick
            axes.barh(heights, shares, height=thick * 0.94, color=colour, label=name)
            for height, share in zip(heights, shares, strict=True):
                axes.annotate(f"{share:.1%}", (share, height), (3, 0), textcoords="offset points", va="center", fontsize=8, color=MUTED)
        axes.set_yticks(range(len(names)), [WORDS.get(name, name.replace("_", " ")) for name in names])
        axes.set_ylim(max(len(names), 1) - 0.5, -0.5)
        axes.set_xlim(0, max(max(shares, default=0.0) for shares in series.values()) * 1.16 or 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.xaxis.get_major_locator().set_params(nbins=5)  # type: ignore[call-arg]
        axes.set_xlabel(label)
        axes.grid(axis="y", visible=False)
        if len(series) > 1:
            axes.legend(loc="lower right")

    return picture(draw, (NARROW[0], max(1.5, 0.7 + 0.24 * len(names) * (1 + 0.35 * (len(series) - 1)))))


def _percent_upright(axes: Axes) -> None:
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.grid(axis="x", visible=False)


def _plain(value: float, _: object = None) -> str:
    return f"{value:g}" if value < 1 else EngFormatter(sep="", places=None)(value)


def picture(draw: Callable[[Axes], None], size: tuple[float, float] = NARROW) -> str:
    """Draws on fresh axes and gives the SVG element, its colours replaced by the page's variables."""
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.add_subplot())
        figure.patch.set_visible(False)
        for axes in figure.axes:
            axes.patch.set_visible(False)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1), count=1)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", svg)
    for stand_in, variable in PAGE_COLOURS.items():
        svg = svg.replace(stand_in, f"var(--{variable})")
    return svg
