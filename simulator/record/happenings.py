"""Recorded events turned into the table of events."""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash
from numpy.typing import NDArray

from simulator.clock import DAY
from simulator.codes import Detail, Event, words
from simulator.draws import Ints
from simulator.kernel import kernel
from simulator.population.accounts import Layout
from simulator.population.devices import device_row, network_row, token_of
from simulator.population.equipment import card_row
from simulator.population.identity import Kind
from simulator.record.digest import block_digests
from simulator.record.emit import Names, name_rows
from simulator.record.facts import customer_ids
from simulator.record.schema import TABLES, arrow_schema
from simulator.record.spool import Spool
from simulator.records import AHEAD, Records

GROUP = 500_000
"""Events of a row group, but for the rest of a day."""

SCHEMA = arrow_schema("events")


class Columns(NamedTuple):
    """Room for the columns of the table."""

    event: Ints
    time: Ints
    customer: Ints
    account: Ints
    card: Ints
    device: Ints
    ip: Ints
    bank: NDArray[np.int16]
    kind: NDArray[np.int16]
    detail: NDArray[np.int16]


def columns(size: int) -> Columns:
    """Room for so many events."""
    return Columns._make([*(np.empty(size, np.int64) for _ in range(7)), *(np.empty(size, np.int16) for _ in range(3))])


@kernel
def _fill(rows: Records, first_id: int, layout: Layout, names: Names, customers: Ints, out: Columns) -> None:
    event, time, customer, account, card, device, ip, bank, kind, detail = out
    for first in range(0, rows.shape[0], AHEAD):
        last = min(rows.shape[0], first + AHEAD)
        for i in range(first, last):  # apart, so that what the rows name comes to the cache side by side
            own = np.int64(rows.account[i])
            customer[i] = customers[rows.initiator[i]]
            account[i] = names.account[own] if own >= 0 else -1
        for i in range(first, last):
            event[i] = first_id + i
            time[i] = rows.time[i]
            bank[i] = rows.bank[i]
            kind[i] = rows.kind[i]
            detail[i] = rows.detail[i]
            card[i], device[i], ip[i] = things(rows, i, layout, names)


@kernel
def things(rows: Records, i: int, layout: Layout, names: Names) -> tuple[int, int, int]:
    """Rows of the card, device and internet address of an event, -1 for none; public ids are made of them."""
    card, initiator = np.int64(rows.card[i]), np.int64(rows.initiator[i])
    person = initiator if initiator < layout.people else np.int64(-1)
    since, place = rows.time[i] // DAY - names.start, np.int64(rows.place[i])
    kind, network = np.int64(rows.device_kind[i]), np.int64(rows.network[i])
    card_id, device, ip = np.int64(-1), np.int64(-1), np.int64(-1)
    if card > 0 and person >= 0:
        # A token is of the phone that takes the card over today.
        token = token_of(names.gear[person], since + 1) if rows.kind[i] == Event.TOKEN_ADDED else 0
        card_id = np.int64(card_row(2 * person + (card - 1) % 2, (card - 1) // 2, token))
    if kind > 0:
        # A new device is set up the evening before.
        used = since + 1 if rows.kind[i] == Event.NEW_DEVICE else since
        device = np.int64(device_row(names.gear, names.desks, kind, person, place, used))
    if network > 0:
        ip = np.int64(network_row(names.gear, network, person, place, since))
    return int(card_id), int(device), int(ip)


class Happenings:
    """Turns recorded events into Arrow tables.

    Args:
        names: public ids by row.
        layout: account rows.
        seed: key of the public ids.
    """

    def __init__(self, names: Names, layout: Layout, seed: int) -> None:
        self._names, self._layout = names, layout
        self._customers = customer_ids(seed, layout)

    def table(self, rows: Records, first_id: int, room: Columns | None = None) -> pa.Table:
        """Events as a table, numbered from ``first_id``; it lies in ``room`` where that is given, until that is used again."""
        out = Columns._make(column[: len(rows)] for column in room or columns(len(rows)))
        _fill(rows, first_id, self._layout, self._names, self._customers, out)
        for kind, column in ((Kind.CARD, out.card), (Kind.DEVICE, out.device), (Kind.NETWORK, out.ip)):
            name_rows(self._names.keys, int(kind), column)
        arrays = {
            "event_id": pa.array(out.event),
            "timestamp": pa.array(out.time).view(SCHEMA.field("timestamp").type),
            "bank": pa.array(out.bank),
            "kind": pa.DictionaryArray.from_arrays(out.kind, words(Event), safe=False),
            "customer_id": pa.array(out.customer),
            "account_id": pa.array(out.account),
            "card_id": pa.array(out.card),
            "device_id": pa.array(out.device),
            "ip_id": pa.array(out.ip),
            "detail": pa.DictionaryArray.from_arrays(out.detail, words(Detail), safe=False),
        }
        return pa.Table.from_arrays([arrays[name] for name in SCHEMA.names], schema=SCHEMA)


def write_events(folder: Path, spool: Spool, happenings: Happenings) -> tuple[int, str]:
    """Write the events of a run as one file, chunk by chunk.

    Returns:
        Rows and digest; the digest is that of the days' digests.
    """
    path = folder / TABLES["events"].file
    temporary = path.with_suffix(".unfinished")
    digest, first, room = xxhash.xxh3_128(), 0, columns(0)
    with _writer(temporary) as writer:
        for rows, ends in spool.chunks(GROUP):
            if len(rows) > len(room.event):
                room = columns(len(rows) * 9 // 8)
            table = happenings.table(rows, first, room)
            digest.update(block_digests(table, ends))
            writer.write_table(table, row_group_size=len(table))
            first += len(table)
    os.replace(temporary, path)
    return first, digest.hexdigest()


def _writer(path: Path) -> pq.ParquetWriter:
    """Deltas where values rise, dictionaries where they repeat, split bytes for ids (measured)."""
    return pq.ParquetWriter(
        path,
        SCHEMA,
        compression="zstd",
        compression_level=1,
        use_dictionary=["bank", "kind", "account_id", "card_id", "detail"],
        write_statistics=["event_id", "timestamp"],
        column_encoding=dict.fromkeys(["event_id", "timestamp"], "DELTA_BINARY_PACKED")
        | dict.fromkeys(["customer_id", "device_id", "ip_id"], "BYTE_STREAM_SPLIT"),
    )
