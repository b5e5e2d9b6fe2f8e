"""Orders: what stories have written for a window, completed as the day completes its own payments, and joined to the day.

An order is an attempt like any other. The shop is found, the card and the device are chosen, the login and the new payee
are noted by the same pieces that serve ordinary people.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.codes import Authentication, Channel, Device, EntryMode, Reason
from simulator.day.equipment import at_machine, use_card
from simulator.day.sessions import place_sessions, plan_sessions
from simulator.day.shopping import opening, price
from simulator.draws import Why, draw, scale
from simulator.kernel import kernel, part, step
from simulator.population.accounts import FIRM_ROWS
from simulator.population.equipment import card_of
from simulator.population.market import nearby, remote
from simulator.population.presence import is_open
from simulator.population.world import World
from simulator.records import Records

PLAIN, SHOP, MACHINE = 0, 1, 2
"""What is still to be found for an order: nothing, a shop, a cash machine."""

OWNER, THIEF, IMPOSTOR = 0, 1, 2
"""Whose hand holds the card: its owner's, a thief's who knows neither PIN nor code, or one's who got hold of them."""

SHOPS = 6
"""Shops considered at most; a purchase for which none is open is not made."""

GUESSES = 8
"""Of 256 thieves who are asked for a PIN, so many guess (assumption)."""

WANT = np.dtype([
    ("key", np.int64),  # of the story's draws: its id's low bits
    ("factor", np.int64),  # of the usual amount, 1/65536; 0 where the amount stands
    ("turn", np.int32),
    ("category", np.int32),
    ("usual", np.int32),  # person whose usual amounts are meant
    ("firm", np.int32),  # that is paid, -1 where one is to be found
    ("shopper", np.int32),  # person in whose town the shop lies
    ("kind", np.int8),
    ("hand", np.int8),
    ("remote", np.int8),
    ("tap", np.int8),
    ("stripe", np.int8),
], align=True)  # fmt: skip
"""What is still to be found for an order."""


@step
def _show_card(world: World, today: Today, person: int, hand: int, word: int, out: Records, i: int) -> None:
    """Complete a purchase that is not made by the card's owner: what the shop asks for, and what the thief has."""
    ways = world.ways
    credit = 1 if out.payer[i] == person * 5 + 2 else 0
    card, trouble = card_of(world.equipment, person, credit, today.day)
    if out.card[i] != card:
        out.reason[i] = Reason.LOST_CARD  # it was replaced meanwhile
    elif trouble != Reason.NONE and out.reason[i] == Reason.NONE:
        out.reason[i] = trouble
    entry, proof = np.int64(out.entry[i]), np.int64(0)
    if entry == EntryMode.REMOTE:
        proof = np.int64(ways.remote[1 if out.amount[i] < ways.small else 0, word & 0xFF])
        asked = proof == Authentication.ONE_TIME_CODE or proof == Authentication.SCA_RESULT
        alone = hand == THIEF or (proof == Authentication.SCA_RESULT and (word >> 16 & 0xFF) >= ways.relayed)
        if asked and alone and out.reason[i] == Reason.NONE:
            out.reason[i] = Reason.WRONG_ONE_TIME_CODE
    elif entry == EntryMode.CHIP or entry == EntryMode.MAGSTRIPE:
        proof = np.int64(ways.chip[credit, word & 0xFF])
    else:
        proof = np.int64(Authentication.PIN if 0 < ways.tap_limit < out.amount[i] else ways.tap)
    if entry != EntryMode.REMOTE and proof == Authentication.PIN and hand == THIEF and out.reason[i] == Reason.NONE:
        if word >> 8 & 0xFF < GUESSES:
            out.reason[i] = Reason.WRONG_PIN
        else:
            out.amount[i] = 0  # walks away where a PIN is asked for
    out.authentication[i] = proof


@part
def _find_shop(world: World, today: Today, wants: Records, i: int, out: Records) -> None:
    """Find the shop of an order, and what is paid there."""
    category, shopper = np.int64(wants.category[i]), np.int64(wants.shopper[i])
    usual, turn = np.int64(wants.usual[i]), np.int64(wants.turn[i])
    is_remote, firm = wants.remote[i] == 1, np.int64(wants.firm[i])
    for k in range(SHOPS if firm < 0 else 0):
        which, away, _, _ = draw(world.rules.key, wants.key[i], today.day, Why.STORY_SHOP, turn * 16 + k)
        found = remote(world.market, category, which)
        if not is_remote:
            found = nearby(world.market, category, np.int64(world.people.town[shopper]), np.int64(world.people.zone[shopper]), away, which)
        if is_open(world.firms, found, today.day) and (is_remote or opening(world, today, found, out.time[i]) == out.time[i]):
            firm = np.int64(found)
            break
    if firm < 0:
        out.amount[i] = 0
        return
    size, cents, how, till = draw(world.rules.key, wants.key[i], today.day, Why.STORY_SHOP, turn * 16 + 15)
    if wants.factor[i] > 0:
        out.amount[i] = max(1, price(world, usual, category, firm, size, cents) * wants.factor[i] >> 16)
    out.firm[i] = firm
    out.payee[i] = world.layout.firm_base + firm * FIRM_ROWS + 1
    out.mcc[i] = world.firms.mcc[firm]
    if is_remote:
        out.entry[i] = EntryMode.REMOTE
        out.channel[i] = Channel.MOBILE if till & 1 else Channel.ONLINE
        device = np.int64(out.device_kind[i])
        if device == Device.COMPUTER or device == Device.ANOTHERS_PHONE:
            out.channel[i] = Channel.ONLINE if device == Device.COMPUTER else Channel.MOBILE
    else:
        out.terminal[i] = scale(till, np.int64(world.firms.terminals[firm]))
        out.channel[i] = Channel.POINT_OF_SALE
        out.entry[i] = EntryMode.CONTACTLESS if wants.tap[i] == 1 else EntryMode.MAGSTRIPE if wants.stripe[i] == 1 else EntryMode.CHIP
        out.device_kind[i] = 0
        out.network[i] = 0
        out.place[i] = -1
    person = np.int64(out.payer[i]) // 5
    if wants.hand[i] == OWNER:
        use_card(world, today, person, how & 0xFFFFFF, out, i)
    else:
        _show_card(world, today, person, np.int64(wants.hand[i]), how, out, i)


@kernel
def complete(
    world: World, today: Today, orders: Records, wants: Records, order: NDArray[np.int32], turn: int, events: Records,
    noted: NDArray[np.int64],
) -> None:  # fmt: skip
    """Complete the orders of a window.

    Args:
        world: the world.
        today: the day.
        orders: attempts in order of initiator and time.
        wants: what is still to be found for each.
        order: their rows, 0 to n - 1.
        turn: the window, from 1 on.
        events: filled with the logins, new payees and limits of what is paid by hand.
        noted: how many.
    """
    count = orders.shape[0]
    for i in range(count):
        if wants.kind[i] == SHOP:
            _find_shop(world, today, wants, i, orders)
        elif wants.kind[i] == MACHINE:
            at_machine(world, today, np.int64(orders.payer[i]) // 5, np.int64(wants.key[i]) >> 3, orders, i)
    first = 0
    while first < count:
        last = first + 1
        while last < count and orders.initiator[last] == orders.initiator[first]:
            last += 1
        told = noted[0]
        initiator = np.int64(orders.initiator[first])
        plan_sessions(world, today, initiator, orders, order, first, last, turn << 8, events, noted)
        place_sessions(world, today, initiator, told, events, noted)
        first = last
