"""When acts take place: delays, local hours, and the minutes that it takes to see what came of something."""

from simulator.clock import DAY, HOUR
from simulator.scenario.plot import Act
from simulator.stories.dice import BREATH, HEEDS, HOURS, MOMENT, Dice
from simulator.stories.instance import Instance
from simulator.stories.library import is_remote_theft

MINUTE = 60_000_000

PATIENCE = 4.0
"""Masters wait so many times as long between remote payments as middling crews, and these as long against the clumsiest (assumption)."""

HEEDED = 0.6
"""Share of stories in which masters keep to their victims' hours (assumption)."""

WAKING = 7
"""Local hour before which people sleep."""


class Pace:
    """Draws the times of a story.

    Args:
        seed: key of the draws.
        offset: local time minus UTC, microseconds.
    """

    def __init__(self, seed: int, offset: int) -> None:
        self._seed, self._offset = seed, offset

    def delayed(self, act: Act, instance: Instance, since: int, number: int) -> int:
        """When an act takes place, microseconds since 1970."""
        dice = Dice(self._seed, instance.story)
        wait = dice.span(act.after, number, instance.rounds)
        if instance.crew >= 0 and is_remote_theft(act):
            wait = self.patient(act, instance, wait)
        return self.within(since + wait, act, dice, number, instance.rounds, instance.skill)

    @staticmethod
    def patient(act: Act, instance: Instance, wait: int) -> int:
        """A time as long as a crew waits: the skilled are patient, others drain a card at once."""
        if is_remote_theft(act):
            return int(wait * PATIENCE ** (2 * instance.skill - 1))
        return int(wait * (0.4 + 1.2 * instance.skill))

    def within(self, due: int, act: Act, dice: Dice, number: int, turn: int, skill: float, what: int = HOURS) -> int:
        """A moment within the local hours of an act: that one, or one of the next such hours.

        Skilled crews buy remotely when their victims are awake, others at any hour.
        """
        first, last = act.hours or (0, 24)
        if first < WAKING < last and skill > 0 and is_remote_theft(act) and dice.share(HEEDS) < HEEDED * skill:
            first = WAKING
        if first == 0 and last == 24:
            return due
        local = due + self._offset
        midnight, hour = local // DAY * DAY, local % DAY / HOUR
        if first <= hour < last:
            return due
        ahead = 0 if hour < first else DAY
        return int(midnight + ahead + first * HOUR + dice.share(what, number, turn) * (last - first) * HOUR - self._offset)

    @staticmethod
    def breath(dice: Dice, instance: Instance) -> int:
        """Some seconds: nobody makes two payments in the same one."""
        return int(MINUTE * (0.1 + 1.5 * dice.share(BREATH, instance.act, instance.turn)))

    @staticmethod
    def moment(dice: Dice, instance: Instance) -> int:
        """Some minutes: nobody sees an outcome or a credit in the second in which the bank books it."""
        return int(MINUTE + dice.share(MOMENT, instance.act, instance.turn) * 25 * MINUTE)
