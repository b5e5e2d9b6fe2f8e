"""Firms' credit lines and rent: the ladder of a shop without takings, who is granted a line, and books that close."""

import json
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from small_worlds import ORDINARY

from simulator import PaymentsModel, open_run
from simulator.draws import Ints
from simulator.economy.firm_lines import FirmLines, pay_down
from simulator.economy.sums import LINES
from simulator.economy.underwriting import Product, Why
from simulator.population.accounts import ACQUIRING, CURRENT, FIRM_ROWS, RESERVE, TILL
from simulator.population.debts import CHARGED_OFF, DEFAULTED, Debts
from simulator.population.firms import MERCHANT
from simulator.population.presence import NEVER
from simulator.record.credit import claims
from simulator.record.read import Run
from simulator.records import records, row_type
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

SOON: dict[str, Any] = {"lending.cut_after": 8, "lending.default_after": 12, "lending.card_charged_off": 16}
"""Days past due after which things happen: in a run of weeks."""

WORLD: dict[str, Any] = {
    **ORDINARY, **SOON, "lending.firm_line": 1.0, "economy.layoffs": 0.01, "economy.failing": 0, "period.start": "2024-01-08",
    "firms.treasury": 0.0, "categories.groceries.merchants": 800,
}  # fmt: skip


class Lived(NamedTuple):
    model: PaymentsModel
    shop: int
    """Takes nothing from the first day."""
    other: int
    """Has no line, and loses its money every night for half of the first month."""
    days: list[tuple[int, int, int, int]]
    """Of the shop, by day: days past due, line, standing, drawn."""
    kept: dict[str, Any]
    """The lines of firms as a checkpoint has them while the shop is past due."""


def take(model: PaymentsModel, firm: int) -> None:
    """What a firm holds is gone: it lies outside."""
    world = model.world
    for account in (CURRENT, ACQUIRING, TILL, RESERVE):
        row = world.layout.firm_base + firm * FIRM_ROWS + account
        world.accounts.book[world.layout.outside] += world.accounts.book[row]
        world.accounts.book[row] = world.accounts.available[row] = 0


@pytest.fixture(scope="module")
def lived() -> Lived:
    model = PaymentsModel("hamlet", customers=300, days=60, shards=1, **WORLD)
    world = model.world
    firms, account = world.firms, world.layout.firm_base + np.arange(len(world.firms)) * FIRM_ROWS
    stays = (
        (firms.kind == MERCHANT) & (firms.trade == 0) & (firms.closed == NEVER) & (firms.online == 0) & (firms.opened < model.clock.start)
    )
    shops = np.flatnonzero(stays & (firms.wages > 0))
    shops = shops[np.argsort(-firms.wages[shops], kind="stable")]
    like = {int(row): np.flatnonzero(stays & (firms.category == firms.category[row]) & (firms.town == firms.town[row])) for row in shops}
    shop = next(row for row, others in like.items() if len(others) > 1)
    other = next(row for row in like if row != shop)
    seat = world.market.seat
    seat[seat == shop] = next(row for row in like[shop] if row != shop)
    world.contracts.payee[world.contracts.payee == account[shop]] = account[other]
    take(model, shop)
    days: list[tuple[int, int, int, int]] = []
    kept: dict[str, Any] = {}
    for number in range(60):
        if number < 16:
            take(model, other)
            world.accounts.line[account[other]] = 0
        model.step()  # ends with an error where money is not conserved
        debt, day = model.credit.lines.debts[shop], model.clock.start + number
        since = int(debt.since)
        line, book = int(world.accounts.line[account[shop]]), int(world.accounts.book[account[shop]])
        days.append((day - since if since else 0, line, int(debt.standing), max(0, -book)))
        kept = kept or (model.credit.lines.dump() if number == 30 else {})
    return Lived(model, shop, other, days, kept)


def test_a_shop_without_takings_climbs_the_ladder(lived: Lived) -> None:
    late, line, standing, drawn = (np.array([row[place] for row in lived.days]) for place in range(4))
    assert line[0] == pytest.approx(lived.model.world.firms.wages[lived.shop], abs=100_00) and line[0] > 0
    assert drawn[:23].max() > 0 and (drawn[: np.argmax(late > 0)] <= line[0]).all(), "wages are paid out of the line, up to its end"
    assert late.max() == 16
    end = int(np.argmax(late == 16))
    assert (np.diff(late[end - 16 : end + 1]) == 1).all()
    assert (line[late >= 8] == 0).all() and (line[: end - 8] > 0).all()
    assert (standing[end - 4 : end + 1] & DEFAULTED).all() and not (standing[: end - 4] & DEFAULTED).any()
    assert drawn[end] > 0 and drawn[end + 1] == 0, "what is charged off is booked to the account on the next day"
    assert not standing[end] & CHARGED_OFF and standing[end + 1] & CHARGED_OFF
    closed, day = int(lived.model.world.firms.closed[lived.shop]), lived.model.clock.start + end + 1
    assert day < closed <= day + 8, "it closes on the Sunday after"
    rows = [row for _, month in lived.model.credit.months.credit for row in month if row["account"] == account_of(lived, lived.shop)]
    assert drawn[end] == sum(int(row["off"]) for row in rows)
    assert [int(row["balance"]) for row in rows] == [drawn[23], 0] and rows[0]["due"] > 0 == rows[0]["days"]


def account_of(lived: Lived, firm: int) -> int:
    return int(lived.model.world.layout.firm_base + firm * FIRM_ROWS)


def test_the_rule_refuses_and_grants(lived: Lived) -> None:
    """Who is past due is refused; who was short for some days but takes money again gets the line of the first morning."""
    past, people = lived.model.diary.past("application"), lived.model.world.layout.people
    line = past["product"] == Product.LINE
    assert (past["row"][line] >= people).all() and line.any()
    mine = line & (past["row"] == people + lived.shop)
    assert (past["granted"][mine] == 0).all() and mine.sum() >= 1
    assert set(past["reason"][mine].tolist()) <= {Why.PAST_DUE, Why.LOW_SCORE, Why.DEBT_TO_INCOME}
    theirs = line & (past["row"] == people + lived.other)
    assert theirs.any() and past["granted"][theirs][0] > 0 and past["reason"][theirs][0] == Why.WITHIN_RULE
    usual = lived.model.world.firms.wages[lived.other] // 100_00 * 100_00
    assert past["granted"][theirs][0] == usual <= lived.model.world.accounts.line[account_of(lived, lived.other)]
    lending = lived.model.settings.lending
    granted = line & (past["granted"] > 0)
    assert (past["score"][granted] >= lending.lowest_score).all() and (past["ratio"][granted] <= lending.debt_to_income * 1e6).all()


def test_drawn_lines_are_loans_and_the_books_close(lived: Lived) -> None:
    months = lived.model.credit.months
    assert len(months.banks) == 2
    for one in months.banks:
        lent = int(one.sums.banks[:, LINES].sum())
        assert lent > 0 or one is not months.banks[0]
        net = dict.fromkeys(("banks", "central_bank"), 0)
        for owner, debtor, _, value in claims(months, one):
            for sector, way in ((owner, 1), (debtor, -1)):
                if sector in net:
                    net[sector] += way * value
        assert set(net.values()) == {0}
        assert sum(value for owner, debtor, _, value in claims(months, one) if (owner, debtor) == ("banks", "firms")) == lent


def test_what_a_checkpoint_keeps(lived: Lived) -> None:
    kept = json.loads(json.dumps(lived.kept))
    world = lived.model.world
    again = FirmLines(lived.model.settings, world._replace(accounts=world.accounts.copy()), lived.model.clock.start)
    again.load(kept)
    assert again.dump() == kept and any(kept["since"]) and any(kept["_lowest"])


def test_only_a_new_low_pays() -> None:
    """100 due of 1,000 drawn, by hand: falling to 950 pays 50; rising to 990 and falling to 940 pays 10 more; 700 all."""
    debts = records(row_type(Debts), 1)
    debts.due[0], debts.minimum[0], debts.since[0], debts.last[0] = 100, 100, 7, 7
    lowest: Ints = np.array([1000])
    for drawn, due, since in ((950, 50, 7), (990, 50, 7), (940, 40, 7), (700, 0, 0)):
        pay_down(debts, np.array([drawn]), lowest)
        assert (debts.due[0], debts.since[0]) == (due, since)
    assert debts.paid[0] == 300


def test_without_lines_there_is_nothing() -> None:
    model = PaymentsModel("hamlet", customers=60)
    assert not len(model.credit.lines.debts) and not len(model.credit.lines.bankrupt(model.world))
    layout = model.world.layout
    assert not model.world.accounts.line[layout.firm_base : layout.government : FIRM_ROWS].any()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A town whose firms keep next to nothing, and whose shops pay rent."""
    out = tmp_path_factory.mktemp("lines") / "run"
    changes = WORLD | {
        "population.customers": 300,
        "period.days": 60,
        "firms.reserve_months": 0.05,
        "firms.rent": 0.06,
        "lending.firm_line": 0.1,
    }
    run_scenario(load_scenario("hamlet", changes), out)
    return open_run(out)


def test_the_files_say_who_owes(written: Run) -> None:
    accounts = written.accounts().to_pandas().astype({"kind": str, "owner_kind": str})
    owner = accounts.drop_duplicates("account_id").set_index("account_id")
    credit = written.credit_months().to_pandas()
    lines = credit[credit["account_id"].map(owner["kind"]) == "current"]
    assert set(lines["account_id"].map(owner["owner_kind"])) == {"merchant", "employer"}
    assert (lines["balance"] > 0).any() and (lines["due"] > 0).any() and (lines["paid"] > 0).any()
    names = ["timestamp", "settled_at", "payer_account", "payee_account", "amount", "credited_amount", "purpose", "message", "status"]
    rows = written.transactions(names).to_pandas().astype({"purpose": str, "message": str, "status": str})
    rows = rows[(rows["status"] == "approved") & ~rows["message"].isin(["authorisation", "reversal"])]
    day = np.datetime64("2024-02-01")
    drawn = lines[(lines["month"].astype(str) == "2024-01-01") & (lines["balance"] > 0)].set_index("account_id")["balance"]
    paid, got = rows[rows["timestamp"].dt.tz_localize(None) < day], rows[rows["settled_at"].dt.tz_localize(None) < day]
    book = written.balances().to_pandas().set_index("account_id")["opening_balance"].reindex(drawn.index)
    book -= paid.groupby("payer_account")["amount"].sum().reindex(drawn.index, fill_value=0)
    book += got.groupby("payee_account")["credited_amount"].sum().reindex(drawn.index, fill_value=0)
    assert len(drawn) and np.allclose(book, -drawn)
    asked = written.applications().to_pandas().astype({"product": str})
    asked = asked[asked["product"] == "line"]
    customers = written.customers().to_pandas()
    assert len(asked) and asked["customer_id"].isin(customers["customer_id"]).all()
    granted = asked[asked["granted"] > 0]
    assert granted["account_id"].isin(lines["account_id"]).all()
    interest = rows[(rows["purpose"] == "interest") & rows["payer_account"].isin(lines["account_id"])]
    assert len(interest) and pd.Index(interest["timestamp"].dt.day).isin([1, 2]).all()


def test_lines_pay_no_owners(written: Run) -> None:
    """Wages, taxes and suppliers on invoice are paid out of a line; dividends only out of what a firm has."""
    rows = written.transactions(["payer_account", "purpose", "status", "payer_balance"]).to_pandas().astype({"purpose": str})
    owner = written.accounts().to_pandas().astype({"owner_kind": str}).drop_duplicates("account_id").set_index("account_id")["owner_kind"]
    rows = rows[(rows["status"] == "approved") & rows["payer_account"].map(owner).isin(["merchant", "employer"])]
    below = rows[rows["payer_balance"] < 0]["purpose"]
    assert "salary" in set(below) and "dividend" in set(rows["purpose"]) and "dividend" not in set(below)


def test_shops_pay_rent(written: Run) -> None:
    accounts = (
        written.accounts().to_pandas().astype({"owner_kind": str}).drop_duplicates("account_id").set_index("account_id")["owner_kind"]
    )
    rows = written.transactions(["timestamp", "payer_account", "payee_account", "purpose", "amount", "status"]).to_pandas()
    rows["payer"], rows["payee"] = rows["payer_account"].map(accounts), rows["payee_account"].map(accounts)
    rent = rows[(rows["purpose"] == "rent") & rows["payer"].isin(["merchant", "employer", "institution"]) & (rows["payee"] == "outside")]
    assert set(rent["payer"]) == {"merchant"} and set(rent["timestamp"].dt.month) == {2, 3}
    paid = rent[rent["status"] == "approved"]
    month = paid["timestamp"].dt.month
    assert len(paid) > 20 and not paid.assign(month=month).duplicated(["payer_account", "month"]).any()
    assert (rent["timestamp"].dt.day <= 10).all()
