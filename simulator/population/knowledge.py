"""What banks know of customers, and how they rate them: the static part, computable for any rows at any time."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.clock import EPOCH
from simulator.draws import Ints, Why, uniform, words
from simulator.population.households import SELF_EMPLOYED
from simulator.population.world import World
from simulator.records import Records
from simulator.scenario import Scenario

RATINGS = ("low", "medium", "high")
YEAR = 365
REVIEWED_EVERY = np.array([5, 3, 1])
"""Years between reviews of a customer by rating (assumption: a usual risk-based cycle)."""

CHANNELS = ("branch", "online", "mobile", "phone")

RISKY = frozenset((4829, 5094, 5933, 5944, 5960, 6012, 6050, 6051, 6211, 7273, 7801, 7802, 7995, 8398))
"""MCCs of trades that banks rate up: remitters, jewellers, pawnbrokers, quasi-cash, brokers, betting, charities (assumption)."""

JUDGEMENT = 0.04
"""Share of customers rated one higher for what else the bank has read of them (assumption)."""


class Known(NamedTuple):
    """Columns over some customers."""

    residency: Ints
    """0 at home, else 1 + place in `knowledge.residencies`."""
    exposed: NDArray[np.bool_]
    rating: Ints
    """Place in RATINGS."""
    channel: Ints
    """Place in CHANNELS: where the customer was taken on."""


def _rate(points: Ints, exposed: NDArray[np.bool_], judged: NDArray[np.bool_]) -> Ints:
    rating: Ints = np.where(exposed | (points >= 3), 2, np.minimum(points, 1))
    return np.minimum(rating + judged, 2)


def _channels(joined: Ints, age: Ints, word: NDArray[np.uint32]) -> Ints:
    """Remote onboarding came with time and to the young first: none until 2004, seven in ten today (assumption)."""
    year = EPOCH.year + joined / 365.25
    remote = np.clip((year - 2004) / 20 * 0.7, 0, 0.8) * np.interp(age, [30, 50, 70], [1.15, 0.9, 0.5])
    mobile = remote * np.clip((year - 2012) / 12, 0, 0.75)
    u = uniform(word)
    return np.select([u < mobile, u < remote, u < remote + 0.04], [2, 1, 3], 0)


def know_people(scenario: Scenario, people: Records, row: Ints, kind: NDArray[np.integer], age: NDArray[np.integer]) -> Known:
    """What the bank knows of people.

    Rated by points: non-resident 2, self-employed 1, income in the highest decile 1; 1 or 2 are medium, 3 high, and whoever is
    politically exposed is high.

    Args:
        scenario: shares.
        people: by row.
        row: which of them.
        kind: income kind of each, as the bank knows it.
        age: of each when the bank took them on, or on the first morning.
    """
    known = scenario.knowledge
    abroad, exposed_word, channel, judged = words(scenario.seed, row, Why.KYC)
    u = uniform(abroad)
    # The k-th country has a weight of 1 / k.
    weights = np.cumsum(1 / np.arange(1, len(known.residencies) + 1))
    place = np.searchsorted(weights / weights[-1], u / max(known.non_residents, 1e-12), side="right")
    residency = np.where(u < known.non_residents, 1 + np.minimum(place, len(known.residencies) - 1), 0)
    exposed = uniform(exposed_word) < known.politically_exposed
    points = 2 * (residency > 0) + (kind == SELF_EMPLOYED) + (people.decile[row] == 9)
    rating = _rate(points.astype(np.int64), exposed, uniform(judged) < JUDGEMENT)
    return Known(residency, exposed, rating, _channels(people.joined[row].astype(np.int64), age.astype(np.int64), channel))


def know_firms(scenario: Scenario, world: World, row: Ints, start: int) -> Known:
    """What the bank knows of firms.

    Rated by points: a trade of RISKY 2, a shop that takes much cash 1, younger than two years on the first day 1.
    """
    firms = world.firms
    _, _, channel, judged = words(scenario.seed, row + (1 << 31), Why.KYC)
    opened = firms.opened[row].astype(np.int64)
    points = 2 * np.isin(firms.mcc[row], list(RISKY)) + (start - opened < 730) + (firms.till[row] * 20 > firms.sales[row])
    none = np.zeros(len(row), np.int64)
    rating = _rate(points.astype(np.int64), none > 0, uniform(judged) < JUDGEMENT)
    return Known(none, none > 0, rating, np.where(uniform(channel) < 0.8, 0, _channels(opened, none + 40, channel)))


def anniversaries(since: Ints, day: int, within: int) -> tuple[NDArray[np.bool_], Ints]:
    """For whom a whole number of years since a day is completed within so many days after another day; and how many years."""
    years = (day + within - since) // YEAR
    return (years > (day - since) // YEAR) & (years > 0), years
