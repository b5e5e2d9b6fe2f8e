"""The one recorder: finished rows into parts of Parquet, on threads, while the world goes on.

Rows gather in a chunk until it is full or the month ends; a chunk is one part. Memory is bounded by the chunks under
way, not by the length of the run.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from simulator.clock import EPOCH
from simulator.ledger import ROW
from simulator.record.digest import block_digests
from simulator.record.emit import SCHEMA, Emitter
from simulator.record.spool import Spool
from simulator.records import Records, grown, records

CHUNK = 500_000
"""Rows of a part."""

ROOM = CHUNK * 9 // 8
"""Rows that a chunk has room for from the start: memory that is not written to costs nothing."""

THREADS = 2
"""Chunks that are written side by side; as many more may wait."""

_WORDS = [field.name for field in SCHEMA if pa.types.is_dictionary(field.type)]
_RISING = ["transaction_id", "timestamp", "settled_at", "payer_account", "payee_account", "payer_bank", "payee_bank"]
"""Differences of these take few bits, packed as they stand: compressing them again costs more than it saves."""
_MONEY = ["amount", "credited_amount", "payer_balance"]
_ENCODINGS = dict.fromkeys(_RISING, "DELTA_BINARY_PACKED") | dict.fromkeys(_MONEY, "BYTE_STREAM_SPLIT")
_COMPRESSION = {name: "none" if name in _RISING else "lz4" for name in SCHEMA.names}


class Part(NamedTuple):
    """A part that is on disk."""

    table: str
    file: str
    rows: int
    digests: str
    """Digests of its blocks, as hex."""


def write_part(table: pa.Table, path: Path) -> None:
    """Write a part, each column in the cheapest way that all common readers know (measured; integers are not byte-split for that)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table,
        path,
        compression=_COMPRESSION,
        use_dictionary=[*_WORDS, "terminal_id"],
        write_statistics=["transaction_id", "timestamp"],
        column_encoding=_ENCODINGS,
    )


class Chunk:
    """Rows of one table that wait to be written."""

    def __init__(self, name: str, written: int) -> None:
        self.name = name
        self.rows: Records = records(ROW, ROOM)
        self.used = 0
        self.written = written
        self.ends: list[int] = []
        self._spare: list[Records] = []

    def reserve(self, rows: int) -> Records:
        """Room for ``rows`` more."""
        if self.used + rows > len(self.rows):
            self.rows = grown(self.rows, self.used + rows * 5 // 4)
        return self.rows

    def release(self) -> tuple[Records, int, int, list[int]]:
        """Give the rows away and start anew: rows, how many, the id of the first, and the ends of their blocks."""
        gone = self.rows, self.used, self.written, self.ends
        self.written += self.used
        self.rows = self._spare.pop() if self._spare else records(ROW, len(self.rows))
        self.used, self.ends = 0, []
        return gone

    def give_back(self, rows: Records) -> None:
        """Rows that were released are read: the next chunk lies where they lay, for fresh memory costs more than filling it."""
        self._spare.append(rows)


class Writer:
    """Records a run's payments.

    Args:
        emitter: turns rows into tables.
        sink: takes each finished table: (table's name, month, number of the part in its month, table).
        threads: parts that are written side by side; 0 writes where it stands.
        before: payments that the world has made already, seen and unseen; ids go on after them.
        spool: takes the events of each day; without one they are kept until `take_events`.
    """

    def __init__(
        self,
        emitter: Emitter,
        sink: Callable[[str, str, int, pa.Table], str],
        threads: int = THREADS,
        before: tuple[int, int] = (0, 0),
        spool: Spool | None = None,
    ) -> None:
        self._emitter, self._sink = emitter, sink
        self._pool = ThreadPoolExecutor(threads, "writer") if threads else None
        self._threads = threads
        self._waiting: list[Future[Part]] = []
        self._numbers: dict[tuple[str, str], int] = {}
        self._chunks = {name: Chunk(name, first) for name, first in zip(("transactions", "truth/unseen"), before, strict=True)}
        self._month = ""
        self.parts: list[Part] = []
        self._spool = spool
        self._events: list[Records] = []

    def events(self, happened: Callable[[], Records]) -> None:
        """The day is over; ``happened`` gives its events in order."""
        if self._spool is not None:
            self._spool.add(happened())
        else:
            self._events.append(happened())

    def take_events(self) -> Records:
        """The events of the last day that was not taken yet."""
        return self._events.pop()

    def open_day(self, day: int) -> None:
        """Start a day; a new month starts new parts."""
        month = month_of(day)
        if month != self._month:
            self.flush()
            self._month = month

    def reserve(self, rows: int) -> tuple[Records, Records, int, int]:
        """Room for ``rows`` more: seen and unseen rows, and how many of each are used."""
        seen, unseen = self._chunks["transactions"], self._chunks["truth/unseen"]
        return seen.reserve(rows), unseen.reserve(rows), seen.used, unseen.used

    def block(self, day: int, window: int, seen: int, unseen: int) -> None:
        """A window is cleared; ``seen`` and ``unseen`` are the used rows now. A block without rows is none."""
        for chunk, used in zip(self._chunks.values(), (seen, unseen), strict=True):
            if used > chunk.used:
                chunk.used = used
                chunk.ends.append(used)
            if used >= CHUNK:
                self._submit(chunk)

    def flush(self) -> None:
        """Write what waits."""
        for chunk in self._chunks.values():
            if chunk.used:
                self._submit(chunk)

    def settle(self) -> None:
        """Wait until everything submitted is written."""
        for waiting in self._waiting:
            self.parts.append(waiting.result())
        self._waiting = []

    def close(self) -> None:
        """Write everything and end the threads."""
        self.flush()
        self.settle()
        self._chunks = {name: Chunk(name, chunk.written) for name, chunk in self._chunks.items()}  # room is no longer needed
        if self._pool is not None:
            self._pool.shutdown()

    def abandon(self) -> None:
        """End the threads without waiting for what is not begun."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    @property
    def event_counts(self) -> list[int]:
        """Events on disk, by day."""
        return self._spool.counts if self._spool is not None else []

    def resume(self, parts: list[Part], month: str, event_counts: list[int]) -> None:
        """Go on after parts and events that are on disk."""
        self.parts, self._month = parts, month
        if self._spool is not None:
            self._spool.resume(event_counts)
        for part in parts:
            key = (part.table, part.file.split("month=")[1][:7])
            self._numbers[key] = self._numbers.get(key, -1) + 1
            self._chunks[part.table].written += part.rows

    def totals(self) -> dict[str, tuple[int, str]]:
        """Rows and digest of each table."""
        result = {}
        for name in self._chunks:
            mine = [part for part in self.parts if part.table == name]
            digest = xxhash.xxh3_128_hexdigest(b"".join(bytes.fromhex(part.digests) for part in mine))
            result[name] = (sum(part.rows for part in mine), digest)
        return result

    def _submit(self, chunk: Chunk) -> None:
        key = (chunk.name, self._month)
        number = self._numbers[key] = self._numbers.get(key, -1) + 1
        job = (chunk.name, self._month, number, *chunk.release())
        if self._pool is None:
            self.parts.append(self._write(*job))
            return
        while len(self._waiting) >= 2 * self._threads:
            self.parts.append(self._waiting.pop(0).result())
        self._waiting.append(self._pool.submit(self._write, *job))

    def _write(self, name: str, month: str, number: int, rows: Records, count: int, first: int, ends: list[int]) -> Part:
        table = self._emitter.table(rows, count, first)
        self._chunks[name].give_back(rows)
        digests = block_digests(table, ends)
        return Part(name, self._sink(name, month, number, table), count, digests.hex())


class Silent:
    """Records nothing: the rows of a window are overwritten by the next."""

    def __init__(self) -> None:
        self._seen, self._unseen = records(ROW, 1024), records(ROW, 1024)

    def open_day(self, day: int) -> None:
        """Nothing to do."""

    def events(self, happened: Callable[[], Records]) -> None:
        """Nothing to do: the events are not even put in order."""

    def reserve(self, rows: int) -> tuple[Records, Records, int, int]:
        """Room for one window."""
        if rows > len(self._seen):
            self._seen, self._unseen = records(ROW, rows * 5 // 4), records(ROW, rows * 5 // 4)
        return self._seen, self._unseen, 0, 0

    def block(self, day: int, window: int, seen: int, unseen: int) -> None:
        """Nothing to do."""


def month_of(day: int) -> str:
    """The month of a day since 1970, as parts name it."""
    return f"{EPOCH + timedelta(day):%Y-%m}"
