"""The day's events in their one order, as the recorder takes them.

Events are noted by initiator, rows and diary; what is recorded is sorted by (time, initiator, the order in which an
initiator's events were noted), which no number of shards changes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.clock import DAY
from simulator.day.equipment import place_of
from simulator.events import UNPLACED
from simulator.kernel import kernel, step
from simulator.population.accounts import FIRM_ROWS, PERSON_ROWS, Layout
from simulator.population.world import World
from simulator.records import Records, records

HAPPENED = np.dtype([
    ("time", np.int64),  # microseconds since 1970
    ("initiator", np.int32),
    ("account", np.int32),
    ("place", np.int32),  # where the network is
    ("bank", np.int16),
    ("kind", np.int8),
    ("card", np.int8),
    ("device_kind", np.int8),
    ("network", np.int8),
    ("detail", np.int8),
], align=True)  # fmt: skip
"""A recorded event: what `simulator.events.EVENT` says, less what no file shows, and the bank that saw it on the day."""


@kernel
def _count(events: Records, shift: int, bins: NDArray[np.int64]) -> None:
    for i in range(events.shape[0]):
        bins[events.time[i] >> shift] += 1


@kernel
def _start(bins: NDArray[np.int64]) -> None:
    total = 0
    for b in range(bins.shape[0]):
        here = bins[b]
        bins[b] = total
        total += here


@step
def bank_of_event(layout: Layout, people: Records, firms: Records, account: int, initiator: int) -> int:
    """Bank of the account, else of the customer."""
    if account >= layout.bank_base:
        return account - layout.bank_base
    if account >= 0:
        if account < layout.firm_base:
            return int(people.bank[account // PERSON_ROWS])
        if account < layout.government:
            return int(firms.bank[(account - layout.firm_base) // FIRM_ROWS])
    if initiator < layout.people:
        return int(people.bank[initiator])
    return int(firms.bank[initiator - layout.people])


@kernel
def _place(events: Records, layout: Layout, people: Records, firms: Records, midnight: int, shift: int, bins: NDArray[np.int64],
           out: Records) -> None:  # fmt: skip
    """Put a source's events into the buckets of their times."""
    for i in range(events.shape[0]):
        b = events.time[i] >> shift
        n = bins[b]
        bins[b] = n + 1
        account, initiator = np.int64(events.account[i]), np.int64(events.initiator[i])
        out.time[n] = midnight + events.time[i]
        out.initiator[n] = initiator
        out.account[n] = account
        out.bank[n] = bank_of_event(layout, people, firms, account, initiator)
        out.kind[n] = events.kind[i]
        out.card[n] = events.card[i]
        out.device_kind[n] = events.device_kind[i]
        network = np.int64(events.network[i])
        out.network[n] = network
        out.place[n] = events.place[i]
        if events.place[i] == UNPLACED:
            out.place[n] = 0
        if network > 0 and events.place[i] == UNPLACED:
            is_person = initiator < layout.people
            out.place[n] = place_of(people, midnight // DAY, initiator, network) if is_person else initiator - layout.people
        out.detail[n] = events.detail[i]


@kernel
def _tidy(out: Records, spare: Records) -> None:
    """Stable insertion sort by (time, initiator): buckets are in order already, so that few rows move, and not far."""
    for n in range(1, out.shape[0]):
        time, initiator = out.time[n], out.initiator[n]
        place = n
        while place > 0 and (out.time[place - 1] > time or (out.time[place - 1] == time and out.initiator[place - 1] > initiator)):
            place -= 1
        if place == n:
            continue
        spare[0] = out[n]
        for j in range(n, place, -1):
            out[j] = out[j - 1]
        out[place] = spare[0]


def in_order(world: World, day: int, sources: Sequence[Records]) -> Records:
    """The events of a day, sorted.

    Args:
        world: tells the bank of accounts and customers.
        day: days since 1970.
        sources: records of `simulator.events.EVENT`.
    """
    total = sum(len(source) for source in sources)
    out = records(HAPPENED, total)
    if not total:
        return out
    # As many buckets as events, more or less: about one event in each.
    shift = max(0, (DAY // total).bit_length() - 1)
    bins = np.zeros((DAY >> shift) + 1, np.int64)
    for source in sources:
        _count(source, shift, bins)
    _start(bins)
    for source in sources:
        _place(source, world.layout, world.people, world.firms, day * DAY, shift, bins, out)
    _tidy(out, records(HAPPENED, 1))
    return out
