"""Target packs, the household table they come with, and the moments that measure a run."""

import csv
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import calibration.measure  # noqa: F401  (brings every moment)
from calibration.moments import MOMENTS
from calibration.pack import Pack, read_pack
from calibration.private.measured import POSTING_MOMENTS
from simulator.errors import InputError
from simulator.scenario.extend import shipped
from simulator.scenario.file import load_scenario

PACKS = sorted(shipped("packs"))


@pytest.mark.parametrize("name", PACKS)
def test_pack_is_whole(name: str) -> None:
    pack = read_pack(name)
    assert pack.name == name
    for target in pack.targets:
        assert target.moment in {*MOMENTS, *POSTING_MOMENTS}
        assert target.role == "fit" or target.why, f"{target.id}: report only, without a reason"
        assert not (target.status == "memory" and target.role == "fit")
        assert any(letter.isdigit() for letter in target.source + target.period), f"{target.id}: no year"


def test_every_moment_has_a_target() -> None:
    assert {*MOMENTS, *POSTING_MOMENTS} == {target.moment for name in PACKS for target in read_pack(name).targets}


def test_category_targets_are_the_categories_of_the_scenario() -> None:
    target = next(t for t in read_pack("us_town").targets if t.id == "category_shares")
    shares = {c.name: c.share for c in load_scenario("_high_street").categories}
    assert target.components == pytest.approx(shares, abs=1e-6)
    assert sum(shares.values()) == pytest.approx(1.0)


def test_memory_may_not_be_fitted() -> None:
    kept = dict(
        id="one", what="one thing", value=1, unit="share", population="US", period="2024", source="A title, 2024", moment="remote_share"
    )
    Pack.model_validate({"name": "p", "targets": [{**kept, "status": "memory", "role": "report"}]})
    with pytest.raises(ValueError, match="memory"):
        Pack.model_validate({"name": "p", "targets": [{**kept, "status": "memory", "role": "fit"}]})


@pytest.mark.parametrize("text", ["", "- 1", "name: p\ntargets: []", "name: p\ntargets: [{id: x}]", "a: [", "\x00"])
def test_bad_pack_is_one_message(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pack.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_pack(path)
    with pytest.raises(InputError):
        read_pack("nowhere")


def test_tolerances() -> None:
    targets = {t.id: t for t in read_pack("us_town").targets}
    assert targets["payments_per_adult_month"].within("", 52.7) and not targets["payments_per_adult_month"].within("", 53)
    assert targets["remote_share"].within("", 0.249) and not targets["remote_share"].within("", 0.26)


def rows_of(name: str) -> list[dict[str, float]]:
    text = (files("scenarios") / "households" / f"{name}.csv").read_text(encoding="utf-8")
    return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(text.splitlines())]


def test_household_table_is_whole() -> None:
    cells = rows_of("us_2012_14")
    deciles: dict[float, float] = defaultdict(float)
    for row in cells:
        deciles[row["decile"]] += row["weight"]
        assert sum(value for key, value in row.items() if key.startswith("head_")) == pytest.approx(1, abs=1e-4)
        for who, from_adults in (("partner_", 2), ("third_", 3)):
            total = sum(value for key, value in row.items() if key.startswith(who) and key != f"{who}share")
            assert total == pytest.approx(float(row["adults"] >= from_adults), abs=1e-4)
    assert len(deciles) == 10
    assert list(deciles.values()) == pytest.approx([0.1] * 10, abs=1e-9)


def test_income_quantiles_are_those_of_the_survey() -> None:
    """Aggregates of the Current Population Survey 2012-14 as shipped with Tax-Calculator 6.8.5."""
    table = rows_of("us_2012_14_income")
    quantile, income = np.array([row["quantile"] for row in table]), np.array([row["income"] for row in table])
    assert quantile[0] == 0 and quantile[-1] == 1 and (np.diff(quantile) > 0).all() and (np.diff(income) >= 0).all() and income[0] > 0
    known = {0.1: 12.2, 0.2: 21.2, 0.4: 39.8, 0.5: 50.9, 0.6: 63.8, 0.8: 102.9, 0.9: 143.3, 0.95: 187.8, 0.99: 353.6}
    assert np.interp(list(known), quantile, income) / 1000 == pytest.approx(list(known.values()), rel=0.02)
    assert np.trapezoid(income, quantile) == pytest.approx(71_700, rel=0.01)
