"""What falls due on later days, kept until its day comes."""

import numpy as np

from simulator.ledger import DUE
from simulator.records import Records, grown, records


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

    def take(self, day: int) -> Records:
        """Remove and return what falls due by a day, ordered by initiator."""
        waiting = self.table[: self.used].view(np.recarray)
        falls = waiting.day <= day
        due, later = waiting[falls].view(np.recarray), waiting[~falls]
        self.table[: len(later)] = later
        self.used = len(later)
        return due[np.argsort(due.attempt.initiator, kind="stable")].view(np.recarray)
