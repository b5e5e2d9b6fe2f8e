"""Rails: hours in which a card network fails, and what people do about what they could not buy."""

from collections.abc import Sequence
from datetime import UTC
from typing import NamedTuple

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


class Outage(NamedTuple):
    """Hours in which a card network fails."""

    since: int
    """Microseconds since 1970, like the next."""
    until: int
    share: float
    """Share of payments on the network that fail."""
    retries: float | None
    """Share of those refused who try again; None for the world's."""
    catch_up: float | None
    """Share of what is given up that is bought on the next day; None for the world's."""


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
        self._outages: list[Outage] = []
        for shock in scenario.shocks:
            if shock.kind is Kind.OUTAGE and shock.start is not None and shock.lasts is not None:
                since = round(shock.start.replace(tzinfo=UTC).timestamp() * MICROSECONDS)
                until = since + round(shock.lasts.total_seconds() * MICROSECONDS)
                self._outages.append(Outage(since, until, shock.share or 0.0, shock.retries, shock.catch_up))
        self.failed, self.later = 0, 0

    def _failing(self, today: Today) -> Floats:
        """Share of the network's payments that each outage fails by window, shape (outages, windows).

        One that fills half a window fails half as many.
        """
        length = DAY // self._windows
        begins = today.day * DAY + np.arange(self._windows) * length
        share = np.zeros((len(self._outages), self._windows))
        for one, row in zip(self._outages, share, strict=True):
            row += one.share * np.clip(np.minimum(begins + length, one.until) - np.maximum(begins, one.since), 0, length) / length
        return share

    def chances(self, today: Today) -> Floats:
        """Share of card payments on the network that fail in each window, shape (windows,)."""
        share: Floats = np.minimum(self._failing(today).sum(axis=0), 1.0)
        return share

    def words(self, today: Today, retry: int) -> Ints:
        """Chances of 2^32 that the network fails, and that who was refused tries again, shape (2, windows).

        Args:
            today: the day that begins.
            retry: chance of 2^32 that a refused payment is tried again where an outage does not say it.
        """
        again = self._stated(today, [one.retries for one in self._outages], retry / (WORD - 1))
        return np.rint(np.array([self.chances(today), again]) * (WORD - 1)).astype(np.int64)

    def _stated(self, today: Today, own: Sequence[float | None], usual: float) -> Floats:
        """By window what outages say, each weighted by what it fails; the usual where they say nothing."""
        failing = self._failing(today)
        total = failing.sum(axis=0)
        beyond = (failing * np.array([[0.0 if one is None else one - usual] for one in own]).reshape(-1, 1)).sum(axis=0)
        stated: Floats = usual + np.divide(beyond, total, out=np.zeros_like(total), where=total > 0)
        return stated

    def catch_up(self, world: World, today: Today, lanes: list[Lane], postponed: Postponed) -> None:
        """Part of what was lost today is bought tomorrow at the same time."""
        if not self.chances(today).any():
            return
        catch_up = self._stated(today, [one.catch_up for one in self._outages], self._tried_later)
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
            window = rows["time"][given_up] // (DAY // self._windows)
            again = given_up[befalls(word, catch_up[window])]
            self.later += len(again)
            due = postponed.reserve(len(again))[postponed.used : postponed.used + len(again)]
            due["day"] = today.day + 1
            attempt = rows[again]
            attempt["status"], attempt["reason"], attempt["origin"], attempt["related"] = int(Status.APPROVED), int(Reason.NONE), -1, -1
            attempt["time"] %= DAY
            attempt["marks"] |= RETRIES
            due["attempt"] = attempt
            postponed.used += len(again)
