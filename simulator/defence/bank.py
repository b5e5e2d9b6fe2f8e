"""Banks at work: alerts wait for investigators, cases are opened, accounts and cards blocked, victims' reports decided."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from simulator.clock import DAY, HOUR, Today
from simulator.defence.lot import For, lot
from simulator.defence.monitor import Raised, Rule
from simulator.population.accounts import FIRM_ROWS, PERSON_ROWS
from simulator.population.world import World
from simulator.scenario import Scenario

OPEN, TRUE_POSITIVE, FALSE_POSITIVE = 0, 1, 2
"""Dispositions of an alert."""

BLOCKING = (Rule.FIRST_PAYMENT, Rule.REMOTE_PURCHASE, Rule.CARD_VELOCITY, Rule.CARD_FAILURES)
"""Rules whose alerts may block the card or account until the customer has answered."""

CARDS = (Rule.REMOTE_PURCHASE, Rule.CARD_VELOCITY, Rule.CARD_FAILURES, Rule.DETECTOR)
"""Rules after whose alerts a customer's card is blocked where investigators confirm them."""

GATHERS = 30
"""Days for which alerts on one customer are gathered in one case (assumption)."""


@dataclass(slots=True)
class Alert:
    """An alert, open or decided."""

    number: int
    transaction: int
    time: int
    who: int
    account: int
    bank: int
    rule: int
    score: int
    """Of 10,000."""
    disposition: int = OPEN
    decided: int = -1
    blocks: int = 0


@dataclass(slots=True)
class Case:
    """An investigation of a customer."""

    number: int
    bank: int
    who: int
    alerts: list[int]
    transactions: list[int]
    opened: int
    decided: int = -1
    confirmed: int = 0
    filed: int = -1


class Bank:
    """The investigators of all banks, one queue each.

    Args:
        settings: of the world.
    """

    def __init__(self, settings: Scenario) -> None:
        self._key = np.uint64(settings.seed)
        self.obey(settings)
        self._spare = [0.0] * len(settings.banks)
        self.alerts: list[Alert] = []
        self.cases: list[Case] = []
        self._queues: list[deque[int]] = [deque() for _ in settings.banks]
        self._of: dict[int, int] = {}

    def obey(self, settings: Scenario) -> None:
        """Take up the rules of a day."""
        self._rules = settings.defence
        share, people = sum(bank.share for bank in settings.banks), settings.population.customers
        self._capacity = [self._rules.capacity * people * bank.share / share / 10_000 for bank in settings.banks]

    def take(self, world: World, raised: list[Raised]) -> list[Alert]:
        """Alerts of a window join their bank's queue; some block the account at once. Returns those that do."""
        blocking = []
        for one in raised:
            bank = bank_of(world, one.account)
            alert = Alert(len(self.alerts), one.transaction, one.time, one.who, one.account, bank, one.rule, one.score)
            self.alerts.append(alert)
            self._queues[bank].append(alert.number)
            if alert.rule in BLOCKING and lot(self._key, alert.transaction, For.BLOCKS) < self._rules.blocked:
                alert.blocks = 1
                blocking.append(alert)
        return blocking

    def decide(self, today: Today, guilty: set[int], dirty: set[int]) -> list[Alert]:
        """Investigators decide what they have time for on a business day.

        Args:
            today: the day.
            guilty: transactions of guilty stories.
            dirty: account rows that take part in one.

        Returns:
            The alerts that were decided.
        """
        if not today.business:
            return []
        decided = []
        for bank, queue in enumerate(self._queues):
            # What is not used of a day is kept for the next, at least until there is time for one.
            self._spare[bank] = min(self._spare[bank], max(1.0, self._capacity[bank])) + self._capacity[bank]
            while queue and self._spare[bank] >= 1:
                alert = self.alerts[queue[0]]
                if alert.time > today.day * DAY + 17 * HOUR - today.offset:
                    break
                queue.popleft()
                self._spare[bank] -= 1
                self._decide(alert, today, alert.transaction in guilty or alert.account in dirty)
                decided.append(alert)
        return decided

    def _decide(self, alert: Alert, today: Today, is_guilty: bool) -> None:
        chance = self._rules.found if is_guilty else self._rules.mistaken
        alert.disposition = TRUE_POSITIVE if lot(self._key, alert.transaction, For.FINDS) < chance else FALSE_POSITIVE
        moment = today.day * DAY + (9 * HOUR + int(lot(self._key, alert.transaction, For.DECIDED) * 8 * HOUR) - today.offset) % DAY
        alert.decided = max(alert.time + 60_000_000, moment)
        self._file(alert)

    def _file(self, alert: Alert) -> None:
        """Put the alert into the customer's case; a new one where the last is decided or old."""
        known = self._of.get(alert.who)
        case = self.cases[known] if known is not None else None
        if case is None or case.bank != alert.bank or alert.time - case.opened > GATHERS * DAY:
            if alert.disposition == FALSE_POSITIVE:
                return
            case = Case(len(self.cases), alert.bank, alert.who, [], [], alert.decided)
            self.cases.append(case)
            self._of[alert.who] = case.number
        case.alerts.append(alert.number)
        if alert.transaction not in case.transactions:
            case.transactions.append(alert.transaction)
        if alert.disposition == TRUE_POSITIVE and not case.confirmed:
            case.confirmed, case.decided = 1, alert.decided + HOUR
            if lot(self._key, alert.transaction, For.FILED) < self._rules.filed:
                low, high = self._rules.filed_within
                case.filed = case.decided + int((low + lot(self._key, alert.transaction, For.FILED_AFTER) * (high - low)) * DAY)

    def dump(self) -> dict[str, Any]:
        """All that changes, as plain data for a checkpoint."""
        return {
            "alerts": [list(asdict(alert).values()) for alert in self.alerts],
            "cases": [list(asdict(case).values()) for case in self.cases],
            "queues": [list(queue) for queue in self._queues],
            "spare": self._spare,
            "of": [[who, case] for who, case in self._of.items()],
        }

    def load(self, stored: dict[str, Any]) -> None:
        """What `dump` gave, taken up again."""
        self.alerts = [Alert(*one) for one in stored["alerts"]]
        self.cases = [Case(*one) for one in stored["cases"]]
        self._queues = [deque(queue) for queue in stored["queues"]]
        self._spare = stored["spare"]
        self._of = {who: case for who, case in stored["of"]}


def bank_of(world: World, account: int) -> int:
    """Bank of an account row."""
    if account < world.layout.firm_base:
        return int(world.people.view(np.ndarray)["bank"][account // PERSON_ROWS])
    return int(world.firms.view(np.ndarray)["bank"][(account - world.layout.firm_base) // FIRM_ROWS])
