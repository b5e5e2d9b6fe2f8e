"""Abroad: journeys, purchases and money across the border, shown from a run's files and from the people who are away."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from simulator import PaymentsModel, open_run
from simulator.clock import Clock
from simulator.codes import Event
from simulator.day.abroad import FAVOURITES
from simulator.errors import InputError
from simulator.lives.diary import Diary
from simulator.lives.trips import plan_trips
from simulator.model import LedgerError
from simulator.population.journeys import EVERY, away, turn
from simulator.record.read import Run
from simulator.run import run_scenario
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.iso import minor_units

DAYS = 21
WORLD = {
    "population.customers": 400,
    "period.days": DAYS,
    "period.start": "2024-06-20",  # with holidays of both countries of several pairs
    "abroad.trips": [4, 4, 4, 4, 4],
    "transfers.remitters": 0.4,
    "abroad.pensions": 0.5,
    "abroad.students": 0.5,
    "abroad.exports": 0.5,
    "abroad.imports": 0.5,
    "abroad.notice": 0.5,
    "declines.retry": 1.0,
    "declines.issuer_unavailable": 0.05,
    "disputes.duplicates": 0.0,  # a merchant at home may charge a second time whoever has left by then
}
"""A small world in which much crosses the border."""


def travellers(**changes: Any) -> Scenario:
    return load_scenario("high_street", WORLD | {path.replace("__", "."): value for path, value in changes.items()})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("abroad") / "run"
    run_scenario(travellers(), folder, shards=2)
    return open_run(folder)


@pytest.fixture(scope="module")
def rows(run: Run) -> pd.DataFrame:
    """Transactions and unseen payments, money in minor units of its currency."""
    table = pd.concat([run.transactions().to_pandas(), run.unseen().to_pandas()], ignore_index=True)
    for money, currency in (("amount", "currency"), ("credited_amount", "credited_currency")):
        units = table[currency].astype(str).map(minor_units)
        whole = np.rint(table[money] * units).astype(np.int64)
        assert (whole / units == table[money]).all(), "not exact to the minor unit"
        table[money] = whole
    for name in ("currency", "credited_currency", "country", "status", "message", "purpose", "method", "channel"):
        table[name] = table[name].astype(str)
    return table


@pytest.fixture(scope="module")
def crossing(rows: pd.DataFrame) -> pd.DataFrame:
    """Payments from one currency into another; of those that were declined, what they would have been."""
    found = rows[rows.currency != rows.credited_currency]
    assert (found.status == "declined").any()
    return found


def published(run: Run) -> dict[tuple[Any, str], int]:
    """The rates of the daily table as whole numbers: home minor units for a million foreign ones."""
    daily = run.daily(["date", "currency", "rate"]).to_pandas()
    unit = minor_units(run.scenario.country.currency)
    return {
        (d, c): round(rate * unit / minor_units(c) * 1_000_000) for d, c, rate in zip(daily.date, daily.currency, daily.rate, strict=True)
    }


def test_opening_and_rows_make_the_closing_balance_of_every_account_and_dealer(run: Run, rows: pd.DataFrame) -> None:
    """A row takes `amount` from the payer and gives `credited_amount` to the payee; across currencies the dealer's two
    accounts take the one and give the other."""
    balances = run.balances().to_pandas().set_index("account_id")
    kinds = run.accounts(["account_id", "kind"]).to_pandas().drop_duplicates("account_id").set_index("account_id")["kind"]
    dealer = {str(balances.currency[account]): account for account in kinds.index[kinds == "dealer"]}
    assert set(dealer) == set(balances.currency.unique()) and len(dealer) == 9
    units = balances.currency.astype(str).map(minor_units)
    opening, closing, flight = (
        np.rint(balances[name] * units).astype(np.int64) for name in ("opening_balance", "closing_balance", "in_flight")
    )
    moved = rows[(rows.status == "approved") & ~rows.message.isin(["authorisation", "reversal"])]
    assert (moved.payer_account.map(balances.currency).astype(str) == moved.currency).all()
    assert (moved.payee_account.map(balances.currency).astype(str) == moved.credited_currency).all()
    assert (moved.credited_amount == moved.amount)[moved.currency == moved.credited_currency].all()
    book = opening.copy()
    book = book.sub(moved.groupby("payer_account")["amount"].sum(), fill_value=0)
    book = book.add(moved.groupby("payee_account")["credited_amount"].sum(), fill_value=0)
    over = moved[moved.currency != moved.credited_currency]
    assert len(over) > 500
    for currency, account in dealer.items():
        book[account] += over.amount[over.currency == currency].sum() - over.credited_amount[over.credited_currency == currency].sum()
    assert (book.reindex(closing.index).astype(np.int64) == closing + flight).all()
    for currency in dealer:
        mine = balances.currency == currency
        assert opening[mine].sum() == (closing + flight)[mine].sum(), currency
    end = pd.Timestamp(run.scenario.period.start + timedelta(DAYS), tz="UTC")
    waiting = moved[moved.settled_at >= end].groupby("payee_account")["credited_amount"].sum()
    assert (flight[flight != 0].sort_index() == waiting.sort_index()).all() and (waiting.index.isin(flight[flight != 0].index)).all()
    assert opening[list(dealer.values())].eq(0).all()


def test_the_dealer_buys_and_sells_at_the_published_rate(run: Run, crossing: pd.DataFrame) -> None:
    """Rounded in the dealer's favour by less than a unit of the coarser currency; at least one unit is credited."""
    rates, home = published(run), run.scenario.country.currency
    for row in crossing.itertuples():
        foreign = row.credited_currency if row.currency == home else row.currency
        rate = rates[row.timestamp.date(), foreign]
        if row.currency == home:
            given, taken, step = row.credited_amount * rate, row.amount * 1_000_000, max(rate, 1_000_000)
        else:
            given, taken, step = row.credited_amount * 1_000_000, row.amount * rate, 1_000_000
        assert given <= taken < given + step or row.credited_amount == 1
    assert {row.currency == home for row in crossing.itertuples()} == {True, False}


def test_prices_abroad_are_whole_there(crossing: pd.DataFrame) -> None:
    """Notes from machines are round, and so are many prices; a conversion at home would give neither."""
    drawn = crossing[crossing.purpose == "withdrawal"]
    units = drawn.credited_currency.map(minor_units)
    assert len(drawn) > 20
    assert (drawn.credited_amount % (10 * units) == 0).all()
    shops = crossing[(crossing.channel == "point_of_sale") & (crossing.credited_currency == "MXN")]
    assert (shops.credited_amount % 100 == 0).mean() > 0.05
    assert (shops.amount % 100 == 0).mean() < 0.05


def test_daily_counts_each_currency(run: Run, rows: pd.DataFrame) -> None:
    daily = run.daily().to_pandas()
    assert len(daily) == DAYS * 9
    assert daily.groupby("date").currency.apply(list).map(lambda codes: codes[0]).eq("USD").all()
    rows = rows[rows.method != "cash"]
    for currency in ("MXN", "JPY", "INR"):
        mine = daily[daily.currency == currency]
        touched = rows[(rows.currency == currency) | (rows.credited_currency == currency)]
        good = touched[touched.status == "approved"]
        assert mine.payments.sum() == len(touched) > 0
        assert mine.approved.sum() == len(good)
        value = np.where(good.currency == currency, good.amount, good.credited_amount).sum() / minor_units(currency)
        assert mine.value.sum() == pytest.approx(value)
        assert mine.boundary_net.sum() == pytest.approx(mine.boundary_credits.sum() - mine.boundary_debits.sum())
    home = daily[daily.currency == "USD"]
    assert home.rate.eq(1).all() and home.payments.sum() == run.manifest["rows"]["transactions"]


def test_merchants_abroad_are_real_and_never_at_home(run: Run, rows: pd.DataFrame) -> None:
    merchants = run.merchants().to_pandas().set_index("merchant_id")
    terminals = run.table("terminals").to_pandas().set_index("terminal_id")
    country = merchants.country.astype(str)
    assert merchants.index.is_unique and terminals.index.is_unique
    bought = rows[rows.purpose.isin(["purchase", "withdrawal"]) & (rows.merchant_id >= 0)]
    assert (bought.country == bought.merchant_id.map(country)).all()
    assert (bought.mcc == bought.merchant_id.map(merchants.mcc)).all()
    there = bought[bought.country != "US"]
    assert (there.payee_account == there.merchant_id.map(merchants.account_id)).all()
    at = there[there.terminal_id >= 0]
    assert (at.terminal_id.map(terminals.merchant_id) == at.merchant_id).all()
    assert set(at.channel) == {"point_of_sale", "atm"} and (there.terminal_id >= 0).eq(there.channel.isin(["point_of_sale", "atm"])).all()
    sizes = merchants[country != "US"].groupby(country).size()
    assert len(sizes) == 8 and sizes.between(20, 80).all()
    assert set(merchants[country != "US"].index) & set(merchants[country == "US"].index) == set()
    wages = rows[rows.purpose == "salary"]
    assert not wages.payer_account.isin(merchants.account_id[country != "US"]).any()


def test_shops_abroad_sell_at_their_local_hours(run: Run, rows: pd.DataFrame) -> None:
    merchants = run.merchants().to_pandas().set_index("merchant_id")
    offset = {c.code: c.utc_offset for c in run.scenario.abroad.countries}
    visits = rows[(rows.channel == "point_of_sale") & (rows.country != "US") & (rows.related_transaction_id < 0)]
    local = visits.timestamp + visits.country.map(offset)
    hour = local.dt.hour
    assert len(visits) > 300
    assert (hour >= visits.merchant_id.map(merchants.opens)).all() and (hour < visits.merchant_id.map(merchants.closes)).all()
    japan = hour[visits.country == "JP"]
    assert 9 <= japan.median() <= 20  # in UTC it would be night


def test_fees_follow_the_payments_they_are_for(run: Run, rows: pd.DataFrame) -> None:
    seen = rows[rows.method != "cash"].set_index("transaction_id")
    fees = seen[(seen.purpose == "fee") & (seen.related_transaction_id >= 0)]
    origin = seen.loc[fees.related_transaction_id]
    assert (origin.country.to_numpy() != "US").all() and set(origin.method) == {"card"} and set(origin.status) == {"approved"}
    assert (origin.payer_account.to_numpy() == fees.payer_account.to_numpy()).all()
    assert ((fees.timestamp.dt.date.to_numpy() - origin.timestamp.dt.date.to_numpy()) == timedelta(1)).all()
    abroad = run.scenario.abroad
    share = origin.amount.to_numpy() * round(abroad.fee * 1e6) // 1_000_000
    machine = fees.amount.to_numpy() == abroad.machine_fee * 100
    assert ((fees.amount.to_numpy() == share) | machine).all() and machine.sum() > 10
    kinds = run.accounts(["account_id", "kind", "bank"]).to_pandas().drop_duplicates("account_id").set_index("account_id")
    assert (fees.payee_account.map(kinds.kind) == "bank").all()
    assert (fees.payee_account.map(kinds.bank).to_numpy() == fees.payer_account.map(kinds.bank).to_numpy()).all()
    # A card has the fee on all its payments abroad or on none of them.
    last = pd.Timestamp(run.scenario.period.start + timedelta(DAYS - 1), tz="UTC")
    card = seen[(seen.country != "US") & (seen.method == "card") & (seen.status == "approved") & (seen.message == "payment")]
    card = card[(card.timestamp < last) & (card.amount >= 100) & card.purpose.isin(["purchase", "withdrawal"])]
    charged = card.index.isin(fees[~machine].related_transaction_id)
    by_card = pd.Series(charged).groupby(card.payer_account.to_numpy()).mean()
    assert set(by_card) == {0.0, 1.0} and by_card.mean() == pytest.approx(1 - abroad.fee_free, abs=0.1)


def test_refunds_from_abroad_give_back_the_foreign_price(rows: pd.DataFrame) -> None:
    seen = rows[rows.method != "cash"].set_index("transaction_id")
    back = seen[seen.message.isin(["refund", "chargeback"]) & (seen.currency != seen.credited_currency)]
    origin = seen.loc[back.related_transaction_id]
    assert len(back) > 3
    assert (back.amount.to_numpy() == origin.credited_amount.to_numpy()).all()
    assert (back.payer_account.to_numpy() == origin.payee_account.to_numpy()).all()
    assert (back.payee_account.to_numpy() == origin.payer_account.to_numpy()).all()


def test_wires_settle_when_the_banks_of_both_countries_work(run: Run, crossing: pd.DataFrame) -> None:
    clock = Clock(run.scenario)
    place = {c.currency: n for n, c in enumerate(run.scenario.abroad.countries)}
    wires = crossing[(crossing.method == "wire") & (crossing.status == "approved")]
    assert len(wires) > 50
    for row in wires.itertuples():
        country = place[row.credited_currency if row.currency == "USD" else row.currency]
        sent, settled = row.timestamp.date(), row.settled_at.date()
        between = [sent + timedelta(n) for n in range(1, (settled - sent).days + 1)]
        assert sum(clock.meets(country, day) for day in between) == 2 and clock.meets(country, settled)
    # 4 July is a holiday at home, 15 and 16 September 2024 in Japan and Mexico: a pair waits for both.
    assert clock.meets(0, pd.Timestamp("2024-07-03").date()) and not clock.meets(0, pd.Timestamp("2024-07-04").date())
    assert not clock.meets(0, pd.Timestamp("2024-07-01").date())  # Canada Day
    assert clock.meets(1, pd.Timestamp("2024-07-01").date())


def test_everyone_sends_money_by_one_corridor(run: Run, crossing: pd.DataFrame) -> None:
    sent = crossing[(crossing.purpose == "remittance") & (crossing.currency == "USD")]
    kinds = run.accounts(["account_id", "owner_kind"]).to_pandas().drop_duplicates("account_id").set_index("account_id").owner_kind
    sent = sent[kinds.reindex(sent.payer_account).eq("customer").to_numpy()]  # remitters send by all
    corridors = sent.groupby("payer_account").credited_currency.nunique()
    assert len(corridors) > 30 and (corridors == 1).all()
    assert sent.credited_currency.value_counts().idxmax() == "MXN"
    came = crossing[(crossing.purpose.isin(["remittance", "pension"])) & (crossing.credited_currency == "USD")]
    assert len(came) > 5


# --- people who are away ----------------------------------------------------------------------------------------------


class Day(NamedTuple):
    """A day and where everyone was on it."""

    payments: pd.DataFrame
    unseen: pd.DataFrame
    country: dict[int, str]
    """Country of those who are away, by each of their accounts."""


@pytest.fixture(scope="module")
def lived() -> list[Day]:
    return list(live(PaymentsModel(travellers(), shards=3)))


def live(model: PaymentsModel) -> Iterator[Day]:
    people, names = model.world.people, model.emitter()._names
    codes = [c.code for c in model.settings.abroad.countries]
    stream = model.stream(DAYS)
    for n in range(DAYS):
        gone = away(people, model.clock.start + n)
        country = {int(names.account[p * 5 + k]): codes[people.abroad[p] - 1] for p in gone for k in range(5)}
        day = next(stream)
        yield Day(day.transactions.to_pandas(), day.unseen.to_pandas(), country)


def test_who_is_away_pays_in_person_there_and_nowhere_else(lived: list[Day]) -> None:
    visits = 0
    for day in lived:
        payments = day.payments[day.payments.status == "approved"]
        mine = payments[payments.payer_account.isin(day.country)]
        there = mine.payer_account.map(day.country)
        in_person = mine.channel.astype(str).isin(["point_of_sale", "atm", "branch"]) | (mine.method.astype(str) == "cash")
        again = mine.related_transaction_id >= 0  # tried again, captured or charged twice after the person has left
        assert (mine.country.astype(str) == there)[in_person & ~again].all()
        assert not mine.purpose.astype(str).isin(["deposit"]).any()
        visits += int(in_person.sum())
        remote = mine[~in_person & mine.purpose.astype(str).eq("purchase")]
        assert remote.channel.astype(str).isin(["mobile", "online", "phone", "none"]).all()
        assert not day.unseen.payer_account.isin(day.country).any() and not day.unseen.payee_account.isin(day.country).any()
        # And who is at home pays nothing in person abroad.
        others = payments[~payments.payer_account.isin(day.country) & (payments.related_transaction_id < 0)]
        assert others.country.astype(str)[others.channel.astype(str).isin(["point_of_sale", "atm"])].eq("US").all()
    assert visits > 300


def test_life_goes_on_while_away(lived: list[Day]) -> None:
    """Bills are paid, wages come, and people buy remotely at home."""
    purposes: set[str] = set()
    remote = 0
    for day in lived:
        mine = day.payments[day.payments.payer_account.isin(day.country)]
        purposes |= set(mine.purpose.astype(str))
        remote += int((mine.purpose.astype(str).eq("purchase") & mine.country.astype(str).eq("US")).sum())
    assert {"bill", "rent", "transfer", "purchase", "withdrawal", "card_bill"} <= purposes
    assert remote > 20


def test_journeys_have_their_rate_length_and_destinations() -> None:
    """A year of journeys of 4,000 people at the scenario's rates."""
    scenario = load_scenario("high_street", {"population.customers": 4000})
    model = PaymentsModel(scenario)
    people, start = model.world.people, model.clock.start
    diary, begun, shares = Diary(), [], []
    for n in range(364):
        gone = away(people, start + n)
        shares.append(len(gone))
        set_off = np.flatnonzero(people.abroad_from == start + n)
        assert (people.joined[set_off] <= start + n).all(), "nobody travels who is not here yet"
        begun.append(np.stack([set_off, people.abroad[set_off], people.abroad_until[set_off] - people.abroad_from[set_off]]))
        plan_trips(model.world, model.clock.today(n), diary)
    journeys = np.concatenate(begun, axis=1)
    expected = np.array(scenario.abroad.trips)[people.decile[:4000] // 2].mean()
    journeys = journeys[:, journeys[0] < 4000]  # nobody leaves while only journeys are lived
    assert journeys.shape[1] / 4000 * 365.25 / 364 == pytest.approx(expected, rel=0.08)
    weights = np.array([c.travel for c in scenario.abroad.countries])
    found = np.bincount(journeys[1], minlength=9)[1:] / journeys.shape[1]
    assert found == pytest.approx(weights / weights.sum(), abs=0.05)
    for country, place in (("mexico", 1), ("france", 3)):
        mean = next(c.stay for c in scenario.abroad.countries if c.name == country)
        assert journeys[2][journeys[1] == place + 1].mean() == pytest.approx(mean, rel=0.12)
    assert np.mean(shares[:28]) == pytest.approx(np.mean(shares[28:84]), rel=0.5)  # the first month is as busy as the next
    notices = np.concatenate([rows.initiator for rows in diary.today])
    assert set(np.concatenate([rows.kind for rows in diary.today]).tolist()) == {int(Event.TRAVEL_NOTICE)}
    assert len(notices) / journeys.shape[1] == pytest.approx(scenario.abroad.notice, abs=0.04)


def test_households_travel_together_and_everyone_has_a_turn() -> None:
    model = PaymentsModel(travellers(abroad__together=1.0))
    people = model.world.people
    ahead = np.flatnonzero(people.abroad_until > model.clock.start)
    assert (people.abroad[ahead] > 0).all()
    assert len(ahead) > 100
    heads = people.household[ahead]
    together = (people.abroad_from[heads] == people.abroad_from[ahead]) & (people.abroad[heads] == people.abroad[ahead])
    assert together.mean() > 0.93  # a household that lies in two blocks may part
    turns = np.concatenate([turn(1000, day) for day in range(EVERY)])
    assert sorted(turns.tolist()) == list(range(1000))


def test_remote_purchases_abroad_are_at_a_few_merchants(run: Run, rows: pd.DataFrame) -> None:
    bought = rows[
        (rows.purpose == "purchase") & (rows.country != "US") & rows.channel.isin(["online", "mobile"]) & (rows.message == "payment")
    ]
    assert bought.groupby(["payer_account", "mcc"]).merchant_id.nunique().max() <= FAVOURITES
    remote = rows[(rows.purpose == "purchase") & (rows.message == "payment") & rows.channel.isin(["online", "mobile"])]
    names = {c.mcc: run.scenario.abroad.remote.get(c.name, 0.0) for c in run.scenario.categories}
    expected = remote.mcc.map(names).mean()
    assert (remote.country != "US").mean() == pytest.approx(expected, abs=0.03)


# --- laws -------------------------------------------------------------------------------------------------------------


def test_shards_and_a_killed_run_change_nothing(run: Run, tmp_path: Path) -> None:
    digests = run.manifest["digests"]
    assert run_scenario(travellers(), tmp_path / "five", shards=5, workers=2)["digests"] == digests

    class Killed(BaseException):
        pass

    def kill(progress: Any) -> None:
        if progress.phase == "running" and progress.day >= 9:
            raise Killed

    with pytest.raises(Killed):
        run_scenario(travellers(), tmp_path / "killed", progress=kill, checkpoint_seconds=0.0)
    resumed = run_scenario(travellers(), tmp_path / "killed", resume=True, shards=3)
    assert resumed["digests"] == digests


def test_a_world_without_the_section_has_one_currency(tmp_path: Path) -> None:
    scenario = load_scenario("mobile_money", {"population.customers": 60, "period.days": 3})
    assert not scenario.abroad.countries
    run_scenario(scenario, tmp_path / "run")
    run = open_run(tmp_path / "run")
    assert set(run.balances()["currency"].to_pylist()) == {"TZS"}
    assert run.daily().num_rows == 3
    assert set(run.transactions(["country"])["country"].to_pylist()) == {"TZ"}


def test_money_lost_in_one_currency_is_found_though_the_sum_of_all_stands() -> None:
    model = PaymentsModel(travellers())
    layout = model.world.layout
    model.step()
    model.world.accounts.book[layout.dealer_base] += 5
    model.world.accounts.book[layout.dealer_base + 1] -= 5
    with pytest.raises(LedgerError, match="USD"):
        model.step()


BAD = [
    ("abroad.countries.canada.code", "ZZ", "a country of ISO 3166-1"),
    ("abroad.countries.canada.code", "US", "neither home nor there already"),
    ("abroad.countries.mexico.code", "CA", "neither home nor there already"),
    ("abroad.countries.canada.currency", "CAX", "a currency of ISO 4217"),
    ("abroad.countries.canada.currency", "USD", "no rate, for USD is the home currency"),
    ("abroad.countries.canada.currency", "EUR", "that canada gives EUR"),
    ("abroad.countries.canada.rate", 0.0000001, "CAD"),
    ("abroad.countries.canada.rate", -1, "more than 0"),
    ("abroad.countries.canada.rate", None, "units of USD for one CAD"),
    ("abroad.countries.canada.utc_offset", "20 h", "an offset from '-12 h' to '14 h'"),
    ("abroad.countries.canada.holidays", "ZZ", "a country with a holiday calendar"),
    ("abroad.countries.canada.stay", 0, "1 or more"),
    ("abroad.trips", [1, 2], "at least 5 items"),
    ("abroad.trips", [1, 2, 3, 4, 400], "10 or less"),
    ("abroad.basket.fule", 1, "did you mean 'fuel'"),
    ("abroad.remote.clothng", 0.1, "did you mean 'clothing'"),
    ("abroad.fee", 2, "1 or less"),
]


@pytest.mark.parametrize(("path", "value", "expected"), BAD)
def test_bad_words_about_abroad_are_refused_where_they_stand(path: str, value: Any, expected: str) -> None:
    with pytest.raises(InputError) as error:
        load_scenario("high_street", {path: value})
    text = str(error.value)
    assert expected in text and path.rsplit(".", 1)[0].split(".")[-1] in text, text


def test_trips_need_a_basket_and_flows_a_country() -> None:
    with pytest.raises(InputError, match=r"abroad\.basket"):
        load_scenario("high_street", {"abroad.basket": {}})
    nowhere = {f"abroad.countries.{c.name}.remittances": 0 for c in load_scenario("high_street").abroad.countries}
    with pytest.raises(InputError, match=r"remittances.*abroad\.pensions"):
        load_scenario("high_street", nowhere)
    load_scenario("high_street", nowhere | {"abroad.pensions": 0, "abroad.students": 0})
