"""The table of devices: phones, tablets and computers that were in use during the run, by generation."""

import numpy as np
import pyarrow as pa

from simulator.draws import Ints, Why, uniform, words
from simulator.population.devices import (
    COMPUTER,
    DESKS,
    HAS_COMPUTER,
    HAS_PHONE,
    HAS_TABLET,
    PHONE,
    TABLET,
    WORK,
    first_day,
    generations,
    paces,
)
from simulator.population.identity import Kind, public_ids
from simulator.population.presence import last_days
from simulator.record.facts import Facts, days, table, word

_KINDS = ["phone", "computer", "tablet"]
_SYSTEMS = ["android", "ios", "windows", "macos", "linux"]
WINDOWS, MACOS = 0.72, 0.23
"""Shares of systems among computers (assumption)."""


def owners(facts: Facts, device: int) -> Ints:
    """Rows of who has a kind of device: people, heads of households, desks of firms."""
    world = facts.world
    if device == PHONE or device == TABLET:
        has = HAS_PHONE if device == PHONE else HAS_TABLET
        held: Ints = facts.here[world.equipment.gear[facts.here] & has > 0]
        return held
    if device == COMPUTER:
        moved = facts.diary.past("home").get("row", np.zeros(0, np.int32))
        has = world.equipment.gear & HAS_COMPUTER > 0
        is_home = np.zeros(world.layout.people, bool)
        is_home[world.people.household[facts.here]] = is_home[moved] = True
        is_home &= has
        is_home[world.people.household[facts.here[has[facts.here]]]] = True  # who moves in brings theirs
        shared: Ints = np.flatnonzero(is_home)
        return shared
    desks = np.where(world.firms.opened <= facts.end, world.machines.desks, 0).astype(np.int64)
    return np.repeat(np.arange(len(desks)), desks) * DESKS + np.arange(desks.sum()) - np.repeat(np.cumsum(desks) - desks, desks)


def _systems(facts: Facts, device: int, owner: Ints) -> Ints:
    """Operating system; people stay with theirs."""
    if device == WORK:
        return np.full(len(owner), 2)
    u = uniform(words(facts.scenario.seed, owner, Why.DEVICE, 3)[1 if device == COMPUTER else 0])
    if device == COMPUTER:
        return np.select([u < WINDOWS, u < WINDOWS + MACOS], [2, 3], 4)
    return (u < facts.scenario.devices.apple).astype(np.int64)


def devices(facts: Facts) -> pa.Table:
    """One row a device; a computer of an employer is shared by its staff, one at home by the household."""
    row, kind, system, begins, ends = [], [], [], [], []
    for device in (PHONE, COMPUTER, TABLET, WORK):
        owner = owners(facts, device)
        rate, phase = paces(owner if device == WORK else facts.world.equipment.gear[owner], device)
        own = device == PHONE or device == TABLET
        first = np.maximum(facts.joined[owner], facts.start) if own else np.full(len(owner), facts.start)
        until = np.minimum(facts.left[owner], facts.end + 1) if own else np.full(len(owner), facts.end + 1)
        if device == WORK:
            firms = facts.world.firms
            first, until = np.maximum(first, firms.opened[owner // DESKS]), np.minimum(until, last_days(firms)[0][owner // DESKS])
        low, high = generations(rate, phase, first - facts.start), generations(rate, phase, until - facts.start)
        count = high - low + 1
        which = np.repeat(np.arange(len(owner)), count)
        generation = low[which] + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        row.append((device << 33) | (owner[which] << 7) | generation)
        kind.append(np.full(len(which), 1 if device == WORK else device - 1))
        system.append(_systems(facts, device, owner)[which])
        bought = first_day(rate[which], phase[which], generation) + facts.start
        bought = np.where(bought > facts.start, bought - 1, bought)  # set up the evening before
        begins.append(np.where(first[which] > facts.start, np.maximum(bought, first[which]), bought))
        given_up = first_day(rate[which], phase[which], generation + 1) + facts.start - 1
        ends.append(np.where(until[which] <= facts.end, np.minimum(given_up, until[which]), given_up))
    since, last = np.concatenate(begins), np.concatenate(ends)
    known = since <= facts.end  # those set up on the last evening among them
    since, last = since[known], last[known]
    return table(
        "devices",
        {
            "device_id": public_ids(facts.scenario.seed, Kind.DEVICE, np.concatenate(row)[known]),
            "kind": word("devices", "kind", _KINDS, np.concatenate(kind)[known]),
            "system": word("devices", "system", _SYSTEMS, np.concatenate(system)[known]),
            "valid_from": days(since),
            "valid_to": days(last, last < facts.end),
        },
        len(last),
    )
