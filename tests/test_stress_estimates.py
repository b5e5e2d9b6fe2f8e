"""The estimates of a stress on made-up pairs, where the right answer is known."""

from datetime import date

import numpy as np
import pytest
from scipy import stats

from simulator.draws import Ints
from simulator.stress.decompose import decomposed
from simulator.stress.defaults import default_correlation
from simulator.stress.effects import Panel, effects, narrower, periods, turns
from simulator.stress.estimate import intraclass, intraclass_interval, paired, spearman, unpaired
from simulator.stress.live import Lived, replicate_seeds

START = date(2024, 1, 15)


def lived(**parts: Ints) -> Lived:
    """A run of made-up parts of everybody."""
    return Lived({(name, "all"): column for name, column in parts.items()}, 0)


def panel_of(effect: np.ndarray[tuple[int], np.dtype[np.float64]], pairs: int = 6, apart: float = 300.0, noise: float = 5.0) -> Panel:
    """Pairs whose baselines differ much from each other and whose effects do not: spending in cents by day."""
    lot = np.random.default_rng(3)
    days = len(effect)
    level = 10_000 + apart * lot.normal(size=(pairs, 1)) + np.zeros((pairs, days))
    shocked = level * (1 + effect) + noise * lot.normal(size=(pairs, days))
    one, two = ([lived(spending=np.rint(row).astype(np.int64)) for row in world] for world in (level, shocked))
    return Panel(START, 100, one, two)


def test_paired_and_unpaired_intervals_are_those_of_scipy() -> None:
    lot = np.random.default_rng(1)
    first = lot.normal(100, 10, 8)
    second = first + lot.normal(3, 1, 8)
    same = stats.ttest_rel(second, first).confidence_interval(0.90)
    apart = stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.90)
    assert tuple(paired(second - first))[1:] == pytest.approx((same.low, same.high))
    assert tuple(unpaired(first, second))[1:] == pytest.approx((apart.low, apart.high))


def test_what_is_not_known_is_left_out_and_one_pair_has_no_interval() -> None:
    found = paired(np.array([[1.0, np.nan], [3.0, 5.0], [np.nan, np.nan]]))
    assert found.mean.tolist() == [2.0, 5.0]
    assert np.isfinite(found.low[0]) and np.isnan(found.low[1]) and np.isnan(found.high[1])


def test_nine_in_ten_intervals_hold_the_truth() -> None:
    lot = np.random.default_rng(5)
    found = paired(lot.normal(2.0, 3.0, size=(5, 4000)))
    assert ((found.low <= 2.0) & (found.high >= 2.0)).mean() == pytest.approx(0.90, abs=0.015)


@pytest.mark.parametrize("correlation", [0.0, 0.02, 0.2])
def test_correlation_of_defaults_is_found(correlation: float) -> None:
    """Replicates of one path whose rates differ as a beta distribution's do: its correlation is known."""
    lot = np.random.default_rng(7)
    rate, borrowers = 0.08, lot.integers(700, 900, 400)
    if correlation:
        spread = 1 / correlation - 1
        rates = lot.beta(rate * spread, (1 - rate) * spread, 400)
    else:
        rates = np.full(400, rate)
    defaults = lot.binomial(borrowers, rates)
    found = intraclass_interval(defaults.astype(float), borrowers.astype(float))
    assert found.low < found.mean < found.high
    assert float(found.mean) == pytest.approx(correlation, abs=0.0003 if correlation == 0 else 0.25 * correlation)


def test_correlation_of_two_replicates_by_hand() -> None:
    """All of one fail and none of the other: everything is between them. No defaults say nothing."""
    assert intraclass(np.array([10.0, 0.0]), np.array([10.0, 10.0])) == pytest.approx(1.0)
    assert np.isnan(intraclass(np.array([0.0, 0.0]), np.array([10.0, 10.0])))


def test_effects_are_over_days_weeks_months_and_the_run() -> None:
    panel = panel_of(np.full(40, -0.1))
    frame = effects(panel)
    assert list(frame.columns[:9]) == ["metric", "group", "date", "baseline", "scenario", "effect", "low", "high", "pairs"]
    assert frame["period"].value_counts().to_dict() == {"day": 40, "week": 6, "month": 2, "run": 1}
    months = frame[frame["period"] == "month"]
    assert months["date"].tolist() == [START, date(2024, 2, 1)] and months["days"].tolist() == [17, 23]
    whole = frame[frame["period"] == "run"].iloc[0]
    assert whole["relative"] == pytest.approx(-0.1, abs=0.002)
    assert whole["low"] < whole["effect"] < whole["high"] < 0
    assert months["effect"].sum() == pytest.approx(whole["effect"])
    assert float(narrower(frame[frame["period"] == "run"]).iloc[0]) > 5


def test_long_runs_have_no_days() -> None:
    assert [period.name for period in periods(START, 121)] == ["run", "month", "week"]


def test_trough_and_recovery_are_found() -> None:
    """Nothing for ten days, then a fall to the thirtieth and a way back to the sixtieth."""
    shape = -0.4 * np.interp(np.arange(120), [10, 30, 60], [0, 1, 0])
    [turn] = turns(panel_of(shape), [("spending", "all")], onset=10)
    assert abs(turn.days_to_trough - 20) <= 2
    assert turn.relative == pytest.approx(-0.4, abs=0.03)
    assert turn.days_to_recovery is not None and 44 <= turn.days_to_recovery <= 50
    shape[60:] = -0.2
    [never] = turns(panel_of(shape), [("spending", "all")], onset=10)
    assert never.days_to_recovery is None


def test_noise_has_hardly_a_turn() -> None:
    found = 0
    for seed in range(60):
        lot = np.random.default_rng(seed)
        one, two = ([lived(spending=lot.poisson(1000, 90).astype(np.int64)) for _ in range(5)] for _ in range(2))
        found += len(list(turns(Panel(START, 100, one, two), [("spending", "all")])))
    assert found <= 12, "one in ten or so; the largest of 90 days taken as it comes would be most"


def test_shocks_that_only_add_up_leave_nothing_over() -> None:
    base = [100 * np.arange(1, 41), 120 * np.arange(1, 41), 90 * np.arange(1, 41)]

    def runs(more: int) -> list[Lived]:
        return [lived(spending=column + more) for column in base]

    panel = Panel(START, 1, runs(0), runs(-30))
    apart = {"first alone on": runs(-10), "first alone off": runs(-20), "second alone on": runs(-20), "second alone off": runs(-10)}
    frame = decomposed(panel, apart)
    whole = frame[frame["period"] == "run"].set_index(["shock", "way"])["effect"]
    assert whole["together", "all"] == -30 * 40 and whole["left over", "all"] == 0
    assert whole["first", "alone on"] == whole["first", "alone off"] == -10 * 40
    assert whole["second", "alone on"] == whole["second", "alone off"] == -20 * 40
    apart["first alone on"] = runs(-25)
    left = decomposed(panel, apart).query("period == 'run' and shock == 'left over'")["effect"].item()
    assert left == 15 * 40


def test_default_correlation_needs_defaults() -> None:
    assert not len(default_correlation(panel_of(np.zeros(30))))
    lot = np.random.default_rng(2)

    def run(rate: float) -> Lived:
        return lived(borrowers=np.full(180, 1000), defaults=lot.poisson(rate, 180).astype(np.int64))

    shared = [run(rate) for rate in (0.2, 0.4, 0.8, 1.6)]
    frame = default_correlation(Panel(START, 100, [run(0.5) for _ in range(4)], shared))
    assert set(frame["world"]) == {"baseline", "scenario"} and set(frame["period"]) == {"run", "quarter"} and set(frame["group"]) == {"all"}
    whole = frame[frame["period"] == "run"].set_index("world")["correlation"]
    assert abs(whole["baseline"]) < 0.005 < whole["scenario"]


def test_seeds_of_replicates_stand_at_addresses() -> None:
    assert replicate_seeds(7, 5) == replicate_seeds(7, 9)[:5]
    assert replicate_seeds(7, 5)[0] == 7
    assert len({*replicate_seeds(7, 50), *replicate_seeds(8, 50)}) == 100


def test_ranks() -> None:
    assert spearman(np.arange(4.0), np.array([1.0, 3.0, 2.0, 9.0])) == pytest.approx(0.8)
    assert np.isnan(spearman(np.arange(3.0), np.ones(3)))


def test_screening_finds_a_line() -> None:
    """Morris on a line gives its slopes over the whole range exactly, and no spread."""
    pytest.importorskip("SALib")
    from simulator.stress.sensitivity import design, read_varied, screened

    chosen = design([read_varied("a.b=0:2"), read_varied("c=10:20")], trajectories=3, grid=0, seed=1)
    assert chosen.points.shape == (9, 2)
    frame = screened(chosen, 3 * chosen.points[:, 0] - 0.1 * chosen.points[:, 1], seed=1).set_index("path")
    assert frame.loc["a.b", "mu"] == pytest.approx(6.0) and frame.loc["c", "mu"] == pytest.approx(-1.0)
    assert frame.loc["c", "mu_star"] == pytest.approx(1.0) and frame["sigma"].max() == pytest.approx(0.0, abs=1e-9)


def test_a_grid_has_every_corner() -> None:
    from simulator.stress.sensitivity import design, read_varied

    chosen = design([read_varied("a=0:1"), read_varied("b=2:3")], trajectories=4, grid=3, seed=1)
    assert len(chosen.points) == 9 and {(0, 2), (1, 3), (0.5, 2.5)} <= set(map(tuple, chosen.points.tolist()))
    assert chosen.changes(0) == {"a": 0.0, "b": 2.0}
