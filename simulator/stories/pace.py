"""When acts take place: delays, local hours, and the minutes that it takes to see what came of something."""

from simulator.clock import DAY, HOUR
from simulator.scenario.plot import Act
from simulator.stories.dice import BREATH, HOURS, MOMENT, Dice
from simulator.stories.instance import Instance

MINUTE = 60_000_000


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
        due = since + dice.span(act.after, number, instance.rounds)
        return self.within(due, act, dice, number, instance.rounds)

    def within(self, due: int, act: Act, dice: Dice, number: int, turn: int, what: int = HOURS) -> int:
        """A moment within the local hours of an act: that one, or one of the next such hours."""
        if act.hours is None:
            return due
        first, last = act.hours
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
