"""The first morning: everything that lives in the world, built from a scenario."""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Clock
from simulator.draws import Ints, Why, normal, uniform, words
from simulator.population.abroad import Abroad, build_abroad
from simulator.population.accounts import (
    CREDIT_CARD,
    CURRENT,
    FIRM_ROWS,
    LOAN,
    PERSON_ROWS,
    PURSE,
    RESERVE,
    SAVINGS,
    UNLIMITED,
    Accounts,
    Layout,
    lay_out,
)
from simulator.population.business import open_business
from simulator.population.clients import Dealt
from simulator.population.contacts import already_paid, build_contacts
from simulator.population.draft import Draft, draft_newcomers, draft_people
from simulator.population.equipment import build_equipment
from simulator.population.firms import EMPLOYER, INSTITUTION, Firms, Plan, build_firms, plan_firms
from simulator.population.households import Floats, Table, read_table
from simulator.population.institutions import SOLD_THERE, sells
from simulator.population.journeys import set_off_before
from simulator.population.machines import Machines, build_machines
from simulator.population.market import Market, build_market
from simulator.population.obligations import Dues
from simulator.population.people import NEVER, People, Reference, mean_household_income
from simulator.population.renewal import Renewal, build_renewal, newcomers, waiting_rows
from simulator.population.tables import Rules, Tables, build_rules, build_tables
from simulator.population.tenure import draw_joined
from simulator.population.trade import KEPT_BY
from simulator.population.ways import Ways, build_ways
from simulator.population.work import expected_sales, hire, settle_work
from simulator.records import Records, fill, pack, records, row_type
from simulator.scenario import Scenario
from simulator.scenario.iso import minor_units


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
    equipment: Records
    """Rows of Equipment, by person."""
    machines: Machines
    ways: Ways
    dealings: Records
    """Rows of Dealings."""
    deals: NDArray[np.int64]
    """First dealing of each person; N + 1 entries."""
    contracts: Records
    """Rows of Contracts."""
    buys: NDArray[np.int64]
    """First contract of each firm; F + 1 entries."""
    payees: Records
    """Rows of Payees."""
    pays: NDArray[np.int64]
    """First payee of each firm; F + 1 entries."""
    market: Market
    abroad: Abroad
    tables: Tables
    renewal: Renewal
    layout: Layout
    rules: Rules


def _accounts(scenario: Scenario, people: Records, firms: Firms, layout: Layout, loans: Ints, unit: int) -> Accounts:
    """Opening balances: buffers, purses, cards, loans, firms' reserves; the boundary and the banks open at zero."""
    balance, line = np.zeros(layout.accounts, np.int64), np.zeros(layout.accounts, np.int64)
    own = balance[: layout.firm_base].reshape(-1, PERSON_ROWS)
    rows = np.arange(len(people.age), dtype=np.int64)
    level = np.exp(0.3 * normal(words(scenario.seed, rows, Why.BUFFER, 1)[0]))
    liquid = np.rint(people.buffer * level).astype(np.int64)
    liquid[people.joined == NEVER] = 0
    own[:, CURRENT] = np.rint(liquid * scenario.income.current_share).astype(np.int64)
    own[:, SAVINGS] = liquid - own[:, CURRENT]
    part = uniform(words(scenario.seed, rows, Why.BUFFER, 2)[0])
    spent = np.rint(people.budget * (people.credit / 2**32) * (0.7 + part)).astype(np.int64)
    own[:, CREDIT_CARD] = -np.minimum(people.unpaid + spent, people.line)
    spender = people.payer == 2  # who pays the minimum only has drifted towards the line
    own[spender, CREDIT_CARD] = -(people.line[spender] * 3 // 4)
    own[:, LOAN] = -loans
    own[:, PURSE] = np.rint(people.purse * (0.5 + part)).astype(np.int64)
    own[people.joined == NEVER] = 0  # newcomers bring what they have when they come
    lines = line[: layout.firm_base].reshape(-1, PERSON_ROWS)
    lines[:, CURRENT] = round(scenario.credit.overdraft * unit)
    lines[:, CREDIT_CARD] = people.line
    lines[:, LOAN] = np.where(own[:, LOAN] < 0, UNLIMITED, 0)
    beyond = (firms.kind == EMPLOYER) | (firms.kind == INSTITUTION)
    pending = np.where(beyond, firms.invoices // 2, firms.sales // 4)  # receipts of the week that is not yet paid out
    put_by = np.where(firms.sweeps == 1, firms.reserve * KEPT_BY // 5, 0)
    balance[layout.firm_base : layout.government : FIRM_ROWS] = firms.reserve + pending - put_by
    balance[layout.firm_base + RESERVE : layout.government : FIRM_ROWS] = put_by
    line[layout.government :] = UNLIMITED
    return Accounts(available=balance.copy(), book=balance, line=line, flight=np.zeros(layout.accounts, np.int64))


def _open_statements(scenario: Scenario, people: Records, accounts: Accounts) -> Ints:
    """Card statements that are still to be paid on the first morning: most of what is owed, within three weeks of the statement."""
    owed = -accounts.book[CREDIT_CARD : len(people.age) * PERSON_ROWS : PERSON_ROWS]
    since = (scenario.period.start.day - people.statement_day.astype(np.int64)) % 30
    return np.where(since < 21, owed * 6 // 10, 0)


class _Everyone(NamedTuple):
    """The people before they work, and what only the first morning needs to know of them."""

    people: Records
    habit: NDArray[np.uint16]
    known: NDArray[np.uint8]
    rank: Floats
    """Rank of household income."""
    obligations: Records
    owes: Ints
    loans: Ints
    """Owed on loans, minor units."""
    dealings: Records
    deals: Ints
    social: float
    """Mean of `People.social` over the reference rows."""


def _newcomers(scenario: Scenario, table: Table, renewal: Renewal, plan: Plan, unit: int, reference: Reference) -> Iterator[Draft]:
    """Those who wait to arrive; their households will live in any of the towns."""
    mean_gross = mean_household_income(scenario, table)
    for draft in draft_newcomers(scenario, newcomers(table, renewal), unit, reference, mean_gross, *waiting_rows(scenario, renewal)):
        word = words(scenario.seed, draft.members.household, Why.ARRIVAL)[0].astype(np.int64)
        town = ((word * plan.towns) >> 32).astype(np.int32)
        yield draft._replace(people=draft.people._replace(town=town, joined=np.full(len(town), NEVER, np.int32)))


def _inhabit(
    scenario: Scenario, table: Table, renewal: Renewal, plan: Plan, firms: Firms, layout: Layout, unit: int
) -> _Everyone:  # fmt: skip
    """Draw everyone, span by span, into the rows where they stay; the rows between belong to nobody."""
    size, categories = layout.people, len(scenario.categories)
    people = records(row_type(People, "habit", "known"), size)
    habit, known, rank = np.empty((size, categories), np.uint16), np.empty((size, categories), np.uint8), np.empty(size)
    dues, reference, first = Dues(scenario, plan, firms, layout, unit), Reference(), scenario.population.customers
    dealt = Dealt(scenario, plan, firms, size, unit)
    waiting = waiting_rows(scenario, renewal)
    people.joined, people.left = NEVER, NEVER
    dues_skipped = False
    for draft in chain(draft_people(scenario, table, unit, reference), _newcomers(scenario, table, renewal, plan, unit, reference)):
        place = slice(draft.members.row[0], draft.members.row[-1] + 1)
        if place.start >= waiting[0] and not dues_skipped:
            dues.skip(first, waiting[0])
            dues_skipped = True
        fill(people, draft.people, place)
        habit[place], known[place], rank[place] = draft.people.habit, draft.people.known, draft.members.rank
        dues.add(draft)
        dealt.add(draft.budget.clients, draft.members.row, draft.people.town.astype(np.int64))
    people.broker = dealt.broker
    return _Everyone(people, habit, known, rank, dues.table, dues.start, dues.loans, dealt.table, dealt.start, reference["social"])


def _meet(scenario: Scenario, people: Records, employer: Ints, sociable: Floats) -> tuple[Records, Ints]:
    """Who knows whom: newcomers know others who came; they are paired apart, as if in towns beyond the last."""
    town, here = people.town.copy(), scenario.population.customers
    size, last = scenario.population.town_size, int(people.town[here - 1])
    people.town[here:] = last + 1 + np.arange(len(people) - here) // size
    met = build_contacts(scenario, people, employer, sociable)
    people.town = town
    return met


def build_world(scenario: Scenario, clock: Clock) -> World:
    """Build every column of a world.

    Args:
        scenario: what to build.
        clock: its calendar.

    Raises:
        InputError: the household table is not shipped.
    """
    unit = minor_units(scenario.country.currency)
    customers = scenario.population.customers
    plan = plan_firms(scenario, customers)
    firms = build_firms(scenario, plan, clock.start)
    table = read_table(scenario.population.households)
    renewal = build_renewal(scenario, table)
    layout = lay_out(
        sum(waiting_rows(scenario, renewal)), plan.firms, len(scenario.banks), len(scenario.abroad.countries), len(clock.exchange.codes)
    )
    everyone = _inhabit(scenario, table, renewal, plan, firms, layout, unit)
    people = everyone.people

    town, gross = people.town[:customers].astype(np.int64), people.gross.copy()
    sales = expected_sales(scenario, plan, firms, town, people.budget[:customers])
    employer = np.full(layout.people, -1, np.int64)
    employer[:customers] = hire(scenario, plan, firms, sales, town, people.kind[:customers], gross[:customers], everyone.rank[:customers])
    firms = settle_work(scenario, plan, firms, sales, employer, gross)
    people.employer = employer
    firms, payees, contracts = open_business(
        scenario, plan, firms, layout, people[:customers].view(np.recarray), everyone.obligations, everyone.owes,
        everyone.dealings[: everyone.deals[customers]].view(np.recarray),
    )  # fmt: skip
    sold = np.where(sells(scenario, np.arange(customers, dtype=np.int64), people.kind[:customers]), SOLD_THERE, 0.0)
    people.takings[:customers] = np.rint(people.takings[:customers] * (1 - sold)).astype(np.int64)
    paid = employer >= 0
    people.frequency[paid], people.phase[paid] = firms.frequency[employer[paid]], firms.phase[employer[paid]]
    people.loan = everyone.loans
    accounts = _accounts(scenario, people, firms, layout, everyone.loans, unit)
    people.statement = _open_statements(scenario, people, accounts)
    contacts, knows = _meet(scenario, people, employer, people.social / max(1.0, everyone.social))
    contacts.paid = already_paid(scenario.seed, contacts.person, knows, people.social)
    # Who has not come yet has paid nobody, and nobody has paid them.
    contacts.paid[knows[renewal.first] :] = 0
    contacts.paid[contacts.person >= renewal.first] = 0
    abroad = build_abroad(scenario, clock.exchange, unit)
    set_off_before(people, abroad, scenario.seed, clock.start)
    people.joined[:customers] = draw_joined(scenario, clock.start, np.arange(customers, dtype=np.int64), people.age[:customers])
    return World(
        people=people,
        habit=everyone.habit,
        known=everyone.known,
        firms=pack(firms._replace(workers=np.zeros((0, 0), np.int32), staff=np.zeros((0, 0), np.int64))),
        staff=firms.staff,
        workers=np.append(firms.workers, np.zeros(layout.people - len(firms.workers), np.int32)),
        accounts=pack(accounts),
        obligations=everyone.obligations,
        owes=everyone.owes,
        contacts=contacts,
        knows=knows,
        townsfolk=np.argsort(people.town, kind="stable").astype(np.int32),
        towns=np.concatenate([[0], np.cumsum(np.bincount(people.town, minlength=plan.towns))]).astype(np.int64),
        equipment=pack(build_equipment(scenario, people, clock.start)),
        machines=build_machines(scenario, plan, np.diff(firms.staff)),
        ways=build_ways(scenario, unit),
        dealings=everyone.dealings,
        deals=everyone.deals,
        contracts=pack(contracts._replace(start=np.zeros((0, 0), np.int64))),
        buys=contracts.start,
        payees=pack(payees._replace(start=np.zeros((0, 0), np.int64))),
        pays=payees.start,
        market=build_market(scenario, plan, firms),
        abroad=abroad,
        tables=build_tables(scenario, unit),
        renewal=renewal,
        layout=layout,
        rules=build_rules(scenario, unit),
    )
