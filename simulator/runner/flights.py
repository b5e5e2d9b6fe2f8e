"""Credits on their way: the payer's book has moved, the payee's moves at the value date.

Credits of one value date wait together in a batch. A value date is the start of a window, so a batch is booked whole
before that window is authorised; the order within it does not matter, for only sums are seen.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.books import settle
from simulator.clock import DAY, Today
from simulator.ledger import CREDIT
from simulator.population.world import World
from simulator.records import Records, records

BATCHES = 32
"""Value dates that may be open at once without compiling anew: a few a schedule, countries abroad with their holidays included."""


class Flights:
    """Batches of credits by value date."""

    def __init__(self) -> None:
        self.credits: tuple[Records, ...] = tuple(records(CREDIT, 256) for _ in range(BATCHES))
        self.used = np.zeros(BATCHES, np.int64)
        self.moment = np.full(BATCHES, -1, np.int64)
        """Value date of each batch, microseconds since 1970; -1 where it is free."""
        self._open: dict[int, int] = {}

    def open_window(self, world: World, today: Today, window: int) -> None:
        """Book what has reached its value date at the start of a window."""
        now = today.day * DAY + window * world.rules.window_length
        for moment in [moment for moment in self._open if moment <= now]:
            batch = self._open.pop(moment)
            settle(world.accounts, self.credits[batch], int(self.used[batch]))
            self.used[batch], self.moment[batch] = 0, -1

    def assign(self, today: Today, window: int, rows: int) -> None:
        """Give each schedule of a window its batch, with room for ``rows`` more."""
        moments = today.value[1:, window].tolist()
        for moment in dict.fromkeys(moments):
            if moment not in self._open:
                self._begin(moment)
            self._reserve(self._open[moment], rows)
        today.batch[1:, window] = [self._open[moment] for moment in moments]

    def _begin(self, moment: int) -> None:
        free = np.flatnonzero(self.moment < 0)
        if not len(free):
            more = len(self.moment)
            self.credits += tuple(records(CREDIT, 256) for _ in range(more))
            self.used = np.append(self.used, np.zeros(more, np.int64))
            self.moment = np.append(self.moment, np.full(more, -1, np.int64))
            free = np.array([more])
        self._open[moment] = int(free[0])
        self.moment[free[0]] = moment

    def _reserve(self, batch: int, rows: int) -> None:
        used, table = int(self.used[batch]), self.credits[batch]
        if used + rows > len(table):
            larger = records(CREDIT, max(used + rows, len(table)) * 2)
            larger[:used] = table[:used]  # what is not used is never touched, and costs no memory
            self.credits = (*self.credits[:batch], larger, *self.credits[batch + 1 :])

    def waiting(self) -> NDArray[Any]:
        """The credits of all batches, one after the other."""
        return np.concatenate([np.asarray(table[:used]) for table, used in zip(self.credits, self.used, strict=True)])

    def restore(self, moment: NDArray[np.int64], used: NDArray[np.int64], waiting: NDArray[Any]) -> None:
        """Take up batches that were saved."""
        self.moment, self.used = moment.copy(), used.copy()
        self._open = {int(moment[batch]): int(batch) for batch in np.flatnonzero(moment >= 0)}
        tables = []
        for part in np.split(waiting, np.cumsum(used)[:-1]):
            table = records(CREDIT, max(256, len(part)))
            table[: len(part)] = part
            tables.append(table)
        self.credits = tuple(tables)
