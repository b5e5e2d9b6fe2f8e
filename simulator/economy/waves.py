"""Waves of crime: how many times as often stories begin."""

from simulator.scenario import Scenario
from simulator.scenario.curve import Curve
from simulator.scenario.shocks import Kind


class Waves:
    """How often stories begin against the usual, by day.

    Args:
        scenario: its shocks.
    """

    def __init__(self, scenario: Scenario) -> None:
        mine = [shock for shock in scenario.shocks if shock.kind is Kind.STORIES]
        self._all = [Curve(shock.path, before=1.0) for shock in mine if shock.path is not None]
        self._one: dict[str, list[Curve]] = {}
        for shock in mine:
            for name, path in shock.by.items():
                self._one.setdefault(name, []).append(Curve(path, before=1.0))

    def factor(self, family: str, name: str, day: int) -> float:
        """How many times as often a story begins on a day since 1970: the product of what moves all, its family and itself."""
        factor = 1.0
        for curve in (*self._all, *self._one.get(family, ()), *self._one.get(name, ())):
            factor *= curve.on(day)
        return factor
