"""What banks did about frauds is counted from what a run holds, and pooled by addition."""

import pytest

from calibration.response import SAID, SOURCES, Counts, count, response
from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario


def test_runs_pool_by_addition() -> None:
    one = Counts(100.0, 40.0, 50.0, 20.0, 10, 1, 2, 1, {"card": [1.0, 3.0], "scam": [8.0]})
    other = Counts(300.0, 20.0, 50.0, 40.0, 30, 5, 2, 2, {"card": [7.0]})
    found = response([one, other])
    assert found["prevented"] == pytest.approx(60 / 400)
    assert found["given_back"] == pytest.approx(0.6)
    assert found["precise"] == pytest.approx(6 / 40)
    assert (found["days_card"], found["days_scam"]) == (3.0, 8.0)
    assert found["filed_of_alerts"] == pytest.approx(3 / 40) and found["filed_of_cases"] == pytest.approx(3 / 4)
    assert found["days_takeover"] != found["days_takeover"], "nothing was counted"
    assert set(found) == set(SOURCES) == set(SAID)


@pytest.fixture(scope="module")
def crimes(tmp_path_factory: pytest.TempPathFactory) -> list[Counts]:
    """A small town with much fraud, where payees' banks send nothing back, and where they send back whatever is there."""
    found = []
    for recalled in (0, 1):
        folder = tmp_path_factory.mktemp("response") / "run"
        dials = {"population.customers": 500, "period.days": 40, "stories.library": ["card", "safe_account", "family_impostor"],
                 "stories.intensity": 20, "stories.mix.scam": 60, "defence.recalled": recalled,
                 "defence.capacity": 1000}  # fmt: skip
        run_scenario(load_scenario("hamlet", dials), folder)
        found.append(count(open_run(folder)))
    return found


def test_a_run_is_counted(crimes: list[Counts]) -> None:
    for one in crimes:
        assert 0 < one.declined < one.tried
        assert 0 < one.back <= one.told
        assert 0 < one.guilty <= one.alerts and 0 < one.filed <= one.cases
        assert min(day for days in one.days.values() for day in days) > 0


def test_what_payees_banks_send_back_counts(crimes: list[Counts]) -> None:
    none, all_of_it = (one.back / one.told for one in crimes)
    assert all_of_it > none + 0.1
