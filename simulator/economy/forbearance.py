"""Forbearance: the clock of what is past due stands still for some of those who cannot pay."""

import numpy as np

from simulator.clock import Today
from simulator.draws import Why, words
from simulator.economy.paths import Curves
from simulator.lives.register import befalls
from simulator.population.debts import DEBTS
from simulator.population.world import World
from simulator.scenario import Scenario
from simulator.scenario.shocks import Kind


class Forbearance:
    """Waives what falls due.

    Args:
        scenario: its shocks.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._key = scenario.seed
        self._share = Curves(scenario.shocks, Kind.FORBEARANCE, ["share"])

    def open_day(self, world: World, today: Today) -> None:
        """What is past due is no older than it was yesterday, for the share of people who asked their bank and were heard."""
        share = float(self._share.on(today.day)[0])
        if share <= 0:
            return
        since = world.debts.since
        rows = np.flatnonzero((since > 0) & (since < today.day))
        heard = befalls(words(self._key, rows // DEBTS, Why.FORBEARANCE)[0], share)
        since[rows[heard]] += 1
