"""Business at the day's close: what is arranged today and paid on later days, by payments like any other."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Method, Purpose
from simulator.draws import Why, words
from simulator.economy.months import is_month_end
from simulator.ledger import BILL, OWN
from simulator.lives.diary import Diary
from simulator.lives.gatherings import gather
from simulator.lives.homes import sell_homes
from simulator.lives.register import Register
from simulator.lives.succession import succeed
from simulator.lives.times import times_between
from simulator.population.accounts import CURRENT, FIRM_ROWS, RESERVE
from simulator.population.firms import MERCHANT
from simulator.population.presence import trading
from simulator.population.world import World
from simulator.runner.postponed import Postponed


def trade_on(register: Register, world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
    """Arrange a day's business, in its fixed order: whoever is gone from tomorrow takes no part."""
    succeed(world, today, diary)
    pay_merchants(world, today, postponed)
    pay_rent(register, world, today, postponed)
    sell_homes(register, world, today, diary, postponed)
    gather(world, today, postponed)


def pay_rent(register: Register, world: World, today: Today, postponed: Postponed) -> None:
    """With a month, shops owe the rent of their premises on the next business day, to owners outside."""
    share = register.scenario.firms.rent
    if not share or not is_month_end(today.day):
        return
    firms, layout = world.firms, world.layout
    rows = np.flatnonzero((firms.kind == MERCHANT) & (firms.trade == 0) & trading(firms, today.day + 1))
    rent = np.rint(firms.sales[rows] * share).astype(np.int64)
    rows, rent = rows[rent > 0], rent[rent > 0]
    when = words(int(world.rules.key), rows, Why.SETTLED, 1, today.day)[0]
    postponed.plan(
        today.day + int(today.ahead[1]), len(rows), time=times_between(today.offset, 9, 6, when), initiator=layout.people + rows,
        payer=layout.firm_base + rows * FIRM_ROWS + CURRENT, payee=layout.outside, amount=rent, method=int(Method.BATCH_TRANSFER),
        channel=int(Channel.ONLINE), purpose=int(Purpose.RENT), marks=BILL,
    )  # fmt: skip


def pay_merchants(world: World, today: Today, postponed: Postponed) -> None:
    """Payment providers pay what they collected, less their fee, on the business day on which they get it."""
    firms, layout = world.firms, world.layout
    shops = np.flatnonzero(firms.owed)
    if not len(shops):
        return
    owed, provider = firms.owed[shops].copy(), firms.provider[shops].astype(np.int64)
    firms.owed[shops] = 0
    fee = owed * firms.fee[provider] // 1_000_000
    when = words(int(world.rules.key), shops, Why.SETTLED, 0, today.day)[0]
    day = today.day + int(today.ahead[1])
    client_money = layout.firm_base + provider * FIRM_ROWS + RESERVE
    postponed.plan(
        day, len(shops), time=times_between(today.offset, 9, 6, when), initiator=layout.people + provider, payer=client_money,
        payee=layout.firm_base + shops * FIRM_ROWS + CURRENT, amount=owed - fee, method=int(Method.BATCH_TRANSFER),
        purpose=int(Purpose.PAYOUT), marks=BILL,
    )  # fmt: skip
    paying, where = np.unique(provider, return_inverse=True)
    fees = np.zeros(len(paying), np.int64)
    np.add.at(fees, where, fee)
    charged = fees > 0
    base = layout.firm_base + paying[charged] * FIRM_ROWS
    postponed.plan(
        day, int(charged.sum()), time=times_between(today.offset, 16, 1, when[:1]), initiator=layout.people + paying[charged],
        payer=base + RESERVE, payee=base + CURRENT, amount=fees[charged], method=int(Method.INSTANT_TRANSFER),
        channel=int(Channel.ONLINE), purpose=int(Purpose.FEE), marks=OWN,
    )  # fmt: skip
