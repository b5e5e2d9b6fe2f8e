"""Public ids: a keyed bijection of row numbers, so that an id carries no order and no count.

A four-round Feistel network over the low bits of (kind of entity, row), keyed by the seed. Ids of a row do not depend
on how many rows there are.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, words


class Kind(IntEnum):
    """Kinds of entity that have ids of their own; append only."""

    CUSTOMER = 1
    FIRM = 2
    ACCOUNT = 3
    CARD = 4
    TERMINAL = 5
    HOUSEHOLD = 6


def _mix(value: NDArray[np.uint64], key: int, bits: int) -> NDArray[np.uint64]:
    """Round function: a multiply-xorshift hash cut to ``bits``."""
    mixed = (value + np.uint64(key)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return mixed >> np.uint64(64 - bits)


def public_ids(seed: int, kind: Kind, rows: Ints, bits: int = 40) -> Ints:
    """Ids of rows, in [0, 2^bits).

    Args:
        seed: key of the world.
        kind: which ids; each kind has its own bijection.
        rows: row numbers below 2^bits.
        bits: even width of the ids; 30 for columns that are int32.
    """
    half = np.uint64(bits // 2)
    mask = np.uint64((1 << (bits // 2)) - 1)
    keys = [int(word) for which in (0, 1) for word in words(seed, np.array([int(kind)]), Why.IDENTITY, which)[:, 0]][:4]
    left, right = rows.astype(np.uint64) >> half, rows.astype(np.uint64) & mask
    with np.errstate(over="ignore"):
        for key in keys:
            left, right = right, left ^ _mix(right, key, bits // 2)
    return ((left << half) | right).astype(np.int64)
