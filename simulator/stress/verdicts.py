"""What a scenario expects of its effect, judged."""

from datetime import date
from typing import NamedTuple

import numpy as np

from simulator.scenario import Scenario
from simulator.scenario.expectations import Expectation, Figure, Sign
from simulator.stress.effects import Panel, against
from simulator.stress.estimate import Floats, Interval, paired, spearman
from simulator.stress.metrics import HOW, RATIO, measure

MET, FAILED, SKIPPED = "met", "failed", "not assessed"


class Verdict(NamedTuple):
    """What became of one expectation."""

    name: str
    says: str
    verdict: str
    """`met`, `failed`, or `not assessed` where no day of it is in the run or the world does not measure it."""
    expected: str
    found: str
    source: str


def verdicts(panel: Panel, scenario: Scenario) -> list[Verdict]:
    """Every expectation of a scenario, judged on finished pairs."""
    return [_judge(panel, one) for one in scenario.expect]


def _judge(panel: Panel, one: Expectation) -> Verdict:
    days = _days(panel, one)
    parts = panel.keys
    groups = one.order if one.order is not None else [one.group]
    known = [group for metric, group in parts if metric == one.metric]
    missing = [group for group in groups if group not in known]
    if days is None or missing:
        what = f"{one.metric} of {', '.join(missing)}" if known else one.metric
        why = "no day of it is in the run" if days is None else f"this world does not measure {what}"
        return Verdict(one.name, one.says, SKIPPED, _expected(one), why, one.source)
    values = np.array([_values(panel, one.metric, group, days) for group in groups])
    relative = [against(paired(scenario - baseline), paired(baseline).mean) for baseline, scenario in values]
    if one.order is not None:
        return _ranked(one, groups, relative)
    figure = one.figure if one.within is not None else Figure.EFFECT
    interval = _figure(figure, values[0], relative[0])
    share = figure is Figure.RELATIVE or HOW[one.metric].unit == RATIO
    if one.sign is not None:
        met = bool(interval.low > 0 if one.sign is Sign.RISES else interval.high < 0)
    else:
        assert one.within is not None
        met = bool(one.within[0] <= interval.mean <= one.within[1])
    return Verdict(one.name, one.says, MET if met else FAILED, _expected(one), _found(interval, share), one.source)


def _days(panel: Panel, one: Expectation) -> slice | None:
    """Days of the run that an expectation is about."""
    first = max(0, ((one.since or panel.start) - panel.start).days)
    last = min(panel.days - 1, ((one.until or date.max) - panel.start).days)
    return slice(first, last + 1) if first <= last else None


def _values(panel: Panel, metric: str, group: str, days: slice) -> Floats:
    """The metric in the window: shape (2, pairs), the baseline first."""
    whole = np.zeros(1, np.int64)
    found = []
    for world in (panel.baseline, panel.scenario):
        measures = [measure(lived.parts, metric, group, panel.unit) for lived in world]
        found.append([one._replace(top=one.top[days], bottom=one.bottom[days]).over(whole)[0] for one in measures])
    return np.array(found)


def _figure(figure: Figure, values: Floats, relative: Interval) -> Interval:
    baseline, scenario = values
    if figure is Figure.RELATIVE:
        return relative
    return paired({Figure.EFFECT: scenario - baseline, Figure.SCENARIO: scenario, Figure.BASELINE: baseline}[figure])


def _ranked(one: Expectation, groups: list[str], relative: list[Interval]) -> Verdict:
    found = np.array([float(interval.mean) for interval in relative])
    known = np.isfinite(found)
    rank = spearman(np.flatnonzero(known).astype(np.float64), found[known])
    order = [groups[place] for place in np.argsort(found, kind="stable") if known[place]]
    met = np.isfinite(rank) and rank >= one.at_least - 1e-12
    said = f"rank correlation {rank:.2f}: " + ", ".join(f"{group} {found[groups.index(group)]:+.1%}" for group in order)
    return Verdict(one.name, one.says, MET if met else FAILED, _expected(one), said, one.source)


def _expected(one: Expectation) -> str:
    """An expectation in words."""
    when = ""
    if one.since is not None or one.until is not None:
        when = f", {one.since or 'the first day'} to {one.until or 'the last'}"
    if one.order is not None:
        order = ", ".join(one.order)
        return f"{one.metric} in this order from the lowest effect, rank correlation at least {one.at_least:g}: {order}{when}"
    what = one.metric if one.group == "all" else f"{one.metric} of {one.group}"
    if one.sign is not None:
        return f"{what} {one.sign.value}, its whole interval{when}"
    assert one.within is not None
    share = one.figure is Figure.RELATIVE or HOW[one.metric].unit == RATIO
    low, high = (_number(bound, share) for bound in one.within)
    return f"{one.figure.value} {what} between {low} and {high}{when}"


def _number(value: float, share: bool) -> str:
    return f"{value:+.1%}" if share else f"{value:,.4g}"


def _found(interval: Interval, share: bool) -> str:
    mean, low, high = (_number(float(bound), share) for bound in interval)
    return f"{mean} ({low} to {high})"
