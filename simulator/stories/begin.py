"""Who a story befalls, and when: rates for each customer and time, so that they do not drift with the size of a world."""

from collections.abc import Mapping
from math import ceil

import numpy as np
import xxhash
from numpy.typing import NDArray

from simulator.clock import DAY, HOUR, Today
from simulator.draws import WORD, Ints, Why, draw
from simulator.kernel import kernel
from simulator.population.accounts import Layout
from simulator.population.people import REFERENCE
from simulator.population.world import World
from simulator.scenario.story import Source
from simulator.stories.cast import firm_weight_of, firm_weights, people_weights, weight_of
from simulator.stories.dice import BEGIN, Dice, story_id
from simulator.stories.library import Told
from simulator.stories.sight import Sight

YEAR = 365
PEAK = 8.0
"""Nobody is likelier than so many times the mean to be befallen by a story."""


@kernel
def befallen(key: np.uint64, first: int, count: int, name: int, turn: int, share: int, out: Ints) -> int:
    """Whom a story may befall in a year, and when, which addresses alone say; returns how many.

    Args:
        key: the seed.
        first: row of the first, as draws count people and then firms.
        count: how many there are.
        name: of the story, as a word.
        turn: the year, and which turn of it.
        share: word below which a row is chosen.
        out: filled with day of the year, row and the word that thins them further; shape (count, 3).
    """
    found = 0
    for row in range(count):
        word, day, _, _ = draw(key, first + row, turn, Why.STORY_BEGINS, name)
        if word < share:
            out[found, 0] = day * YEAR >> 32
            out[found, 1] = row
            out[found, 2] = word
            found += 1
    return found


def moment(told: Told, seed: int, story: int, today: Today) -> int:
    """When a story begins on a day, microseconds since 1970: within the hours of the first act, else of a waking day."""
    hours = told.acts[0].hours or [8, 22]
    local = hours[0] * HOUR + int(Dice(seed, story).share(BEGIN) * (hours[1] - hours[0]) * HOUR)
    return today.day * DAY + (local - today.offset) % DAY


class Beginnings:
    """Which stories begin of themselves on a day.

    Args:
        told: a typology with a rate.
        world: its first morning says how likely people are on average.
        seed: key of the draws.
        lines: kind and category of firms by what they sell.
    """

    def __init__(self, told: Told, world: World, seed: int, lines: Mapping[str, tuple[int, int]]) -> None:
        self._told, self._seed, self._lines = told, seed, lines
        self._role = told.typology.cast[told.lead]
        self.of_firms = self._role.drawn is not Source.PEOPLE
        self._name = xxhash.xxh32_intdigest(told.name.encode())
        weights = self._weights(world)
        self._mean = float(weights.mean()) if len(weights) and weights.any() else 0.0
        self._turns = max(1, ceil(told.yearly * PEAK))
        self._chance = told.yearly / self._turns
        self._year = -1
        self._start: list[int] = []
        """Of the year: by day, the first of those below."""
        self._may = np.zeros((0, 3), np.uint32)
        """Whom it may befall: row, word, turn."""

    def _weights(self, world: World) -> NDArray[np.float64]:
        if self.of_firms:
            return firm_weights(world, self._role, np.arange(world.layout.firms), self._lines)
        return people_weights(world, self._role, np.arange(min(REFERENCE, len(world.people)), dtype=np.int64))

    def on(self, sight: Sight, today: Today, factor: float = 1.0) -> list[tuple[int, int, int]]:
        """Stories of a day: lead (a person's or firm's row), id, and when, microseconds since 1970.

        Args:
            sight: who is there.
            today: the day.
            factor: how many times as often as usual they begin.
        """
        if self._mean == 0:
            return []
        year, day = divmod(today.day, YEAR)
        if year != self._year:
            self._look_ahead(sight.layout, year)
        those = slice(self._start[day], self._start[day + 1])
        if those.start == those.stop:
            return []
        started = []
        for row, word, turn in self._may[those].tolist():
            if self._befalls(sight, today.day, row, word, factor):
                story = story_id(self._told.name, row, today.day, turn)
                started.append((row, story, moment(self._told, self._seed, story, today)))
        return started

    def _befalls(self, sight: Sight, day: int, row: int, word: int, factor: float) -> bool:
        """Whether one whom it may befall is there, and as likely as that."""
        if self.of_firms:
            there = sight.firm_opened[row] <= day < sight.firm_closed[row]
            weight = firm_weight_of(sight, self._role, row, self._lines) if there else 0.0
        else:
            weight = weight_of(sight, self._role, row) if sight.here(row, day) else 0.0
        return word < self._chance * min(weight / self._mean * factor, PEAK) * WORD

    def _look_ahead(self, layout: Layout, year: int) -> None:
        """Whom the story may befall in a year."""
        first, count = (layout.people, layout.firms) if self.of_firms else (0, layout.people)
        share = min(WORD - 1, int(self._chance * PEAK * WORD))
        out, turns = np.empty((count, 3), np.int64), []
        for turn in range(self._turns):
            found = befallen(np.uint64(self._seed), first, count, self._name, year << 8 | turn, share, out)
            turns.append(np.column_stack([out[:found], np.full(found, turn)]))
        whole = np.concatenate(turns)
        whole = whole[np.argsort(whole[:, 0], kind="stable")]
        self._year, self._start = year, np.searchsorted(whole[:, 0], np.arange(YEAR + 1)).tolist()
        self._may = whole[:, 1:].astype(np.uint32)
