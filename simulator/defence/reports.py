"""Reports of fraud: what victims tell their banks, how it is decided, and what is got back or made good."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from simulator.clock import DAY, HOUR, Today
from simulator.codes import Channel, EntryMode, Message, Method, Purpose
from simulator.defence.bank import bank_of
from simulator.defence.lot import For, lot
from simulator.ledger import FORCED
from simulator.population.accounts import PERSON_ROWS, initiator_of
from simulator.population.world import World
from simulator.runner.postponed import Postponed
from simulator.scenario import Scenario
from simulator.scenario.story import Family
from simulator.stories.instance import Instance, Purchase, Row
from simulator.stories.library import Told

UNDECIDED, ACCEPTED, REJECTED = 0, 1, 2
NOBODY, MERCHANT, CUSTOMER, BANK = 0, 1, 2, 3
"""Who bears the loss."""

REASONS = (
    "card_absent_fraud", "card_present_fraud", "lost_or_stolen_card", "account_takeover", "authorised_scam", "other_fraud",
    "not_received", "not_as_described",
)  # fmt: skip
"""What victims claim: families of the card networks (Visa 10.3, 10.4; Mastercard 00/01, 05, 56) and of scams."""


@dataclass(slots=True)
class Report:
    """A report of one payment."""

    number: int
    bank: int
    transaction: int
    time: int
    reason: int
    amount: int
    story: int
    account: int
    payee: int
    method: int
    remote: int
    reimbursed: float
    due: int
    status: int = UNDECIDED
    decided: int = -1
    recovered: int = 0
    liable: int = NOBODY


class Reports:
    """All reports of fraud.

    Args:
        settings: of the world.
    """

    def __init__(self, settings: Scenario) -> None:
        self._key = np.uint64(settings.seed)
        self.obey(settings)
        self.all: list[Report] = []
        self._open: list[int] = []

    def obey(self, settings: Scenario) -> None:
        """Take up the rules of a day."""
        self._rules = settings.defence

    def hear(self, world: World, told: Told, instance: Instance, rows: Sequence[Row | Purchase], noticed: int) -> list[Report]:
        """A customer tells the bank of what a story took, from ``noticed`` on, microseconds since 1970."""
        heard, gates = [], told.typology.gates
        rows = [row for row in rows if row.payer < world.layout.government]  # the state, and who is abroad, tell no bank here
        for place, row in enumerate(rows):
            time = max(noticed, row.time + 60_000_000) + place * 1_000_000
            low, high = self._rules.decided_within
            due = time // DAY + low + int(lot(self._key, row.transaction, For.REPORT_DECIDED) * (high - low + 1))
            remote = int(row.entry in (EntryMode.REMOTE, EntryMode.MANUAL))
            reason = self._reason(told, row, remote)
            if lot(self._key, instance.story, For.MISTAKEN) < gates.mistaken:
                reason = int(lot(self._key, instance.story, For.MISTAKEN_REASON) * len(REASONS))
            report = Report(
                len(self.all), bank_of(world, row.payer), row.transaction, time, reason, row.amount, instance.story, row.payer, row.payee,
                row.method, remote, self._reimbursed(told, row.payer < world.layout.firm_base), due,
            )  # fmt: skip
            self.all.append(report)
            self._open.append(report.number)
            heard.append(report)
        return heard

    def _reimbursed(self, told: Told, of_person: bool) -> float:
        """Share of such stories that the bank makes good: the story's own, or what a rule says of authorised scams on people."""
        rule, typology = self._rules.reimbursed, told.typology
        ruled = rule is not None and of_person and typology.authorised and typology.family is Family.SCAM
        return rule if ruled and rule is not None else typology.gates.reimbursed

    @staticmethod
    def _reason(told: Told, row: Row | Purchase, remote: int) -> int:
        if row.method in (Method.CARD, Method.WALLET) and told.typology.family in ("card", "first_party", "merchant"):
            return 0 if remote else 1
        return 3 if told.typology.family == "takeover" else 4 if told.typology.family == "scam" else 5

    def decide(self, world: World, today: Today, postponed: Postponed) -> list[Report]:
        """Claims that fall due are decided; what is made good is paid tomorrow."""
        due = [self.all[number] for number in self._open if self.all[number].due <= today.day]
        self._open = [number for number in self._open if self.all[number].due > today.day]
        for report in due:
            report.decided = max(report.time + HOUR, today.day * DAY + (10 * HOUR - today.offset) % DAY)
            self._settle(world, today, report, postponed)
        return due

    def _settle(self, world: World, today: Today, report: Report, postponed: Postponed) -> None:
        """What the payee's bank sends back comes first; the rest is borne by merchant, bank or customer."""
        layout = world.layout
        back = 0
        by_card = report.method in (Method.CARD, Method.WALLET)
        sent_back = lot(self._key, report.story, For.RECALLED) < self._rules.recalled
        if not by_card and report.payee < layout.firm_base and sent_back:
            back = max(0, min(report.amount, int(world.accounts.available[report.payee])))
            if back:
                self._pay(layout, postponed, today.day + 1, report, report.payee, back, Message.RECALL)
        rest = report.amount - back
        made_good = rest if by_card or lot(self._key, report.story, For.MADE_GOOD) < report.reimbursed else 0
        if made_good:
            from_merchant = by_card and report.remote and layout.firm_base <= report.payee < layout.government
            payer = layout.bank_base + report.bank
            self._pay(layout, postponed, today.day + 1, report, payer, made_good, Message.REFUND)
            report.liable = MERCHANT if from_merchant else BANK
        report.status = ACCEPTED if back or made_good else REJECTED
        report.recovered = back + made_good
        if not made_good and rest:
            report.liable = CUSTOMER

    @staticmethod
    def _pay(layout: Any, postponed: Postponed, day: int, report: Report, payer: int, amount: int, message: Message) -> None:
        starts = initiator_of(layout, payer)
        postponed.plan(
            day, 1, time=11 * HOUR + report.transaction % HOUR, amount=amount, related=report.transaction,
            initiator=starts if starts >= 0 else initiator_of(layout, report.account), payer=payer, payee=report.account,
            method=int(Method.INSTANT_TRANSFER), channel=int(Channel.NONE), purpose=int(Purpose.REFUND), message=int(message), marks=FORCED,
        )  # fmt: skip

    def dump(self) -> dict[str, Any]:
        """Plain data for a checkpoint."""
        return {"all": [list(asdict(report).values()) for report in self.all], "open": self._open}

    def load(self, stored: dict[str, Any]) -> None:
        """What `dump` gave, taken up again."""
        self.all, self._open = [Report(*one) for one in stored["all"]], stored["open"]


def card_of_account(account: int) -> int:
    """Row of the card of an account: 2 x person, + 1 for the credit card."""
    return account // PERSON_ROWS * 2 + (1 if account % PERSON_ROWS == 2 else 0)
