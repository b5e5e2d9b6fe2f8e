"""Patience: who was bothered by a bank for nothing, or hurt by a fraud there, and at last takes their accounts to another bank."""

import numpy as np

from simulator.defence.lot import For, lot
from simulator.lives.agenda import Agenda
from simulator.lives.foresight import Step, turn_of
from simulator.scenario import Scenario

WHOLE = 1_000_000
"""Parts of the longest patience; everybody's is drawn evenly below it, so that what is spent is a share of customers who leave."""


class Patience:
    """What customers have had to put up with at their bank.

    Args:
        settings: of the world.

    Attributes:
        spent: By row of a person, parts per million of the longest patience.
    """

    def __init__(self, settings: Scenario) -> None:
        self._key = np.uint64(settings.seed)
        self.spent: dict[int, int] = {}
        self.obey(settings)

    def obey(self, settings: Scenario) -> None:
        """Take up the rules of a day."""
        self._bothered = round(settings.defence.leave_bothered * WHOLE)
        self._hurt = round(settings.defence.leave_hurt * WHOLE)

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
