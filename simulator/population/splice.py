"""Sparse rows of people written anew: what did not change is copied, what did is put in its place."""

import numpy as np

from simulator.draws import Ints
from simulator.kernel import kernel
from simulator.records import Records, records


@kernel
def _copy(old: Records, start: Ints, source: Ints, fresh: Records, first: Ints, out: Records, begin: Ints) -> None:
    """Rows of each person: those of ``source`` in ``old``, or, where it is below 0, those from ``first`` on in ``fresh``."""
    for person in range(source.shape[0]):
        n = begin[person]
        size = begin[person + 1] - n
        place = start[source[person]] if source[person] >= 0 else first[person]
        for i in range(size):
            if source[person] >= 0:
                out[n + i] = old[place + i]
            else:
                out[n + i] = fresh[place + i]


def splice(old: Records, start: Ints, source: Ints, fresh: Records, first: Ints, count: Ints) -> tuple[Records, Ints]:
    """A table of sparse rows in which some people's rows are replaced.

    Args:
        old: the table.
        start: first row of each person in it; N + 1 entries.
        source: whose rows each person has from now on; -1 for rows of ``fresh``.
        fresh: new rows.
        first: first of them of each person whose source is -1.
        count: how many they are.

    Returns:
        The new table and the first row of each person.
    """
    size = np.where(source >= 0, np.diff(start)[np.maximum(source, 0)], count)
    begin = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    out = records(old.dtype, int(begin[-1]))
    _copy(old, start, source.astype(np.int64), fresh, first.astype(np.int64), out, begin)
    return out, begin
