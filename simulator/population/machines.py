"""Machines: cash machines by town and zone, and the computers that staff share at work."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, uniform, words
from simulator.population.devices import DESKS
from simulator.population.firms import Plan
from simulator.population.people import ZONES
from simulator.scenario import Scenario

MOST = 4096
"""Cash machines of a town at most."""

STAFF = (5, 20, 60)
"""Staff from which a firm has two, four and eight computers that are also used privately (assumption)."""


class Machines(NamedTuple):
    """Columns over cash machines, ordered by town and zone."""

    start: NDArray[np.int32]
    """First machine of each town and zone; towns x zones + 1 entries."""
    near: NDArray[np.int32]
    """For each town and zone the nearest with a machine, as town x zones + zone."""
    number: NDArray[np.int32]
    """Town x MOST + number within the town: which machine it is, however many there are."""
    zone: NDArray[np.int8]
    bank: NDArray[np.int16]
    """Bank that owns it."""
    desks: NDArray[np.int8]
    """By firm: computers that its staff share."""


def build_machines(scenario: Scenario, plan: Plan, staff: Ints) -> Machines:
    """Draw the cash machines: in proportion to the adults of each town, at least one; more of them in the centre (assumption)."""
    here = scenario.cash.machines > 0 and not scenario.cash.agents
    count = np.clip(np.rint(scenario.cash.machines * plan.adults / 10_000), 1, MOST).astype(np.int64) if here else plan.adults * 0
    town = np.repeat(np.arange(plan.towns), count)
    number = town * MOST + np.concatenate([np.arange(n) for n in count]) if len(town) else np.zeros(0, np.int64)
    zone_word, bank_word, _, _ = words(scenario.seed, number, Why.MACHINE)
    centre = np.array([3 if z % 4 in (1, 2) and z // 4 in (1, 2) else 1 for z in range(ZONES)])
    zone = np.minimum(np.searchsorted(np.cumsum(centre) / centre.sum(), uniform(zone_word), side="right"), ZONES - 1)
    shares = np.cumsum([bank.share for bank in scenario.banks])
    bank = np.minimum(np.searchsorted(shares / shares[-1], uniform(bank_word), side="right"), len(shares) - 1)
    order = np.lexsort((number, zone, town))
    cell = (town * ZONES + zone)[order]
    start = np.searchsorted(cell, np.arange(plan.towns * ZONES + 1))
    held = (np.diff(start) > 0).reshape(-1, ZONES)
    zones = np.arange(ZONES)
    apart = np.hypot(zones[:, None] % 4 - zones[None, :] % 4, zones[:, None] // 4 - zones[None, :] // 4)
    rank = np.argsort(np.argsort(apart, axis=1, kind="stable"), axis=1)
    nearest = np.argmin(np.where(held[:, None, :], rank[None, :, :], ZONES), axis=2)
    near = nearest + np.arange(plan.towns)[:, None] * ZONES
    return Machines(
        start.astype(np.int32), near.ravel().astype(np.int32), number[order].astype(np.int32), zone[order].astype(np.int8),
        bank[order].astype(np.int16), np.array([1, 2, 4, DESKS], np.int8)[np.searchsorted(STAFF, staff, side="right")],
    )  # fmt: skip
