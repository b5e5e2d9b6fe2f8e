"""Who works where, and what firms must earn to pay them."""

import numpy as np

from simulator.draws import Ints, Why, choose, uniform, words
from simulator.population.firms import EMPLOYER, MERCHANT, Firms, Plan
from simulator.population.households import SALARIED, Floats
from simulator.population.order import ordered
from simulator.scenario import Scenario

MARGIN = 1.35
"""Receipts of an employer beyond retail over its wage bill (assumption: wages are about 70 % of value added)."""


def expected_sales(scenario: Scenario, plan: Plan, firms: Firms, town: Ints, purchases: Ints) -> Ints:
    """Expected sales of each merchant a month, minor units: town and category totals split by pull."""
    share = np.array([c.share for c in scenario.categories])
    share = share / share.sum()
    online = np.array([c.online for c in scenario.categories])
    total = np.zeros(plan.towns, np.int64)
    np.add.at(total, town, purchases)
    sales = np.zeros(plan.firms, np.int64)
    for c in range(len(share)):
        rows = slice(plan.first_shop[c], plan.first_shop[c + 1])
        pull = np.zeros(plan.towns, np.int64)
        np.add.at(pull, firms.town[rows], firms.pull[rows])
        here = firms.town[rows]
        sales[rows] = np.rint(total[here] * share[c] * (1 - online[c]) * firms.pull[rows] / pull[here]).astype(np.int64)
        rows = slice(plan.first_remote[c], plan.first_remote[c + 1])
        sales[rows] = np.rint(int(total.sum()) * share[c] * online[c] * firms.pull[rows] / firms.pull[rows].sum()).astype(np.int64)
    return sales


def _shop_staff(scenario: Scenario, plan: Plan, firms: Firms, sales: Ints, town: Ints, wage: Ints, able: Ints, shuffle: Ints) -> Ints:
    """Shops hire until wages are a fixed share of sales; staff are spread over shops in proportion to sales.

    Args:
        scenario: the labour share.
        plan: where firms stand.
        firms: the firms.
        sales: expected sales a month.
        town: town of each person.
        wage: a month, minor units.
        able: rows of the people whom shops may hire.
        shuffle: 16 bits for each of them, the order in which they are asked.
    """
    employer = np.full(len(town), -1, np.int64)
    shop = np.flatnonzero((firms.kind == MERCHANT) & (firms.town >= 0))
    local = shop[np.argsort(firms.town[shop], kind="stable")]
    bounds = np.searchsorted(firms.town[local], np.arange(plan.towns + 1))
    order = able[ordered(town[able], shuffle, 16)]
    starts = np.searchsorted(town[order], np.arange(plan.towns + 1))
    for t in range(plan.towns):
        people, shops = order[starts[t] : starts[t + 1]], local[bounds[t] : bounds[t + 1]]
        if not len(people):
            continue
        typical = int(np.median(wage[people]))
        hiring = shops[sales[shops] * scenario.firms.labour >= 0.8 * typical]
        if not len(hiring):
            continue
        filled = np.cumsum(wage[people]) - wage[people] // 2
        room = np.cumsum(sales[hiring] * scenario.firms.labour).astype(np.int64)
        hired = people[filled < room[-1]]
        employer[hired] = hiring[np.searchsorted(room, filled[: len(hired)], side="right")]
    return employer


def hire(scenario: Scenario, plan: Plan, firms: Firms, sales: Ints, town: Ints, kind: Ints, gross: Ints, rank: Floats) -> Ints:
    """Employer of each salaried person, -1 for everybody else.

    Args:
        scenario: sectors and the labour share of shops.
        plan: where firms stand.
        firms: the firms drawn so far.
        sales: expected sales a month.
        town: town of each person.
        kind: income kind of each person.
        gross: yearly income before tax, minor units.
        rank: rank of household income.
    """
    salaried = np.flatnonzero(kind == SALARIED)
    shop_word, sector_word, size_word, _ = words(scenario.seed, salaried, Why.WORK)
    able = rank[salaried] < 0.85
    employer = _shop_staff(scenario, plan, firms, sales, town, gross // 12, salaried[able], shop_word[able] >> np.uint32(16))
    left = employer[salaried] < 0
    beyond = salaried[left]
    sector = choose([s.share for s in scenario.income.sectors], sector_word[left])
    first = plan.first_employer + np.concatenate([[0], np.cumsum(plan.employers.ravel())]).astype(np.int64)
    group = sector * plan.towns + town[beyond]
    heap = np.concatenate([[0], np.cumsum(firms.pull[plan.first_employer :])])
    low, high = heap[first[group] - plan.first_employer], heap[first[group + 1] - plan.first_employer]
    target = low + (uniform(size_word[left]) * (high - low)).astype(np.int64)
    employer[beyond] = plan.first_employer + np.searchsorted(heap, target, side="right") - 1
    return employer


def settle_work(scenario: Scenario, plan: Plan, firms: Firms, sales: Ints, employer: Ints, gross: Ints) -> Firms:
    """Firms with their staff, wage bill, receipts across the boundary, reserves and suppliers filled in."""
    working = np.flatnonzero(employer >= 0)
    workers = working[ordered(employer[working])].astype(np.int32)
    staff = np.concatenate([[0], np.cumsum(np.bincount(employer[working], minlength=plan.firms))]).astype(np.int64)
    wages = np.zeros(plan.firms, np.int64)
    np.add.at(wages, employer[working], gross[working] // 12)
    beyond = firms.kind == EMPLOYER
    invoices = np.where(beyond, np.rint(wages * MARGIN * 12 / 52.18).astype(np.int64), 0)
    reserve = np.rint(scenario.firms.reserve_months * (wages + sales * 0.1)).astype(np.int64)
    word = words(scenario.seed, np.arange(plan.firms, dtype=np.int64), Why.SUPPLIER)[0]
    count = plan.firms - plan.first_employer
    supplier = plan.first_employer + (uniform(word) * count).astype(np.int64)
    cash = np.array([c.cash * (1 - c.online) for c in scenario.categories])[np.minimum(firms.category, len(scenario.categories) - 1)]
    till = np.rint(sales * scenario.methods.cash * cash * 0.35 * scenario.firms.bank_takings / 30).astype(np.int64)
    return firms._replace(
        sales=sales, wages=wages, staff=staff, workers=workers, invoices=invoices, reserve=reserve, till=till,
        supplier=np.where(firms.kind == MERCHANT, supplier, -1).astype(np.int32),
    )  # fmt: skip
