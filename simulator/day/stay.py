"""A stay abroad: purchases in person at the country's hours, remote purchases at home, and local notes from machines."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Authentication, Channel, EntryMode, Method, Purpose
from simulator.day.equipment import at_machine_abroad, use_card
from simulator.day.hours import within
from simulator.day.shopping import choose_category, choose_merchant, means, price, usual_amount
from simulator.draws import Why, draw, pick, poisson, scale
from simulator.exchange import MILLION, cost
from simulator.kernel import part, step
from simulator.ledger import FIXED, RETRIES, put
from simulator.population.accounts import FIRM_ROWS
from simulator.population.presence import is_open
from simulator.population.world import World
from simulator.records import Records

MOST_PURCHASES = 24
"""Purchases planned on a day of a stay at most; room for them is reserved by the planner."""


@step
def plan_stay(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Plan what a person who is abroad pays there, and buys remotely at home; in person they buy nothing at home.

    A share of purchases is paid in local notes, which no bank sees: what machines give is spent there.
    """
    people, abroad, tables, key = world.people, world.abroad, world.tables, world.rules.key
    country = np.int64(people.abroad[person]) - 1
    count_word, dither, cash, _ = draw(key, person, today.day, Why.STAY, 0)
    if cash < abroad.withdrawals:
        n = _plan_withdrawal(world, today, person, country, out, n)
    rate = (people.trips[person] * abroad.activity >> 16) * means(world, person) >> 16
    for k in range(min(MOST_PURCHASES, poisson(tables.poisson, rate, count_word, dither))):
        word, which, hour_word, minute = draw(key, person, today.day, Why.STAY, 2 * k + 2)
        online, how, size, cents = draw(key, person, today.day, Why.STAY, 2 * k + 3)
        category = choose_category(world.habit, person, word >> 16)
        if online < tables.online[category] * np.int64(people.online[person]) >> 12:
            hour = np.int64(tables.hours[tables.profile[category], today.weekend[1], hour_word >> 22])
            time = within(abroad.offset[country], hour, minute)
            n = _plan_remote(world, today, person, category, word, which, time, size, how, cents, out, n)
        elif online ^ word >= abroad.notes:
            slot = pick(abroad.basket, 0, abroad.basket.shape[0], which)
            hour = np.int64(tables.hours[tables.profile[abroad.sold[slot]], 1 if today.weekday >= 5 else 0, hour_word >> 22])
            n = _plan_visit(world, today, person, country, slot, word, hour, minute, size, how, cents, out, n)
    return n


@part
def _plan_remote(
    world: World, today: Today, person: int, category: int, word: int, which: int, time: int, size: int, how: int, cents: int,
    out: Records, n: int,
) -> int:  # fmt: skip
    """A remote purchase at home, made from abroad."""
    people = world.people
    firm = choose_merchant(world, person, category, True, word << 16 & 0xFFFFFFFF, which)
    if not is_open(world.firms, firm, today.day):
        return n
    amount = price(world, person, category, firm, size, cents)
    account = world.layout.firm_base + firm * FIRM_ROWS + 1
    credit = how < people.credit[person] and world.accounts.available[person * 5 + 2] > -people.line[person] // 16 * 15
    payer, mcc = person * 5 + 2 if credit else person * 5, np.int64(world.firms.mcc[firm])
    n = put(out, n, time, person, 0, payer, account, amount, Method.CARD, Channel.MOBILE, Purpose.PURCHASE,
            firm, mcc, -1, EntryMode.REMOTE, 0, FIXED, RETRIES)  # fmt: skip
    use_card(world, today, person, cents, out, n - 1)
    return n


@part
def _plan_visit(
    world: World, today: Today, person: int, country: int, slot: int, word: int, hour: int, minute: int, size: int, how: int,
    cents: int, out: Records, n: int,
) -> int:  # fmt: skip
    """A purchase in person abroad, by card: with chip and PIN more often than at home (assumption)."""
    people, abroad, accounts = world.people, world.abroad, world.accounts
    # The square of a uniform draw prefers the first merchants.
    place = (word >> 16) * (word >> 16) >> 16
    merchant = country * abroad.stride + slot * abroad.shops + (place * abroad.shops >> 16)
    foreign = _foreign_price(world, today, person, country, merchant, size, cents)
    opens, closes = int(np.int64(abroad.opens[merchant])), int(np.int64(abroad.closes[merchant]))
    local = hour if opens <= hour < closes else opens + hour % max(1, closes - opens)
    time = within(abroad.offset[country], local, minute)
    credit = how < people.credit[person] and accounts.available[person * 5 + 2] > -people.line[person] // 16 * 15
    contactless = cents ^ word < world.rules.contactless // 2
    entry = EntryMode.CONTACTLESS if contactless else EntryMode.CHIP
    pin = Authentication.NONE if contactless or (credit and how & 1 == 0) else Authentication.PIN
    terminal = scale(word << 16 & 0xFFFFFFFF, np.int64(abroad.terminals[merchant]))
    n = put(out, n, time, person, 0, person * 5 + 2 if credit else person * 5, world.layout.abroad_base + country,
            cost(foreign, today.rates[abroad.currency[country]]), Method.CARD, Channel.POINT_OF_SALE, Purpose.PURCHASE,
            world.layout.firms + merchant, np.int64(abroad.mcc[merchant]), terminal, entry, pin, FIXED, RETRIES)  # fmt: skip
    out.hold[n - 1] = foreign
    out.country[n - 1] = country + 1
    use_card(world, today, person, size, out, n - 1)
    return n


@part
def _foreign_price(world: World, today: Today, person: int, country: int, merchant: int, size: int, cents: int) -> int:
    """A price abroad, in minor units there: what it would be at home, at the country's and the merchant's level, some of it whole."""
    abroad, tables = world.abroad, world.tables
    category = np.int64(abroad.category[merchant])
    amount = usual_amount(world, category, size) * world.people.price[person] >> 16
    amount = (amount * abroad.prices[country] >> 16) * abroad.level[merchant] >> 16
    currency = abroad.currency[country]
    foreign = amount * MILLION // today.rates[currency]
    unit = abroad.unit[currency]
    if cents < tables.whole[category] and foreign >= unit:
        foreign = (foreign + unit // 2) // unit * unit
    return max(1, foreign)


@part
def _plan_withdrawal(world: World, today: Today, person: int, country: int, out: Records, n: int) -> int:
    """Local notes from a machine abroad: they are spent there, and no purse at home holds them."""
    abroad = world.abroad
    size, hour_word, minute, which = draw(world.rules.key, person, today.day, Why.STAY, 1)
    merchant = (country + 1) * abroad.stride - 1
    rate, note = today.rates[abroad.currency[country]], abroad.note[country]
    foreign = (abroad.withdrawal * world.tables.takings[size >> 20] >> 16) * MILLION // rate
    foreign = max(1, (foreign + note // 2) // note) * note
    amount = cost(foreign, rate)
    if amount > world.accounts.available[person * 5]:
        return n
    time = within(abroad.offset[country], 8 + scale(hour_word, 13), minute)
    payee, firm, mcc = world.layout.abroad_base + country, world.layout.firms + merchant, np.int64(abroad.mcc[merchant])
    terminal = scale(which, np.int64(abroad.terminals[merchant]))
    n = put(out, n, time, person, 0, person * 5, payee, amount, Method.CARD, Channel.ATM, Purpose.WITHDRAWAL,
            firm, mcc, terminal, EntryMode.CHIP, Authentication.PIN, FIXED, 0)  # fmt: skip
    out.hold[n - 1] = foreign
    out.country[n - 1] = country + 1
    at_machine_abroad(world, today, person, out, n - 1)
    return n
