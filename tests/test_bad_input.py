"""Whatever is done to a scenario file, it is read or refused in located words, and nothing else ever happens."""

import copy
import io
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from simulator.cli import app
from simulator.errors import InputError
from simulator.scenario import Scenario
from simulator.scenario.file import dump_scenario, load_scenario
from simulator.scenario.source import read_file

TINY = Path(__file__).with_name("tiny_town.yaml")
LOCATED = re.compile(r"^\S*mutant\.yaml(:\d+)?: (\S.*: )?found .+, expected .+$")
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**18, 10**300),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(
        [
            "2024-02-30",
            "99999-01-01",
            "0000-00-00",
            "3 hrs",
            "-1 h",
            "1e999",
            "150 %",
            "-1 %",
            "% 5",
            "NaN",
            "2 h 3 min",
            "salried",
            "",
            "9" * 300,
        ],
    ),
    st.dates(),
    st.lists(st.integers(), max_size=40),
    st.lists(st.fixed_dictionaries({"name": st.sampled_from(["fuel", "x", "X y", ""])}), max_size=3),
    st.dictionaries(st.text("abcdefgh_", max_size=5), st.integers(), max_size=3),
)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for step, child in steps for inner in paths(child, (*path, step)))]


PLAIN: Any = read_file(TINY).plain()
PATHS = paths(PLAIN)[1:]


@st.composite
def mutated_trees(draw: st.DrawFn) -> bytes:
    """The tiny town with one to three places changed in type, bounds, unit or spelling, or taken away."""
    tree = copy.deepcopy(PLAIN)
    for path in draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3)):
        parent = tree
        try:
            for step in path[:-1]:
                parent = parent[step]
            how = draw(st.sampled_from(["value", "value", "value", "take away", "rename", "double"]))
            if how == "value":
                parent[path[-1]] = draw(JUNK)
            elif how == "take away":
                del parent[path[-1]]
            elif how == "rename" and isinstance(parent, dict):
                parent[str(path[-1]) + draw(st.sampled_from(["s", "_", " ", "é"]))] = parent.pop(path[-1])
            elif how == "double" and isinstance(parent, list):
                parent.append(copy.deepcopy(parent[path[-1]]))
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    stream = io.StringIO()
    yaml.safe_dump(tree, stream, allow_unicode=True)
    return stream.getvalue().encode()


@st.composite
def mutated_bytes(draw: st.DrawFn) -> bytes:
    """The tiny town's text cut off, or with bytes thrown in."""
    raw = TINY.read_bytes()
    at = draw(st.integers(0, len(raw)))
    if draw(st.booleans()):
        return raw[:at]
    thrown = draw(
        st.one_of(
            st.binary(max_size=12),
            st.text("{}[]:,-&*!|>'\"%@`#?\n\t \\xuU0", max_size=12).map(str.encode),
            st.sampled_from(
                [
                    b"\0",
                    b"\xff\xfe",
                    b"!!python/object/apply:os.system [x]",
                    b"&a [*a]",
                    b"<<: *x",
                    b"---\n",
                    b"...\n",
                    b'"\\ud800"',
                    b'"\\UFFFFFFFF"',
                    b"%YAML 3.0\n",
                ]
            ),
        ),
    )
    return raw[:at] + thrown + raw[at:]


def read_or_refuse(path: Path) -> str:
    """The message of a refusal, empty when the file reads; any other exception is the test's failure."""
    try:
        scenario = load_scenario(path)
    except InputError as error:
        return str(error)
    assert isinstance(scenario, Scenario)
    path.write_text(dump_scenario(scenario), encoding="utf-8")
    assert load_scenario(path) == scenario
    return ""


@pytest.fixture(scope="module")
def mutant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad") / "mutant.yaml"


@given(raw=st.one_of(mutated_trees(), mutated_bytes(), st.binary(max_size=200)))
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutant_reads_or_is_refused_in_located_words(mutant: Path, raw: bytes) -> None:
    mutant.write_bytes(raw)
    lines = read_or_refuse(mutant).splitlines()
    assert len(lines) <= 6
    for line in lines:
        assert LOCATED.match(line) or (line == lines[-1] and re.fullmatch(r"and \d+ more", line)), line
        assert len(line) < 1500


@pytest.mark.parametrize(
    "path", [path for path in PATHS if isinstance(path[-1], str) and "tastes" not in path], ids=lambda path: ".".join(map(str, path))
)
def test_every_key_misspelt_is_refused_at_its_line(mutant: Path, path: tuple[str | int, ...]) -> None:
    tree = copy.deepcopy(PLAIN)
    parent = tree
    for step in path[:-1]:
        parent = parent[step]
    parent[f"{path[-1]}q"] = parent.pop(path[-1])
    with mutant.open("w") as stream:
        yaml.safe_dump(tree, stream, allow_unicode=True)
    message = read_or_refuse(mutant)
    [line] = [line for line in message.splitlines() if f"{path[-1]}q" in line.split(": found")[0]]
    number = int(line.split(":")[1])
    assert f"{path[-1]}q:" in mutant.read_text().splitlines()[number - 1]


CASES = {
    "empty": (b"", 1, "an empty file"),
    "comment only": (b"# nothing\n", 1, "an empty file"),
    "binary": (bytes(range(256)), None, "found"),
    "zeros": (b"\0" * 100, 1, "a control character"),
    "not UTF-8": (b"name: x\nabout: \xff\n", 2, "not UTF-8"),
    "UTF-16": ("name: x\n".encode("utf-16"), 1, "not UTF-8"),
    "a list": (b"- 1\n- 2\n", 1, "a list of 2 items"),
    "a word": (b"hello\n", 1, "'hello'"),
    "no YAML": (b"name: x\nabout: [1, 2\n", None, "not YAML"),
    "tab": (b"name: x\nperiod:\n\tdays: 3\n", 3, "not YAML"),
    "a key twice": (b"name: x\nseed: 1\nseed: 2\n", 3, "the key 'seed' twice"),
    "a number as key": (b"name: x\n7: 1\n", 2, "7 as a key"),
    "two documents": (b"name: x\n---\nname: y\n", 3, "a second document"),
    "language tag": (b"name: x\nabout: !!python/object/apply:os.system [touch owned]\n", 2, "the tag"),
    "own tag": (b"name: !name x\n", 1, "the tag"),
    "core tag": (b"seed: !!int 3\n", 1, "the tag"),
    "bomb": (BOMB.encode(), None, "values once aliases are followed"),
    "alias of itself": (b"a: &a [*a]\n", 1, "the alias *a"),
    "unknown alias": (b"a: 1\nb: *nobody\n", 2, "the alias *nobody"),
    "deep": (b"a: " + b"[" * 5000, 1, "levels"),
    "wide": (b"a: [" + b"1," * 250_000 + b"]", 1, "values"),
    "large": (b"# " + b"x" * 5_000_001, None, "bytes"),
    "huge whole number": (b"seed: " + b"9" * 5000, 1, "digits"),
    "an impossible character": (b'name: x\nabout: "\\UFFFFFFFF"\n', 2, "not YAML"),
    "half a surrogate": (b'name: "\\ud800"\n', 1, "YAML"),
    "extends itself": (b"extends: mutant.yaml\n", 1, "extends"),
    "extends nothing": (b"extends: no_such_world\n", 1, "expected a file or one of"),
    "extends a missing file": (b"extends: ../none.yaml\n", None, "no such file"),
    "extends a number": (b"\nextends: 3\n", 2, "the name of a scenario"),
    "extends a zero byte": (b'extends: "a\\0.yaml"\n', 1, "expected a file"),
    "extends a list": (b"extends: [a, b]\n", 1, "the name of a scenario"),
}


@pytest.mark.parametrize("case", CASES)
def test_files_that_are_no_scenario(mutant: Path, case: str) -> None:
    raw, line, said = CASES[case]
    mutant.write_bytes(raw)
    result = CliRunner().invoke(app, ["check", str(mutant)])
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    if line is not None:
        assert result.stderr.startswith(f"{mutant}:{line}: ")
    assert not Path("owned").exists()


FAULTS = [
    ("days: 7", "days: true", "period.days: found true, expected a whole number"),
    ("days: 7", "days: '7'", "period.days: found '7', expected a whole number"),
    ("days: 7", "days: 1.5", "period.days: found 1.5, expected a whole number"),
    ("days: 7", "days: .nan", "period.days: found nan, expected a whole number"),
    ("days: 7", "windows: 7", "period.windows: found 7, expected a number that divides the seconds of a day"),
    ("2024-03-01", "2024-02-30", "period.start: found '2024-02-30', expected a date such as 2025-01-31"),
    ("2024-03-01", "20240301", "period.start: found 20240301, expected a date such as 2025-01-31"),
    ("-5 h", "5 hours late", "country.utc_offset: found '5 hours late', expected a duration such as"),
    ("-5 h", "15 h", "country.utc_offset: found '15 h', expected an offset from"),
    ("holidays: US", "holidays: ZZ", "country.holidays: found 'ZZ', expected a country with a holiday calendar"),
    ("customers: 50", "custmers: 50", "population.custmers: found no such key"),
    ("salaried,", "salried,", "population.archetypes.worker.kinds.0: found 'salried', expected one of salaried"),
    ("[18, 66]", "[66, 18]", "population.archetypes.worker.ages: found a list of 2 items, expected the lower bound first"),
    ("[18, 66]", "[18]", "population.archetypes.worker.ages.1: found nothing, expected a value"),
    ("{groceries: 1.2}", "{grocery: 1.2}", "population.archetypes.worker.tastes.grocery: found 1.2, expected a category as the key"),
    ("share: 70 %", "share: 170 %", "income.sectors.office.share: found '170 %', expected 1 or less"),
    ("share: 3}", "share: 0}", ""),
    ("mean: 45,", "mean: .inf,", "categories.groceries.mean: found inf, expected a finite number"),
    ("mean: 45,", "mean: 0,", "categories.groceries.mean: found 0, expected more than 0"),
    ("mcc: 5411,", "", "categories.groceries.mcc: found nothing, expected a value"),
    ("hours: shop", "hours: shp", "categories.groceries.hours: found 'shp', expected a profile of calendar.hours"),
    ("{batch_transfer: 0.8,", "{batch_transfers: 0.8,", "bills.rent.methods.batch_transfers: found the key 'batch_transfers'"),
    ("name: second_bank", "name: first_bank", "banks.first_bank: found the name 'first_bank' twice"),
    ("name: first_bank", "name: First Bank", "expected a name of small letters, digits and underscores"),
    ("weekdays: [0.9, ", "weekdays: [", "calendar.weekdays: found a list of 6 items, expected at least 7 items"),
    ("[0.9, 0.9, 1, 1, 1.2, 1.2, 0.8]", "[0, 0, 0, 0, 0, 0, 0]", "weekdays: found a list of 7 items, expected at least one number above 0"),
    ("day: 14, ", "day: 30, ", "calendar.special_days.1.day: found 30, expected a day of month 2"),
    ("day: 14, ", "", "calendar.special_days.1: found a mapping, expected either a holiday, or a month and a day"),
    ("Christmas Day", "Cristmas Day", "(did you mean 'Christmas Day'?)"),
    ("seed: 7", "seed: 18446744073709551616", "seed: found 18446744073709551616, expected 18,446,744,073,709,551,615 or less"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "fault", "said"), FAULTS, ids=[fault for _, fault, _ in FAULTS])
def test_single_faults(mutant: Path, written: str, fault: str, said: str) -> None:
    text = TINY.read_text()
    assert written in text
    mutant.write_text(text.replace(written, fault, 1))
    result = CliRunner().invoke(app, ["check", str(mutant)])
    if not said:
        assert result.exit_code == 0
        return
    line = text[: text.index(written)].count("\n") + 1
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{mutant}:{line}: ")
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
