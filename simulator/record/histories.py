"""Histories turned into versions: what was true of a row from which day to which."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints

OPEN = 2**31 - 1
"""Day that stands for none yet."""


class Versions(NamedTuple):
    """Columns over versions, ordered by row and day."""

    place: Ints
    """Of the row among those asked for."""
    entry: Ints
    """Entry of the history that says what was true until then; -1 where it is true now."""
    number: Ints
    """0 for the first version of a row."""
    since: Ints
    until: Ints
    """Last day."""


def versions(past: dict[str, NDArray[Any]], row: Ints, since: Ints, until: Ints, end: int) -> Versions:
    """The versions of some rows.

    Args:
        past: a history, see `simulator.lives.diary`.
        row: rows asked for, ascending.
        since: first day of each.
        until: last day of each, OPEN where it goes on.
        end: last day of the run; what begins later is not told.
    """
    changed = past.get("row", np.zeros(0, np.int64)).astype(np.int64)
    place = np.searchsorted(row, changed)
    asked = np.flatnonzero(place < len(row))
    asked = asked[row[place[asked]] == changed[asked]]
    everyone = np.arange(len(row))
    where = np.concatenate([place[asked], everyone])
    day = np.concatenate([past["day"][asked].astype(np.int64), until + 1]) if len(asked) else until + 1
    entry = np.concatenate([asked, np.full(len(row), -1)])
    order = np.lexsort((np.where(entry < 0, len(changed), entry), where))
    where, day, entry = where[order], day[order], entry[order]
    first = np.append(True, where[1:] != where[:-1]) if len(where) else np.zeros(0, bool)
    begins = np.where(first, since[where], np.append(0, day[:-1])) if len(where) else day
    # Two changes on one day make one; what ends before it begins was never true.
    kept = (begins < day) & (begins <= end)
    where, entry, begins, ends = where[kept], entry[kept], begins[kept], day[kept] - 1
    first = np.append(True, where[1:] != where[:-1]) if len(where) else np.zeros(0, bool)
    start = np.flatnonzero(first)
    number = np.arange(len(where)) - np.repeat(start, np.diff(np.append(start, len(where))))
    return Versions(where, entry, number, begins, ends)


def values(name: str, found: Versions, past: dict[str, NDArray[Any]], row: Ints, now: NDArray[Any]) -> NDArray[Any]:
    """A column of what was true in each version; ``now`` is the column as it is, by row."""
    current = now[row[found.place]]
    if not past:
        return current
    return np.where(found.entry < 0, current, past[name][np.maximum(found.entry, 0)])
