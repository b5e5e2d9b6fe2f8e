"""Public ids: a keyed bijection of row numbers, so that an id carries no order and no count.

A four-round Feistel network over the low bits of (kind of entity, row), keyed by the seed. Ids of a row do not depend
on how many rows there are, and need no table: kernels compute them where a row is written.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, words
from simulator.kernel import kernel, step

BITS = 40
"""Width of an id; 30 in columns that are int32."""


class Kind(IntEnum):
    """Kinds of entity that have ids of their own; append only."""

    CUSTOMER = 1
    FIRM = 2
    ACCOUNT = 3
    CARD = 4
    TERMINAL = 5
    HOUSEHOLD = 6
    DEVICE = 7
    NETWORK = 8
    IDENTIFIER = 9


_LOW = np.uint64(0xFFFFFFFF)
_MULTIPLIER = np.uint64(0x9E3779B1)
_OTHER = np.uint64(0x85EBCA6B)
_32, _64 = np.uint64(32), np.uint64(64)


@step
def _mix(half: np.uint64, key: np.uint64, bits: np.uint64) -> np.uint64:
    """Round function: two multiplications of 32-bit words, cut to ``bits``; no product passes 64 bits."""
    product = ((half + key) & _LOW) * _MULTIPLIER
    product = ((product ^ (product >> _32)) & _LOW) * _OTHER
    return product >> (_64 - bits)


@kernel
def public_id(keys: NDArray[np.uint64], kind: int, row: int, half: int) -> int:
    """Public id of one row.

    Args:
        keys: what `keys_of` gives.
        kind: a member of Kind.
        row: below 2^(2 half).
        half: half the width of the id, in bits.
    """
    bits = np.uint64(half)
    mask = (np.uint64(1) << bits) - np.uint64(1)
    left = np.uint64(row) >> bits
    right = np.uint64(row) & mask
    for turn in range(4):
        mixed = _mix(right, keys[kind, turn], bits)
        left, right = right, left ^ mixed
    return int(np.int64((left << bits) | right))


@kernel
def _fill(keys: NDArray[np.uint64], kind: int, half: int, rows: Ints, out: Ints) -> None:
    for i in range(rows.shape[0]):
        out[i] = public_id(keys, kind, rows[i], half)


def keys_of(seed: int) -> NDArray[np.uint64]:
    """Keys of every kind's bijection, shape (kinds, 4)."""
    kinds = np.arange(max(Kind) + 1, dtype=np.int64)
    return np.ascontiguousarray(words(seed, kinds, Why.IDENTITY).T.astype(np.uint64))


def public_ids(seed: int, kind: Kind, rows: Ints, bits: int = BITS) -> Ints:
    """Ids of rows, in [0, 2^bits).

    Args:
        seed: key of the world.
        kind: which ids; each kind has its own bijection.
        rows: row numbers below 2^bits.
        bits: even width of the ids; 30 for columns that are int32.
    """
    out = np.empty(len(rows), np.int64)
    _fill(keys_of(seed), int(kind), bits // 2, np.ascontiguousarray(rows, np.int64), out)
    return out
