"""The spool: recorded events of a run as they happen, raw and in order, until they become one table at the end.

A file of equal records in the run folder; nothing in it is code, and a run that goes on cuts it to what its state knows.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simulator.errors import InputError
from simulator.records import Records, records
from simulator.runner.happened import HAPPENED

SPOOL = ".events"


class Spool:
    """Events in a file.

    Args:
        path: the file; made anew with the first day unless `resume` is called.

    Attributes:
        counts: Events of each day that had any, in order.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: list[int] = []
        self._begun = False

    def resume(self, counts: list[int]) -> None:
        """Go on after the days whose events are in the file already."""
        self.counts, self._begun = list(counts), True
        with self.path.open("ab") as file:
            file.truncate(sum(counts) * HAPPENED.itemsize)

    def add(self, events: Records) -> None:
        """Append a day."""
        with self.path.open("ab" if self._begun else "wb") as file:
            file.write(np.ascontiguousarray(events).view(np.uint8))  # which says what is wrong with a disk
        self._begun = True
        if len(events):
            self.counts.append(len(events))

    def chunks(self, size: int) -> Iterator[tuple[Records, list[int]]]:
        """Whole days, gathered until they are at least ``size`` events; with the end of each day in the chunk.

        A chunk lies where the one before lay.
        """
        room, ends = records(HAPPENED, 0), list[int]()
        if not self.counts:
            return
        with self.path.open("rb") as file:
            for day, count in enumerate(self.counts):
                ends.append((ends[-1] if ends else 0) + count)
                if ends[-1] >= size or day == len(self.counts) - 1:
                    if ends[-1] > len(room):
                        room = records(HAPPENED, ends[-1] * 9 // 8)
                    chunk = room[: ends[-1]]
                    if file.readinto(chunk.view(np.uint8)) != chunk.nbytes:
                        raise OSError(f"{self.path} is cut")
                    yield chunk.view(Records), ends
                    ends = []


def check_spool(folder: Path, counts: list[int]) -> None:
    """Make sure that the events a state counts on are there.

    Raises:
        InputError: they are not.
    """
    path = folder / SPOOL
    if sum(counts) and (not path.is_file() or path.stat().st_size < sum(counts) * HAPPENED.itemsize):
        raise InputError(f"--resume: {path} is gone or cut, and the run cannot go on without it; run it anew with --force")
