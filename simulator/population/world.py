"""The first morning: everything that lives in the world, built from a scenario."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Clock
from simulator.codes import Purpose
from simulator.draws import Ints, Why, normal, threshold, uniform, words
from simulator.population.accounts import (
    CREDIT_CARD,
    CURRENT,
    FIRM_ROWS,
    LOAN,
    PERSON_ROWS,
    PURSE,
    SAVINGS,
    UNLIMITED,
    Accounts,
    Layout,
    lay_out,
    minor_units,
)
from simulator.population.budget import Budget, plan_budget, purchase_rates
from simulator.population.contacts import already_paid, build_contacts
from simulator.population.firms import EMPLOYER, Firms, build_firms, plan_firms
from simulator.population.households import BLOCK, SELF_EMPLOYED, Floats, Members, Table, build_members, read_table
from simulator.population.market import Market, build_market
from simulator.population.obligations import Obligations, build_obligations
from simulator.population.people import (
    REFERENCE,
    People,
    draw_archetypes,
    draw_banks,
    draw_homes,
    effect,
    mean_household_income,
    minor,
    spread,
)
from simulator.population.tables import PURCHASES_PER_TRIP, Rules, Tables, build_rules, build_tables
from simulator.population.work import expected_sales, hire, settle_work
from simulator.records import Records, pack
from simulator.scenario import Scenario

DAYS_A_MONTH = 365.25 / 12


class World(NamedTuple):
    """All columns of a world, as kernels receive them."""

    people: Records
    """Rows of People."""
    habit: NDArray[np.uint16]
    """See People."""
    known: NDArray[np.uint8]
    """See People. Changes."""
    firms: Records
    """Rows of Firms."""
    staff: NDArray[np.int64]
    """See Firms."""
    workers: NDArray[np.int32]
    """See Firms."""
    accounts: Records
    """Rows of Accounts."""
    obligations: Records
    """Rows of Obligations."""
    owes: NDArray[np.int64]
    """First obligation of each person; N + 1 entries."""
    contacts: Records
    """Rows of Contacts."""
    knows: NDArray[np.int64]
    """First contact of each person; N + 1 entries."""
    townsfolk: NDArray[np.int32]
    """People by town, as on the first morning."""
    towns: NDArray[np.int64]
    """First place of each town in townsfolk; towns + 1 entries."""
    market: Market
    tables: Tables
    layout: Layout
    rules: Rules


def _habits(scenario: Scenario, members: Members, archetype: Ints, mean_gross: float) -> NDArray[np.float32]:
    """Share of each category in a person's number of purchases, shape (N, categories)."""
    rows = np.arange(len(archetype), dtype=np.int64)
    base = np.array([c.share / c.mean for c in scenario.categories])
    relative = np.maximum(members.household_gross / mean_gross, 0.05)
    habits = np.empty((len(rows), len(base)), np.float32)
    for place, category in enumerate(scenario.categories):
        taste = np.array([a.tastes.get(category.name, 1.0) for a in scenario.population.archetypes])[archetype]
        own = np.exp(0.5 * normal(words(scenario.seed, rows, Why.HABIT, place)[0]))  # personal taste (assumption)
        habits[:, place] = base[place] * np.clip(relative ** ((category.elasticity - 1) * 0.5), 0.2, 5) * taste * own
    return habits / habits.sum(axis=1, keepdims=True)


def _methods(scenario: Scenario, archetype: Ints, has_card: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Inclinations (cash, credit, wallet of 2^32; online of 4096). Cash differs between people more than methods do."""
    rows = np.arange(len(archetype), dtype=np.int64)
    methods, strength = scenario.methods, scenario.methods.concentration

    def inclined(share: float | Floats, which: int, name: str) -> Floats:
        tilt = strength * normal(words(scenario.seed, rows, Why.METHOD, which)[0])
        odds = share / np.maximum(1 - share, 1e-6) * effect(scenario, archetype, name)
        # A logistic-normal has a mean nearer one half than its median: push the median outwards (logit approximation).
        logit = np.log(np.maximum(odds, 1e-6)) * np.sqrt(1 + 0.35 * strength**2)
        result: Floats = 1 / (1 + np.exp(-(logit + tilt)))
        return result

    holders = float(has_card[:REFERENCE].mean()) or 1.0
    cash = threshold(inclined(methods.cash, 0, "cash"))
    credit = threshold(np.where(has_card == 1, inclined(min(0.98, methods.credit / holders), 1, "credit"), 0.0))
    wallet = threshold(inclined(methods.wallet, 2, "wallet"))
    online = np.clip(spread(scenario, rows, 0.4, Why.METHOD, 3) * effect(scenario, archetype, "online"), 0, 4)
    return cash, credit, wallet, np.rint(4096 * online).astype(np.int64)


class _Draft(NamedTuple):
    """The people of the first morning before firms exist."""

    members: Members
    archetype: Ints
    budget: Budget
    purchases: Floats
    rate: Floats


def _draft(scenario: Scenario, table: Table, customers: int) -> _Draft:
    """People and budgets of whole blocks; means are taken over the reference rows, so that more people change nobody."""
    members = build_members(scenario, table, -(-max(customers, REFERENCE) // BLOCK) * BLOCK)
    archetype = draw_archetypes(scenario, members)
    budget = plan_budget(scenario, members, mean_household_income(scenario, table))
    rate = purchase_rates(scenario, members, archetype, budget.purchases, REFERENCE)
    return _Draft(members, archetype, budget, budget.purchases, rate)


def _buffers(scenario: Scenario, members: Members, net: Floats) -> Floats:
    """Liquid assets aimed at: log-normal about the median of the quintile, in months of the household's mean income."""
    rows = np.arange(len(net), dtype=np.int64)
    size = len(net)
    household = np.bincount(members.household, net, size) / np.maximum(1, np.bincount(members.household, minlength=size))
    months = np.array(scenario.income.buffer_months)[members.decile // 2]
    z = np.clip(normal(words(scenario.seed, rows, Why.BUFFER)[0]), -2.5, 2.5)
    own = 0.5 * net + 0.5 * household[members.household]
    return months * own * np.exp(scenario.income.buffer_spread * z)


def _people(scenario: Scenario, draft: _Draft, mean_gross: float, unit: int) -> People:
    members, archetype, budget = draft.members, draft.archetype, draft.budget
    rows = np.arange(len(archetype), dtype=np.int64)
    town, zone = draw_homes(scenario, members.household)
    habits = _habits(scenario, members, archetype, mean_gross)
    ticket = (habits * np.array([c.mean for c in scenario.categories], np.float32)).sum(axis=1)  # row by row, unlike a product
    cash, credit, wallet, online = _methods(scenario, archetype, budget.has_card)
    statement_word, _, phase_word, shift_word = words(scenario.seed, rows, Why.TRAITS)
    known = 1 + words(scenario.seed, rows, Why.KNOWN)[0][:, None] % np.uint32(3) + (habits * 12).astype(np.uint32)
    frequency = np.where(members.kind == SELF_EMPLOYED, 0, 3)
    net_month = minor(budget.net, unit)
    takes = (members.kind == SELF_EMPLOYED) & (scenario.income.takings_per_month > 0)
    # The self-employed receive takings before tax and pay it themselves, four times a year.
    takings = np.where(takes, members.gross / 12 / max(scenario.income.takings_per_month, 1e-9), 0)
    line = scenario.credit.line_months * np.maximum(budget.net, 0.4 * draft.purchases) + 2 * budget.unpaid
    # Who pays more in cash carries more: the square-root rule of cash inventories (Baumol 1952, Tobin 1956).
    in_cash = draft.purchases * (cash / 2**32) / max(1e-9, float((draft.purchases * (cash / 2**32))[:REFERENCE].mean()))
    purse = scenario.cash.purse * np.clip(in_cash**0.5, 0.3, 4) * spread(scenario, rows, 0.3, Why.CASH, 0)
    vulnerable = effect(scenario, archetype, "vulnerability") * spread(scenario, rows, 0.7, Why.TRAITS, 2)
    social = scenario.transfers.per_month / DAYS_A_MONTH * effect(scenario, archetype, "sociable")
    social = social * spread(scenario, rows, scenario.population.sociability_spread, Why.TRAITS, 3)
    hours = effect(scenario, archetype, "hours") + np.where(uniform(shift_word) < 0.05, 8, np.rint(0.8 * normal(shift_word)))
    return People(
        household=members.household.astype(np.int32), head=members.head.astype(np.int8), adults=members.adults.astype(np.int8),
        children=members.children.astype(np.int8), age=members.age.astype(np.int8), sex=members.sex.astype(np.int8),
        decile=members.decile.astype(np.int8), kind=members.kind.astype(np.int8), archetype=archetype.astype(np.int8),
        gross=minor(members.gross, unit), net=net_month,
        town=town.astype(np.int32), zone=zone.astype(np.int8), bank=draw_banks(scenario, members.household).astype(np.int16),
        employer=np.full(len(rows), -1, np.int32), frequency=frequency.astype(np.int8), phase=(phase_word >> np.uint32(30)).astype(np.int8),
        tenure=budget.tenure.astype(np.int8), buffer=minor(_buffers(scenario, members, budget.net), unit),
        budget=minor(draft.purchases, unit),
        trips=np.rint(draft.rate / DAYS_A_MONTH / PURCHASES_PER_TRIP * 65536).astype(np.int64),
        price=np.rint(draft.purchases / (draft.rate * ticket) * 65536).astype(np.int64),
        habit=np.minimum(np.rint(np.cumsum(habits, axis=1) * 65535), 65535).astype(np.uint16),
        online=online.astype(np.int32), cash=cash, credit=credit, wallet=wallet, hours=np.clip(hours, -12, 12).astype(np.int8),
        social=np.rint(social * 65536).astype(np.int64), purse=minor(purse, unit),
        line=minor(np.rint(line / 100 + 1) * 100 * budget.has_card, unit), payer=budget.payer.astype(np.int8),
        unpaid=minor(budget.unpaid, unit), statement_day=(1 + statement_word % np.uint32(28)).astype(np.int8),
        fee=budget.fee.astype(np.int8), takings=minor(takings, unit), vulnerability=np.rint(vulnerable * 65536).astype(np.int32),
        known=np.minimum(known, 63).astype(np.uint8), statement=np.zeros(len(rows), np.int64),
        strangers=np.zeros(len(rows), np.int32),
    )  # fmt: skip


def _loan(scenario: Scenario, people: People, obligations: Obligations) -> Ints:
    """What is owed on loans: the present value of the payments that remain (mortgages 5 to 25 years, others 1 to 5)."""
    owed = np.zeros(len(people.age), np.int64)
    payer = np.repeat(np.arange(len(people.age)), np.diff(obligations.start))
    for purpose, low, high in ((Purpose.MORTGAGE, 60, 300), (Purpose.LOAN, 12, 60)):
        rows = np.flatnonzero(obligations.purpose == purpose)
        left = low + uniform(words(scenario.seed, payer[rows].astype(np.int64), Why.CREDIT, purpose)[0]) * (high - low)
        rate = scenario.credit.loan_rate / 12
        value = (1 - (1 + rate) ** -left) / rate if rate else left
        np.add.at(owed, payer[rows], np.rint(obligations.amount[rows] * value).astype(np.int64))
    return owed


def _accounts(scenario: Scenario, people: People, firms: Firms, layout: Layout, obligations: Obligations, unit: int) -> Accounts:
    """Opening balances: buffers, purses, cards, loans, firms' reserves; the boundary and the banks open at zero."""
    balance, line = np.zeros(layout.accounts, np.int64), np.zeros(layout.accounts, np.int64)
    own = balance[: layout.firm_base].reshape(-1, PERSON_ROWS)
    rows = np.arange(len(people.age), dtype=np.int64)
    level = np.exp(0.3 * normal(words(scenario.seed, rows, Why.BUFFER, 1)[0]))
    liquid = np.rint(people.buffer * level).astype(np.int64)
    own[:, CURRENT] = np.rint(liquid * scenario.income.current_share).astype(np.int64)
    own[:, SAVINGS] = liquid - own[:, CURRENT]
    part = uniform(words(scenario.seed, rows, Why.BUFFER, 2)[0])
    spent = np.rint(people.budget * (people.credit / 2**32) * (0.7 + part)).astype(np.int64)
    own[:, CREDIT_CARD] = -np.minimum(people.unpaid + spent, people.line)
    spender = people.payer == 2  # who pays the minimum only has drifted towards the line
    own[spender, CREDIT_CARD] = -(people.line[spender] * 3 // 4)
    own[:, LOAN] = -_loan(scenario, people, obligations)
    own[:, PURSE] = np.rint(people.purse * (0.5 + part)).astype(np.int64)
    lines = line[: layout.firm_base].reshape(-1, PERSON_ROWS)
    lines[:, CURRENT] = round(scenario.credit.overdraft * unit)
    lines[:, CREDIT_CARD] = people.line
    lines[:, LOAN] = np.where(own[:, LOAN] < 0, UNLIMITED, 0)
    pending = np.where(firms.kind == EMPLOYER, firms.invoices // 2, firms.sales // 4)  # receipts of the week that is not yet paid out
    balance[layout.firm_base : layout.government : FIRM_ROWS] = firms.reserve + pending
    line[layout.government :] = UNLIMITED
    return Accounts(available=balance.copy(), book=balance, line=line, flight=np.zeros(layout.accounts, np.int64))


def _open_statements(scenario: Scenario, people: People, accounts: Accounts) -> Ints:
    """Card statements that are still to be paid on the first morning: most of what is owed, within three weeks of the statement."""
    owed = -accounts.book[CREDIT_CARD : len(people.age) * PERSON_ROWS : PERSON_ROWS]
    since = (scenario.period.start.day - people.statement_day.astype(np.int64)) % 30
    return np.where(since < 21, owed * 6 // 10, 0)


def build_world(scenario: Scenario, clock: Clock) -> World:
    """Build every column of a world.

    Args:
        scenario: what to build.
        clock: its calendar.

    Raises:
        InputError: the household table is not shipped.
    """
    unit = minor_units(scenario.country.currency)
    table = read_table(scenario.population.households)
    mean_gross = mean_household_income(scenario, table)
    customers = scenario.population.customers
    draft = _draft(scenario, table, customers)
    drafted = _people(scenario, draft, mean_gross, unit)
    people = People._make(column[:customers].copy() for column in drafted)
    plan = plan_firms(scenario, customers)
    firms = build_firms(scenario, plan, clock.start)
    layout = lay_out(customers, plan.firms, len(scenario.banks))

    town, kind = people.town.astype(np.int64), people.kind.astype(np.int64)
    household, quintile = people.household.astype(np.int64), people.decile.astype(np.int64) // 2
    sales = expected_sales(scenario, plan, firms, town, people.budget)
    employer = hire(scenario, plan, firms, sales, town, kind, people.gross, draft.members.rank[:customers])
    firms = settle_work(scenario, plan, firms, sales, employer, people.gross)
    paid = employer >= 0
    people = people._replace(
        employer=employer.astype(np.int32),
        frequency=np.where(paid, firms.frequency[employer], people.frequency).astype(np.int8),
        phase=np.where(paid, firms.phase[employer], people.phase).astype(np.int8),
    )
    budget = _cut(draft.budget, customers)
    obligations = build_obligations(scenario, plan, layout, budget, household, town, kind, people.gross / unit, quintile, unit)
    sociable = people.social / max(1.0, float(drafted.social[:REFERENCE].mean()))
    accounts = _accounts(scenario, people, firms, layout, obligations, unit)
    people = people._replace(statement=_open_statements(scenario, people, accounts))
    contacts = build_contacts(scenario, household, town, people.age.astype(np.int64), people.decile.astype(np.int64), employer, sociable)
    contacts = contacts._replace(paid=already_paid(scenario.seed, contacts, people.social))
    return World(
        people=pack(people),
        habit=people.habit,
        known=people.known,
        firms=pack(firms._replace(workers=np.zeros((0, 0), np.int32), staff=np.zeros((0, 0), np.int64))),
        staff=firms.staff,
        workers=firms.workers,
        accounts=pack(accounts),
        obligations=pack(obligations._replace(start=np.zeros((0, 0), np.int64))),
        owes=obligations.start,
        contacts=pack(contacts._replace(start=np.zeros((0, 0), np.int64))),
        knows=contacts.start,
        townsfolk=np.argsort(town, kind="stable").astype(np.int32),
        towns=np.concatenate([[0], np.cumsum(np.bincount(town))]).astype(np.int64),
        market=build_market(scenario, plan, firms),
        tables=build_tables(scenario, unit),
        layout=layout,
        rules=build_rules(scenario, unit),
    )


def _cut(budget: Budget, customers: int) -> Budget:
    """The budgets of the people who live; whoever would pay a person beyond the last row, or be paid by one, does not."""
    held = [h._replace(rows=h.rows[h.rows < customers], amount=h.amount[h.rows < customers]) for h in budget.held]
    cut = budget._replace(held=held, **{f: getattr(budget, f)[:customers].copy() for f in Budget._fields if f != "held"})
    cut.allowance[customers - 1] = 0.0
    return cut
