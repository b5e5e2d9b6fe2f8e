"""Support: what a government pays everybody once, by ordinary payments that the payees' side starts."""

import numpy as np

from simulator.clock import EPOCH, Today
from simulator.codes import Channel, Method, Purpose
from simulator.draws import Ints, Why, words
from simulator.ledger import FIXED
from simulator.lives.estates import order
from simulator.lives.register import moments
from simulator.population.accounts import PERSON_ROWS
from simulator.population.presence import here
from simulator.population.world import World
from simulator.runner.postponed import Postponed
from simulator.scenario import Scenario
from simulator.scenario.shocks import Kind, Shock

SPAN = 3
"""Days over which payments of one kind go out (assumption: the first wave by direct deposit in April 2020)."""


class Support:
    """Pays out one-off payments.

    Args:
        scenario: its shocks.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._key = scenario.seed
        self._due: dict[int, list[Shock]] = {}
        for shock in scenario.shocks:
            if shock.kind is Kind.STIMULUS and shock.start is not None:
                self._due.setdefault((shock.start.date() - EPOCH).days, []).append(shock)

    def pay(self, world: World, today: Today, postponed: Postponed, windfall: Ints) -> bool:
        """Order the payments that begin tomorrow.

        Args:
            world: who is here.
            today: the day that closes.
            postponed: takes the payments.
            windfall: what came once and is not yet spent, by person; grows.

        Returns:
            Whether there are any.
        """
        for shock in self._due.get(today.day + 1, []):
            people, unit = world.people, world.rules.unit
            rows = np.flatnonzero(here(people, today.day + 1) & np.isin(people.decile // 2 + 1, shock.quintiles))
            children = people.children[rows] * people.head[rows]
            amount = np.rint(((shock.amount or 0.0) + shock.child * children) * unit).astype(np.int64)
            when, later, _, _ = words(self._key, rows, Why.STIMULUS, 0, today.day)
            order(
                postponed, today.day + 1 + (later.astype(np.int64) * SPAN >> 32), rows, moments(when, today.offset, 3, 4),
                np.full(len(rows), world.layout.government), rows * PERSON_ROWS, Method.BATCH_TRANSFER, Purpose.BENEFIT, amount=amount,
                rule=FIXED, channel=Channel.NONE,
            )  # fmt: skip
            windfall[rows] += amount
        return today.day + 1 in self._due
