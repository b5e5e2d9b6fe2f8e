"""The runner: shards on threads, windows in order, one clearing."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np

from simulator.clearing import BUCKETS, clear, sort_block
from simulator.clock import Today
from simulator.codes import Method, Purpose
from simulator.day import plan_firms, plan_people
from simulator.draws import Ints
from simulator.ledger import ATTEMPT
from simulator.population.world import World
from simulator.records import Records, records
from simulator.runner.lane import Lane
from simulator.runner.postponed import Postponed

SHARDS_FROM = 50_000
"""Worlds below this many customers run as one shard unless told otherwise."""


class Recorder(Protocol):
    """Takes the finished rows of each window."""

    def reserve(self, rows: int) -> tuple[Records, Records, int, int]:
        """Room for ``rows`` more: seen and unseen columns, and how many rows of each are used."""

    def block(self, day: int, window: int, seen: int, unseen: int) -> None:
        """A window is written; ``seen`` and ``unseen`` are the used rows now."""


def cuts(household: Ints, shards: int) -> list[int]:
    """Bounds of shards: equal parts of the people, cut at households; the last are empty where households are few."""
    size = len(household)
    starts = np.append(np.flatnonzero(np.append(True, household[1:] != household[:-1])), size)
    return [*(int(starts[np.searchsorted(starts, size * s // shards)]) for s in range(shards)), size]


class Runner:
    """Plans, authorises and clears a world day by day.

    Args:
        world: the columns.
        shards: how many parts of the world; any number gives the same bits.
        workers: threads that carry them.
    """

    def __init__(self, world: World, shards: int = 1, workers: int = 1) -> None:
        self.world = world
        self.postponed = Postponed()
        self.totals = np.zeros(6, np.int64)
        self.tally = np.zeros((2, len(Purpose), len(Method), 3), np.int64)
        self.shards = shards
        self._workers = min(workers, shards)
        self._pool: ThreadPoolExecutor | None = None
        windows = world.rules.windows
        people = cuts(world.people.household, shards)
        firms = [world.layout.firms * s // shards for s in range(shards + 1)]
        self._people = [Lane(plan_people, people[s], people[s + 1], windows) for s in range(shards)]
        self._firms = [Lane(plan_firms, firms[s], firms[s + 1], windows) for s in range(shards)]
        # Records of a block lie in order of initiator before it is sorted: all people, then all firms.
        self.lanes = [*self._people, *self._firms]
        self._fit(1024)

    def _fit(self, rows: int) -> None:
        """Make room in the block."""
        self._block: Records = records(ATTEMPT, rows)
        self._order, self._spare = np.zeros(rows, np.int32), np.zeros(rows, np.int32)
        self._ids = np.zeros(rows, np.int64)
        self._bins = np.zeros(BUCKETS, np.int64)

    def _each(self, work: Callable[[Any], None], shards: Iterable[Any]) -> None:
        if self._workers <= 1:
            for shard in shards:
                work(shard)
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._workers, "shard")
        list(self._pool.map(work, shards))

    def plan(self, today: Today) -> None:
        """Every shard plans its payments of the day."""
        due = self.postponed.take(today.day)

        def work(pair: tuple[Lane, Lane]) -> None:
            for lane in pair:
                lane.plan(self.world, today, due)

        self._each(work, zip(self._people, self._firms, strict=True))

    def authorise(self, today: Today, window: int) -> int:
        """Every shard decides its attempts of a window. Returns the rows of the block."""
        places = np.concatenate([[0], np.cumsum([lane.open_window(window) for lane in self.lanes])])
        if places[-1] > len(self._order):
            self._fit(int(places[-1]) * 5 // 4)
        shards = len(self._people)

        def work(s: int) -> None:
            self._people[s].authorise(self.world, today.day, self._block, int(places[s]))
            self._firms[s].authorise(self.world, today.day, self._block, int(places[shards + s]))

        self._each(work, range(shards))
        return int(places[-1])

    def clear(self, today: Today, window: int, count: int, recorder: Recorder) -> None:
        """Book the window's block in its one order and hand it to the recorder."""
        world = self.world
        sort_block(self._block, count, window * world.rules.window_length, self._order, self._spare, self._ids, self._bins)
        seen, unseen, self.totals[0], self.totals[1] = recorder.reserve(count)
        due = self.postponed.reserve(count)
        self.totals[4] = self.postponed.used
        clear(
            world.accounts, world.layout, world.rules, today.day, self._block, self._order, count,
            seen, unseen, self.totals, self._ids, due, self.tally,
        )  # fmt: skip
        self.postponed.used = int(self.totals[4])
        for lane in self.lanes:
            lane.close_window(self._ids)
        recorder.block(today.day, window, int(self.totals[0]), int(self.totals[1]))

    def close(self, today: Today) -> None:
        """Retries of the last window fall due tomorrow."""
        due = self.postponed.reserve(sum(lane.pending for lane in self.lanes))
        for lane in self.lanes:
            self.postponed.used = lane.carry_over(today.day + 1, due, self.postponed.used)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_pool": None}
