"""Credits on their way: the payer's book has moved, the payee's moves at the value date.

Credits of one value date wait together in a batch. A value date is the start of a window, so a batch is booked whole
before that window is authorised; the order within it does not matter, for only sums are seen.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.clearing import settle
from simulator.clock import DAY, Today
from simulator.codes import Schedule
from simulator.ledger import CREDIT
from simulator.population.world import World
from simulator.records import Records, grown, records

BATCHES = 20
"""Value dates that may be open at once. Each schedule and day ahead has one, and so have countries abroad by their opening hours
and holidays: mostly under ten."""


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
        for batch, moment in enumerate(self.moment.tolist()):
            if not 0 <= moment <= now:
                continue
            settle(world.accounts, self.credits[batch], int(self.used[batch]))
            self.used[batch], self.moment[batch] = 0, -1

    def assign(self, today: Today, window: int, rows: int) -> None:
        """Give each schedule of a window its batch, with room for ``rows`` more.

        Should all batches be taken, a value date moves to the next that is open: `today.value` is changed.
        """
        opened = {moment: batch for batch, moment in enumerate(self.moment.tolist()) if moment >= 0}
        for schedule, wanted in enumerate(today.value[:, window].tolist()):
            if schedule == Schedule.NOW:
                continue
            batch = opened.get(wanted)
            if batch is None and len(opened) == BATCHES:
                later = min((moment for moment in opened if moment > wanted), default=max(opened))
                batch, today.value[schedule, window] = opened[later], later
            elif batch is None:
                batch = opened[wanted] = self.moment.tolist().index(-1)
                self.moment[batch] = wanted
            today.batch[schedule, window] = batch
        for batch in set(today.batch[:, window].tolist()) - {-1}:
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
