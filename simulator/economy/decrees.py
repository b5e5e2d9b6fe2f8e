"""Decrees: parameters of the scenario that change on a day of the run, such as a rule of authentication or of reimbursement."""

from collections.abc import Callable
from datetime import date
from typing import Any

from simulator.clock import EPOCH, Today
from simulator.population.rules import build_rules
from simulator.population.ways import build_ways
from simulator.population.world import World
from simulator.scenario import Scenario
from simulator.scenario.rule import under
from simulator.scenario.shocks import Kind


class Decrees:
    """The rules of a scenario by day.

    Args:
        scenario: its shocks.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._spans: list[tuple[int, int, dict[str, Any]]] = []
        for shock in scenario.shocks:
            if shock.kind is Kind.RULE and shock.start is not None:
                until = shock.until or date.max
                self._spans.append(((shock.start.date() - EPOCH).days, (until - EPOCH).days, shock.set))
        self._now: dict[str, Any] = {}

    def hold(self, world: World, today: Today, tell: Callable[[Scenario], None]) -> World:
        """The world under the rules of a day.

        Args:
            world: as it is.
            today: the day that begins.
            tell: tells the others of the scenario as it now holds.
        """
        now = {path: value for since, until, rule in self._spans if since <= today.day < until for path, value in rule.items()}
        if now == self._now:
            return world
        self._now = now
        scenario = under(self._scenario, now)
        tell(scenario)
        return world._replace(rules=build_rules(scenario, world.rules.unit), ways=build_ways(scenario, world.rules.unit))
