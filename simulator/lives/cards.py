"""The life of cards: lost and reissued, renewed before they expire, posted, activated, taken over by phones; PINs reset.

A card is row 2 x person of the debit card, + 1 for the credit card, with a generation. A lost card cannot be used from the
start of the day on which it is blocked; a card that is activated can be used from the day after.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simulator.clock import DAY, Today
from simulator.codes import Detail, Device, Event, Network
from simulator.draws import Ints, Why, words
from simulator.lives.agenda import Agenda
from simulator.lives.devices import changes
from simulator.lives.diary import Diary
from simulator.lives.visits import MONTH, befalls, moments, within_month
from simulator.population.accounts import CREDIT_CARD, PERSON_ROWS
from simulator.population.debts import CARD_DEBT, DEBTS, SHUT
from simulator.population.devices import HAS_PHONE, HAS_TOKEN, PHONE
from simulator.population.equipment import MOST, NEVER, ORDERED, Issue, expiry, successor
from simulator.population.world import World
from simulator.records import Records
from simulator.scenario import Scenario

SAFE = ORDERED + 2 * MONTH
"""A card that expires within so many days is not lost any more: its successor would be under way."""

POST_FIRST, POST_SPAN = 1, 3
"""A card is posted one to three days after it was issued (assumption)."""

CARRY_FIRST, CARRY_SPAN = 3, 6
"""It is activated three to eight days after that (assumption: post takes two to five); one that is forgotten, after
ORDERED - 10 to ORDERED + 21."""

MINUTE = 60_000_000

STOLEN = 0.2
"""Share of missing cards that were stolen; the thief does not use them (assumption)."""


class Step(IntEnum):
    """What the agenda holds for a card; the value is its generation."""

    LOSE = 0
    BLOCK = 1
    RENEW = 2
    POST = 3
    ACTIVATE = 4
    EXPIRE = 5
    TOKEN = 6
    PIN = 7
    ORDER = 8


class Cards:
    """Some cards by row, as columns of the world's equipment that can be read and written."""

    def __init__(self, world: World, row: Ints) -> None:
        self._equipment, self._person, self._credit = world.equipment, row // 2, row % 2 == 1

    def get(self, name: str) -> Ints:
        """A column: `card`, `from`, `issued` or `why`."""
        columns: list[Ints] = [self._equipment[f"{kind}_{name}"][self._person] for kind in ("debit", "credit")]
        return np.where(self._credit, columns[1], columns[0]).astype(np.int64)

    def set(self, name: str, value: Ints | int) -> None:
        """Write a column."""
        values = np.broadcast_to(np.asarray(value), self._person.shape)
        for kind, chosen in (("debit", ~self._credit), ("credit", self._credit)):
            self._equipment[f"{kind}_{name}"][self._person[chosen]] = values[chosen]


def live_with_cards(scenario: Scenario, world: World, today: Today, diary: Diary, steps: Records) -> None:
    """What happens to cards today.

    Args:
        scenario: rates.
        world: whose equipment changes.
        today: the day that closes.
        diary: told of events and history; its agenda holds what is to come.
        steps: what the agenda held for today.
    """
    if not len(steps):
        return
    person = np.minimum(steps["row"] // 2, world.layout.people - 1)
    closed = (steps["row"] % 2 == 1) & (world.debts.standing[person * DEBTS + CARD_DEBT] & SHUT > 0)
    here = (world.people.left[person] > today.day) & ~closed
    for step, handle in (
        (Step.ORDER, _order), (Step.RENEW, _renew), (Step.BLOCK, _block), (Step.POST, _post), (Step.EXPIRE, _expire),
        (Step.ACTIVATE, _activate), (Step.TOKEN, _move_in), (Step.PIN, _reset), (Step.LOSE, _lose),
    ):  # fmt: skip
        mine = steps[(steps.what == step) & here]
        if len(mine):
            mine = mine[np.argsort(mine["row"], kind="stable")]
            handle(scenario, world, today, diary, mine["row"].astype(np.int64), mine["value"].astype(np.int64))


def newly_joined(scenario: Scenario, world: World, day: int) -> Ints:
    """People who join on a day that has not closed."""
    first = scenario.population.customers
    waits = world.equipment.debit_issued[first:] == NEVER
    rows: Ints = first + np.flatnonzero(waits & (world.people.joined[first:] <= day))
    return rows


def first_cards(agenda: Agenda, world: World, day: int, person: Ints) -> None:
    """Order the first cards of people who join on a day that has not closed; they can use them once they are activated."""
    order_first(agenda, world, day, person * 2)
    order_first(agenda, world, day, person[world.people.line[person] > 0] * 2 + 1)


def order_first(agenda: Agenda, world: World, day: int, row: Ints) -> None:
    """Order the first card of accounts that are new; ``row`` is 2 x person, + 1 for the credit card."""
    if not len(row):
        return
    cards = Cards(world, row)
    for name, value in (("card", 0), ("from", NEVER), ("issued", day), ("why", int(Issue.FIRST))):
        cards.set(name, value)
    agenda.put(day, Step.ORDER, row, 0)


def foresee_cards(scenario: Scenario, world: World, today: Today, agenda: Agenda, person: Ints) -> None:
    """Draw what befalls the cards of the people visited today in the month that follows."""
    loss = words(scenario.seed, person, Why.CARD_LIFE, 0, today.day)
    reset, when, _, _ = words(scenario.seed, person, Why.CARD_LIFE, 1, today.day)
    for credit in (0, 1):
        has = world.people.line[person] > 0 if credit else np.ones(len(person), bool)
        row = person * 2 + credit
        cards = Cards(world, row)
        generation, issued = cards.get("card"), cards.get("issued")
        has &= generation < MOST
        order, ends = successor(row, issued, scenario.cards.years), expiry(issued, scenario.cards.years)
        renew = has & (order > today.day) & (order <= today.day + MONTH)
        agenda.put(order[renew], Step.RENEW, row[renew], generation[renew])
        day = within_month(loss[2 + credit], today.day)
        lose = has & (cards.get("from") <= today.day) & (ends > today.day + SAFE) & befalls(loss[credit], scenario.cards.lost)
        # It cannot be used on the day, so that it is gone at the close of the day before.
        agenda.put(day[lose] - 1, Step.LOSE, row[lose], generation[lose])
    chosen = befalls(reset, scenario.cards.pin_resets)
    agenda.put(within_month(when, today.day)[chosen], Step.PIN, person[chosen] * 2, world.equipment.debit_card[person[chosen]])
    gear = world.equipment.gear[person]
    first = changes(gear, PHONE, today)
    moves = (gear & HAS_TOKEN > 0) & (first > today.day) & (first <= today.day + MONTH)
    for credit in (0, 1):
        chosen = moves & (world.people.line[person] > 0) if credit else moves
        agenda.put(first[chosen], Step.TOKEN, person[chosen] * 2 + credit)


def _words(scenario: Scenario, row: Ints, generation: Ints, step: Step) -> NDArray[np.uint32]:
    """Four words for a step of each card, shape (4, cards)."""
    found = np.zeros((4, len(row)), np.uint32)
    for which in np.unique(generation).tolist():
        mine = generation == which
        found[:, mine] = words(scenario.seed, row[mine], Why.CARD_STEP, which * 16 + int(step))
    return found


def _note(
    world: World,
    diary: Diary,
    event: Event,
    row: Ints,
    generation: Ints,
    time: Ints,
    *,
    by_phone: bool = False,
    detail: Detail = Detail.NONE,
) -> None:
    """Note an event of cards; some are done on the customer's phone at home."""
    person, credit = row // 2, row % 2
    uses = by_phone & (world.equipment.gear[person] & HAS_PHONE > 0)
    diary.note(
        event, person, time, account=person * PERSON_ROWS + credit * CREDIT_CARD, card=1 + 2 * generation + credit,
        device_kind=np.where(uses, int(Device.PHONE), 0), network=np.where(uses, int(Network.HOME), 0), detail=int(detail),
    )  # fmt: skip


def _send(scenario: Scenario, diary: Diary, day: int, row: Ints, generation: Ints, *, may_lie: bool) -> None:
    """A card is issued on a day: plan its post and activation."""
    first, second, lies, long = _words(scenario, row, generation, Step.POST)
    post = day + POST_FIRST + (first.astype(np.int64) * POST_SPAN >> 32)
    carry = CARRY_FIRST + (second.astype(np.int64) * CARRY_SPAN >> 32)
    if may_lie:
        forgotten = lies < np.uint32(round(scenario.cards.forgotten * (2**32 - 1)))
        carry = np.where(forgotten, ORDERED - 10 + (long >> np.uint32(27)).astype(np.int64), carry)
    diary.change("card_issued", day, row, generation=generation.astype(np.int8))
    diary.agenda.put(post, Step.POST, row, generation)
    diary.agenda.put(post + carry, Step.ACTIVATE, row, generation)


def _order(scenario: Scenario, world: World, today: Today, diary: Diary, row: Ints, generation: Ints) -> None:
    """First cards of people who joined."""
    time = moments(today.offset, 9, 8, _words(scenario, row, generation, Step.ORDER)[0])
    _note(world, diary, Event.CARD_ORDERED, row, generation, time)
    _send(scenario, diary, today.day, row, generation, may_lie=False)


def _renew(scenario: Scenario, world: World, today: Today, diary: Diary, row: Ints, generation: Ints) -> None:
    """Cards whose successors are issued today, in the bank's nightly run."""
    cards = Cards(world, row)
    still = (cards.get("card") == generation) & (cards.get("from") <= today.day)
    ends = expiry(cards.get("issued"), scenario.cards.years)[still]
    row, generation = row[still], generation[still]
    time = moments(today.offset, 1, 3, _words(scenario, row, generation, Step.RENEW)[0])
    _note(world, diary, Event.CARD_REISSUED, row, generation + 1, time, detail=Detail.EXPIRES_SOON)
    _send(scenario, diary, today.day, row, generation + 1, may_lie=True)
    diary.agenda.put(ends, Step.EXPIRE, row, generation)


def _lose(scenario: Scenario, world: World, today: Today, diary: Diary, row: Ints, generation: Ints) -> None:
    """Cards that will be found missing tomorrow."""
    cards = Cards(world, row)
    still = (cards.get("card") == generation) & (cards.get("from") <= today.day)
    row, generation = row[still], generation[still]
    cards = Cards(world, row)
    diary.change("card_ended", today.day + 1, row, generation=generation.astype(np.int8))
    for name, value in (("card", generation + 1), ("from", NEVER), ("issued", today.day + 1), ("why", int(Issue.LOST))):
        cards.set(name, value)
    diary.agenda.put(today.day + 1, Step.BLOCK, row, generation)


def _block(scenario: Scenario, world: World, today: Today, diary: Diary, row: Ints, generation: Ints) -> None:
    """Customers report their cards missing: the card is blocked, another is issued."""
    when, gap, which, _ = _words(scenario, row, generation, Step.BLOCK)
    time = moments(today.offset, 7, 15, when)
    stolen = which < np.uint32(round(STOLEN * (2**32 - 1)))
    for chosen, detail in ((~stolen, Detail.LOST), (stolen, Detail.STOLEN)):
        _note(world, diary, Event.CARD_BLOCKED, row[chosen], generation[chosen], time[chosen], detail=detail)
    soon = np.minimum(DAY - 1, time + (gap >> np.uint32(22)).astype(np.int64) * MINUTE // 60)
    _note(world, diary, Event.CARD_REISSUED, row, generation + 1, soon, detail=Detail.LOST_OR_STOLEN)
    _send(scenario, diary, today.day, row, generation + 1, may_lie=False)


def _post(scenario: Scenario, world: World, today: Today, diary: Diary, row: Ints, generation: Ints) -> None:
    """Cards that go out by post."""
    _note(world, diary, Event.CARD_POSTED, row, generation, moments(today.offset, 8, 9, _words(scenario, row, generation, Step.POST)[3]))


def _expire(scenario: Scenario, world: World, today: Today, diary: Diary, row: Ints, generation: Ints) -> None:
    """Cards that were good until today; whose successor lies unactivated is without a card."""
    last = DAY - 1 - (_words(scenario, row, generation, Step.EXPIRE)[0] >> np.uint32(6)).astype(np.int64)  # within the last minute
    _note(world, diary, Event.CARD_EXPIRED, row, generation, last)
    still = row[Cards(world, row).get("card") == generation]
    cards = Cards(world, still)
    cards.set("from", NEVER)
    cards.set("why", int(Issue.EXPIRED))
    diary.change("card_ended", today.day, still, generation=cards.get("card").astype(np.int8))


def _activate(scenario: Scenario, world: World, today: Today, diary: Diary, row: Ints, generation: Ints) -> None:
    """Holders activate their new cards, which replace what is left of the cards before; phones take them over."""
    cards = Cards(world, row)
    held, issued, why = cards.get("card"), cards.get("issued"), cards.get("why")
    renewed = held == generation - 1
    replaced = renewed & (why != Issue.EXPIRED)
    diary.change("card_ended", today.day, row[replaced], generation=held[replaced].astype(np.int8))
    cards.set("issued", np.where(renewed, successor(row, issued, scenario.cards.years), issued))
    cards.set("why", np.where(renewed, int(Issue.RENEWED), why))
    cards.set("card", generation)
    cards.set("from", today.day + 1)
    diary.change("card_activated", today.day, row, generation=generation.astype(np.int8))
    when, gap, _, _ = _words(scenario, row, generation, Step.ACTIVATE)
    time = moments(today.offset, 8, 14, when)
    _note(world, diary, Event.CARD_ACTIVATED, row, generation, time, by_phone=True)
    holds = world.equipment.gear[row // 2] & HAS_TOKEN > 0
    later = np.minimum(DAY - 1, time + (gap >> np.uint32(22)).astype(np.int64) * MINUTE // 30)
    _note(world, diary, Event.TOKEN_ADDED, row[holds], generation[holds], later[holds], by_phone=True)


def _move_in(scenario: Scenario, world: World, today: Today, diary: Diary, row: Ints, _: Ints) -> None:
    """A new phone takes the cards over that can be used."""
    cards = Cards(world, row)
    row = row[cards.get("from") <= today.day]
    generation = Cards(world, row).get("card")
    time = moments(today.offset, 9, 12, words(scenario.seed, row, Why.CARD_STEP, int(Step.TOKEN), today.day)[0])
    _note(world, diary, Event.TOKEN_ADDED, row, generation, time, by_phone=True)


def _reset(scenario: Scenario, world: World, today: Today, diary: Diary, row: Ints, _: Ints) -> None:
    """PINs that were forgotten."""
    row = row[Cards(world, row).get("from") <= today.day]
    time = moments(today.offset, 8, 13, words(scenario.seed, row, Why.CARD_STEP, int(Step.PIN), today.day)[0])
    _note(world, diary, Event.PIN_RESET, row, Cards(world, row).get("card"), time, by_phone=True, detail=Detail.CARD_PIN)
