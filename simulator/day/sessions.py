"""Sessions with the bank's app and site: logins before what is paid there and just to look, payees added, limits raised.

Sessions are planned last, over the day's attempts in order of time: whatever a behaviour pays by app or site has its login,
and what it marks NEW_PAYEE has its payee added, without a word in the behaviour itself.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.codes import Channel, Detail, Device, Event, Message, Method, Network
from simulator.day.equipment import is_abroad, place_of, prove_transfer, seat
from simulator.day.hours import HOUR, within
from simulator.draws import Why, draw, poisson, scale
from simulator.events import UNPLACED, note
from simulator.kernel import kernel, part, step
from simulator.ledger import NEW_PAYEE, ORDERED, OWN
from simulator.population.accounts import FIRM_ROWS, PERSON_ROWS
from simulator.population.rules import Rules
from simulator.population.world import World
from simulator.records import Records

SECOND = 1_000_000
COMPUTER, OFFICE, WORK = int(Device.COMPUTER), int(Device.WORK), int(Network.WORK)
SERVES = HOUR
"""A login serves what is paid within the hour (assumption)."""

LEAD, LEAD_SPAN = 60 * SECOND, 240 * SECOND
"""One logs in one to five minutes before the first payment (assumption)."""

MOST_LOOKS = 3
"""Logins of a day just to look, at most."""


@kernel
def before(time: int, gap: int) -> int:
    """A moment so long before another, but in the later half of what the day leaves."""
    return time - min(gap, time // 2)


@kernel
def by_hand(out: Records, i: int, base: int, rows: int) -> bool:
    """Whether an attempt is paid from one of the accounts [base, base + rows) by their owner through the bank's app or site."""
    channel, method = np.int64(out.channel[i]), np.int64(out.method[i])
    if channel != Channel.MOBILE and channel != Channel.ONLINE:
        return False
    if method != Method.INSTANT_TRANSFER and method != Method.BATCH_TRANSFER and method != Method.WIRE:
        return False
    # What refers to an earlier row is presented again, sent back or tried once more by the bank itself.
    return out.message[i] == Message.PAYMENT and out.related[i] < 0 and base <= out.payer[i] < base + rows


@step
def any_by_hand(out: Records, order: NDArray[np.int32], first: int, n: int, base: int, rows: int) -> bool:
    """Whether any of an initiator's attempts is."""
    for place in range(first, n):
        if by_hand(out, np.int64(order[place]), base, rows):
            return True
    return False


@part
def sit_down(world: World, today: Today, person: int, channel: int, time: int, word: int) -> tuple[int, int]:
    """Device and network of a person's session; (0, 0) without a device."""
    hour = (time + today.offset) // HOUR % 24
    is_mobile = 1 if channel == Channel.MOBILE else 0
    return seat(world.equipment, world.people, world.ways, today.day, hour, today.weekend[1], person, is_mobile, word)


@step
def log_in(
    rules: Rules, who: int, time: int, device: int, network: int, fails: int, events: Records, noted: NDArray[np.int64],
) -> None:  # fmt: skip
    """Log in: sometimes with a wrong password first, seldom with a new one after three; ``fails`` is a word."""
    if fails < rules.failed_login:
        note(events, noted, Event.FAILED_LOGIN, before(time, 40 * SECOND), who, -1, device, network, Detail.WRONG_PASSWORD)
        if fails < rules.forgotten:
            note(events, noted, Event.FAILED_LOGIN, before(time, 110 * SECOND), who, -1, device, network, Detail.WRONG_PASSWORD)
            note(events, noted, Event.FAILED_LOGIN, before(time, 80 * SECOND), who, -1, device, network, Detail.WRONG_PASSWORD)
            note(events, noted, Event.PIN_RESET, before(time, 15 * SECOND), who, -1, device, network, Detail.PASSWORD)
    detail = Detail.SITE if device == COMPUTER or device == OFFICE else Detail.APP
    note(events, noted, Event.LOGIN, time, who, -1, device, network, detail)


@step
def is_new_payee(world: World, initiator: int, payee: int) -> bool:
    """Whether a payee is not among the initiator's yet; a contact then is from now on. Whoever is no contact always is new."""
    if initiator >= world.layout.people or payee >= world.layout.firm_base:
        return True
    friend = payee // PERSON_ROWS
    was_paid = False
    for row in range(world.knows[initiator], world.knows[initiator + 1]):
        if world.contacts.person[row] == friend:  # a friend may be a colleague too
            was_paid = was_paid or world.contacts.paid[row] == 1
            world.contacts.paid[row] = 1
    return not was_paid


@step
def plan_sessions(
    world: World, today: Today, initiator: int, out: Records, order: NDArray[np.int32], first: int, n: int, turn: int,
    events: Records, noted: NDArray[np.int64],
) -> None:  # fmt: skip
    """Note the logins before what an initiator pays by hand today, and what must be done before a payment.

    Args:
        world: the world.
        today: the day.
        initiator: a person's row, or people + a firm's row.
        out: attempts; those by hand get their device and network, unless they have another's already.
        order: rows of the initiator's attempts in order of time, from ``first`` to ``n``.
        first: first of them.
        n: after the last.
        turn: number of the first session; each stands at an address of its own.
        events: the lane's events.
        noted: how many.
    """
    rules, layout = world.rules, world.layout
    is_person = initiator < layout.people
    base = initiator * PERSON_ROWS if is_person else layout.firm_base + (initiator - layout.people) * FIRM_ROWS
    rows = PERSON_ROWS if is_person else FIRM_ROWS
    sessions = turn
    app_since, app_device, app_network = -2 * SERVES, 0, 0
    site_since, site_device, site_network = -2 * SERVES, 0, 0
    for place in range(first, n):
        i = np.int64(order[place])
        if not by_hand(out, i, base, rows):
            continue
        time, channel = int(out.time[i]), np.int64(out.channel[i])
        by_app = channel == Channel.MOBILE
        since = app_since if by_app else site_since
        others = out.sequence[i] >= ORDERED and np.int64(out.device_kind[i]) > 0  # somebody else's hand
        if others or time - since > SERVES:
            lead, fails, with_word, _ = draw(rules.key, initiator, today.day, Why.SESSION, sessions)
            sessions += 1
            since = before(time, LEAD + scale(lead, LEAD_SPAN))
            device, network = OFFICE, WORK
            if others:
                device, network = int(np.int64(out.device_kind[i])), int(np.int64(out.network[i]))
            elif is_person:
                device, network = sit_down(world, today, initiator, channel, since, with_word)
                if device == 0:
                    # Without a device there is no session; who travels telephones.
                    out.channel[i] = Channel.PHONE if is_abroad(world.people, initiator, today.day) else Channel.BRANCH
                    continue
            came = noted[0]
            log_in(rules, initiator, since, device, network, fails, events, noted)
            if others:
                for k in range(came, noted[0]):
                    events.place[k] = out.place[i]
            elif by_app:
                app_since, app_device, app_network = since, device, network
            else:
                site_since, site_device, site_network = since, device, network
        came = noted[0]
        if others:
            device, network = int(np.int64(out.device_kind[i])), int(np.int64(out.network[i]))
        else:
            device, network = (app_device, app_network) if by_app else (site_device, site_network)
            out.device_kind[i] = device
            out.network[i] = network
            out.place[i] = place_of(world.people, today.day, initiator, network) if is_person else initiator - layout.people
        gap = min(time - since, (40 + (time & 127)) * SECOND)
        payer, payee, marks = np.int64(out.payer[i]), np.int64(out.payee[i]), np.int64(out.marks[i])
        is_new = 1 if marks & NEW_PAYEE and is_new_payee(world, initiator, payee) else 0
        if is_person:
            prove_transfer(world, initiator, payee, is_new, time, out, i)
        if is_new:
            detail = Detail.TO_A_PERSON if payee < layout.firm_base else Detail.TO_A_BUSINESS
            note(events, noted, Event.PAYEE_ADDED, time - gap * 2 // 3, initiator, payer, device, network, detail)
            events.other[noted[0] - 1] = payee
            resembles, _, _, _ = draw(rules.key, initiator, today.day, Why.SCREENING, (1 << 20) + (turn << 10) + place - first)
            if resembles < rules.screened_payee:
                note(events, noted, Event.SCREENING_HIT, time - gap * 2 // 3 + SECOND // 2, initiator, payer, 0, 0, Detail.PAYEE)
        if is_person and marks & OWN == 0 and out.method[i] != Method.BATCH_TRANSFER and out.amount[i] > rules.transfer_limit:
            note(events, noted, Event.LIMIT_CHANGED, time - gap // 3, initiator, payer, device, network, Detail.DAILY_LIMIT_RAISED)
        if others:
            for k in range(came, noted[0]):
                events.place[k] = out.place[i]


@part
def place_sessions(world: World, today: Today, initiator: int, first: int, events: Records, noted: NDArray[np.int64]) -> None:
    """Say where the networks of an initiator's events are, from ``first`` on: by tomorrow the customer may live elsewhere."""
    for k in range(first, noted[0]):
        network = np.int64(events.network[k])
        if events.place[k] != UNPLACED:
            continue
        events.place[k] = 0
        if initiator >= world.layout.people:
            events.place[k] = initiator - world.layout.people
        elif network > 0:
            events.place[k] = place_of(world.people, today.day, initiator, network)


@part
def plan_looks(world: World, today: Today, person: int, count_word: int, dither: int, events: Records, noted: NDArray[np.int64]) -> None:
    """Note a person's logins just to look, by digital habit and age; two words say how many."""
    people, tables, rules = world.people, world.tables, world.rules
    rate = (rules.browsing * tables.looks[np.int64(people.age[person])] >> 16) * np.int64(people.online[person]) >> 12
    for k in range(min(MOST_LOOKS, poisson(tables.poisson, rate, count_word, dither))):
        _look(world, today, person, k, events, noted)


@step
def _look(world: World, today: Today, person: int, k: int, events: Records, noted: NDArray[np.int64]) -> None:
    """One login just to look; now and then a limit is changed."""
    people, tables, rules = world.people, world.tables, world.rules
    fails, with_word, from_word, hour_word = draw(rules.key, person, today.day, Why.BROWSING, k + 1)
    hour = int(np.int64(tables.hours[tables.profile[0], today.weekend[1], hour_word >> 22]) + np.int64(people.hours[person])) % 24
    time = within(today.offset, hour, with_word)
    device, network = sit_down(world, today, person, Channel.ONLINE if with_word >> 8 & 3 == 0 else Channel.MOBILE, time, with_word)
    if device == 0:
        return
    log_in(rules, person, time, device, network, fails, events, noted)
    if from_word >> 8 & 0xFFFF < rules.limit_changes:
        detail = Detail.DAILY_LIMIT_LOWERED if hour_word & 3 == 0 else Detail.DAILY_LIMIT_RAISED
        after = min(time + 90 * SECOND, 24 * HOUR - 1)
        note(events, noted, Event.LIMIT_CHANGED, after, person, person * PERSON_ROWS, device, network, detail)
