"""Rows in an order of integer keys, the same on any processor whatever its way to sort."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints


def ordered(group: NDArray[np.integer[Any]], fine: NDArray[np.integer[Any]] | int = 0, bits: int = 0) -> Ints:
    """Places in order of group, then of ``fine``, then of place; each key is unique, so no sort can differ.

    Args:
        group: at least 0; its bits, ``bits`` and those of the number of rows are at most 63.
        fine: at least 0 and below 2^bits.
        bits: width of ``fine``.
    """
    width = len(group).bit_length()
    keys = ((np.asarray(group, np.int64) << bits | fine) << width) | np.arange(len(group))
    keys.sort()
    return keys & ((1 << width) - 1)
