"""Waves of crime: how many times as often stories begin, and how much of what gives them away new tools spare them."""

from simulator.clock import EPOCH
from simulator.scenario import Scenario
from simulator.scenario.curve import Curve
from simulator.scenario.shocks import BOUNDS, Kind
from simulator.scenario.story import Typology

MOST = BOUNDS[Kind.STORIES][1]
"""Distress makes no story begin more often than so many times as usual, as a shock may not."""


class Waves:
    """How often stories begin against the usual, by day.

    Args:
        scenario: its shocks, and how far crime follows unemployment.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._distress = scenario.stories.distress
        self._all: list[Curve] = []
        self._one: dict[str, list[Curve]] = {}
        self._tools: list[tuple[str, int, float]] = []
        """Whom a tool serves (nothing for all), from when, and what it leaves of what gives them away."""
        for shock in scenario.shocks:
            if shock.kind not in (Kind.STORIES, Kind.TOOL):
                continue
            for name, path in [*([("", shock.path)] if shock.path is not None else []), *shock.by.items()]:
                (self._one.setdefault(name, []) if name else self._all).append(Curve(path, before=1.0))
                if shock.kind is Kind.TOOL:
                    self._tools.append((name, (min(path.points) - EPOCH).days, 1 - (shock.share or 0.0)))

    def factor(self, told: Typology, day: int, distress: float) -> float:
        """How many times as often a story begins on a day since 1970: the product of what moves all, its family and itself.

        Args:
            told: the story's file.
            day: days since 1970.
            distress: unemployment over the usual.
        """
        factor = min(MOST, distress**self._distress) if told.distress else 1.0
        for curve in (*self._all, *self._one.get(told.family, ()), *self._one.get(told.name, ())):
            factor *= curve.on(day)
        return factor

    def betrayed(self, told: Typology, day: int) -> float:
        """Part of what gives a story away that still does on a day, for the tools that its tellers have by then."""
        left = 1.0
        for name, since, leaves in self._tools:
            if day >= since and name in ("", told.family, told.name):
                left *= leaves
        return left
