"""What people and firms hold over years, on numbers that can be counted by hand and on a small world."""

import numpy as np
import pandas as pd
import pytest

from calibration.drift import YEAR, watch, yearly_change
from simulator import PaymentsModel


def test_a_year_is_held_against_the_year_before() -> None:
    steady = np.tile(np.arange(YEAR, dtype=float), 2)
    held = pd.DataFrame({"steady": steady, "rising": np.repeat([100.0, 110.0], YEAR)})
    change = yearly_change(held)
    assert change.loc["steady"].tolist() == [0.0, 182.0, 182.0, 0.0], "a season is no drift"
    assert change.loc["rising"].tolist() == pytest.approx([100.0, 100.0, 110.0, 0.1])


def test_what_is_held_is_what_the_books_say() -> None:
    model = PaymentsModel("hamlet", customers=100)
    held = watch(model, 3)
    assert len(held) == 3 and model.days_lived == 3
    last = held.iloc[-1]
    assert last[[f"q{place}" for place in range(1, 6)]].sum() == pytest.approx(model.day["deposits"])
    notes = sum(group.get("till").sum() for group in (model.merchants, model.employers, model.institutions))
    others = sum(model.institutions.get(account).sum() for account in ("balance", "acquiring", "till", "reserve_balance"))
    apart = sum(group.get("reserve_balance").sum() for group in (model.merchants, model.employers))
    assert last["merchants"] + last["employers"] + others + apart == pytest.approx(model.day["firm_deposits"] + notes)
