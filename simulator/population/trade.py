"""Trade between firms on the first morning: suppliers on invoice, owners and parents, treasuries, safes, limits."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Method
from simulator.draws import Ints, Why, normal, uniform, words
from simulator.population.accounts import CURRENT, FIRM_ROWS, Layout
from simulator.population.firms import EMPLOYER, MERCHANT, Firms, Plan
from simulator.population.households import SELF_EMPLOYED, Floats
from simulator.population.trades import Trade
from simulator.scenario import Scenario
from simulator.scenario.iso import minor_units

SUPPLIES = 0.62
"""What a merchant buys, share of its sales: what wages, taxes and fees leave, less a tenth for the owners (assumption)."""

WEEKS_A_MONTH = 365.25 / 12 / 7

SMALL = 20
"""Firms with fewer people on the payroll are small."""

KEPT_BY = 3
"""Fifths of its reserve that a firm with a treasury keeps in an account of its own (assumption)."""

LAGS = np.array([2, 5, 7])
"""Weeks from an invoice to the pay run that settles it: due after 14, 30 or 45 days, and the next run."""

DAYS_DIFFER = 0.7
"""Log standard deviation of the days of cash sales that shops let pile up (assumption)."""

FILLS = 0.4
"""A safe is worth its price where a month's notes are this share of what it may hold (assumption)."""

CHEQUES, WIRES = 0.33, 0.05
"""Share of suppliers paid by cheque (AFP Digital Payments Survey 2022: 33 % of payments between firms), by wire (assumption)."""


class Contracts(NamedTuple):
    """Columns over standing relations of firms with their suppliers, ordered by buyer."""

    start: NDArray[np.int64]
    """First contract of each firm; F + 1 entries."""
    amount: NDArray[np.int64]
    """Mean invoice, minor units."""
    payee: NDArray[np.int32]
    """Account row of the supplier."""
    lag: NDArray[np.int8]
    """Weeks from invoice to payment."""
    every: NDArray[np.int8]
    """Weeks between invoices."""
    phase: NDArray[np.int8]
    """Which week of these."""
    method: NDArray[np.int8]


class _Wanted(NamedTuple):
    """Who wants to buy how much a week from whom: pools of suppliers."""

    buyer: Ints
    weekly: Floats
    supplier: Ints


def _pick(pool: Ints, pull: Ints, town: Ints, group: Ints, word: NDArray[np.uint32]) -> Ints:
    """One of a pool's firms in each town of ``group``, by pull; -1 where a town has none."""
    order = pool[np.argsort(town[pool], kind="stable")]
    if not len(order):
        return np.full(len(group), -1, np.int64)
    heap = np.concatenate([[0], np.cumsum(pull[order])])
    starts = np.searchsorted(town[order], group)
    ends = np.searchsorted(town[order], group, side="right")
    target = heap[starts] + (uniform(word) * (heap[ends] - heap[starts])).astype(np.int64)
    chosen = np.clip(np.searchsorted(heap, target, side="right") - 1, starts, np.maximum(ends - 1, starts))
    return np.where(ends > starts, order[np.minimum(chosen, len(order) - 1)], -1)


def _links(scenario: Scenario, plan: Plan, firms: Firms) -> _Wanted:
    """Suppliers of shops and of employers among the firms of their town, large ones more often; importers of all merchants."""
    town = firms.town.astype(np.int64)
    buys = np.zeros(plan.firms)
    merchant = (firms.kind == MERCHANT) & (firms.trade == 0)
    buys[merchant] = firms.sales[merchant] * SUPPLIES * scenario.firms.local_suppliers
    other = firms.kind == EMPLOYER
    buys[other] = firms.wages[other] * scenario.firms.local_purchases
    buyer = np.flatnonzero(buys > 0)
    place = np.where(town[buyer] >= 0, town[buyer], buyer % plan.towns)  # who serves every town buys in one
    most = 1 + round(2 * (scenario.firms.suppliers - 1))
    employers = np.flatnonzero((firms.kind == EMPLOYER) & (firms.public == 0))
    shops = np.flatnonzero((firms.kind == MERCHANT) & (firms.town >= 0) & (firms.trade == 0))
    found = []
    for turn in range(most):
        take, which, weight, kind = words(scenario.seed, buyer, Why.CONTRACT, turn)
        # The first supplier is certain, each further one has an even chance, so that the mean is as asked.
        has = (turn == 0) | (uniform(take) < 0.5)
        supplier = _pick(employers, firms.pull, town, place, which)
        shop = _pick(shops, firms.pull, town, place, which)
        supplier = np.where((uniform(kind) < 0.2) & (shop >= 0), shop, supplier)  # one supplier in five sells over the counter too
        keep = has & (supplier >= 0) & (supplier != buyer)
        found.append((buyer[keep], np.exp(0.8 * normal(weight))[keep], supplier[keep]))
    rows = np.concatenate([f[0] for f in found])
    weights = np.concatenate([f[1] for f in found])
    suppliers = np.concatenate([f[2] for f in found])
    total = np.bincount(rows, weights, plan.firms)
    weekly = buys[rows] * weights / total[rows] / WEEKS_A_MONTH
    importers = np.flatnonzero(firms.trade == Trade.IMPORTER)
    if len(importers):
        shop = np.flatnonzero(merchant)
        joins, which, _, _ = words(scenario.seed, shop, Why.CONTRACT, 100)
        shop, which = shop[uniform(joins) < 0.5], which[uniform(joins) < 0.5]  # half of the merchants import through one (assumption)
        chosen = _pick(importers, firms.pull, np.zeros(plan.firms, np.int64), np.zeros(len(shop), np.int64), which)
        rows, suppliers = np.concatenate([rows, shop]), np.concatenate([suppliers, chosen])
        weekly = np.concatenate([weekly, firms.sales[shop] * SUPPLIES * scenario.firms.imported / WEEKS_A_MONTH])
    pair, where = np.unique(np.stack([rows, suppliers]), axis=1, return_inverse=True)
    return _Wanted(pair[0], np.bincount(where.ravel(), weekly, pair.shape[1]), pair[1])


def build_contracts(scenario: Scenario, plan: Plan, firms: Firms, layout: Layout) -> Contracts:
    """Who supplies whom, on which terms. A supplier that is a client of its client closes a short cycle of real invoices."""
    wanted = _links(scenario, plan, firms)
    address = wanted.buyer * plan.firms + wanted.supplier
    terms_word, every_word, phase_word, method_word = words(scenario.seed, address % (1 << 32), Why.CONTRACT, 200)
    terms = np.cumsum(scenario.firms.terms)
    lag = LAGS[np.minimum(np.searchsorted(terms / terms[-1], uniform(terms_word), side="right"), 2)]
    every = np.array([1, 2, 4])[np.searchsorted([0.3, 0.6], uniform(every_word), side="right")]  # weekly to monthly (assumption)
    u = uniform(method_word)
    method = np.select([u < CHEQUES, u < CHEQUES + WIRES], [int(Method.CHEQUE), int(Method.WIRE)], int(Method.BATCH_TRANSFER))
    amount = np.maximum(1, np.rint(wanted.weekly * every)).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(np.bincount(wanted.buyer, minlength=plan.firms))]).astype(np.int64)
    return Contracts(
        start=start, amount=amount, payee=(layout.firm_base + wanted.supplier * FIRM_ROWS + CURRENT).astype(np.int32),
        lag=lag.astype(np.int8), every=every.astype(np.int8), phase=((phase_word >> np.uint32(8)) % every).astype(np.int8),
        method=method.astype(np.int8),
    )  # fmt: skip


def _tills(scenario: Scenario, firms: Firms, safe_word: NDArray[np.uint32], level_word: NDArray[np.uint32]) -> Ints:
    """Notes above which each till is banked: after days that differ between shops, or when a safe is nearly full.

    A safe that is insured for a sum is emptied at 83 to 99 per cent of it, which is an innocent deposit just below the sum
    from which banks report them.
    """
    tills = np.flatnonzero((firms.kind == MERCHANT) & (firms.till > 0))
    till = firms.till.copy()
    till[tills] = np.rint(till[tills] * np.exp(DAYS_DIFFER * normal(level_word[tills]))).astype(np.int64)
    monthly = firms.till[tills] * 30 / max(scenario.firms.bank_takings, 1e-9)
    safe = scenario.firms.safe * minor_units(scenario.country.currency)
    busy = tills[monthly > safe * FILLS]
    # Golden-ratio steps keep the share near the intended one, however few shops there are.
    turn = (np.arange(len(busy)) * 0.6180339887 + (uniform(safe_word[:1])[0] if len(safe_word) else 0)) % 1
    full = busy[turn < scenario.firms.safes]
    till[full] = np.rint(safe * (0.83 + 0.16 * uniform(level_word[full])) / 0.9).astype(np.int64)
    return till


def own(scenario: Scenario, plan: Plan, firms: Firms, town: Ints, decile: Ints, kind: Ints) -> Firms:
    """Firms with owners, parents, treasuries, limits and safes filled in.

    Args:
        scenario: the shares.
        plan: where firms stand.
        firms: with wages, sales and reserves.
        town: of each person.
        decile: of household income, of each person.
        kind: income kind of each person.
    """
    rows = np.arange(plan.firms, dtype=np.int64)
    owner_word, who_word, parent_word, which_word = words(scenario.seed, rows, Why.OWNER, 0)
    safe_word, level_word, _, _ = words(scenario.seed, rows, Why.OWNER, 1)
    staff = np.diff(firms.staff)
    trades = np.isin(firms.kind, (MERCHANT, EMPLOYER)) & (firms.public == 0) & (firms.trade == 0)
    club = firms.trade == Trade.CLUB
    people = np.flatnonzero((kind == SELF_EMPLOYED) | (decile >= 8))
    everyone = np.arange(len(town), dtype=np.int64)
    place = np.where(firms.town >= 0, firms.town, rows % plan.towns).astype(np.int64)
    rich = _pick(people, np.ones(len(town), np.int64), town, place, who_word)
    member = _pick(everyone, np.ones(len(town), np.int64), town, place, who_word)
    chance = np.where(staff < SMALL, scenario.firms.owned, scenario.firms.owned / 3)
    owner = np.where(trades & (uniform(owner_word) < chance), rich, np.where(club, member, -1))
    parent = np.full(plan.firms, -1, np.int64)
    # A parent is larger than what it owns, so that nobody owns itself.
    order = np.argsort(-(firms.wages + firms.sales), kind="stable")
    rank = np.empty(plan.firms, np.int64)
    rank[order] = rows
    larger = order[(uniform(which_word) * np.maximum(1, rank)).astype(np.int64)]
    is_child = trades & (owner < 0) & (rank > 0) & trades[larger] & (uniform(parent_word) < scenario.knowledge.owned_firms)
    parent[is_child] = larger[is_child]
    size = np.where(trades, firms.reserve, 0)
    line = np.quantile(size[trades], 1 - scenario.firms.treasury) if trades.any() else 0
    sweeps = trades & (size > 0) & (size >= line) & (scenario.firms.treasury > 0)
    return firms._replace(
        owner=owner.astype(np.int32), parent=parent.astype(np.int32), sweeps=sweeps.astype(np.int8),
        approval=np.where(firms.reserve > 0, np.rint(firms.reserve * scenario.firms.approval), 2**62 - 1).astype(np.int64),
        till=_tills(scenario, firms, safe_word, level_word),
    )  # fmt: skip
