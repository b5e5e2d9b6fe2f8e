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


def here(people: Records, day: int, rows: Ints | slice = slice(None)) -> NDArray[np.bool_]:
    """`is_here` for many."""
    found: NDArray[Any] = (people.joined[rows] <= day) & (people.left[rows] > day)
    return found
