"""The fit's engine on a town in closed form: planted parameters are found again, intervals hold, contradictions are named."""

from pathlib import Path

import numpy as np
import pytest
from made_up_fit import Town, engine, pack

from calibration.fit import engine as stages
from calibration.fit.contradict import shift_experiment
from calibration.fit.design import DESIGN, SEARCH, seeds, sobol
from calibration.fit.emulator import Forward
from calibration.fit.engine import STAGES, Engine
from calibration.fit.intervals import interval, nearness
from calibration.fit.judge import judged, verdict_of
from calibration.fit.neural import neural_posterior, require_library
from calibration.fit.numbers import BOUND, loss
from simulator.errors import MachineError

TRUTH = np.array([0.3, 0.7, 0.45, 0.6, 0.2, 0.8, 0.5, 0.35, 0.65, 0.25, 0.75, 0.55, 0.5])


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(13, 48)


@pytest.fixture(scope="module")
def fitted(town: Town) -> Engine:
    """All stages, on targets that a point of the town has."""
    made = engine(town, pack(town, town.moments(TRUTH[None])[0]))
    for stage in STAGES:
        stage(made)
    return made


def test_planted_parameters_are_found_again(fitted: Engine) -> None:
    """Twelve of thirteen, within 0.12 of the range; the one that nothing shows is said to be silent and stays where it was."""
    assert fitted.free.tolist() == [True] * 12 + [False]
    assert all(one.rmse < 0.12 and one.planted >= 40 for one in fitted.recovery[:12])
    assert np.abs(fitted.best - TRUTH)[:12].max() < 0.05
    assert fitted.interval[0][-1] == 0 and fitted.interval[1][-1] == 1
    assert all(np.isnan(plan.point[-1]) for plan in fitted._worlds.lived if plan.stage != "design")  # type: ignore[attr-defined]


def test_intervals_hold_nine_in_ten(fitted: Engine) -> None:
    assert fitted.coverage.of == 48 * 12 and fitted.coverage.low <= 0.9 <= fitted.coverage.high
    low, high = fitted.interval
    assert ((low <= TRUTH) & (TRUTH <= high))[:12].mean() > 0.7 and (high - low)[:12].max() < 0.3
    assert fitted.sets.min() >= 0 and fitted.sets.max() <= 1 and (fitted.sets[:, -1] == fitted.sets[0, -1]).all()


def test_what_is_met_passes_and_holds_at_ten_times_the_people(fitted: Engine) -> None:
    seen = judged(fitted)
    assert {one.verdict for one in seen if one.role == "fit"} == {"PASS"} and not fitted.contradicted
    assert np.mean([one.verdict == "PASS" for one in seen if one.role == "hold-out"]) > 0.8
    assert max(one.scaled_misfit for one in seen if one.scaled_misfit is not None) < 1
    assert {plan.customers for plan in fitted._worlds.lived if plan.stage == "scale"} == {10_000}  # type: ignore[attr-defined]


def test_shifted_targets_are_named_and_carry_nothing_away(town: Town) -> None:
    """A share of 30 % of the fit targets is shifted by four tolerances; the others are met as before."""
    target = town.moments(TRUTH[None])[0]
    fit = [place for place in range(len(target)) if place % 6 != 5]
    hit = np.random.RandomState(3).permutation(fit)[: round(0.3 * len(fit))]
    target[hit] += np.where(np.arange(len(hit)) % 2, -1, 1) * 4 * 0.01 * np.abs(target[hit])
    made = engine(town, pack(town, target))
    for stage in STAGES:
        stage(made)
    named = {int(one.label[1:]) for one in made.contradicted}
    assert len(named & set(hit)) >= 0.8 * len(hit) and len(named - set(hit)) <= 1
    assert np.abs(made.best - TRUTH)[:12].max() < 0.1
    rest = [one for place, one in enumerate(judged(made)) if place in fit and place not in hit]
    assert np.mean([one.verdict == "PASS" for one in rest]) > 0.9
    assert all("contradicted by" in one.why for one in judged(made) if one.contradicted and one.verdict != "PASS")


def test_the_experiment_with_shifted_moments(fitted: Engine) -> None:
    """Over planted worlds, at least 80 % of the shifted are named, few others are, and nothing is where nothing was shifted."""
    found = fitted.shifted
    assert found.worlds == 40 and found.shifted == 40 * 12
    assert found.named / found.shifted >= 0.8 and found.accused / found.sound < 0.05 and found.fitted / found.sound > 0.9
    points, moments = fitted._design()
    forward = Forward(points, moments, 1)
    calm = shift_experiment(forward, fitted.numbers, points, moments, 1, worlds=10, share=0.0)
    assert calm.shifted == 0 and calm.accused / calm.sound < 0.03


def test_out_of_reach_is_flagged_before_any_search(town: Town) -> None:
    target = town.moments(TRUTH[None])[0]
    target[0] = 100.0
    made = engine(town, pack(town, target))
    made.explore()
    assert not made.reachable[0] and made.reachable[1:].all()
    assert neural_posterior(made)["refused"].startswith("the prior-predictive check fails for t0:")


def test_the_neural_extra_says_that_it_is_missing() -> None:
    with pytest.raises(MachineError, match="'sbi' is not installed"):
        require_library()


def test_the_same_seed_gives_the_same_fit(town: Town, fitted: Engine) -> None:
    again = engine(town, pack(town, town.moments(TRUTH[None])[0]))
    again.explore()
    assert np.array_equal(again.runs.measured, fitted.runs.measured[: len(again.runs.measured)])
    other = engine(town, pack(town, town.moments(TRUTH[None])[0]), seed=2)
    other.explore()
    assert not np.array_equal(other.runs.points, again.runs.points)


def test_seeds_of_stages_are_apart() -> None:
    drawn = seeds(1, DESIGN, 1000) + seeds(1, SEARCH, 1000)
    assert len(set(drawn)) == 2000 and drawn[5:7] == seeds(1, DESIGN, 2, first=5)
    even = sobol(100, 3, 1)
    assert even.shape == (100, 3) and np.array_equal(even, sobol(120, 3, 1)[:100])


def test_slopes_are_those_of_the_emulator(fitted: Engine) -> None:
    at = np.full(13, 0.4)
    step = 1e-5 * np.eye(13)
    assert fitted.forward.slopes(at) == pytest.approx(((fitted.forward(at + step) - fitted.forward(at - step)) / 2e-5).T, abs=1e-4)


def test_a_number_far_off_costs_no_more_than_the_bound(fitted: Engine) -> None:
    near, far = fitted.numbers.target.copy(), fitted.numbers.target.copy()
    far[0] = 1e9
    assert loss(near, fitted.numbers) == 0
    assert 0 < loss(far, fitted.numbers) <= BOUND**2 / len(far) + 1e-9
    far[0] = np.nan
    assert loss(far, fitted.numbers) == pytest.approx(BOUND**2 / len(far))


def test_intervals_of_known_residuals(fitted: Engine) -> None:
    """With even weights they are the quantiles of the residuals round the answer."""
    answer = fitted.validated.predicted[0]
    even = np.full(len(fitted.validated.residual), 1 / len(fitted.validated.residual))
    low, high = interval(fitted.validated, answer, even)
    inside = (fitted.validated.residual[:, 0] >= np.log((0.1 + 0.8 * low[0]) / (0.9 - 0.8 * low[0])) - answer[0] - 1e-9) & (
        fitted.validated.residual[:, 0] <= np.log((0.1 + 0.8 * high[0]) / (0.9 - 0.8 * high[0])) - answer[0] + 1e-9
    )
    assert 0.88 < inside.mean() < 0.93
    weights = nearness(fitted.validated.predicted, answer, fitted.free)
    assert weights.sum() == pytest.approx(1) and weights[0] == weights.max()


def test_verdicts(town: Town) -> None:
    target = pack(town, town.moments(TRUTH[None])[0]).targets[0]
    expected = ["PASS", "WARN", "FAIL", "not assessed"]
    assert [verdict_of(target, "", misfit) for misfit in (1.0, 1.5, 2.5, None)] == expected
    unknown = target.model_copy(update={"error": abs(target.components[""])})
    assert verdict_of(unknown, "", 0.1) == "not assessed"


def test_stages_say_in_which_order_they_come() -> None:
    """Nothing is searched before the design says what can be reached."""
    assert STAGES[0] is Engine.explore and STAGES[1] is Engine.learn and Path(stages.__file__).name == "engine.py"
