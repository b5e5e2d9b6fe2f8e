"""Shocks on fraud: distress, breaches, tools and rules of reimbursement do what they say, to whom they say, and nothing before."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import PaymentsModel
from simulator.audit.stories import verify
from simulator.clock import DAY, EPOCH, Today
from simulator.errors import InputError
from simulator.record.read import Run, open_run
from simulator.run import Progress, run_scenario
from simulator.scenario.file import load_scenario
from simulator.stories.begin import Beginnings
from simulator.stories.sight import Sight

START = (date(2024, 1, 1) - EPOCH).days


def shock(kind: str, **fields: Any) -> dict[str, Any]:
    return {"name": f"a_{kind}", "kind": kind, "source": "a test"} | fields


def town(*shocks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"stories.told": [], "population.customers": 400, "period.start": "2024-01-01", "period.days": 45}
    return told | {path.replace("__", "."): value for path, value in changes.items()} | {"shocks": list(shocks)}


def model(*shocks: dict[str, Any], **changes: Any) -> PaymentsModel:
    return PaymentsModel("hamlet", shards=1, workers=1, **town(*shocks, **changes))


# ------------------------------------------------------------------ distress


def test_stories_of_distress_follow_unemployment_and_leave_the_others_where_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: set[tuple[str, int, int]] = set()
    of_the_day = Beginnings.on

    def noted(self: Beginnings, sight: Sight, today: Today, factor: float = 1.0) -> list[tuple[int, int, int]]:
        found = of_the_day(self, sight, today, factor)
        begun.update((self._told.name, story, today.day - START) for _, story, _ in found)
        return found

    monkeypatch.setattr(Beginnings, "on", noted)
    seen = []
    for power in (0.0, 1.0):
        begun.clear()
        jobs = shock("unemployment", path={"2024-01-08": 0.25})
        told = model(jobs, stories__library=["relief_fraud", "purchase_scam"], stories__intensity=800, stories__distress=power,
                     stories__mix={"relief_fraud": 4}, economy__layoffs=0.011)  # fmt: skip
        told.run_for(24)
        seen.append(set(begun))
    calm, hit = seen
    more = hit - calm
    sunday = 7  # Monday after the first, on which the town knows who is out of work
    assert calm <= hit
    assert {name for name, _, _ in more} == {"relief_fraud"}
    assert min(day for _, _, day in more) >= sunday
    late = [sum(name == "relief_fraud" and day > 14 for name, _, day in one) for one in (calm, hit)]
    assert late[0] > 8 and late[1] > 2.5 * late[0]


def test_distress_is_bounded_and_needs_somebody_who_may_lose_work() -> None:
    jobless = model(stories__library=["relief_fraud"], stories__distress=2.0, economy__layoffs=0.011)
    typology = jobless.teller.library.by_name["relief_fraud"].typology
    factors = [jobless.teller._waves.factor(typology, START, distress) for distress in (0.5, 1.0, 2.0, 50.0)]
    assert factors == [0.25, 1.0, 4.0, 8.0]
    labour = jobless.economy.labour
    assert labour.distress == 1.0  # nobody has counted yet
    labour.unemployed, labour.force = 20, 200
    assert labour.distress == pytest.approx(0.1 / labour.usual)
    labour.active = False
    assert labour.distress == 1.0


def test_the_crises_have_stories_of_distress() -> None:
    scenario = load_scenario("covid2020")
    assert scenario.stories.distress == 1.0
    assert {story.name for story in scenario.stories.told if story.distress} == {"relief_fraud", "advance_fee"}
    assert load_scenario("high_street").stories.distress == 0.0


# ------------------------------------------------------------------ reimbursement


def test_a_rule_makes_scams_good_from_its_day_on() -> None:
    """As in the United Kingdom from 7 October 2024: reports of people on authorised scams, and no others."""
    rule = shock("rule", start="2024-01-20T00:00:00", set={"defence.reimbursed": 1.0})
    lived = {}
    for name, shocks in (("calm", ()), ("ruled", (rule,))):
        lived[name] = model(*shocks, stories__library=["family_impostor", "card_details", "invoice_redirection"], stories__intensity=1000,
                            stories__mix={"family_impostor": 6, "card_details": 0.02, "invoice_redirection": 4}, stories__adapts=0,
                            defence__recalled=0.3, defence__decided_within=[2, 4])  # fmt: skip
        lived[name].run_for(42)
    reports = {name: one.guard.reports.all for name, one in lived.items()}
    families = {one.story: lived["ruled"].teller.library[one.typology] for one in lived["ruled"].teller.whole()}
    day = START + 19

    def key(report: Any) -> tuple[int, ...]:
        return report.story, report.time, report.amount

    before = [[(*key(one), one.recovered) for one in reports[name] if one.decided >= 0 and one.decided < day * DAY] for name in reports]
    assert before[0] == before[1] and len(before[0]) > 10
    late = [one for one in reports["ruled"] if one.time >= day * DAY and one.decided >= 0]
    scams = [one for one in late if families[one.story].name == "family_impostor"]
    assert len(scams) > 10
    assert all(one.reimbursed == 1.0 and one.recovered == one.amount for one in scams)
    others = {(families[one.story].name, one.reimbursed) for one in late if one not in scams}
    assert others == {("card_details", 0.95), ("invoice_redirection", 0.2)}  # of firms
    own = [one for one in reports["calm"] if one.time >= day * DAY and one.decided >= 0 and one.reimbursed == 0.55]
    assert 0.3 < np.mean([one.recovered == one.amount for one in own]) < 0.95


# ------------------------------------------------------------------ breach

BREACH = shock("breach", start="2024-01-19T00:00:00", lasts="14 days", share=0.7, category="groceries")
BREACHED = town(BREACH, stories__library=["card_details", "card_details_credit"], period__days=40)


class Killed(BaseException):
    """The end of a process."""


def killer(day: int) -> Callable[[Progress], None]:
    def tell(progress: Progress) -> None:
        if progress.phase == "running" and progress.day >= day:
            raise Killed

    return tell


@pytest.fixture(scope="module")
def breached(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, dict[str, Any]]:
    out = tmp_path_factory.mktemp("breach") / "run"
    manifest = run_scenario(load_scenario("hamlet", BREACHED), out, shards=1, workers=1)
    return open_run(out), manifest


def _wave(run: Run) -> tuple[pd.DataFrame, set[int], set[int]]:
    """All purchases by card, accounts whose cards came from the breach, and the shop's account."""
    told = run.table("truth/stories").to_pandas()
    cast = [{player["role"]: player["account"] for player in players} for players in told.cast]
    hurt = [players for players in cast if "breached_shop" in players]
    rows = run.table("transactions").to_pandas()
    bought = rows[(rows.method == "card") & (rows.purpose == "purchase") & rows.message.isin(["payment", "authorisation"])]
    return bought[bought.status == "approved"], {p["victim"] for p in hurt}, {p["breached_shop"] for p in hurt}


def test_victims_of_a_breach_have_a_point_of_purchase_in_common(breached: tuple[Run, dict[str, Any]]) -> None:
    run, _ = breached
    bought, victims, shops = _wave(run)
    assert len(victims) > 15 and len(shops) == 1
    labels = run.table("truth/labels").to_pandas()
    honest = bought[~bought.transaction_id.isin(labels.transaction_id)]
    weeks = honest[(honest.timestamp >= "2024-01-05") & (honest.timestamp < "2024-01-19")]
    mine = weeks[weeks.payer_account.isin(victims)].groupby("payee_account").payer_account.nunique() / len(victims)
    (shop,) = shops
    assert mine[shop] == 1.0
    everybody = weeks.payer_account.nunique()
    lift = (mine / (weeks.groupby("payee_account").payer_account.nunique() / everybody)).loc[mine.index]
    found = lift[mine > 0.5].sort_values()  # who looks for it finds it
    assert found.index[-1] == shop and (len(found) == 1 or found.iloc[-1] > 1.2 * found.iloc[-2])


def test_what_is_told_of_a_breach_is_what_happened(breached: tuple[Run, dict[str, Any]]) -> None:
    report = verify(breached[0])
    assert report["passed"], [check for check in report["checks"] if not check["passed"]]


def test_nothing_differs_before_a_breach_and_little_after() -> None:
    calm, hit = (PaymentsModel("hamlet", shards=2, **BREACHED | {"shocks": shocks}) for shocks in ([], [BREACH]))
    guilty = []
    for number, (one, other) in enumerate(zip(calm.stream(24), hit.stream(24), strict=True)):
        if number < 18:
            assert one.transactions.equals(other.transactions) and one.events.equals(other.events)
        guilty.append(len(other.labels) - len(one.labels))
    assert not any(guilty[:18]) and sum(guilty) > 10


def test_a_run_killed_amid_a_breach_goes_on_with_the_same_bits(breached: tuple[Run, dict[str, Any]], tmp_path: Path) -> None:
    scenario = load_scenario("hamlet", BREACHED)
    for day in (12, 26):
        with pytest.raises(Killed):
            run_scenario(scenario, tmp_path / "run", shards=2, workers=1, checkpoint_seconds=0.0, resume=day > 12,
                         progress=killer(day))  # fmt: skip
    again = run_scenario(scenario, tmp_path / "run", shards=2, workers=1, resume=True)
    assert again["digests"] == breached[1]["digests"]


# ------------------------------------------------------------------ tools and recruits


def test_a_tool_spares_those_who_have_it_what_gives_them_away() -> None:
    tool = shock("tool", by={"purchase_scam": {"2024-01-15": 2.0}}, share=1.0)
    begun, doubted = [], []
    for shocks in ((), (tool,)):
        one = model(*shocks, stories__library=["purchase_scam"], stories__intensity=1000, stories__mix={"purchase_scam": 1.5})
        one.run_for(30)
        whole = [story for story in one.teller.whole() if one.teller.library[story.typology].name == "purchase_scam"]
        begun.append([story.start // DAY - START for story in whole])
        doubted.append([story.due // DAY - START for story in whole if story.why.endswith("began to doubt")])
    before, since = ([sum((day >= 14) == late for day in one) for one in begun] for late in (False, True))
    assert before[0] == before[1] > 50
    assert 1.6 < since[1] / since[0] < 2.4
    assert sorted(day for day in doubted[0] if day < 14) == sorted(day for day in doubted[1] if day < 14)
    assert sum(day >= 14 for day in doubted[0]) > 5
    assert not [day for day in doubted[1] if day >= 14]


def test_a_tool_makes_fewer_card_data_misfit() -> None:
    tool = shock("tool", by={"card": {"2024-01-10": 1.0}}, share=0.9)
    one = model(tool, stories__library=["card_details", "purchase_scam"])
    card, scam = (one.teller.library.by_name[name].typology for name in ("card_details", "purchase_scam"))
    waves = one.teller._waves
    assert [round(waves.betrayed(card, START + day), 9) for day in (8, 9, 40)] == [1.0, 0.1, 0.1]
    assert waves.betrayed(scam, START + 40) == 1.0 and waves.factor(card, START + 40, 1.0) == 1.0


def test_a_wave_recruits_mules() -> None:
    few: dict[str, Any] = {"population.customers": 300, "period.start": "2023-02-20", "stories.intensity": 400, "expect": []}
    one = PaymentsModel("scam_wave", shards=1, workers=1, **few)
    one.run_for(15)
    answered = [story for story in one.teller.whole() if one.teller.library[story.typology].name == "mule_recruitment"]
    recruited = [story for story in answered if len(story.notes) > 1]
    assert len(recruited) >= 3
    mules = {row for crew in one.teller.crews.crews for row, _ in crew.mules}
    assert any(story.cast["recruit"][0] // 5 in mules for story in recruited)


@pytest.mark.parametrize(("bad", "says"), [
    (shock("breach", start="2024-01-20T00:00:00", lasts="9 days", share=0.5, category="grocery"), "shocks.a_breach.category"),
    (shock("breach", start="2024-01-01T00:00:00", lasts="9 days", share=0.5, category="groceries"), "a day after the first of the run"),
    (shock("breach", start="2025-01-01T00:00:00", lasts="9 days", share=0.5, category="groceries"), "a date within the run"),
    (shock("breach", start="2024-01-20T00:00:00", share=0.5, category="groceries"), "shocks.a_breach.lasts"),
    (shock("tool", by={"scam": {"2024-01-10": 2.0}}), "shocks.a_tool.share"),
    (shock("tool", by={"scam": {"2024-01-10": 9.0}}, share=0.5), "between 0 and 8"),
    (shock("stories", by={"mule_cash_out": {"2024-01-10": 2.0}}), "shocks.a_stories.by.mule_cash_out"),
    (shock("rule", start="2024-01-20T00:00:00", set={"defence.reimbursed": 1.5}), "reimbursed"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_its_place(bad: dict[str, Any], says: str) -> None:
    settings = town(bad, stories__library=["card_details", "purchase_scam"])
    with pytest.raises(InputError) as error:
        PaymentsModel("hamlet", **settings)
    assert says in str(error.value)


def test_a_breach_needs_a_story_of_its_victims() -> None:
    with pytest.raises(InputError, match="typology C4"):
        load_scenario("hamlet", town(BREACH, stories__library=["purchase_scam"]))
