"""What falls due on later days, kept until its day comes."""

import numpy as np

from simulator.draws import Ints
from simulator.ledger import ATTEMPT, DUE
from simulator.records import Records, grown, records

_PLAIN = np.zeros(1, ATTEMPT)
for _name in ("related", "origin", "firm", "terminal"):
    _PLAIN[_name] = -1


class Postponed:
    """Payments of later days, in the order in which they were postponed."""

    def __init__(self) -> None:
        self.table: Records = records(DUE, 1024)
        self.used = 0

    def reserve(self, rows: int) -> Records:
        """Records with room for ``rows`` more."""
        if self.used + rows > len(self.table):
            self.table = grown(self.table, max(self.used + rows, 2 * len(self.table)))
        return self.table

    def plan(self, day: Ints | int, rows: int, **fields: Ints | int) -> None:
        """Postpone plain payments that the day's close arranges.

        Args:
            day: on which each falls due, days since 1970.
            rows: how many.
            fields: fields of `simulator.ledger.ATTEMPT`; payments of a fixed amount that no firm accepts by default.
        """
        new = self.reserve(rows).view(np.ndarray)[self.used : self.used + rows]
        attempt = new["attempt"]
        attempt[:] = _PLAIN
        new["day"] = day
        for name, field in fields.items():
            attempt[name] = field
        self.used += rows

    def take(self, day: int) -> Records:
        """Remove and return what falls due by a day, ordered by initiator."""
        waiting = self.table[: self.used]
        falls = waiting.day <= day
        due, later = waiting[falls], waiting[~falls]
        self.table[: len(later)] = later
        self.used = len(later)
        return due[np.argsort(due.attempt.initiator, kind="stable")].view(Records)
