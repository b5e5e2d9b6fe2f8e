"""Digests over canonical values, so that equal data have equal digests however they are stored.

Text counts as text, not as dictionary codes; a table's digest is the digest of its blocks' digests in order.
"""

import json
from collections.abc import Iterable
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

from simulator.kernel import kernel
from simulator.population.world import World


@kernel
def _spell(codes: NDArray[np.integer[Any]], table: NDArray[np.uint32], out: NDArray[np.uint32]) -> None:
    """Codes as what stands for their words; NumPy's indexing would widen every code first."""
    for i in range(codes.shape[0]):
        out[i] = table[np.int64(codes[i])]


def _canonical(column: pa.Array) -> list[NDArray[Any]]:
    """A column as arrays of plain bytes whose rows can be sliced."""
    if pa.types.is_dictionary(column.type):
        # A missing word has the place after the last, which stands for none.
        table = np.array([*(crc32(str(word).encode()) for word in column.dictionary.to_pylist()), 0], np.uint32)
        indices = pc.fill_null(column.indices, len(table) - 1) if column.null_count else column.indices
        codes = indices.to_numpy(zero_copy_only=False)
        spelt = np.empty(len(codes), np.uint32)
        _spell(codes, table, spelt)
        return [spelt]
    if pa.types.is_nested(column.type):
        return [np.array([crc32(json.dumps(value).encode()) for value in column.to_pylist()], np.uint32)]
    if pa.types.is_string(column.type):
        return [np.array([crc32(word.encode()) if word is not None else 0 for word in column.to_pylist()], np.uint32)]
    if pa.types.is_boolean(column.type):
        return [column.cast(pa.int8()).to_numpy(zero_copy_only=False)]
    missing = [column.is_null().cast(pa.int8()).to_numpy(zero_copy_only=False)] if column.null_count else []
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.int64() if column.type.bit_width == 64 else pa.int32())
    return [*missing, (pc.fill_null(column, 0) if column.null_count else column).to_numpy(zero_copy_only=False)]


def block_digests(table: pa.Table, ends: Iterable[int]) -> bytes:
    """Digests of consecutive blocks of rows, 16 bytes each; ``ends`` are the rows after each block."""
    columns = [
        part for column in table.columns for part in _canonical(column.combine_chunks() if column.num_chunks != 1 else column.chunk(0))
    ]
    digests, start = [], 0
    for end in ends:
        digest = xxhash.xxh3_128()
        for column in columns:
            digest.update(np.ascontiguousarray(column[start:end]))
        digests.append(digest.digest())
        start = end
    return b"".join(digests)


def table_digest(table: pa.Table) -> str:
    """Digest of a table that is one block."""
    return xxhash.xxh3_128_hexdigest(block_digests(table, [table.num_rows]))


def run_digest(digests: dict[str, str]) -> str:
    """Digest of a run: of its tables' names and digests."""
    return xxhash.xxh3_128_hexdigest("\n".join(f"{name} {digest}" for name, digest in sorted(digests.items())).encode())


def lookup_digest(world: World) -> str:
    """Digest of the integer tables and rules that kernels decide by; equal wherever NumPy rounds alike (law 9)."""
    digest = xxhash.xxh3_128()
    for group in (world.tables, world.rules, world.ways, world.market):
        for name, value in group._asdict().items():
            if name == "seat":  # changes
                continue
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(value, np.int64))
    return digest.hexdigest()
