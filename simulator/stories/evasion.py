"""Evasion: how crews make payments look otherwise, and what they learn from alerts; dials of any story, off by default."""

from simulator.scenario.story import Stories
from simulator.stories.dice import EDIT, EDITED, LEARNS, LESS, Dice

LAG = (7, 30)
"""Days until a crew knows that an amount was noticed (typology sheet, P24)."""

BELOW = (0.8, 0.95)
"""Shares of that amount which it pays from then on (typology sheet, P24)."""

PART = (0.3, 0.7)
"""Shares of a payment in its first half (assumption)."""


class Evasion:
    """What crews do not to be noticed.

    Args:
        dials: `edits` and `cautious`.
        seed: key of the draws.
    """

    def __init__(self, dials: Stories, seed: int) -> None:
        self._edits, self._cautious, self._seed = dials.edits, dials.cautious, seed

    def learn(self, known: list[list[int]], story: int, act: int, turn: int, amount: int, day: int) -> None:
        """An alert was raised on a payment; who runs the story may come to know of it.

        Args:
            known: amounts that they know to be noticed, with the day from which they do.
            story: its id.
            act: which act.
            turn: which payment of it.
            amount: minor units.
            day: days since 1970.
        """
        dice = Dice(self._seed, story)
        if dice.share(LEARNS, act, turn) < self._cautious:
            known.append([day + LAG[0] + dice.below(LAG[1] - LAG[0] + 1, LEARNS, act, turn), amount])

    def lessened(self, known: list[list[int]], amount: int, day: int, dice: Dice, act: int, turn: int) -> int:
        """An amount, less where it is known by now that so much is noticed."""
        if not known:
            return amount
        limit = min((noticed for since, noticed in known if since <= day), default=None)
        return amount if limit is None or amount < limit else int(limit * dice.between(BELOW, LESS, act, turn))

    def first_part(self, amount: int, dice: Dice, act: int, turn: int) -> int:
        """What is paid first of a payment that is made as two; all of it where it is not."""
        if not self._edits or dice.share(EDIT, act, turn) >= self._edits:
            return amount
        return max(1, int(amount * dice.between(PART, EDITED, act, turn)))
