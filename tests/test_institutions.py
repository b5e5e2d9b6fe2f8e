"""Institutions: who deals with them, what comes back, what they pass on, and that every fee is accounted for."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import PaymentsModel, open_run
from simulator.clock import Clock
from simulator.codes import Follow, Method, Purpose
from simulator.lives.estates import SWITCHED
from simulator.lives.foresight import Step
from simulator.lives.homes import STAYS, sell_homes
from simulator.population.accounts import ACQUIRING, CURRENT, FIRM_ROWS, LOAN, PERSON_ROWS, RESERVE, SAVINGS
from simulator.population.arrivals import residents
from simulator.population.budget import MORTGAGED, OWNED, RENTED
from simulator.population.clients import CONSUMES, draw_clients, kept
from simulator.population.firms import EMPLOYER, INSTITUTION, MERCHANT
from simulator.population.households import build_members, read_table
from simulator.population.people import mean_household_income
from simulator.population.presence import here
from simulator.population.renewal import renewal_of
from simulator.population.trades import CLIENT_MONEY, WHOLE, Trade
from simulator.population.world import World, build_world
from simulator.record.facts import build_names
from simulator.run import run_scenario
from simulator.scenario import BillKind, Scenario
from simulator.scenario.file import load_scenario

DAYS = 75
BUSY = {
    "population.customers": 700, "population.town_size": 350, "period.days": DAYS, "institutions.conveyancer.per_month": 0.06,
    "institutions.crypto_exchange.per_month": 4, "institutions.casino.per_month": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("high_street", BUSY)


@pytest.fixture(scope="module")
def world(scenario: Scenario) -> World:
    return build_world(scenario, Clock(scenario))


@pytest.fixture(scope="module")
def rows(scenario: Scenario, world: World, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Every approved payment, seen or not, with account rows instead of public numbers; minor units."""
    folder: Path = tmp_path_factory.mktemp("institutions") / "run"
    run_scenario(scenario, folder)
    run = open_run(folder)
    public = build_names(world, scenario, Clock(scenario).start).account
    row = pd.Series(np.arange(len(public)), index=public)
    table = pd.concat([run.transactions().to_pandas(), run.unseen().to_pandas()], ignore_index=True)
    table = table[(table["status"] == "approved") & ~table["message"].isin(["authorisation", "reversal"])]
    return pd.DataFrame({
        "time": table["timestamp"], "settled": table["settled_at"], "payer": row[table["payer_account"]].to_numpy(),
        "payee": row[table["payee_account"]].to_numpy(), "amount": np.rint(table["amount"] * 100).astype(np.int64),
        "purpose": table["purpose"].astype(str), "method": table["method"].astype(str),
        "message": table["message"].astype(str),
    }).sort_values("time", kind="stable", ignore_index=True)  # fmt: skip


def account(world: World, trade: Trade, which: int) -> np.ndarray:
    """Rows of one kind of account of all institutions of a trade."""
    return world.layout.firm_base + np.flatnonzero(world.firms.trade == trade) * FIRM_ROWS + which


def accounts(world: World, trade: Trade) -> np.ndarray:
    return np.concatenate([account(world, trade, which) for which in range(FIRM_ROWS)])


def test_a_scenario_without_institutions_still_runs() -> None:
    model = PaymentsModel("high_street", customers=60, **{"institutions": []})
    assert (model.world.firms.kind != INSTITUTION).all()
    assert len(model.world.dealings) == 0
    model.run_for(3)


def test_clients_are_the_shares_that_the_scenario_asks_for() -> None:
    """Catches a client drawn by anything but their own row and quintile."""
    scenario = load_scenario("high_street")
    table = read_table(scenario.population.households, scenario.population.income_spread)
    entry = residents(table, renewal_of(scenario.population.households, scenario.lives))
    members = build_members(scenario, table, entry, 20_000)
    mean = mean_household_income(scenario, table)
    net = members.gross / 12
    clients = {c.entry: c for c in draw_clients(scenario, members, mean, net)}
    quintile = members.decile // 2
    for place, trade in enumerate(scenario.institutions):
        if place not in clients:
            continue
        found = np.bincount(quintile[clients[place].rows], minlength=5) / np.bincount(quintile[net > 0], minlength=5)
        assert found == pytest.approx(trade.clients, abs=0.015), trade.name
        if not trade.regular:
            assert clients[place].rate.mean() == pytest.approx(trade.per_month, rel=0.1), trade.name
    few = draw_clients(scenario, build_members(scenario, table, entry, 2000), mean, net[:2000])
    for c in few:
        assert np.array_equal(c.rows, clients[c.entry].rows[: len(c.rows)])


def test_dealings_are_as_often_as_planned(world: World, rows: pd.DataFrame, scenario: Scenario) -> None:
    """The chance of a day, over the days; who is short of money goes without, so a little less."""
    dealings = world.dealings[: world.deals[scenario.population.customers]]  # the others have not come yet
    for place, entry in enumerate(scenario.institutions):
        mine = dealings.entry == place
        if not mine.any() or (entry.trade in CONSUMES and entry.season):
            continue
        expected = float(dealings.chance[mine].astype(float).sum() / 2**32 * DAYS)
        firms = np.unique(dealings.firm[mine])
        into = world.layout.firm_base + firms[:, None] * FIRM_ROWS + np.arange(FIRM_ROWS)[None, :]
        season = entry.season or [1.0] * 12
        factor = (31 * season[0] + 29 * season[1] + 15 * season[2]) / 75 / np.mean(season)
        paid = rows[rows["payee"].isin(into.ravel()) & (rows["payer"] < world.layout.firm_base)]
        paid = paid[paid["payer"] % PERSON_ROWS != SAVINGS]
        assert 0.6 * expected * factor < len(paid) < 1.15 * expected * factor + 3 * expected**0.5, entry.name


@pytest.mark.parametrize(
    ("trade", "name"), [(Trade.CRYPTO_EXCHANGE, "crypto_exchange"), (Trade.CASINO, "casino"), (Trade.BETTING, "betting")]
)
def test_clients_money_comes_back(world: World, rows: pd.DataFrame, scenario: Scenario, trade: Trade, name: str) -> None:
    """What comes back goes to a client who paid before, in the proportion that the scenario says."""
    entry = next(e for e in scenario.institutions if e.name == name)
    own, people = accounts(world, trade), world.layout.firm_base
    paid = rows[rows["payee"].isin(own) & (rows["payer"] < people)]
    back = rows[rows["payer"].isin(own) & (rows["payee"] < people) & (rows["purpose"] != "salary")]
    assert len(back) > 20
    first = paid.groupby(paid["payer"] // PERSON_ROWS)["time"].min()
    assert (back["time"].to_numpy() > first[back["payee"] // PERSON_ROWS].to_numpy()).all()
    # Up to two months pass, so that much of what was put with an exchange is still there.
    share = len(back) / len(paid)
    assert (0.25 if trade == Trade.CRYPTO_EXCHANGE else 0.7) * entry.back < share < 1.2 * entry.back
    assert back["amount"].mean() / paid["amount"].mean() == pytest.approx(entry.ratio, rel=0.45)
    assert not (back["method"] == "card").any()


def test_notes_that_come_back_are_seen_by_no_bank_and_large_wins_are_cheques(world: World, rows: pd.DataFrame) -> None:
    till = account(world, Trade.CASINO, 2)
    won = rows[rows["payer"].isin(accounts(world, Trade.CASINO)) & (rows["payee"] < world.layout.firm_base)]
    notes = won[won["payer"].isin(till)]
    assert len(notes) and (notes["method"] == "cash").all() and (notes["payee"] % PERSON_ROWS == 4).all()
    assert (notes["amount"] < 120_000).all()


def test_fees_reconcile_in_every_account_of_clients_money(world: World, rows: pd.DataFrame) -> None:
    """In = out + fee + balance, account by account; nothing enters but clients' money and nothing leaves but theirs and the fee."""
    for trade in CLIENT_MONEY:
        for held in account(world, trade, RESERVE).tolist():
            came = rows.loc[(rows["payee"] == held) & (rows["settled"] < rows["time"].max()), "amount"].sum()
            gone = rows[rows["payer"] == held]
            fee = gone.loc[gone["purpose"] == "fee", "amount"].sum()
            assert (gone.loc[gone["purpose"] == "fee", "payee"] == held - RESERVE).all()
            left = came - gone["amount"].sum()
            assert left >= 0, Trade(trade).name
            passed = gone["amount"].sum() - fee
            if passed > 0:
                rate = world.firms.fee[(held - world.layout.firm_base) // FIRM_ROWS] / 1e6
                assert fee / (fee + passed) == pytest.approx(rate, rel=0.06), Trade(trade).name


def test_a_provider_pays_its_merchants_what_it_collected(world: World, rows: pd.DataFrame) -> None:
    """Catches a payout to a merchant that sold nothing, and a day that is paid twice or never."""
    client_money = account(world, Trade.PAYMENT_PROVIDER, RESERVE)
    merchants = np.flatnonzero(world.firms.provider >= 0)
    assert len(merchants) > 5 and (world.firms.kind[merchants] == MERCHANT).all()
    base = world.layout.firm_base + merchants * FIRM_ROWS
    for firm in base.tolist():
        collected = rows[(rows["payer"] == firm + ACQUIRING) & rows["payee"].isin(client_money)]
        paid = rows[rows["payer"].isin(client_money) & (rows["payee"] == firm + CURRENT)]
        assert not ((rows["payer"] == firm + ACQUIRING) & (rows["payee"] == firm + CURRENT)).any()
        fee = world.firms.fee[world.firms.provider[(firm - world.layout.firm_base) // FIRM_ROWS]]
        expected = [a - a * int(fee) // 1_000_000 for a in collected["amount"].tolist()]
        assert sorted(paid["amount"].tolist()) == sorted(expected)[: len(paid)] or set(paid["amount"]) <= set(expected)
        assert 0 <= len(expected) - len(paid) <= 4
    assert world.firms.owed.sum() == 0


def test_agents_pass_rents_on_to_landlords_within_days(world: World, rows: pd.DataFrame) -> None:
    held = account(world, Trade.LETTING_AGENT, RESERVE)
    paid = rows[rows["payer"].isin(held) & (rows["purpose"] == "rent") & (rows["message"] == "payment")]  # some rents are returned
    landlords = np.unique(paid["payee"] // PERSON_ROWS)
    assert len(landlords) > 3
    assert (world.people.decile[landlords] >= 7).mean() > 0.85  # whoever takes over may be anybody
    assert set(paid["time"].dt.day) <= {5, 6, 7, 8}
    for firm in np.flatnonzero(world.firms.trade == Trade.LETTING_AGENT).tolist():
        place = slice(int(world.pays[firm]), int(world.pays[firm + 1]))
        assert world.payees.share[place].sum() <= WHOLE


def test_remitters_and_brokers_send_many_sums_on_as_few(world: World, rows: pd.DataFrame) -> None:
    for trade, purpose in ((Trade.REMITTER, "remittance"), (Trade.BROKER, "investment")):
        own = accounts(world, trade)
        came, gone = rows[rows["payee"].isin(own) & (rows["purpose"] == purpose)], rows[rows["payer"].isin(own)]
        wired = gone[gone["payee"] == world.layout.outside]
        wired = wired[wired["purpose"] == purpose]
        assert len(came) > 5 and (wired["method"] == "wire").all()
        assert came["payer"].nunique() > 3
        if trade == Trade.BROKER:
            assert 0 < len(wired) < 0.5 * len(came)


def test_marketplaces_pay_many_sellers_and_clubs_their_hall(world: World, rows: pd.DataFrame) -> None:
    own = accounts(world, Trade.MARKETPLACE)
    paid = rows[rows["payer"].isin(own) & (rows["purpose"] == "payout")]
    paid = paid[~paid["payee"].isin(own)]
    assert (paid["payee"] < world.layout.firm_base).sum() > 10
    assert paid.groupby([paid["payer"], paid["time"].dt.date])["payee"].nunique().max() >= 5
    clubs = account(world, Trade.CLUB, CURRENT)
    dues = rows[rows["payee"].isin(clubs) & (rows["purpose"] == "dues")]
    assert dues.groupby("payee")["payer"].nunique().max() >= 5
    assert (dues.groupby("payee")["amount"].nunique() == 1).all()  # everyone pays the same
    hall = rows[rows["payer"].isin(clubs) & (rows["purpose"] != "dues")]  # a bank may return dues
    assert len(hall) and set(hall["purpose"]) == {"supplies"}
    assert hall["amount"].sum() <= dues["amount"].sum()
    treasurers = world.firms.owner[world.firms.trade == Trade.CLUB]
    assert (treasurers >= 0).all()


def test_staff_of_institutions_come_from_employers(world: World) -> None:
    staff = np.diff(world.staff)
    rows = np.flatnonzero(world.firms.kind == INSTITUTION)
    assert staff[rows].sum() > 0
    assert staff[rows].sum() < 0.11 * staff[np.isin(world.firms.kind, (EMPLOYER, INSTITUTION))].sum()
    assert (world.firms.invoices[rows] * 52 >= world.firms.wages[rows] * 12).all()


def test_homes_change_hands_and_every_cent_is_somewhere(world: World, rows: pd.DataFrame, scenario: Scenario) -> None:
    """Deposit, loan and the rest are seller's loan + seller's share + fee, sale by sale in the conveyancer's account."""
    model = PaymentsModel(scenario)
    model.run_for(DAYS)
    sold = model.diary.past("home_sale")
    assert len(sold["day"]) > 3
    loans: list[int] = []
    paid_in = rows[rows["payee"].isin(account(world, Trade.CONVEYANCER, RESERVE)) & (rows["time"].dt.month < 3)]
    first = sold["day"] < model.clock.start + 60  # all of January's and February's
    assert paid_in["amount"].sum() == sold["price"][first].sum()
    layout = model.world.layout
    for seller, buyer, price in zip(sold["row"].tolist(), sold["buyer"].tolist(), sold["price"].tolist(), strict=True):
        into = rows[rows["payer"].isin([buyer * PERSON_ROWS + CURRENT, buyer * PERSON_ROWS + LOAN]) & (rows["purpose"] == "property")]
        if buyer not in sold["row"]:
            lent = into["payer"] % PERSON_ROWS == LOAN
            assert 0.03 * price < into.loc[~lent, "amount"].sum() <= 0.08 * price
            assert into["amount"].sum() <= price
            loans.append(int(lent.sum()))
        out = rows[rows["payee"].isin([seller * PERSON_ROWS + CURRENT, seller * PERSON_ROWS + LOAN]) & (rows["method"] == "wire")]
        out = out[out["payer"].between(layout.firm_base, layout.government - 1)]
        if len(out) and seller not in sold["buyer"]:
            fee = price * round(next(e for e in scenario.institutions if e.name == "conveyancer").fee * 1e6) // 1_000_000 // 100 * 100
            assert out["amount"].sum() == price - fee
            assert (out["time"].min() - into["time"].max()).days < 8
    assert 0 < sum(loans) < len(loans), "some buy with a loan, some without"


def test_sales_leave_as_many_tenants_and_owners(scenario: Scenario) -> None:
    """Where nobody comes or goes: what falls due of buyers and sellers is exchanged."""
    model = PaymentsModel(load_scenario(scenario, {"lives.changes": False}))
    before, owed = model.world.people.copy(), model.world.obligations.copy()
    model.run_for(40)
    people, sold = model.world.people, model.diary.past("home_sale")
    assert len(sold["day"]) > 3
    for tenure in (OWNED, MORTGAGED, RENTED):
        assert (people.tenure == tenure).sum() == (before.tenure == tenure).sum()
    rent, kept_rent = ((o.purpose == Purpose.RENT).sum() for o in (owed, model.world.obligations))
    assert rent == kept_rent
    assert (model.world.people.home > 0).sum() == (before.home > 0).sum()
    single = [b for b in sold["buyer"].tolist() if sold["buyer"].tolist().count(b) == 1 and b not in sold["row"]]
    for buyer in single:
        place = slice(int(model.world.owes[buyer]), int(model.world.owes[buyer + 1]))
        mine = model.world.obligations[place]
        assert (mine["purpose"] == Purpose.MORTGAGE).sum() == (people.tenure[buyer] == MORTGAGED)
        if people.tenure[buyer] == OWNED:
            continue
        assert mine["payee"][mine["purpose"] == Purpose.MORTGAGE][0] == buyer * PERSON_ROWS + LOAN
        assert scenario.bills[mine["bill"][mine["purpose"] == Purpose.MORTGAGE][0]].kind is BillKind.MORTGAGE


def dealt(world: World, person: int) -> list[tuple[int, ...]]:
    """What somebody deals."""
    return [tuple(row) for row in world.dealings[int(world.deals[person]) : int(world.deals[person + 1])].tolist()]


def test_clients_come_and_go_with_their_dealings(scenario: Scenario) -> None:
    """Catches tables of dealings and obligations that part ways as people join, leave, change bank or plan anew."""
    model = PaymentsModel(load_scenario(scenario, {"lives.switch": 0.5, "lives.fortune": 0.5, "institutions.betting.count": 100}))
    first = model.world
    opening = {person: dealt(first, person) for person in range(first.layout.people)}
    brokers, homes = first.people.broker.copy(), first.people.home.copy()
    model.run_for(57)
    model.world.course.stale[:] = np.maximum(model.world.course.stale, 1)  # everybody plans anew
    model.run_for(7)  # to the first days of March
    world, people, course = model.world, model.world.people, model.world.course
    today = model.clock.start + 63
    assert world.deals[-1] == len(world.dealings) and (np.diff(world.deals) >= 0).all()
    gone = np.flatnonzero(people.left <= today - 10)
    assert len(gone) > 20 and not any(dealt(world, person) for person in gone.tolist())
    stays = here(people, today)
    switched = np.flatnonzero(stays & (course.origin != np.arange(len(people))))
    assert len(switched) > 20
    came = np.flatnonzero(stays & (people.joined > model.clock.start) & (course.origin == np.arange(len(people))))
    assert len(came) > 3
    # Who plans anew keeps to the same institutions, at another bank too, but for those of a town that was left.
    place = {name: i for i, name in enumerate(first.dealings.dtype.names or ())}
    towns, kept_to, changed = first.people.town[course.origin], 0, 0
    for row in np.flatnonzero(stays & (people.town == towns)).tolist():
        before, after = opening[int(course.origin[row])], dealt(world, row)
        was, now = ({deal[place["entry"]]: deal[place["firm"]] for deal in deals} for deals in (before, after))
        assert all(now[entry] == was[entry] for entry in was.keys() & now.keys())
        kept_to += len(was.keys() & now.keys())
        changed += before != after
    assert kept_to > 300 and changed > 20
    both = np.flatnonzero(stays & (brokers[course.origin] >= 0) & (people.broker >= 0))
    assert len(both) > 10 and (brokers[course.origin[both]] == people.broker[both]).all()
    # Who owns is the head of a household, and keeps the price of the home.
    owner = np.flatnonzero(stays & (people.home > 0))
    assert (people.head[owner] == 1).all() and np.isin(people.tenure[owner], (OWNED, MORTGAGED)).all()
    kept_home = owner[homes[owner] > 0]
    assert (homes[kept_home] == people.home[kept_home]).mean() > 0.9


MOVING = {"lives.switch": 0.5, "lives.leave": [0.5] * 7, "institutions.conveyancer.per_month": 0.3}


def test_nobody_sells_or_buys_who_is_about_to_be_gone(scenario: Scenario) -> None:
    """Catches a sale whose contracts stay with a row that is succeeded, or whose buyer is gone before the money is there."""
    model = PaymentsModel(load_scenario(scenario, MOVING))
    model.run_for(31)
    sold, left = model.diary.past("home_sale"), model.world.people.left
    assert len(sold["day"]) > 8 and (left[:700] <= model.clock.start + 31).sum() > 20
    for who in (sold["row"], sold["buyer"]):
        assert (left[who] > sold["day"] + 8).all()
        why, switched = model.world.course.why[who], left[who] <= model.clock.start + 31
        assert not (switched & (why == SWITCHED)).any()
    # Where everybody is about to leave nothing is sold; otherwise something is in the next ten days.
    today, agenda = model.clock.today(31), model.diary.agenda
    agenda.put(today.day + STAYS, Step.LEAVE, np.arange(model.world.layout.people))
    for day in range(2 * 10):
        if day == 10:
            assert len(model.diary.past("home_sale")["day"]) == len(sold["day"])
            agenda.take(today.day + STAYS)
        sell_homes(model.register, model.world, today._replace(day=today.day + day % 10), model.diary, model.runner.postponed)
    assert len(model.diary.past("home_sale")["day"]) > len(sold["day"])


def test_a_run_with_sales_goes_on_after_a_kill(scenario: Scenario, tmp_path: Path) -> None:
    """Obligations that were rewritten, new owners and lines are part of the state."""
    short = load_scenario(scenario, MOVING | {"period.days": 40})
    whole = run_scenario(short, tmp_path / "whole")["digests"]

    class Killed(Exception):
        pass

    def tell(progress: object) -> None:
        if getattr(progress, "day", 0) == 34:
            raise Killed

    with pytest.raises(Killed):
        run_scenario(short, tmp_path / "cut", progress=tell, checkpoint_seconds=0)
    assert run_scenario(short, tmp_path / "cut", resume=True)["digests"] == whole


@pytest.mark.parametrize("shards", [3, 5])
def test_shards_change_nothing(scenario: Scenario, shards: int) -> None:
    few = load_scenario(scenario, {"population.customers": 400, "institutions.conveyancer.per_month": 0.3})
    worlds = [PaymentsModel(few, shards=s) for s in (1, shards)]
    for model in worlds:
        model.run_for(25)
    assert np.array_equal(worlds[0].world.accounts.book, worlds[1].world.accounts.book)
    assert np.array_equal(worlds[0].runner.totals, worlds[1].runner.totals)
    assert len(worlds[0].diary.past("home_sale")["day"]) > 2


def test_holders_name_owners_and_treasurers(scenario: Scenario, tmp_path: Path) -> None:
    run_scenario(load_scenario(scenario, {"period.days": 1}), tmp_path / "run")
    holders = open_run(tmp_path / "run").holders().to_pandas()
    roles = holders["role"].astype(str).value_counts()
    assert roles["director"] > 10 and roles["beneficial_owner"] > 10 and roles["signatory"] > 0
    assert not holders.duplicated(["account_id", "customer_id", "role"]).any()


def test_what_comes_back_is_planned_with_the_payment() -> None:
    """A dealing whose money comes back says so, and how much, before anybody knows the outcome."""
    seen: list[tuple[int, int]] = []
    model = PaymentsModel("high_street", customers=400, **{"institutions.casino.per_month": 20})
    model.run_for(2)
    for lane in model.runner.lanes:
        attempts = lane.attempts[: lane._count]
        games = attempts[attempts.purpose == Purpose.GAMBLING]
        seen += [(int(f), int(h)) for f, h in zip(games.follow, games.hold, strict=True)]
    assert {f for f, _ in seen} <= {Follow.NONE, Follow.COME_BACK}
    assert all((h > 0) == (f == Follow.COME_BACK) for f, h in seen)
    assert any(f == Follow.COME_BACK for f, _ in seen)
    assert Method.CASH in model.world.dealings.method


def test_kept_is_what_does_not_come_back() -> None:
    entries = load_scenario("high_street").institutions
    by_name: dict[str, Callable[[], float]] = {e.name: (lambda e=e: kept(e)) for e in entries}
    assert by_name["club"]() == 1.0
    assert 0.1 < by_name["casino"]() < 0.3
    assert 0.1 < by_name["betting"]() < 0.2
