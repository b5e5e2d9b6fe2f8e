"""The guard: watches each window, blocks what is suspected, and at the day's close decides alerts and hears victims."""

from typing import Any

import numpy as np

from simulator.clock import DAY, Today
from simulator.codes import Detail, Event
from simulator.defence.bank import CARDS, FALSE_POSITIVE, TRUE_POSITIVE, Alert, Bank
from simulator.defence.chargebacks import charge_back
from simulator.defence.lot import For, lot
from simulator.defence.monitor import ALERT, SEEN, Limits, Raised, Rule, monitor
from simulator.defence.patience import Less, Patience
from simulator.defence.refusals import refusals
from simulator.defence.reports import Report, Reports, card_of_account
from simulator.lives.cards import Step as CardStep
from simulator.lives.diary import Diary
from simulator.lives.lines import apply_for_cards
from simulator.lives.times import EVENING
from simulator.population.accounts import CREDIT_CARD, FROZEN, PERSON_ROWS, initiator_of
from simulator.population.world import World
from simulator.records import Records, grown, records
from simulator.runner.runner import Runner
from simulator.scenario import Scenario
from simulator.scenario.plot import Claim
from simulator.scenario.story import Family
from simulator.stories.teller import Teller

STAYS = 60
"""Days for which the account of a confirmed mule stays frozen (assumption)."""

ANSWERS = 1
"""Days until a customer has answered about a blocked card or account (assumption)."""


def _by_time(raised: Raised) -> tuple[int, int]:
    return raised.time, raised.transaction


class Guard:
    """The defence of all banks.

    Args:
        settings: of the world.
        world: whose customers are watched.
    """

    def __init__(self, settings: Scenario, world: World) -> None:
        self._key, self._unit = np.uint64(settings.seed), world.rules.unit
        self.seen: Records = records(SEEN, world.layout.people + world.layout.firms)
        self.seen.told[:] = -QUIET_EVER
        self._raised: Records = records(ALERT, 0)
        self.bank, self.reports, self.patience = Bank(settings), Reports(settings), Patience(settings)
        self.obey(settings)
        self.blocked: dict[int, int] = {}
        """By account row: day until which its card is blocked."""
        self.frozen: dict[int, int] = {}
        """By account row: day until which it is frozen."""
        self.alerted: frozenset[int] = frozenset()
        """Transactions of the last window on which an alert was raised."""
        self._told: list[tuple[Event, int, int, int]] = []

    def obey(self, settings: Scenario) -> None:
        """Take up the rules of a day."""
        self._settings, self._rules, unit, rules = settings, settings.defence, self._unit, settings.defence
        self._limits = Limits(
            round(rules.first_payment * unit), round(rules.remote_purchase * unit), rules.velocity, rules.failures, rules.deposits,
            round(rules.nearly * 1000), round(rules.passing * unit), round(rules.passed * 1000), round(rules.abroad * unit),
        )  # fmt: skip
        self.bank.obey(settings)
        self.reports.obey(settings)
        self.patience.obey(settings)

    def refuse(self, runner: Runner, window: int) -> None:
        """Cards that are blocked are declined in a window."""
        if self.blocked:
            runner.refuse(window, np.array(sorted(self.blocked), np.int64))

    def watch(self, world: World, today: Today, window: int, runner: Runner) -> None:
        """Raise alerts on a cleared window; some block a card or freeze an account at once."""
        self.alerted = frozenset()
        if not self._rules.alerts:
            return
        block, ids, count = runner.cleared
        if count >= len(self._raised):
            self._raised = grown(self._raised, count * 5 // 4 + 1)
        found = monitor(
            world.layout, self._limits, int(world.rules.cash_report), today.day, window, block, count, ids, self.seen, self._raised
        )
        rows, scores = runner.refused
        if not found and not len(rows):
            return
        rules = self._raised[:found].copy()
        rules["score"] *= 10  # of 1,000
        alerts = rules.tolist()
        if len(rows):
            alerts += refusals(world.layout, today.day, block, ids, rows, scores).tolist()
        end = min(DAY - 1, (window + 1) * (DAY // self._settings.period.windows))
        raised = sorted(map(Raised._make, alerts), key=_by_time)
        self.alerted = frozenset(one.transaction for one in raised)
        for alert in self.bank.take(world, raised):
            self._block(world, today, alert, end)

    def _block(self, world: World, today: Today, alert: Alert, time: int) -> None:
        """Block the card, or freeze the account, until the customer has answered."""
        if alert.rule == Rule.FIRST_PAYMENT:
            self._freeze(world, alert.account, today.day + ANSWERS, time)
        elif alert.account not in self.blocked:
            self.blocked[alert.account] = today.day + ANSWERS
            self._told.append((Event.CARD_BLOCKED, time, alert.account, int(Detail.SUSPECTED_FRAUD)))

    def _freeze(self, world: World, account: int, until: int, time: int) -> None:
        line = int(world.accounts.line[account])
        if account in self.frozen:
            self.frozen[account] = max(self.frozen[account], until)
        elif abs(line) < 1 << 60:
            world.accounts.line[account] = FROZEN - line
            self.frozen[account] = until
            self._told.append((Event.ACCOUNT_FROZEN, time, account, int(Detail.SUSPECTED_FRAUD)))

    def close_day(self, world: World, today: Today, diary: Diary, runner: Runner, teller: Teller) -> None:
        """Decide alerts, hear victims, decide claims, and give back what was blocked for too long."""
        self._lose_cards(world, today, diary, teller)
        memory = teller.memory
        for alert in self.bank.decide(today, memory.guilty, memory.dirty):
            self._answer(world, today, alert, diary, teller)
        for told, instance, rows in memory.noticed(today):
            hurt = {row.payer // PERSON_ROWS for row in rows if row.payer < world.layout.firm_base}
            for person in sorted(hurt if told.typology.family is not Family.FIRST_PARTY else ()):
                self.patience.hurt(person, today.day, diary.agenda)
            for report in self.reports.hear(world, told, instance, rows, instance.noticed):
                self._react(world, today, report, diary)
        self._hear_claims(world, today, diary, runner, teller)
        for report in self.reports.decide(world, today, runner.postponed):
            memory.recovered(report.story, report.recovered)
        self._give_back(world, today)
        self.patience.forgive(world, today.day)
        for kind, time, account, detail in self._told:
            who = initiator_of(world.layout, account)
            card = 0
            if kind == Event.CARD_BLOCKED:
                held = world.equipment["credit_card" if account % PERSON_ROWS == CREDIT_CARD else "debit_card"][account // PERSON_ROWS]
                card = 1 + 2 * int(held) + (1 if account % PERSON_ROWS == CREDIT_CARD else 0)
            diary.note(kind, np.array([who]), time, account=account, detail=detail, card=card)
        self._told.clear()

    @staticmethod
    def _lose_cards(world: World, today: Today, diary: Diary, teller: Teller) -> None:
        """Cards that were stolen today are missed by tomorrow; accounts that were asked for are opened."""
        apply_for_cards(world, today, diary, teller.stage.happenings.asked)
        teller.stage.happenings.asked.clear()
        for account in teller.stage.desk.lost:
            row = card_of_account(account)
            generation = int(world.equipment["credit_card" if row % 2 else "debit_card"][row // 2])
            diary.agenda.put(today.day, int(CardStep.LOSE), np.array([row]), generation)
        teller.stage.desk.lost.clear()

    def _answer(self, world: World, today: Today, alert: Alert, diary: Diary, teller: Teller) -> None:
        """What follows from a decision: a mule's account is frozen, an innocent customer is annoyed."""
        if alert.disposition == TRUE_POSITIVE:
            if alert.account in teller.memory.culprits:
                self._freeze(world, alert.account, today.day + STAYS, EVENING)
            elif alert.rule in CARDS and alert.account < world.layout.firm_base:
                self.blocked[alert.account] = max(self.blocked.get(alert.account, 0), today.day + 2)
        elif alert.disposition == FALSE_POSITIVE and (alert.blocks or alert.rule == Rule.DETECTOR):
            if alert.account < world.layout.firm_base:
                self.patience.shop_less(world, alert.account // PERSON_ROWS, today.day)
                self.patience.bother(alert.account // PERSON_ROWS, today.day, diary.agenda)

    def _hear_claims(self, world: World, today: Today, diary: Diary, runner: Runner, teller: Teller) -> None:
        """What customers of stories dispute: purchases that they deny are reported as fraud, the others charged back."""
        claims = teller.stage.happenings.claims
        for instance, claim, purchases, time in sorted(claims, key=lambda one: (one.time, one.instance.story)):
            if claim is Claim.NOT_MINE:
                for report in self.reports.hear(world, teller.memory.denied(instance), instance, purchases, time):
                    self._react(world, today, report, diary)
            else:
                for purchase in purchases:
                    charge_back(world, today, runner, self._key, claim, purchase)
        claims.clear()

    def _react(self, world: World, today: Today, report: Report, diary: Diary) -> None:
        """The bank blocks the victim's card, or has the payee's account frozen."""
        if report.account >= world.layout.firm_base:
            return
        self.patience.shop_less(world, report.account // PERSON_ROWS, today.day)
        by_card = report.reason in (0, 1, 2)
        if by_card and report.account not in self.blocked:
            row = card_of_account(report.account)
            generation = int(world.equipment["credit_card" if row % 2 else "debit_card"][row // 2])
            diary.agenda.put(today.day + 1, int(CardStep.LOSE), np.array([row]), generation)
            self.blocked[report.account] = today.day + ANSWERS
        elif not by_card and report.payee < world.layout.firm_base and report.payee % PERSON_ROWS < CREDIT_CARD:
            if lot(self._key, report.story, For.HELD) < self._rules.held:
                self._freeze(world, report.payee, today.day + STAYS, EVENING)

    def _give_back(self, world: World, today: Today) -> None:
        """Blocks and freezes that have lasted, and those of people who leave tomorrow."""
        for account in [account for account, until in self.blocked.items() if until <= today.day]:
            del self.blocked[account]
        over = [a for a, until in self.frozen.items() if until <= today.day or self._leaves(world, a, today.day + 1)]
        for account in over:
            del self.frozen[account]
            line = int(world.accounts.line[account])
            if abs(line - FROZEN) < 1 << 60:
                world.accounts.line[account] = FROZEN - line
                self._told.append((Event.ACCOUNT_UNFROZEN, EVENING + 59_000_000, account, int(Detail.CONFIRMED_BY_CUSTOMER)))

    @staticmethod
    def _leaves(world: World, account: int, day: int) -> bool:
        return account < world.layout.firm_base and int(world.people.left[account // PERSON_ROWS]) <= day

    def dump(self) -> dict[str, Any]:
        """Plain data for a checkpoint; `seen` is kept as an array beside it."""
        return {
            "bank": self.bank.dump(),
            "reports": self.reports.dump(),
            "blocked": [[account, until] for account, until in self.blocked.items()],
            "frozen": [[account, until] for account, until in self.frozen.items()],
            "patience": [[row, spent] for row, spent in self.patience.spent.items()],
            "less": [[until, *one] for until, rows in self.patience.less.items() for one in rows],
        }

    def load(self, stored: dict[str, Any]) -> None:
        """What `dump` gave, taken up again."""
        self.bank.load(stored["bank"])
        self.reports.load(stored["reports"])
        self.blocked.update({account: until for account, until in stored["blocked"]})
        self.frozen = {account: until for account, until in stored["frozen"]}
        self.patience.spent = {row: spent for row, spent in stored["patience"]}
        for until, *less in stored["less"]:
            self.patience.put(until, Less._make(less))


QUIET_EVER = 10_000
"""Days ago of an alert that never was."""
