"""Metrics from parts: what is added up over a period, what is averaged, and what is a share of something."""

from collections.abc import Mapping, Set
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.scenario.expectations import METRICS
from simulator.stress.observer import Key

FLOW, LEVEL, SHARE = "flow", "level", "share"
COUNT, MONEY, RATIO = "count", "money", "ratio"

YEAR = 365.25


class Metric(NamedTuple):
    """How a metric comes of parts."""

    kind: str
    """`flow`: the sum over a period; `level`: the mean of its days; `share`: a sum over a sum."""
    unit: str
    over: tuple[tuple[str, float], ...] = ()
    """Parts that are added, each with its factor; the part of the metric's own name by default."""
    of: tuple[tuple[str, float], ...] = ()
    """What a share is a share of."""
    shared: bool = False
    """Whether a group that what it is a share of does not have is a share of everything."""


def _plain(kind: str, unit: str, *names: str) -> dict[str, Metric]:
    return {name: Metric(kind, unit) for name in names}


HOW: dict[str, Metric] = {
    **_plain(FLOW, COUNT, "payments", "purchases", "attempts", "declines", "closures", "defaults", "fraud_attempts", "fraud_declined",
             "fraud_alerted", "fraud_reported"),
    **_plain(FLOW, MONEY, "value", "spending", "income", "taxes", "outlays", "withdrawals", "outflow", "inflow", "charge_offs",
             "fraud_losses", "fraud_recovered"),
    **_plain(LEVEL, COUNT, "customers", "unemployed", "merchants", "borrowers", "delinquent"),
    **_plain(LEVEL, MONEY, "deposits", "card_debt", "notes", "owed", "central_bank_loans"),
    "remote_share": Metric(SHARE, RATIO, (("remote_spending", 1.0),), (("spending", 1.0),)),
    "saving_rate": Metric(SHARE, RATIO, (("income", 1.0), ("taxes", -1.0), ("outlays", -1.0)), (("income", 1.0), ("taxes", -1.0))),
    "decline_rate": Metric(SHARE, RATIO, (("declines", 1.0),), (("attempts", 1.0),)),
    "balance": Metric(SHARE, MONEY, (("liquid", 1.0),), (("customers", 1.0),)),
    "unemployment": Metric(SHARE, RATIO, (("unemployed", 1.0),), (("labour_force", 1.0),)),
    "delinquency": Metric(SHARE, RATIO, (("delinquent", 1.0),), (("borrowers", 1.0),), shared=True),
    "charge_off_rate": Metric(SHARE, RATIO, (("charge_offs", YEAR),), (("owed", 1.0),)),
    "detection": Metric(SHARE, RATIO, (("fraud_noticed", 1.0),), (("fraud_attempts", 1.0),)),
    "fraud_rate": Metric(SHARE, RATIO, (("fraud_losses", 1.0),), (("value", 1.0),)),
}  # fmt: skip
"""Every metric of `METRICS`."""

assert set(HOW) == set(METRICS)


class Measure(NamedTuple):
    """A metric of a group, by day: a numerator, and a denominator of ones where it is no share."""

    metric: str
    group: str
    top: NDArray[np.float64]
    bottom: NDArray[np.float64]

    def over(self, starts: Ints) -> NDArray[np.float64]:
        """The metric over periods.

        Args:
            starts: first day of each period, from 0; the last goes to the end.

        Returns:
            A value for each period; NaN where it is a share of nothing.
        """
        top, bottom = np.add.reduceat(self.top, starts), np.add.reduceat(self.bottom, starts)
        if HOW[self.metric].kind == FLOW:
            return np.asarray(top, np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(bottom != 0, top / bottom, np.nan)


def measured(parts: Set[Key]) -> list[Key]:
    """The metrics and groups that a set of parts gives, in the order of `METRICS`."""
    found = []
    groups: dict[str, list[str]] = {}
    for part, group in parts:
        groups.setdefault(part, []).append(group)
    for metric, how in HOW.items():
        own = [name for name, _ in how.over or ((metric, 1.0),)]
        needs = own if how.shared else [*own, *(name for name, _ in how.of)]
        if not all(name in groups for name in (*own, *(name for name, _ in how.of))):
            continue
        found += [(metric, group) for group in sorted(groups[own[0]], key=_order) if all(group in groups[name] for name in needs)]
    return found


def _order(group: str) -> tuple[int, int, str]:
    return group != "all", group.count(","), group


def measure(parts: Mapping[Key, Ints], metric: str, group: str, unit: int) -> Measure:
    """One metric of a group, by day.

    Args:
        parts: of a run.
        metric: which.
        group: of whom or what.
        unit: minor units in a currency unit.
    """
    how = HOW[metric]
    days = len(next(iter(parts.values())))
    scale = 1.0 / unit if how.unit == MONEY else 1.0

    def added(names: tuple[tuple[str, float], ...], group: str) -> NDArray[np.float64]:
        total = np.zeros(days)
        for name, factor in names:
            if (name, group) in parts:
                total += factor * parts[name, group]
        return total

    top = scale * added(how.over or ((metric, 1.0),), group)
    own = not how.shared or all((name, group) in parts for name, _ in how.of)
    bottom = added(how.of, group if own else "all") if how.of else np.ones(days)
    return Measure(metric, group, top, bottom)
