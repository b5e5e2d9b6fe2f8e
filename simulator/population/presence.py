"""Who is there: rows stand for everyone who was, is or will be a customer, and are never used again."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.kernel import step
from simulator.records import Records

NEVER = 2**31 - 1
"""A day that does not come: of leaving, closing, joining."""


@step
def is_here(people: Records, person: int, day: int) -> bool:
    """Whether a person lives here as a customer on a day."""
    return bool(np.int64(people.joined[person]) <= day) and bool(day < np.int64(people.left[person]))


@step
def is_open(firms: Records, firm: int, day: int) -> bool:
    """Whether a firm does business on a day."""
    return bool(np.int64(firms.opened[firm]) <= day) and bool(day < np.int64(firms.closed[firm]))


def here(people: Records, day: int, rows: Ints | slice = slice(None)) -> NDArray[np.bool_]:
    """`is_here` for many."""
    found: NDArray[Any] = (people.joined[rows] <= day) & (people.left[rows] > day)
    return found


KEPT = 150
"""Days after its last for which a closed firm's accounts take what is still on its way: captures, refunds, disputes (assumption)."""


def trading(firms: Records, day: int, rows: Ints | slice = slice(None)) -> NDArray[np.bool_]:
    """`is_open` for many."""
    found: NDArray[Any] = (firms.opened[rows] <= day) & (firms.closed[rows] > day)
    return found


def last_days(firms: Records) -> tuple[Ints, Ints]:
    """Last day of each firm's business, and of its accounts; NEVER where it stays."""
    closed = firms.closed.astype(np.int64)
    return np.where(closed < NEVER, closed - 1, NEVER), np.where(closed < NEVER, closed + KEPT, NEVER)
