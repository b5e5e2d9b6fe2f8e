"""What audits and measures draw by lot: at addresses too, so that it says the same of the same rows anywhere."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, words

SEED = 20250101


class For(IntEnum):
    """What a lot is for."""

    RULE = 0
    EVENTS = 1
    OWNERS = 2
    HALVES = 3
    MODELS = 4
    GUILTY_CASES = 5
    INNOCENT_CASES = 6
    ACCOUNTS = 7
    ORDER = 8
    BASELINE = 9
    EXCHANGED = 10
    PAYEE = 11
    RESAMPLED = 12
    DEALT = 13


def lots(number: int, purpose: For, seed: int = SEED) -> NDArray[np.uint32]:
    """A lot for each of so many things, shape (number,)."""
    lot: NDArray[np.uint32] = words(seed, np.arange(number, dtype=np.int64), Why.AUDIT, int(purpose))[0]
    return lot


def shuffled[T: np.generic](rows: NDArray[T], purpose: For, seed: int = SEED) -> NDArray[T]:
    """Rows in an order drawn by lot."""
    return rows[np.argsort(lots(len(rows), purpose, seed), kind="stable")]


def some(rows: Ints, most: int, purpose: For, seed: int = SEED) -> Ints:
    """At most so many of some rows, in order.

    Args:
        rows: Whatever is drawn from.
        most: How many are wanted.
        purpose: What for.
        seed: Key of the lots.
    """
    if len(rows) <= most:
        return rows
    return rows[np.sort(np.argsort(lots(len(rows), purpose, seed), kind="stable")[:most])]
