"""Purchases: trips at the hours of each category, to favourites and sometimes to a new place, by card, cash, wallet or from the account."""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.codes import Channel, EntryMode, Follow, Method, Purpose
from simulator.day.abroad import plan_import
from simulator.day.cash import draw_at_counter
from simulator.day.equipment import use_card
from simulator.day.holds import hold_first
from simulator.day.hours import neighbour, within
from simulator.draws import Why, draw, poisson, scale
from simulator.kernel import kernel, part, step
from simulator.ledger import FIXED, RETRIES, put
from simulator.population.accounts import FIRM_ROWS
from simulator.population.debts import DEBTS
from simulator.population.market import nearby, remote
from simulator.population.presence import is_open
from simulator.population.tables import PLACES
from simulator.population.world import World
from simulator.records import Records

MOST_TRIPS = 16
"""Trips planned in a day at most; room for their purchases is reserved by the planner."""


@part
def means(world: World, person: int) -> int:
    """How freely a person spends today, 1/65536.

    Buffer-stock behaviour (Carroll 1997): a tenth less without liquid assets, a tenth more with twice the buffer aimed
    at. With less than a quarter of the month's budget at hand, spending falls with what is left (people go without); what is
    overdue on cards and loans is not at hand.
    """
    people, accounts = world.people, world.accounts
    base = person * 5
    debts, row = world.debts, person * DEBTS
    liquid = accounts.available[base] + accounts.available[base + 1] - debts.due[row] - debts.due[row + 1]
    level = 58982 + 6554 * max(0, min(2 * 65536, liquid * 65536 // (people.buffer[person] + 1))) // 65536
    reach = (liquid + max(0, accounts.available[base + 2] + people.line[person]) // 4) * 65536 // (people.budget[person] // 4 + 1)
    return level * max(16384, min(65536, reach)) >> 16


@part
def plan_shopping(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Plan a person's shopping trips of the UTC day.

    Trips are drawn at the busiest level that the day's local dates and the seasons reach, then thinned to the level of
    the local date, month and category.
    """
    people, tables, key = world.people, world.tables, world.rules.key
    mood, count_word, dither = week_words(key, person, today.day)
    peak = max(today.factor[0], today.factor[1], today.factor[2])
    rate = people.trips[person] * tables.moods[mood] >> 16
    rate = (rate * peak >> 16) * tables.season_peak >> 16
    rate = (rate * means(world, person) >> 16) * world.climate.peak[0] >> 16
    rate = rate * (65536 - min(np.int64(0), np.int64(world.people.restraint[person]))) >> 16
    for trip in range(min(MOST_TRIPS, poisson(tables.poisson, rate, count_word, dither))):
        category_word, hour_word, more, minute = draw(key, person, today.day, Why.TRIP, trip)
        category = choose_category(world.habit, person, category_word >> 16)
        time = trip_time(world, today, person, category, hour_word, minute)
        level = today.factor[neighbour(today.offset, time)]
        if (category_word & 0xFFFF) * peak >= level << 16:
            continue
        season, till = hour_word & 0xFFFF, more & 0xFFFF
        for item in range(3):
            if item > 0:
                if more >= tables.basket[item - 1]:
                    break
                again, delay, season, till = draw(key, person, today.day, Why.BASKET, trip * 4 + item)
                category, season, till = choose_category(world.habit, person, again >> 16), season >> 16, till >> 16
                later = 120_000_000 + scale(delay, 1 << 30) * 3
                time += later if time + later < 86_400_000_000 else -later  # the trip stays within the UTC day
            if season << 16 < tables.season[category, today.month] * willing(world, person, category) >> 16:
                n = plan_purchase(world, today, person, category, trip * 4 + item, time, season, till, out, n)
    return n


@part
def willing(world: World, person: int, category: int) -> int:
    """Purchases of a category that take place of those planned, of 65536: by what is asked for now, and what the person gives up."""
    climate, given_up = world.climate, max(np.int64(0), np.int64(world.people.restraint[person]))
    return climate.demand[category] * (65536 - (given_up * climate.elastic[category] >> 16)) >> 16


@step
def week_words(key: np.uint64, person: int, day: int) -> tuple[int, int, int]:
    """A person's mood of the week, 3 bits, and two words of the day.

    One draw serves a week: its first half word is the mood, the others are one a day. The second word of a day, which only
    rounds, is that of another day.
    """
    a, b, c, d = draw(key, person, day // 7, Why.TRIPS, 0)
    place = day % 7 + 1
    return int(a & 7), half(a, b, c, d, place), half(a, b, c, d, (place + 2) % 7 + 1)


@kernel
def half(a: int, b: int, c: int, d: int, place: int) -> int:
    """One of the eight half words of a draw, as a word."""
    word = a if place < 2 else b if place < 4 else c if place < 6 else d
    return (word & 0xFFFF0000 if place & 1 else word << 16 & 0xFFFF0000) | 0x8000


@step
def choose_category(habit: NDArray[np.uint16], person: int, word: int) -> int:
    """Category by the person's habits; ``word`` has 16 bits. Counting the shares passed takes no branch for each."""
    category = 0
    for place in range(habit.shape[1] - 1):
        category += 1 if word > np.int64(habit[person, place]) else 0
    return category


@part
def trip_time(world: World, today: Today, person: int, category: int, hour_word: int, minute: int) -> int:
    """When a trip takes place: by the hours of its category, shifted to the person's day."""
    tables = world.tables
    profile = tables.profile[category]
    hour = (np.int64(tables.hours[profile, today.weekend[1], hour_word >> 22]) + np.int64(world.people.hours[person])) % 24
    return within(today.offset, hour, minute)


@part
def choose_merchant(world: World, person: int, category: int, is_remote: bool, novelty: int, rank_word: int) -> int:
    """A favourite, or a new place that becomes one (exploration and preferential return)."""
    people, tables, key = world.people, world.tables, world.rules.key
    known = min(np.int64(world.known[person, category]), np.int64(PLACES - 1))
    if novelty < np.int64(tables.explore[category, known]) or known == 0:
        place = np.int64(world.known[person, category])
        world.known[person, category] = min(place + 1, np.int64(255))
    else:
        place = np.int64(0)
        while place < known - 1 and rank_word >= np.int64(tables.rank[known, place]):
            place += 1
    which, away_word, _, _ = draw(key, person, 0, Why.FAVOURITE, category * 1024 + place * 2 + is_remote)
    if is_remote:
        return remote(world.market, category, which)
    return nearby(world.market, category, np.int64(people.town[person]), np.int64(people.zone[person]), away_word, which)


@part
def usual_amount(world: World, category: int, size: int) -> int:
    """Log-normal amount of a category at the average level, by a word."""
    tables = world.tables
    power = (tables.spread[category] * np.int64(tables.normal[size >> 20]) + 2048) >> 12
    return int(tables.median[category] * np.int64(tables.doubling[power & 1023]) >> max(0, 24 - (power >> 10)))


@part
def price(world: World, person: int, category: int, firm: int, size: int, cents: int) -> int:
    """Amount of a purchase: log-normal by category, at the person's and the merchant's level, some in whole units."""
    tables = world.tables
    amount = usual_amount(world, category, size) * world.people.price[person] >> 16
    amount = (amount * world.firms.price[firm] >> 16) * world.climate.price[category] >> 16
    if cents < tables.whole[category] and amount >= world.rules.unit:
        amount = (amount + world.rules.unit // 2) // world.rules.unit * world.rules.unit
    return max(1, amount)


@part
def plan_purchase(
    world: World, today: Today, person: int, category: int, which: int, time: int, season: int, till: int, out: Records, n: int
) -> int:
    """Plan one purchase: where, how much, by which method; ``season`` and ``till`` are half words.

    A word of a draw serves two decisions, one by its leading half and one by its other.
    """
    people, firms, tables, rules = world.people, world.firms, world.tables, world.rules
    size, place_word, card_word, online_word = draw(rules.key, person, today.day, Why.PURCHASE, which)
    is_remote = online_word < tables.online[category] * np.int64(people.online[person]) >> 12
    if (not is_remote or world.climate.attended[category] == 1) and (world.climate.shut[category] | world.climate.remote[category]) > 0:
        category, is_remote = past_closed_doors(world, today, person, category, which, is_remote)
        if category < 0:
            return n
    firm = choose_merchant(world, person, category, is_remote, place_word, (place_word & 0xFFFF) << 16)
    if not is_open(firms, firm, today.day):  # nobody sells it here any more
        _, _, swaps, again = draw(rules.key, person, today.day, Why.RESTRICTION, which)
        category, is_remote = stand_in(world, category, swaps, again), False
        if category < 0:
            return n
        firm = choose_merchant(world, person, category, is_remote, place_word, (place_word & 0xFFFF) << 16)
        if not is_open(firms, firm, today.day):
            return n
    cents, how = (size & 0xFFFF) << 16, (online_word & 0xFFFF) << 16
    amount = price(world, person, category, firm, size, cents)
    account = world.layout.firm_base + firm * FIRM_ROWS + 1
    mcc = np.int64(firms.mcc[firm])
    later, hold = (card_word & 0xFFFF) << 16, np.int64(0)
    if later <= tables.duplicate[category, 1 if is_remote else 0] or tables.held[category] > 0:
        fine, hold, _, _ = draw(rules.key, person, today.day, Why.METHOD, which)
        later |= fine >> 16
    follow = after_purchase(world, category, 1 if is_remote else 0, later)
    equipment = (season << 8 ^ cents >> 8 ^ till >> 8) & 0xFFFFFF
    # A card that is nearly at its line stays in the purse.
    credit = card_word < people.credit[person] and world.accounts.available[person * 5 + 2] > -people.line[person] // 16 * 15
    payer = person * 5 + 2 if credit else person * 5
    if is_remote:
        method = Method.WALLET if how < people.wallet[person] else Method.CARD
        if method == Method.WALLET:
            payer = person * 5
        channel = Channel.MOBILE if till & 1 else Channel.ONLINE
        abroad = cents ^ till << 16
        if abroad < world.abroad.remote[category]:
            return plan_import(world, today, person, category, payer, amount, method, channel, cents, equipment, time, follow, out, n)
        n = put(out, n, time, person, 0, payer, account, amount, method, channel, Purpose.PURCHASE,
                firm, mcc, -1, EntryMode.REMOTE, 0, FIXED, RETRIES)  # fmt: skip
        out.follow[n - 1] = follow
        use_card(world, today, person, equipment, out, n - 1)
        return n
    time = opening(world, today, firm, time)
    terminal = scale(till << 16, np.int64(firms.terminals[firm]))  # also of who pays in notes: a card may be needed after all
    if rules.account > 0 and amount >= rules.account_above:
        _, _, by_account, _ = draw(rules.key, person, today.day, Why.METHOD, which)
        if by_account < rules.account:
            return put(out, n, time, person, 0, person * 5, account, amount, Method.INSTANT_TRANSFER, Channel.POINT_OF_SALE,
                       Purpose.PURCHASE, firm, mcc, terminal, EntryMode.NONE, 0, FIXED, 0)  # fmt: skip
    if rules.cards == 0 or how < people.cash[person] * tables.cash[category, 0 if size < 1 << 31 else 1] >> 16:
        if rules.cards == 0:
            n = _draw_first(world, today, person, amount, time, card_word, out, n)
        return put(out, n, time, person, 0, person * 5 + 4, account + 1, amount, Method.CASH, Channel.POINT_OF_SALE, Purpose.PURCHASE,
                   firm, mcc, terminal, EntryMode.NONE, 0, FIXED, 0)  # fmt: skip
    contactless = cents ^ season << 16 < rules.contactless
    swiped = cents ^ till << 16 < rules.magstripe
    entry = EntryMode.CONTACTLESS if contactless else EntryMode.MAGSTRIPE if swiped else EntryMode.CHIP
    n = put(out, n, time, person, 0, payer, account, amount, Method.CARD, Channel.POINT_OF_SALE, Purpose.PURCHASE,
            firm, mcc, terminal, entry, 0, FIXED, RETRIES)  # fmt: skip
    out.follow[n - 1] = follow
    if hold < tables.held[category]:
        hold_first(world, category, hold, out, n)
    use_card(world, today, person, equipment, out, n - 1)
    return n


@step
def _draw_first(world: World, today: Today, person: int, amount: int, time: int, word: int, out: Records, n: int) -> int:
    """Draw at the counter what a purse lacks for a purchase, with the notes that it is to hold: where no shop takes cards."""
    available, note = world.accounts.available, world.rules.note
    lacks = amount - available[person * 5 + 4]
    if lacks <= 0 or today.business == 0:
        return n
    amount = -(-(lacks + world.people.purse[person] // 2) // note) * note
    return n if available[person * 5] < amount else draw_at_counter(today, person, amount, time, word, out, n)


@part
def past_closed_doors(world: World, today: Today, person: int, category: int, which: int, is_remote: bool) -> tuple[int, bool]:
    """What becomes of a purchase where its category is restricted: (category, whether it is remote), -1 where it is not made.

    What is bought remotely comes here where it would be had in person.
    """
    climate = world.climate
    moves, barred, swaps, again = draw(world.rules.key, person, today.day, Why.RESTRICTION, which)
    if not is_remote and moves < climate.remote[category]:
        return category, True
    if barred >= climate.shut[category]:
        return category, is_remote
    return stand_in(world, category, swaps, again), False


@part
def stand_in(world: World, category: int, swaps: int, again: int) -> int:
    """Category to which a purchase moves that cannot be made in its own, by two words; -1 where it is not made."""
    climate = world.climate
    other = climate.other[category]
    return int(other) if other >= 0 and swaps < climate.instead[category] and again >= climate.shut[other] else -1


@part
def after_purchase(world: World, category: int, is_remote: int, word: int) -> int:
    """What follows a purchase on a later day: mostly nothing; ``word`` has 32 bits."""
    tables = world.tables
    if word >= tables.duplicate[category, is_remote]:
        return Follow.NONE
    if word < tables.refund[category]:
        return Follow.REFUND
    return Follow.DISPUTE if word < tables.dispute[category, is_remote] else Follow.DUPLICATE


@part
def opening(world: World, today: Today, firm: int, time: int) -> int:
    """The same moment if the shop is open then, else the same minute of an hour in which it is."""
    hour_length = 3_600_000_000
    local = (time + today.offset) % 86_400_000_000
    hour = local // hour_length
    opens, closes = int(np.int64(world.firms.opens[firm])), int(np.int64(world.firms.closes[firm]))
    if opens <= hour < closes:
        return time
    return (((opens + hour % max(1, closes - opens)) * hour_length + local % hour_length) - today.offset) % 86_400_000_000
