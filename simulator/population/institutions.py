"""Institutions on the first morning: what they keep for their clients, and whom they pay: sellers, landlords, shops, halls."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Method, Purpose
from simulator.draws import Ints, Why, normal, uniform, words
from simulator.population.accounts import CURRENT, FIRM_ROWS, PERSON_ROWS, Layout
from simulator.population.clients import choose_institution
from simulator.population.firms import INSTITUTION, MERCHANT, Firms, Plan
from simulator.population.households import SELF_EMPLOYED
from simulator.population.trades import WHOLE, Trade, code_of
from simulator.records import Records
from simulator.scenario import Scenario

POOL_MONTHS = 1.5
"""Months of what comes back that an institution keeps for its clients (assumption; it comes back within two months)."""

OFTEN, RARELY = 3.0, 0.85
"""How likely the self-employed and the others sell through marketplaces, against the average (assumption)."""

SOLD_THERE = 0.3
"""Share of their takings that self-employed sellers make there instead of elsewhere (assumption)."""

SHOPS_OF_A_CARD = 30
"""Shops whose gift cards one seller sells (assumption)."""


class Payees(NamedTuple):
    """Columns over whom a firm pays out to, ordered by firm."""

    start: NDArray[np.int64]
    """First payee of each firm; F + 1 entries."""
    account: NDArray[np.int32]
    share: NDArray[np.int32]
    """Of what is paid out, 1/WHOLE."""


class Crowd(NamedTuple):
    """What institutions need to know of the people of the first morning."""

    town: Ints
    decile: Ints
    kind: Ints
    obligations: Records
    owes: Ints
    """First obligation of each person; N + 1 entries."""


def keep_for_clients(scenario: Scenario, firms: Firms, dealings: Records, days: float) -> Firms:
    """Reserves and tills of institutions that hold what may come back to clients.

    Args:
        scenario: the institutions.
        firms: the firms; changed columns are new.
        dealings: who deals with them.
        days: days in a month.
    """
    if not len(dealings.firm):
        return firms
    entry = dealings.entry.astype(np.int64)
    comes = np.array([e.back * e.ratio for e in scenario.institutions])[entry]
    monthly = dealings.chance.astype(np.float64) / 2**32 * days * dealings.level
    cash = dealings.method == Method.CASH
    reserve, till = firms.reserve.copy(), firms.till.copy()
    pool = np.bincount(dealings.firm, monthly * comes * POOL_MONTHS, len(reserve))
    rows = firms.kind == INSTITUTION
    reserve[rows] += np.rint(pool[rows]).astype(np.int64)
    handled = np.bincount(dealings.firm[cash], monthly[cash], len(till))
    till[rows] = np.rint(handled[rows] / 3).astype(np.int64)
    return firms._replace(reserve=reserve, till=till)


def choose_providers(scenario: Scenario, plan: Plan, firms: Firms) -> Firms:
    """Firms with the payment provider of small merchants filled in."""
    provider = firms.provider.copy()
    shops = np.flatnonzero((firms.kind == MERCHANT) & (firms.trade == 0))
    rank = np.argsort(np.argsort(firms.sales[shops], kind="stable"), kind="stable") / max(1, len(shops))
    for place, entry in enumerate(scenario.institutions):
        if code_of(entry.trade) != Trade.PAYMENT_PROVIDER:
            continue
        joins, which, _, _ = words(scenario.seed, shops, Why.OWNER, 300 + place)
        served = uniform(joins) < np.minimum(1.0, 2 * entry.members * (1 - rank))  # the smaller the likelier (assumption)
        rows = shops[served & (provider[shops] < 0)]
        town = np.maximum(firms.town[rows], 0).astype(np.int64)
        provider[rows] = choose_institution(plan, firms, place, town, which[served & (provider[shops] < 0)])
    return firms._replace(provider=provider)


def build_payees(scenario: Scenario, plan: Plan, firms: Firms, layout: Layout, crowd: Crowd) -> Payees:
    """Whom marketplaces, gift-card sellers, clubs and letting agents pay.

    Args:
        scenario: the institutions.
        plan: where firms stand.
        firms: the firms.
        layout: account rows.
        crowd: the people, and the rents that go through letting agents.
    """
    found: list[tuple[Ints, Ints, NDArray[np.float64]]] = []
    for place, entry in enumerate(scenario.institutions):
        trade = code_of(entry.trade)
        rows = np.flatnonzero((firms.kind == INSTITUTION) & (firms.category == place))
        if trade == Trade.MARKETPLACE:
            found.append(_sellers(scenario, firms, layout, place, crowd))
        elif trade == Trade.GIFT_CARDS:
            found.append(_shops(scenario, firms, layout, rows))
        elif trade == Trade.CLUB:
            found.append(_halls(scenario, plan, firms, layout, rows))
        elif trade == Trade.LETTING_AGENT:
            found.append(_landlords(scenario, layout, place, rows, crowd))
    firm = np.concatenate([np.zeros(0, np.int64), *(f for f, _, _ in found)])
    account = np.concatenate([np.zeros(0, np.int64), *(a for _, a, _ in found)])
    share = np.concatenate([np.zeros(0), *(s for _, _, s in found)])
    order = np.lexsort((account, firm))
    start = np.concatenate([[0], np.cumsum(np.bincount(firm, minlength=plan.firms))]).astype(np.int64)
    whole = np.floor(share[order] * WHOLE).astype(np.int32)
    return Payees(start, account[order].astype(np.int32), whole)


def _within(group: Ints, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights as shares of the whole of their group."""
    total = np.bincount(group, weight)
    shares: NDArray[np.float64] = weight / np.maximum(total[group], 1e-12)
    return shares


def _sellers(scenario: Scenario, firms: Firms, layout: Layout, place: int, crowd: Crowd) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Sellers of marketplaces: some adults, the self-employed more often, and one small shop in five (assumptions)."""
    entry = scenario.institutions[place]
    names = [category.name for category in scenario.categories]
    rows = np.flatnonzero((firms.trade == Trade.MARKETPLACE) & (firms.category == (names.index(entry.category) if entry.category else -1)))
    if not len(rows):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    everyone = np.arange(len(crowd.kind), dtype=np.int64)
    sells_word, which_word, size_word, _ = words(scenario.seed, everyone, Why.OWNER, 100 + place)
    seller = uniform(sells_word) < entry.members * np.where(crowd.kind == SELF_EMPLOYED, OFTEN, RARELY)
    shops = np.flatnonzero((firms.kind == MERCHANT) & (firms.trade == 0) & (firms.town >= 0))
    shop_sells, shop_which, shop_size, _ = words(scenario.seed, shops, Why.OWNER, 200 + place)
    joins = uniform(shop_sells) < 0.2
    heap = np.cumsum(firms.pull[rows])
    which = np.concatenate([which_word[seller], shop_which[joins]])
    firm = rows[np.minimum(np.searchsorted(heap, uniform(which) * heap[-1], side="right"), len(rows) - 1)]
    account = np.concatenate([everyone[seller] * PERSON_ROWS, layout.firm_base + shops[joins] * FIRM_ROWS])
    weight = np.exp(1.2 * normal(np.concatenate([size_word[seller], shop_size[joins]])))
    weight[int(seller.sum()) :] *= 4
    return firm.astype(np.int64), account.astype(np.int64), entry.paid_on * _within(firm, weight)


def _shops(scenario: Scenario, firms: Firms, layout: Layout, rows: Ints) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Shops whose gift cards are sold: the larger the likelier."""
    shops = np.flatnonzero((firms.kind == MERCHANT) & (firms.trade == 0))
    firm = np.repeat(rows, SHOPS_OF_A_CARD)
    turn = np.tile(np.arange(SHOPS_OF_A_CARD, dtype=np.int64), len(rows))
    word = words(scenario.seed, firm * SHOPS_OF_A_CARD + turn, Why.OWNER, 400)[0]
    heap = np.cumsum(np.sqrt(firms.sales[shops].astype(np.float64)))
    shop = shops[np.minimum(np.searchsorted(heap, uniform(word) * heap[-1], side="right"), len(shops) - 1)]
    pair, where = np.unique(np.stack([firm, shop]), axis=1, return_inverse=True)
    weight = np.bincount(where.ravel()).astype(np.float64)
    return pair[0], layout.firm_base + pair[1] * FIRM_ROWS + CURRENT, _within(pair[0], weight)


def _halls(scenario: Scenario, plan: Plan, firms: Firms, layout: Layout, rows: Ints) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """A club pays for its hall and its events in its own town."""
    town = firms.town[rows].astype(np.int64)
    payees, shares = [], []
    for turn, (share, low, high) in enumerate(((0.5, plan.first_employer, plan.first_institution), (0.35, 0, int(plan.first_shop[-1])))):
        nearby = low + np.argsort(firms.town[low:high], kind="stable")
        starts = np.searchsorted(firms.town[nearby], np.arange(plan.towns + 1))
        u = uniform(words(scenario.seed, rows, Why.OWNER, 500 + turn)[0])
        payees.append(nearby[starts[town] + (u * (starts[town + 1] - starts[town])).astype(np.int64)])
        shares.append(np.full(len(rows), share))
    firm = np.concatenate([rows, rows])
    return firm, layout.firm_base + np.concatenate(payees) * FIRM_ROWS + CURRENT, np.concatenate(shares)


def _landlords(scenario: Scenario, layout: Layout, place: int, rows: Ints, crowd: Crowd) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Landlords of the tenancies that agents let: well-off people of the tenant's town; each home has one for good."""
    entry, obligations = scenario.institutions[place], crowd.obligations
    here = slice(int(crowd.owes[len(crowd.town)]))
    tenancy = np.flatnonzero((obligations.purpose[here] == Purpose.RENT) & np.isin(obligations.firm[here], rows))
    everyone = np.arange(len(crowd.town), dtype=np.int64)
    tenant = np.repeat(everyone, np.diff(crowd.owes[: len(everyone) + 1]))[tenancy]
    lets_word = words(scenario.seed, everyone, Why.OWNER, 600 + place)[0]
    lets = np.flatnonzero((crowd.decile >= 7) & (uniform(lets_word) < entry.members / 0.3))
    if not len(lets) or not len(tenancy):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    starts = np.searchsorted(crowd.town[lets], np.arange(int(crowd.town.max()) + 2))
    count = starts[crowd.town[tenant] + 1] - starts[crowd.town[tenant]]
    u = uniform(words(scenario.seed, tenant, Why.OWNER, 700 + place)[0])
    landlord = lets[np.minimum(starts[crowd.town[tenant]] + (u * count).astype(np.int64), len(lets) - 1)]
    pair, where = np.unique(np.stack([obligations.firm[tenancy].astype(np.int64), landlord]), axis=1, return_inverse=True)
    rent = np.bincount(where.ravel(), obligations.amount[tenancy])
    return pair[0], pair[1] * PERSON_ROWS + CURRENT, _within(pair[0], rent)


def sells(scenario: Scenario, person: Ints, kind: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Who sells through marketplaces, by their own row: the self-employed more often (assumption)."""
    found = np.zeros(len(person), bool)
    for place, entry in enumerate(scenario.institutions):
        if code_of(entry.trade) == Trade.MARKETPLACE:
            likely = np.where(kind == SELF_EMPLOYED, OFTEN, RARELY) * entry.members
            found |= uniform(words(scenario.seed, person, Why.OWNER, 100 + place)[0]) < likely
    return found
