"""The teller: begins stories, lets those go on that are due, writes their orders and hears what became of them.

A story with nothing due costs nothing: it waits in a heap by the time at which it goes on.
"""

import heapq
from collections.abc import Mapping, Set
from typing import Any

import mesa
import numpy as np

from simulator.clock import DAY, Today
from simulator.codes import Reason, Status
from simulator.economy.waves import Waves
from simulator.ledger import ATTEMPT, UNSEEN, Became
from simulator.population.world import World
from simulator.records import Records, records
from simulator.scenario import Scenario
from simulator.scenario.story import Feed
from simulator.stories.begin import Beginnings
from simulator.stories.breaches import BREACHED_SHOP, Breaches
from simulator.stories.capital import Purses
from simulator.stories.cast import Casting
from simulator.stories.crews import Crews
from simulator.stories.dice import FEED, Dice, story_id
from simulator.stories.instance import Instance
from simulator.stories.labels import Labels
from simulator.stories.library import Library, Told
from simulator.stories.memory import Memory
from simulator.stories.order import Order
from simulator.stories.orders import complete
from simulator.stories.sight import Sight
from simulator.stories.stage import Stage
from simulator.stories.troupe import Troupe

NOTHING: Records = records(ATTEMPT, 0)

THE_AIM = 4095
"""In place of an act: the story's aim."""

ROOM = 64
"""Events that the orders of one payer and window may make."""


def _by_time(pair: tuple[Order, Became]) -> tuple[int, int]:
    return pair[1].time, pair[1].transaction


class Teller:
    """Tells the stories of a world.

    Args:
        model: whose agents crews are.
        settings: of the world.
        world: in which stories are told.
        blocked: account rows whose card a bank has blocked; others write it.
    """

    def __init__(self, model: mesa.Model, settings: Scenario, world: World, blocked: Mapping[int, int]) -> None:
        self._seed = settings.seed
        self._windows = settings.period.windows
        self.library = Library(settings.stories)
        crews = max(1, round(settings.population.customers * settings.stories.crews / 10_000)) if len(self.library) else 0
        self.crews = Crews(model, settings.seed, crews, self.library.ease, Purses(world.rules.unit, settings.stories.money))
        self.casting = Casting(settings)
        self.troupe = Troupe(self.crews, self.casting)
        self._waves, self.breaches = Waves(settings), Breaches(settings, self.library)
        self.stage = Stage(self.library, self.crews, self.casting, settings, world.rules.unit, blocked, self._waves)
        often = [told for told in self.library.told if told.yearly > 0]
        self.begins = [(told, Beginnings(told, world, self._seed, self.casting.lines)) for told in often]
        self.under_way: dict[int, Instance] = {}
        self.ended: list[Instance] = []
        self._forgotten = 0
        self.labels = Labels()
        self.untold: dict[str, int] = {}
        self.memory = Memory(self.library, world.layout.firm_base)
        self._foreign, self._dealers = world.layout.abroad_base, world.layout.dealer_base
        self._waits: list[tuple[int, int]] = []
        self._written: list[Order] = []
        self._count: dict[int, int] = {}

    def open_day(self, world: World, today: Today, distress: float = 1.0) -> None:
        """Stories that begin of themselves today; ``distress`` is unemployment over the usual."""
        self.sight = Sight(world)
        self._count.clear()
        for instance in self.ended[self._forgotten :]:
            instance.forget()
        self._forgotten = len(self.ended)
        for told, begins in self.begins:
            for row, story, when in begins.on(self.sight, today, self._waves.factor(told.typology, today.day, distress)):
                lead = world.layout.people + row if begins.of_firms else row
                chosen = self._chosen(told, story)
                if chosen is not None:
                    self._begin(chosen, lead, story, when, today)
        for told, person, story, when, shop in self.breaches.used(self.sight, today):
            if self.crews.can_pay(self.crews.of(Dice(self._seed, story)), told):
                begun = self._begin(told, person, story, when, today)
                if begun is not None:
                    begun.cast[BREACHED_SHOP] = [shop]

    def _chosen(self, told: Told, story: int) -> Told | None:
        """What the crew makes of it; None where it cannot pay for it."""
        if not told.typology.crewed:
            return told
        dice = Dice(self._seed, story)
        return self.crews.choose(self.crews.of(dice), told, self.library, dice)

    def _begin(
        self, told: Told, lead: int, story: int, when: int, today: Today, parent: Instance | None = None,
        given: dict[str, list[int]] | None = None, aim: int = 0,
    ) -> Instance | None:  # fmt: skip
        """Find the cast and let the story begin; where a part stays empty it is not told, and nothing is returned."""
        dice = Dice(self._seed, story)
        crew = parent.crew if parent is not None else self.crews.of(dice) if told.needs_crew else -1
        instance = Instance(story, told.place, crew, parent.story if parent is not None else -1, when)
        instance.skill = self.crews.skill(crew) if crew >= 0 else 0.0
        instance.cast = self.troupe.cast(told, lead, dice, crew, self.sight, today, given or {})
        if not instance.cast:
            self.untold[told.name] = self.untold.get(told.name, 0) + 1
            return None
        if told.typology.crewed and parent is None:
            self.crews.pay(crew, told)
        rule = told.typology.aim
        instance.aim = aim or (self.stage.amounts.drawn(rule, dice, THE_AIM, 0) if rule is not None else 0)
        if given:
            for account, brought in ((a, aim) for accounts in given.values() for a in accounts[:1]):
                instance.purse(account)[0] = brought
        self._lay_down(instance, told, when)
        return instance

    def _lay_down(self, instance: Instance, told: Told, when: int) -> None:
        """Put the story where it waits for its first act."""
        instance.due = self.stage.pace.delayed(told.acts[0], instance, when, 0)
        self.under_way[instance.story] = instance
        heapq.heappush(self._waits, (instance.due, instance.story))

    def write(self, world: World, today: Today, window: int) -> tuple[Records, list[int]]:
        """Orders of the stories that go on within a window, by payer and time, and their initiators."""
        start = today.day * DAY + window * (DAY // self._windows)
        until = start + DAY // self._windows
        self.stage.open(world, self.sight, today, start, until)
        due: list[Instance] = []
        while self._waits and self._waits[0][0] < until:
            story = heapq.heappop(self._waits)[1]
            due.append(self.under_way[story])
        for instance in due:
            instance.due, written = max(instance.due, start), len(self.stage.orders)
            self.stage.go_on(instance)
            if len(self.stage.orders) > written:
                continue  # it waits to hear what becomes of them
            if instance.why:
                self._end(instance)
            else:
                heapq.heappush(self._waits, (instance.due, instance.story))
        return self._completed(world, today, window)

    def _completed(self, world: World, today: Today, window: int) -> tuple[Records, list[int]]:
        """The orders as attempts; the events that they make are noted."""
        notes = self.stage.happenings
        notes.gather(ROOM * len(self.stage.orders))
        self._written = sorted(self.stage.orders, key=lambda order: (order.initiator, order.time, order.instance.story, order.seq))
        if not self._written:
            return NOTHING, []
        initiators = [order.initiator for order in self._written]
        for row, order in enumerate(self._written):
            order.row, order.seq = row, self._count.get(order.initiator, -1) + 1
            self._count[order.initiator] = order.seq
        orders, wants = self.stage.columns(self._written)
        complete(world, today, orders, wants, np.arange(len(orders), dtype=np.int32), window + 1, notes.events, notes.noted)
        return orders, initiators

    @property
    def asks(self) -> bool:
        """Whether orders of the window wait for their outcome."""
        return bool(self._written)

    def hear(self, today: Today, heard: list[Became], alerted: Set[int]) -> None:
        """Stories are told what became of their orders, and go on from there.

        Args:
            today: the day.
            heard: the window's orders as they were decided.
            alerted: transactions on which an alert was raised.
        """
        for order, became in sorted(zip(self._written, heard, strict=True), key=_by_time):
            self._hear_one(order, became, today, alerted)
        concerned: dict[int, list[Order]] = {}
        for order in self.stage.orders:
            concerned.setdefault(order.instance.story, []).append(order)
        for orders in concerned.values():
            instance = orders[0].instance
            if not instance.why:
                self.stage.went(instance, orders)
            if instance.why:
                self._end(instance)
            else:
                heapq.heappush(self._waits, (instance.due, instance.story))
        for order in self._written:
            if order.paid > 0 and self.library[order.instance.typology].typology.feeds:
                self._feed(order, today)
        self._written = []

    def _hear_one(self, order: Order, became: Became, today: Today, alerted: Set[int]) -> None:
        """Remember what became of one order, and label its row."""
        time, moved, payer, payee = became.time, became.amount, became.payer, became.payee
        order.status, reason, transaction, settled = became.status, became.reason, became.transaction, became.settled
        if transaction == -1:
            order.status = -1
            return
        instance, scene = order.instance, order.scene
        told = self.library[instance.typology]
        act = told.acts[order.act]
        at, amount = today.day * DAY + time, self._at_home(became, order)
        fact = instance.fact(act.name)
        fact.tries += 1
        if transaction in alerted:
            fact.alerted += 1
            if not told.innocent:
                self.stage.evasion.learn(self.crews.noticed_by(instance), instance.story, order.act, order.turn, amount, today.day)
        instance.start = at if instance.start < 0 else instance.start
        instance.end = max(instance.end, at)
        if order.status == Status.APPROVED:
            order.paid = amount
            fact.approved, fact.paid, fact.last = fact.approved + 1, fact.paid + amount, at
            if fact.approved == 1:
                fact.first, fact.payer, fact.payee, fact.amount = at, payer, payee, amount
            instance.purse(order.payer)[1] += amount  # also where another card of theirs had to pay
            purse = instance.purse(payee)
            purse[0] += amount
            purse[2] = max(purse[2], settled if settled >= 0 else at)
            for role, account in ((scene.payer_role, payer), (scene.payee_role, payee)):
                if role:
                    instance.spans.setdefault((role, account), [at, at])[1] = at
            self.stage.took(instance, act, amount, at)
            self.memory.remember(instance, told, act, became, at)
        else:
            fact.reason = reason
            order.blocked = reason in (Reason.ACCOUNT_FROZEN, Reason.LOST_CARD, Reason.SUSPECTED_FRAUD)
            fact.blocked += order.blocked
        if transaction != UNSEEN:
            if not told.innocent:
                self.memory.guilty.add(transaction)
            illicit = min(moved, order.illicit) if order.illicit >= 0 else moved
            self.labels.add(transaction, instance, order.act, scene.payer_role, scene.payee_role, illicit)

    def _at_home(self, attempt: Became, order: Order) -> int:
        """What an attempt moves, in the home currency: of a payer abroad what is credited, or was meant."""
        if self._foreign <= attempt.payer < self._dealers:
            return attempt.hold if attempt.status == Status.APPROVED and attempt.hold > 0 else order.amount
        return attempt.amount

    def _feed(self, order: Order, today: Today) -> None:
        """A story begins where this order paid, if the file says so and it is the act's first."""
        instance, told = order.instance, self.library[order.instance.typology]
        act = told.acts[order.act]
        for feed in told.typology.feeds:
            if feed.after != act.name or (feed.story, order.payee) in instance.met:
                continue
            instance.met.add((feed.story, order.payee))
            if Dice(self._seed, instance.story).share(FEED, told.typology.feeds.index(feed)) < feed.chance:
                self._begin_child(feed, order, today)

    def _begin_child(self, feed: Feed, order: Order, today: Today) -> None:
        instance, child = order.instance, self.library.by_name[feed.story]
        given = {role: [order.payee] if ours == order.scene.payee_role else list(instance.cast[ours]) for role, ours in feed.roles.items()}
        lead = given[child.lead][0]
        story = story_id(child.name, lead, today.day, instance.story)
        arrives = max(instance.purse(order.payee)[2], today.day * DAY + order.time)
        self._begin(child, self.sight.owner(lead), story, arrives, today, instance, given, order.paid)

    def _end(self, instance: Instance) -> None:
        """The story is over: its crew remembers what it brought."""
        del self.under_way[instance.story]
        told = self.library[instance.typology]
        if instance.crew >= 0 and told.typology.crewed:
            self.crews.earn(instance.crew, told, instance.taken)
        if instance.start >= 0:
            self.ended.append(instance)

    def whole(self) -> list[Instance]:
        """Every story so far in which something happened, in order of their beginning."""
        shown = [instance for instance in self.under_way.values() if instance.start >= 0]
        return sorted([*self.ended, *shown], key=lambda instance: (instance.start, instance.story))

    def dump(self) -> dict[str, Any]:
        """All that changes, as plain data for a checkpoint."""
        return {
            "under_way": [instance.dump() for instance in self.under_way.values()],
            "ended": [instance.dump() for instance in self.ended],
            "crews": [crew.dump() for crew in self.crews.crews],
            "untold": self.untold,
            "labels": self.labels.dump(),
            "memory": self.memory.dump(),
            "breaches": self.breaches.dump(),
        }

    def load(self, stored: dict[str, Any]) -> None:
        """What `dump` gave, taken up again."""
        self.under_way = {one["story"]: Instance.load(one) for one in stored["under_way"]}
        self.ended = [Instance.load(one) for one in stored["ended"]]
        self.untold = stored["untold"]
        self.labels.load(stored["labels"])
        for crew, kept in zip(self.crews.crews, stored["crews"], strict=True):
            crew.load(kept)
        self.memory.load(stored["memory"], [*self.under_way.values(), *self.ended])
        self.breaches.load(stored["breaches"])
        self._waits = [(instance.due, instance.story) for instance in self.under_way.values()]
        heapq.heapify(self._waits)
