"""Ten years: bands on series that can be counted by hand, and moments of a small town by hand."""

import numpy as np
import pandas as pd
import pytest

from calibration.decade import EARLY, judge, live_years, look, paid
from simulator import PaymentsModel
from simulator.codes import Method, Purpose, Status
from simulator.population.accounts import LOAN, PERSON_ROWS
from simulator.population.presence import here


def runs(*series: list[float]) -> list[pd.DataFrame]:
    return [pd.DataFrame({"moment": one}) for one in series]


def test_what_stays_is_within_and_what_drifts_is_not() -> None:
    steady = [100.0, 100, 101, 102, 90, 110, 100, 100, 101, 101]
    found = judge(runs(steady, steady)).loc["moment"]
    assert (found["early"], found["late"], found["error"]) == (101.0, 101.0, 0.0)
    assert (found["low"], found["high"]) == pytest.approx((100 - 2.02, 102 + 2.02)), "two per cent, where runs do not differ"
    assert found["within"]
    for last, within in ((97.9, False), (98.0, True), (104.0, True), (104.1, False)):
        assert judge(runs(*[[*steady[:8], last, last]] * 2)).loc["moment", "within"] == within


def test_the_first_year_and_those_between_decide_nothing() -> None:
    early = [100.0] * 10
    for year in (0, 4, 5, 6, 7):
        odd = list(early)
        odd[year] = 1000.0
        found = judge(runs(odd, odd)).loc["moment"]
        assert found["within"] and found["high"] == pytest.approx(102.0)
    assert list(range(10))[EARLY] == [1, 2, 3], "years 2 to 4"


def test_runs_that_differ_widen_the_band_and_more_of_them_narrow_it() -> None:
    low, high = [90.0] * 10, [110.0] * 10
    two, eight = judge(runs(low, high)).loc["moment"], judge(runs(*[low, high] * 4)).loc["moment"]
    assert two["error"] == pytest.approx(200**0.5 / 2**0.5)
    assert two["high"] == pytest.approx(100 + 4 * two["error"])
    assert eight["error"] < 0.6 * two["error"]
    # A drift that all runs share stands out of more runs sooner.
    drifts = [[*one[:8], one[8] + 20, one[9] + 20] for one in (low, high)]
    assert judge(runs(*drifts)).loc["moment", "within"] and not judge(runs(*drifts * 8)).loc["moment", "within"]


def test_payments_are_a_customers_a_month() -> None:
    tally = np.zeros((2, len(Purpose), len(Method), 4), np.int64)
    tally[0, Purpose.PURCHASE, [Method.CARD, Method.CASH], Status.APPROVED] = 30, 10
    tally[1, Purpose.PURCHASE, Method.CARD, Status.APPROVED] = 120_00
    tally[0, Purpose.PURCHASE, Method.CARD, Status.DECLINED] = 99
    tally[0, [Purpose.TRANSFER, Purpose.SALE], Method.INSTANT_TRANSFER, Status.APPROVED] = 3, 1
    found = paid(tally, 100, 2 * 2 * 365.25 / 12)
    assert (found["purchases"], found["purchases_in_notes"], found["value_of_purchases"]) == pytest.approx((10.0, 2.5, 30.0))
    assert found["transfers"] == pytest.approx(1.0)


def test_a_look_counts_who_is_there() -> None:
    model = PaymentsModel("hamlet", customers=200, days=60, **{"lives.leave": (0.5,) * 7})
    model.run_for(40)
    found, people = look(model), model.world.people
    rows = np.flatnonzero(here(people, model.clock.start + 40))
    assert found["customers"] == len(rows) == model.day["customers"] + model.world.census[1] - model.world.census[0]
    assert (people.left <= model.clock.start + 40).any(), "somebody left"
    assert found["age"] == pytest.approx(people.age[rows].astype(float).mean())
    assert found["tenants"] + found["owners"] + found["mortgaged"] == pytest.approx(1.0)
    assert sum(share for name, share in found.items() if name.startswith("aged_")) == pytest.approx(1.0)
    assert found["households"] == (people.head[rows] == 1).sum()
    owes = model.world.accounts.book[rows * PERSON_ROWS + LOAN] < 0
    assert 0 < found["indebted"] == pytest.approx(owes.mean())


def test_years_are_calendar_years() -> None:
    model = PaymentsModel("hamlet", customers=30, days=731)
    table = live_years(model, 2)
    assert model.days_lived == 366 + 365 and len(table) == 2
    assert (table["customers"] > 20).all() and (table["purchases"] > 10).all() and not table.isna().any(axis=None)
    assert table.loc[1, "years_with_the_bank"] != table.loc[0, "years_with_the_bank"]
