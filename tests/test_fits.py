"""The shipped fits: the page says what the reports say, and the worlds hold what the reports found."""

from pathlib import Path

import pytest

from calibration.fits import markdown, reports
from calibration.pack import read_pack
from simulator.scenario.file import load_scenario

REPORTS = reports()


def test_the_page_is_that_of_the_reports() -> None:
    page = Path(__file__).parent.parent / "calibration" / "FITS.md"
    assert page.read_text(encoding="utf-8") == markdown(REPORTS), "python -m calibration.fits > calibration/FITS.md"


@pytest.mark.parametrize("world", REPORTS)
def test_a_world_holds_what_its_fit_found(world: str) -> None:
    report, scenario = REPORTS[world], load_scenario(world)
    assert scenario.fitted is not None and scenario.fitted.pack == report["pack"]
    assert f"--out scenarios/{world}.yaml" in report["command"]
    tree = scenario.model_dump(mode="json")
    known = [one for one in report["parameters"] if one["identified"] and one["how"] == "set"]
    assert known
    for one in known:
        for path in one["paths"]:
            assert _at(tree, path.split(".")) == pytest.approx(one["estimate"], rel=1e-3), path


@pytest.mark.parametrize("world", REPORTS)
def test_a_report_counts_its_own_targets(world: str) -> None:
    report = REPORTS[world]
    asked = {target.id for target in read_pack(report["pack"]).targets}
    assert {one["id"] for one in report["targets"]} == asked
    for role in ("fit", "hold-out"):
        judged = [one["verdict"] for one in report["targets"] if one["role"] == role and one["verdict"] != "not assessed"]
        assert report["met"][role] == {"met": judged.count("PASS"), "of": len(judged)}
    assert (report["verdict"] == "FAIL") == any(one["verdict"] == "FAIL" for one in report["targets"] if one["role"] == "fit")


def _at(node: object, words: list[str]) -> object:
    for word in words:
        if isinstance(node, dict):
            node = node[word]
        else:
            assert isinstance(node, list)
            node = node[int(word)] if word.isdigit() else next(item for item in node if item["name"] == word)
    return node
