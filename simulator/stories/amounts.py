"""How much an act pays: by its file's rule, from what the story and the payer's books say at the last clearing."""

from simulator.population.accounts import CREDIT_CARD, PERSON_ROWS
from simulator.scenario.quantity import Amount
from simulator.stories.dice import AMOUNT, SPLIT, Dice
from simulator.stories.instance import Instance
from simulator.stories.sight import Sight


class Amounts:
    """Draws amounts, minor units.

    Args:
        unit: minor units in a currency unit.
        money: amounts of this world against those of the files.
        report: notes from which a report is filed, minor units; 0 for none.
    """

    def __init__(self, unit: int, money: float, report: int) -> None:
        self._unit, self._scale, self._report = unit, unit * money, report
        self.spent: dict[int, int] = {}
        """What orders of this window take from accounts already."""

    def drawn(self, rule: Amount, dice: Dice, act: int, turn: int) -> int:
        """An amount that needs no books."""
        if rule.between is not None:
            drawn = dice.between(rule.between, AMOUNT, act, turn) * self._scale
        elif rule.median is not None:
            drawn = rule.median * dice.factor(rule.spread, AMOUNT, act, turn) * self._scale
        elif rule.below_report is not None:
            report = self._report or round(10_000 * self._scale)
            drawn = dice.between(rule.below_report, AMOUNT, act, turn) * report
        else:
            drawn = 0.0
        return self.cut(int(drawn), rule, dice, act, turn)

    def cut(self, amount: int, rule: Amount, dice: Dice, act: int, turn: int) -> int:
        """An amount within its bounds, rounded as its payer would; 0 where it is not worth it."""
        if rule.most is not None:
            amount = min(amount, round(rule.most * self._scale))
        amount = dice.rounded(amount, rule, round(self._scale), act, turn)
        return amount if amount >= round(rule.least * self._scale) else 0

    def of(self, rule: Amount, instance: Instance, payer: int, left: int, sight: Sight, dice: Dice, act: int, turn: int) -> int:
        """The amount of a payment; 0 where there is none to be made.

        Args:
            rule: of the act.
            instance: the story.
            payer: account row.
            left: payments that this payer is still to make in the act, this one among them.
            sight: whose books are read.
            dice: of the story.
            act: which act.
            turn: which payment of it.
        """
        pair = rule.available or rule.arrived or rule.remaining or rule.debt
        if pair is None:
            amount = instance.fact(rule.same_as).amount if rule.same_as is not None else self.drawn(rule, dice, act, turn)
            return self._grown(amount, rule, dice, act, turn)
        share = dice.between(pair, AMOUNT, act, turn)
        if rule.arrived is not None:
            brought, gone, _ = instance.purse(payer)
            base = brought - gone - self.spent.get(-payer - 1, 0)
            share = self._split(share, left, dice, act, turn)
        elif rule.remaining is not None:
            base = max(0, instance.aim - instance.taken)
            share = self._split(share, left, dice, act, turn)
        elif rule.debt is not None:
            base = sight.available[payer] + sight.line[payer] - self.spent.get(payer, 0)
        else:
            base = sight.available[payer] - self.spent.get(payer, 0)
            if payer < sight.firm_base and payer % PERSON_ROWS == CREDIT_CARD:
                base += sight.line[payer]
        amount = self.cut(int(max(0, base) * share), rule, dice, act, turn)
        self.spent[-payer - 1] = self.spent.get(-payer - 1, 0) + (amount if rule.arrived is not None else 0)
        return amount

    def give_up(self, payer: int, amount: int) -> None:
        """Some of what had arrived with a payer is not paid in this window after all; below 0 where it is."""
        self.spent[-payer - 1] = self.spent.get(-payer - 1, 0) - amount

    def _grown(self, amount: int, rule: Amount, dice: Dice, act: int, turn: int) -> int:
        if rule.grows == 1.0:
            return amount
        return self.cut(int(amount * rule.grows**turn), rule, dice, act, turn)

    @staticmethod
    def _split(share: float, left: int, dice: Dice, act: int, turn: int) -> float:
        """The part of a payment among several from the same money: uneven, the last takes the rest."""
        if left <= 1:
            return share
        return share * min(1.0, (0.4 + 1.2 * dice.share(SPLIT, act, turn)) / left)
