"""A lane: the people or the firms of a shard, with their attempts of the day."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.authorisation import authorise, refuse_cards
from simulator.clearing import carry_over, note_ids
from simulator.clock import Today
from simulator.codes import Method, Reason
from simulator.day import ROOM
from simulator.draws import Ints
from simulator.events import EVENT
from simulator.ledger import ATTEMPT, by_window, merge
from simulator.population.world import World
from simulator.records import Records, grown, records
from simulator.runner.orders import hear, join

Planner = Callable[..., tuple[int, int]]


class Lane:
    """A contiguous range of initiators and what they attempt today.

    Args:
        planner: kernel that plans the day of rows [first, last).
        first: first row.
        last: row after the last.
        windows: clearing windows a day.
    """

    def __init__(self, planner: Planner, first: int, last: int, windows: int) -> None:
        self.first, self.last = first, last
        self._planner = planner
        self._windows = windows
        self._start = np.zeros(windows + 2, np.int64)
        self._count = 0
        self._more = 0
        self._window = -1
        self._ordered = 0
        self.attempts: Records = records(ATTEMPT, 0)
        """Attempts of the day by window, then retries."""
        self.events: Records = records(EVENT, 2 * ROOM)
        self.noted = np.zeros(1, np.int64)
        self._plans: Records = records(ATTEMPT, 0)
        self._order = np.zeros(0, np.int32)
        self._make_room(max(2 * ROOM, 4 * (last - first)))
        self._all, self._queue, self._again = (np.zeros(0, np.int32) for _ in range(3))

    def _make_room(self, size: int) -> None:
        """Room for plans; those that are there stay."""
        self._plans = grown(self._plans, size)
        self._order = np.concatenate([self._order, np.zeros(size - len(self._order), np.int32)])

    def plan(self, world: World, today: Today, due: Records) -> None:
        """Plan the day, and sort it by window."""
        row, used = self.first, 0
        self.noted[0] = 0
        while row < self.last:
            before = row
            used, row = self._planner(world, today, due, row, self.last, self._plans, self._order, used, self.events, self.noted)
            if row < self.last and self.noted[0] + ROOM > len(self.events):
                self.events = grown(self.events, 2 * len(self.events))
            elif row < self.last:
                full = len(self._plans)
                expected = full * (self.last - self.first) // max(1, row - self.first) * 21 // 20
                self._make_room(full * 2 if row == before else max(full + 8 * ROOM, expected))
        self._count, self._more = used, 0
        if used > len(self.attempts):
            self.attempts = records(ATTEMPT, used * 5 // 4 + ROOM)  # some will be tried again; what is not used costs no memory
        length = world.rules.window_length
        by_window(self._plans, self._order, used, length, self._start[: self._windows + 1], self.attempts)

    def refuse(self, window: int, accounts: Ints) -> None:
        """Card payments of the window from accounts whose card the bank has blocked, in order, are bound to fail; people's lanes only."""
        refuse_cards(self.attempts, int(self._start[window]), int(self._start[window + 1]), accounts)

    def refuse_other_cards(self, accounts: Ints) -> None:
        """So are retries by another card, after an outage, where that card is blocked."""
        attempts, again = self.attempts.view(np.ndarray), self._again[: self._more]
        before = attempts["origin"][again]
        switched = (attempts["reason"][before] == Reason.NETWORK_UNAVAILABLE) & (attempts["payer"][before] != attempts["payer"][again])
        switched &= (attempts["method"][again] == Method.CARD) & np.isin(attempts["payer"][again], accounts)
        attempts["reason"][again[switched]] = Reason.SUSPECTED_FRAUD

    def order(self, orders: Records, low: int, high: int) -> None:
        """Orders [low, high) of stories join the coming window beside the retries; `origin` counts among all of them."""
        first, count = self._count, high - low
        if first + count > len(self.attempts):
            self.attempts = grown(self.attempts, first + count + len(self.attempts) // 4)
        if self._more + count > len(self._again):
            self._again = np.concatenate([self._again[: self._more], np.zeros(count * 5 // 4 + 1, np.int32)])
        self._ordered = first
        self._more = join(orders, low, high, self.attempts, first, self._again, self._more)
        self._count = first + count

    def hear(self, block: Records, ids: Ints, low: int, high: int, seen: Records, shift: int, out: Ints) -> None:
        """Write what became of the orders [low, high) of the window, see `simulator.runner.orders.hear`."""
        hear(block, ids, self._current, self._place, self._ordered, low, high, seen, shift, out)

    def open_window(self, window: int) -> int:
        """Queue the window's attempts: those planned, and the retries of the window before. Returns how many."""
        self._window = window
        low, high = int(self._start[window]), int(self._start[window + 1])
        count = high - low + self._more
        if self._count + count > len(self.attempts):  # all may be tried again
            self.attempts = grown(self.attempts, self._count + count + len(self.attempts) // 4)
        if len(self._all) < len(self.attempts):
            self._all = np.arange(len(self.attempts), dtype=np.int32)
        if len(self._queue) < count:
            self._queue = np.zeros(count * 5 // 4, np.int32)
        self._current = self._all[low:high]
        if self._more:
            self._current = self._queue[: merge(self.attempts, low, high, self._again, self._more, self._queue)]
        if len(self._again) <= count:  # the retries that wait are queued by now
            self._again = np.zeros(count * 5 // 4 + 1, np.int32)
        return count

    @property
    def waits(self) -> int:
        """How many attempts are queued for the window."""
        return len(self._current)

    def waiting(self) -> Records:
        """The attempts that are queued for the window, in the order of the queue."""
        return self.attempts[self._current].view(Records)

    def fail(self, refused: NDArray[np.bool_]) -> None:
        """Queued attempts that are refused before they are decided."""
        self.attempts.reason[self._current[refused]] = Reason.SUSPECTED_FRAUD

    def authorise(self, world: World, day: int, block: Records, place: int) -> None:
        """Decide the window's attempts against the payers' own books."""
        later = (self._window + 1) * world.rules.window_length
        self._place = place
        self._count, self._more = authorise(
            world.accounts, world.layout, world.rules, day, self.attempts, self._count,
            self._current, len(self._current), later, self._again, world.equipment, block, place,
        )  # fmt: skip

    def of_today(self) -> NDArray[Any]:
        """All attempts of the day, retries among them, as they ended."""
        return self.attempts.view(np.ndarray)[: self._count]

    def close_window(self, ids: Ints) -> None:
        """Tell the retries which transactions they repeat."""
        if self._more:
            note_ids(self.attempts, self._current, len(self._current), ids, self._place, self._again, self._more)

    def carry_over(self, tomorrow: int, due: Records, used: int) -> int:
        """Hand the retries of the last window to tomorrow; returns the used rows of ``due``."""
        return int(carry_over(self.attempts, self._again, self._more, tomorrow, due, used)) if self._more else used

    @property
    def pending(self) -> int:
        """Retries that wait for the next window."""
        return self._more
