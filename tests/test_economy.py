"""The economy: jobs, prices, restrictions, outages, runs and rules do what their units say, and nothing before their dates."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_worlds import ORDINARY, Kept

from calibration.outage import Watch
from simulator import PaymentsModel
from simulator.clock import DAY, Clock
from simulator.codes import EntryMode, Message, Method, Purpose, Reason, Status
from simulator.draws import WORD, Ints
from simulator.economy.paths import Curves
from simulator.economy.rails import Rails
from simulator.errors import InputError
from simulator.ledger import RETRIES
from simulator.population.accounts import PERSON_ROWS
from simulator.population.climate import USUAL
from simulator.population.debts import NO_LINE
from simulator.population.equipment import other_network
from simulator.population.households import SALARIED
from simulator.population.presence import here
from simulator.scenario.curve import Curve
from simulator.scenario.file import dump_scenario, load_scenario
from simulator.scenario.shocks import Between, Kind
from simulator.scenario.shocks import Path as Way

START = date(2024, 1, 1)
TOWN: dict[str, Any] = ORDINARY | {"population.customers": 1500, "period.days": 60}


def shock(kind: str, **fields: Any) -> dict[str, Any]:
    return {"name": f"a_{kind}", "kind": kind, "source": "assumption"} | fields


def town(*shocks: dict[str, Any], **changes: Any) -> PaymentsModel:
    settings = TOWN | {path.replace("__", "."): value for path, value in changes.items()}
    return PaymentsModel("high_street", shards=1, workers=1, **settings, shocks=list(shocks))


def live(model: PaymentsModel, days: int) -> PaymentsModel:
    for _ in range(days):
        model.step()
    return model


def test_paths_step_and_ramp() -> None:
    points = {date(2024, 1, 11): 0.2, date(2024, 1, 21): 0.4}
    start = 19723
    steps, ramp = Curve(Way(points=points)), Curve(Way(points=points, between=Between.RAMP))
    assert [steps.on(start + day) for day in (0, 9, 10, 19, 20, 400)] == [0, 0, 0.2, 0.2, 0.4, 0.4]
    assert [round(ramp.on(start + day), 9) for day in (9, 10, 15, 20, 400)] == [0, 0.2, 0.3, 0.4, 0.4]


def test_a_path_for_one_is_added_to_that_for_all() -> None:
    scenario = load_scenario("high_street", {"shocks": [
        shock("prices", path={"2024-01-05": 0.1}), shock("prices", by={"fuel": {"2024-01-05": 0.3}}) | {"name": "more"}]})  # fmt: skip
    names = [category.name for category in scenario.categories]
    values = Curves(scenario.shocks, Kind.PRICES, names).on(19723 + 4)
    assert values[names.index("fuel")] == pytest.approx(0.4)
    assert values[names.index("groceries")] == pytest.approx(0.1)


def test_a_usual_time_lays_nothing_on_anybody() -> None:
    model = live(town(), 3)
    climate = model.world.climate
    for name in ("peak", "demand", "price", "pay", "notes"):
        assert (getattr(climate, name) == USUAL).all(), name
    assert not climate.shut.any() and not climate.remote.any()
    assert not model.world.people.restraint.any() and not model.world.people.benefit.any()


def test_nothing_differs_before_a_shock() -> None:
    changes = {"economy__layoffs": 0.011}
    calm, hit = town(**changes), town(shock("restriction", by={"restaurants": {"2024-01-20": 1.0}}), **changes)
    live(calm, 19), live(hit, 19)
    assert calm.series.days == hit.series.days
    assert (calm.world.accounts.book == hit.world.accounts.book).all()
    calm.step(), hit.step()
    assert calm.day["purchases"] > hit.day["purchases"]


def test_nobody_loses_work_before_a_path_begins() -> None:
    """The rate of a small town departs from the usual by itself, and nothing makes up for it until there is a path to follow."""
    changes = {"economy__layoffs": 0.05}
    calm, hit = town(**changes), town(shock("unemployment", path={"2024-01-25": 0.2}), **changes)
    live(calm, 27), live(hit, 27)
    assert calm.economy.labour.unemployed > 0 and abs(rate(calm)[0] - calm.economy.labour.usual) > 0.002
    assert calm.series.days == hit.series.days
    live(calm, 2), live(hit, 2)
    assert hit.economy.labour.unemployed > calm.economy.labour.unemployed


def rate(model: PaymentsModel) -> tuple[float, float]:
    """Unemployment, and its standard error."""
    labour = model.economy.labour
    share = labour.unemployed / labour.force
    return share, (share * (1 - share) / labour.force) ** 0.5


def test_unemployment_settles_where_as_many_lose_jobs_as_find_them() -> None:
    model = live(town(economy__layoffs=0.011, period__days=84), 84)
    usual = 0.011 / (0.011 + 0.27)
    assert model.economy.labour.usual == pytest.approx(usual)
    share, error = rate(model)
    assert abs(share - usual) < 4 * error


def test_unemployment_follows_its_path() -> None:
    path = {"2024-01-05": 0.0, "2024-02-25": 0.10, "between": "ramp"}
    model = live(town(shock("unemployment", path=path), economy__layoffs=0.011, period__days=70), 63)
    share, error = rate(model)
    assert abs(share - model.economy.labour.usual - 0.10) < 4 * error + 0.01  # the last week's steps


def test_a_path_of_one_sector_moves_its_people_only() -> None:
    path = {"2024-01-08": 0.5}
    model = live(town(shock("unemployment", by={"construction": path}), economy__layoffs=0.011), 28)
    people, firms = model.world.people, model.world.firms
    force = np.flatnonzero((people.kind == SALARIED) & here(people, model.clock.start + 28))
    firm = np.where(people.employer[force] >= 0, people.employer[force], -2 - people.employer[force])
    builders = (firm >= 0) & (firms.kind[np.maximum(firm, 0)] == 2) & (firms.category[np.maximum(firm, 0)] == 0)
    out = model.world.course.jobless[force] > 0
    assert out[builders].mean() > 0.35
    assert out[~builders].mean() < 0.08


def test_who_is_laid_off_is_paid_benefits_until_they_run_out() -> None:
    model = town(economy__layoffs=0.15, economy__finding=0.0, economy__benefit_weeks=5, economy__take_up=1.0, period__days=90)
    people, course = model.world.people, model.world.course
    live(model, 30)
    assert model.day["benefits"] >= 0
    out = (course.jobless > 0) & (people.kind == SALARIED)
    weeks = (model.clock.start + 28 - course.jobless) / 7
    assert (people.benefit[out & (weeks < 5)] > 0).all()
    assert (people.benefit[out & (weeks >= 5)] == 0).all()
    assert (people.benefit[~out] == 0).all()
    assert people.benefit.max() <= 500 * 100
    assert (people.employer[out] < 0).all()


def purchases(model: PaymentsModel, days: int) -> dict[str, Any]:
    """Purchases of some days by category: in person and remote, counts and value."""
    found = {"person": np.zeros(40), "remote": np.zeros(40), "value": np.zeros(40)}
    for day in model.stream(days):
        table = day.transactions.to_pandas()
        bought = table[(table.purpose == "purchase") & (table.merchant_id >= 0) & (table.country == "US") & (table.message == "payment")]
        for mcc, channel, amount in zip(bought.mcc, bought.channel, bought.amount, strict=True):
            place = MCCS.get(mcc, 39)
            found["person" if channel == "point_of_sale" else "remote"][place] += 1
            found["value"][place] += amount
    return found


MCCS = {category.mcc: place for place, category in enumerate(load_scenario("high_street").categories)}


def test_what_is_shut_is_not_bought_in_person_and_partly_elsewhere() -> None:
    calm = purchases(town(period__days=20), 20)
    path = {"2024-01-01": 1.0}
    hit = purchases(town(shock("restriction", by={"restaurants": path}), categories__restaurants__instead="groceries",
                         categories__restaurants__moved=0.5, period__days=20), 20)  # fmt: skip
    restaurants, groceries = MCCS[5812], MCCS[5411]
    assert hit["person"][restaurants] == 0 < calm["person"][restaurants]
    more = hit["person"][groceries] - calm["person"][groceries]
    assert 0.35 < more / calm["person"][restaurants] < 0.65


def test_what_turns_remote_is_made_remotely() -> None:
    calm = purchases(town(period__days=10), 10)
    hit = purchases(town(shock("remote", by={"clothing": {"2024-01-01": 0.8}}), period__days=10), 10)
    clothing = MCCS[5651]
    assert hit["person"][clothing] < 0.4 * calm["person"][clothing]
    total = [one["person"][clothing] + one["remote"][clothing] for one in (calm, hit)]
    assert abs(total[1] - total[0]) < 0.1 * total[0]


def test_prices_raise_amounts_and_lower_numbers() -> None:
    calm = purchases(town(period__days=10), 10)
    hit = purchases(town(shock("prices", by={"pharmacy": {"2024-01-01": 1.0}}), economy__price_response=0.5, period__days=10), 10)
    pharmacy = MCCS[5912]
    count = [one["person"][pharmacy] + one["remote"][pharmacy] for one in (calm, hit)]
    mean = [one["value"][pharmacy] / number for one, number in zip((calm, hit), count, strict=True)]
    assert 1.8 < mean[1] / mean[0] < 2.2
    assert 0.6 < count[1] / count[0] < 0.82  # 1 / sqrt 2


def test_stocking_up_is_for_what_it_names() -> None:
    calm = purchases(town(period__days=7), 7)
    hit = purchases(town(shock("stock_up", by={"groceries": {"2024-01-01": 0.75}}), period__days=7), 7)
    groceries = MCCS[5411]
    assert 1.5 < hit["person"][groceries] / calm["person"][groceries] < 2.0
    others = np.arange(40) != groceries
    assert abs(hit["person"][others].sum() / calm["person"][others].sum() - 1) < 0.06


def test_an_outage_fails_the_share_it_says_and_some_is_bought_later() -> None:
    down = shock("outage", start="2024-01-10T00:00:00", lasts="24 h", share=0.25)
    model = town(down, period__days=12, economy__tried_later=1.0)
    failed = tried = everything = 0
    for day in model.stream(11):
        table = day.transactions.to_pandas()
        asked = table[table.method.isin(["card", "wallet"]) & table.message.isin(["payment", "authorisation"])]
        asked = asked[asked.purpose == "purchase"]
        lost = int((asked.decline_reason == "network_unavailable").sum())
        if str(table.timestamp.iloc[0].date()) == "2024-01-10":
            failed, tried = lost, len(asked)
        everything += int((table.decline_reason == "network_unavailable").sum())
        assert lost == 0 or failed
    share = failed / tried
    assert abs(share - 0.25) < 4 * (0.25 * 0.75 / tried) ** 0.5
    assert 0 < model.economy.rails.later < model.economy.rails.failed == everything


def attempts(model: PaymentsModel) -> tuple[np.ndarray, np.ndarray]:
    """Attempts of people on the day that was just lived, and which of them ask for a card payment, but for retries of tomorrow."""
    rows = model.runner.lanes[0].of_today()
    asks = np.isin(rows["method"], (Method.CARD, Method.WALLET)) & np.isin(rows["message"], (Message.PAYMENT, Message.AUTHORISATION))
    asks &= rows["time"] < DAY
    return rows, asks & (rows["payer"] < model.world.layout.firm_base) & np.isin(rows["status"], (Status.APPROVED, Status.DECLINED))


def test_cards_of_another_network_pay_through_an_outage() -> None:
    down = shock("outage", start="2024-01-02T00:00:00", lasts="24 h", share=1.0)
    model = live(town(down, population__customers=800, period__days=3, economy__other_network=0.5, declines__retry=1.0), 2)
    rows, asks = attempts(model)
    works = other_network(model.settings, model.world.layout.people)
    assert abs(works.mean() - 0.5) < 0.1
    works = works[rows["payer"] // 5 % len(works)] & (rows["payer"] % 5 == 2)
    lost = rows["reason"] == Reason.NETWORK_UNAVAILABLE
    assert (works & asks).sum() > 100 and (~works & asks).sum() > 100
    assert not lost[works & asks].any() and (lost | (rows["reason"] == Reason.SUSPECTED_FRAUD))[~works & asks].all()
    again = np.flatnonzero(asks & (rows["origin"] >= 0))
    first = rows["origin"][again]
    again, first = again[lost[first]], first[lost[first]]
    switched = rows["payer"][again] == rows["payer"][first] + 2
    assert switched.sum() > 20 and works[again[switched]].all()
    assert (rows["status"][again[switched]] == Status.APPROVED).mean() > 0.9
    # Who has no card that works pays in notes, or shows the same card in vain.
    credit = rows["payer"][first] // 5 * 5 + 2
    none = (model.world.accounts.line[credit] == 0) | ~other_network(model.settings, model.world.layout.people)[credit // 5]
    assert none.any() and not switched[none].any()


def test_a_card_that_is_blocked_does_not_pay_through_an_outage() -> None:
    down = shock("outage", start="2024-01-02T00:00:00", lasts="24 h", share=1.0)
    model = town(down, population__customers=400, period__days=3, economy__other_network=1.0, declines__retry=1.0)
    model.step()
    model.guard.blocked.update(dict.fromkeys(range(2, model.world.layout.firm_base, 5), model.clock.start + 9))
    model.step()
    rows, asks = attempts(model)
    again = np.flatnonzero(asks & (rows["payer"] % 5 == 2) & (rows["origin"] >= 0) & (rows["payer"] != rows["payer"][rows["origin"]]))
    assert len(again) > 10 and (rows["reason"][again] == Reason.SUSPECTED_FRAUD).all()


def test_an_outage_may_say_who_tries_again_and_what_is_caught_up() -> None:
    patient = shock("outage", start="2024-01-02T00:00:00", lasts="24 h", share=0.3, retries=0, catch_up=1) | {"name": "patient"}
    hasty = shock("outage", start="2024-01-04T00:00:00", lasts="24 h", share=0.3, retries=1, catch_up=0) | {"name": "hasty"}
    model = town(patient, hasty, population__customers=500, period__days=5)
    for day in range(4):
        model.step()
        rows, _ = attempts(model)
        planned = (rows["marks"] & RETRIES > 0) & (rows["reason"] == Reason.NETWORK_UNAVAILABLE)
        tried = np.unique(rows["origin"][rows["origin"] >= 0])
        if day == 1:
            assert planned.sum() > 20 and not planned[tried].any() and model.economy.rails.later == planned.sum()
            later = model.economy.rails.later
    assert planned.sum() > 20 and planned[tried].sum() == planned.sum() and model.economy.rails.later == later


def test_outages_at_the_same_time_say_what_their_failures_ask_for() -> None:
    first = shock("outage", start="2024-01-02T06:00:00", lasts="12 h", share=0.1, retries=0) | {"name": "first"}
    other = shock("outage", start="2024-01-02T10:00:00", lasts="2 h", share=0.3) | {"name": "other"}
    scenario = load_scenario("high_street", TOWN | {"shocks": [first, other]})
    fails, again = Rails(scenario).words(Clock(scenario).today(1), 2**31) / (WORD - 1)
    assert fails == pytest.approx([0.0] * 6 + [0.1] * 4 + [0.4] * 2 + [0.1] * 6 + [0.0] * 6)
    assert again == pytest.approx([0.5] * 6 + [0.0] * 4 + [0.375] * 2 + [0.0] * 6 + [0.5] * 6)


def test_what_is_dated_on_the_first_day_acts_on_it() -> None:
    shocks = [
        shock("stimulus", start="2024-01-01T00:00:00", amount=1234), shock("outage", start="2024-01-01T00:00:00", lasts="24 h", share=0.5),
        shock("bank_run", start="2024-01-01T00:00:00", lasts="1 day", share=0.9, online=1.0),
        shock("cash_panic", path={"2024-01-01": 0.3, "2024-01-02": 0}),
        shock("rule", start="2024-01-01T00:00:00", until="2024-01-02", set={"methods.contactless": 0}),
        shock("income", path={"2024-01-01": -0.5}),
    ]  # fmt: skip
    days: list[list[np.ndarray]] = []
    for some in ([], shocks):
        model = town(*some, population__customers=400, period__days=4, lending__insured=5000)
        assert (model.world.people.restraint.max() > 0) == bool(some), "half the pay is gone for good"
        days.append([])
        for _ in range(4):
            model.recorder = kept = Kept()
            model.step()
            days[-1].append(np.concatenate(kept.rows))
    calm, hit = days
    assert (hit[0]["reason"] == Reason.NETWORK_UNAVAILABLE).sum() > 50
    touched = [int((rows["entry"] == EntryMode.CONTACTLESS).sum()) for rows in hit]
    assert touched[0] < 0.2 * touched[1]  # who lacks notes taps a card
    drawn, before = ((rows[0]["purpose"] == Purpose.WITHDRAWAL).sum() for rows in (hit, calm))
    assert drawn > 2 * before
    fled = [int(((rows["purpose"] == Purpose.INVESTMENT) & (rows["method"] == Method.WIRE)).sum()) for rows in hit]
    assert fled[0] == model.economy.runs.ran.sum() > 20 and sum(fled[1:]) < 10
    gifts = np.concatenate([rows["payee"][rows["amount"] == 123_400] for rows in hit[:3]])
    assert len(np.unique(gifts)) == len(gifts) == here(model.world.people, model.clock.start).sum()


@pytest.mark.parametrize("start", ["2024-01-03T20:00:00+05:00", "2024-01-03T15:00:00Z", "2024-01-03T15:00:00"])
def test_a_moment_with_an_offset_is_brought_to_utc(start: str, tmp_path: Path) -> None:
    file = tmp_path / "down.yaml"
    file.write_text(
        "extends: high_street\nname: down\nperiod: {days: 9}\nshocks:\n"
        f"  - {{name: down, kind: outage, source: a test, start: {start}, lasts: 1 h, share: 0.5}}\n"
    )
    scenario = load_scenario(file)
    assert scenario.shocks[0].start == datetime(2024, 1, 3, 15)
    assert np.flatnonzero(Rails(scenario).chances(Clock(scenario).today(2))).tolist() == [15]


def test_a_run_moves_what_is_not_insured_and_nobody_twice() -> None:
    run = shock("bank_run", start="2024-01-10T00:00:00", lasts="3 days", share=0.5, online=1.0, neighbours=0.0)
    model = live(town(run, period__days=14, lending__insured=20_000), 8)
    before = model.world.accounts.book.copy()
    live(model, 3)
    people = model.world.layout.people
    rich = before[: people * 5].reshape(-1, 5)[:, :2].sum(axis=1) > 20_000 * 100
    ran = model.economy.runs.ran[:people] > 0
    assert ran.sum() > 0.4 * rich.sum()
    assert not ran[before[: people * 5].reshape(-1, 5)[:, :2].sum(axis=1) < 15_000 * 100].any()
    assert model.day["deposits"] < 0.9 * before[: people * 5].reshape(-1, 5)[:, :2].sum() / 100


def test_a_share_of_who_runs_sends_money_to_a_partner_with_another_bank() -> None:
    """Couples with one bank, people alone and firms send theirs out of the town; nothing goes to a bank that is run on."""
    run = shock("bank_run", start="2024-01-02T00:00:00", lasts="1 day", share=1.0, online=1.0, neighbours=0.0, banks=["northway"])

    def moved(rivals: float) -> tuple[PaymentsModel, Ints, Ints]:
        model = live(town(run, period__days=4, lending__insured=20_000, economy__rivals=rivals, population__customers=500), 1)
        waiting = model.runner.postponed.table[: model.runner.postponed.used]["attempt"]
        mine = (waiting["method"] == Method.WIRE) & np.isin(waiting["purpose"], [Purpose.TRANSFER, Purpose.INVESTMENT])
        mine &= waiting["initiator"] < model.world.layout.people
        return model, waiting["initiator"][mine].astype(np.int64), waiting["payee"][mine].astype(np.int64)

    model, who, payee = moved(1.0)
    people, outside = model.world.people, model.world.layout.outside
    partner = model.world.course.partner[who].astype(np.int64)
    elsewhere = (partner >= 0) & here(people, model.clock.start + 1, partner) & (people.bank[partner] != 0)
    assert elsewhere.sum() > 3 and (people.bank[who] == 0).all()
    assert (payee == np.where(elsewhere, partner * PERSON_ROWS, outside)).all()
    some = moved(0.5)[2]
    assert 0 < (some != outside).sum() < elsewhere.sum() and len(some) == len(payee)
    assert (moved(0.0)[2] == outside).all()
    books = model.world.accounts.book.copy()
    live(model, 2)
    got = model.world.accounts.book[partner[elsewhere] * PERSON_ROWS] - books[partner[elsewhere] * PERSON_ROWS]
    assert (got > 0).mean() > 0.5, "who has spent too much by then cannot"


def test_a_panic_puts_notes_into_purses() -> None:
    panic = shock("cash_panic", path={"2024-01-10": 0.05, "2024-01-15": 0})
    calm, hit = (live(town(*some, period__days=20), 16) for some in ((), (panic,)))
    assert hit.day["notes"] > 1.3 * calm.day["notes"]


def test_everybody_who_may_gets_the_one_payment() -> None:
    gift = shock("stimulus", start="2024-01-10T00:00:00", amount=1200, child=500, quintiles=[1, 2])
    model = town(gift, period__days=16)
    model.step()
    people = model.world.people
    paid: dict[int, list[float]] = {}
    for day in model.stream(14):
        table = day.transactions.to_pandas()
        gifts = table[(table.purpose == "benefit") & (table.amount >= 1200) & (table.amount % 100 == 0)]
        for account, amount in gifts[["payee_account", "amount"]].to_numpy():
            paid.setdefault(int(account), []).append(float(amount))
    may = here(people, model.clock.start + 9) & (people.decile // 2 <= 1)
    once = sum(len(amounts) == 1 for amounts in paid.values())
    assert abs(once - int(may.sum())) <= 0.02 * may.sum()
    expected = int((1200 + 500 * people.children.astype(int) * people.head)[may].sum())
    assert sum(map(sum, paid.values())) == pytest.approx(expected, rel=0.02)


def test_forbearance_stops_the_clock_of_what_is_past_due() -> None:
    shocks = [shock("unemployment", path={"2024-01-02": 1.0}), shock("income", path={"2024-01-02": -1.0})]
    waived = shock("forbearance", path={"2024-01-01": 1.0})
    hard, soft = (live(town(*shocks, *some, population__customers=400, period__days=100), 100) for some in ((), (waived,)))
    day = hard.clock.start + 99
    late = [np.where(model.world.debts.since > 0, day - model.world.debts.since, 0) for model in (hard, soft)]
    assert (late[0] > 40).sum() > 20
    assert late[1].max() <= 1


def test_a_rule_changes_on_its_day_and_ends() -> None:
    rule = shock("rule", start="2024-01-05T00:00:00", until="2024-01-08", set={"methods.contactless": 0.0, "defence.capacity": 1.0})
    model = town(rule, period__days=10)
    share = {}
    for day in model.stream(9):
        table = day.transactions.to_pandas()
        share[table.timestamp.iloc[0].day] = float((table.entry_mode == "contactless").sum())
    assert share[5] < 0.2 * share[4] and share[7] < 0.2 * share[4]
    assert share[8] > 0.5 * share[4]


def test_banks_take_lines_back_while_a_rule_says_so() -> None:
    """At the end of January, from cards that owe less than a quarter of their line."""
    rule = shock("rule", start="2024-01-25T00:00:00", set={"lending.lines_reviewed": 1.0})
    over = rule | {"until": "2024-01-28"}
    late = {"period__start": "2024-01-24", "period__days": 10, "population__customers": 800}
    never, while_it_lasts, too_early = (live(town(*rules, **late), 9) for rules in ((), (rule,), (over,)))
    cut = (while_it_lasts.world.people.line == NO_LINE) & (never.world.people.line > NO_LINE)
    share = -never.world.accounts.book[2 : never.world.layout.firm_base : 5] / np.maximum(never.world.people.line, 1)
    assert 5 < cut.sum() < 60 and share[cut].max() < 0.5
    assert (never.world.people.line == too_early.world.people.line).all()


def test_stories_begin_as_often_as_a_wave_says() -> None:
    wave = shock("stories", path={"2024-01-01": 4.0})
    told = {"stories.told": [], "stories.library": ["innocent"], "population.customers": 1500, "period.days": 15}
    calm = PaymentsModel("high_street", **told)
    hit = PaymentsModel("high_street", **told, shocks=[wave])
    live(calm, 15), live(hit, 15)
    count = [len(one.teller.ended) + len(one.teller.under_way) for one in (calm, hit)]
    assert 3.0 < count[1] / count[0] < 5.0


@pytest.mark.parametrize(("bad", "says"), [
    (shock("unemployment", by={"tourism": {"2024-01-05": 0.1}}), "expected one of construction"),
    (shock("restriction", path={"2024-01-05": 1.4}), "expected a value between 0 and 1"),
    (shock("restriction", path={"2030-01-05": 0.4}), "expected a date within the run, 2024-01-01 to 2024-02-29"),
    (shock("restriction"), "expected a path"),
    (shock("outage", share=0.1), "shocks.a_outage.start"),
    (shock("rule", start="2024-01-05T00:00:00", set={"population.customers": 5}), "a parameter that may change within a run"),
    (shock("bank_run", start="2024-01-05T00:00:00", lasts="1 d", share=0.1, banks=["nobody"]), "shocks.a_bank_run.banks"),
    (shock("policy_rate", by={"groceries": {"2024-01-05": 0.1}}), "the same for everybody"),
    (shock("prices", path={"yesterday": 0.1}), "a date such as 2025-03-31"),
    (shock("outage", start="0001-01-01T00:00:00+05:00", lasts="1 h", share=0.1), "shocks.a_outage.start"),
    ({"name": "x", "kind": "prices", "path": {"2024-01-05": 0.1}}, "shocks.x.source"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_its_place(bad: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as error:
        load_scenario("high_street", TOWN | {"shocks": [bad]})
    assert says in str(error.value)
    assert "shocks." in str(error.value)


def test_two_shocks_on_one_thing_are_refused_unless_one_follows_the_other() -> None:
    one, other = shock("restriction", path={"2024-01-05": 0.4, "2024-01-20": 0}), shock("restriction", path={"2024-01-10": 0.4})
    other["name"] = "again"
    with pytest.raises(InputError, match="what 'a_restriction' moves at the same time"):
        load_scenario("high_street", TOWN | {"shocks": [one, other]})
    other["path"] = {"2024-01-21": 0.4}
    load_scenario("high_street", TOWN | {"shocks": [one, other]})


def crisis(folder: Path, series: str) -> Path:
    (folder / "jobs.csv").write_text(series)
    file = folder / "crisis.yaml"
    file.write_text(
        "extends: high_street\nname: crisis\nperiod: {days: 60}\nshocks:\n"
        "  - {name: jobs, kind: unemployment, source: a test, path: {file: jobs.csv, value: rate, scale: 0.01, between: ramp}}\n"
    )
    return file


def test_a_series_is_quoted_in_the_resolved_scenario(tmp_path: Path) -> None:
    scenario = load_scenario(crisis(tmp_path, "date,rate\n2024-01-01,0\n2024-02-01,2.5\n2024-03-01,5\n"))
    path = scenario.shocks[0].path
    assert path is not None and path.points == {date(2024, 1, 1): 0.0, date(2024, 2, 1): 0.025, date(2024, 3, 1): 0.05}
    assert path.between is Between.RAMP
    again = tmp_path / "again.yaml"
    again.write_text(dump_scenario(scenario))
    assert load_scenario(again) == scenario


@pytest.mark.parametrize(("series", "says"), [
    ("date,rate\n2024-01-01,0\n2024-02-01,x\n", "line 3 of jobs.csv"),
    ("date,share\n2024-01-01,0\n", "a column of jobs.csv"),
    ("date,rate\n2024-02-01,0\n2024-01-01,1\n", "in rising order"),
    ("date,rate\n2024-01-01,0\n2024-01-02,0\n2024-01-03,0\n2024-02-20,1\n", "nothing between 2024-01-03 and 2024-02-20"),
])  # fmt: skip
def test_a_series_with_gaps_is_refused(tmp_path: Path, series: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        load_scenario(crisis(tmp_path, series))
    assert "crisis.yaml:5: shocks.jobs.path" in str(error.value)


def test_a_world_that_collapses_lives_on() -> None:
    """Everybody out of work, nobody paid, every shop shut: money is conserved and the days go by."""
    end = [
        shock("unemployment", path={"2024-01-02": 1.0}), shock("income", path={"2024-01-02": -1.0}),
        shock("restriction", path={"2024-01-02": 1.0}), shock("confidence", path={"2024-01-02": -1.0}),
    ]  # fmt: skip
    model = live(town(*end, economy__layoffs=0.011, population__customers=300), 60)
    assert model.economy.labour.unemployed > 0.9 * model.economy.labour.force
    assert model.day["wages"] == 0
    tally = model.runner.tally[0, Purpose.PURCHASE, Method.CARD]
    assert tally[Status.APPROVED] < 5000 and Reason.NETWORK_UNAVAILABLE == 13


def test_a_world_without_merchants_lives_on(tmp_path: Path) -> None:
    """As scenarios/STRESS.md says: every category attended, every door shut."""
    names = [category.name for category in load_scenario("hamlet").categories]
    file = tmp_path / "shut.yaml"
    file.write_text(
        "extends: hamlet\nname: shut\nperiod: {days: 8}\npopulation: {customers: 100}\nstories: {library: []}\n"
        + "categories:\n" + "".join(f"  - {{name: {name}, attended: true}}\n" for name in names)
        + "shocks:\n  - {name: shut, kind: restriction, source: assumption, path: {2024-01-01: 100 %}}\n"
    )  # fmt: skip
    model = live(PaymentsModel(str(file), shards=1, workers=1), 8)
    assert model.runner.tally[:, Purpose.PURCHASE].sum() == 0 < model.runner.tally.sum()


def test_an_outage_is_told_by_customers_and_ways() -> None:
    down = shock("outage", start="2024-01-02T00:00:00", lasts="24 h", share=0.5)
    model = town(down, population__customers=400, period__days=3, economy__other_network=0.5)
    model.step()
    since = (model.clock.start + 1) * DAY
    watch = Watch(model, since, since + DAY)
    model.step()
    rows, asks = attempts(model)
    asks &= rows["purpose"] == Purpose.PURCHASE
    lost = asks & (rows["reason"] == Reason.NETWORK_UNAVAILABLE)
    made = np.isin(rows["status"], (Status.APPROVED, Status.DECLINED)) & (rows["time"] < DAY) & (rows["origin"] >= 0)
    again = np.flatnonzero(made & lost[rows["origin"]])
    assert watch.found["all"] == asks.sum() > watch.found["asked"] and watch.found["failed"] == lost.sum() > 50
    assert watch.hit == set((rows["payer"][lost] // 5).tolist()) and watch.hit < watch.used
    assert watch.found["notes"] == (rows["method"][again] == Method.CASH).sum() > 0
    assert watch.found["other"] > 0 and sum(watch.found[way] for way in ("notes", "other", "same")) == len(again)
