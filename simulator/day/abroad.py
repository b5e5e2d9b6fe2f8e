"""Abroad, seen from home: who is away, remote purchases at merchants abroad, and money that comes from there.

A price abroad is a whole number of minor units there, and the payer's amount is what it costs at the day's rate, rounded up;
some remote merchants there have prices in the home currency, and get what these buy, rounded down.
"""

import numpy as np

from simulator.clock import Today
from simulator.codes import Authentication, Channel, EntryMode, Method, Purpose
from simulator.day.equipment import use_card
from simulator.draws import Why, draw, scale
from simulator.exchange import MILLION, cost
from simulator.kernel import part, step
from simulator.ledger import FIXED, RETRIES, move, put
from simulator.population.abroad import corridor_row, trade_row
from simulator.population.world import World
from simulator.records import Records

FAVOURITES = 4
"""Merchants abroad that a person knows by category, for remote purchases (assumption)."""


@part
def is_away(world: World, today: Today, person: int) -> bool:
    """Whether a person is abroad; one comparison for whoever has no journey behind or ahead."""
    return today.day >= world.people.abroad_from[person] and today.day < world.people.abroad_until[person]


@step
def plan_import(
    world: World, today: Today, person: int, category: int, payer: int, amount: int, method: int, channel: int, word: int, device: int,
    time: int, follow: int, out: Records, n: int,
) -> int:  # fmt: skip
    """A remote purchase at a merchant abroad, one of a few that the person knows in the category.

    Args:
        world: the world.
        today: the day.
        person: who buys.
        category: of what.
        payer: account row.
        amount: the price as it would be at home.
        method: by which it is paid.
        channel: where it is started.
        word: chooses the merchant.
        device: a word that chooses the device.
        time: microseconds within the UTC day.
        follow: what follows.
        out: planned payments.
        n: the next row of it.
    """
    abroad = world.abroad
    favourite = (word & 0xFF) * (word >> 8 & 0xFF) * FAVOURITES >> 16
    whence, which, _, _ = draw(world.rules.key, person, 0, Why.IMPORT, category * FAVOURITES + favourite)
    country = trade_row(abroad, world.layout, whence) - world.layout.abroad_base
    merchant = country * abroad.stride + abroad.shelf[category] * abroad.shops + scale(which, abroad.shops)
    currency = abroad.currency[country]
    foreign = max(1, amount * MILLION // today.rates[currency])
    if abroad.home_priced[merchant] == 0:
        amount = cost(foreign, today.rates[currency])
    secure = Authentication.SCA_RESULT if word >> 16 & 1 else Authentication.SCA_EXEMPTION
    n = put(out, n, time, person, 0, payer, world.layout.abroad_base + country, amount, method, channel, Purpose.PURCHASE,
            world.layout.firms + merchant, np.int64(abroad.mcc[merchant]), -1, EntryMode.REMOTE,
            secure if abroad.sca[country] else Authentication.CVV, FIXED, RETRIES)  # fmt: skip
    out.hold[n - 1] = foreign
    out.country[n - 1] = country + 1
    out.follow[n - 1] = follow
    use_card(world, today, person, device, out, n - 1)
    return n


@step
def plan_from_abroad(world: World, person: int, amount: int, purpose: int, time: int, out: Records, n: int) -> int:
    """Income from abroad, fixed in the currency of the person's corridor at the first day's rate: at home it moves with the rate."""
    abroad = world.abroad
    whence, _, _, _ = draw(world.rules.key, person, 0, Why.FOREIGN_PAYER, 0)
    payer = corridor_row(abroad, world.layout, whence)
    foreign = max(1, amount * MILLION // abroad.base[abroad.currency[payer - world.layout.abroad_base]])
    return move(out, n, time, person, payer, person * 5, foreign, Method.WIRE, Channel.NONE, purpose, 0)


@part
def foreign_amount(world: World, today: Today, account: int, amount: int) -> int:
    """A home amount in the currency of the account of a country abroad, at the day's rate."""
    return max(1, amount * MILLION // today.rates[world.abroad.currency[account - world.layout.abroad_base]])
