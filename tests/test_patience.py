"""Customers whom their bank bothers for nothing, or who are hurt there, take their accounts to another bank."""

from typing import Any

import numpy as np
import pytest

from simulator.clock import EPOCH
from simulator.defence.bank import FALSE_POSITIVE
from simulator.lives.estates import SWITCHED
from simulator.lives.foresight import turn_of
from simulator.model import PaymentsModel
from simulator.population.accounts import PERSON_ROWS
from simulator.population.presence import NEVER
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

CHANGES = {
    "population.customers": 600, "period.days": 56, "defence.alerts": True, "defence.first_payment": 150, "defence.remote_purchase": 150,
    "defence.blocked": 1.0, "defence.mistaken": 0.0, "defence.capacity": 1000, "lives.switch": 0.5,
}  # fmt: skip


class Killed(BaseException):
    """What stands for the end of the process."""


def _lived(**changes: Any) -> PaymentsModel:
    model = PaymentsModel(load_scenario("hamlet", CHANGES | changes))
    for _ in range(model.settings.period.days):
        model.step()
    return model


def _switched(model: PaymentsModel) -> set[int]:
    """People who have changed bank."""
    gone = (model.world.course.why == SWITCHED) & (model.world.people.left != NEVER)
    return set(np.flatnonzero(gone).tolist())


def test_whose_patience_is_spent_changes_bank() -> None:
    patient, weary = _lived(**{"defence.leave_bothered": 0.0}), _lived(**{"defence.leave_bothered": 1.0})
    bothered = {
        alert.account // PERSON_ROWS
        for alert in weary.guard.bank.alerts
        if alert.disposition == FALSE_POSITIVE and alert.blocks and alert.account < weary.world.layout.firm_base
    }
    more = _switched(weary) - _switched(patient)
    assert len(more) > 8 and more <= bothered and set(weary.guard.patience.spent) == bothered
    assert not patient.guard.patience.spent or not any(patient.guard.patience.spent.values())
    assert _switched(patient) <= _switched(weary)  # who changes bank anyhow still does
    people, course = weary.world.people, weary.world.course
    for row in more:
        other = int(course.partner[row])
        assert people.bank[other] != people.bank[row] and people.joined[other] == people.left[row]


def _bothered(forgiven: int, days: int) -> tuple[int, int]:
    """Trips of somebody who was bothered twice, ten days apart, before and some days after the first time."""
    model = PaymentsModel(load_scenario("hamlet", {"defence.forgiven": forgiven, "defence.patience": 0.1, "lives.changes": False}))
    patience, world = model.guard.patience, model.world
    before = int(world.people.trips[7])
    for day in range(100, 101 + days):
        patience.forgive(world, day)
        if day in (100, 110):
            patience.shop_less(world, 7, day)
    return before, int(world.people.trips[7])


@pytest.mark.parametrize(("forgiven", "days", "left"), [(0, 400, 0.81), (30, 29, 0.81), (30, 30, 0.91), (30, 40, 1.0)])
def test_what_is_given_up_is_taken_up_again(forgiven: int, days: int, left: float) -> None:
    before, after = _bothered(forgiven, days)
    assert after / before == pytest.approx(left, abs=0.001)
    assert after == before or left < 1


def test_who_has_planned_anew_shops_by_the_new_plan() -> None:
    model = PaymentsModel(load_scenario("hamlet", {"defence.forgiven": 30}))
    patience, people = model.guard.patience, model.world.people
    patience.shop_less(model.world, 7, 100)
    people.budget[7], people.trips[7] = people.budget[7] + 1, 5000
    patience.forgive(model.world, 130)
    assert people.trips[7] == 5000 and not patience.less


def test_leavers_are_the_same_under_any_sharding_and_after_a_checkpoint(tmp_path: Any) -> None:
    scenario = load_scenario("hamlet", CHANGES | {"defence.leave_bothered": 1.0, "defence.forgiven": 20, "period.days": 40})
    whole = run_scenario(scenario, tmp_path / "one")["digests"]

    def kill(progress: Any) -> None:
        if progress.phase == "running" and progress.day >= 25:  # some are weary, and the month has not turned
            raise Killed

    with pytest.raises(Killed):
        run_scenario(scenario, tmp_path / "cut", progress=kill, checkpoint_seconds=0)
    assert run_scenario(scenario, tmp_path / "cut", resume=True, shards=3)["digests"] == whole


def test_the_turn_of_a_month_is_its_last_day() -> None:
    days = range(19_000, 19_100)
    assert all(turn_of(day) >= day and EPOCH.fromordinal(EPOCH.toordinal() + turn_of(day) + 1).day == 1 for day in days)
