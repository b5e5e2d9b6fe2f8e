"""Where one shops: popularity and distance within the town, popularity alone among remote merchants.

A person's favourites are not stored: the k-th favourite of a person in a category is the merchant drawn at that
address. What is stored is how many places the person knows; new ones are explored at a falling rate.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, pick, scale
from simulator.kernel import part
from simulator.population.firms import Firms, Plan
from simulator.population.people import ZONES
from simulator.scenario import Scenario


class Market(NamedTuple):
    """Cumulative pulls of merchants, as words: by category, home zone and town; and by category for remote ones."""

    near: NDArray[np.uint32]
    near_base: NDArray[np.int64]
    """First place of a category in `near`."""
    near_size: NDArray[np.int64]
    """Merchants with premises of a category: the stride from one home zone to the next."""
    near_town: NDArray[np.int64]
    """First merchant of a town within a category, shape (categories, towns + 1)."""
    near_firm: NDArray[np.int64]
    """First firm row of a category."""
    remote: NDArray[np.uint32]
    remote_start: NDArray[np.int64]
    """First place of a category in `remote`; categories + 1 entries."""
    remote_firm: NDArray[np.int64]
    seat: NDArray[np.int32]
    """Firm that has the place of each merchant of the first morning. Changes."""
    away: int
    """Chance of shopping in another town, of 2^32."""
    towns: int


def _words(weight: Ints, first: Ints) -> NDArray[np.uint32]:
    """Cumulative weights within groups that start at ``first``, scaled to 2^32 - 1."""
    total = np.concatenate([[0], np.cumsum(weight)])
    bounds = np.append(first, len(weight))
    group = np.repeat(np.arange(len(first)), np.diff(bounds))
    low, high = total[bounds[group]], total[bounds[group + 1]]
    return ((total[1:] - low) * (2**32 - 1) // (high - low)).astype(np.uint32)


def build_market(scenario: Scenario, plan: Plan, firms: Firms) -> Market:
    """Tables of where people shop. The pull of a shop falls with exp(-distance / reach)."""
    zones = np.arange(ZONES)
    distance = np.hypot(zones[:, None] % 4 - zones[None, :] % 4, zones[:, None] // 4 - zones[None, :] // 4)
    decay = np.maximum(1, np.rint(1024 * np.exp(-distance / scenario.firms.reach))).astype(np.int64)
    near, base = [], []
    place = 0
    for c, counts in enumerate(plan.shops):
        rows = slice(plan.first_shop[c], plan.first_shop[c + 1])
        first = np.cumsum(counts) - counts
        base.append(place)
        for zone in range(ZONES):
            near.append(_words(firms.pull[rows] * decay[zone][firms.zone[rows]], first))
        place += ZONES * int(counts.sum())
    remote = [_words(firms.pull[plan.first_remote[c] : plan.first_remote[c + 1]], np.zeros(1, np.int64)) for c in range(len(plan.remote))]
    return Market(
        near=np.concatenate(near),
        near_base=np.array(base, np.int64),
        near_size=plan.shops.sum(axis=1).astype(np.int64),
        near_town=np.concatenate([np.zeros((len(plan.shops), 1), np.int64), np.cumsum(plan.shops, axis=1)], axis=1),
        near_firm=plan.first_shop[:-1].astype(np.int64),
        remote=np.concatenate(remote),
        remote_start=np.concatenate([[0], np.cumsum(plan.remote)]).astype(np.int64),
        remote_firm=plan.first_remote[:-1].astype(np.int64),
        seat=np.arange(plan.first_remote[-1], dtype=np.int32),
        away=round(scenario.firms.away * (2**32 - 1)) if plan.towns > 1 else 0,
        towns=plan.towns,
    )


@part
def nearby(market: Market, category: int, town: int, zone: int, away: int, which: int) -> int:
    """Firm with premises, by distance and popularity; ``away`` and ``which`` are words."""
    if away < market.away:
        town = (town + 1 + scale(which & 0xFFFF0000, market.towns - 1)) % market.towns
        zone = 5
    first = market.near_base[category] + zone * market.near_size[category]
    chosen = pick(market.near, first + market.near_town[category, town], first + market.near_town[category, town + 1], which)
    return int(np.int64(market.seat[market.near_firm[category] + chosen - first]))


@part
def remote(market: Market, category: int, which: int) -> int:
    """Remote firm, by popularity; ``which`` is a word."""
    chosen = pick(market.remote, market.remote_start[category], market.remote_start[category + 1], which)
    return int(np.int64(market.seat[market.remote_firm[category] + chosen - market.remote_start[category]]))
