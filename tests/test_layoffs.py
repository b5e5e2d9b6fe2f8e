"""Colleagues are laid off together, as often as the line says; windfalls are spent, most by who lives from hand to mouth."""

import numpy as np
import pytest

from simulator.clock import Today
from simulator.economy.labour import Labour
from simulator.economy.outlook import Outlook
from simulator.model import PaymentsModel
from simulator.scenario.file import load_scenario


@pytest.fixture(scope="module")
def model() -> PaymentsModel:
    return PaymentsModel("hamlet", customers=60, days=2, **{"economy.layoffs": 0.02})


def _chances(model: PaymentsModel, together: float, weekly: float, weeks: int) -> tuple[np.ndarray, np.ndarray]:
    """Chance of each of 400 people of 40 employers, by week, and the employers."""
    scenario = load_scenario("hamlet", {"economy.layoffs": 0.02, "economy.together": together})
    labour, firm = Labour(scenario, model.world), np.repeat(np.arange(40), 10)
    line, chance = np.zeros(len(firm), np.int64), np.array([weekly])
    days: list[Today] = [model.clock.today(0)._replace(day=19_000 + 7 * week) for week in range(weeks)]
    return np.array([labour._of_staff(chance, line, firm, day) for day in days]), firm


def test_mean_chance_is_that_of_the_line(model: PaymentsModel) -> None:
    for weekly in (0.0, 0.01, 0.6, 1.0):
        chances, _ = _chances(model, 0.5, weekly, 300)
        assert chances.mean() == pytest.approx(weekly, rel=0.12)
        assert chances.min() >= 0 and chances.max() <= 1


def test_colleagues_share_the_draw_of_their_employer(model: PaymentsModel) -> None:
    chances, firm = _chances(model, 0.5, 0.01, 100)
    for employer in range(40):
        assert (np.ptp(chances[:, firm == employer], axis=1) == 0).all()
    assert chances.max() == pytest.approx(0.3)
    apart, _ = _chances(model, 0.0, 0.01, 100)
    assert np.ptp(apart) == 0


def test_a_windfall_is_spent_soonest_from_hand_to_mouth(model: PaymentsModel) -> None:
    scenario, people = load_scenario("hamlet", {"economy.layoffs": 0.02}), model.world.layout.people
    outlook = Outlook(scenario, Labour(scenario, model.world), people)
    rows = np.arange(40)
    outlook.windfall[rows] = 100
    poor = outlook._from_hand_to_mouth(rows)
    assert 0 < poor.sum() < len(rows)
    assert model.world.people.buffer[rows][poor].mean() < model.world.people.buffer[rows][~poor].mean()
    for _ in range(4):
        outlook.close_week(model.world)
    left = outlook.windfall[rows]
    assert left[poor].max() < left[~poor].min() < 100
    assert left.min() >= 0
