"""The dials of difficulty mean something: the skilled wait and keep to their victims' hours, crews buy at the same shops again."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from calibration.ablation import Measured, row, settings
from simulator.audit.difficulty import DEPTHS, depth_by_validation
from simulator.clock import DAY, HOUR
from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.plot import Act
from simulator.scenario.tales import read_story
from simulator.stories.dice import NEXT_HOURS, Dice
from simulator.stories.instance import Instance
from simulator.stories.library import Dials
from simulator.stories.pace import HEEDED, PATIENCE, WAKING, Pace

TOWN = """\
extends: cards_benchmark
name: thefts
seed: 3
period: {{days: 12}}
population: {{customers: 1000, town_size: 1000}}
stories: {{library: [card_details], intensity: 40, crews: 50, overlap: 0, reuse: {reuse}}}
categories:
  - {{name: online_marketplace, online_merchants: 200}}
  - {{name: electronics, online_merchants: 200}}
  - {{name: digital_goods, online_merchants: 200}}
"""


def _act(story: str, name: str) -> Act:
    return next(act for act in read_story(story).acts if act.name == name)


def test_the_skilled_wait_longer_between_remote_payments() -> None:
    spend = _act("card_details", "spend")
    wait = [Pace.patient(spend, Instance(1, 0, 0, -1, 0, skill=skill), 1_000_000) for skill in (0.0, 0.5, 1.0)]
    assert wait == [1_000_000 / PATIENCE, 1_000_000, 1_000_000 * PATIENCE]
    tap = _act("lost_card", "taps")
    assert Pace.patient(tap, Instance(1, 0, 0, -1, 0, skill=1.0), 1000) == 1600


@pytest.mark.parametrize(("skill", "heeded"), [(0.0, 0.0), (0.5, HEEDED / 2), (1.0, HEEDED)])
def test_the_skilled_keep_to_their_victims_hours(skill: float, heeded: float) -> None:
    pace, act, three = Pace(1, 0), _act("card_details", "spend"), 3 * HOUR
    hours = [pace.within(three, act, Dice(1, story), 2, 0, skill, NEXT_HOURS) % DAY // HOUR for story in range(2000)]
    assert abs(np.mean([hour >= WAKING for hour in hours]) - heeded) < 0.05
    assert all(hour == 3 or hour >= WAKING for hour in hours)


def test_who_buys_with_their_own_card_keeps_their_own_hours() -> None:
    act = _act("friendly_fraud", "bought").model_copy(update={"hours": None})
    assert Pace(1, 0).within(3 * HOUR, act, Dice(1, 1), 1, 0, 1.0, NEXT_HOURS) == 3 * HOUR


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dials")


def _shops(folder: Path, reuse: float) -> "pd.Series[int]":
    """Remote payments with stolen cards by shop, in a small world of many shops."""
    file = folder / f"{reuse}.yaml"
    file.write_text(TOWN.format(reuse=reuse))
    settings = load_scenario(file)
    run_scenario(settings, folder / str(reuse), shards=1)
    run = open_run(folder / str(reuse))
    labels = run.true_labels().to_pandas()
    paid = run.transactions(columns=["transaction_id", "merchant_id", "entry_mode", "status"]).to_pandas()
    paid = paid[paid["transaction_id"].isin(labels.loc[labels["is_fraud"], "transaction_id"])]
    return paid[(paid["entry_mode"] == "remote") & (paid["status"] == "approved")]["merchant_id"].value_counts()


def test_crews_buy_at_the_same_shops_again(folder: Path) -> None:
    """Catches a dial that reaches no payment: few shops take most where crews return, many where they do not."""
    again, never = _shops(folder, 1.0), _shops(folder, 0.0)
    assert min(again.sum(), never.sum()) > 60
    assert len(again) / again.sum() < 0.6 * len(never) / never.sum()


def test_a_tree_is_as_deep_as_the_last_days_ask_for() -> None:
    """Three questions at once need three levels; where too few are guilty nothing can be chosen."""
    draw = np.random.default_rng(1)
    known = draw.random((20_000, 3)).astype(np.float32)
    guilty = ((known > 0.5).sum(axis=1) % 2 == 1) & (draw.random(20_000) < 0.5)
    day, weight = np.arange(20_000) // 250, np.ones(20_000)
    assert depth_by_validation(known, guilty, weight, day) > 2
    flat = (known[:, 0] > 0.9) & (draw.random(20_000) < 0.5)
    assert depth_by_validation(known, flat, weight, day) <= 4
    assert depth_by_validation(known, np.arange(20_000) < 5, weight, day) == DEPTHS[len(DEPTHS) // 2]


def test_an_ablation_eases_one_dial_at_a_time() -> None:
    eased = settings()
    assert list(eased) == ["nothing", *Dials._fields] and eased["nothing"] == {}
    assert eased["skill"] == {"stories.skill": 0.15} and eased["reuse"] == {"stories.reuse": 0.9}
    line = row("skill", [Measured(0.1, 0.9, 0.002), Measured(0.2, 0.8, 0.004)])
    assert line == "| skill | 0.150 | 0.100, 0.200 | 0.850 | 0.30% |"
