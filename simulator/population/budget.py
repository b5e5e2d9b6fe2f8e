"""The household budget identity: net income = bills + purchases + interest and fees + saving, household by household.

Everything here is the first morning's arithmetic in currency units, done with NumPy and rounded to minor units before
any kernel sees it. Sources and the identity by quintile are in ``scenarios/BUDGET.md``.
"""

from typing import NamedTuple

import numpy as np

from simulator.draws import Ints, Why, normal, threshold, uniform, words
from simulator.population.clients import CONSUMES, PUTS_ASIDE, Clients, draw_clients, monthly_cost
from simulator.population.households import STUDENT, Floats, Members
from simulator.population.people import Reference, effect, spread
from simulator.scenario import Bill, BillKind, Scenario

OWNED, MORTGAGED, RENTED, LODGING = range(4)

BILLS_CAP = 0.65
"""Bills are scaled down to this share of a household's net income (assumption: what a lender or landlord accepts)."""

FLOOR = 0.10
"""Purchases are at least this share of an adult's part of net income; bills give way (assumption)."""


class Held(NamedTuple):
    """Who holds a bill, and how much it is."""

    bill: int
    """Place in the scenario's bills."""
    rows: Ints
    """Who pays it, places among the people planned together."""
    amount: Floats
    """One payment, currency units."""


class Kept(NamedTuple):
    """Contracts that people keep when their plan is made anew: rent, mortgage, loans, property tax. Amounts follow incomes."""

    holders: dict[int, Ints]
    """By place of the bill: who holds it, places among the people planned together."""
    flat: Floats
    """What each pays to a flatmate in a month; negative for who is paid."""
    tenure: Ints
    card: Ints
    """1 for who has a credit card, 0 for who has none, 2 where it is drawn: of who was a student."""


CONTRACTS = (BillKind.RENT, BillKind.MORTGAGE, BillKind.LOAN, BillKind.TAX)


class Budget(NamedTuple):
    """The plan of each person; currency units a month, one row a person."""

    net: Floats
    tenure: Ints
    held: list[Held]
    flatmate: Ints
    """Place of the person whose rent is shared and paid to, -1 for none."""
    flat_share: Floats
    """Paid to that flatmate."""
    allowance: Floats
    """Sent by the head to the partner; negative from partner to head."""
    remittance: Floats
    has_card: Ints
    payer: Ints
    """How the card bill is paid: 0 full, 1 revolving, 2 minimum."""
    unpaid: Floats
    fee: Ints
    saving: Floats
    """Expected to leave deposits for investments, exchanges and brokers among them."""
    clients: list[Clients]
    """Who deals with which institutions."""
    dealt: Floats
    """Expected to be spent at institutions."""
    purchases: Floats
    """Expected at merchants."""


def _holders(scenario: Scenario, place: int, bill: Bill, row: Ints, quintile: Ints) -> Ints:
    """Who of these people hold a bill, places among them. Rent and mortgage share one draw."""
    housing = bill.kind in (BillKind.RENT, BillKind.MORTGAGE)
    word = words(scenario.seed, row, Why.BILL, 0 if housing else place + 1)[0]
    low = np.zeros(5)
    if bill.kind is BillKind.MORTGAGE:
        low = np.sum([b.holders for b in scenario.bills if b.kind is BillKind.RENT], axis=0) + low
    holds = word < threshold(low + np.array(bill.holders)).astype(np.uint32)[quintile]
    if low.any():
        holds &= word >= threshold(low).astype(np.uint32)[quintile]
    return np.flatnonzero(holds)


def _held(scenario: Scenario, members: Members, mean_gross: float, kept: Kept | None) -> list[Held]:
    """Bills and their amounts, which grow with income and differ log-normally; who holds a contract that is kept is not drawn."""
    heads, quintile = np.flatnonzero(members.head), members.decile >> 1
    income = np.log(members.household_gross / mean_gross)
    of_heads = members.row[heads], quintile[heads]
    held = []
    for place, bill in enumerate(scenario.bills):
        if kept is not None and bill.kind in CONTRACTS:
            rows = kept.holders.get(place, np.zeros(0, np.int64))
        elif bill.adult:
            rows = _holders(scenario, place, bill, members.row, quintile)
        else:
            rows = heads[_holders(scenario, place, bill, *of_heads)]
        differs = bill.spread * normal(words(scenario.seed, members.row[rows], Why.BILL, place + 100)[0]) - bill.spread**2 / 2
        held.append(Held(place, rows, bill.mean * np.exp(bill.elasticity * income[rows] + differs)))
    return held


def _monthly(scenario: Scenario, held: list[Held], size: int) -> Floats:
    total = np.zeros(size)
    for h in held:
        np.add.at(total, h.rows, h.amount / scenario.bills[h.bill].every)
    return total


def _capped(scenario: Scenario, members: Members, held: list[Held], cap: Floats) -> list[Held]:
    """Bills scaled down where a household's would pass its cap."""
    size = len(members.head)
    total = np.bincount(members.home, _monthly(scenario, held, size), size)
    factor = np.minimum(1.0, cap / np.maximum(total, 1e-9))
    return [Held(h.bill, h.rows, h.amount * factor[members.home[h.rows]]) for h in held]


def _flatmates(scenario: Scenario, members: Members, held: list[Held]) -> tuple[list[Held], Ints, Floats]:
    """Pairs of single tenants who share a flat: the second pays the first, who pays the landlord."""
    size = len(members.head)
    mate, share = np.full(size, -1, np.int64), np.zeros(size)
    for place, h in enumerate(held):
        if scenario.bills[h.bill].kind is not BillKind.RENT:
            continue
        single = np.flatnonzero((members.adults[h.rows] == 1) & (members.age[h.rows] < 40) & (members.children[h.rows] == 0))
        rows = h.rows[single]
        block = rows // 1000
        order = np.arange(len(rows)) - np.searchsorted(block, block)
        shares = uniform(words(scenario.seed, members.row[rows], Why.LANDLORD)[0]) < scenario.transfers.flatmates
        second = np.flatnonzero((order % 2 == 1) & shares)
        mate[rows[second]] = rows[second - 1]
        share[rows[second]] = h.amount[single[second]]
        keep = np.ones(len(h.rows), bool)
        keep[single[second]] = False
        amount = h.amount.copy()
        np.add.at(amount, single[second - 1], h.amount[single[second]])
        held[place] = Held(h.bill, h.rows[keep], amount[keep])
    return held, mate, share


def _share_notes(members: Members, left: Floats, floor: Floats) -> Floats:
    """What each may spend where partners order nothing: who has too little is handed notes, which the other then lacks."""
    home, size = members.home, len(left)
    least = np.minimum(floor, np.bincount(home, left, size)[home] / np.bincount(home, minlength=size)[home])
    after = np.maximum(left, least)
    lacks, spare = np.bincount(home, after - left, size)[home], after - least
    shared: Floats = np.maximum(after - lacks * spare / np.maximum(np.bincount(home, spare, size)[home], 1e-9), 0.0)
    return shared


def _level(members: Members, left: Floats, floor: Floats, share: float) -> tuple[Floats, Floats]:
    """What each may spend after partners level their means: (left after, sent by the head to the partner)."""
    if share == 0:
        return _share_notes(members, left, floor), np.zeros(len(left))
    head = np.flatnonzero((members.adults == 2) & (members.head == 1))
    head = head[(head + 1 < len(left))]
    head = head[members.home[np.minimum(head + 1, len(left) - 1)] == head]
    sent = np.zeros(len(left))
    half = (left[head] + left[head + 1]) / 2
    partner = np.clip((1 - share) * left[head + 1] + share * half, 0.5 * half, 1.5 * half)
    sent[head] = partner - left[head + 1]
    after = left.copy()
    after[head] -= sent[head]
    after[head + 1] += sent[head]
    return np.maximum(after, floor), sent


def plan_budget(scenario: Scenario, members: Members, mean_gross: float, *, flats: bool = True, kept: Kept | None = None) -> Budget:
    """Every household's plan for a month.

    Args:
        scenario: bills, saving, credit and transfers.
        members: the people.
        mean_gross: mean yearly household income, currency units.
        flats: whether single tenants share flats.
        kept: contracts that they have already; drawn where it is None.
    """
    size = len(members.head)
    rows, home = members.row, members.home
    quintile = members.decile >> 1
    net = members.gross / 12 * (1 - np.array(scenario.income.withheld)[quintile])
    household = np.bincount(home, net, size)
    mean_part = household[home] / np.bincount(home, minlength=size)[home]

    saving_rate = np.array(scenario.income.saving)[quintile]
    cap = household * np.minimum(BILLS_CAP, 1 - FLOOR - np.maximum(0, np.array(scenario.income.saving)[quintile]))
    flat = kept.flat if kept is not None else np.zeros(size)
    held = _capped(scenario, members, _held(scenario, members, mean_gross, kept), cap)
    mate, flat_share = np.full(size, -1, np.int64), np.zeros(size)
    if flats and kept is None:
        held, mate, flat_share = _flatmates(scenario, members, held)

    card_word, payer_word, fee_word, remit_word = words(scenario.seed, rows, Why.CREDIT)
    has_card = (uniform(card_word) < np.array(scenario.methods.credit_holders)[quintile]) & (members.kind != STUDENT)
    if kept is not None:
        has_card = np.where(kept.card == 2, has_card, kept.card == 1)
    credit = scenario.credit
    u = uniform(payer_word)
    payer = np.where(u < credit.minimum_payers, 2, np.where(u < credit.revolvers, 1, 0)) * has_card
    unpaid = credit.unpaid * np.exp(credit.unpaid_spread * normal(words(scenario.seed, rows, Why.CREDIT, 1)[0]))
    unpaid = np.where(payer > 0, np.minimum(unpaid, 1.2 * mean_part), 0.0)
    fee = (uniform(fee_word) < credit.fee_payers).astype(np.int64)
    remits = (uniform(remit_word) < scenario.transfers.remitters) & (net > 0.4 * mean_part)
    remittance = np.where(remits, np.minimum(scenario.transfers.remittance * spread(scenario, rows, 0.5, Why.CREDIT, 2), 0.15 * net), 0.0)

    received = np.bincount(mate[mate >= 0], flat_share[mate >= 0], size)
    clients = draw_clients(scenario, members, mean_gross, net)
    dealt = monthly_cost(scenario, clients, CONSUMES, size)
    saving = np.maximum(saving_rate * net, monthly_cost(scenario, clients, PUTS_ASIDE, size))
    costs = unpaid * credit.card_rate / 12 + fee * credit.monthly_fee
    left = net - flat - saving - _monthly(scenario, held, size) - flat_share + received - costs - remittance - dealt
    purchases, sent = _level(members, left, FLOOR * mean_part, scenario.transfers.allowance)
    tenure = np.full(size, LODGING)
    tenure[members.head == 1] = OWNED
    for h in held:
        kind = scenario.bills[h.bill].kind
        if kind in (BillKind.RENT, BillKind.MORTGAGE):
            tenure[h.rows] = RENTED if kind is BillKind.RENT else MORTGAGED
    tenure[mate >= 0] = RENTED
    if kept is not None:
        tenure = kept.tenure
    return Budget(
        net=net, tenure=tenure, held=held, flatmate=mate, flat_share=flat_share, allowance=sent, remittance=remittance,
        has_card=has_card.astype(np.int64), payer=payer, unpaid=unpaid, fee=fee, saving=saving, clients=clients, dealt=dealt,
        purchases=purchases,
    )  # fmt: skip


def purchase_rates(scenario: Scenario, members: Members, archetype: Ints, purchases: Floats, reference: Reference) -> Floats:
    """Purchases a month of each person: more money buys more often, but mostly dearer (exponent 0.35, assumption)."""
    differs = spread(scenario, members.row, scenario.population.activity_spread, Why.TRAITS, 1)
    mean = reference.mean("purchases", purchases)
    raw = (np.maximum(purchases, 1e-9) / mean) ** 0.35 * effect(scenario, archetype, "activity") * differs
    return raw / reference.mean("activity", raw) * scenario.purchases_per_month
