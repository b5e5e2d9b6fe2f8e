"""Delinquency, underwriting and the months of credit: from payments, by hand, and from the files of a run alone."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from simulator import PaymentsModel, open_run
from simulator.codes import Method, Purpose
from simulator.economy.delinquency import LADDER
from simulator.economy.underwriting import Standing, Why, decide, score_of
from simulator.population import debts
from simulator.population.accounts import CREDIT_CARD, CURRENT, FROZEN, PERSON_ROWS, SAVINGS
from simulator.population.debts import CHARGED_OFF, CUT, DEBTS, DEFAULTED, NO_LINE, Debts
from simulator.record.read import Run
from simulator.records import Records, records, row_type
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

PAYS = ("card_bill", "loan", "mortgage", "property")


fall_due, repay, forgive = (getattr(piece, "py_func", piece) for piece in (debts.fall_due, debts.repay, debts.forgive))
"""As plain Python: pieces of kernels are not called from outside."""


def one_debt() -> Records:
    return records(row_type(Debts), 1)


def test_the_oldest_due_is_paid_first() -> None:
    """Three months of 100, by hand: 150 pays the first and half of the second."""
    debt = one_debt()
    for day in (100, 130, 160):
        fall_due(debt, 0, 100, 100, day)
    assert (debt.due[0], debt.since[0], debt.fell[0]) == (300, 100, 300)
    repay(debt, 0, 150)
    assert (debt.due[0], debt.since[0], debt.paid[0]) == (150, 130, 150)
    repay(debt, 0, 60)
    assert (debt.due[0], debt.since[0]) == (90, 160)
    repay(debt, 0, 500)
    assert (debt.due[0], debt.since[0], debt.paid[0]) == (0, 0, 710)


def test_what_is_written_off_is_not_due() -> None:
    debt = one_debt()
    fall_due(debt, 0, 100, 100, 7)
    forgive(debt, 0, 4000, int(Purpose.CHARGE_OFF))
    assert (debt.due[0], debt.since[0], debt.off[0], debt.standing[0]) == (0, 0, 4000, CHARGED_OFF)


@pytest.fixture(scope="module")
def ruined() -> list[tuple[int, int, int, int]]:
    """A cardholder whose money and income are gone from the first morning: each day's days past due, line, standing and debt."""
    model = PaymentsModel("hamlet", customers=60, days=260, **{"lives.changes": False, "lending.asks": 0.0, "stories.told": []})
    world = model.world
    people, book, available = world.people, world.accounts.book, world.accounts.available
    owed = -book[CREDIT_CARD : world.layout.firm_base : PERSON_ROWS]
    who = int(np.argmax(np.where(people.line > 0, owed, 0)))
    for account in (CURRENT, SAVINGS):
        row = who * PERSON_ROWS + account
        book[world.layout.outside] += book[row]
        available[world.layout.outside] += book[row]
        book[row] = available[row] = 0
    people.kind[who], people.employer[who], people.net[who] = 5, -1, 0
    staff = world.workers.copy()
    world.workers[:] = np.where(staff == who, (who + 1) % len(people), staff)
    world.contacts.paid[:] = 0
    found = []
    for _ in range(260):
        model.step()
        row, day = who * DEBTS, model.clock.start + model.days_lived - 1
        since = int(world.debts.since[row])
        card = who * PERSON_ROWS + CREDIT_CARD
        found.append((day - since if since else 0, int(people.line[who]), int(world.debts.standing[row]), -int(book[card])))
    return found


def test_the_ladder(ruined: list[tuple[int, int, int, int]]) -> None:
    """30, 60, 90 and 180 days past due, each with what it brings, in order; nothing is owed after the charge-off."""
    days, line, standing, debt = (np.array([row[place] for row in ruined]) for place in range(4))
    assert days.max() == 180
    end = int(np.argmax(days == 180))
    assert (np.diff(days[end - 179 : end + 1]) == 1).all()
    assert (line[days < 60][: end - 130] > NO_LINE).all() and (line[(days >= 60)] == NO_LINE).all()
    assert (standing[days >= 60] & CUT).all() and not (standing[: end - 91] & DEFAULTED).any() and (standing[days >= 90] & DEFAULTED).all()
    assert debt[end] > 0 and (standing[end + 1 :] & CHARGED_OFF).all() and (debt[end + 1] == 0)


def test_some_begin_late() -> None:
    """The share of balances that is asked for, one to five months late, the longer the fewer."""
    model = PaymentsModel("high_street", customers=3000, days=3, shards=1, workers=1, **{"credit.arrears": 0.05, "stories.told": []})
    world, day = model.world, model.clock.start
    card = world.debts[::DEBTS]
    owed = np.maximum(0, -world.accounts.book[CREDIT_CARD : world.layout.firm_base : PERSON_ROWS])
    late = card.due > 0
    days = day - card.since[late].astype(np.int64)
    assert owed[late].sum() / owed.sum() == pytest.approx(0.05, abs=0.015)
    assert days.min() > 30 and days.max() <= 180 and not world.debts[1::DEBTS].since.any()
    assert ((card.due[late] <= owed[late]) & (card.minimum[late] <= card.due[late])).all()
    assert ((card.standing[late] & DEFAULTED > 0) == (days > 90)).all() and not card.standing[~late].any()
    months = np.bincount((days - 1) // 30, minlength=6)[1:6]
    assert months / months.sum() == pytest.approx(np.array(LADDER) / sum(LADDER), abs=0.13)
    assert model.credit.months.opening.allowance.sum() > PaymentsModel("high_street", customers=3000).credit.months.opening.allowance.sum()
    for _ in range(3):
        model.step()  # the model ends with an error where money is not conserved
    lines = world.people.line[np.flatnonzero(late)[days >= 60]]
    assert (lines == NO_LINE).mean() > 0.9, "cards that late lend no more"


def frozen_cardholder(**dials: Any) -> tuple[int, int]:
    """Days past due, and line, of somebody with money whose current account has been frozen for 120 days."""
    model = PaymentsModel("hamlet", customers=60, days=120, **{"lives.changes": False, "stories.told": [], **dials})
    world = model.world
    row = np.arange(len(world.people)) * PERSON_ROWS
    owes = (world.people.line > 0) & (world.people.payer == 1) & (world.accounts.book[row + CREDIT_CARD] < 0)
    who = int(np.argmax(np.where(owes, world.accounts.book[row + CURRENT] + world.accounts.book[row + SAVINGS], -1)))
    account = who * PERSON_ROWS + CURRENT
    world.accounts.line[account] = FROZEN - world.accounts.line[account]
    for _ in range(120):
        model.step()
    since = int(world.debts.since[who * DEBTS])
    return (model.clock.start + 119 - since if since else 0), int(world.people.line[who])


def test_a_frozen_account_pays_its_own_bank_where_there_is_a_right_of_set_off() -> None:
    assert frozen_cardholder()[0] > 60, "without it somebody with money falls behind"
    days, line = frozen_cardholder(**{"lending.set_off": True})
    assert days < 30 and line > NO_LINE


@pytest.mark.parametrize("first", [False, True])
def test_who_is_past_due_invests_nothing_where_debts_come_first(first: bool) -> None:
    """Everybody is past due, every day."""
    model = PaymentsModel("hamlet", customers=60, days=31, **{"lives.changes": False, "stories.told": [], "credit.overdue_first": first})
    for _ in range(31):
        model.world.debts.since[:] = model.clock.start - 1
        model.step()
    assert (model.runner.tally[1, Purpose.INVESTMENT, Method.BATCH_TRANSFER].sum() == 0) == first, "banks invest by wire"


def rule(days: int = 0, spoilt: bool = False, score: int = 700, income: int = 5000_00, payments: int = 500_00) -> Standing:
    def one(value: int) -> NDArray[np.int64]:
        return np.array([value], np.int64)

    return Standing(one(days), np.array([spoilt]), one(score), one(income), one(payments))


@pytest.mark.parametrize(
    ("known", "each", "reason", "granted"),
    [
        (rule(), 1000_00, Why.WITHIN_RULE, 100_000_00),
        (rule(), 1650_00, Why.WITHIN_RULE, 100_000_00),  # 43 % of 5,000 is 2,150, of which 500 are taken
        (rule(), 3000_00, Why.REDUCED, 55_000_00),
        (rule(), 3400_00, Why.DEBT_TO_INCOME, 0),
        (rule(income=0), 1, Why.DEBT_TO_INCOME, 0),
        (rule(days=29), 1000_00, Why.WITHIN_RULE, 100_000_00),
        (rule(days=30), 1000_00, Why.PAST_DUE, 0),
        (rule(spoilt=True), 1000_00, Why.PAST_DUE, 0),
        (rule(score=499), 1000_00, Why.LOW_SCORE, 0),
    ],
)
def test_the_rule_by_hand(known: Standing, each: int, reason: Why, granted: int) -> None:
    register = PaymentsModel("hamlet", customers=20).register
    found = decide(register, known, np.array([100_000_00]), np.array([each]), known.payments)
    assert (Why(int(found.reason[0])), int(found.granted[0])) == (reason, granted)


def test_a_better_score_is_never_dearer() -> None:
    register = PaymentsModel("hamlet", customers=20).register
    margins = [int(decide(register, rule(score=s), np.array([1]), np.array([0]), np.array([0])).margin[0]) for s in range(500, 1001, 50)]
    assert margins == sorted(margins, reverse=True) and margins[0] == 60_000 and margins[-1] == 0


def test_the_score_by_hand() -> None:
    def score(days: int = 0, spoilt: bool = False, owed: int = 0, age: int = 38, liquid: int = 3000) -> int:
        parts = [np.array([part]) for part in (days, spoilt, owed, 1000, age, liquid, 1000)]
        return int(score_of(*parts)[0])

    assert score() == 1000
    assert score(days=1) == 900 and score(days=30) == 750 and score(days=60) == score(spoilt=True) == 650
    assert score(owed=500) == 850 and score(owed=2000) == 700
    assert score(age=18) == 850 and score(liquid=0) == 800 and score(liquid=-5) == 800


# --- from the files of a run -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Most of a year in which pensions and orders from outside are 40 % smaller, so that many run short."""
    folder = tmp_path_factory.mktemp("credit") / "run"
    hard = {"population.customers": 400, "period.days": 275, "boundary.credits": 0.6, "lending.asks": 0.3, "lending.lowest_score": 650,
            "lending.closes": True, "lending.card_charged_off": 100}  # fmt: skip
    run_scenario(load_scenario("high_street", hard), folder)
    return open_run(folder)


@pytest.fixture(scope="module")
def rows(lived: Run) -> pd.DataFrame:
    """Its rows that move money, in cents, with the months in which the payer's and the payee's book move."""
    names = ["timestamp", "settled_at", "payer_account", "payee_account", "payer_bank", "payee_bank", "amount", "credited_amount",
             "purpose", "message", "status"]  # fmt: skip
    both = []
    for table in (lived.transactions(names), lived.unseen(names)):
        both.append(table.to_pandas().astype({"purpose": str, "message": str, "status": str}))
    found = pd.concat(both)
    found["out"] = found["timestamp"].dt.tz_localize(None).dt.to_period("M")
    found["in"] = found["settled_at"].dt.tz_localize(None).dt.to_period("M")
    found["cents"], found["credited"] = (np.rint(found[name] * 100).astype(np.int64) for name in ("amount", "credited_amount"))
    return found[(found["status"] == "approved") & ~found["message"].isin(["authorisation", "reversal"])]


def months(table: pd.DataFrame, *money: str) -> pd.DataFrame:
    table["month"] = pd.to_datetime(table["month"]).dt.to_period("M")
    for name in money:
        table[name] = np.rint(table[name] * 100).astype(np.int64)
    return table


def summed(rows: pd.DataFrame, month: str, key: str, value: str = "cents") -> pd.Series:
    return rows.groupby([month, key])[value].sum()


def test_the_months_of_a_debt_are_what_its_payments_say(lived: Run, rows: pd.DataFrame) -> None:
    money = ("balance", "credit_limit", "due", "paid", "charged_off")
    credit = months(lived.credit_months().to_pandas(), *money)
    assert len(credit["month"].unique()) == 9 and not credit.duplicated(["month", "account_id"]).any()
    key = pd.MultiIndex.from_frame(credit[["month", "account_id"]])
    paid = summed(rows[rows["purpose"].isin(PAYS)], "in", "payee_account", "credited").reindex(key, fill_value=0)
    assert (paid.to_numpy() == credit["paid"]).all() and (credit["paid"] > 0).sum() > 1000
    lost = rows[rows["purpose"].isin(["charge_off", "write_off"])]
    assert (summed(lost, "in", "payee_account", "credited").reindex(key, fill_value=0).to_numpy() == credit["charged_off"]).all()
    assert (credit["charged_off"] > 0).sum() >= 3
    opening = lived.balances().to_pandas().set_index("account_id")["opening_balance"].mul(100).round()
    for month, part in credit.groupby("month"):
        account = part["account_id"]
        book = opening.reindex(account, fill_value=0).to_numpy().copy()
        book -= rows[rows["out"] <= month].groupby("payer_account")["cents"].sum().reindex(account, fill_value=0).to_numpy()
        book += rows[rows["in"] <= month].groupby("payee_account")["credited"].sum().reindex(account, fill_value=0).to_numpy()
        assert (-book == part["balance"]).all(), month
    assert (credit["days_past_due"] >= 90)[credit["defaulted"]].mean() > 0.5
    late = credit["days_past_due"] >= 60
    assert late.any() and (credit.loc[late, "credit_limit"] == 0).all()


def test_the_months_of_a_bank_are_what_payments_say(lived: Run, rows: pd.DataFrame) -> None:
    money = ("deposits", "loans", "interest_income", "interest_paid", "fee_income", "provisions", "charged_off", "fraud_losses", "paid_out",
             "insurance", "reserves", "central_bank_loan", "capital")  # fmt: skip
    banks = months(lived.bank_months().to_pandas(), *money).set_index(["month", "bank"])
    own = lived.accounts().to_pandas().astype({"kind": str}).query("kind == 'bank'")["account_id"]
    received, paid = rows[rows["payee_account"].isin(own)], rows[rows["payer_account"].isin(own)]

    def of(table: pd.DataFrame, key: str, *purposes: str) -> NDArray[np.int64]:
        mine = table[table["purpose"].isin(purposes)]
        found: NDArray[np.int64] = summed(mine, "out", key).reindex(banks.index, fill_value=0).to_numpy()
        return found

    for name, table, key, *purposes in (
        ("interest_income", received, "payee_bank", "interest"), ("interest_paid", paid, "payer_bank", "interest"),
        ("charged_off", paid, "payer_bank", "charge_off", "write_off"), ("paid_out", paid, "payer_bank", "dividend"),
    ):  # fmt: skip
        assert (of(table, key, *purposes) == banks[name]).all(), name
    assert (of(received, "payee_bank", "fee") - of(paid, "payer_bank", "fee") == banks["fee_income"]).all()
    assert (of(paid, "payer_bank", "refund") - of(received, "payee_bank", "refund") == banks["fraud_losses"]).all()
    made = lived.transactions(["timestamp", "payer_bank"]).to_pandas()
    count = made.groupby([made["timestamp"].dt.tz_localize(None).dt.to_period("M"), "payer_bank"]).size()
    assert (count.reindex(banks.index).to_numpy() == banks["payments"]).all()
    # Reserves move by what goes to other banks and comes from there, and by nothing else.
    gone = summed(rows[rows["payer_bank"] >= 0], "out", "payer_bank").reindex(banks.index, fill_value=0).unstack()
    come = summed(rows[rows["payee_bank"] >= 0], "in", "payee_bank", "credited").reindex(banks.index, fill_value=0).unstack()
    reserves = (banks["reserves"] - banks["central_bank_loan"]).unstack()
    assert (reserves.diff().iloc[1:] == (come - gone).iloc[1:]).all().all()
    # Capital is what was earned.
    earned = banks["interest_income"] - banks["interest_paid"] + banks["fee_income"] - banks["fraud_losses"]
    earned = (earned + banks["insurance"] - banks["paid_out"] - banks["provisions"]).unstack()
    assert (banks["capital"].unstack().diff().iloc[1:] == earned.iloc[1:]).all().all()


def test_the_balance_sheet_closes(lived: Run) -> None:
    sheet = months(lived.balance_sheet().to_pandas().astype({"sector": str, "counterpart": str, "instrument": str}), "amount")
    banks = months(lived.bank_months().to_pandas(), "deposits", "loans", "reserves").groupby("month").sum(numeric_only=True)
    assert (sheet.groupby(["month", "instrument"])["amount"].sum() == 0).all()
    for sector in ("banks", "central_bank"):
        assert (sheet[sheet["sector"] == sector].groupby("month")["amount"].sum() == 0).all(), sector
    mine = sheet[sheet["sector"] == "banks"].groupby(["month", "instrument"])["amount"].sum().unstack()
    assert (-mine["deposits"] == banks["deposits"]).all() and (mine["reserves"] == banks["reserves"]).all()
    assert (mine["card_debt"] + mine["loans"] == banks["loans"]).all()
    daily = lived.daily().to_pandas().query("currency == 'USD'")
    daily = daily.assign(month=pd.to_datetime(daily["date"]).dt.to_period("M")).groupby("month").last().loc[mine.index]
    assert np.allclose(-mine["deposits"] / 100, daily["deposits"] + daily["firm_deposits"])
    assert np.allclose(mine["card_debt"] / 100, daily["card_debt"]) and np.allclose(mine["loans"] / 100, daily["loan_debt"])


def test_cards_that_are_charged_off_are_closed(lived: Run, rows: pd.DataFrame) -> None:
    """On the day the bank sees the account closed, its card ends with it, and no month, payment or line of it follows."""
    accounts = lived.accounts().to_pandas().astype({"kind": str})
    accounts = accounts[accounts["kind"] == "credit_card"].sort_values("valid_from").drop_duplicates("account_id", keep="last")
    off = rows[rows["purpose"] == "charge_off"].groupby("payee_account")["timestamp"].max().dt.date
    off = off[off.index.isin(accounts["account_id"])]
    events = lived.events(["timestamp", "kind", "account_id"]).to_pandas().astype({"kind": str})
    events = events[events["kind"] == "account_closed"]
    closed = events[events["account_id"].isin(off.index)].set_index("account_id")["timestamp"].dt.date
    assert len(off) >= 3 and closed.index.is_unique and (set(off.index) - set(closed.index)) <= set(off[off >= lived_until(lived)].index)
    assert ((closed - off[closed.index]) < pd.Timedelta(days=3)).all()
    last = accounts.set_index("account_id").loc[closed.index]
    assert (pd.to_datetime(last["valid_to"]).dt.date == closed).all() and (last["credit_limit"] < 1).all()
    cards = lived.cards().to_pandas()
    cards = cards[cards["account_id"].isin(closed.index)]
    ends = pd.to_datetime(cards["valid_to"]).dt.date
    assert set(cards["account_id"]) == set(closed.index) and (ends <= cards["account_id"].map(closed)).all()
    holders = lived.holders().to_pandas()
    holders = holders[holders["account_id"].isin(closed.index)]
    assert (pd.to_datetime(holders["valid_to"]).dt.date <= holders["account_id"].map(closed)).all()
    credit = lived.credit_months().to_pandas()
    credit = credit[credit["account_id"].isin(closed.index)]
    assert (pd.to_datetime(credit["month"]).dt.date <= credit["account_id"].map(closed)).all()
    book = rows[rows["payer_account"].isin(closed.index) & ~rows["purpose"].isin(["closing"])]
    assert (book["timestamp"].dt.date <= book["payer_account"].map(closed)).all()
    asked = lived.applications().to_pandas().astype({"decision": str, "product": str, "reason": str})
    owner = last["owner_id"]
    asked = asked[(asked["product"] == "card") & asked["customer_id"].isin(owner)]
    asked = asked[asked["date"] >= asked["customer_id"].map(dict(zip(owner, closed, strict=True)))]
    assert set(asked["reason"]) <= {"past_due", "low_score", "debt_to_income"} and (asked["decision"] == "refused").all()


def lived_until(run: Run) -> Any:
    """The last two days of a run: what is charged off then may be closed after it."""
    period = run.scenario.period
    return period.start + pd.Timedelta(days=period.days - 2)


def test_no_loan_breaks_the_rule(lived: Run, rows: pd.DataFrame) -> None:
    lending = lived.scenario.lending
    asked = lived.applications().to_pandas().astype({"decision": str, "reason": str, "product": str})
    granted = asked["decision"] == "granted"
    assert granted.sum() > 20 and (~granted).sum() > 10
    good = asked[granted]
    assert (good["score"] >= lending.lowest_score).all() and (good["debt_to_income"] <= lending.debt_to_income + 1e-6).all()
    assert (good["granted"] <= good["amount"] + 1e-9).all() and (good["granted"] * 2 >= good["amount"] - 0.01).all()
    assert set(good["reason"]) <= {"within_rule", "reduced"} and (good["account_id"] >= 0).all()
    bad = asked[~granted]
    assert (bad["granted"] == 0).all() and (bad["account_id"] == -1).all() and (bad["rate"] == 0).all()
    assert (bad.loc[bad["reason"] == "low_score", "score"] < lending.lowest_score).all()
    # What was late at the end of the month is not lent to on that day.
    credit = lived.credit_months().to_pandas()
    owner = lived.accounts().to_pandas().drop_duplicates("account_id").set_index("account_id")["owner_id"]
    credit["customer_id"] = owner.reindex(credit["account_id"]).to_numpy()
    late = credit[credit["days_past_due"] >= 30]
    ends = (pd.to_datetime(late["month"]) + pd.offsets.MonthEnd(0)).dt.date
    assert not set(zip(ends, late["customer_id"], strict=True)) & set(zip(good["date"], good["customer_id"], strict=True))
    # Every loan granted is in the table of loans, and is paid out.
    loans = lived.loans().to_pandas().astype({"product": str})
    borrowed = good[good["product"] != "card"]
    lent = set(zip(loans["account_id"], loans["granted"], loans["principal"], strict=True))
    assert set(zip(borrowed["account_id"], borrowed["date"], borrowed["granted"], strict=True)) <= lent and len(borrowed) > 5
    out = rows[rows["purpose"].isin(["loan", "property"])].groupby("payer_account")["cents"].apply(set)
    early = borrowed[pd.to_datetime(borrowed["date"]) < pd.Timestamp(lived.scenario.period.start) + pd.Timedelta(days=220)]
    gone = set(lived.customers().to_pandas().query("valid_to == valid_to")["customer_id"])
    for _, one in early[~early["customer_id"].isin(gone)].iterrows():
        assert round(one["granted"] * 100) in out.get(one["account_id"], set()), one
