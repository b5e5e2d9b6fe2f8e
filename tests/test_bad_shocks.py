"""Shocks, expectations and ranges that cannot be meant are refused before anything runs, at the line at fault."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from simulator.cli import app
from simulator.errors import InputError
from simulator.scenario import Declines
from simulator.scenario.complaint import read_as
from simulator.scenario.file import dump_scenario, load_scenario
from simulator.scenario.override import placed
from simulator.scenario.plain import plain
from simulator.scenario.rule import under
from simulator.scenario.schema import scenario_schema
from simulator.scenario.shocks import CHANGEABLE, DIVIDED, TAKES, UNITS, Kind, Shock
from simulator.scenario.source import read_text
from simulator.stress.sensitivity import design, of_kind, read_varied

HEAD = "extends: _crisis\nname: bad\nperiod: {start: 2024-01-01, days: 10}\npopulation: {customers: 200}\nstories: {library: []}\n"
FIRST = len((HEAD + "shocks:\n").splitlines()) + 1
RULE = "name: a, kind: rule, source: assumption, start: 2024-01-05T00:00:00"
RUN = "kind: bank_run, source: assumption, lasts: 2 days, share: 10 %"
OUTAGE = "kind: outage, source: assumption, lasts: 5 h"


def path(kind: str, points: str, name: str = "a") -> str:
    return f"name: {name}, kind: {kind}, source: assumption, path: {{{points}}}"


def of(kind: str, name: str, points: str) -> str:
    return f"name: b, kind: {kind}, source: assumption, by: {{{name}: {{{points}}}}}"


def scenario(folder: Path, *shocks: str, more: str = "") -> Path:
    file = folder / "bad.yaml"
    file.write_text(HEAD + ("shocks:\n" if shocks else "") + "".join(f"  - {{{shock}}}\n" for shock in shocks) + more, encoding="utf-8")
    return file


CONTRADICTIONS: list[tuple[list[str], str]] = [
    ([RULE + ", set: {security.payee_cheks: all}"], "shocks.a.set.security.payee_cheks: found no 'payee_cheks', expected one of cvv, "),
    ([RULE + ", set: {security.payee_checks: maybe}"], "shocks.a.set.security.payee_checks: found 'maybe', expected one of none, new, all"),
    ([RULE + ", set: {security.cvv: 150 %}"], "shocks.a.set.security.cvv: found '150 %', expected 1 or less"),
    ([RULE + ", set: {declines: {othr: 0.1}}"], "shocks.a.set.declines.othr: found no such key, expected one of "),
    ([RULE + ", until: 2024-01-03, set: {declines.retry: 0.5}"], "a.until: found '2024-01-03', expected a day after its start, 2024-01-05"),
    ([RULE + ", until: 2024-01-05, set: {declines.retry: 0.5}"], "a.until: found '2024-01-05', expected a day after its start, 2024-01-05"),
    ([RULE + ", set: {declines: {}}", RULE.replace("a,", "b,", 1) + ", set: {declines.retry: 0.5}"],
     "shocks.b: found one on declines.retry, expected no shock of kind rule on what 'a' moves at the same time"),
    ([RULE + ", set: {declines.retry: 0.5}", RULE.replace("a,", "b,", 1) + ", set: {declines: {}}"],
     "shocks.b: found one on declines, expected no shock of kind rule on what 'a' moves at the same time"),
    (["name: b, kind: restriction, source: assumption, by: {restaurants: {2024-01-03: 0.5}, clothing: {2025-01-03: 0.5}}"],
     "shocks.b.by.clothing: found 2025-01-03 on, expected a date within the run, 2024-01-01 to 2024-01-10"),
    ([path("restriction", "2023-01-03: 50 %, 2023-02-01: 0")], "shocks.a.path: found 2023-01-03 to 2023-02-01, expected a date"),
    ([path("unemployment", "2024-01-03: 60 %"), of("unemployment", "construction", "2024-01-05: 80 %")],
     "shocks.b.by.construction: found 1.4 on 2024-01-05 together with 'a', expected a value between -1 and 1: points of the labour force"),
    ([path("unemployment", "2024-01-01: 0, 2024-01-05: 60 %, 2024-01-06: 0, between: ramp"),
      of("unemployment", "construction", "2024-01-04: 0.6, 2024-01-05: 0")],
     "shocks.b.by.construction: found 1.05 on 2024-01-04"),
    ([path("restriction", "2024-01-03: 60 %"), of("restriction", "fuel", "2024-01-03: 60 %")], "shocks.b.by.fuel: found 1.2 on 2024-01-03"),
    ([path("restriction", "2024-01-03: 40 %"), path("remote", "2024-01-05: 100 %", "b")],
     "shocks.b.path: found 40% barred and 100% made remotely of groceries on 2024-01-05, expected less than all made remotely"),
    ([f"name: a, {OUTAGE}, start: 2024-01-03T10:00:00, share: 60 %", f"name: b, {OUTAGE}, start: 2024-01-03T11:00:00, share: 50 %"],
     "shocks.b.share: found 1.1 at 2024-01-03 11:00:00 together with 'a', expected at most 1 in all"),
    ([f"name: a, {RUN}, start: 2024-01-03T10:00:00, banks: [harbor]", f"name: b, {RUN}, start: 2024-01-04T10:00:00"],
     "shocks.b: found a run from 2024-01-04 to 2024-01-05, expected no run on harbor while 'a' is one"),
    ([path("stories", "2024-01-03: 3"), of("stories", "scam", "2024-01-05: 4")],
     "shocks.b.by.scam: found 12 on 2024-01-05 together with 'a', expected a value between 0 and 8: how many times as often"),
    ([path("supplement", "2024-01-03: 60 %")], "shocks.a.path.2024-01-03: found '60 %', expected an amount in currency units a week"),
    ([path("supplement", "2024-01-03: 600 EUR")], "shocks.a.path.2024-01-03: found '600 EUR', expected an amount in currency units a week"),
    ([of("stories", "scam", "2024-01-03: 200 %")], "shocks.b.by.scam.2024-01-03: found '200 %', expected how many times as often"),
    (["name: a, kind: prices, source: '   ', path: {2024-01-03: 1 %}"], "shocks.a.source: found '   ', expected where the numbers"),
    ([path("unemployment", "2024-01-03: 5 days")], "shocks.a.path.2024-01-03: found '5 days', expected a number, or a share such as"),
    ([path("unemployment", "2024-01-03: 40")], "shocks.a.path.2024-01-03: found 40, expected a value between -1 and 1"),
    ([path("unemployment", "points: {2024-01-03: 40}")], "shocks.a.path.points.2024-01-03: found 40, expected a value between -1 and 1"),
    ([of("unemployment", "constuction", "2024-01-03: 5 %")], "b.by.constuction: found the key 'constuction', expected one of construction"),
]  # fmt: skip


@pytest.mark.parametrize(("shocks", "said"), CONTRADICTIONS, ids=[said[:50] for _, said in CONTRADICTIONS])
def test_what_contradicts_is_refused_at_its_line(tmp_path: Path, shocks: list[str], said: str) -> None:
    file = scenario(tmp_path, *shocks)
    done = CliRunner().invoke(app, ["check", str(file)])
    assert done.exit_code == 2 and done.stdout == ""
    assert done.stderr.startswith(f"{file}:{FIRST + len(shocks) - 1}: ") and said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


UNUSED = {"path": "{2024-01-03: 1 %}", "by": "{construction: {2024-01-03: 1}}", "start": "2024-01-03T00:00:00", "lasts": "2 h",
          "until": "2024-01-05", "share": "10 %", "amount": "5", "child": "5", "quintiles": "[1]", "banks": "[harbor]", "online": "50 %",
          "retries": "50 %", "catch_up": "50 %", "category": "groceries", "neighbours": "50 %", "set": "{declines.retry: 0.5}"}  # fmt: skip
WHOLE = {
    **{kind: path(kind, "2024-01-03: 0.5") for kind in TAKES if "path" in TAKES[kind]},
    Kind.STIMULUS: "name: a, kind: stimulus, source: assumption, start: 2024-01-03T00:00:00, amount: 5",
    Kind.OUTAGE: f"name: a, {OUTAGE}, start: 2024-01-03T00:00:00, share: 50 %",
    Kind.BANK_RUN: f"name: a, {RUN}, start: 2024-01-03T00:00:00",
    Kind.RULE: RULE + ", set: {declines.retry: 0.5}",
    Kind.TOOL: path("tool", "2024-01-03: 2") + ", share: 50 %",
    Kind.BREACH: "name: a, kind: breach, source: assumption, start: 2024-01-05T00:00:00, lasts: 3 days, share: 50 %, category: groceries",
}


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_takes_what_it_reads_and_nothing_else(kind: Kind) -> None:
    shock = read_as(Shock, read_text(f"{{{WHOLE[kind]}}}", "bad.yaml"))
    assert read_as(Shock, placed(plain(shock), "again")) == shock, "spelt out, what is left at its default is no fault"
    for field in (name for name in UNUSED if name not in TAKES[kind]):
        with pytest.raises(InputError, match=rf"bad.yaml:1: {field}: found .*, expected nothing.* of kind {kind}"):
            read_as(Shock, read_text(f"{{{WHOLE[kind]}, {field}: {UNUSED[field]}}}", "bad.yaml"))


def test_what_may_be_meant_is_read(tmp_path: Path) -> None:
    """One after the other, side by side within bounds, and every shock of the shipped crises."""
    load_scenario(scenario(
        tmp_path, path("unemployment", "2024-01-03: 60 %"), of("unemployment", "construction", "2024-01-05: 40 %"),
        f"name: c, {RUN}, start: 2024-01-03T10:00:00, banks: [harbor]", f"name: d, {RUN}, start: 2024-01-05T00:00:00, banks: [harbor]",
        f"name: e, {RUN}, start: 2024-01-03T10:00:00, banks: [granite]",
        f"name: f, {OUTAGE}, start: 2024-01-03T10:00:00, share: 60 %", f"name: g, {OUTAGE}, start: 2024-01-03T15:00:00, share: 60 %",
        RULE.replace("a,", "h,", 1) + ", until: 2024-01-07, set: {declines: {}}",
        RULE.replace("a,", "i,", 1).replace("01-05", "01-07") + ", set: {declines.retry: 0.5}",
        path("restriction", "2024-01-03: 97 %", "j"), path("remote", "2024-01-03: 40 %", "k"),
    ))  # fmt: skip


def test_a_rule_makes_the_world_that_it_says(tmp_path: Path) -> None:
    world = load_scenario(scenario(tmp_path, RULE + ", set: {security.relayed: 0.125, declines: {}}"))
    ruled = under(world, world.shocks[0].set)
    assert ruled.security.relayed == 0.125 != world.security.relayed and ruled.declines == Declines()
    assert ruled.model_copy(update={"security": world.security, "declines": world.declines}) == world == under(world, {})


@pytest.mark.parametrize("command", [["run"], ["stress", "--replicates", "2"]])
def test_a_rule_that_cannot_be_leaves_nothing_behind(tmp_path: Path, command: list[str]) -> None:
    file = scenario(tmp_path, RULE + ", set: {security.payee_cheks: all}")
    done = CliRunner().invoke(app, [command[0], str(file), *command[1:], "--out", str(tmp_path / "out")])
    assert done.exit_code == 2 and f"{file}:{FIRST}: shocks.a.set.security.payee_cheks" in done.output
    assert not (tmp_path / "out").exists()


@given(at=st.sampled_from(CHANGEABLE), more=st.sampled_from(["", ".x", ".retry", ".capacity", "."]), value=st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**9), st.floats(-10, 10), st.sampled_from(["all", "5 %", "-1 %", "2 h", "{", "[1", "x: y"]),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.sampled_from(["retry", "x", "capacity"]), st.integers(0, 3), max_size=2),
))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_rule_reads_or_is_refused_at_its_line(tmp_path_factory: pytest.TempPathFactory, at: str, more: str, value: Any) -> None:
    file = tmp_path_factory.mktemp("rule") / "bad.yaml"
    rule = {"name": "a", "kind": "rule", "source": "a test", "start": "2024-01-05T00:00:00", "set": {at + more: value}}
    file.write_text(HEAD + yaml.safe_dump({"shocks": [rule]}), encoding="utf-8")
    line = next(place for place, text in enumerate(file.read_text().splitlines(), 1) if at + more in text)
    try:
        read = load_scenario(file)
    except InputError as error:
        for said in str(error).splitlines():
            located = re.match(rf"{re.escape(str(file))}:{line}: shocks.a.set\S*: found .+, expected .+", said)
            assert located or said.startswith("and "), said
    else:
        file.write_text(dump_scenario(read), encoding="utf-8")
        assert load_scenario(file) == read


SERIES: list[tuple[str, str]] = [
    ("2024-01-01,0\n2024-01-08,0.5\n2024-02-20,0.5\n", "path.file: found nothing between 2024-01-08 and 2024-02-20 in s.csv, expected a s"),
    ("2024-01-01,0\n2024-01-02,0\n2024-01-09,0.5\n2024-01-10,0.5\n", "found nothing between 2024-01-02 and 2024-01-09 in s.csv"),
    ("2024-01-01,0\n2024-01-02,\n", "path.value: found nothing in line 3 of s.csv, expected a number in every line of column v"),
    ("2024-01-01,0\n2024-01-02,abc\n", "path.value: found 'abc' in line 3 of s.csv, expected a number in every line of column v"),
    ("2024-01-01,0\n2024-13-02,1\n", "path.date: found '2024-13-02' in line 3 of s.csv, expected a date in every line of column date"),
    ("2024-01-02,0\n2024-01-01,0\n", "path.date: found 2024-01-01 after 2024-01-02 in line 3 of s.csv, expected dates in rising order"),
    ("", "path.file: found 's.csv', expected a line for each date"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "said"), SERIES)
def test_a_series_says_what_was_found(tmp_path: Path, rows: str, said: str) -> None:
    (tmp_path / "s.csv").write_text("date,v\n" + rows)
    with pytest.raises(InputError, match=re.escape(said)) as error:
        load_scenario(scenario(tmp_path, path("unemployment", "file: s.csv, value: v")))
    assert f"bad.yaml:{FIRST}: shocks.a." in str(error.value)


def test_a_value_of_a_series_is_located_in_its_file(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("date,v\n2024-01-01,0\n2024-01-02,40\n2024-01-09,40\n")
    with pytest.raises(InputError, match="nothing between"):
        load_scenario(scenario(tmp_path, path("unemployment", "file: s.csv, value: v")))
    (tmp_path / "s.csv").write_text("date,v\n2024-01-01,0\n2024-01-02,40\n")
    with pytest.raises(InputError, match=r"found 40\.0, expected a value between -1 and 1") as error:
        load_scenario(scenario(tmp_path, path("unemployment", "file: s.csv, value: v")))
    assert str(error.value).startswith(f"{tmp_path / 's.csv'}:3: shocks.a.path.2024-01-02: ")


@pytest.mark.parametrize(("metric", "group", "said"), [
    ("unemployment", "sector=constuction", "found 'sector=constuction', expected sector=, and one of construction"),
    ("fraud_losses", "family=scm", "(did you mean 'scam'?)"),
    ("delinquency", "product=lone", "expected product=, and one of card, loan (did you mean 'loan'?)"),
    ("delinquency", "bucket=45", "expected bucket=, and one of 30, 60, 90"),
    ("income", "kind=wage", "(did you mean 'wages'?)"),
    ("declines", "reason=network_unavailabe", "(did you mean 'network_unavailable'?)"),
    ("spending", "bucket=30", "expected all, or category=… or quartile=… or method=… or channel=… or category=…,quartile=…: spending"),
    ("spending", "quartile=1,category=fuel", "expected all, or category=…"),
    ("notes", "bank=harbor", "found 'bank=harbor', expected all: notes is not measured by anything else"),
])  # fmt: skip
def test_groups_of_expectations_are_checked_before_anything_runs(tmp_path: Path, metric: str, group: str, said: str) -> None:
    file = scenario(tmp_path, more=f"expect:\n  - {{name: x, metric: {metric}, group: '{group}', sign: rises}}\n")
    with pytest.raises(InputError, match=re.escape(said)) as error:
        load_scenario(file)
    assert str(error.value).startswith(f"{file}:{FIRST}: expect.x.group: found '{group}'")
    file = scenario(tmp_path, more=f"expect:\n  - {{name: x, metric: {metric}, order: [all, '{group}']}}\n")
    with pytest.raises(InputError, match=re.escape(f"expect.x.order.1: found '{group}'")):
        load_scenario(file)


def test_whole_numbers_are_varied_by_whole_numbers() -> None:
    world = load_scenario("hamlet")
    ranges = ["economy.benefit_weeks=24:52", "methods.cash=0.1:0.4", "categories.groceries.opens=5:9", "period.days=10:13"]
    varied = of_kind([read_varied(text) for text in ranges], world, 4)
    assert [one.whole for one in varied] == [True, False, True, True]
    for one in varied:
        chosen = design([one], trajectories=2, grid=4, seed=1)
        levels = [chosen.changes(point)[one.path] for point in range(4)]
        assert len(set(levels)) == 4 and all(type(level) is (int if one.whole else float) for level in levels)
        for level in levels:
            load_scenario(world, {one.path: level})
    assert [design(varied[:1], 2, 4, 1).changes(point)["economy.benefit_weeks"] for point in range(4)] == [24, 33, 43, 52]
    with pytest.raises(InputError, match=r"economy\.benefit_weeks=24:26: found 3 whole numbers, expected at least 4"):
        of_kind([read_varied("economy.benefit_weeks=24:26")], world, 4)
    with pytest.raises(InputError, match="found bounds that are no whole numbers"):
        of_kind([read_varied("economy.benefit_weeks=24.5:40")], world, 4)


@given(low=st.integers(0, 50), span=st.integers(1, 60), levels=st.integers(2, 12))
def test_levels_of_a_whole_number_are_distinct(low: int, span: int, levels: int) -> None:
    varied = [read_varied(f"economy.benefit_weeks={low}:{low + max(span, levels - 1)}")._replace(whole=True)]
    chosen = design(varied, trajectories=2, grid=levels, seed=1)
    assert len({chosen.changes(point)["economy.benefit_weeks"] for point in range(levels)}) == levels


def test_a_category_without_merchants_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(HEAD + "categories:\n  - {name: fuel, merchants: 0, online_merchants: 0}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"bad.yaml:7: categories.fuel.merchants: found 0, expected more than 0 .* always one of each"):
        load_scenario(file)


def test_every_kind_says_its_unit() -> None:
    """In the schema and in the documentation, which lists what each kind takes and nothing else."""
    assert set(UNITS) == set(TAKES) == set(Kind)
    assert all(("by" in TAKES[kind]) == (kind in DIVIDED) for kind in Kind)
    described = json.dumps(scenario_schema()["$defs"]["Shock"]["properties"]["kind"])
    text = Path(__file__).parent.parent.joinpath("scenarios", "STRESS.md").read_text(encoding="utf-8")
    table = text.partition("| kind | takes | unit |\n|---|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert table == [f"| `{kind}` | {', '.join(f'`{name}`' for name in TAKES[kind])} | {UNITS[kind]} |" for kind in Kind]
    for kind in Kind:
        assert f"{kind}: {UNITS[kind]}" in described
