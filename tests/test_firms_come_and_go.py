"""Firms that close, and those that open in their premises."""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reconcile import closes
from small_worlds import python

from simulator import PaymentsModel, open_run
from simulator.population.closures import TAKEN_OVER, expect_closures, seats
from simulator.population.firms import EMPLOYER, MERCHANT, build_firms, plan_firms
from simulator.population.presence import KEPT, NEVER, trading
from simulator.record.checkpoint import CHECKPOINT
from simulator.record.facts import build_names
from simulator.run import Progress, run_scenario
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario

DAYS = 200


def world_of(**changes: Any) -> Scenario:
    settings = {"population.customers": 240, "period.days": DAYS, "period.start": "2024-01-03", "lives.close": 0.5}
    return load_scenario("hamlet", settings | changes)


class Killed(BaseException):
    """The end of the process."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("firms") / "run"
    run_scenario(world_of(), out, shards=1)
    return out


@pytest.fixture(scope="module")
def lived() -> PaymentsModel:
    model = PaymentsModel(world_of())
    model.run_for(DAYS)
    return model


def closed(model: PaymentsModel) -> NDArray[np.int64]:
    return np.flatnonzero(model.world.firms.closed < NEVER)


@pytest.mark.parametrize("rate", [0.02, 0.085, 0.3])
def test_as_many_close_as_the_scenario_says(rate: float) -> None:
    """Catches hazards that are a month's, and successors that never close."""
    scenario = load_scenario("high_street", {"population.customers": 20_000, "period.days": 1461, "lives.close": rate})
    plan = plan_firms(scenario, 20_000)
    firms = build_firms(scenario, plan, 19_723)
    found = expect_closures(scenario, firms, 19_723)
    may = ((firms.kind == MERCHANT) & (firms.trade == 0) | (firms.kind == EMPLOYER) & (firms.public == 0)).sum()
    first = (found.turn == 1) & (found.opened < 19_723 + 372)
    # In the first year the ages are those of the first morning; later there are more young ones.
    assert first.sum() == pytest.approx(rate * may, rel=0.12, abs=4 * np.sqrt(rate * may))
    assert 0.85 * rate * may * 4 < len(found.seat) < 1.5 * rate * may * 4
    assert (found.opened % 7 == 4).all()  # Mondays
    again = found.turn > 1
    assert again.any() and (np.bincount(found.seat)[found.seat[again]] > 1).all()


def test_a_longer_run_has_the_same_closures() -> None:
    """Nothing that happens says when the run will end."""
    short, long = (
        expect_closures(s, build_firms(s, plan_firms(s, 240), 19_723), 19_723) for s in (world_of(), world_of(**{"period.days": 2 * DAYS}))
    )
    assert len(short.seat) > 5 and len(long.seat) > len(short.seat)
    for name in ("seat", "turn", "opened"):
        assert np.array_equal(getattr(long, name)[: len(short.seat)], getattr(short, name)), name


def test_nobody_closes_where_nothing_changes() -> None:
    for changes in ({"lives.changes": False}, {"lives.close": 0}):
        scenario = world_of(**changes)
        model = PaymentsModel(scenario)
        assert (model.world.firms.closed == NEVER).all()
        assert model.world.layout.firms == plan_firms(scenario, 240).firms


def test_a_successor_takes_over(lived: PaymentsModel) -> None:
    firms, market = lived.world.firms, lived.world.market
    old, today = closed(lived), lived.clock.start + DAYS
    new = firms.successor[old].astype(np.int64)
    assert len(old) > 10 and np.array_equal(firms.opened[new], firms.closed[old])
    for name in ("kind", "category", "town", "zone", "mcc", "terminals", "frequency", "phase", *(n for n in TAKEN_OVER if n != "invoices")):
        assert np.array_equal(firms[name][new], firms[name][old]), name
    assert ((firms.invoices[new] > 0) == (firms.invoices[old] > 0)).all()  # they follow the staff
    assert (firms.price[new] != firms.price[old]).any() and (firms.bank[new] != firms.bank[old]).any()
    assert trading(firms, today, market.seat).all()
    assert np.array_equal(seats(firms)[market.seat], np.arange(len(market.seat)))
    owned = firms.owner[old] >= 0
    assert owned.any() and (firms.owner[new[owned]] >= 0).all() and (firms.owner[new[~owned]] < 0).all()


def test_staff_and_suppliers_are_those_of_open_firms(lived: PaymentsModel) -> None:
    world, today = lived.world, lived.clock.start + DAYS
    people, firms, layout = world.people, world.firms, world.layout
    works = np.flatnonzero(people.employer >= 0)
    assert trading(firms, today, people.employer[works]).all()
    assert np.array_equal(people.frequency[works], firms.frequency[people.employer[works]])
    listed = np.repeat(np.arange(len(firms)), np.diff(world.staff))
    assert trading(firms, today, listed).all()
    past = lived.diary.past("employer")
    moved = np.isin(past["employer"], closed(lived)) & (firms.closed[past["employer"]] == past["day"])
    assert moved.sum() > 5
    for accounts in (world.contracts.payee, world.payees.account):
        paid = (accounts[(accounts >= layout.firm_base) & (accounts < layout.government)] - layout.firm_base) // 4
        assert trading(firms, today, paid).all()
    old = closed(lived)
    count = np.diff(world.buys)
    assert np.array_equal(count[old], count[firms.successor[old]]) and count[old].sum() > 5


def test_closed_accounts_end_at_zero(lived: PaymentsModel) -> None:
    world = lived.world
    books = world.accounts[world.layout.firm_base : world.layout.government]
    shut = world.firms.closed.astype(np.int64) + KEPT < lived.clock.start + DAYS
    assert shut.sum() > 2
    for name in ("book", "flight"):
        assert not books[name].reshape(-1, 4)[shut].any(), name
    waits = (~shut) & (world.firms.closed.astype(np.int64) + 32 < lived.clock.start + DAYS)
    open_now = trading(world.firms, lived.clock.start + DAYS)
    total = books.book.reshape(-1, 4).sum(axis=1)
    assert total[waits].sum() < 0.02 * total[open_now].mean() * waits.sum()
    assert not world.firms.tax_due[shut].any()


def test_a_closed_firm_sells_nothing_and_its_successor_sells_to_its_customers(folder: Path) -> None:
    run = open_run(folder)
    merchants, rows = run.merchants(), run.transactions()
    last = {m: t for m, t in zip(merchants["merchant_id"].to_pylist(), merchants["valid_to"].to_pylist(), strict=True) if t}
    start = run.scenario.period.start
    opened = dict(zip(merchants["merchant_id"].to_pylist(), merchants["opened"].to_pylist(), strict=True))
    came = {m: day for m, day in opened.items() if start < day}
    assert len(last) > 10 and len(came) == len(last)
    assert sorted(day + timedelta(1) for day in last.values()) == sorted(came.values())
    bought: dict[int, list[tuple[date, int]]] = {}
    columns = ("purpose", "message", "status", "related_transaction_id", "merchant_id", "timestamp", "payer_account")
    for purpose, message, status, related, merchant, time, payer in zip(*(rows[name].to_pylist() for name in columns), strict=True):
        if purpose == "purchase" and message in ("payment", "authorisation") and status == "approved" and related < 0:
            bought.setdefault(merchant, []).append((time.date(), payer))
    assert all(max(day for day, _ in bought[m]) <= last[m] for m in last if m in bought)
    assert all(min(day for day, _ in bought[m]) >= came[m] for m in came if m in bought)
    before, after = ({payer for m in which if m in bought for _, payer in bought[m]} for which in (last, came))
    assert len(before) > 50 and len(before & after) > len(after) // 2


def test_nobody_pays_a_closed_firm_anew(lived: PaymentsModel, folder: Path) -> None:
    """After its accounts took the last captures and bills there is nothing but its own settlement."""
    run = open_run(folder)
    rows, accounts = run.transactions(), run.accounts()
    firms, ids = lived.world.firms, build_names(lived.world, lived.settings, lived.clock.start).account
    base = lived.world.layout.firm_base
    until = {int(ids[base + row * 4 + k]): int(firms.closed[row]) for row in closed(lived).tolist() for k in range(4)}
    ends = {a: t for a, t in zip(accounts["account_id"].to_pylist(), accounts["valid_to"].to_pylist(), strict=True) if t and a in until}
    assert len(ends) > 3
    for account, day in ends.items():
        assert (day - date(1970, 1, 1)).days == until[account] + KEPT
    late = Counter()
    columns = ("purpose", "message", "status", "payee_account", "timestamp")
    for purpose, message, status, payee, time in zip(*(rows[name].to_pylist() for name in columns), strict=True):
        if payee in until and status == "approved" and (time.date() - date(1970, 1, 1)).days >= until[payee] + 21:
            late[purpose, message] += 1
    assert set(late) <= {
        ("payout", "payment"), ("deposit", "payment"), ("saving", "payment"), ("write_off", "payment"), ("purchase", "representment"),
        ("purchase", "capture"),
    }  # fmt: skip


def test_money_is_conserved(folder: Path) -> None:
    assert closes(folder)


def test_rows_hold_as_long_as_firms_do(folder: Path) -> None:
    run = open_run(folder)
    merchants, customers = run.merchants(), run.table("customers")
    shut = dict(zip(customers["customer_id"].to_pylist(), customers["valid_to"].to_pylist(), strict=True))
    holders, identifiers, terminals = run.table("holders"), run.table("identifiers"), run.table("terminals")
    for table in (holders, identifiers):
        for customer, until in zip(table["customer_id"].to_pylist(), table["valid_to"].to_pylist(), strict=True):
            assert shut[customer] is None or (until is not None and until <= shut[customer])
    ends = dict(zip(merchants["merchant_id"].to_pylist(), merchants["valid_to"].to_pylist(), strict=True))
    for merchant, until in zip(terminals["merchant_id"].to_pylist(), terminals["valid_to"].to_pylist(), strict=True):
        assert merchant < 0 or until == ends[merchant]
    end = run.scenario.period.start + timedelta(DAYS - 1)
    for name in ("merchants", "terminals", "holders", "customers"):
        table = run.table(name)
        assert max(table["valid_from"].to_pylist()) <= end
        pairs = zip(table["valid_from"].to_pylist(), table["valid_to"].to_pylist(), strict=True)
        assert all(until is None or since <= until for since, until in pairs), name


def test_shards_change_nothing(folder: Path, tmp_path: Path) -> None:
    assert run_scenario(world_of(), tmp_path / "run", shards=3, workers=2)["digests"] == open_run(folder).manifest["digests"]


def test_killed_and_resumed(folder: Path, tmp_path: Path) -> None:
    """Between a closing and the settlement of the accounts, and after much has changed hands."""

    def kill(progress: Progress) -> None:
        if progress.day >= 101:
            raise Killed

    with pytest.raises(Killed):
        run_scenario(world_of(), tmp_path / "run", progress=kill, checkpoint_seconds=0.0)
    assert (tmp_path / "run" / CHECKPOINT).is_file()
    done = run_scenario(world_of(), tmp_path / "run", resume=True, shards=2)
    assert done["digests"] == open_run(folder).manifest["digests"]


def test_plain_python_has_the_same_bits(tmp_path: Path) -> None:
    code = """
import json, sys
from pathlib import Path
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario
changes = {"population.customers": 50, "period.days": 9, "period.start": "2024-02-28", "lives.close": 0.5, "seed": 153}
done = run_scenario(load_scenario("hamlet", changes), Path(sys.argv[1]))
print(json.dumps(done["digests"]))
"""
    plain, compiled = python(code, tmp_path / "plain", NUMBA_DISABLE_JIT="1"), python(code, tmp_path / "run")
    assert plain.returncode == 0, plain.stderr
    assert json.loads(plain.stdout) == json.loads(compiled.stdout)
    assert sum(day is not None for day in open_run(tmp_path / "run").merchants()["valid_to"].to_pylist()) > 0
