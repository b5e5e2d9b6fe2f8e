"""The people of the first morning before firms exist, drawn span by span."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from simulator.clock import EPOCH
from simulator.draws import Ints, Why, normal, threshold, uniform, words
from simulator.population.arrivals import Newcomers, residents
from simulator.population.budget import MORTGAGED, OWNED, Budget, Kept, plan_budget, purchase_rates
from simulator.population.habits import draw_habits
from simulator.population.households import BLOCK, SELF_EMPLOYED, SPAN, Floats, Members, Table, build_members
from simulator.population.people import (
    REFERENCE,
    People,
    Reference,
    draw_archetypes,
    draw_banks,
    draw_homes,
    effect,
    mean_household_income,
    minor,
    spread,
)
from simulator.population.presence import NEVER
from simulator.population.renewal import renewal_of
from simulator.population.tables import PURCHASES_PER_TRIP
from simulator.population.tenure import draw_joined
from simulator.scenario import Scenario, Trade

DAYS_A_MONTH = 365.25 / 12


class Draft(NamedTuple):
    """The people of a span."""

    members: Members
    budget: Budget
    """Cut to the people who live: nobody pays or is paid by a person beyond the last row."""
    people: People
    origin: Ints
    """Row under which each was first known; what people keep to when they change bank stands at its address."""


def _methods(scenario: Scenario, rows: Ints, archetype: Ints, has_card: Ints, reference: Reference) -> tuple[Ints, Ints, Ints, Ints]:
    """Inclinations (cash, credit, wallet of 2^32; online of 4096). Cash differs between people more than methods do."""
    methods, strength = scenario.methods, scenario.methods.concentration

    def inclined(share: float | Floats, which: int, name: str) -> Floats:
        tilt = strength * normal(words(scenario.seed, rows, Why.METHOD, which)[0])
        odds = share / np.maximum(1 - share, 1e-6) * effect(scenario, archetype, name)
        # A logistic-normal has a mean nearer one half than its median: push the median outwards (logit approximation).
        logit = np.log(np.maximum(odds, 1e-6)) * np.sqrt(1 + 0.35 * strength**2)
        result: Floats = 1 / (1 + np.exp(-(logit + tilt)))
        return result

    holders = reference.mean("card holders", has_card) or 1.0
    cash = threshold(inclined(methods.cash, 0, "cash"))
    credit = threshold(np.where(has_card == 1, inclined(min(0.98, methods.credit / holders), 1, "credit"), 0.0))
    wallet = threshold(inclined(methods.wallet, 2, "wallet"))
    online = np.clip(spread(scenario, rows, 0.4, Why.METHOD, 3) * effect(scenario, archetype, "online"), 0, 4)
    return cash, credit, wallet, np.rint(4096 * online).astype(np.int64)


def _buffers(scenario: Scenario, members: Members, net: Floats) -> Floats:
    """Liquid assets aimed at: log-normal about the median of the quintile, in months of household income; partly alike for all."""
    size, home = len(net), members.home
    household = np.bincount(home, net, size) / np.maximum(1, np.bincount(home, minlength=size))
    months = np.array(scenario.income.buffer_months)[members.decile // 2]
    z = np.clip(normal(words(scenario.seed, members.row, Why.BUFFER)[0]), -2.5, 2.5)
    own = 0.5 * net + 0.5 * household[home]
    income = scenario.income
    typical: Floats = (1 - income.flat_buffers) * months * own + income.flat_buffers * income.buffer
    return typical * np.exp(income.buffer_spread * z)


def _homes(scenario: Scenario, members: Members, budget: Budget, mean_gross: float) -> Floats:
    """What the home of each owner would fetch, where homes are sold; it hangs on the household's income."""
    entry = next((e for e in scenario.institutions if e.trade is Trade.CONVEYANCER), None)
    if entry is None:
        return np.zeros(len(budget.net))
    z = normal(words(scenario.seed, members.row, Why.HOME_SALE, 1)[0])
    price = entry.mean * (members.household_gross / mean_gross) ** entry.elasticity * np.exp(entry.differs * z - entry.differs**2 / 2)
    return np.where((members.head == 1) & np.isin(budget.tenure, (OWNED, MORTGAGED)), price, 0.0)


def plan_people(
    scenario: Scenario, members: Members, archetype: Ints, budget: Budget, mean_gross: float, unit: int, reference: Reference
) -> People:
    """Columns of people by their household, income and budget; joined and left are those of nobody who has ever come."""
    rows, purchases = members.row, budget.purchases
    rate = purchase_rates(scenario, members, archetype, purchases, reference)
    town, zone = draw_homes(scenario, members.household)
    habits = draw_habits(scenario, members, archetype, mean_gross)
    cash, credit, wallet, online = _methods(scenario, rows, archetype, budget.has_card, reference)
    statement_word, _, phase_word, shift_word = words(scenario.seed, rows, Why.TRAITS)
    frequency = np.where(members.kind == SELF_EMPLOYED, 0, 3)
    net_month = minor(budget.net, unit)
    takes = (members.kind == SELF_EMPLOYED) & (scenario.income.takings_per_month > 0)
    # The self-employed receive takings before tax and pay it themselves, four times a year, unless the scenario says otherwise.
    earned = budget.net if scenario.income.net_takings else members.gross / 12
    takings = np.where(takes, earned / max(scenario.income.takings_per_month, 1e-9), 0)
    line = scenario.credit.line_months * np.maximum(budget.net, 0.4 * purchases) + 2 * budget.unpaid
    # Who pays more in cash carries more: the square-root rule of cash inventories (Baumol 1952, Tobin 1956).
    notes = purchases * (cash / 2**32)
    in_cash = notes / max(1e-9, reference.mean("purchases in cash", notes))
    purse = scenario.cash.purse * np.clip(in_cash**scenario.cash.elasticity, 0.3, 4)
    purse *= spread(scenario, rows, scenario.cash.purse_spread, Why.CASH, 0)
    vulnerable = effect(scenario, archetype, "vulnerability") * spread(scenario, rows, 0.7, Why.TRAITS, 2)
    social = scenario.transfers.per_month / DAYS_A_MONTH * effect(scenario, archetype, "sociable")
    social = social * spread(scenario, rows, scenario.population.sociability_spread, Why.TRAITS, 3)
    sociable = np.rint(social * 65536).astype(np.int64)
    reference.mean("social", sociable)
    hours = effect(scenario, archetype, "hours") + np.where(uniform(shift_word) < 0.05, 8, np.rint(0.8 * normal(shift_word)))
    return People(
        household=members.household.astype(np.int32), head=members.head.astype(np.int8), adults=members.adults.astype(np.int8),
        children=members.children.astype(np.int8), age=members.age.astype(np.int8), sex=members.sex.astype(np.int8),
        decile=members.decile.astype(np.int8), kind=members.kind.astype(np.int8), archetype=archetype.astype(np.int8),
        gross=minor(members.gross, unit), net=net_month,
        town=town.astype(np.int32), zone=zone.astype(np.int8), bank=draw_banks(scenario, rows, members.household).astype(np.int16),
        employer=np.full(len(rows), -1, np.int32), frequency=frequency.astype(np.int8), phase=(phase_word >> np.uint32(30)).astype(np.int8),
        tenure=budget.tenure.astype(np.int8), buffer=minor(_buffers(scenario, members, budget.net), unit),
        budget=minor(purchases, unit),
        trips=np.rint(rate / DAYS_A_MONTH / PURCHASES_PER_TRIP * 65536).astype(np.int64),
        price=np.rint(purchases / (rate * habits.ticket) * 65536).astype(np.int64),
        habit=habits.shares, known=habits.known, online=online.astype(np.int32), cash=cash, credit=credit, wallet=wallet,
        hours=np.clip(hours, -12, 12).astype(np.int8), social=sociable, purse=minor(purse, unit),
        line=minor(np.rint(line / 100 + 1) * 100 * budget.has_card, unit), payer=budget.payer.astype(np.int8),
        unpaid=minor(budget.unpaid, unit), statement_day=(1 + statement_word % np.uint32(28)).astype(np.int8),
        fee=budget.fee.astype(np.int8), takings=minor(takings, unit), vulnerability=np.rint(vulnerable * 65536).astype(np.int32),
        statement=np.zeros(len(rows), np.int64),
        strangers=np.zeros(len(rows), np.int32), benefit=np.zeros(len(rows), np.int64), restraint=np.zeros(len(rows), np.int32),
        abroad=np.zeros(len(rows), np.int8), abroad_from=np.full(len(rows), NEVER, np.int32), abroad_until=np.zeros(len(rows), np.int32),
        joined=np.full(len(rows), NEVER, np.int32), left=np.full(len(rows), NEVER, np.int32),
        broker=np.full(len(rows), -1, np.int32), home=minor(_homes(scenario, members, budget, mean_gross), unit),
    )  # fmt: skip


def draft_members(
    scenario: Scenario, table: Table, members: Members, unit: int, reference: Reference, *, flats: bool = True, kept: Kept | None = None
) -> Draft:
    """The plan of some people, as their households and incomes have it.

    Args:
        scenario: who they are.
        table: of households.
        members: the people, household by household.
        unit: minor units in a currency unit.
        reference: means over the reference rows.
        flats: whether single tenants share flats.
        kept: contracts that they have already; drawn where it is None.
    """
    mean_gross = mean_household_income(scenario, table)
    archetype = draw_archetypes(scenario, members)
    budget = plan_budget(scenario, members, mean_gross, flats=flats, kept=kept)
    return Draft(members, budget, plan_people(scenario, members, archetype, budget, mean_gross, unit, reference), members.row)


def draft_people(scenario: Scenario, table: Table, expected: Newcomers, unit: int, reference: Reference) -> Iterator[Draft]:
    """The people of a world, span by span; what is drawn of a person does not depend on how many there are.

    Args:
        scenario: who they are.
        table: of households.
        expected: those who come during the run; they stand after the people of the first morning.
        unit: minor units in a currency unit.
        reference: takes the means over the reference rows.
    """
    entry = residents(table, renewal_of(scenario.population.households, scenario.lives))
    customers, start = scenario.population.customers, (scenario.period.start - EPOCH).days
    whole = -(-max(customers, REFERENCE) // BLOCK) * BLOCK
    for first in range(0, whole, SPAN):
        draft = draft_members(scenario, table, build_members(scenario, table, entry, min(SPAN, whole - first), first), unit, reference)
        living = min(len(draft.members.row), customers - first)
        members, budget, people, origin = draft
        if living < len(members.row):
            members = Members._make(column[:living] for column in members)
            budget = _cut(budget, living)
            people = People._make(column[:living] for column in people)
        people.joined[:] = draw_joined(scenario, start, members.row, people.age, people.kind)
        yield Draft(members, budget, people, origin[:living])
    for first in range(0, len(expected.joined), SPAN):
        members = Members._make(column[first : first + SPAN] for column in expected.members)
        draft = draft_members(scenario, table, members._replace(place=members.place - first), unit, reference, flats=False)
        draft.people.joined[:] = expected.joined[first : first + SPAN]
        yield draft


def _cut(budget: Budget, living: int) -> Budget:
    """The budgets of the people who live; whoever would pay a person beyond the last row, or be paid by one, does not."""
    held = [h._replace(rows=h.rows[h.rows < living], amount=h.amount[h.rows < living]) for h in budget.held]
    clients = [c.living(living) for c in budget.clients]
    columns = {f: getattr(budget, f)[:living].copy() for f in Budget._fields if f not in ("held", "clients")}
    cut = budget._replace(held=held, clients=clients, **columns)
    cut.allowance[living - 1] = 0.0
    return cut
