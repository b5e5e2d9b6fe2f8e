"""The evidence: claims judge figures as their bounds say, and pages are written from figures alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.evidence import CLOSING, OPENING, ROOT, Size, gather, quote, write
from simulator.report.claims import all_claims, decade, drift, habits, same_bits, speed

ROW = {
    "scenario": "town", "customers": 10_000, "days": 90, "payments": 1000, "payments_per_second": 700_000, "cpu_seconds": 1.0,
    "floor_cpu_seconds": 0.5, "cpu_over_floor": 2.0, "peak_rss_bytes": 2**30, "compile_seconds": 20.0, "startup_seconds": 2.0,
    "bytes_per_row": 36.0, "cost_us": 1.0, "cost_over_10000": 1.0, "small_world_us": 1.0, "building_seconds": 0.1,
}  # fmt: skip
HABITS = {
    "revisits": 0.61, "revisits_last_month": 0.9, "between_over_within": 5.0, "tail_index": 1.5, "gap_variation": 1.3,
    "gap_variation_dealt": 1.0,
}  # fmt: skip


def test_speed_is_that_of_the_largest_world_and_the_start_that_of_the_first() -> None:
    claims = speed([ROW, ROW | {"customers": 1_000_000, "cpu_over_floor": 2.6, "startup_seconds": 15.0, "cost_over_10000": 1.4}])
    assert [claim.met for claim in claims] == [False, True, True, True, True, True, True]
    assert (claims[0].figure, claims[0].bound) == ("2.60", "at most 2.50")
    assert claims[-1].figure == "2.0"
    assert len(speed([ROW | {"cost_over_10000": None}])) == 6


def test_habits_are_neither_a_clock_nor_poisson() -> None:
    assert all(claim.met for claim in habits({"quarter": HABITS, "year": HABITS}))
    for changed, missed in (
        ({"revisits": 0.59}, 0),
        ({"between_over_within": 0.9}, 2),
        ({"tail_index": 2.1}, 3),
        ({"gap_variation": 1.05}, 4),
    ):
        worse = HABITS | changed
        assert [claim.met for claim in habits({"quarter": worse, "year": worse})].index(False) == missed


def test_what_is_held_may_change_by_a_twentieth() -> None:
    held = {"q1": {"change": -0.05}, "q2": {"change": 0.04}, "merchants": {"change": 0.051}, "employers": {"change": 0.0}}
    assert [(claim.figure, claim.met) for claim in drift(held)] == [("-5.0 %", True), ("+5.1 %", False), ("0.0 %", True)]


def test_a_moment_that_left_its_band_is_named() -> None:
    found = {"age": {"within": True}, "loan_debt": {"within": False}}
    assert not decade(found).met and decade(found).figure == "1 of 2 (not: loan debt)"
    assert decade({"age": {"within": True}}).met


def test_a_digest_that_differs_is_seen() -> None:
    def row(run: str, seed: int = 1, shards: int = 1) -> dict[str, Any]:
        return {"world": "town", "customers": 10, "days": 2, "seed": seed, "shards": shards, "threads": 1, "run": run}

    same = [row("a"), row("a", shards=2), row("b", seed=2)]
    assert [claim.met for claim in same_bits(same)] == [True, True]
    assert [claim.met for claim in same_bits([*same, row("c", shards=7)])] == [False, True]
    assert [claim.met for claim in same_bits([row("a"), row("a", seed=2)])] == [True, False]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Everything measured, of a world of a few people; the bench, which compiles all of it from nothing, has a test of its own."""
    size = Size(benched=("town",), customers=150, quarter=75, year=365, watched=730, lived=60, seeds=2, large=150, large_days=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simulator.evidence.bench", lambda names, tell: [ROW | {"scenario": name, "cost_over_10000": None} for name in names])
        return gather(size, lambda _: None)


def test_everything_is_measured_and_written(found: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(f"before\n{OPENING}\nstale\n{CLOSING}\nafter\n", encoding="utf-8")
    write(found, tmp_path)
    assert json.loads((tmp_path / "EVIDENCE.json").read_text(encoding="utf-8")) == json.loads(json.dumps(found))
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert readme == f"before\n{quote(found)}\nafter\n" and "stale" not in readme
    page = (tmp_path / "EVIDENCE.md").read_text(encoding="utf-8")
    claims = all_claims(found)
    assert len(claims) == 21 and all(claim.about in page and claim.about in readme for claim in claims)
    assert found["sources"] in page
    assert page.count("| 75 | 1 |") == 5 and all(f"\n| q{place} | " in page for place in range(1, 6))
    assert all(row["verdict"] != "not assessed" for row in found["year"] if row["id"].startswith("month_factors"))
    assert "\n\n\n" not in page, "tables are not torn"


def test_bits_do_not_depend_on_who_carries_them(found: dict[str, Any]) -> None:
    assert all(claim.met for claim in same_bits(found["digests"]))


def test_the_readme_quotes_the_evidence() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    evidence = json.loads((ROOT / "EVIDENCE.json").read_text(encoding="utf-8"))
    assert quote(evidence) in readme, "`make evidence` writes both"
