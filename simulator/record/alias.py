"""Stand-ins for accounts that a viewer may not see.

A stand-in is SipHash-2-4 (Aumasson and Bernstein 2012) of the account, keyed by the run and the viewer. The same account is the
same stand-in in everything that one viewer sees, two viewers' stand-ins have nothing in common, and without the run nobody has
the key: its digest stands in the manifest of the run, and in nothing that is exported from it.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Words = NDArray[np.uint64]

FIRST = 1 << 52
"""Stand-ins are in [2^52, 2^53): no account has such a number, and every program reads it exactly, also as a float."""


def viewer_key(manifest: dict[str, Any], viewer: str) -> bytes:
    """The key of a viewer's stand-ins, 16 bytes.

    Args:
        manifest: The manifest of the run.
        viewer: Name of the view.
    """
    digests = manifest.get("digests", {})
    text = f"accounts of run {digests.get('run') or digests.get('scenario')} for {viewer}"
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def aliases(accounts: NDArray[np.int64], key: bytes) -> NDArray[np.int64]:
    """Stand-ins of accounts; -1, an unknown one, stays -1."""
    hashed = siphash(accounts.view(np.uint64), key) >> np.uint64(12)
    return np.where(accounts < 0, -1, (hashed | np.uint64(FIRST)).view(np.int64))


def siphash(values: Words, key: bytes) -> Words:
    """SipHash-2-4 of 8 bytes each.

    Args:
        values: The bytes, as little-endian numbers.
        key: 16 bytes.
    """
    first, second = (np.uint64(word) for word in np.frombuffer(key, "<u8"))
    state = [np.full(len(values), first if place % 2 == 0 else second) for place in range(4)]
    for word, constant in zip(state, (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573), strict=True):
        word ^= np.uint64(constant)
    for block in (values, np.uint64(8 << 56)):
        state[3] ^= block
        _rounds(state, 2)
        state[0] ^= block
    state[2] ^= np.uint64(0xFF)
    _rounds(state, 4)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _rounds(state: list[Words], count: int) -> None:
    for _ in range(count):
        _half(state, 0, 1, 13, 32)
        _half(state, 2, 3, 16, 0)
        _half(state, 0, 3, 21, 0)
        _half(state, 2, 1, 17, 32)


def _half(state: list[Words], sum_: int, mixed: int, turn: int, after: int) -> None:
    """Add, rotate, exclusive-or; NumPy's unsigned arrays wrap as the algorithm wants."""
    state[sum_] += state[mixed]
    state[mixed] = _rotated(state[mixed], turn) ^ state[sum_]
    if after:
        state[sum_] = _rotated(state[sum_], after)


def _rotated(words: Words, turn: int) -> Words:
    return (words << np.uint64(turn)) | (words >> np.uint64(64 - turn))
