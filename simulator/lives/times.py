"""Moments of a UTC day for many at once, as `simulator.day.hours` has them for kernels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.day.hours import DAY, HOUR
from simulator.draws import Ints


def times_between(offset: int, first: int, hours: int, word: NDArray[Any]) -> Ints:
    """Moments between local hours ``first`` and ``first + hours``, one for each word; whole seconds."""
    return (first * HOUR + (word.astype(np.int64) * (hours * 3600) >> 32) * 1_000_000 - offset) % DAY


EVENING = DAY - 60_000_000
"""What holds from the next day on is noted in the last minute of the UTC day."""


def last_minute(word: NDArray[Any]) -> Ints:
    """Moments of the last minute but for its last seconds, one for each word; whole milliseconds."""
    return EVENING + (word.astype(np.int64) * 55_000 >> 32) * 1000
