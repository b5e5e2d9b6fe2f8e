"""Who owns, directs and signs for firms on the first morning: people of the town, other firms, staff, a club's treasurer."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, uniform, words
from simulator.population.closures import seats
from simulator.population.presence import NEVER
from simulator.population.trades import Trade
from simulator.population.world import World
from simulator.scenario import Scenario

WEALTHY = 7
"""Owners come from this decile of household income and above (assumption)."""

SECOND_OWNER, SECOND_SIGNATORY = 0.3, 0.4
"""Shares of firms with a second owner, and of those with staff with a second signatory (assumption)."""


class Ownership(NamedTuple):
    """Columns over firms: rows of people, -1 for none."""

    parent: Ints
    """Firm that owns it, -1 for none."""
    owner: Ints
    """-1 where nobody of this world owns it."""
    second_owner: Ints
    director: Ints
    signatory: Ints
    second_signatory: Ints
    at_home: NDArray[np.bool_]
    """Whether its address is the owner's."""


def _somebody(pool: Ints, start: Ints, town: Ints, word: NDArray[np.uint32]) -> Ints:
    """A person of a pool that is ordered by town, from the firm's town; from any where a town has none, or the firm none."""
    if not len(pool):
        return np.full(len(town), -1, np.int64)
    first, last = start[np.maximum(town, 0)], start[np.maximum(town, 0) + 1]
    anywhere = (town < 0) | (first == last)
    low: Ints = np.where(anywhere, 0, first).astype(np.int64)
    high: Ints = np.where(anywhere, len(pool), last).astype(np.int64)
    chosen: Ints = pool[low + (word.astype(np.int64) * (high - low) >> 32)]
    return chosen


def own_firms(scenario: Scenario, world: World) -> Ownership:
    """Draw owners, directors and signatories of every firm as on the first morning."""
    people, firms = world.people, world.firms
    row = np.arange(len(firms), dtype=np.int64)
    _, second, _, seconds = words(scenario.seed, row, Why.HOLDER)
    directs, signs, home, also = words(scenario.seed, row, Why.HOLDER, 1)
    town = firms.town.astype(np.int64)
    pool = np.flatnonzero((people.decile >= WEALTHY) & (people.joined != NEVER))
    pool = pool[np.argsort(people.town[pool], kind="stable")]
    start = np.searchsorted(people.town[pool], np.arange(int(people.town.max()) + 2))
    second_owner = _somebody(pool, start, town, second)
    club = firms.trade == Trade.CLUB
    owner, parent = np.where(club, -1, firms.owner).astype(np.int64), firms.parent.astype(np.int64)
    private = owner >= 0
    staff, base = np.diff(world.staff), world.staff[:-1]

    def employee(word: NDArray[np.uint32]) -> Ints:
        place = np.minimum(base + (word.astype(np.int64) * staff >> 32), max(0, len(world.workers) - 1))
        return np.where(staff > 0, world.workers[place] if len(world.workers) else -1, -1).astype(np.int64)

    has_second = private & (uniform(seconds) < SECOND_OWNER) & (second_owner != owner)
    signatory, second_signatory = np.where(club, firms.owner, employee(signs)), employee(also)
    has_also = (uniform(directs) < SECOND_SIGNATORY) & (second_signatory != signatory)
    director = np.where(private, owner, np.where(staff > 0, employee(directs), owner))
    seat = seats(firms)
    later = seat < row
    director = np.where(later, np.where(private[seat], -1, director[seat]), director)
    # Who opens in the place of another keeps who signs there; its owners are found when it opens.
    signatory, second_signatory, has_also = signatory[seat], second_signatory[seat], has_also[seat]
    return Ownership(
        parent, owner, np.where(has_second, second_owner, -1), director, signatory,
        np.where(has_also, second_signatory, -1), private & (staff < 10) & (uniform(home) < scenario.knowledge.owners_home),
    )  # fmt: skip
