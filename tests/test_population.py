"""The first morning: traits that more people do not change, and columns that agree with each other and with their sources."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

from simulator.clock import Clock
from simulator.codes import AccountKind, Purpose
from simulator.draws import Ints
from simulator.population.accounts import FIRM_ROWS, LOAN, PERSON_ROWS, UNLIMITED, bank_of, kinds
from simulator.population.arrivals import residents
from simulator.population.contacts import COLLEAGUE, FRIEND, PARTNER
from simulator.population.firms import BILLER, EMPLOYER, INSTITUTION, MERCHANT
from simulator.population.households import BLOCK, SALARIED, build_members, read_table
from simulator.population.identity import Kind, public_ids
from simulator.population.people import REFERENCE
from simulator.population.renewal import renewal_of
from simulator.population.world import World, build_world
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.iso import minor_units

OWN = [
    "household", "head", "adults", "children", "age", "sex", "decile", "kind", "gross", "net", "archetype", "town", "zone", "bank",
    "tenure", "buffer", "budget", "trips", "price", "cash", "credit", "wallet", "online", "hours", "social", "purse", "line", "payer",
    "unpaid", "statement_day", "fee", "takings", "vulnerability", "abroad", "abroad_from", "abroad_until",
]  # fmt: skip


@cache
def town(customers: int) -> tuple[Scenario, World]:
    scenario = load_scenario("high_street", {"population.customers": customers})
    return scenario, build_world(scenario, Clock(scenario))


@cache
def settled(customers: int) -> tuple[Scenario, World]:
    """A town that nobody joins or leaves: its rows are the people of the first morning."""
    scenario = load_scenario("high_street", {"population.customers": customers, "lives.changes": False})
    return scenario, build_world(scenario, Clock(scenario))


@pytest.fixture(scope="module")
def world() -> World:
    return settled(4500)[1]


@pytest.mark.parametrize(("few", "many"), [(1000, 2000), (3000, 6000), (4500, 9000), (50, 1000)])
def test_more_customers_change_nobody(few: int, many: int) -> None:
    """Catches a trait drawn from a stream, a mean over all rows instead of the reference rows, a household cut short.

    The sizes stand below, around and beyond the reference rows; 4,500 and 50 end within a block.
    """
    assert 3000 < REFERENCE < 4500
    (_, small), (scenario, large) = town(few), town(many)
    for name in OWN:
        assert np.array_equal(small.people[name][:few], large.people[name][:few]), name
    assert np.array_equal(small.habit[:few], large.habit[:few])
    assert np.array_equal(small.known[:few], large.known[:few])
    opening = [w.accounts.book[: few * PERSON_ROWS].reshape(-1, PERSON_ROWS) for w in (small, large)]
    lines = [w.accounts.line[: few * PERSON_ROWS] for w in (small, large)]
    # The last one's loan is theirs too, for it hangs on obligations to a bank, not to people.
    assert np.array_equal(*opening)
    assert np.array_equal(*lines)
    for kind in (Kind.CUSTOMER, Kind.HOUSEHOLD):
        ids = [public_ids(scenario.seed, kind, np.arange(n, dtype=np.int64)) for n in (few, many)]
        assert np.array_equal(ids[0], ids[1][:few])


def test_another_seed_is_another_town() -> None:
    scenario = load_scenario("high_street", {"population.customers": 1000, "seed": 2})
    other = build_world(scenario, Clock(scenario)).people
    here = town(1000)[1].people
    for name in ("age", "gross", "archetype", "zone", "bank", "buffer"):
        assert not np.array_equal(here[name], other[name]), name


@pytest.mark.parametrize("bits", [30, 40])
def test_public_ids_are_a_bijection_without_order(bits: int) -> None:
    """Catches a counter, a hash with collisions, ids that tell the kind or the row."""
    rows = np.arange(200_000, dtype=np.int64)
    ids = public_ids(1, Kind.ACCOUNT, rows, bits)
    assert len(np.unique(ids)) == len(rows)
    assert ids.min() >= 0
    assert ids.max() < 2**bits
    assert abs(np.corrcoef(rows, ids)[0, 1]) < 0.02
    assert 0.48 < (np.diff(ids) > 0).mean() < 0.52
    assert ids.max() > 0.99 * 2**bits
    others = [public_ids(1, Kind.CARD, rows, bits), public_ids(2, Kind.ACCOUNT, rows, bits)]
    assert all((ids == other).mean() < 0.001 for other in others)
    assert np.array_equal(public_ids(1, Kind.ACCOUNT, rows[77:78], bits), ids[77:78])


def test_public_ids_fill_a_small_width() -> None:
    assert np.array_equal(np.sort(public_ids(9, Kind.FIRM, np.arange(2**16, dtype=np.int64), 16)), np.arange(2**16))


def test_household_incomes_have_the_quantiles_of_the_table() -> None:
    """Catches deciles by person instead of by household, ranks that are not uniform, a forgotten scale."""
    scenario = load_scenario("high_street")
    table = read_table(scenario.population.households, scenario.population.income_spread)
    members = build_members(scenario, table, residents(table, renewal_of(scenario.population.households, scenario.lives)), 60 * BLOCK)
    heads = members.head == 1
    assert np.abs(np.bincount(members.decile[heads], minlength=10) / heads.sum() - 0.1).max() < 0.006
    asked = np.array([0.1, 0.25, 0.5, 0.75, 0.9, 0.95])
    expected = np.interp(asked, table.quantile, table.income) * scenario.population.income_scale
    assert np.quantile(members.household_gross[heads], asked) == pytest.approx(expected, rel=0.03)
    together = np.bincount(members.household, members.gross, len(heads))[heads]
    whole = heads[np.minimum(np.arange(len(heads)) + members.adults - 1, len(heads) - 1)] != heads
    whole |= members.adults == 1
    assert together[whole[heads]] == pytest.approx(members.household_gross[heads][whole[heads]])


def test_households_stand_together(world: World) -> None:
    people = world.people
    head = np.flatnonzero(people.head == 1)
    assert np.array_equal(people.household[head], head)
    assert (np.diff(people.household) >= 0).all()
    size = np.bincount(people.household)[head]
    assert set(size.tolist()) <= {1, 2}
    assert (size <= people.adults[head]).all()
    assert (size == people.adults[head]).mean() > 0.995  # the last household of a block may be cut
    for name in ("town", "zone", "decile", "children"):
        assert np.array_equal(people[name], people[name][people.household]), name
    assert people.age.min() >= 15
    assert (people.net <= people.gross // 12 + 1).all()


def relations(world: World) -> tuple[Ints, Ints, Ints]:
    person = np.repeat(np.arange(len(world.people)), np.diff(world.knows))
    return person, world.contacts.person.astype(np.int64), world.contacts.kind.astype(np.int64)


def test_contacts_are_mutual(world: World) -> None:
    """Catches a relation that is written on one side only."""
    person, friend, kind = relations(world)
    assert world.knows[0] == 0
    assert world.knows[-1] == len(world.contacts)
    assert friend.min() >= 0
    assert friend.max() < len(world.people)
    assert not (person == friend).any()
    assert Counter(zip(person.tolist(), friend.tolist(), kind.tolist(), strict=True)) == Counter(
        zip(friend.tolist(), person.tolist(), kind.tolist(), strict=True)
    )
    people = world.people
    same_home = people.household[person] == people.household[friend]
    assert np.array_equal(same_home & (kind != COLLEAGUE), kind == PARTNER)
    assert (people.town[person] == people.town[friend])[kind == FRIEND].all()
    assert (people.employer[person] == people.employer[friend])[kind == COLLEAGUE].all()
    assert (people.employer[person] >= 0)[kind == COLLEAGUE].all()
    # Friends are alike in age and income: far more than any two people are.
    alike = people.age.astype(np.int64) + 8 * people.decile.astype(np.int64)
    apart = np.abs(alike[person] - alike[friend])[kind == FRIEND].mean()
    assert apart < 0.6 * np.abs(alike - np.roll(alike, 7)).mean()


def test_obligations_go_to_accounts_that_exist(world: World) -> None:
    """Catches a payee beyond the last row, a row that its owner does not use, a firm that is not the payee."""
    owed, layout = world.obligations, world.layout
    assert world.owes[0] == 0
    assert world.owes[-1] == len(owed)
    payer = np.repeat(np.arange(layout.people), np.diff(world.owes))
    payee, firm = owed.payee.astype(np.int64), owed.firm.astype(np.int64)
    assert payee.min() >= 0
    assert payee.max() < layout.accounts
    kind = kinds(layout)[payee]
    to_person = payee < layout.firm_base
    own = payee // PERSON_ROWS == payer
    assert np.array_equal(kind[to_person & own], np.full((to_person & own).sum(), AccountKind.LOAN))
    assert np.array_equal(kind[to_person & ~own], np.full((to_person & ~own).sum(), AccountKind.CURRENT))
    to_firm = (payee >= layout.firm_base) & (payee < layout.government)
    assert np.array_equal(to_firm, firm >= 0)
    assert np.array_equal((payee[to_firm] - layout.firm_base) // FIRM_ROWS, firm[to_firm])
    owner = world.firms.kind[firm[to_firm]]
    assert set(owner.tolist()) == {BILLER, INSTITUTION}
    assert set(kind[to_firm][owner == BILLER].tolist()) <= {AccountKind.CURRENT, AccountKind.ACQUIRING}
    # Rents that an agent collects are clients' money, and lie apart.
    rents = (owner == INSTITUTION) & (owed.purpose[to_firm] == Purpose.RENT)
    assert rents.any()
    assert set(kind[to_firm][rents].tolist()) == {AccountKind.RESERVE}
    beyond = payee[~to_person & ~to_firm]
    assert set(beyond.tolist()) <= {layout.government, *range(layout.abroad_base, layout.dealer_base)}
    assert (owed.amount > 0).all()
    assert owed.day.min() >= 1
    assert owed.day.max() <= 28
    assert (owed.months > 0).all()
    loans = np.isin(owed.purpose, [Purpose.MORTGAGE, Purpose.LOAN])
    assert np.array_equal(loans, to_person & own)
    assert (world.accounts.book[payee[loans]] < 0).all()


def test_the_last_customer_owes_nobody_who_does_not_live() -> None:
    """Catches an allowance to or from a partner beyond the last row; 50 ends between two partners."""
    _, small = settled(50)
    _, large = settled(1000)
    assert large.people.household[50] == 49
    assert small.owes[-1] == len(small.obligations)
    assert small.obligations.payee.max() < small.layout.accounts


def test_wage_bills_are_the_staffs_pay(world: World) -> None:
    people, firms = world.people, world.firms
    employer = people.employer.astype(np.int64)
    works = employer >= 0
    assert np.array_equal(works, people.kind == SALARIED)
    wages = np.zeros(len(firms), np.int64)
    np.add.at(wages, employer[works], people.gross[works] // 12)
    assert np.array_equal(wages, firms.wages)
    workers = world.workers[: world.staff[-1]]  # the rest is room for those who come
    assert np.array_equal(np.sort(workers), np.flatnonzero(works))
    assert np.array_equal(employer[workers], np.repeat(np.arange(len(firms)), np.diff(world.staff)))
    assert np.array_equal(people.frequency[works], firms.frequency[employer[works]])
    assert np.array_equal(people.phase[works], firms.phase[employer[works]])
    local = firms.town[employer[works]]
    assert ((local == people.town[works]) | (local < 0)).all()


@pytest.mark.parametrize("customers", [2000, 9000, 25_000])
def test_shops_pay_their_share_of_sales_in_wages(customers: int) -> None:
    """Catches shops that hire everybody or nobody: merchants would drain or hoard cash for years."""
    scenario, world = settled(customers)
    firms = world.firms
    shop = (firms.kind == MERCHANT) & (firms.town >= 0)
    for place in range(int(firms.town.max()) + 1):
        here = shop & (firms.town == place)
        share = firms.wages[here].sum() / firms.sales[here].sum()
        assert 0.85 * scenario.firms.labour < share <= 1.01 * scenario.firms.labour, place
    # Whoever works beyond retail is paid from receipts across the boundary that cover the wage bill.
    beyond = (firms.kind == EMPLOYER) | (firms.kind == INSTITUTION)
    assert (firms.invoices[beyond] * 52 >= firms.wages[beyond] * 12).all()
    assert (firms.invoices[~beyond] == 0).all()
    assert firms.sales.sum() == pytest.approx(world.people.budget.sum(), rel=0.01)


def test_accounts_open_within_their_lines(world: World) -> None:
    accounts, layout = world.accounts, world.layout
    assert np.array_equal(accounts.book, accounts.available)
    assert (accounts.book + accounts.line >= 0).all()
    assert (accounts.line[layout.government :] == UNLIMITED).all()
    assert (accounts.book[layout.government :] == 0).all()
    own = accounts.book[: layout.firm_base].reshape(-1, PERSON_ROWS)
    assert (own[:, LOAN] <= 0).all()
    assert (own[:, 4] >= 0).all()
    limited = accounts.line[: layout.government]
    unlimited = np.flatnonzero(limited == UNLIMITED)
    assert (unlimited % PERSON_ROWS == LOAN).all()
    assert (accounts.book[unlimited] < 0).all(), "a loan account that holds no loan may not pay without limit"
    bank = bank_of(layout, world.people.bank, world.firms.bank)
    assert np.array_equal(bank >= 0, ~np.isin(kinds(layout), [AccountKind.PURSE, AccountKind.BOUNDARY, AccountKind.DEALER]))


def test_minor_units_follow_iso_4217() -> None:
    assert [minor_units(code) for code in ("USD", "EUR", "JPY", "KWD", "CLF")] == [100, 100, 1, 1000, 10_000]
