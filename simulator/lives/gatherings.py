"""Gatherings: presents, trips and parties for which one person collects from friends and pays for all, or passes the money on."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.draws import WORD, Ints, Why, words
from simulator.ledger import NEW_PAYEE
from simulator.lives.times import times_between
from simulator.population.accounts import CURRENT, FIRM_ROWS, PERSON_ROWS
from simulator.population.firms import MERCHANT
from simulator.population.presence import here, trading
from simulator.population.world import World
from simulator.runner.postponed import Postponed

LEAST, MOST = 3, 12
"""People who take part, besides the one who collects (assumption)."""

DAYS = 6
"""Days within which they pay (assumption)."""

PASSED_ON = 30
"""Per cent of collections that are passed on to one person, as a present (assumption); the rest pay for a trip or a party."""


def gather(world: World, today: Today, postponed: Postponed) -> None:
    """Draw who collects from today on, and plan what the others pay and what becomes of the money."""
    key, rules, layout = int(world.rules.key), world.rules, world.layout
    if rules.gatherings == 0:
        return
    # Everyone decides on one day of the week.
    asked = np.arange(today.day % 7, layout.people, 7, dtype=np.int64)
    asked = asked[here(world.people, today.day + 1, asked)]
    hosts = asked[words(key, asked, Why.GATHERING, 0, today.day)[0] < np.uint32(min(WORD - 1, 7 * rules.gatherings))]
    known = (world.knows[hosts + 1] - world.knows[hosts]).astype(np.int64)
    hosts, known = hosts[known >= LEAST], known[known >= LEAST]
    if not len(hosts):
        return
    size_word, share_word, end_word, kind_word = words(key, hosts, Why.GATHERING, 1, today.day)
    taking = np.minimum(known, LEAST + (size_word.astype(np.int64) * (MOST - LEAST + 1) >> 32))
    # Everybody pays the same round sum.
    unit = rules.unit
    share = rules.gathering_share * world.tables.takings[share_word >> np.uint32(20)] >> 16
    share = np.maximum(unit * 5, share // (unit * 5) * (unit * 5)) if rules.gathering_share >= 5 * unit else np.maximum(1, share)
    host, friend, amount = _payments(world, today.day + 1, hosts, known, taking, share)
    day_word, time_word, method_word, _ = words(key, friend * 8 + today.day % 8, Why.GATHERING, 2, today.day)
    day = today.day + 1 + (day_word.astype(np.int64) * DAYS >> 32)
    instant = method_word < np.uint32(0xE0000000)
    postponed.plan(
        day, len(friend), time=times_between(today.offset, 9, 12, time_word), initiator=friend, payer=friend * PERSON_ROWS + CURRENT,
        payee=host * PERSON_ROWS + CURRENT, amount=amount, purpose=int(Purpose.TRANSFER), marks=NEW_PAYEE,
        method=np.where(instant, int(Method.INSTANT_TRANSFER), int(Method.BATCH_TRANSFER)),
        channel=np.where(instant, int(Channel.MOBILE), int(Channel.ONLINE)),
    )  # fmt: skip
    _spend(world, today, postponed, hosts, share * taking, end_word, kind_word)


def _payments(world: World, tomorrow: int, hosts: Ints, known: Ints, taking: Ints, share: Ints) -> tuple[Ints, Ints, Ints]:
    """Who pays whom how much: so many neighbours in the host's list of contacts, from a different place every time."""
    host = np.repeat(hosts, taking)
    place = np.arange(len(host)) - np.repeat(np.cumsum(taking) - taking, taking)
    begin = np.repeat((hosts * 7 + tomorrow) % known, taking)
    friend = world.contacts.person[world.knows[host] + (begin + place) % np.repeat(known, taking)].astype(np.int64)
    keep = (friend != host) & here(world.people, tomorrow, friend)
    pair = np.unique(np.stack([host[keep], friend[keep], np.repeat(share, taking)[keep]]), axis=1)
    return pair[0], pair[1], pair[2]


def _spend(world: World, today: Today, postponed: Postponed, hosts: Ints, total: Ints, end_word: Ints, kind_word: Ints) -> None:
    """The host pays a place of the town by transfer, with a share of their own, or passes on what came in."""
    key, layout = int(world.rules.key), world.layout
    day = today.day + 2 + DAYS + (end_word.astype(np.int64) * 5 >> 32)
    time = times_between(today.offset, 10, 9, end_word << np.uint32(8))
    passes = kind_word < np.uint32(PASSED_ON * (2**32 // 100))
    who = words(key, hosts, Why.GATHERING, 3, today.day)[0].astype(np.int64)
    known = (world.knows[hosts + 1] - world.knows[hosts]).astype(np.int64)
    friend = world.contacts.person[world.knows[hosts] + (who * known >> 32)].astype(np.int64)
    shops = np.flatnonzero((world.firms.kind == MERCHANT) & (world.firms.town >= 0) & trading(world.firms, today.day + 1))
    if not len(shops):
        return
    shops = shops[np.argsort(world.firms.town[shops], kind="stable")]
    first, last = (np.searchsorted(world.firms.town[shops], world.people.town[hosts], side=side) for side in ("left", "right"))
    shop = shops[np.minimum(first + (who * (last - first) >> 32), len(shops) - 1)]
    payee = np.where(passes, friend * PERSON_ROWS + CURRENT, layout.firm_base + shop * FIRM_ROWS + CURRENT)
    postponed.plan(
        day, len(hosts), time=time, initiator=hosts, payer=hosts * PERSON_ROWS + CURRENT, payee=payee,
        amount=np.where(passes, total * 95 // 100, total * 105 // 100) // world.rules.unit * world.rules.unit + 1,
        method=int(Method.INSTANT_TRANSFER), channel=int(Channel.MOBILE),
        purpose=np.where(passes, int(Purpose.TRANSFER), int(Purpose.PURCHASE)), firm=np.where(passes, -1, shop),
        mcc=np.where(passes, 0, world.firms.mcc[shop]), marks=NEW_PAYEE,
    )  # fmt: skip
