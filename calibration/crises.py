"""What the shipped crises give beside what is published of the real ones; hold-outs, which nothing was fitted to.

``python -m calibration.crises NAME... [--customers N] [--pairs N] [--days N] [--out DIR]`` prints tables in Markdown; finished runs in DIR
are taken up again. What came out is in ``scenarios/CRISES.md``.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from calibration.crisis_figures import OPPORTUNITY_INSIGHTS
from calibration.crisis_responses import header, households, run_surface
from calibration.outage import outage
from simulator.scenario.file import load_scenario
from simulator.stress import run_pairs
from simulator.stress.effects import Panel
from simulator.stress.metrics import measure
from simulator.stress.result import Stress
from simulator.stress.variants import calm

type Floats = NDArray[np.float64]

WHOLE = {"all": (-0.335, -0.099, -0.041), "poorest fourth": (-0.295, -0.044, 0.005), "richest fourth": (-0.367, -0.135, -0.068)}
NEVER_CLOSED = ("health", "apparel", "transport", "groceries")
"""Categories that orders never closed as such: health care, clothing, transport, food."""

GROCERIES_PEAK = 0.747


def course_of(panel: Panel, groups: Sequence[str], metric: str = "spending") -> Floats:
    """Seven-day mean of a metric over some groups against the baseline, by day, over all pairs."""
    sums = []
    for world in (panel.baseline, panel.scenario):
        days = [measure(lived.parts, metric, group, panel.unit).top for lived in world for group in groups]
        sums.append(np.convolve(np.sum(days, axis=0), np.ones(7), "valid"))  # of the six days before and the day
    before, after = sums
    return np.concatenate([np.zeros(6), after / np.maximum(before, 1e-9) - 1])


def day_of(panel: Panel, text: str) -> int:
    """Place of a day in a run, the last where it is shorter."""
    return min(panel.days - 1, (date.fromisoformat(text) - panel.start).days)


def per_cent(value: float) -> str:
    """A share as text."""
    return "–" if not np.isfinite(value) else f"{100 * value:+.1f}"


def covid(found: Stress) -> list[str]:
    """Troughs by category, ranks, rich and poor, groceries, recovery."""
    panel = found.panel
    march, end, late = day_of(panel, "2020-03-01"), day_of(panel, "2020-06-30"), day_of(panel, "2020-12-01")
    whole = {"all": ["all"], "poorest fourth": ["quartile=1"], "richest fourth": ["quartile=4"]}
    lines = header("spending, %", "trough, published", "model", "end of June, published", "model", "1 December, published", "model")
    told: dict[str, tuple[float, float]] = {}
    recovered: dict[str, tuple[float, float]] = {}
    for name in (*WHOLE, *OPPORTUNITY_INSIGHTS):
        published = WHOLE.get(name) or OPPORTUNITY_INSIGHTS[name][:3]
        groups = whole.get(name) or [f"category={category}" for category in OPPORTUNITY_INSIGHTS[name][3]]
        course = course_of(panel, groups)
        # Groceries have a peak before their floor, which is theirs after it.
        first = day_of(panel, "2020-03-30") if name == "groceries" else march
        trough = float(course[first : end + 1].min())
        late_value = float(course[late]) if panel.days > 300 else np.nan
        figures = (published[0], trough, published[1], float(course[end]), published[2], late_value)
        lines.append(f"| {name} | " + " | ".join(map(per_cent, figures)) + " |")
        if name in OPPORTUNITY_INSIGHTS:
            told[name], recovered[name] = (published[0], trough), (published[1] - published[0], float(course[end]) - trough)
    vector = restriction_vector()
    lines += ["", ranks("all eleven", told, vector), ranks("never closed as such", {name: told[name] for name in NEVER_CLOSED}, vector),
              ranks("the others", {name: pair for name, pair in told.items() if name not in NEVER_CLOSED}, vector)]  # fmt: skip
    order = spearmanr(*zip(*recovered.values(), strict=True)).statistic
    lines.append(f"- Recovery by the end of June, in points since the trough: Spearman {order:.2f} with the published one.")
    spring = course_of(panel, [f"category={category}" for category in OPPORTUNITY_INSIGHTS["groceries"][3]])
    peak = int(spring[march : day_of(panel, "2020-04-05")].argmax()) + march
    plateau = spring[day_of(panel, "2020-04-06") : day_of(panel, "2020-05-31")].mean()
    top, when = per_cent(float(spring[peak])), panel.start + timedelta(peak)
    after = per_cent(float(plateau))
    lines.append(f"- Groceries: peak {top} % on {when} (published {per_cent(GROCERIES_PEAK)} % on 2020-03-18), {after} % from 6 April on.")
    return lines


def restriction_vector() -> dict[str, float]:
    """The strongest restriction of each group alone, weighted by spending, as a fall: what the orders would say without a world."""
    scenario = load_scenario("covid2020")
    share = {category.name: category.share for category in scenario.categories}
    shut = {name: max(path.points.values()) for shock in scenario.shocks if shock.kind == "restriction" for name, path in shock.by.items()}
    return {
        name: -sum(shut.get(category, 0.0) * share[category] for category in row[3]) / sum(share[category] for category in row[3])
        for name, row in OPPORTUNITY_INSIGHTS.items()
    }


def ranks(title: str, told: dict[str, tuple[float, float]], vector: dict[str, float]) -> str:
    """Rank correlations with the published troughs, and how far off the model is."""
    published, model = zip(*told.values(), strict=True)
    alone = spearmanr(published, [vector[name] for name in told]).statistic
    wrong = np.abs(np.subtract(published, model))
    rank, mean = spearmanr(published, model).statistic, 100 * wrong.mean()
    errors = f"mean absolute error {mean:.0f} points, largest {100 * wrong.max():.0f}"
    return f"- Troughs, {title} ({len(told)}): Spearman {rank:.2f}, of the orders alone {alone:.2f}; {errors}."


def recession(found: Stress) -> list[str]:
    """Unemployment, charge-offs and how late they come, what is given up first, by quarter."""
    panel = found.panel
    edges = np.array([k for k in range(0, panel.days, 91)][: max(1, panel.days // 91)], np.int64)
    lines = header("quarter", "unemployment %", "cards 30 days late %, baseline", "scenario", "card charge-offs % a year, baseline",
                   "scenario", "spending %")  # fmt: skip
    known = set(panel.keys)
    table: dict[str, Floats] = {}
    for metric, group in (
        ("unemployment", "all"),
        ("delinquency", "product=card"),
        ("charge_off_rate", "product=card"),
        ("spending", "all"),
    ):
        table[metric] = panel.values(metric, group, edges).mean(axis=1) if (metric, group) in known else np.full((2, len(edges)), np.nan)
    for k in range(len(edges)):
        figures = [100 * table["unemployment"][1, k], *(100 * table["delinquency"][:, k]), *(100 * table["charge_off_rate"][:, k])]
        spent = table["spending"][1, k] / table["spending"][0, k] - 1
        lines.append(f"| {k + 1} | " + " | ".join(f"{figure:.1f}" for figure in figures) + f" | {per_cent(spent)} |")
    rate, out = table["charge_off_rate"], table["unemployment"][1]
    if np.isfinite(rate).all() and len(edges) > 7:
        smooth = np.array([np.convolve(one, np.ones(3) / 3, "valid") for one in rate])  # three quarters: few are charged off in one
        height = int(smooth[1].argmax())
        ratio, lag = smooth[1, height] / max(smooth[0, height], 1e-9), height + 1 - int(np.nanargmax(out >= 0.95 * np.nanmax(out)))
        when = f"{lag:+d} quarters from when unemployment came near its height ({100 * out.max():.1f} %)"
        late = rate[:, -5:].mean(axis=1)
        later = f"over the last five quarters {late[1] / max(late[0], 1e-9):.1f} times"
        lines += ["", f"- Card charge-offs, three quarters' mean: {ratio:.1f} times the baseline's at their height, {when}; {later}."]
    shares = {category.name: category.elasticity for category in found.scenario.categories}
    falls = {name: float(np.nanmean(course_of(panel, [f"category={name}"])[panel.days // 3 :])) for name in shares}
    worst = sorted(falls, key=falls.__getitem__)
    lines.append(f"- Given up most: {', '.join(f'{name} {per_cent(falls[name])}' for name in worst[:6])}; least: "
                 f"{', '.join(f'{name} {per_cent(falls[name])}' for name in worst[-6:])}. Spearman with income elasticity "
                 f"{spearmanr(list(falls.values()), [-shares[name] for name in falls]).statistic:.2f}.")  # fmt: skip
    return [*lines, *defaults(found)]


def defaults(found: Stress) -> list[str]:
    """Defaults by sector of the borrower's job, and how far they come together across replicates."""
    runs: Any = found.correlation
    runs = runs[runs["period"] == "run"].set_index(["world", "group"]) if len(runs) else runs
    if not len(runs):
        return []
    lines = ["", *header("borrowers in", "borrowers", "defaults over the run, baseline", "scenario", "correlation, scenario")]
    for group in dict.fromkeys(group for _, group in runs.index):
        ours, theirs = (runs.loc[(world, group)] if (world, group) in runs.index else None for world in ("scenario", "baseline"))
        if ours is not None and theirs is not None and ours["borrowers"] >= 50:
            figures = f"{theirs['defaults']:.1f} | {ours['defaults']:.1f} | {ours['correlation']:.4f}"
            lines.append(f"| {group} | {ours['borrowers']:.0f} | {figures} |")
    return lines


def crime(found: Stress) -> list[str]:
    """Attempts, losses and detection by family, in the quarters after the rule."""
    panel = found.panel
    edges = np.array([0, day_of(panel, "2022-03-14"), *range(day_of(panel, "2022-03-14") + 57, panel.days, 57)], np.int64)
    names = ["before", *(f"days {57 * k} to {57 * (k + 1)} after" for k in range(len(edges) - 1))]
    lines = header("family", "period", "attempts, baseline", "scenario", "taken, baseline", "scenario", "declined %, baseline", "scenario")
    for family in ("card", "takeover", "scam", "laundering", "bank"):
        if ("fraud_attempts", f"family={family}") not in panel.keys:
            continue
        tried, took, declined = (
            panel.values(metric, f"family={family}", edges).mean(axis=1) for metric in ("fraud_attempts", "fraud_losses", "fraud_declined")
        )
        for k, name in enumerate(names):
            share = 100 * declined[:, k] / np.maximum(tried[:, k], 1)
            cells = [*(f"{value:,.0f}" for value in (*tried[:, k], *took[:, k])), *(f"{value:.0f}" for value in share)]
            lines.append(f"| {family} | {name} | {' | '.join(cells)} |")
    return lines


JUDGED: dict[str, Any] = {"covid2020": covid, "gfc2008": recession, "fed2025_severe": recession, "eba2025_adverse": recession,
                          "rate_shock": recession, "sca_introduction": crime}  # fmt: skip
ALONE: dict[str, Any] = {"outage2018": outage, "run2023": run_surface, "households": households}
"""What needs runs of its own."""


def main(words: list[str]) -> None:
    """Run what is asked for and print it."""
    parser = argparse.ArgumentParser(prog="calibration.crises")
    parser.add_argument("names", nargs="+", choices=[*JUDGED, *ALONE])
    parser.add_argument("--customers", type=int, default=5000)
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--days", type=int)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args(words)
    for name in asked.names:
        print(f"\n## {name}, {asked.customers:,} customers, {asked.pairs} pairs\n")
        if name in ALONE:
            print("\n".join(ALONE[name](asked.customers, asked.pairs)))
            continue
        settings = {"population.customers": asked.customers} | ({"period.days": asked.days} if asked.days else {})
        # Expectations that lie beyond a shorter run are not its business.
        scenario = load_scenario(name, settings)
        folder = asked.out / name if asked.out else None
        again = folder is not None and folder.exists()
        found = run_pairs(scenario, calm(scenario), replicates=asked.pairs, out=folder, resume=again)
        print("\n".join(JUDGED[name](found)))
        print("\n" + "\n".join(f"- expectation {one.name}: {one.verdict}" for one in found.verdicts), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
