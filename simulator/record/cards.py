"""The table of cards: every generation of every debit and credit card, and of its tokens in phones."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from simulator.draws import Ints
from simulator.population.accounts import CREDIT_CARD, PERSON_ROWS
from simulator.population.devices import HAS_TOKEN, PHONE, first_day, paces
from simulator.population.equipment import NEVER, expiry, first_issues
from simulator.population.identity import Kind, public_ids
from simulator.record.facts import Facts, days, had_card, table, word
from simulator.record.histories import OPEN

_KINDS = ["debit", "credit", "wallet_token"]
GENERATIONS = 64


class Lives(NamedTuple):
    """Columns over cards: days since 1970, OPEN where the day has not come."""

    card: Ints
    """2 x person, + 1 for the credit card."""
    generation: Ints
    issued: Ints
    activated: Ints
    """The card can be used from the day after."""
    ended: Ints
    """Last day on which it was good: replaced, expired, or the day on which it was blocked."""


def card_lives(facts: Facts) -> Lives:
    """The cards of the first morning and all that were issued since, in the order of cards and generations."""
    years, has = facts.scenario.cards.years, had_card(facts.world)
    first = first_issues(facts.scenario, facts.joined, facts.start)
    opened = facts.diary.past("opened")
    if opened:  # its cards are in the diary, from the first on
        first[opened["row"], 1] = NEVER
    card = np.flatnonzero((np.column_stack([np.ones(len(has), bool), has]) & (first < NEVER)).ravel())
    first = first.ravel()[card]
    issued = facts.diary.past("card_issued")
    more, later, day = (issued.get(name, np.zeros(0, np.int64)).astype(np.int64) for name in ("row", "generation", "day"))
    key = np.concatenate([card * GENERATIONS, more * GENERATIONS + later])
    days_issued = np.concatenate([first, day])
    order = np.argsort(key, kind="stable")
    key, days_issued = key[order], days_issued[order]
    activated = np.where(days_issued < facts.start, np.minimum(days_issued + 7, facts.start - 1), OPEN)
    ended = np.full(len(key), OPEN, np.int64)
    for name, column in (("card_activated", activated), ("card_ended", ended)):
        past = facts.diary.past(name)
        if past:
            column[np.searchsorted(key, past["row"].astype(np.int64) * GENERATIONS + past["generation"])] = past["day"]
    held = key // GENERATIONS
    ended = np.minimum(ended, np.minimum(expiry(days_issued, years), facts.closed[held // 2 * PERSON_ROWS + held % 2 * CREDIT_CARD]))
    return Lives(held, key % GENERATIONS, days_issued, activated, ended)


def _tokens(facts: Facts, lives: Lives) -> tuple[Ints, Ints, Ints, Ints]:
    """Tokens in the phones of those who hold them: place among the cards, token, first and last day."""
    gear = facts.world.equipment.gear[lives.card // 2]
    held = np.flatnonzero((gear & HAS_TOKEN > 0) & (lives.activated <= facts.end))
    # A token is set up the day before it is used first.
    first, last = np.maximum(lives.activated[held] + 1, facts.start), np.minimum(lives.ended[held], facts.end + 1)
    held, first, last = held[first <= last], first[first <= last], last[first <= last]
    rate, phase = paces(gear[held], PHONE)

    def phone(day: Ints) -> Ints:
        # A new phone takes the cards over the day after.
        return (np.maximum(0, day - facts.start - 1) * rate + (phase << 10)) >> 20

    low, high = phone(first), phone(last)
    count = high - low + 1
    which = np.repeat(np.arange(len(held)), count)
    token = low[which] + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    begins = first_day(rate[which], phase[which], token) + facts.start + 1
    ends = first_day(rate[which], phase[which], token + 1) + facts.start
    place = held[which]
    begins = np.where(token == 0, np.minimum(begins, facts.start), begins)
    begins = np.maximum(begins, lives.activated[place] + 1)
    begins = np.where(begins > facts.start, begins - 1, begins)
    return place, token + 1, begins, np.minimum(ends, lives.ended[place])


def cards(facts: Facts) -> pa.Table:
    """Debit and credit cards, then the tokens that stand for them."""
    lives = card_lives(facts)
    place, token, first, last = _tokens(facts, lives)
    physical = len(lives.card)
    source = np.concatenate([np.arange(physical), place])
    card, generation = lives.card[source], lives.generation[source]
    owner, credit = card // 2, card % 2
    begins = np.concatenate([lives.issued, first])
    ends = np.concatenate([lives.ended, last])
    active = np.concatenate([lives.activated, first])
    row = (card << 13) | (generation << 7)
    seed = facts.scenario.seed
    return table(
        "cards",
        {
            "card_id": public_ids(seed, Kind.CARD, row | np.concatenate([np.zeros(physical, np.int64), token])),
            "account_id": facts.names.account[owner * PERSON_ROWS + credit * CREDIT_CARD],
            "customer_id": facts.customer[owner],
            "kind": word("cards", "kind", _KINDS, np.where(np.arange(len(source)) < physical, credit, 2)),
            "token_of": np.where(np.arange(len(source)) < physical, -1, public_ids(seed, Kind.CARD, row)),
            "bank": np.ascontiguousarray(facts.world.people.bank)[owner],
            "issued": days(begins),
            "activated": days(active, active <= facts.end),
            "expires": days(expiry(lives.issued, facts.scenario.cards.years)[source]),
            "valid_from": days(begins),
            "valid_to": days(ends, ends < facts.end),
        },
        len(source),
    )
