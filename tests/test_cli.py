import errno
import json
import subprocess
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

import simulator.commands.closing  # noqa: F401 (before a test puts a stand-in where its report comes from)
from simulator.cli import app
from simulator.errors import InputError, MachineError
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario


def ledgerfolk(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@dataclass
class Progress:
    phase: str
    day: int
    days: int
    payments: int
    seconds: float


MANIFEST = {
    "status": "complete",
    "seed": 7,
    "rows": {"transactions": 1234},
    "timings": {"running": 2.0},
    "peak_rss_bytes": 3 * 2**20,
    "digests": {"run": "abc123"},
}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[dict[str, Any]]]:
    """Puts an engine in place that notes how it was called, and then does as told."""

    target = {
        "id": "payments",
        "what": "payments per adult and month",
        "target": 48.0,
        "unit": "payments",
        "achieved": 47.0,
        "misfit": 0.2,
        "tolerance": "10 %",
        "verdict": "ok",
        "role": "fit",
        "source": "Diary 2024",
        "why": "",
    }

    def _engine(does: BaseException | None = None) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = []

        def run_scenario(scenario: Scenario, out: Path, *, progress: Callable[[Progress], None] | None, **options: Any) -> dict[str, Any]:
            calls.append({"scenario": scenario, "out": out, "progress": progress, **options})
            if does is not None:
                raise does
            if progress is not None:
                for day in range(scenario.period.days + 1):
                    progress(Progress("running", day, scenario.period.days, 100 * day, 0.5 * day))
            return MANIFEST

        run = types.ModuleType("simulator.run")
        run.run_scenario = run_scenario
        run.estimate = lambda scenario: {"rows": 10 * scenario.population.customers, "bytes": 2**20, "seconds": 1.0}
        report = types.ModuleType("simulator.report")
        report.write_report = lambda run, out=None, targets=(): out or run / "report.html"
        compare = types.ModuleType("calibration.compare")
        share = target | {"unit": "share", "verdict": "off"}
        compare.compare_run = lambda run: [
            target,
            *(share | {"id": f"shares_by_[method].{name}", "misfit": off} for name, off in (("cash", 2.0), ("card", 3.0))),
            target | {"id": "month_factors.may", "achieved": None, "misfit": None, "verdict": "not assessed"},
        ]
        monkeypatch.setitem(sys.modules, "simulator.run", run)
        monkeypatch.setitem(sys.modules, "simulator.report", report)
        monkeypatch.setitem(sys.modules, "calibration.compare", compare)
        return calls

    return _engine


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    heavy = {"mesa", "numba", "numpy", "pyarrow", "pandas", "pydantic"}
    code = f"import sys; from simulator.cli import app; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    result = ledgerfolk("--help")
    assert result.exit_code == 0
    for command in ("run", "list", "show", "new", "check", "schema", "report", "export", "audit", "bench", "stress", "aggregate"):
        assert f"\n  {command} " in result.stdout


def test_check_says_one_line(tiny_town: Path) -> None:
    result = ledgerfolk("check", tiny_town)
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert result.stdout == f"{tiny_town}: scenario 'tiny_town' is valid: 50 customers, 7 days\n"
    assert json.loads(ledgerfolk("check", tiny_town, "--json").stdout)["customers"] == 50


@pytest.mark.parametrize("name", ["high_street", "us_town"])
def test_check_takes_shipped_scenarios_and_packs(name: str) -> None:
    assert ledgerfolk("check", name).exit_code == 0


def test_unknown_names_are_answered_with_the_nearest() -> None:
    result = ledgerfolk("check", "high_stret")
    assert result.exit_code == 2
    assert "did you mean 'high_street'?" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("line", ["check", "check x --what", "fly", "run x --days many", "run x --shards 0"])
def test_wrong_usage_is_exit_code_2(line: str) -> None:
    result = ledgerfolk(*line.split())
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr


def test_list_shows_what_is_shipped() -> None:
    listed = json.loads(ledgerfolk("list", "--json").stdout)
    assert {row["name"]: row["customers"] for row in listed["scenarios"]}["metropolis"] == 1_000_000
    assert "us_town" in {row["name"] for row in listed["packs"]}
    assert list(json.loads(ledgerfolk("list", "packs", "--json").stdout)) == ["packs"]
    assert "high_street" in ledgerfolk("list", "scenarios").stdout
    assert ledgerfolk("list", "stars").exit_code == 2


def test_show_gives_the_file_or_what_it_resolves_to(tmp_path: Path) -> None:
    assert ledgerfolk("show", "hamlet").stdout.startswith("#")
    resolved = tmp_path / "resolved.yaml"
    resolved.write_text(ledgerfolk("show", "hamlet", "--resolved").stdout)
    assert "extends" not in resolved.read_text()
    assert load_scenario(resolved) == load_scenario("hamlet")
    assert json.loads(ledgerfolk("show", "hamlet", "--json").stdout)["name"] == "hamlet"
    assert ledgerfolk("show", "hamlett").exit_code == 2


@pytest.mark.parametrize("base", ["high_street", "file"])
def test_new_writes_a_file_that_checks_and_that_an_editor_can_check(tmp_path: Path, tiny_town: Path, base: str) -> None:
    path = tmp_path / "My town 2.yaml"
    assert ledgerfolk("new", path, "--from", tiny_town if base == "file" else base).exit_code == 0
    first, *_ = path.read_text().splitlines()
    schema = first.removeprefix("# yaml-language-server: $schema=./")
    jsonschema.Draft202012Validator.check_schema(json.loads((tmp_path / schema).read_text()))
    assert load_scenario(path).name == "my_town_2"
    before = path.read_text()
    again = ledgerfolk("new", path)
    assert again.exit_code == 2
    assert path.read_text() == before


def test_new_where_nothing_can_be_written_is_one_message(tmp_path: Path) -> None:
    result = ledgerfolk("new", tmp_path / "nowhere" / "x.yaml")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_schema_prints_json_schema() -> None:
    assert json.loads(ledgerfolk("schema").stdout) == json.loads(ledgerfolk("schema", "scenario").stdout)


def test_run_passes_options_on(engine: Callable[..., list[dict[str, Any]]], tiny_town: Path, tmp_path: Path) -> None:
    calls = engine()
    flags = ("--customers", "60", "--days", "3", "--seed", "9", "--set", "categories.fuel.mean=9.5", "--set", "credit.card_rate=25 %")
    result = ledgerfolk("run", tiny_town, "--out", tmp_path / "run", *flags, "--shards", "2", "--workers", "1", "--force")
    assert result.exit_code == 0, result.output
    [call] = calls
    scenario = call["scenario"]
    assert (scenario.population.customers, scenario.period.days, scenario.seed) == (60, 3, 9)
    assert (scenario.categories[1].mean, scenario.credit.card_rate) == (9.5, 0.25)
    assert (call["shards"], call["workers"], call["force"], call["resume"], call["out"]) == (2, 1, True, False, tmp_path / "run")
    assert "day 3 of 3 · 300 payments · 200 a second · 0:00 left" in result.stderr
    for figure in ("1,234", "617", "3 MiB", "abc123", "report.html"):
        assert figure in result.stdout


def test_a_run_ends_beside_the_sourced_aggregates(engine: Callable[..., Any], tmp_path: Path) -> None:
    engine()
    result = ledgerfolk("run", "hamlet", "--out", tmp_path / "run", "--set", "targets=us_town")
    assert result.exit_code == 0, result.output
    assert "shares by [method]   0 of 2   card" in result.stdout, "the worst comes first, and brackets are no markup"
    assert "cash" in result.stdout and "may" not in result.stdout
    assert "1 of 3 figures" in result.stdout and "1 need a longer run" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 110 + len(str(tmp_path))


def test_quiet_says_nothing_and_json_says_the_manifest(engine: Callable[..., Any], tiny_town: Path, tmp_path: Path) -> None:
    engine()
    quiet = ledgerfolk("run", tiny_town, "--out", tmp_path / "run", "--quiet")
    assert (quiet.exit_code, quiet.output) == (0, "")
    told = ledgerfolk("run", tiny_town, "--out", tmp_path / "run", "--json")
    assert json.loads(told.stdout) == MANIFEST | {"comparison": []}
    assert told.stderr == ""


def test_dry_run_estimates_and_runs_nothing(engine: Callable[..., list[Any]], tiny_town: Path) -> None:
    calls = engine()
    assert "about 500 rows, 1.0 MiB on disk, 1 s" in ledgerfolk("run", tiny_town, "--dry-run").stdout
    assert json.loads(ledgerfolk("run", tiny_town, "--dry-run", "--json").stdout)["rows"] == 500
    assert calls == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--out: found nothing"),
        (("--out", "x", "--resume", "--force"), "--resume and --force"),
        (("--out", "x", "--set", "seed"), "--set seed: found no path and value"),
        (("--out", "x", "--set", "sed=3"), "did you mean 'seed'?"),
        (("--out", "x", "--customers", "3"), "population.customers: found 3, expected 10 or more"),
    ],
)
def test_run_refuses(engine: Callable[..., list[Any]], tiny_town: Path, arguments: tuple[str, ...], said: str) -> None:
    calls = engine()
    result = ledgerfolk("run", tiny_town, *arguments)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert said in result.stderr
    assert calls == []


@pytest.mark.parametrize(
    ("trouble", "code", "said"),
    [
        (InputError("x: found y, expected z"), 2, "x: found y, expected z"),
        (MachineError("no luck"), 3, "no luck"),
        (OSError(errno.ENOSPC, "No space left on device", "run/part-000.parquet"), 3, "run/part-000.parquet: the disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "run"), 3, "run: no permission"),
        (KeyboardInterrupt(), 3, "interrupted"),
        (MemoryError(), 3, "out of memory"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_trouble_is_one_message_and_an_exit_code(
    engine: Callable[..., Any], tiny_town: Path, tmp_path: Path, trouble: BaseException, code: int, said: str
) -> None:
    engine(trouble)
    result = ledgerfolk("run", tiny_town, "--out", tmp_path / "run")
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr.startswith(said)
    assert result.stderr.count("\n") == 1


def test_a_fault_of_the_program_is_not_hidden(engine: Callable[..., Any], tiny_town: Path, tmp_path: Path) -> None:
    engine(ZeroDivisionError())
    assert isinstance(ledgerfolk("run", tiny_town, "--out", tmp_path / "run").exception, ZeroDivisionError)


def test_report_wants_a_run_folder(tmp_path: Path) -> None:
    result = ledgerfolk("report", tmp_path)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "expected a run folder" in result.stderr
