"""Trade between firms: suppliers, invoices that nobody keeps, owners, treasuries, tills; and people who collect or lend."""

import numpy as np
import pytest
from small_worlds import ORDINARY, Kept

from simulator import PaymentsModel
from simulator.clock import Clock
from simulator.codes import Message, Method, Purpose, Status
from simulator.population.accounts import CURRENT, FIRM_ROWS, PERSON_ROWS, RESERVE, TILL
from simulator.population.firms import EMPLOYER, MERCHANT
from simulator.population.trade import SUPPLIES, WEEKS_A_MONTH
from simulator.population.trades import Trade
from simulator.population.world import World, build_world
from simulator.records import Records
from simulator.scenario.file import load_scenario

SCENARIO = load_scenario("high_street", {"population.customers": 3000, "population.town_size": 1500})


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(SCENARIO, Clock(SCENARIO))


@pytest.fixture(scope="module")
def model() -> PaymentsModel:
    return PaymentsModel("high_street", customers=800, **ORDINARY, **{"transfers.gatherings": 0.2, "transfers.lent": 0.3})


@pytest.fixture(scope="module")
def lived(model: PaymentsModel) -> tuple[World, np.ndarray, Records]:
    """Seventy days of a smaller town: the world after them, the books before them, and its rows."""
    kept = model.recorder = Kept()  # type: ignore[assignment]
    before = model.world.accounts.book.copy()
    model.run_for(70)
    rows = np.concatenate(kept.rows).view(Records)
    good = (rows.status == Status.APPROVED) & (rows.message != Message.AUTHORISATION) & (rows.message != Message.REVERSAL)
    return model.world, before, rows[good].view(Records)


def buyers(world: World) -> np.ndarray:
    return np.repeat(np.arange(len(world.firms)), np.diff(world.buys))


def sellers(world: World) -> np.ndarray:
    return (world.contracts.payee.astype(np.int64) - world.layout.firm_base) // FIRM_ROWS


def test_nobody_supplies_itself_and_everybody_at_home(world: World) -> None:
    buyer, seller = buyers(world), sellers(world)
    assert len(buyer) > 100
    assert (buyer != seller).all()
    assert len({*zip(buyer.tolist(), seller.tolist(), strict=True)}) == len(buyer)
    assert ((world.contracts.payee - world.layout.firm_base) % FIRM_ROWS == CURRENT).all()
    importer = world.firms.trade[seller] == Trade.IMPORTER
    assert importer.any()
    assert np.isin(world.firms.kind[seller[~importer]], (MERCHANT, EMPLOYER)).all()
    same = world.firms.town[buyer] == world.firms.town[seller]
    assert same[~importer & (world.firms.town[buyer] >= 0)].all()
    assert (world.firms.public[seller] == 0).all()


def test_suppliers_cost_what_the_scenario_says(world: World) -> None:
    """Catches a contract that is paid weekly but planned by the month."""
    buyer, contracts = buyers(world), world.contracts
    weekly = contracts.amount / contracts.every
    importer = world.firms.trade[sellers(world)] == Trade.IMPORTER
    spent = np.bincount(buyer[~importer], weekly[~importer], len(world.firms)) * WEEKS_A_MONTH
    shop = (world.firms.kind == MERCHANT) & (world.firms.trade == 0) & (spent > 100) & (world.firms.sales > 0)
    assert spent[shop] / world.firms.sales[shop] == pytest.approx(SUPPLIES * SCENARIO.firms.local_suppliers, rel=0.02)
    employer = (world.firms.kind == EMPLOYER) & (spent > 100) & (world.firms.wages > 0)
    assert spent[employer] / world.firms.wages[employer] == pytest.approx(SCENARIO.firms.local_purchases, rel=0.02)
    assert 0.8 * SCENARIO.firms.suppliers < len(buyer[~importer]) / len(np.unique(buyer[~importer])) < 1.1 * SCENARIO.firms.suppliers


def test_invoices_fall_due_as_agreed(lived: tuple[World, np.ndarray, Records]) -> None:
    """An invoice is drawn at the week it was sent: paid on the weekly run after it fell due, once."""
    world, _, rows = lived
    supplies = rows[(rows.purpose == Purpose.SUPPLIES) & (rows.payer < world.layout.government)]
    buyer, contracts = buyers(world), world.contracts
    checked = 0
    for row in range(len(contracts)):
        payer = world.layout.firm_base + buyer[row] * FIRM_ROWS
        paid = supplies[(supplies.payer == payer) & (supplies.payee == contracts.payee[row])]
        if len(paid) < 2:
            continue
        day = paid.time // 86_400_000_000
        weeks = np.unique(day // 7)
        # What is short is presented again three days later, at the most a week.
        assert (np.diff(weeks) >= int(contracts.every[row]) - 1).all()
        assert abs(len(weeks) - 10 / int(contracts.every[row])) <= 1.5
        assert abs(np.log(paid.amount.mean() / contracts.amount[row])) < 0.7
        checked += 1
    assert checked > 40
    assert {int(m) for m in np.unique(supplies.method)} >= {Method.BATCH_TRANSFER, Method.CHEQUE}


def test_wages_are_paid(lived: tuple[World, np.ndarray, Records]) -> None:
    """No firm runs chronically short: measured over a year, not one wage in a thousand is declined."""
    model = PaymentsModel("high_street", customers=800, **ORDINARY)
    model.run_for(60)
    wages = model.runner.tally[0, Purpose.SALARY]
    assert wages[:, Status.DECLINED].sum() <= wages[:, Status.APPROVED].sum() / 1000


def test_treasuries_sweep_between_two_accounts_of_one_firm(lived: tuple[World, np.ndarray, Records]) -> None:
    world, before, rows = lived
    base = world.layout.firm_base
    kept = base + np.flatnonzero(world.firms.sweeps) * FIRM_ROWS + RESERVE
    assert len(kept) > 10
    assert (before[kept] > 0).all() and (world.accounts.book[kept] >= 0).all()
    swept = rows[(rows.purpose == Purpose.SAVING) & (rows.payer >= base)]
    assert np.isin(swept.payee, kept).any() and np.isin(swept.payer, kept).any()
    assert ((swept.payer - base) // FIRM_ROWS == (swept.payee - base) // FIRM_ROWS).all()
    idle = np.setdiff1d(np.arange(base + RESERVE, world.layout.government, FIRM_ROWS), kept)
    idle = idle[world.firms.trade[(idle - base) // FIRM_ROWS] == 0]
    assert (world.accounts.book[idle] == 0).all()


def test_owners_are_people_of_the_town_and_parents_are_larger(world: World) -> None:
    firms, people = world.firms, world.people
    owned = np.flatnonzero((firms.owner >= 0) & (firms.town >= 0))
    assert len(owned) > 30
    assert (people.town[firms.owner[owned]] == firms.town[owned]).all()
    child = np.flatnonzero(firms.parent >= 0)
    assert len(child) and (firms.owner[child] < 0).all()
    size = firms.wages + firms.sales
    assert (size[firms.parent[child]] >= size[child]).all()
    assert (firms.parent[child] != child).all()


def test_dividends_go_to_owners_in_the_first_week(lived: tuple[World, np.ndarray, Records], model: PaymentsModel) -> None:
    world, _, rows = lived
    paid = rows[rows.purpose == Purpose.DIVIDEND]
    to_people = paid[paid.payee < world.layout.firm_base]
    assert len(to_people) > 5
    firm = (to_people.payer - world.layout.firm_base) // FIRM_ROWS
    past = model.diary.past("owner")
    assert len(past["row"])  # somebody took over a firm
    owners = {*enumerate(world.firms.owner.tolist()), *zip(past["row"].tolist(), past["owner"].tolist(), strict=True)}
    assert {*zip(firm.tolist(), (to_people.payee // PERSON_ROWS).tolist(), strict=True)} <= owners


def test_tills_are_banked_near_the_sum_a_safe_may_hold() -> None:
    scenario = load_scenario("high_street", {"population.customers": 1500, "firms.safes": 1.0})
    world = build_world(scenario, Clock(scenario))
    near = (world.firms.till * 0.9 >= 0.82 * 1_000_000) & (world.firms.till * 0.9 <= 1_000_000)
    assert 2 < near.sum() < 30
    none = build_world(load_scenario(scenario, {"firms.safes": 0.0}), Clock(scenario))
    assert ((none.firms.till != world.firms.till) == near).all()


def test_importers_send_on_what_merchants_pay_them(lived: tuple[World, np.ndarray, Records]) -> None:
    """Merchants pay an importer at home; it pays abroad, by wire, in few sums."""
    world, _, rows = lived
    base = world.layout.firm_base + np.flatnonzero(world.firms.trade == Trade.IMPORTER) * FIRM_ROWS
    bought = rows[np.isin(rows.payee, base) & (rows.purpose == Purpose.SUPPLIES)]
    wired = rows[np.isin(rows.payer, base) & (rows.purpose == Purpose.SUPPLIES)]
    assert len(np.unique(bought.payer)) > 5 and len(wired)
    assert (wired.payee >= world.layout.abroad_base).all() and (wired.method == Method.WIRE).all()
    assert len(wired) < len(bought)


def test_loans_between_friends_come_back_in_full(lived: tuple[World, np.ndarray, Records]) -> None:
    _, _, rows = lived
    sent = rows[(rows.purpose == Purpose.TRANSFER) & (rows.method != Method.CASH)]
    pairs = {}
    back = 0
    for payer, payee, amount in zip(sent.payer.tolist(), sent.payee.tolist(), sent.amount.tolist(), strict=True):
        back += pairs.get((payee, payer, amount), 0) > 0
        pairs[payer, payee, amount] = pairs.get((payer, payee, amount), 0) + 1
    # Of three in ten that are loans, about half are back within the 70 days.
    assert 0.06 < back / len(sent) < 0.25


def test_a_gathering_is_paid_by_friends_and_spent(lived: tuple[World, np.ndarray, Records]) -> None:
    """Many pay one, and the one pays about as much on: a place of the town, or a friend."""
    world, _, rows = lived
    people, contacts = world.layout.firm_base, world.contacts
    sent = rows[(rows.purpose == Purpose.TRANSFER) & (rows.payee < people)]
    hosts, payers = np.unique(np.unique(np.stack([sent.payee // PERSON_ROWS, sent.payer // PERSON_ROWS]), axis=1)[0], return_counts=True)
    host = int(hosts[payers.argmax()])
    assert payers.max() >= 5
    friends = contacts.person[world.knows[host] : world.knows[host + 1]]
    came = sent[(sent.payee // PERSON_ROWS == host)]
    assert np.isin(came.payer // PERSON_ROWS, friends).mean() > 0.8  # the others are strangers
    spent = rows[(rows.purpose == Purpose.PURCHASE) & (rows.method == Method.INSTANT_TRANSFER)]
    assert len(spent) > 10
    assert ((spent.payee - world.layout.firm_base) % FIRM_ROWS == CURRENT).all()
    assert (spent.firm == (spent.payee - world.layout.firm_base) // FIRM_ROWS).all()
    assert (world.firms.kind[spent.firm] == MERCHANT).all()
    assert TILL == 2


def test_what_is_swept_goes_out_too() -> None:
    """Catches a treasury that keeps what came in between a firm's pay run and its sweep, for good."""
    model = PaymentsModel("high_street", customers=500, **ORDINARY, **{"firms.treasury": 1.0})
    model.run_for(10)
    firms, layout = model.world.firms, model.world.layout
    shops = np.flatnonzero((firms.kind == MERCHANT) & (firms.sweeps == 1) & (firms.weekday < 4) & (firms.town >= 0))
    shop = int(shops[np.argmin(firms.sales[shops])])
    current = layout.firm_base + shop * FIRM_ROWS + CURRENT
    for _ in range(6):
        # Large receipts arrive between the pay run and the sweep of the next day.
        while model.clock.today(model.days_lived).weekday != int(firms.weekday[shop]):
            model.run_for(1)
        model.runner.postponed.plan(
            model.clock.start + model.days_lived, 1, time=82_800_000_000, initiator=layout.people + shop, payer=layout.outside,
            payee=current, amount=20_000_00, method=int(Method.CASH), purpose=int(Purpose.INVOICE), marks=0,
        )  # fmt: skip
        model.run_for(1)
    model.run_for(7)
    held = int(model.world.accounts.book[current] + model.world.accounts.book[current - CURRENT + RESERVE])
    assert held < int(firms.reserve[shop]) + int(firms.tax_due[shop]) + 30_000_00
