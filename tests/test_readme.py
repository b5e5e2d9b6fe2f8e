"""The README says what is true: its story, its commands, its links."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from simulator.cli import app
from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.schema import scenario_schema

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def first_day() -> ModuleType:
    spec = importlib.util.spec_from_file_location("first_day", ROOT / "notebooks" / "first_day.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_story_is_made_of_rows_of_the_demo(tmp_path: Path) -> None:
    teller = first_day()
    told = README.split(teller.OPENING)[1].split(teller.CLOSING)[0].strip()
    run_scenario(load_scenario("high_street"), tmp_path / "run")
    crime = README.split(teller.CRIME)[1].split(teller.END_OF_CRIME)[0].strip()
    assert teller.crime(open_run(tmp_path / "run")) == crime
    assert teller.story(open_run(tmp_path / "run")) == told, "`python notebooks/first_day.py out/demo` writes it anew after `make demo`"


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!http)([^)#]+)\)", README))))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).is_file()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:simulator|scenarios|calibration|tests|notebooks)/[^`…]*)`", README))))
def test_files_that_are_named_are_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_commands_and_options_that_are_named_exist() -> None:
    known = CliRunner().invoke(app, ["--help"]).stdout
    named = set(re.findall(r"`ledgerfolk (\w+)", README)) | {"show", "check", "schema"}
    assert named == {"run", "list", "show", "new", "check", "schema", "report", "export", "audit", "explain", "bench", "stress",
                     "aggregate", "calibrate"}  # fmt: skip
    assert all(f"  {command} " in known for command in named)
    options = set(re.findall(r"--[a-z][\w-]*", README)) - {"--resolved"}
    commands = ("run", "export", "audit", "stress", "aggregate", "calibrate")
    told = "".join(CliRunner().invoke(app, [command, "--help"]).stdout for command in commands)
    assert all(option in told for option in options)


def test_the_scenario_that_is_shown_reads(tmp_path: Path) -> None:
    [block] = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    file = tmp_path / "cash_town.yaml"
    file.write_text(block, encoding="utf-8")
    assert load_scenario(file).methods.cash == 0.45
    assert "methods" in scenario_schema()["properties"]


def test_every_shipped_scenario_is_named() -> None:
    from simulator.scenario.extend import shipped

    assert all(f"`{name}`" in README for name in shipped())
