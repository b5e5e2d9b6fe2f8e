"""Patience: who was bothered by a bank for nothing, or hurt by a fraud there, shops less, and at last takes their accounts elsewhere."""

from typing import NamedTuple

import numpy as np

from simulator.defence.lot import For, lot
from simulator.lives.agenda import Agenda
from simulator.lives.foresight import Step, turn_of
from simulator.population.world import World
from simulator.scenario import Scenario

WHOLE = 1_000_000
"""Parts of the longest patience; everybody's is drawn evenly below it, so that what is spent is a share of customers who leave."""


class Less(NamedTuple):
    """Shopping that a person has given up for a time."""

    row: int
    trips: int
    whole: int
    """Trips of somebody who has nothing to complain of."""
    budget: int
    """What the person planned to spend then; who has planned anew shops by the new plan."""


class Patience:
    """What customers have had to put up with at their bank.

    Args:
        settings: of the world.

    Attributes:
        spent: By row of a person, parts per million of the longest patience.
        less: What people have given up, by the day on which they take it up again.
    """

    def __init__(self, settings: Scenario) -> None:
        self._key = np.uint64(settings.seed)
        self.spent: dict[int, int] = {}
        self.less: dict[int, list[Less]] = {}
        self._last: dict[int, Less] = {}
        self.obey(settings)

    def obey(self, settings: Scenario) -> None:
        """Take up the rules of a day."""
        self._bothered = round(settings.defence.leave_bothered * WHOLE)
        self._hurt = round(settings.defence.leave_hurt * WHOLE)
        self._share, self._forgiven = settings.defence.patience, settings.defence.forgiven

    def shop_less(self, world: World, row: int, day: int) -> None:
        """Who was bothered or hurt goes shopping less, for some time or for good."""
        people = world.people
        had, budget = int(people.trips[row]), int(people.budget[row])
        lost = int(had * self._share)
        people.trips[row] -= lost
        if self._forgiven:
            last = self._last.get(row)
            whole = last.whole if last is not None and last.budget == budget else had
            self.put(day + self._forgiven, Less(row, lost, whole, budget))

    def put(self, until: int, less: Less) -> None:
        """Keep what a person has given up until a day."""
        self.less.setdefault(until, []).append(less)
        self._last[less.row] = less

    def forgive(self, world: World, day: int) -> None:
        """What was given up long enough ago is taken up again."""
        people = world.people
        for one in self.less.pop(day, []):
            if people.budget[one.row] == one.budget:
                people.trips[one.row] = min(one.whole, int(people.trips[one.row]) + one.trips)
            if self._last.get(one.row) is one:
                del self._last[one.row]

    def bother(self, row: int, day: int, agenda: Agenda) -> None:
        """A person's payment, card or account was stopped for nothing."""
        self._spend(row, self._bothered, day, agenda)

    def hurt(self, row: int, day: int, agenda: Agenda) -> None:
        """A person lost money to a fraud."""
        self._spend(row, self._hurt, day, agenda)

    def _spend(self, row: int, parts: int, day: int, agenda: Agenda) -> None:
        """Whose patience ends with this looks for another bank at the turn of the month."""
        has = int(lot(self._key, row, For.PATIENCE) * WHOLE)
        before = self.spent.get(row, 0)
        self.spent[row] = before + parts
        if before <= has < before + parts:
            agenda.put(turn_of(day), int(Step.WEARY), np.array([row]))
