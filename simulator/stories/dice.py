"""What a story draws: every number stands at the address of the story, its act and turn; nothing is consumed."""

import math
from collections.abc import Sequence

import numpy as np
import xxhash

from simulator.draws import NORMAL, WORD, Why, draw
from simulator.scenario.quantity import Amount, Number, TimeSpan

LOW = WORD - 1
QUANTILES: list[float] = NORMAL.tolist()
"""Of the standard normal, as plain numbers."""

STORY = int(Why.STORY)

CAST, TIME, COUNT, AMOUNT, ROUND, CONDITION, SHOP, BEGIN, ENDING, CHOICE = range(10)
GAP, BREATH, MOMENT, HOURS, NEXT_HOURS, ARRIVED_HOURS, NOTICED, FEED, SPLIT, SOME_PAIRS, SET_UP = range(10, 21)
WRONG, WHAT_IS_WRONG, BY_MOBILE, BLENDS, USUAL_CATEGORY, USUAL_FACTOR, EDIT, EDITED, LEARNS, LESS = range(21, 31)
RETURNS, HEEDS = 31, 32
"""What a draw of a story is for."""


def story_id(typology: str, trigger: int, day: int, ordinal: int) -> int:
    """Key of a story: a hash of what begins it, never a counter; 62 bits.

    Args:
        typology: name of the typology.
        trigger: row that it befalls.
        day: days since 1970.
        ordinal: which of those that begin there on the day; of a story that another begins, the key of that one.
    """
    return xxhash.xxh3_64_intdigest(f"{typology} {trigger} {day} {ordinal}".encode()) >> 2


class Dice:
    """The draws of one story.

    Args:
        key: the seed.
        story: its id.
    """

    __slots__ = ("_key", "_who", "_with")

    def __init__(self, key: int, story: int) -> None:
        self._key, self._who, self._with = np.uint64(key), story & LOW, ((story >> 32) & 0x3FFF) << 16

    def word(self, what: int, act: int = 0, turn: int = 0) -> int:
        """A word of 32 bits."""
        return int(draw(self._key, self._who, self._with | what, STORY, (act & 0xFFF) << 20 | (turn & 0xFFFFF))[0])

    def pair(self, what: int, act: int = 0, turn: int = 0) -> tuple[int, int]:
        """Two words of 32 bits at one address."""
        first, second, _, _ = draw(self._key, self._who, self._with | what, STORY, (act & 0xFFF) << 20 | (turn & 0xFFFFF))
        return int(first), int(second)

    def share(self, what: int, act: int = 0, turn: int = 0) -> float:
        """A number in (0, 1)."""
        return float((draw(self._key, self._who, self._with | what, STORY, (act & 0xFFF) << 20 | (turn & 0xFFFFF))[0] + 0.5) / WORD)

    def below(self, n: int, what: int, act: int = 0, turn: int = 0) -> int:
        """A whole number in [0, n)."""
        return self.word(what, act, turn) * n >> 32

    def between(self, pair: Sequence[float], what: int, act: int = 0, turn: int = 0) -> float:
        """A number evenly between two."""
        return pair[0] + (pair[1] - pair[0]) * self.share(what, act, turn)

    def span(self, span: TimeSpan, act: int, turn: int, what: int = TIME) -> int:
        """A length of time, microseconds."""
        low, high, median, most = span.microseconds
        if span.between is None:
            length = round(median * self.factor(span.spread, what, act, turn))
        elif low == high:
            length = low
        else:
            length = low + (self.word(what, act, turn) * (high - low + 1) >> 32)
        return min(length, most) if most else length

    def factor(self, spread: float, what: int, act: int, turn: int) -> float:
        """A log-normal factor of median 1."""
        return math.exp(spread * QUANTILES[self.word(what, act, turn) >> 20])

    def count(self, count: Number, act: int = 0, turn: int = 0) -> int:
        """How many: at least `least`, and a geometric number more up to the mean."""
        more = 0
        if count.mean is not None and count.mean > count.least:
            extra = count.mean - count.least
            more = math.floor(math.log(self.share(COUNT, act, turn)) / math.log(extra / (1 + extra)))
        total = count.least + more
        return total if count.most is None else min(total, count.most)

    def rounded(self, amount: int, rule: Amount, unit: int, act: int, turn: int) -> int:
        """An amount as its payer would round it; minor units."""
        step = round(rule.round_to * unit)
        if step > 1 and amount > step and self.share(ROUND, act, turn) < rule.rounded:
            return amount // step * step
        return amount
