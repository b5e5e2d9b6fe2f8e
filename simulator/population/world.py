"""The first morning: everything that lives in the world, built from a scenario."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Clock
from simulator.draws import Ints, Why, normal, uniform, words
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
from simulator.population.contacts import build_contacts
from simulator.population.draft import draft_people
from simulator.population.firms import EMPLOYER, Firms, Plan, build_firms, plan_firms
from simulator.population.households import Floats
from simulator.population.market import Market, build_market
from simulator.population.obligations import Dues
from simulator.population.people import People, Reference
from simulator.population.tables import Rules, Tables, build_rules, build_tables
from simulator.population.work import expected_sales, hire, settle_work
from simulator.records import Records, fill, pack, records, row_type
from simulator.scenario import Scenario


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
    market: Market
    tables: Tables
    layout: Layout
    rules: Rules


def _accounts(scenario: Scenario, people: Records, firms: Firms, layout: Layout, loans: Ints, unit: int) -> Accounts:
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
    own[:, LOAN] = -loans
    own[:, PURSE] = np.rint(people.purse * (0.5 + part)).astype(np.int64)
    lines = line[: layout.firm_base].reshape(-1, PERSON_ROWS)
    lines[:, CURRENT] = round(scenario.credit.overdraft * unit)
    lines[:, CREDIT_CARD] = people.line
    lines[:, LOAN] = np.where(own[:, LOAN] < 0, UNLIMITED, 0)
    pending = np.where(firms.kind == EMPLOYER, firms.invoices // 2, firms.sales // 4)  # receipts of the week that is not yet paid out
    balance[layout.firm_base : layout.government : FIRM_ROWS] = firms.reserve + pending
    line[layout.government :] = UNLIMITED
    return Accounts(available=balance.copy(), book=balance, line=line)


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
    social: float
    """Mean of `People.social` over the reference rows."""


def _inhabit(scenario: Scenario, plan: Plan, layout: Layout, unit: int) -> _Everyone:
    """Draw everyone, span by span, into the rows where they stay."""
    size, categories = layout.people, len(scenario.categories)
    people = records(row_type(People, "habit", "known"), size)
    habit, known, rank = np.empty((size, categories), np.uint16), np.empty((size, categories), np.uint8), np.empty(size)
    dues, reference = Dues(scenario, plan, layout, unit), Reference()
    for draft in draft_people(scenario, unit, reference):
        place = slice(draft.members.row[0], draft.members.row[-1] + 1)
        fill(people, draft.people, place)
        habit[place], known[place], rank[place] = draft.people.habit, draft.people.known, draft.members.rank
        dues.add(draft)
    return _Everyone(people, habit, known, rank, dues.table, dues.start, dues.loans, reference["social"])


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
    layout = lay_out(customers, plan.firms, len(scenario.banks))
    everyone = _inhabit(scenario, plan, layout, unit)
    people = everyone.people

    town, gross = people.town.astype(np.int64), people.gross.copy()
    sales = expected_sales(scenario, plan, firms, town, people.budget)
    employer = hire(scenario, plan, firms, sales, town, people.kind, gross, everyone.rank)
    firms = settle_work(scenario, plan, firms, sales, employer, gross)
    people.employer = employer
    paid = employer >= 0
    people.frequency[paid], people.phase[paid] = firms.frequency[employer[paid]], firms.phase[employer[paid]]
    accounts = _accounts(scenario, people, firms, layout, everyone.loans, unit)
    people.statement = _open_statements(scenario, people, accounts)
    contacts, knows = build_contacts(scenario, people, employer, people.social / max(1.0, everyone.social))
    return World(
        people=people,
        habit=everyone.habit,
        known=everyone.known,
        firms=pack(firms._replace(workers=np.zeros((0, 0), np.int32), staff=np.zeros((0, 0), np.int64))),
        staff=firms.staff,
        workers=firms.workers,
        accounts=pack(accounts),
        obligations=everyone.obligations,
        owes=everyone.owes,
        contacts=contacts,
        knows=knows,
        market=build_market(scenario, plan, firms),
        tables=build_tables(scenario, unit),
        layout=layout,
        rules=build_rules(scenario, unit),
    )
