"""The leak audit: a clean world passes, and each mark that planting may leave fails the check that is meant for it."""

import numpy as np
import pytest
from made_up_crime import World, failed, world
from made_up_leaks import LEAKS, Spoil

from simulator.audit.leaks import CHECKS, find_leaks
from simulator.audit.leaks.chance import contrast, distance, gap, least, most, ranking, ratios
from simulator.audit.leaks.sheet import Sheet


@pytest.mark.parametrize("seed", [3, 4, 5, 6])
def test_a_clean_world_passes(seed: int) -> None:
    assert failed(world(seed=seed)) == {}


@pytest.mark.parametrize(
    ("name", "secret"),
    [("fraud_pattern", True), ("is_laundering", True), ("story_id", True), ("label", True), ("credit_history", False), ("storey", False)],
)
def test_words_of_the_truth(name: str, secret: bool) -> None:
    made = world(2000, stories=20)
    made.columns[name] = np.zeros(2000)
    assert ("truth_in_public" in failed(made)) == secret


def test_few_guilty_rows_are_not_failed_by_chance() -> None:
    for seed in range(4):
        assert failed(world(8000, stories=6, seed=seed)) == {}


def test_every_check_has_its_say() -> None:
    made = world()
    said = find_leaks(made.sheet())
    names = [one["check"] for one in said]
    assert len(names) == len(set(names))
    assert len(said) > 45
    assert all({"check", "figure", "bound", "passed", "counts"} <= set(one) for one in said)
    assert {"lookalike_cents", "lookalike_time_lattice", "lookalike_file_order"} <= set(names)


def test_without_guilty_rows_there_is_nothing_to_find() -> None:
    made = world()
    made.guilty[:] = False
    (said,) = find_leaks(made.sheet())
    assert said["passed"]
    assert "no guilty rows" in said["counts"]


@pytest.mark.parametrize(("spoil", "check"), LEAKS, ids=[f"{check}-{spoil.__name__[1:]}" for spoil, check in LEAKS])
def test_a_planted_leak_is_found(spoil: Spoil, check: str) -> None:
    made = world()
    spoil(made)
    assert check in failed(made)


def test_limits_hold_as_often_as_they_say() -> None:
    """A clean contrast clears no limit in more worlds than chance allows."""
    draw = np.random.default_rng(1)
    strays = 0
    for _ in range(200):
        guilty = draw.random(4000) < 0.02
        of = contrast(Sheet.of({}, guilty), draw.integers(0, 30, 4000), draw.integers(0, 5, 4000))
        strays += distance(of) > 0 or ranking(of) > 0.5 or (ratios(of) > 1).any() or gap(of) > 0
    assert strays <= 8


def test_limits_close_in_with_numbers() -> None:
    assert least(0.5, 10) < least(0.5, 1000) < 0.5 < most(0.5, 1000) < most(0.5, 10)


def test_rows_of_one_story_count_less() -> None:
    guilty = np.ones(100, bool)
    assert Sheet.of({}, guilty, story=np.zeros(100, np.int64)).independent(guilty) == 1
    assert Sheet.of({}, guilty, story=np.arange(100)).independent(guilty) == 100


def test_every_check_can_fail() -> None:
    """Whatever check there is has a world above that fails it, but ids of entities, which are one check with many names."""
    named = {check for _, check in LEAKS}
    known = {one["check"] for one in find_leaks(world().sheet()) if not one["check"].startswith("lookalike_")}
    one_of_many = {name for name in known if name.endswith(("_id_order", "_account_order", "_alone", "_lifetime"))}
    assert known - named - one_of_many == set()
    assert len(CHECKS) > 40


def _all_guilty(of: World) -> None:
    of.guilty[:], of.lookalike[:] = True, False


def _one_guilty(of: World) -> None:
    of.guilty[:] = np.arange(len(of.guilty)) == 77


def _one_story(of: World) -> None:
    of.story[:] = 0


def _one_row(of: World) -> None:
    of.keep(np.flatnonzero(of.guilty)[:1])


def _two_rows(of: World) -> None:
    of.keep(np.array([np.flatnonzero(of.guilty)[0], np.flatnonzero(~of.guilty)[0]]))


def _unknown(of: World) -> None:
    """No number is known, and no key."""
    for name in ("merchant_id", "device_id", "payer_account", "payee_account", "ip_id"):
        of[name][:] = -1
    of["amount"][:], of["payer_balance"][:] = np.nan, np.nan


def _empty_tables(of: World) -> None:
    of.tables = {name: table.iloc[:0] for name, table in of.tables.items()}


ODD: list[Spoil] = [_all_guilty, _one_guilty, _one_story, _one_row, _two_rows, _unknown, _empty_tables]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("spoil", ODD, ids=lambda spoil: spoil.__name__)
def test_odd_tables_are_no_trouble(spoil: Spoil) -> None:
    """Nothing breaks, and one story alone proves nothing but what must not be at all."""
    made = world(3000, stories=30)
    spoil(made)
    said = find_leaks(made.sheet())
    assert said
    assert all(np.isfinite(one["figure"]) for one in said)


@pytest.mark.parametrize("left", ["amount", "timestamp", "payer_account payee_account", "method purpose", "device_id", "status amount"])
def test_any_columns_will_do(left: str) -> None:
    made = world(3000, stories=30)
    made.columns = {name: made[name] for name in left.split()}
    said = find_leaks(made.sheet())
    assert {"column_precision", "file_order"} & {one["check"] for one in said}
