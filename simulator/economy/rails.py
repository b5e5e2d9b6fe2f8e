"""Rails: hours in which a card network fails, and what people do about what they could not buy."""

from datetime import UTC

import numpy as np

from simulator.authorisation import AGAIN
from simulator.clock import DAY, MICROSECONDS, Today
from simulator.codes import Message, Purpose, Reason, Status
from simulator.draws import WORD, Ints, Why, words
from simulator.ledger import RETRIES
from simulator.lives.register import befalls
from simulator.population.households import Floats
from simulator.population.world import World
from simulator.runner.lane import Lane
from simulator.runner.postponed import Postponed
from simulator.scenario import Scenario
from simulator.scenario.shocks import Kind


class Rails:
    """Outages of a world.

    Args:
        scenario: its shocks.

    Attributes:
        failed: Card payments so far that failed for an outage, first attempts and retries.
        later: Purchases so far that were put off to the next day.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._key, self._tried_later = scenario.seed, scenario.economy.tried_later
        self._windows = scenario.period.windows
        self._spans: list[tuple[int, int, float]] = []
        for shock in scenario.shocks:
            if shock.kind is Kind.OUTAGE and shock.start is not None and shock.lasts is not None:
                since = round(shock.start.replace(tzinfo=UTC).timestamp() * MICROSECONDS)
                self._spans.append((since, since + round(shock.lasts.total_seconds() * MICROSECONDS), shock.share or 0.0))
        self.failed, self.later = 0, 0

    def chances(self, today: Today) -> Floats:
        """Share of card payments that fail in each window, shape (windows,): an outage that fills half a window fails half as many."""
        length = DAY // self._windows
        begins = today.day * DAY + np.arange(self._windows) * length
        share = np.zeros(self._windows)
        for since, until, failing in self._spans:
            share += failing * np.clip(np.minimum(begins + length, until) - np.maximum(begins, since), 0, length) / length
        return np.minimum(share, 1.0)

    def words(self, today: Today) -> Ints:
        """The same as chances of 2^32."""
        return np.rint(self.chances(today) * (WORD - 1)).astype(np.int64)

    def catch_up(self, world: World, today: Today, lanes: list[Lane], postponed: Postponed) -> None:
        """Part of what was lost today is bought tomorrow at the same time."""
        if not self.chances(today).any():
            return
        for lane in lanes:
            rows = lane.of_today()
            lost = (rows["reason"] == Reason.NETWORK_UNAVAILABLE) & (rows["status"] == Status.DECLINED)
            self.failed += int(lost.sum())
            tried = np.zeros(len(rows), bool)
            tried[rows["origin"][rows["origin"] >= 0]] = True  # what was tried again has its own end
            bought = (rows["purpose"] == Purpose.PURCHASE) & np.isin(rows["message"], (Message.PAYMENT, Message.AUTHORISATION))
            first = np.where(rows["sequence"] >= AGAIN, np.maximum(rows["origin"], 0), np.arange(len(rows)))
            bought &= rows["marks"][first] & RETRIES > 0  # orders of stories have plans of their own
            given_up = np.flatnonzero(lost & ~tried & bought)
            who = (rows["initiator"][given_up].astype(np.int64) << 9 | rows["sequence"][given_up] & 511) & 0xFFFFFFFF
            word = words(self._key, who, Why.OUTAGE, 0, today.day)[0]
            again = given_up[befalls(word, self._tried_later)]
            self.later += len(again)
            due = postponed.reserve(len(again))[postponed.used : postponed.used + len(again)]
            due["day"] = today.day + 1
            attempt = rows[again]
            attempt["status"], attempt["reason"], attempt["origin"], attempt["related"] = int(Status.APPROVED), int(Reason.NONE), -1, -1
            attempt["time"] %= DAY
            attempt["marks"] |= RETRIES
            due["attempt"] = attempt
            postponed.used += len(again)
