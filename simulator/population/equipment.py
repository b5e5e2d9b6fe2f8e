"""What a person pays with, as columns: devices and cards."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Reason
from simulator.draws import Ints, Why, draw, threshold, uniform, words
from simulator.kernel import kernel, step
from simulator.population.accounts import CREDIT_CARD, PERSON_ROWS
from simulator.population.devices import draw_gear
from simulator.records import Records
from simulator.scenario import Scenario

TOKEN = 64
"""Added to a card's generation where its token in the phone is used."""

MOST = 62
"""Generations of a card; a run of a hundred years has fewer."""

NEVER = 2**31 - 1
"""Day from which a card that is not activated can be used."""

ORDERED = 45
"""Days before its expiry at which a card's successor is issued (assumption: four to six weeks are usual)."""


FINE, LOST, EXPIRED, INACTIVE = (int(r) for r in (Reason.NONE, Reason.LOST_CARD, Reason.EXPIRED_CARD, Reason.INACTIVE_CARD))


class Issue(IntEnum):
    """Why a person has the card that they have, or waits for it."""

    FIRST = 0
    RENEWED = 1
    LOST = 2
    EXPIRED = 3


class Equipment(NamedTuple):
    """Columns over N people. A card's generation counts the cards before it on the account. All but the first change."""

    gear: NDArray[np.int64]
    """Devices, see `simulator.population.devices`."""
    debit_from: NDArray[np.int32]
    """Day since 1970 from which the debit card can be used, NEVER while it is not activated."""
    credit_from: NDArray[np.int32]
    debit_issued: NDArray[np.int32]
    """Day on which it was issued."""
    credit_issued: NDArray[np.int32]
    debit_card: NDArray[np.int8]
    """Generation of the card in use, or waited for."""
    credit_card: NDArray[np.int8]
    debit_why: NDArray[np.int8]
    """Place in Issue."""
    credit_why: NDArray[np.int8]


def expiry(issued: Ints, years: int) -> Ints:
    """Last day of cards: the end of the month of issue, some years later; days since 1970."""
    months = issued.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 12 * years + 1
    last: Ints = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
    return last


def successor(card: Ints, issued: Ints, years: int) -> Ints:
    """Day on which the bank issues the successors of cards (row 2 x person, + 1 for credit), not of all on one day."""
    day: Ints = expiry(issued, years) - ORDERED + card * 2654435761 % 12
    return day


def first_issues(scenario: Scenario, joined: Ints, start: int) -> Ints:
    """Day on which the cards of the first morning were issued, shape (N, 2) for debit and credit; NEVER for who joins later.

    They are of any age, but none is so old that its successor would be under way.
    """
    card = np.arange(2 * len(joined), dtype=np.int64)
    oldest = scenario.cards.years * 365 - ORDERED - 32
    age = (uniform(words(scenario.seed, card, Why.CARD)[0]) * max(1, oldest)).astype(np.int64)
    since = np.repeat(joined, 2)
    return np.where(since < start, np.maximum(start - 1 - age, since), NEVER).reshape(-1, 2)


def build_equipment(scenario: Scenario, people: Records, start: int) -> Equipment:
    """What people have on the first morning; those who join later will be sent their cards."""
    issued = first_issues(scenario, people.joined.astype(np.int64), start)
    usable = np.where(issued < NEVER, np.minimum(issued + 8, start), NEVER).astype(np.int32)
    given = issued.astype(np.int32)
    zeros = np.zeros((4, len(people)), np.int8)
    gear = draw_gear(scenario, people.household.astype(np.int64), people.age.astype(np.int64))
    return Equipment(gear, usable[:, 0].copy(), usable[:, 1].copy(), given[:, 0].copy(), given[:, 1].copy(), *zeros)


@kernel
def card_row(card: int, generation: int, token: int) -> int:
    """Row of a card, or of its token in a phone, among all there ever are, which its public id is made of.

    Args:
        card: 2 x person, + 1 for the credit card.
        generation: of the card.
        token: 0 for the card itself, else what `devices.token_of` gives.
    """
    return (card << 13) | (generation << 7) | token


@step
def on_other_network(key: np.uint64, share: int, account: int) -> bool:
    """Whether a person's account is that of a credit card on a network that no outage befalls; ``share`` of them are, of 2^32."""
    if share == 0 or account % PERSON_ROWS != CREDIT_CARD:
        return False
    word, _, _, _ = draw(key, account // PERSON_ROWS, 0, Why.CARD_NETWORK, CREDIT_CARD)
    return bool(word < share)


def other_network(scenario: Scenario, people: int) -> NDArray[np.bool_]:
    """The same for the credit cards of all people."""
    word = words(scenario.seed, np.arange(people), Why.CARD_NETWORK, CREDIT_CARD)[0]
    found: NDArray[np.bool_] = word < threshold(scenario.economy.other_network)
    return found


@step
def card_of(equipment: Records, person: int, is_credit: int, day: int) -> tuple[int, int]:
    """The card that a person would use on a day: its generation, and why it would be declined (Reason.NONE where it is not)."""
    card = int(np.int64(equipment.credit_card[person] if is_credit else equipment.debit_card[person]))
    if day >= (equipment.credit_from[person] if is_credit else equipment.debit_from[person]):
        return card, FINE
    why = np.int64(equipment.credit_why[person] if is_credit else equipment.debit_why[person])
    if why == Issue.LOST:
        return card - 1, LOST
    return card, EXPIRED if why == Issue.EXPIRED else INACTIVE
