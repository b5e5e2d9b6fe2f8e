import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.scenario.file import dump_scenario, load_scenario, scenario_schema, shipped
from simulator.scenario.source import read_file, read_text

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path, tiny_town: Path) -> Write:
    """Writes a file beside a copy of the tiny town."""
    (tmp_path / "tiny_town.yaml").write_text(tiny_town.read_text())

    def _write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return _write


def refusal(path: Path, overrides: dict[str, object] | None = None) -> str:
    with pytest.raises(InputError) as caught:
        load_scenario(path, overrides)
    return str(caught.value)


def test_words_are_read_as_yaml_1_2() -> None:
    text = "[NO, 12:30, 0742, 0o17, 0x1F, 1_000, 2024-01-01, ~, '1', true, 1e3, -.inf, yes]"
    expected = ["NO", "12:30", 742, 15, 31, "1_000", "2024-01-01", None, "1", True, 1000.0, float("-inf"), "yes"]
    assert read_text(text, "here").plain() == expected


def test_units_are_read(tiny_town: Path) -> None:
    scenario = load_scenario(tiny_town)
    assert scenario.country.utc_offset == timedelta(hours=-5)
    assert scenario.period.start == date(2024, 3, 1)
    assert scenario.income.withheld == [0.02, 0.08, 0.12, 0.16, 0.24]


def test_what_is_dumped_reads_back_equal(tiny_town: Path, tmp_path: Path) -> None:
    scenario = load_scenario(tiny_town, {"country.utc_offset": "5.5 h", "seed": 2**64 - 1})
    again = tmp_path / "again.yaml"
    again.write_text(dump_scenario(scenario))
    assert load_scenario(again) == scenario
    assert "utc_offset: 330 min" in again.read_text()


@example(about=".5e3")
@example(about="next\x85line")
@given(about=st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_survives_dumping(tiny_town: Path, tmp_path_factory: pytest.TempPathFactory, about: str) -> None:
    scenario = load_scenario(tiny_town).model_copy(update={"about": about})
    again = tmp_path_factory.getbasetemp() / "again.yaml"
    again.write_bytes(dump_scenario(scenario).encode())
    assert load_scenario(again).about == about


@pytest.mark.parametrize("name", sorted(shipped()))
def test_shipped_scenarios_read_and_dump(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name)
    again = tmp_path / "again.yaml"
    again.write_text(dump_scenario(scenario))
    assert load_scenario(again) == scenario
    assert scenario.name == name
    assert scenario.about


def test_extends_merges_mappings_and_named_items_and_replaces_other_lists(write: Write) -> None:
    path = write(
        "child.yaml",
        """\
extends: tiny_town.yaml
name: child
period: {days: 3}
categories:
  - {name: fuel, mean: 50}
  - {name: books, mcc: 5942, share: 5 %, mean: 15}
banks:
  - {name: second_bank, remove: true}
income: {withheld: [0, 0, 0, 0, 0]}
""",
    )
    base, child = load_scenario(path.with_name("tiny_town.yaml")), load_scenario(path)
    assert child.period.days == 3
    assert child.period.start == base.period.start
    assert [category.name for category in child.categories] == ["groceries", "fuel", "books"]
    assert child.categories[1].mean == 50
    assert child.categories[1].mcc == base.categories[1].mcc
    assert [bank.name for bank in child.banks] == ["first_bank"]
    assert child.income.withheld == [0, 0, 0, 0, 0]
    assert child.income.sectors == base.income.sectors


def test_the_last_of_a_chain_wins(write: Write) -> None:
    write("one.yaml", "extends: tiny_town.yaml\nseed: 1\nperiod: {days: 11}\n")
    path = write("two.yaml", "extends: one.yaml\nseed: 2\n")
    scenario = load_scenario(path)
    assert (scenario.seed, scenario.period.days, scenario.name) == (2, 11, "tiny_town")


def test_a_fault_is_reported_where_it_was_written_not_where_it_was_inherited(write: Write) -> None:
    base = write("base.yaml", "extends: tiny_town.yaml\n\nperiod:\n  days: 0\n")
    child = write("child.yaml", "extends: base.yaml\nname: child\n")
    assert refusal(child) == f"{base}:4: period.days: found 0, expected 1 or more"


def test_removing_what_is_not_there_is_refused(write: Write) -> None:
    path = write("child.yaml", "extends: tiny_town.yaml\nbanks:\n  - {name: frst_bank, remove: true}\n")
    assert refusal(path).startswith(f"{path}:3: banks.frst_bank: found nothing of that name to remove")
    assert "did you mean 'first_bank'?" in refusal(path)


def test_circles_of_extends_are_refused(write: Write) -> None:
    one = write("one.yaml", "extends: two.yaml\n")
    two = write("two.yaml", "# a comment\nextends: one.yaml\n")
    assert refusal(one).startswith(f"{two}:2: extends: found 'one.yaml'")
    own = write("own.yaml", "extends: own.yaml\n")
    assert refusal(own).startswith(f"{own}:1: extends:")


def test_long_chains_of_extends_are_refused(write: Write) -> None:
    write("link0.yaml", "extends: tiny_town.yaml\n")
    for link in range(1, 12):
        write(f"link{link}.yaml", f"extends: link{link - 1}.yaml\n")
    folder = write("ok.yaml", "extends: link7.yaml\n").parent
    assert load_scenario(folder / "ok.yaml").name == "tiny_town"
    assert "chain of more than 10 files" in refusal(folder / "link11.yaml")


@pytest.mark.parametrize(
    ("path", "value", "read"),
    [
        ("population.customers", 77, lambda s: s.population.customers == 77),
        ("population.customers", "77", lambda s: s.population.customers == 77),
        ("population.customers", np.int64(77), lambda s: s.population.customers == 77),
        ("categories.fuel.mean", 9.5, lambda s: s.categories[1].mean == 9.5),
        ("categories.1.mean", "9.5", lambda s: s.categories[1].mean == 9.5),
        ("credit.card_rate", "25 %", lambda s: s.credit.card_rate == 0.25),
        ("period.start", date(2030, 2, 1), lambda s: s.period.start == date(2030, 2, 1)),
        ("country.utc_offset", timedelta(hours=2), lambda s: s.country.utc_offset == timedelta(hours=2)),
        ("population.archetypes.worker.tastes.fuel", 2, lambda s: s.population.archetypes[0].tastes == {"groceries": 1.2, "fuel": 2.0}),
        ("income.frequency", {"weekly": 1}, lambda s: s.income.frequency.weekly == 1.0),
        ("calendar.weekdays", "[1, 1, 1, 1, 1, 1, 1]", lambda s: s.calendar.weekdays == [1.0] * 7),
        ("categories.fuel.season", "", lambda s: s.categories[1].season is None),
    ],
)
def test_overrides(tiny_town: Path, path: str, value: object, read: Callable[[object], bool]) -> None:
    assert not read(load_scenario(tiny_town))
    assert read(load_scenario(tiny_town, {path: value}))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("population.custmers", 5, "(did you mean 'customers'?)"),
        ("categories.fule.mean", 5, "(did you mean 'fuel'?)"),
        ("categories.9.mean", 5, "found no '9', expected one of groceries, fuel"),
        ("seed.key", 5, "found 'key' inside 7"),
        ("", 5, "found no ''"),
        ("population.customers", 1, "population.customers: found 1, expected 10 or more"),
        ("population.customers", "many", "population.customers: found 'many', expected a whole number"),
        ("categories.fuel.hours", "night", "categories.fuel.hours: found 'night', expected a profile"),
        ("about", "a: b: c", "not YAML"),
        ("about", "!!python/name:os.system x", "without tags"),
        ("seed", object(), "expected a number, text"),
        ("targets", "no_pack", "targets: found 'no_pack', expected one of the shipped packs"),
    ],
)
def test_overrides_that_are_refused(tiny_town: Path, path: str, value: object, said: str) -> None:
    message = refusal(tiny_town, {path: value})
    assert message.startswith("override")
    assert said in message
    assert "\n" not in message


def test_at_most_five_faults_are_told(write: Write) -> None:
    path = write("many.yaml", "extends: tiny_town.yaml\n" + "".join(f"unknown_{letter}: 1\n" for letter in "abcdefgh"))
    lines = refusal(path).splitlines()
    assert lines[-1] == "and 3 more"
    assert [line.split(": ")[0] for line in lines[:-1]] == [f"{path}:{number}" for number in range(2, 7)]


def test_shipped_leaves_out_bases() -> None:
    assert {"high_street", "hamlet", "metropolis", "mobile_money", "uk_town", "euro_town", "czech_bank"} <= set(shipped())
    assert not [name for name in shipped() if name.startswith("_")]
    assert set(shipped("packs"))


def test_the_schema_accepts_what_reads_and_refuses_what_does_not(tiny_town: Path) -> None:
    schema = scenario_schema()
    checker = jsonschema.Draft202012Validator(schema)
    checker.check_schema(schema)
    written = read_file(tiny_town).plain()
    checker.validate(written)
    checker.validate(
        {"extends": "high_street", "banks": [{"name": "first_bank", "remove": True}], "categories": [{"name": "fuel", "mean": 3}]}
    )
    assert not checker.is_valid({"extends": "high_street", "custmers": 1})
    assert not checker.is_valid({"extends": "high_street", "period": {"days": 0}})
    assert not checker.is_valid({"extends": "high_street", "categories": [{"mean": 3}]})
    assert not checker.is_valid({"extends": "high_street", "categories": [{"name": "fuel", "mean": -3}]})
    json.dumps(schema)
