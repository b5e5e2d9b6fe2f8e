"""Causes of charge-offs, by hand: what had happened by the day on which somebody fell behind."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_worlds import ORDINARY

from calibration.charge_offs import LADDER, Known, cause, read
from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

DAY = 400 + LADDER
"""Who falls behind on day 400 is charged off on this one."""


def known(wages: range = range(0, 500, 14), frozen: tuple[float, float] = (0, 1), **story: object) -> Known:
    """Customer 1, who is paid on some days, was frozen once, and was in a story that took 3,000 a week before they fell behind."""
    told = {"who": 1, "day": 393, "amount": -3000.0, "card": False, "family": "innocent", "lookalike_of": None, "authorised": True} | story
    return Known(
        pd.DataFrame({"who": [1], "day": [DAY], "amount": [4000.0]}),
        pd.DataFrame({"who": [1], "day": [frozen[0]], "until": [frozen[1]]}),
        pd.DataFrame({"who": 1, "day": list(wages), "amount": 1000.0}),
        pd.DataFrame([told]),
        pd.Series({1: 2000.0}),
    )


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (known(), "other"),
        (known(wages=range(0, 380, 14)), "out of work or paid less"),
        (known(frozen=(380, 440)), "an account was frozen"),
        (known(frozen=(380, np.inf)), "an account was frozen"),
        (known(frozen=(380, 381)), "other"),
        (known(frozen=(200, 260)), "other"),
        (known(family="card", card=True, authorised=False), "drawn by a thief"),
        (known(family="first_party", card=True), "own fraud"),
        (known(family="scam"), "scam"),
        (known(lookalike_of="S7"), "look-alike story"),
        (known(lookalike_of="S7", day=100), "other"),
    ],
)
def test_causes_by_hand(told: Known, why: str) -> None:
    assert cause(told, 1, DAY, 4000.0) == why
    assert cause(told, 1, LADDER - 2, 4000.0) == "late on the first morning"


def test_a_run_is_read(tmp_path: Path) -> None:
    """Wages of employees and nothing of stories, from a world without them."""
    run_scenario(load_scenario("hamlet", ORDINARY | {"population.customers": 60, "period.days": 31}), tmp_path / "run")
    found = read(open_run(tmp_path / "run"))
    assert len(found.paid) > 20 and found.paid.day.between(0, 30).all() and not len(found.told)
    assert set(found.paid.who) <= set(found.budget.index)
