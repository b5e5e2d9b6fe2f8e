"""Shops that run out of money close, the last of their kind too, and others open where they stood."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from reconcile import closes

from simulator import PaymentsModel, open_run
from simulator.economy.failures import close_shops, open_shops
from simulator.lives.premises import change_premises
from simulator.population.closures import seats
from simulator.population.firms import MERCHANT
from simulator.population.presence import NEVER, trading
from simulator.run import Progress, run_scenario
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario

DAYS, BACK = 98, date(2024, 2, 19)
BAN = {"name": "ban", "kind": "restriction", "source": "a test", "path": {"2024-01-08": 1.0, BACK.isoformat(): 0.0}}
SHUT: dict[str, Any] = {
    "population.customers": 500, "period.days": DAYS, "shocks": [BAN], "stories.intensity": 0, "stories.lookalikes": 0,
    "economy.failing": 2, "economy.vacant": 4, "firms.reserve_months": 0.1, "lives.close": 0.02,
}  # fmt: skip


def world_of(**changes: Any) -> Scenario:
    return load_scenario("_crisis", SHUT | changes)


class Killed(BaseException):
    """The end of the process."""


@pytest.fixture(scope="module")
def lived() -> list[tuple[PaymentsModel, dict[str, Any]]]:
    """One model, and what was true of it at the end of each Sunday."""
    model, seen = PaymentsModel(world_of(), shards=1, workers=1), []
    for number in range(DAYS):
        model.step()
        if number % 7 == 6:
            world, day = model.world, model.clock.start + number + 1
            firms, seat = world.firms, world.market.seat.astype(np.int64)
            works = world.people.employer[world.people.employer >= 0].astype(np.int64)
            seen.append({
                "day": number, "open": trading(firms, day).copy(), "seat": seat.copy(), "works": works,
                "out": model.economy.labour.unemployed, "bought": model.series.days[-1]["purchases"],
                "sales": firms.sales.copy(),
            })  # fmt: skip
    return [(model, one) for one in seen]


def failed(model: PaymentsModel) -> NDArray[np.int64]:
    """Shops that closed though nobody had drawn it: whoever follows them waited, and may wait still."""
    firms = model.world.firms
    late = firms.opened[firms.successor] != firms.closed
    return np.flatnonzero((firms.kind == MERCHANT) & (firms.closed < NEVER) & (firms.successor < 0) | (firms.successor >= 0) & late
                          & (firms.closed < NEVER))  # fmt: skip


def test_the_last_of_its_kind_closes(lived: list[tuple[PaymentsModel, dict[str, Any]]]) -> None:
    model, worst = max(lived, key=lambda one: int((~one[1]["open"][one[1]["seat"]]).sum()))
    idle = ~worst["open"][worst["seat"]]
    assert model.economy.failed == len(failed(model)) > 5 and idle.sum() > 3
    assert worst["open"][worst["works"]].all(), "nobody works for a shop that is closed"
    assert worst["out"] > lived[0][1]["out"]
    kept = PaymentsModel(world_of(**{"economy.vacant": 0, "period.days": 50}), shards=1, workers=1)
    kept.run_for(50)
    assert kept.world.layout.firms < model.world.layout.firms
    assert trading(kept.world.firms, kept.clock.start + 50, kept.world.market.seat.astype(np.int64)).all(), "somebody has to sell it"


def test_others_open_where_they_stood(lived: list[tuple[PaymentsModel, dict[str, Any]]]) -> None:
    model, last = lived[-1]
    firms, start = model.world.firms, model.clock.start
    old = failed(model)
    old = old[firms.successor[old] >= 0]
    new = firms.successor[old].astype(np.int64)
    came = firms.opened[new] < NEVER
    assert came.sum() > 3
    gap = firms.opened[new[came]] - firms.closed[old[came]]
    assert gap.min() >= 28 and (gap % 7 == 0).all()
    assert firms.opened[new[came]].min() >= start + (BACK - model.settings.period.start).days, "nobody opens behind closed doors"
    place = seats(firms)[old[came]]
    assert np.array_equal(last["seat"][place], new[came]) or (firms.closed[new[came]] < NEVER).any()
    staff = np.bincount(last["works"], minlength=len(firms))
    assert staff[new[came]].sum() > 0 and model.world.accounts.book[model.world.layout.firm_base + new[came] * 4].sum() > 0
    assert lived[-1][1]["bought"] > 1.5 * min(one["bought"] for _, one in lived)


def test_sales_go_with_the_places(lived: list[tuple[PaymentsModel, dict[str, Any]]]) -> None:
    last = lived[-1][1]
    expected = np.zeros(len(last["sales"]), np.int64)
    np.add.at(expected, last["seat"], lived[0][0].economy._sales)
    open_ = np.unique(last["seat"][last["open"][last["seat"]]])
    assert np.array_equal(last["sales"][open_], expected[open_])


def test_customers_of_a_failed_shop_go_to_the_next_and_come_back() -> None:
    """All shops of a kind but one fail after each other; each place is taken again, and sales go with it."""
    model = PaymentsModel("_crisis", shards=1, workers=1, **SHUT | {"population.customers": 2500, "shocks": [], "lives.close": 0.0})
    world, today, postponed = model.world, model.clock.today(6), model.runner.postponed
    firms, seat, sales = world.firms, world.market.seat, model.economy._sales
    names = [category.name for category in model.settings.categories]
    shops = np.flatnonzero((firms.category[: len(seat)] == names.index("restaurants")) & (firms.online[: len(seat)] == 0))
    assert len(shops) > 2
    for row in shops[:-1]:
        close_shops(world, today, model.diary, postponed, np.array([row]), last=True)
    assert (seat[shops] == shops[-1]).all() and firms.sales[shops[-1]] == sales[shops].sum()

    class Back:
        def back(self) -> tuple[NDArray[np.bool_], bool]:
            return np.ones(len(names), bool), False

    soon, later = today._replace(day=today.day + 21), today._replace(day=today.day + 28)
    open_shops(world, soon, Back(), sales, 4)  # type: ignore[arg-type]
    assert (firms.opened[firms.successor[shops]] == NEVER).all()
    open_shops(world, later, Back(), sales, 4)  # type: ignore[arg-type]
    change_premises(world, later, model.diary, postponed)
    assert np.array_equal(seat[shops], [*firms.successor[shops[:-1]], shops[-1]])
    assert np.array_equal(firms.sales[seat[shops]], sales[shops])
    assert trading(firms, later.day + 1, seat[shops].astype(np.int64)).all()


def test_who_comes_to_a_closed_shop_turns_elsewhere_or_goes_without() -> None:
    """All restaurants are gone: four in ten meals are made at home, and hobbies, for which nothing stands in, are given up."""
    count: list[NDArray[np.int64]] = []
    for gone in ((), ("restaurants", "hobby_books")):
        quiet = SHUT | {"shocks": [], "period.days": 10, "economy.failing": 0, "lives.close": 0.0, "population.customers": 500}
        model = PaymentsModel("_crisis", shards=1, workers=1, **quiet)
        firms, names = model.world.firms, [category.name for category in model.settings.categories]
        shut = (firms.kind == MERCHANT) & np.isin(firms.category, [names.index(name) for name in gone])
        firms.closed[shut] = model.clock.start
        code = {name: model.settings.categories[names.index(name)].mcc for name in ("restaurants", "hobby_books", "groceries")}
        bought = np.zeros(3, np.int64)
        for day in model.stream(10):
            rows = day.transactions.to_pandas()
            rows = rows[(rows.purpose == "purchase") & (rows.country == "US") & rows.message.isin(["payment", "authorisation"])]
            bought += [int((rows.mcc == mcc).sum()) for mcc in code.values()]
        count.append(bought)
    (meals, books, food), (no_meals, no_books, more_food) = count
    assert no_meals == no_books == 0 < min(meals, books)
    assert 0.2 * meals < more_food - food < 0.6 * meals


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shut") / "run"
    run_scenario(world_of(), out, shards=1)
    return out


def test_tables_hold_who_was_there_and_money_is_conserved(folder: Path, lived: list[tuple[PaymentsModel, dict[str, Any]]]) -> None:
    run, firms = open_run(folder), lived[0][0].world.firms
    end = run.scenario.period.start + timedelta(DAYS - 1)
    for name in ("merchants", "customers", "accounts", "holders", "identifiers", "terminals", "devices"):
        assert max(run.table(name)["valid_from"].to_pylist()) <= end, name
    merchants = run.merchants().to_pandas()
    at_home = merchants[merchants["region"].astype(str) != "abroad"]
    assert len(at_home) == int((firms.opened < NEVER).sum()) < len(firms)
    assert closes(folder)


def test_shards_and_a_resumed_run_have_the_same_bits(folder: Path, tmp_path: Path) -> None:
    def kill(progress: Progress) -> None:
        if progress.day >= 60:
            raise Killed

    with pytest.raises(Killed):
        run_scenario(world_of(), tmp_path / "run", progress=kill, checkpoint_seconds=0.0, shards=2)
    done = run_scenario(world_of(), tmp_path / "run", resume=True, shards=3)
    assert done["digests"] == open_run(folder).manifest["digests"]
