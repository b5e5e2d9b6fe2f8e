"""With every story of the library active, money is conserved, any sharding gives the same bits, and each story is as its file says."""

from pathlib import Path

import pytest

from simulator.audit.ledger import reconcile
from simulator.audit.stories import verify
from simulator.record.read import Run, open_run
from simulator.run import run_scenario
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario

CHANGES = {"population.customers": 1200, "period.days": 30, "stories.library": "[all]", "stories.intensity": 40, "stories.lookalikes": 4}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("hamlet", CHANGES)


@pytest.fixture(scope="module")
def run(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("every") / "run"
    run_scenario(scenario, folder, shards=1)
    return open_run(folder)


def test_all_kinds_of_story_are_told(scenario: Scenario, run: Run) -> None:
    told = set(run.stories(columns=["typology"])["typology"].to_pylist())
    assert len(told) > 0.75 * len({story.typology for story in scenario.stories.told})
    outcomes = set(run.stories(columns=["outcome"])["outcome"].to_pylist())
    assert {"completed", "stopped", "abandoned"} <= outcomes


def test_money_is_conserved(run: Run) -> None:
    assert reconcile(run)["passed"]


def test_each_story_is_as_its_file_says(run: Run) -> None:
    found = verify(run)
    assert found["passed"], [check for check in found["checks"] if not check["passed"]]
    assert found["stories"] > 500


def test_another_sharding_gives_the_same_bits(scenario: Scenario, run: Run, tmp_path: Path) -> None:
    again = run_scenario(scenario, tmp_path / "run", shards=3, workers=2)
    assert again["digests"] == run.manifest["digests"]


def test_proceeds_flow_through_generations(run: Run) -> None:
    stories = run.stories(columns=["story_id", "parent_story_id"]).to_pandas()
    parent = dict(zip(stories["story_id"], stories["parent_story_id"], strict=True))
    depth = 0
    for story in parent:
        steps, now = 0, story
        while parent.get(now, -1) >= 0:
            now, steps = parent[now], steps + 1
        depth = max(depth, steps)
    assert depth >= 2
