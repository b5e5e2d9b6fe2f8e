"""With what a payment is made: the device and its network, the card, and the proof of who pays.

Bits of words that a behaviour has drawn already decide here; what is chosen is looked up in `simulator.population.ways`.
"""

import numpy as np

from simulator.clock import Today
from simulator.codes import Authentication, Channel, Device, EntryMode, Follow, Message, Method, Network, PayeeCheck
from simulator.day.hours import HOUR
from simulator.draws import Why, draw, scale
from simulator.kernel import kernel, part, step
from simulator.ledger import OWN
from simulator.population.devices import (
    AT_HOME,
    AT_WORK,
    AWAY,
    COMPUTER,
    HAS_COMPUTER,
    HAS_PHONE,
    HAS_TABLET,
    HAS_TOKEN,
    PHONE,
    TABLET,
    WORK,
)
from simulator.population.equipment import EXPIRED, LOST, TOKEN, Issue, card_of
from simulator.population.people import ZONES
from simulator.population.ways import EMPLOYED, Ways
from simulator.population.world import World
from simulator.records import Records

PIN, CVV, MATCH = int(Authentication.PIN), int(Authentication.CVV), int(PayeeCheck.MATCH)
OPENS, CLOSES = 7, 19
"""Local hours between which people are at work (assumption)."""

NEARBY = 192
"""Of 256 withdrawals, so many at a machine of one's own zone or the nearest; the others anywhere in town (assumption)."""

SOON = 31
"""Days after a new card in which stored credentials of the old one are tried: a monthly bill finds it once."""


@step
def is_abroad(people: Records, person: int, day: int) -> bool:
    """Whether a person is on a journey."""
    return people.abroad_from[person] <= day < people.abroad_until[person]


@kernel
def seat(
    equipment: Records, people: Records, ways: Ways, day: int, hour: int, is_free: int, person: int, is_mobile: int, word: int
) -> tuple[int, int]:
    """Device and network that a person uses; (0, 0) where the person has none.

    Args:
        equipment: by person.
        people: by person.
        ways: what is chosen from.
        day: days since 1970.
        hour: local hour.
        is_free: 1 at weekends and on holidays.
        person: who.
        is_mobile: 1 for an app, 0 for a site.
        word: its low byte chooses.
    """
    own = int(equipment.gear[person]) & 7
    if is_abroad(people, person, day):  # the computer stays at home
        device = PHONE if own & HAS_PHONE else TABLET
        return (device, AWAY) if own & (HAS_PHONE | HAS_TABLET) else (0, 0)
    if people.employer[person] >= 0:
        own |= EMPLOYED
    code = int(np.int64(ways.device[own * 2 + is_mobile, word & 0xFF]))
    device, network = code & 7, code >> 3
    if network == AT_WORK and (is_free == 1 or hour < OPENS or hour >= CLOSES):
        if device != WORK:
            return device, AT_HOME
        if own & (HAS_PHONE | HAS_COMPUTER):
            return (COMPUTER, AT_HOME) if own & HAS_COMPUTER else (PHONE, AT_HOME)
    return device, network


@step
def place_of(people: Records, day: int, person: int, network: int) -> int:
    """Where a network is that a person uses: the household, the employer, the town, or less than 0 for a country abroad."""
    if network == AT_HOME:
        return int(np.int64(people.household[person]))
    if network == AWAY and is_abroad(people, person, day):
        return -int(np.int64(people.abroad[person]))
    return int(np.int64(people.employer[person] if network == AT_WORK else people.town[person]))


@step
def _equip(
    equipment: Records, people: Records, ways: Ways, day: int, hour: int, is_free: int, person: int, word: int, out: Records, i: int
) -> None:
    """Choose the device and network of attempt ``i``, which is made remotely; without a device it is made by telephone."""
    device, network = seat(equipment, people, ways, day, hour, is_free, person, 1 if out.channel[i] == Channel.MOBILE else 0, word)
    if device == 0:
        out.channel[i] = Channel.PHONE
        return
    if device == COMPUTER or device == WORK:
        out.channel[i] = Channel.ONLINE
    out.device_kind[i] = device
    out.network[i] = network
    out.place[i] = place_of(people, day, person, network)


@step
def _use_card(
    equipment: Records, people: Records, ways: Ways, day: int, hour: int, is_free: int, person: int, word: int, out: Records, i: int
) -> None:
    is_remote = out.entry[i] == EntryMode.REMOTE
    is_card = out.method[i] == Method.CARD
    credit = 1 if out.payer[i] == person * 5 + 2 else 0
    card = int(np.int64(equipment.credit_card[person] if credit else equipment.debit_card[person]))
    usable = day >= (equipment.credit_from[person] if credit else equipment.debit_from[person])
    if is_card and not usable:
        credit, card = _other_card(equipment, people, day, person, credit, out, i)
        usable = card >= 0
        if not usable and not is_remote:
            if out.country[i] > 0:
                out.amount[i] = 0  # goes without
            else:
                pay_in_notes(person, out, i)
            return
        if not usable:
            card, reason = card_of(equipment, person, credit, day)
            out.reason[i] = reason
    proof = 0
    if is_remote:
        _equip(equipment, people, ways, day, hour, is_free, person, word, out, i)
        if out.device_kind[i] == 0:
            out.entry[i] = EntryMode.MANUAL
            out.authentication[i] = 0
            proof = CVV
        elif is_card:
            proof = int(np.int64(ways.remote[1 if out.amount[i] < ways.small else 0, (word >> 8) & 0xFF]))
        else:
            proof = ways.wallet
            if out.device_kind[i] == PHONE and int(equipment.gear[person]) & HAS_TOKEN and usable:
                card |= TOKEN
    elif out.entry[i] == EntryMode.CHIP or out.entry[i] == EntryMode.MAGSTRIPE:
        proof = int(np.int64(ways.chip[credit, (word >> 8) & 0xFF]))
    elif int(equipment.gear[person]) & HAS_TOKEN and (word >> 16) & 0xFF < ways.tokens:
        card |= TOKEN
        out.device_kind[i] = PHONE
        proof = ways.phone
    else:
        proof = PIN if 0 < ways.tap_limit < out.amount[i] else ways.tap
    out.card[i] = card
    if out.authentication[i] == 0:  # unless the merchant's country decides
        out.authentication[i] = proof


@part
def use_card(world: World, today: Today, person: int, word: int, out: Records, i: int) -> None:
    """Complete the purchase by card or wallet ``i``: which card, from which device, with what proof.

    Args:
        world: the world.
        today: the day.
        person: who pays.
        word: 24 low bits decide.
        out: attempts; where neither card can be used, one in person is paid in notes, and one made remotely is declined.
        i: the attempt.
    """
    hour = (out.time[i] + today.offset) // HOUR % 24
    _use_card(world.equipment, world.people, world.ways, today.day, hour, today.weekend[1], person, word, out, i)


@step
def _other_card(equipment: Records, people: Records, day: int, person: int, credit: int, out: Records, i: int) -> tuple[int, int]:
    """Turn to the person's other card; (the card meant, -1) where it cannot be used either."""
    if credit:
        if day >= equipment.debit_from[person]:
            out.payer[i] = person * 5
            return 0, int(np.int64(equipment.debit_card[person]))
    elif people.line[person] > 0 and day >= equipment.credit_from[person]:
        out.payer[i] = person * 5 + 2
        return 1, int(np.int64(equipment.credit_card[person]))
    return credit, -1


@step
def pay_in_notes(person: int, out: Records, i: int) -> None:
    """Make a purchase in person a purchase in notes, for want of a card."""
    out.payer[i] = person * 5 + 4
    out.payee[i] += 1
    out.method[i] = Method.CASH
    out.entry[i] = EntryMode.NONE
    out.authentication[i] = 0
    out.terminal[i] = -1
    out.marks[i] = 0
    out.follow[i] = Follow.NONE
    if out.message[i] == Message.AUTHORISATION:
        out.message[i] = Message.PAYMENT
        out.amount[i] = out.hold[i]
        out.hold[i] = 0


@part
def use_stored_card(world: World, today: Today, person: int, word: int, out: Records, i: int) -> None:
    """Complete a bill that a merchant charges to a stored card: after a reissue some still try the old one."""
    equipment = world.equipment
    credit = 1 if out.payer[i] == person * 5 + 2 else 0
    card, reason = card_of(equipment, person, credit, today.day)
    usable = np.int64(equipment.credit_from[person] if credit else equipment.debit_from[person])
    if 0 <= today.day - usable < SOON and card > 0 and word & 0xFF < world.ways.stale:
        why = np.int64(equipment.credit_why[person] if credit else equipment.debit_why[person])
        card -= 1
        reason = LOST if why == Issue.LOST else EXPIRED
    out.card[i] = card
    out.reason[i] = reason


@step
def present_again(world: World, today: Today, person: int, out: Records, i: int) -> None:
    """A payment by card that is tried on a later day is tried with the card that the payer has then."""
    payer = np.int64(out.payer[i])
    again = out.message[i] == Message.PAYMENT or out.message[i] == Message.AUTHORISATION
    if out.method[i] == Method.CARD and again and payer // 5 == person and (payer % 5 == 0 or payer % 5 == 2):
        card, reason = card_of(world.equipment, person, 1 if payer % 5 == 2 else 0, today.day)
        out.card[i] = card
        out.reason[i] = reason
        if out.network[i] == Network.NONE:
            out.device_kind[i] = Device.NONE


@part
def prove_transfer(world: World, person: int, payee: int, is_new: int, word: int, out: Records, i: int) -> None:
    """How the payer of a transfer by hand is recognised, and whether the name of its payee is confirmed.

    Args:
        world: the world.
        person: who pays.
        payee: account row; what its name is taken for does not change from payment to payment.
        is_new: 1 for a payee that was never paid before.
        word: its low byte decides; a moment will do.
        out: attempts.
        i: the attempt.
    """
    ways = world.ways
    out.authentication[i] = ways.transfer[is_new, word & 0xFF]
    if ways.checks == 2 or (ways.checks == 1 and is_new == 1):
        name, _, _, _ = draw(world.rules.key, person, 0, Why.PAYEE_CHECK, payee)
        out.check[i] = MATCH if np.int64(out.marks[i]) & OWN else np.int64(ways.check[name & 0xFF])


@part
def at_machine(world: World, today: Today, person: int, word: int, out: Records, i: int) -> None:
    """Find a cash machine for withdrawal ``i``; without a card that can be used it is made at the counter of the bank."""
    equipment, machines = world.equipment, world.machines
    if today.day < equipment.debit_from[person]:
        out.method[i] = Method.CASH
        out.channel[i] = Channel.BRANCH
        out.entry[i] = EntryMode.NONE
        out.authentication[i] = 0
        out.mcc[i] = 0
        return
    out.card[i] = equipment.debit_card[person]
    if machines.zone.shape[0] == 0:
        return
    town = np.int64(world.people.town[person]) * ZONES
    cell, cells = town, ZONES
    if word & 0xFF < NEARBY:
        cell = np.int64(machines.near[town + np.int64(world.people.zone[person])])
        cells = 1
    first, last = np.int64(machines.start[cell]), np.int64(machines.start[cell + cells])
    out.terminal[i] = 0
    out.place[i] = first + scale(word, last - first)


@part
def at_machine_abroad(world: World, today: Today, person: int, out: Records, i: int) -> None:
    """Complete a withdrawal abroad; without a card that can be used there is none."""
    card, reason = card_of(world.equipment, person, 0, today.day)
    out.card[i] = card
    if reason != 0:
        out.amount[i] = 0
