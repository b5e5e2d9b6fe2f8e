"""The runner: shards on threads, windows in order, one clearing."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.clearing import BUCKETS, HELD, clear, sort_block
from simulator.clock import Today
from simulator.codes import Method, Purpose
from simulator.day import plan_firms, plan_people
from simulator.draws import Ints
from simulator.events import DISPUTE, EVENT, Notes
from simulator.ledger import ATTEMPT, ROW, Became
from simulator.population.accounts import PERSON_ROWS
from simulator.population.world import World
from simulator.records import Records, grown, records
from simulator.runner.flights import Flights
from simulator.runner.lane import Lane
from simulator.runner.postponed import Postponed
from simulator.watch import MOST

SHARDS_FROM = 50_000
"""Worlds below this many customers run as one shard unless told otherwise."""


Judge = Callable[[Today, Records], NDArray[np.int16]]
"""Says of attempts in row order which are refused: by their score, above 0; 0 for what may pass."""


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
        self.flights = Flights()
        self.totals = np.zeros(6, np.int64)
        self.notes = Notes(records(EVENT, 64), records(DISPUTE, 64), np.zeros(2, np.int64))
        self.tally = np.zeros((2, len(Purpose), len(Method), HELD + 1), np.int64)
        currencies = world.layout.bank_base - world.layout.dealer_base
        self.crossed = np.zeros((4, currencies, 2, len(Purpose)), np.int64)
        self.outage = np.zeros((2, world.rules.windows), np.int64)
        """Chances of 2^32, by window of today: that the card network fails, and that who was refused for it tries again."""
        self.banked = np.zeros((world.layout.banks, 2, len(Purpose)), np.int64)
        self.shards = shards
        self._workers = min(workers, shards)
        self._pool: ThreadPoolExecutor | None = None
        self._disputed = 0
        self._ordered: list[tuple[Lane, int, int]] = []
        self._cleared_rows = 0
        self._cleared: tuple[Records, int, int] = records(ROW, 0), 0, 0
        self.refused: tuple[Ints, Ints] = np.zeros(0, np.int64), np.zeros(0, np.int64)
        """Rows of the window's block that a judge refused, and their scores."""
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
        self.notes.used[0] = 0
        self._disputed = int(self.notes.used[1])

        def work(pair: tuple[Lane, Lane]) -> None:
            for lane in pair:
                lane.plan(self.world, today, due)

        self._each(work, zip(self._people, self._firms, strict=True))

    def refuse(self, window: int, accounts: Ints) -> None:
        """Card payments from accounts of people whose card is blocked will be declined in a window."""
        for lane in self._people:
            mine = accounts[(accounts >= lane.first * PERSON_ROWS) & (accounts < lane.last * PERSON_ROWS)]
            if len(mine):
                lane.refuse(window, mine)
                if self.outage[0].any():
                    lane.refuse_other_cards(mine)

    @property
    def cleared(self) -> tuple[Records, Ints, int]:
        """The window's block as decided, in order of initiators, its transactions, and how many there are."""
        return self._block, self._ids, self._cleared_rows

    def order(self, orders: Records, initiators: list[int]) -> None:
        """Orders of stories, by initiator, join the payments of the coming window; each goes to its payer's shard."""
        self._ordered = []
        for number, lane in enumerate(self.lanes):
            base = 0 if number < len(self._people) else self.world.layout.people
            first, last = bisect_left(initiators, base + lane.first), bisect_left(initiators, base + lane.last)
            if first < last:
                lane.order(orders, first, last)
                self._ordered.append((lane, first, last))

    def heard(self) -> list[Became]:
        """What became of the window's orders, in the order in which they were given."""
        found = np.zeros((max((last for _, _, last in self._ordered), default=0), len(Became._fields)), np.int64)
        seen, used, first_id = self._cleared
        for lane, first, last in self._ordered:
            lane.hear(self._block, self._ids, first, last, seen, used - first_id, found)
        self._ordered = []
        return [Became._make(row) for row in found.tolist()]

    def settle(self, today: Today, window: int) -> None:
        """Credits whose value date is the start of the window reach their payees."""
        self.flights.open_window(self.world, today, window)

    def authorise(self, today: Today, window: int, judge: Judge | None = None) -> int:
        """Every shard decides its attempts of a window, those that a judge refuses among them. Returns the rows of the block."""
        places = np.concatenate([[0], np.cumsum([lane.open_window(window) for lane in self.lanes])])
        if judge is not None:
            self._judge(today, judge)
        if places[-1] > len(self._order):
            self._fit(int(places[-1]) * 5 // 4)
        shards, world = len(self._people), self.world
        fails, again = (int(chance) for chance in self.outage[:, window])
        if fails:
            world = world._replace(rules=world.rules._replace(outage=fails, tries_again=again))

        def work(s: int) -> None:
            self._people[s].authorise(world, today.day, self._block, int(places[s]))
            self._firms[s].authorise(world, today.day, self._block, int(places[shards + s]))

        self._each(work, range(shards))
        return int(places[-1])

    def _judge(self, today: Today, judge: Judge) -> None:
        """What is refused before authorisation is bound to fail."""
        waiting = np.concatenate([lane.waiting() for lane in self.lanes]).view(Records)
        order = np.lexsort((waiting.sequence, waiting.initiator, waiting.time))
        scores = np.zeros(len(waiting), np.int64)
        scores[order] = judge(today, waiting[order])
        rows = np.flatnonzero(scores)
        self.refused = rows, scores[rows]  # attempts wait in the order in which the block will hold them
        first = 0
        for lane in self.lanes:
            last = first + lane.waits
            lane.fail(scores[first:last] > 0)
            first = last

    def clear(self, today: Today, window: int, count: int, recorder: Recorder) -> None:
        """Book the window's block in its one order and hand it to the recorder."""
        world = self.world
        sort_block(self._block, count, window * world.rules.window_length, self._order, self._spare, self._ids, self._bins)
        seen, unseen, self.totals[0], self.totals[1] = recorder.reserve(count)
        self._cleared_rows = count
        self._cleared = seen, int(self.totals[0]), int(self.totals[2])
        due = self.postponed.reserve(2 * count)  # what follows from a row, and a fee for it
        self.totals[4] = self.postponed.used
        self.flights.assign(today, window, count)
        self._reserve_notes(count)
        clear(
            world.accounts, world.layout, world.rules, world.firms, today, window, self._block, self._order, count,
            seen, unseen, self.totals, self._ids, due, self.tally, self.flights.credits, self.flights.used,
            world.people, self.crossed, self.notes, world.debts, self.banked,
        )  # fmt: skip
        self.postponed.used = int(self.totals[4])
        for lane in self.lanes:
            lane.close_window(self._ids)
        recorder.block(today.day, window, int(self.totals[0]), int(self.totals[1]))

    def _reserve_notes(self, rows: int) -> None:
        """Room for what so many rows may make the banks note."""
        events, disputes = (int(used) for used in self.notes.used)
        if events + MOST * rows > len(self.notes.events):
            self.notes = self.notes._replace(events=grown(self.notes.events, events + MOST * rows * 5 // 4))
        if disputes + rows > len(self.notes.disputes):
            self.notes = self.notes._replace(disputes=grown(self.notes.disputes, disputes * 5 // 4 + rows * 5 // 4))

    def dispute(self, **fields: int) -> None:
        """A purchase of an earlier day is disputed; ``fields`` are those of `simulator.events.DISPUTE`."""
        self._reserve_notes(1)
        n = int(self.notes.used[1])
        for name, value in fields.items():
            self.notes.disputes[name][n] = value
        self.notes.used[1] = n + 1

    @property
    def events(self) -> list[Records]:
        """The day's events: noted with plans, in order of initiators, then those noted with cleared rows, in order of rows."""
        planned = [lane.events[: lane.noted[0]] for lane in self.lanes]
        return [*planned, self.notes.events[: self.notes.used[0]]]

    @property
    def disputes(self) -> Records:
        """The rows so far that belong to disputes."""
        return self.notes.disputes[: self.notes.used[1]].view(Records)

    @property
    def new_disputes(self) -> Records:
        """Those of the day."""
        return self.disputes[self._disputed :].view(Records)

    def close(self, today: Today) -> None:
        """Retries of the last window fall due tomorrow."""
        due = self.postponed.reserve(sum(lane.pending for lane in self.lanes))
        for lane in self.lanes:
            self.postponed.used = lane.carry_over(today.day + 1, due, self.postponed.used)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_pool": None}
