"""Events of stories: what a bank sees of them beside payments."""

from typing import NamedTuple

import numpy as np

from simulator.clock import DAY, Today
from simulator.codes import Detail, Device, Event, Network
from simulator.events import EVENT, UNPLACED
from simulator.records import Packer, Records, grown, records
from simulator.scenario.plot import Act, Claim, Dispute, Hand, Happening, Happens
from simulator.stories.cast import crew_device
from simulator.stories.crews import Crews
from simulator.stories.instance import Instance, Purchase
from simulator.stories.sight import Sight

EVENTS = {
    Happens.LOGIN: Event.LOGIN, Happens.FAILED_LOGIN: Event.FAILED_LOGIN, Happens.NEW_DEVICE: Event.NEW_DEVICE,
    Happens.PHONE_CHANGED: Event.PHONE_CHANGED, Happens.EMAIL_CHANGED: Event.EMAIL_CHANGED, Happens.LIMIT_CHANGED: Event.LIMIT_CHANGED,
    Happens.PAYEE_ADDED: Event.PAYEE_ADDED, Happens.PIN_RESET: Event.PIN_RESET, Happens.TOKEN_ADDED: Event.TOKEN_ADDED,
}  # fmt: skip
"""What a bank notes at once."""

GONE = (Happens.CARD_LOST, Happens.CARD_BLOCKED, Happens.CARD_ORDERED)
"""What makes a bank block a card by tomorrow, and issue another."""

DETAILS = {Happens.LOGIN: Detail.SITE, Happens.FAILED_LOGIN: Detail.WRONG_PASSWORD, Happens.PIN_RESET: Detail.PASSWORD,
           Happens.LIMIT_CHANGED: Detail.DAILY_LIMIT_RAISED}  # fmt: skip


_EVENTS = Packer(EVENT)


class Claimed(NamedTuple):
    """What a customer of a story disputes."""

    instance: Instance
    reason: Claim
    purchases: list[Purchase]
    time: int
    """Microseconds since 1970."""


class EventNotes:
    """Notes the events of a day.

    Args:
        crews: on whose devices some happen.

    Attributes:
        events: With room for more.
        noted: How many there are.
    """

    def __init__(self, crews: Crews) -> None:
        self._crews = crews
        self.claims: list[Claimed] = []
        """Disputes of the day, which the guard takes."""
        self.asked: list[tuple[int, int]] = []
        """Who asked for a credit card today, and when, which the guard takes: row of a person, microseconds within the day."""
        self._new: list[tuple[int, ...]] = []
        self.events: Records = records(EVENT, 256)
        self.noted = np.zeros(1, np.int64)

    def play(self, sight: Sight, today: Today, instance: Instance, act: Act, start: int) -> list[int]:
        """Play an act that pays nothing and is due, at ``start`` at the earliest; returns account rows whose card goes with it."""
        if act.dispute is not None:
            self._dispute(instance, act.dispute, max(instance.due, start))
        if act.event is None:
            return []
        self._note(sight, today, instance, act.event, start)
        return [instance.cast[act.event.who][0]] if act.event.kind in GONE else []

    def _dispute(self, instance: Instance, dispute: Dispute, time: int) -> None:
        """A customer disputes what they bought, where they bought something; the bank hears of it at the day's close."""
        purchases = instance.bought.pop(dispute.of, [])
        if not purchases:
            return
        self.claims.append(Claimed(instance, dispute.reason, purchases, time))
        instance.claims.append([instance.act, time, len(purchases), sum(one.amount for one in purchases)])
        instance.end = max(instance.end, time)

    def _note(self, sight: Sight, today: Today, instance: Instance, event: Happening, start: int) -> None:
        """Note an event."""
        account = instance.cast[event.who][0]
        who = sight.owner(account)
        device, network, place = 0, 0, UNPLACED
        if event.device is Hand.CREW and instance.crew >= 0:
            member = self._crews.member(instance.crew, instance.story & 0xFF, sight, today)
            device, network, place = crew_device(sight, member)
        elif who < sight.people:
            device, network = int(Device.PHONE), int(Network.MOBILE)
        time = max(instance.due, start) - today.day * DAY
        detail = int(DETAILS.get(event.kind, Detail.NONE))
        if event.kind is Happens.ACCOUNT_OPENED and who < sight.people:
            self.asked.append((who, time))
        elif event.kind is Happens.MULE_RECRUITED and instance.crew >= 0 and who < sight.people:
            self._crews.recruit(instance.crew, who)
        elif event.kind in EVENTS:
            kind = int(EVENTS[event.kind])
            self._new.append((time, 0, who, account, -1, place, kind, 0, device, network, detail))
        instance.notes.append([instance.act, instance.due, account])
        instance.end = max(instance.end, instance.due)
        instance.start = instance.due if instance.start < 0 else instance.start

    def gather(self, more: int) -> None:
        """Put what was noted beside the events of the day's orders, with room for ``more``."""
        first, last = int(self.noted[0]), int(self.noted[0]) + len(self._new)
        if last + more > len(self.events):
            self.events = grown(self.events, 2 * (last + more))
        if self._new:
            self.events.view(np.ndarray)[first:last] = _EVENTS.rows(self._new)
            self.noted[0] = last
            self._new.clear()

    def taken(self) -> Records:
        """The day's events, in the order in which they were noted; they are forgotten."""
        events: Records = self.events[: self.noted[0]].copy()
        self.noted[0] = 0
        return events
