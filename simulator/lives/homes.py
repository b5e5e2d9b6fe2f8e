"""Homes change hands: a tenant buys from an owner, a bank lends, a conveyancer holds the money for some days.

The seller moves into the tenant's old home and pays its rent; the tenant pays off a loan where the seller did, and such a
loan as somebody like them has. So the town keeps as many tenants, as many owners and as many debts as it had. What own money
and loan do not cover comes from outside: from a home sold elsewhere, from family. Most buyers have owned before (68 %), and
more than a quarter pay without a loan (National Association of Realtors 2023, from memory).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.day.hours import DAY
from simulator.draws import WORD, Ints, Why, normal, uniform, words
from simulator.economy.rates import fix, rate_today
from simulator.ledger import BILL, FORCED, OWN
from simulator.lives.diary import Diary
from simulator.lives.foresight import Step
from simulator.lives.register import Register
from simulator.population.accounts import CURRENT, FIRM_ROWS, LOAN, PERSON_ROWS, RESERVE, SAVINGS, UNLIMITED
from simulator.population.budget import MORTGAGED, RENTED
from simulator.population.obligations import instalments_left, present_value
from simulator.population.people import mean_household_income
from simulator.population.presence import NEVER, here
from simulator.population.trades import Trade
from simulator.population.world import World
from simulator.runner.postponed import Postponed
from simulator.scenario import BillKind

LAST_DAY = 20
"""Sales are agreed until this day of the month, so that loans are paid off before interest is charged on the first."""

ASKED = 512
"""People of the town to whom a home is offered; where no tenant among them can pay, it is not sold."""

TOGETHER = 128
"""So many are asked at once."""

STAYS = 14
"""Nobody buys or sells who will be gone within so many days, so that sales end as they were agreed."""

LEAST, MOST = 35, 80
"""Thousandths of the price that a buyer pays from their own money. Sources: the least that the Federal Housing Administration
asks for; the median of first-time buyers (National Association of Realtors 2023)."""

FREE = 70
"""Per cent of what a buyer has in current and savings accounts that goes into the home (assumption)."""

BURDEN = 43
"""An instalment is at most this share of the household's net income, per cent. Source: the debt-to-income limit of qualified
mortgages until 2021 (Consumer Financial Protection Bureau)."""

OTHER_LOANS = 30
"""Months that other loans still run, mean (assumption); a sale pays off the rest of what is owed."""


class Sale(NamedTuple):
    """A home that changes hands; rows of people and firms, minor units."""

    seller: int
    buyer: int
    conveyancer: int
    price: int
    deposit: int
    """What the buyer pays from own money."""
    loan: int
    """What the bank lends; the rest comes from outside."""
    seller_row: int
    """Obligation of the seller that becomes the rent."""
    buyer_row: int
    """Obligation of the buyer that becomes the instalment."""
    instalment: int
    """0 where there is no loan."""


def sell_homes(register: Register, world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
    """Agree on the day's sales, and plan their payments.

    Args:
        register: the scenario's bills.
        world: owners sell at `Rules.home_sales` a day.
        today: the day; nothing is agreed late in a month.
        diary: told who sold to whom; its agenda says who will be gone.
        postponed: takes the payments.
    """
    conveyancers = np.flatnonzero(world.firms.trade == Trade.CONVEYANCER)
    if world.rules.home_sales == 0 or today.month_day > LAST_DAY or not len(conveyancers):
        return
    leaves = _leavers(register, world, today, diary)
    offers = _offers(register, world, today)
    owners = offers[_settled(world, today, leaves, offers) & (world.people.home[offers] > 0)]
    heap = np.cumsum(world.firms.pull[conveyancers])
    bill = next((place for place, bill in enumerate(register.scenario.bills) if bill.kind is BillKind.MORTGAGE), -1)
    for seller in owners.tolist():
        found = _find_buyer(register, world, today, leaves, seller, bill)
        if found is None:
            continue
        pick, *_ = words(int(world.rules.key), np.array([seller]), Why.HOME_SALE, 3, today.day)
        firm = int(conveyancers[min(int(np.searchsorted(heap, uniform(pick)[0] * heap[-1], side="right")), len(heap) - 1)])
        sale = found._replace(conveyancer=firm)
        plan_home_sale(world, today, sale, postponed)
        _move_in(world, sale, bill)
        diary.change("home_sale", today.day, np.array([sale.seller]), buyer=np.array([sale.buyer]), price=np.array([sale.price]))


def _offers(register: Register, world: World, today: Today) -> Ints:
    """Rows whose turn it is to sell today, those of tenants and of who is not here among them: each has the same chance."""
    chance = min(1.0, world.rules.home_sales / WORD * 30.44 / LAST_DAY)
    # Those of the first morning and who came since: a longer run, with more to come, has the same sales.
    people = register.scenario.population.customers + int(np.searchsorted(register.joins, today.day + 1))
    mean = people * chance
    row, dither, _, _ = words(int(world.rules.key), np.arange(int(mean) + 1, dtype=np.int64), Why.HOME_SALE, 0, today.day)
    drawn = row[: int(mean + uniform(dither)[0])].astype(np.int64)
    return np.unique(drawn * people >> 32)


def _leavers(register: Register, world: World, today: Today, diary: Diary) -> NDArray[np.bool_]:
    """Who soon dies, leaves or changes bank, by row."""
    spare = register.scenario.population.customers + len(register.joins)
    takes = world.course.takes[spare:][world.people.joined[spare:] == NEVER].astype(np.int64)
    leaves = np.zeros(len(world.people), bool)
    leaves[diary.agenda.coming(today.day + STAYS, Step.DIE, Step.LEAVE)] = True
    leaves[takes[takes >= 0]] = True
    return leaves


def _settled(world: World, today: Today, leaves: NDArray[np.bool_], rows: Ints) -> NDArray[np.bool_]:
    """Whether rows are heads of households who are here and stay with their bank for some time."""
    found: NDArray[np.bool_] = here(world.people, today.day + 1, rows) & (world.people.head[rows] == 1) & ~leaves[rows]
    return found


def _row(world: World, person: int, purpose: int, to_firm: bool) -> int:
    """A person's obligation of a purpose, -1 for none."""
    place = slice(int(world.owes[person]), int(world.owes[person + 1]))
    owed = world.obligations[place]
    found = np.flatnonzero((owed.purpose == purpose) & ((owed.firm >= 0) == to_firm) & (owed.bill >= 0))
    return place.start + int(found[0]) if len(found) else -1


def _find_buyer(register: Register, world: World, today: Today, leaves: NDArray[np.bool_], seller: int, bill: int) -> Sale | None:
    """The first tenant of the town who wants the home and can pay for it."""
    people = world.people
    mortgaged = int(people.tenure[seller]) == MORTGAGED
    seller_row = _row(world, seller, int(Purpose.MORTGAGE if mortgaged else Purpose.TAX), False)
    if seller_row < 0:
        return None
    price = int(people.home[seller]) // (world.rules.unit * 1000) * world.rules.unit * 1000
    for turn in range(0, ASKED, TOGETHER):
        turns = np.arange(turn, turn + TOGETHER, dtype=np.int64)
        word = words(int(world.rules.key), turns * (WORD // ASKED) + seller, Why.HOME_SALE, 2, today.day)[0].astype(np.int64)
        town = int(people.town[seller])
        first, last = int(world.towns[town]), int(world.towns[town + 1])
        asked = world.townsfolk[first + (word * (last - first) >> 32)].astype(np.int64)
        asked = asked[(people.tenure[asked] == RENTED) & (people.home[asked] == 0)]
        asked = asked[_settled(world, today, leaves, asked)]
        instalment, loan, net = _loans(register, world, today, asked, bill) if mortgaged else np.zeros((3, len(asked)), np.int64)
        deposit = _deposits(world, price, asked)
        able = (price > 0) & (deposit * 1000 >= price * LEAST) & (instalment * 100 <= net * BURDEN)
        for place in np.flatnonzero(able).tolist():
            buyer = int(asked[place])
            buyer_row = _row(world, buyer, int(Purpose.RENT), True)
            if buyer_row >= 0:
                lent = min(int(loan[place]), price - int(deposit[place]))
                return Sale(seller, buyer, -1, price, int(deposit[place]), lent, seller_row, buyer_row, int(instalment[place]))
    return None


def _deposits(world: World, price: int, rows: Ints) -> Ints:
    """What people would pay for a home from their own money."""
    available, unit = world.accounts.available, world.rules.unit
    liquid = available[rows * PERSON_ROWS + CURRENT] + available[rows * PERSON_ROWS + SAVINGS]
    deposit: Ints = np.minimum(liquid * FREE // 100, price * MOST // 1000) // unit * unit
    return deposit


def _loans(register: Register, world: World, today: Today, rows: Ints, bill: int) -> tuple[Ints, Ints, Ints]:
    """Instalment and loan for a home of people like some, as the first morning has them, and their households' net income."""
    people, scenario = world.people, register.scenario
    partner = world.course.partner[rows].astype(np.int64)
    along = (partner >= 0) & here(people, today.day + 1, partner)
    gross, net = (people[name][rows] + np.where(along, people[name][partner], 0) for name in ("gross", "net"))
    origin, kind = world.course.origin[rows].astype(np.int64), scenario.bills[bill]
    income = np.log(np.maximum(gross, 1) / register.unit / mean_household_income(scenario, register.table))
    differs = kind.spread * normal(words(register.seed, origin, Why.BILL, bill + 100)[0]) - kind.spread**2 / 2
    amount = np.rint(kind.mean * np.exp(kind.elasticity * income + differs) * register.unit)
    left = instalments_left(register.seed, Purpose.MORTGAGE, origin, register.month(today.day) + 1)
    loan = np.rint(amount * present_value(rate_today(register, world), left))
    return amount.astype(np.int64), loan.astype(np.int64), net


def pay_off(world: World, person: int) -> int:
    """What a sale pays off: what is owed on the person's loans, less what instalments of other loans will still pay."""
    owed = -int(world.accounts.available[person * PERSON_ROWS + LOAN])
    place = slice(int(world.owes[person]), int(world.owes[person + 1]))
    others = int(world.obligations.amount[place][world.obligations.purpose[place] == Purpose.LOAN].sum()) * OTHER_LOANS
    return max(0, owed - others)


def plan_home_sale(world: World, today: Today, sale: Sale, postponed: Postponed) -> None:
    """Put the payments of a sale into the postponed ones.

    On the next business day the buyer's deposit, the bank's loan and the rest go to the conveyancer's account for clients; two to
    four business days later the seller's loan is paid off, the seller gets the rest, and the conveyancer takes the fee.
    """
    layout, accounts, unit = world.layout, world.accounts, world.rules.unit
    word, when, later, _ = (int(w[0]) for w in words(int(world.rules.key), np.array([sale.seller]), Why.HOME_SALE, 4, today.day))
    buyer, seller = sale.buyer * PERSON_ROWS, sale.seller * PERSON_ROWS
    office = layout.firm_base + sale.conveyancer * FIRM_ROWS
    paid_in, paid_out = today.day + int(today.ahead[1]), today.day + int(today.ahead[3 + word % 3])

    def at(hour: int, turn: int) -> int:
        return (hour * (DAY // 24) + ((when >> turn) & 0xFFF) * 1_000_000 - today.offset) % DAY

    if sale.loan > 0:
        accounts.line[buyer + LOAN] = UNLIMITED
        world.course.borrowed[sale.buyer] = 1
        fix(world, np.array([sale.buyer]), np.array([sale.loan]))
    wire = {"method": int(Method.WIRE), "channel": int(Channel.BRANCH), "purpose": int(Purpose.PROPERTY)}
    short = sale.deposit - int(accounts.available[buyer + CURRENT])
    if short > 0:
        # What lies on the savings account is moved over in the first minute of the day.
        postponed.plan(paid_in, 1, time=(later & 0x3F) * 1_000_000, initiator=sale.buyer, payer=buyer + SAVINGS, payee=buyer + CURRENT,
                       amount=min(int(accounts.available[buyer + SAVINGS]), short), method=int(Method.INSTANT_TRANSFER),
                       channel=int(Channel.MOBILE), purpose=int(Purpose.SAVING), marks=OWN)  # fmt: skip
    client_money = office + RESERVE
    postponed.plan(paid_in, 1, time=at(9, 0), initiator=sale.buyer, payer=buyer + CURRENT, payee=client_money, amount=sale.deposit,
                   marks=FORCED, **wire)  # fmt: skip  # the bank vouched for it when the sale was agreed
    for hour, payer, amount in ((13, buyer + LOAN, sale.loan), (14, layout.outside, sale.price - sale.deposit - sale.loan)):
        if amount > 0:
            postponed.plan(paid_in, 1, time=at(hour, 8), initiator=sale.buyer, payer=payer, payee=client_money, amount=amount, **wire)
    owed = min(pay_off(world, sale.seller), sale.price * 9 // 10)
    fee = sale.price * int(world.firms.fee[sale.conveyancer]) // 1_000_000 // unit * unit
    starts = {"initiator": layout.people + sale.conveyancer, "payer": client_money}
    if owed > 0:
        postponed.plan(paid_out, 1, time=at(10, 4), payee=seller + LOAN, amount=owed, marks=BILL, **starts,
                       **(wire | {"purpose": int(Purpose.MORTGAGE)}))  # fmt: skip
    postponed.plan(paid_out, 1, time=at(12, 12), payee=seller + CURRENT, amount=sale.price - owed - fee, marks=BILL, **starts, **wire)
    postponed.plan(paid_out, 1, time=at(15, 16), payee=office + CURRENT, amount=fee, method=int(Method.INSTANT_TRANSFER),
                   channel=int(Channel.ONLINE), purpose=int(Purpose.FEE), marks=OWN, **starts)  # fmt: skip


def _move_in(world: World, sale: Sale, bill: int) -> None:
    """The buyer's rent becomes the seller's, and the buyer pays what an owner pays: instalments, or only the tax."""
    people, obligations = world.people, world.obligations
    rent = obligations[sale.buyer_row].copy()
    obligations[sale.buyer_row], obligations[sale.seller_row] = obligations[sale.seller_row].copy(), rent
    if people.tenure[sale.seller] == MORTGAGED:
        new = {"payee": sale.buyer * PERSON_ROWS + LOAN, "amount": sale.instalment, "bill": bill, "method": int(Method.DIRECT_DEBIT)}
        for name, value in new.items():
            obligations[name][sale.buyer_row] = value
    people.home[sale.buyer], people.home[sale.seller] = people.home[sale.seller], 0
    people.tenure[sale.buyer], people.tenure[sale.seller] = people.tenure[sale.seller], RENTED
