"""The first morning: everything that lives in the world, built from a scenario."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Clock
from simulator.draws import Ints
from simulator.population.abroad import Abroad, build_abroad
from simulator.population.accounts import (
    ACQUIRING,
    CLOSED,
    CREDIT_CARD,
    CURRENT,
    FIRM_ROWS,
    PERSON_ROWS,
    PURSE,
    RESERVE,
    UNLIMITED,
    Accounts,
    Layout,
    lay_out,
)
from simulator.population.arrivals import Newcomers, expect_newcomers
from simulator.population.business import open_business
from simulator.population.clients import Dealt
from simulator.population.climate import Climate, climate_of
from simulator.population.closures import add_relations, add_successors, expect_closures
from simulator.population.contacts import already_paid, build_contacts
from simulator.population.course import Course, draw_course
from simulator.population.debts import DEBTS, Debts
from simulator.population.draft import draft_people
from simulator.population.dues import Directory
from simulator.population.equipment import build_equipment
from simulator.population.firms import EMPLOYER, INSTITUTION, Firms, Plan, build_firms, plan_firms
from simulator.population.households import Floats, Table, read_table
from simulator.population.institutions import SOLD_THERE, sells
from simulator.population.journeys import set_off_before
from simulator.population.ladder import build_ladder
from simulator.population.machines import Machines, build_machines
from simulator.population.market import Market, build_market
from simulator.population.obligations import Dues
from simulator.population.opening import opening_balances, opening_lines
from simulator.population.people import People, Reference
from simulator.population.presence import NEVER
from simulator.population.rules import Rules, build_rules
from simulator.population.tables import Tables, build_tables
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
    course: Records
    """Rows of Course. Changes."""
    census: NDArray[np.int64]
    """People who are here today, and tomorrow. Changes."""
    habit: NDArray[np.uint16]
    """See People. Changes."""
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
    debts: Records
    """Rows of Debts, DEBTS a person. Change."""
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
    """Rows of Dealings. Change."""
    deals: NDArray[np.int64]
    """First dealing of each person; N + 1 entries. Changes."""
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
    layout: Layout
    rules: Rules
    climate: Climate
    """What the economy lays on everybody today. Changes."""


def _accounts(
    scenario: Scenario, people: Records, firms: Firms, layout: Layout, loans: Ints, unit: int, first_successor: int, start: int
) -> Accounts:
    """Opening balances; the boundary and the banks open at zero, and accounts of newcomers and of firms to come are closed until then."""
    balance, line = np.zeros(layout.accounts, np.int64), np.zeros(layout.accounts, np.int64)
    own = balance[: layout.firm_base].reshape(-1, PERSON_ROWS)
    customers = scenario.population.customers
    rows = np.arange(customers, dtype=np.int64)
    first = people[:customers]
    own[:customers] = opening_balances(scenario, first, rows, loans[:customers])
    lines = line[: layout.firm_base].reshape(-1, PERSON_ROWS)
    lines[:customers] = opening_lines(scenario, first, loans[:customers], unit)
    lines[customers:, :PURSE] = CLOSED
    waits = np.flatnonzero(first.joined > start)  # those who open their accounts during the run
    own[waits], lines[waits, :PURSE] = 0, CLOSED
    later = line[layout.firm_base : layout.government].reshape(-1, FIRM_ROWS)[first_successor:]
    later[:, [CURRENT, ACQUIRING, RESERVE]] = CLOSED
    beyond = (firms.kind == EMPLOYER) | (firms.kind == INSTITUTION)
    pending = np.where(beyond, firms.invoices // 2, firms.sales // 4)  # receipts of the week that is not yet paid out
    put_by = np.where(firms.sweeps == 1, firms.reserve * KEPT_BY // 5, 0)
    balance[layout.firm_base : layout.government : FIRM_ROWS] = firms.reserve + pending - put_by
    balance[layout.firm_base + RESERVE : layout.government : FIRM_ROWS] = put_by
    line[layout.government :] = UNLIMITED
    return Accounts(available=balance.copy(), book=balance, line=line, flight=np.zeros(layout.accounts, np.int64))


def _open_statements(scenario: Scenario, people: Records, accounts: Accounts) -> Ints:
    """Card statements that are still to be paid on the first morning: most of what is owed, within three weeks of the statement."""
    owed = -accounts.book[CREDIT_CARD : len(people) * PERSON_ROWS : PERSON_ROWS]
    since = (scenario.period.start.day - people.statement_day.astype(np.int64)) % 30
    return np.where(since < 21, owed * 6 // 10, 0)


class _Everyone(NamedTuple):
    """The people before they work, and what only the first morning needs to know of them."""

    people: Records
    course: Records
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


def _inhabit(
    scenario: Scenario, table: Table, expected: Newcomers, plan: Plan, firms: Firms, layout: Layout, unit: int
) -> _Everyone:  # fmt: skip
    """Draw everyone, span by span, into the rows where they stay. The last rows are left for those who change their bank."""
    size, categories = layout.people, len(scenario.categories)
    people, course = records(row_type(People, "habit", "known"), size), records(row_type(Course), size)
    habit, known, rank = np.zeros((size, categories), np.uint16), np.zeros((size, categories), np.uint8), np.zeros(size)
    people.joined, people.left, people.employer = NEVER, NEVER, -1
    people.broker = np.full(size, -1, np.int32)
    course.closes, course.partner, course.takes = NEVER, -1, -1
    people.household = course.origin = np.arange(size)
    dues, reference, ladder = Dues(Directory(scenario, plan, firms, layout), unit), Reference(), build_ladder(table)
    dealt = Dealt(scenario, plan, firms, size, unit)
    for draft in draft_people(scenario, table, expected, unit, reference):
        place = slice(draft.members.row[0], draft.members.row[-1] + 1)
        fill(people, draft.people, place)
        habit[place], known[place], rank[place] = draft.people.habit, draft.people.known, draft.members.rank
        dues.add(draft)
        fill(course, draw_course(scenario.seed, draft.members, ladder, dues.loans[place]), place)
        people.broker[place] = dealt.add(draft.budget.clients, draft.members.row, draft.people.town.astype(np.int64))
    return _Everyone(
        people, course, habit, known, rank, dues.table, dues.start, dues.loans, dealt.table, dealt.start, reference["social"]
    )  # fmt: skip


def count_people(scenario: Scenario, expected: Newcomers) -> int:
    """Rows of people: customers of the first morning, newcomers, and rows for those who will come from another bank of the town."""
    if not scenario.lives.changes:
        return scenario.population.customers
    switches = scenario.population.customers * scenario.lives.switch * scenario.period.days / 365.25
    return scenario.population.customers + len(expected.joined) + int(switches + 5 * switches**0.5) + 2


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
    table = read_table(scenario.population.households, scenario.population.income_spread)
    expected = expect_newcomers(scenario, table, clock)
    size = count_people(scenario, expected)
    closures = expect_closures(scenario, firms, clock.start)
    layout = lay_out(size, plan.firms + len(closures.seat), len(scenario.banks), len(scenario.abroad.countries), len(clock.exchange.codes))
    everyone = _inhabit(scenario, table, expected, plan, firms, layout, unit)
    people = everyone.people
    first = people[:customers]  # those of the first morning

    town, gross = first.town.astype(np.int64), first.gross.copy()
    sales = expected_sales(scenario, plan, firms, town, first.budget)
    employer = hire(scenario, plan, firms, sales, town, first.kind, gross, everyone.rank[:customers])
    firms = settle_work(scenario, plan, firms, sales, employer, gross)
    first.employer = employer
    firms, payees, contracts = open_business(
        scenario, plan, firms, layout, first, everyone.obligations, everyone.owes,
        everyone.dealings[: everyone.deals[customers]].view(Records),
    )  # fmt: skip
    sold = np.where(sells(scenario, np.arange(customers, dtype=np.int64), first.kind), SOLD_THERE, 0.0)
    first.takings = np.rint(first.takings * (1 - sold)).astype(np.int64)
    paid = employer >= 0
    first.frequency[paid], first.phase[paid] = firms.frequency[employer[paid]], firms.phase[employer[paid]]
    market, machines = build_market(scenario, plan, firms), build_machines(scenario, plan, np.diff(firms.staff))
    firms = add_successors(scenario, firms, closures)
    contracts, payees, machines = add_relations(contracts, payees, machines, closures.seat)
    accounts = _accounts(scenario, people, firms, layout, everyone.loans, unit, plan.firms, clock.start)
    people.statement[:customers] = _open_statements(scenario, first, accounts)
    contacts, knows = build_contacts(scenario, first, employer, first.social / max(1.0, everyone.social))
    contacts.paid = already_paid(scenario.seed, contacts.person, knows, first.social)
    abroad = build_abroad(scenario, clock.exchange, unit)
    set_off_before(people, abroad, scenario.seed, clock.start)
    return World(
        people=people,
        course=everyone.course,
        census=np.full(2, (first.joined <= clock.start).sum(), np.int64),
        habit=everyone.habit,
        known=everyone.known,
        firms=pack(firms._replace(workers=np.zeros((0, 0), np.int32), staff=np.zeros((0, 0), np.int64))),
        staff=firms.staff,
        workers=np.append(firms.workers, np.zeros(size - len(firms.workers), np.int32)),
        accounts=pack(accounts),
        debts=records(row_type(Debts), size * DEBTS),
        obligations=everyone.obligations,
        owes=np.maximum.accumulate(everyone.owes),
        contacts=contacts,
        knows=np.append(knows, np.full(size - customers, knows[-1])),
        townsfolk=np.argsort(people.town, kind="stable").astype(np.int32),
        towns=np.concatenate([[0], np.cumsum(np.bincount(people.town, minlength=plan.towns))]).astype(np.int64),
        equipment=pack(build_equipment(scenario, people, clock.start)),
        machines=machines,
        ways=build_ways(scenario, unit),
        dealings=everyone.dealings,
        deals=np.maximum.accumulate(everyone.deals),
        contracts=pack(contracts._replace(start=np.zeros((0, 0), np.int64))),
        buys=contracts.start,
        payees=pack(payees._replace(start=np.zeros((0, 0), np.int64))),
        pays=payees.start,
        market=market,
        abroad=abroad,
        tables=build_tables(scenario, unit),
        layout=layout,
        rules=build_rules(scenario, unit),
        climate=climate_of(scenario),
    )
