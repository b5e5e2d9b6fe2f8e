"""Measures of habit, on purchases that can be counted by hand."""

import numpy as np
import pandas as pd
import pytest

from calibration.habits import (
    HOURS,
    MONTH,
    dealt,
    gap_variation,
    measure_habits,
    merchant_sales,
    read_purchases,
    revisit_share,
    spend_variances,
    tail_index,
    top_share,
)
from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario


def bought(*rows: tuple[int, int, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["customer", "merchant", "amount", "hour"])


def test_the_first_visit_is_new_and_the_others_are_not() -> None:
    purchases = bought((1, 7, 1.0, 0.0), (1, 7, 1.0, 1.0), (2, 7, 1.0, 2.0), (1, 8, 1.0, 3.0), (1, 7, 1.0, 4.0))
    assert revisit_share(purchases) == pytest.approx(2 / 5)
    # Counted from hour 3, but hours 0 and 1 are remembered: 8 is new, 7 is not.
    assert revisit_share(purchases, since=3.0) == pytest.approx(1 / 2)


def test_variances_of_two_customers_over_two_months() -> None:
    month = HOURS * MONTH
    first = (1, 0, 60.0, 0.0), (1, 0, 40.0, 5.0), (2, 0, 300.0, 0.0)
    later = (1, 0, 120.0, month + 1), (2, 0, 320.0, 2 * month - 1), (2, 0, 9e9, 2 * month)
    purchases = bought(*first, *later)
    between, within = spend_variances(purchases, days=75)
    # Customer 1 spends 100 and 120 (mean 110, variance 200), customer 2 spends 300 and 320 (mean 310, variance 200).
    assert within == pytest.approx(200.0)
    assert between == pytest.approx(20_000.0 - 200.0 / 2)


def test_a_month_without_a_purchase_counts_as_nothing() -> None:
    between, within = spend_variances(bought((1, 0, 10.0, 0.0), (2, 0, 10.0, 0.0), (2, 0, 10.0, HOURS * MONTH)), days=61)
    assert within == pytest.approx((50.0 + 0.0) / 2)
    assert between == pytest.approx(12.5 - 25.0 / 2)


def test_sizes_of_merchants() -> None:
    sales = merchant_sales(bought((1, 5, 1.0, 0.0), (1, 6, 4.0, 0.0), (2, 6, 4.0, 0.0), (2, 7, 1.0, 0.0)))
    assert sales.tolist() == [8.0, 1.0, 1.0]
    assert top_share(sales, 1 / 3) == pytest.approx(0.8)
    assert tail_index(sales, 1 / 3) == pytest.approx(1 / np.log(8.0))


def test_hill_finds_the_exponent_of_a_power_law() -> None:
    quantiles = (np.arange(20_000) + 0.5) / 20_000
    assert tail_index(quantiles ** (-1 / 1.5)) == pytest.approx(1.5, rel=0.01)
    assert tail_index(np.sort(-np.log(quantiles))[::-1], 0.01) > 4, "an exponential has no heavy tail"


def test_a_clock_and_a_pair_of_gaps() -> None:
    clock = np.arange(30, dtype=float)
    assert gap_variation(np.zeros(30, np.int64), clock) == pytest.approx(0.0)
    # Gaps 1, 3: mean 2, standard deviation sqrt(2). A customer with too few purchases is left out.
    pair = np.array([0.0, 1.0, 4.0, 0.0, 1.0])
    assert gap_variation(np.array([1, 1, 1, 2, 2]), pair, fewest=3) == pytest.approx(np.sqrt(2) / 2)
    hours = np.sort(np.random.default_rng(1).uniform(0, 5000, 5000))
    assert gap_variation(np.zeros(5000, np.int64), hours) == pytest.approx(1.0, abs=0.05)


def test_dealing_keeps_every_hour() -> None:
    purchases = bought(*((row, 0, 1.0, float(row)) for row in range(50)))
    assert sorted(dealt(purchases)) == purchases["hour"].tolist() != dealt(purchases).tolist()


def test_habits_of_a_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("habits") / "run"
    run_scenario(load_scenario("hamlet", {"period.days": 75}), folder)
    run = open_run(folder)
    purchases = read_purchases(run)
    daily = run.daily().to_pandas()
    daily = daily[daily["currency"] == run.scenario.country.currency]
    unseen = run.table("truth/unseen", columns=["purpose"]).to_pandas()
    won = (run.transactions(["message"])["message"].to_pandas() == "representment").sum()  # paid again, not bought again
    at_home = daily.loc[daily["currency"] == run.scenario.country.currency, "purchases"].sum()
    assert len(purchases) == at_home - won + (unseen["purpose"] == "purchase").sum()
    habits = measure_habits(run)
    assert habits["revisits_last_month"] > habits["revisits"] > 0.3
    assert habits["between_over_within"] > 1
    assert habits["gap_variation"] > 1.05 * habits["gap_variation_dealt"]
