"""Answers: what a bank does days after something happened: it clears names that only resembled a list, and hears of disputes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.clock import DAY, HOUR, Today
from simulator.codes import Detail, Event, Message
from simulator.draws import Ints, Why, words
from simulator.lives.diary import Diary
from simulator.lives.freezes import due_on
from simulator.population.presence import here
from simulator.population.world import World
from simulator.records import Records

LOOKED_INTO = 2
"""A hit is looked into within one or two business days (assumption)."""

TOLD_BEFORE = 3
"""The bank takes one to three days from a dispute to the chargeback (assumption)."""

NOT_DELIVERED = 0.6
"""Share of disputed remote purchases that never came; the others are not as described (assumption)."""

WRONG_AMOUNT = 0.7
"""Share of disputes in person that are about the amount; the others are about the goods (assumption)."""


def office_hours(word: NDArray[np.uint32], offset: int) -> Ints:
    """Moments of the UTC day between 9 and 17 local time."""
    milliseconds = (word.astype(np.int64) >> 8) * (8 * 3_600_000) >> 24
    moments: Ints = (9 * HOUR + milliseconds * 1000 + (word & 0x3FF).astype(np.int64) % 1000 - offset) % DAY
    return moments


def screen_customers(world: World, today: Today, diary: Diary) -> None:
    """Lists are renewed, and some customers' names resemble one."""
    rows, word = due_on(world, today.day, Why.RESCREEN, world.rules.screened_customer)
    stays = here(world.people, today.day, rows)
    rows, word = rows[stays], word[stays]
    if not len(rows):
        return
    time = (word >> 8) * (4 * 3_600_000) >> 24  # at night
    diary.note(Event.SCREENING_HIT, rows, time * 1000, detail=int(Detail.CUSTOMER))


def clear_hits(world: World, today: Today, sources: Sequence[Records], diary: Diary) -> None:
    """Plan the end of the day's screening hits: the name was all there was."""
    plain = [source.view(np.ndarray) for source in sources]
    found = np.concatenate([source[source["kind"] == int(Event.SCREENING_HIT)] for source in plain])
    if not len(found):
        return
    second = (found["time"] // 1_000_000).astype(np.int64)
    who = found["initiator"].astype(np.int64)
    draws = [words(int(world.rules.key), who[i : i + 1], Why.SCREENED, int(second[i]), today.day)[:, 0] for i in range(len(found))]
    delay, when = np.array(draws)[:, 0], np.array(draws)[:, 1]
    day = today.day + today.ahead[1 + (delay.astype(np.int64) * LOOKED_INTO >> 32)]
    time = office_hours(when, today.offset)
    diary.later(day, Event.SCREENING_CLEARED, who, time, account=found["account"], detail=int(Detail.NAME_ONLY))


class Claims:
    """When customers tell the bank of purchases that they dispute, and what they say.

    Args:
        world: whose key the draws stand at.
        purchases: records of `simulator.events.DISPUTE` that are purchases.
        offset: local time minus UTC, microseconds.

    Attributes:
        day: Days since 1970; after the purchase, before the chargeback.
        time: Microseconds within the UTC day.
        reason: Places in `simulator.codes.Detail`.
    """

    def __init__(self, world: World, purchases: Records, offset: int) -> None:
        ahead, why, when, _ = words(int(world.rules.key), purchases["row"] & 0xFFFFFFFF, Why.DISPUTE)
        share = why / 2**32
        remote = np.where(share < NOT_DELIVERED, int(Detail.NON_DELIVERY), int(Detail.NOT_AS_DESCRIBED))
        in_person = np.where(share < WRONG_AMOUNT, int(Detail.WRONG_AMOUNT), int(Detail.NOT_AS_DESCRIBED))
        said = np.where(purchases["remote"] == 1, remote, in_person)
        self.day: Ints = purchases["due"] - 1 - (ahead.astype(np.int64) * TOLD_BEFORE >> 32)
        self.time: Ints = office_hours(when, offset)
        self.reason: Ints = np.where(purchases["said"] > 0, purchases["said"], said)


def hear_disputes(world: World, today: Today, disputes: Records, diary: Diary) -> None:
    """Plan the days on which the customers of today's disputed purchases will tell the bank."""
    if not len(disputes):
        return
    purchases = disputes[(disputes.message != Message.CHARGEBACK) & (disputes.message != Message.REPRESENTMENT)]
    if len(purchases):
        claims = Claims(world, purchases, today.offset)
        who = purchases["account"] // 5
        diary.later(claims.day, Event.DISPUTE_OPENED, who, claims.time, account=purchases["account"], detail=claims.reason)
