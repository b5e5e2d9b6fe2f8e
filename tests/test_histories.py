"""Versions from histories: what was true on a day is what was true on that day."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.lives.agenda import Agenda
from simulator.record.histories import OPEN, values, versions

CHANGES = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 3), st.integers(0, 9)), max_size=12)


@given(CHANGES, st.lists(st.integers(0, 8), min_size=4, max_size=4), st.integers(5, 12))
def test_every_day_has_the_version_that_was_true_then(changes: list[tuple[int, int, int]], since: list[int], end: int) -> None:
    """Catches a version of no days, two on one day, a change of the same day counted twice, and what begins after the end."""
    changes = sorted(change for change in changes if change[0] > since[change[1]])
    now = np.arange(4) + 100
    past: dict[str, Any] = {}
    if changes:
        day, row, before = (np.array(column) for column in zip(*changes, strict=True))
        past = {"day": day, "row": row, "said": before}
    rows = np.arange(4)
    found = versions(past, rows, np.array(since), np.full(4, OPEN), end)
    said = values("said", found, past, rows, now)
    for row in range(4):
        mine = [
            (int(a), int(b), int(v), int(k))
            for p, a, b, v, k in zip(*found[:1], found.since, found.until, said, found.number, strict=True)
            if p == row
        ]
        assert [k for *_, k in mine] == list(range(len(mine)))
        for when in range(end + 1):
            holds = [v for a, b, v, _ in mine if a <= when <= b]
            later = [b for d, r, b in changes if r == row and d > when]
            assert holds == ([later[0] if later else int(now[row])] if when >= since[row] else [])


def test_rows_that_nobody_asked_for_are_left_out() -> None:
    past = {"day": np.array([3, 4]), "row": np.array([7, 2])}
    found = versions(past, np.array([2, 5]), np.array([0, 1]), np.array([9, OPEN]), 20)
    assert found.place.tolist() == [0, 0, 1]
    assert found.since.tolist() == [0, 4, 1]
    assert found.until.tolist() == [3, 9, OPEN]


def test_the_agenda_gives_each_day_its_steps_once() -> None:
    agenda = Agenda()
    agenda.put(np.array([5, 3, 5]), 1, np.array([10, 11, 12]), 4)
    agenda.put(3, 2, np.array([13]))
    stored = agenda.dump()
    again = Agenda()
    again.load(stored)
    for plan in (agenda, again):
        assert plan.take(3)["row"].tolist() == [11, 13]
        assert len(plan.take(3)) == 0
        assert plan.take(5)["row"].tolist() == [10, 12]
        assert len(plan.dump()) == 0
