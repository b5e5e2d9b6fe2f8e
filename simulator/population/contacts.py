"""Who knows whom: partners, friends and colleagues as sparse rows; every relation is mutual."""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import NORMAL, WORD, Ints, Why, words
from simulator.population.households import SPAN, Floats
from simulator.population.order import ordered
from simulator.records import Gathered, Records, row_type
from simulator.scenario import Scenario

PARTNER, FRIEND, COLLEAGUE = range(3)

YEAR = 128
"""A year of age in the measure of how alike two people are."""

COLLEAGUES = 2
"""Rounds in which colleagues are paired."""

_CHANCE = np.rint(12 * YEAR * NORMAL).astype(np.int64)
"""What chance adds to how alike two people are: years of a normal of 12 (assumption)."""


class Contacts(NamedTuple):
    """Columns over relations, ordered by person."""

    start: NDArray[np.int64]
    """First relation of each person; N + 1 entries."""
    person: NDArray[np.int32]
    kind: NDArray[np.int8]
    """0 partner, 1 friend, 2 colleague."""


CONTACT = row_type(Contacts, "start")


class _Towns:
    """Whole towns that stand together: whom each of their people knows, a column for each round of pairing."""

    def __init__(self, scenario: Scenario, people: NDArray[Any], employer: Ints, sociable: Floats, first: int) -> None:
        self._seed, self._first = scenario.seed, first
        self._row = np.arange(first, first + len(people))
        self._household, self._town, self._employer = people["household"].copy(), people["town"] - people["town"][0], employer
        self._like = (people["age"] + 8 * people["decile"].astype(np.int64) + 64) * YEAR
        self._joins = (np.clip(0.5 * sociable, 0.05, 0.95) * WORD).astype(np.uint32)
        self.kinds = np.array([PARTNER] * 2 + [FRIEND] * 2 * scenario.population.friends + [COLLEAGUE] * COLLEAGUES, np.int8)
        self.knows = np.full((len(people), len(self.kinds)), -1, np.int32)

    def _pair(self, order: Ints, group: Ints, turn: int, strangers: bool) -> None:
        """Neighbours two by two in an order know each other, if they are of one group."""
        left, right = order[: len(order) // 2 * 2 : 2], order[1::2]
        same = group[left] == group[right]
        if strangers:
            same &= self._household[left] != self._household[right]
        left, right = left[same], right[same]
        self.knows[left, turn] = right + self._first
        self.knows[right, turn] = left + self._first

    def meet_partners(self) -> None:
        """Members of a household know the ones beside them."""
        partner = np.flatnonzero(self._household[1:] == self._household[:-1])
        self.knows[partner, 0] = partner + 1 + self._first
        self.knows[partner + 1, 1] = partner + self._first

    def meet_friends(self, turn: int) -> None:
        """A round of pairing people who are about alike, by how sociable one is."""
        join_word, age_word, mix_word, _ = words(self._seed, self._row, Why.FRIEND, turn)
        joins = np.flatnonzero(join_word < self._joins)
        like = self._like[joins] + _CHANCE[age_word[joins] >> np.uint32(20)] + (mix_word[joins] >> np.uint32(25))
        self._pair(joins[ordered(self._town[joins], np.clip(like, 0, 0xFFFF), 16)], self._town, 2 + turn, True)

    def meet_colleagues(self, turn: int) -> None:
        """A round of pairing neighbours in their employers' shuffled lists."""
        works = np.flatnonzero(self._employer >= 0)
        shuffle = words(self._seed, self._row[works], Why.FRIEND, 100 + turn)[0] >> np.uint32(16)
        self._pair(works[ordered(self._employer[works], shuffle, 16)], self._employer, len(self.kinds) - COLLEAGUES + turn, False)


def build_contacts(scenario: Scenario, people: Records, employer: Ints, sociable: Floats) -> tuple[Records, Ints]:
    """Draw the relations, some towns at a time.

    Friends are paired in rounds within a town among people of about the same age and income (a decile counts as eight
    years, assumption; for homophily by income see Chetty et al., "Social capital I", Nature 608, 2022); who takes part in
    a round depends on how sociable one is. Colleagues are neighbours in an employer's list; they live in one town.

    Args:
        scenario: how many friends one has.
        people: rows of People; those of a town stand together.
        employer: firm that each works for, -1 for none.
        sociable: transfers to other people against the mean.

    Returns:
        Rows of Contacts, and the first of each person; N + 1 entries.
    """
    found, start = Gathered(CONTACT), np.zeros(len(people) + 1, np.int64)
    step = max(1, SPAN // scenario.population.town_size)
    edges = np.searchsorted(people["town"], np.arange(0, int(people["town"][-1]) + 1 + step, step)).tolist()
    for first, last in pairwise(edges):
        if first == last:
            continue
        towns = _Towns(scenario, people[first:last], employer[first:last], sociable[first:last], first)
        towns.meet_partners()
        for turn in range(2 * scenario.population.friends):
            towns.meet_friends(turn)
        for turn in range(COLLEAGUES):
            towns.meet_colleagues(turn)
        known = towns.knows.ravel()
        place = np.flatnonzero(known >= 0)
        rows = found.room(len(place), last / len(people))
        rows["person"], rows["kind"] = known[place], towns.kinds[place % len(towns.kinds)]
        start[first + 1 : last + 1] = start[first] + np.cumsum(np.count_nonzero(towns.knows >= 0, axis=1))
    return found.table, start
