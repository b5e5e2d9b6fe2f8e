"""Parameters of a pack: wildcards, factors, ranges, and what is wrong with them said in place."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.fit.direct import set_directly
from calibration.fit.space import Space, with_overrides
from calibration.fit.write import nested, write_scenario
from calibration.pack import Pack, Parameter
from simulator.errors import InputError
from simulator.scenario.file import load_scenario

HAMLET = load_scenario("hamlet")


def parameter(**said: Any) -> Parameter:
    return Parameter.model_validate({"name": "one", "what": "a parameter", "paths": ["methods.cash"], "low": 0.1, "high": 0.6} | said)


def test_wildcards_stand_for_every_item() -> None:
    space = Space(HAMLET, [parameter(paths=["categories.*.mean"], how="times", low=0.5, high=2.0, scale="log")], "pack")
    assert space.paths[0] == [f"categories.{category.name}.mean" for category in HAMLET.categories] and space.starts == [1.0]
    found = space.overrides([1.0])
    assert all(found[f"categories.{one.name}.mean"] == pytest.approx(2 * one.mean, rel=1e-5) for one in HAMLET.categories)
    changed = with_overrides(HAMLET, found)
    assert changed.categories[0].mean == pytest.approx(2 * HAMLET.categories[0].mean, rel=1e-5)
    assert changed.stories.told == HAMLET.stories.told


def test_factors_of_one_path_multiply_and_silent_ones_change_nothing() -> None:
    twice = [parameter(name=name, how="times", low=0.5, high=2.0) for name in ("one", "two")]
    space = Space(HAMLET, twice, "pack")
    both = space.overrides([1 / 3, 1 / 3])["methods.cash"]
    assert both == pytest.approx(HAMLET.methods.cash, rel=1e-5)
    assert space.overrides([np.nan, 1.0]) == {"methods.cash": pytest.approx(2 * HAMLET.methods.cash, rel=1e-5)}
    assert space.overrides([np.nan, np.nan]) == {}


def test_paths_with_different_values_have_no_start() -> None:
    assert Space(HAMLET, [parameter(paths=["categories.*.spread"])], "pack").starts == [None]


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.floats(0.01, 10), st.floats(1.01, 50), st.sampled_from(["linear", "log"]))
def test_points_and_values_round_trip(point: list[float], low: float, width: float, scale: str) -> None:
    space = Space(HAMLET, [parameter(name=name, low=low, high=low * width, scale=scale) for name in ("a", "b", "c")], "pack")
    at = np.array([point])
    values = space.values(at)
    assert (values >= low).all() and (values <= low * width).all()
    assert space.points(values) == pytest.approx(at, abs=1e-6)
    assert space.values(space.points(values)) == pytest.approx(values, rel=1e-9)


def test_whole_numbers_are_whole() -> None:
    space = Space(HAMLET, [parameter(paths=["population.town_size"], low=50, high=60, whole=True)], "pack")
    assert {type(space.overrides([at])["population.town_size"]) for at in (0, 0.31, 1)} == {int}
    assert space.overrides([0.31])["population.town_size"] == 53


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"paths": ["methods.cahs"]}, r"pack: parameters.one.paths: methods.cahs: found no such key, .*\(did you mean 'cash'\?\)"),
        ({"paths": ["categories.grocery.mean"]}, r"found no such key, expected one of groceries"),
        ({"paths": ["methods.cash.more"]}, r"methods.cash: found 0\.\d+, expected something that has 'more' in it"),
        ({"paths": ["categories.*.name"]}, r"categories.groceries.name: found 'groceries' in hamlet, expected a number"),
        ({"paths": ["shocks.*.change"]}, r"shocks.\*.change: found nothing there"),
    ],
)
def test_paths_that_lead_nowhere_are_located(said: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Space(HAMLET, [parameter(**said)], "pack")


def test_both_ends_are_tried() -> None:
    Space(HAMLET, [parameter()], "pack").check(HAMLET)
    with pytest.raises(InputError, match=r"pack: parameters.one.high: 1.5 is refused by the scenario: .*methods.cash: found 1.5"):
        Space(HAMLET, [parameter(high=1.5)], "pack").check(HAMLET)
    with pytest.raises(InputError, match=r"parameters\.one\.low: -0\.1 is refused"):
        Space(HAMLET, [parameter(low=-0.1)], "pack").check(HAMLET)


TARGET = {"id": "cash_share", "what": "share in cash", "value": 0.4, "unit": "share", "population": "adults", "period": "2024",
          "source": "made up", "status": "derived", "role": "fit", "moment": "cash_in_person"}  # fmt: skip


def test_direct_settings() -> None:
    made = Pack.model_validate(
        {"name": "p", "targets": [TARGET], "direct": [{"path": "methods.cash", "target": "cash_share", "times": 0.5}]}
    )
    changed, settings = set_directly(HAMLET, made, "pack")
    assert settings == {"methods.cash": 0.2} and changed.methods.cash == 0.2
    searched = made.model_copy(update={"parameters": [parameter()]})
    with pytest.raises(InputError, match="which a parameter searches too"):
        set_directly(HAMLET, searched, "pack")
    lost = Pack.model_validate({"name": "p", "targets": [TARGET], "direct": [{"path": "methods.cahs", "target": "cash_share"}]})
    with pytest.raises(InputError, match=r"pack: direct: methods.cahs.*did you mean 'cash'"):
        set_directly(HAMLET, lost, "pack")


def test_what_is_written_reads_to_the_same(tmp_path: Path) -> None:
    """Items of lists by name, lists without names whole, and nothing else."""
    overrides: dict[str, float | int] = {"methods.cash": 0.31, "categories.fuel.mean": 51.5, "methods.credit_holders.2": 0.7}
    assert nested(HAMLET, overrides)["categories"] == [{"name": "fuel", "mean": 51.5}]
    write_scenario(tmp_path / "mine.yaml", "hamlet", HAMLET, overrides, {"name": "mine", "fitted": {"pack": "p", "draw": 3}}, "a line")
    read = load_scenario(tmp_path / "mine.yaml")
    expected = load_scenario(HAMLET, overrides | {"name": "mine"})
    assert read.model_copy(update={"fitted": None}) == expected
    assert read.fitted is not None and read.fitted.draw == 3
    write_scenario(tmp_path / "other.yaml", str(tmp_path / "mine.yaml"), read, {"methods.cash": 0.4}, {"name": "other"}, "")
    assert load_scenario(tmp_path / "other.yaml").methods.cash == 0.4 and "extends: mine.yaml" in (tmp_path / "other.yaml").read_text()
