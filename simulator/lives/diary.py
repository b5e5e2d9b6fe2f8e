"""The diary: what changed in people's and firms' lives, as events of the day and as history for the entity tables."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Event
from simulator.draws import Ints
from simulator.events import EVENT, LATER, UNPLACED
from simulator.lives.agenda import Agenda
from simulator.records import Records, records

TOLD = (int(Event.ADDRESS_CHANGED), int(Event.DISPUTE_OPENED))
"""What customers themselves tell their bank on a later day."""


class Diary:
    """Collects what the day's close changes.

    Attributes:
        today: Events noted since the day was opened, in the order in which they were noted.
        waiting: Events of later days, in the order in which they were noted; checkpoints keep them.
        agenda: What will happen on later days; checkpoints keep it.
        history: By kind of change (such as ``"home"``), the changes so far as equal columns; every kind has `day` (days
            since 1970) and `row`, and what was true until then. Entity tables are built from it; checkpoints keep it.
    """

    def __init__(self) -> None:
        self.today: list[Records] = []
        self.waiting: Records = records(LATER, 0)
        self.agenda = Agenda()
        self.history: dict[str, list[dict[str, NDArray[Any]]]] = {}

    def note(self, kind: Event, who: Ints, time: Ints | int, **fields: NDArray[Any] | int) -> None:
        """Note one event each for many initiators.

        Args:
            kind: what happened.
            who: initiators: rows of people, or people + rows of firms.
            time: microseconds within the UTC day.
            fields: other fields of `simulator.events.EVENT`; `account` and `other` are -1 and the rest 0 by default.
        """
        if len(who):
            self.today.append(_events(kind, who, time, fields))

    def later(self, day: Ints | int, kind: Event, who: Ints, time: Ints | int, **fields: NDArray[Any] | int) -> None:
        """Note events of later days, one each for many initiators; nobody hears of them before ``day``, in days since 1970."""
        if len(who):
            rows = records(LATER, len(who))
            rows.day, rows["event"] = day, _events(kind, who, time, fields)
            self.waiting = np.concatenate([self.waiting, rows]).view(Records)

    def arrive(self, day: int, left: NDArray[np.int32] | None = None) -> None:
        """What was noted for this day is among its events.

        Args:
            day: days since 1970.
            left: day from which each person is gone; those tell the bank nothing any more.
        """
        due = self.waiting.day <= day
        if due.any():
            events = np.ascontiguousarray(self.waiting["event"][due])
            if left is not None:
                who = events["initiator"]
                gone = (who < len(left)) & (left[np.minimum(who, len(left) - 1)] <= day)
                events = events[~(gone & np.isin(events["kind"], TOLD))]
            self.today.append(events.view(Records))
            self.waiting = self.waiting[~due]

    def change(self, kind: str, day: int, rows: Ints, **before: NDArray[Any]) -> None:
        """Remember a change of many rows on a day: ``before`` holds what was true until then."""
        if len(rows):
            self.history.setdefault(kind, []).append({"day": np.full(len(rows), day, np.int32), "row": rows.astype(np.int32), **before})

    def past(self, kind: str) -> dict[str, NDArray[Any]]:
        """All changes of a kind as columns, in the order of days; empty where there are none."""
        parts = self.history.get(kind, [])
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}


def _events(kind: Event, who: Ints, time: Ints | int, fields: dict[str, NDArray[Any] | int]) -> Records:
    rows = records(EVENT, len(who))
    rows.kind, rows.initiator, rows.time = int(kind), who, time
    rows.account, rows.other, rows.place = -1, -1, UNPLACED
    for name, value in fields.items():
        rows[name] = value
    return rows
