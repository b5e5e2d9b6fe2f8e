"""Who a story befalls, and when: rates for each customer and time, so that they do not drift with the size of a world."""

from collections.abc import Mapping
from math import ceil

import numpy as np
import xxhash

from simulator.clock import DAY, HOUR, Today
from simulator.draws import WORD, Ints, Why, words
from simulator.population.people import REFERENCE
from simulator.population.presence import here, trading
from simulator.population.world import World
from simulator.scenario.story import Source
from simulator.stories.cast import firm_weights, people_weights
from simulator.stories.dice import BEGIN, Dice, story_id
from simulator.stories.library import Told

YEAR = 365
PEAK = 8.0
"""Nobody is likelier than so many times the mean to be befallen by a story."""


def _befallen(seed: int, first: int, count: int, name: int, turn: int, share: int) -> dict[int, tuple[Ints, Ints]]:
    """By day since 1970: rows that a story may befall in a year, and the word that thins them."""
    found: dict[int, tuple[Ints, Ints]] = {}
    rows = np.arange(first, first + count, dtype=np.int64)
    hit, day, _, _ = words(seed, rows, Why.STORY_BEGINS, name, turn)
    chosen = np.flatnonzero(hit < share)
    when = (turn >> 8) * YEAR + (day[chosen].astype(np.int64) * YEAR >> 32)
    for one in np.unique(when).tolist():
        here_then = chosen[when == one]
        found[one] = rows[here_then], hit[here_then].astype(np.int64)
    return found


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
        weights = self._weights(world, None)
        self._mean = float(weights.mean()) if len(weights) and weights.any() else 0.0
        self._turns = max(1, ceil(told.yearly * PEAK))
        self._year = -1
        self._days: dict[int, list[tuple[int, Ints, Ints]]] = {}
        """Of the year: by day, turns with the rows that may be befallen and their words."""

    def _weights(self, world: World, rows: Ints | None) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        if self.of_firms:
            return firm_weights(world, self._role, np.arange(world.layout.firms) if rows is None else rows, self._lines)
        size = min(REFERENCE, len(world.people))
        return people_weights(world, self._role, np.arange(size, dtype=np.int64) if rows is None else rows)

    def on(self, world: World, today: Today, factor: float = 1.0) -> list[tuple[int, int, int]]:
        """Stories of a day: lead (a person's or firm's row), id, and when, microseconds since 1970.

        Args:
            world: who is there.
            today: the day.
            factor: how many times as often as usual they begin.
        """
        if self._mean == 0:
            return []
        if today.day // YEAR != self._year:
            self._look_ahead(world, today.day // YEAR)
        started = []
        chance = self._told.yearly / self._turns
        for turn, rows, word in self._days.get(today.day, ()):
            there = trading(world.firms, today.day, rows) if self.of_firms else here(world.people, today.day, rows)
            weight = np.minimum(self._weights(world, rows) / self._mean * factor, PEAK)
            for row in rows[there & (word < chance * weight * WORD)].tolist():
                story = story_id(self._told.name, row, today.day, turn)
                started.append((row, story, self._time(story, today)))
        return started

    def _look_ahead(self, world: World, year: int) -> None:
        """Whom the story may befall in a year, which addresses alone say."""
        layout = world.layout
        first, count = (layout.people, layout.firms) if self.of_firms else (0, layout.people)
        share = min(WORD - 1, int(self._told.yearly / self._turns * PEAK * WORD))
        self._year, self._days = year, {}
        for turn in range(self._turns):
            for day, (rows, word) in _befallen(self._seed, first, count, self._name, year << 8 | turn, share).items():
                self._days.setdefault(day, []).append((turn, rows - first, word))

    def _time(self, story: int, today: Today) -> int:
        """A moment of the UTC day: within the hours of the first act, else of a waking day."""
        hours = self._told.acts[0].hours or [8, 22]
        local = hours[0] * HOUR + int(Dice(self._seed, story).share(BEGIN) * (hours[1] - hours[0]) * HOUR)
        return today.day * DAY + (local - today.offset) % DAY
