"""Events of stories: what a bank sees of them beside payments."""

import numpy as np

from simulator.clock import DAY, Today
from simulator.codes import Detail, Device, Event, Network
from simulator.events import EVENT, UNPLACED
from simulator.records import Packer, Records, grown, records
from simulator.scenario.plot import Hand, Happening, Happens
from simulator.stories.cast import crew_device
from simulator.stories.crews import Crews
from simulator.stories.instance import Instance
from simulator.stories.sight import Sight

EVENTS = {
    Happens.LOGIN: Event.LOGIN, Happens.FAILED_LOGIN: Event.FAILED_LOGIN, Happens.NEW_DEVICE: Event.NEW_DEVICE,
    Happens.PHONE_CHANGED: Event.PHONE_CHANGED, Happens.EMAIL_CHANGED: Event.EMAIL_CHANGED, Happens.LIMIT_CHANGED: Event.LIMIT_CHANGED,
    Happens.PAYEE_ADDED: Event.PAYEE_ADDED, Happens.PIN_RESET: Event.PIN_RESET, Happens.TOKEN_ADDED: Event.TOKEN_ADDED,
    Happens.CARD_LOST: Event.CARD_BLOCKED, Happens.CARD_BLOCKED: Event.CARD_BLOCKED,
}  # fmt: skip
DETAILS = {Happens.LOGIN: Detail.SITE, Happens.FAILED_LOGIN: Detail.WRONG_PASSWORD, Happens.PIN_RESET: Detail.PASSWORD,
           Happens.LIMIT_CHANGED: Detail.DAILY_LIMIT_RAISED}  # fmt: skip


_EVENTS = Packer(EVENT)


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
        self._new: list[tuple[int, ...]] = []
        self.events: Records = records(EVENT, 256)
        self.noted = np.zeros(1, np.int64)

    def note(self, sight: Sight, today: Today, instance: Instance, event: Happening, start: int) -> bool:
        """Note an event of a story that is due, at ``start`` at the earliest; whether it is about a card that goes."""
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
        kind = int(EVENTS[event.kind])
        gone = event.kind in (Happens.CARD_LOST, Happens.CARD_BLOCKED)
        if not gone:
            self._new.append((time, 0, who, account, -1, place, kind, 0, device, network, detail))
        instance.notes.append([instance.act, instance.due, account])
        instance.end = max(instance.end, instance.due)
        instance.start = instance.due if instance.start < 0 else instance.start
        return gone

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
        events = self.events[: self.noted[0]].copy().view(np.recarray)
        self.noted[0] = 0
        return events
