"""The difficulty card: what models find is what is there to be found."""

import builtins
from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_up_crime import START, World, world

from simulator.audit import difficulty as card
from simulator.audit.difficulty import INSTALL, LEARNERS, card_precision, difficulty
from simulator.audit.history import DAY_SECONDS, History, Roles, row_features, timeline, window
from simulator.audit.leaks.sheet import DAY, Sheet

MODELS = {f"{model}_{what}" for what, models in LEARNERS.items() if what != "oracle" for model in models}


def compromised() -> World:
    """Guilty rows are those at three payees in their bad days: history tells, a row does not."""
    made = world(30_000)
    bad = (made["payee_account"] % 97 == 5) & ((made["timestamp"] - START) // DAY > 3)
    made.guilty = bad & (np.random.default_rng(1).random(len(bad)) < 0.7)
    made.lookalike[:] = False
    made.story = np.where(made.guilty, made["payee_account"], -1)
    return made


def test_a_clean_world_is_not_to_be_told() -> None:
    made = world(40_000, stories=600)
    said = difficulty(made.sheet())
    assert set(said) == MODELS
    assert all(abs(figures["auc"] - 0.5) < 0.1 for figures in said.values())


def test_history_tells_what_a_row_does_not() -> None:
    said = difficulty(compromised().sheet())
    row, history = said["gradient_boosting_row"], said["gradient_boosting_history"]
    assert row["auc"] < 0.65
    assert history["auc"] > 0.9
    assert history["average_precision"] > 5 * row["average_precision"]


def test_the_oracle_knows_more() -> None:
    made = world(40_000, stories=600)
    frame = pd.DataFrame({"account": made["payer_account"], "story": made.story, "at": made["timestamp"]})[made.guilty]
    role = frame.groupby(["account", "story"], as_index=False).agg(first=("at", "min"), last=("at", "max"))
    made.tables["truth/accounts"] = pd.DataFrame(
        {
            "account_id": role["account"], "story_id": role["story"],
            "first": pd.to_datetime(role["first"], unit="us", utc=True), "last": pd.to_datetime(role["last"], unit="us", utc=True),
        }
    )  # fmt: skip
    said = difficulty(made.sheet())
    assert set(said) == MODELS | {"gradient_boosting_oracle"}
    assert said["gradient_boosting_oracle"]["auc"] > said["gradient_boosting_history"]["auc"] + 0.2


def test_too_few_guilty_rows_are_said() -> None:
    said = difficulty(world(8000, stories=10).sheet())
    assert set(said) == {"said"}
    assert "fewer than 30" in said["said"]


def test_a_missing_column_is_said() -> None:
    made = world(2000)
    del made.columns["amount"]
    assert "amount" in difficulty(made.sheet())["said"]


def test_without_the_extra_it_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def lacking(name: str, *arguments: Any, **named: Any) -> Any:
        if name.split(".")[0] == "sklearn":
            raise ImportError(name)
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", lacking)
    assert difficulty(world(2000).sheet()) == {"said": INSTALL}


def test_a_scope_is_kept_to() -> None:
    made = world(40_000, stories=600)
    made.guilty &= made["method"] != "card"
    assert "fewer than" in difficulty(made.sheet(), "card")["said"]
    assert set(difficulty(made.sheet(), "all")) == MODELS


def test_drawing_fewer_to_learn_from_changes_little(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = compromised().sheet()
    whole = difficulty(sheet)["gradient_boosting_history"]["auc"]
    monkeypatch.setattr(card, "LEARNT", 5000)
    assert difficulty(sheet)["gradient_boosting_history"]["auc"] == pytest.approx(whole, abs=0.05)


def test_windows_are_those_of_plain_loops() -> None:
    draw = np.random.default_rng(4)
    entity, second = draw.integers(0, 5, 400), np.sort(draw.integers(0, 40 * DAY_SECONDS, 400))
    amount, guilty = draw.random(400), draw.random(400) < 0.2
    for days, delay in ((1, 0), (7, 7), (30, 7)):
        count, mean, risk = window(timeline(entity, second, amount, guilty), entity, second, days, delay)
        for i in range(0, 400, 37):
            end = second[i] - delay * DAY_SECONDS
            mine = (entity == entity[i]) & (second > end - days * DAY_SECONDS) & (second <= end)
            assert count[i] == mine.sum()
            assert mean[i] == pytest.approx(amount[mine].mean() if mine.any() else 0)
            assert risk[i] == pytest.approx(guilty[mine].mean() if mine.any() else 0)


def test_no_label_is_known_before_its_delay() -> None:
    """What is labelled in the last week changes no risk, the row's own label least of all."""
    made = compromised()
    rows = np.arange(29_000, 30_000)
    before = History(made.sheet(), np.ones(30_000, bool)).features(rows)[1]
    made.guilty[made["timestamp"] > made["timestamp"][rows[-1]] - 7 * DAY] ^= True
    assert np.array_equal(before, History(made.sheet(), np.ones(30_000, bool)).features(rows)[1])


def test_weekends_and_nights() -> None:
    made = world(5000)
    sheet = Sheet.of(made.columns, made.guilty, offset=-5 * 3600 * 1_000_000)
    names, values = row_features(sheet, np.arange(5000))
    at = pd.to_datetime(made["timestamp"], unit="us") - pd.Timedelta(hours=5)
    assert np.array_equal(sheet.hour(), at.hour)
    assert np.array_equal(values[:, names.index("weekend")] > 0, at.day_of_week >= 5)
    assert np.array_equal(values[:, names.index("night")] > 0, at.hour < 6)


def test_roles_count_stories_at_a_time() -> None:
    roles = Roles(np.array([7, 7, 9]), np.array([10, 15, 0]), np.array([20, 30, 5]))
    assert roles.active(np.array([7, 7, 7, 7, 7, 9, 8]), np.array([9, 10, 17, 20, 21, 6, 17])).tolist() == [0, 1, 2, 2, 1, 0, 0]


def test_card_precision_looks_into_each_payer_once() -> None:
    """Of 200 payers a day, 20 guilty ones with the highest scores are found on the first day, and none is left for the next."""
    payer = np.tile(np.arange(200), 2)
    day = np.repeat([0, 1], 200)
    guilty = payer < 20
    assert card_precision(-payer.astype(float), guilty, payer, day) == pytest.approx((20 / 100 + 0) / 2)
