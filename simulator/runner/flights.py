"""Credits on their way: the payer's book has moved, the payee's moves at the value date.

Credits of one value date wait together in a batch. A value date is the start of a window, so a batch is booked whole
before that window is authorised; the order within it does not matter, for only sums are seen.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.clearing import settle
from simulator.clock import DAY, Today
from simulator.ledger import CREDIT
from simulator.population.world import World
from simulator.records import Records, grown, records

BATCHES = 32
"""Value dates that may be open at once: one a schedule and day ahead is fewer, countries abroad with their holidays included."""


class Flights:
    """Batches of credits by value date."""

    def __init__(self) -> None:
        self.credits: tuple[Records, ...] = tuple(records(CREDIT, 256) for _ in range(BATCHES))
        self.used = np.zeros(BATCHES, np.int64)
        self.moment = np.full(BATCHES, -1, np.int64)
        """Value date of each batch, microseconds since 1970; -1 where it is free."""

    def open_window(self, world: World, today: Today, window: int) -> None:
        """Book what has reached its value date at the start of a window."""
        now = today.day * DAY + window * world.rules.window_length
        for batch in np.flatnonzero((self.moment >= 0) & (self.moment <= now)):
            settle(world.accounts, self.credits[batch], int(self.used[batch]))
            self.used[batch], self.moment[batch] = 0, -1

    def assign(self, today: Today, window: int, rows: int) -> None:
        """Give each schedule of a window its batch, with room for ``rows`` more."""
        for schedule in range(1, len(today.value)):
            moment = int(today.value[schedule, window])
            found = np.flatnonzero(self.moment == moment)
            batch = int(found[0]) if len(found) else int(np.flatnonzero(self.moment < 0)[0])
            self.moment[batch] = moment
            today.batch[schedule, window] = batch
            self._reserve(batch, rows)

    def _reserve(self, batch: int, rows: int) -> None:
        need = int(self.used[batch]) + rows
        if need > len(self.credits[batch]):
            larger = grown(self.credits[batch], max(need, len(self.credits[batch]) * 3 // 2))
            self.credits = (*self.credits[:batch], larger, *self.credits[batch + 1 :])

    def waiting(self) -> NDArray[Any]:
        """The credits of all batches, one after the other."""
        return np.concatenate([np.asarray(table[:used]) for table, used in zip(self.credits, self.used, strict=True)])

    def restore(self, moment: NDArray[np.int64], used: NDArray[np.int64], waiting: NDArray[Any]) -> None:
        """Take up batches that were saved."""
        self.moment[:], self.used[:] = moment, used
        tables = []
        for part in np.split(waiting, np.cumsum(used)[:-1]):
            table = records(CREDIT, max(256, len(part)))
            table[: len(part)] = part
            tables.append(table)
        self.credits = tuple(tables)
