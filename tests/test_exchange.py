"""Exchange: a path of rates that seed and date alone decide, and conversions in which the dealer never loses."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import EPOCH
from simulator.exchange import MARKET_DAYS, MILLION, Exchange, bought, cost, credited_abroad, market_day, worth
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario

START = (load_scenario("high_street").period.start - EPOCH).days


def currencies(count: int, **changes: object) -> Scenario:
    """High street with ``count`` countries whose currencies differ in nothing but their name."""
    codes = [("CA", "CAD"), ("MX", "MXN"), ("GB", "GBP"), ("FR", "EUR"), ("JP", "JPY"), ("CN", "CNY"), ("IN", "INR"), ("PH", "PHP")][:count]
    countries = [
        {"name": code.lower(), "code": code, "currency": currency, "rate": 1, "holidays": "CA", "travel": 1, "remittances": 1} | changes
        for code, currency in codes
    ]
    scenario = load_scenario("high_street").model_dump()
    return Scenario.model_validate({**scenario, "abroad": {**scenario["abroad"], "countries": countries}})


def test_market_days_are_mondays_to_fridays() -> None:
    days = [EPOCH + timedelta(n) for n in range(3000)]
    assert [market_day(n) for n in range(3000)] == np.cumsum([day.weekday() < 5 for day in days]).tolist()


def test_the_first_day_has_the_scenarios_rates() -> None:
    exchange = Exchange(load_scenario("high_street"))
    rate = dict(zip(exchange.codes, exchange.on(START).tolist(), strict=True))
    assert rate["USD"] == MILLION
    assert rate["GBP"] == 1_244_000  # cents for a million pence
    assert rate["JPY"] == 711_700  # a yen has no hundredths
    assert (exchange.on(START) == exchange.base).all()
    assert (exchange.on(START - 10) == exchange.base).all()


def test_rates_rest_at_weekends_and_move_on_market_days() -> None:
    exchange = Exchange(load_scenario("high_street"))
    days = [(EPOCH + timedelta(START + n), exchange.on(START + n)) for n in range(1, 120)]
    for (_, before), (day, rates) in pairwise(days):
        assert rates[0] == MILLION
        moved = (rates[1:] != before[1:]).sum()
        assert moved == 0 if day.weekday() >= 5 else moved >= len(rates) - 2, day


def test_a_rate_follows_from_seed_and_date_alone() -> None:
    """Whatever days were asked for before, and whatever other currencies there are."""
    scenario = load_scenario("high_street")
    whole = [Exchange(scenario).on(START + n).tolist() for n in (700, 3, 41, 1500)]
    exchange = Exchange(scenario)
    assert [exchange.on(START + n).tolist() for n in (700, 3, 41, 1500)] == whole
    few, many = Exchange(currencies(3)), Exchange(currencies(6))
    assert few.on(START + 900).tolist() == many.on(START + 900).tolist()[:4]
    other = Exchange(load_scenario("high_street", {"seed": 2}))
    assert (other.on(START + 900)[1:] != exchange.on(START + 900)[1:]).all()


@pytest.mark.parametrize("years", [1, 5, 30])
def test_the_rate_keeps_its_mean_and_has_the_variance_of_the_closed_form(years: int) -> None:
    """An autoregression of 261 steps a year: step² (1 - keep^2n) / (1 - keep²); and no drift, for half of it is taken off."""
    volatility, reversion = 0.1, 0.3
    logs, scenario = [], currencies(8, volatility=volatility, reversion=reversion)
    for seed in range(40):
        exchange = Exchange(scenario.model_copy(update={"seed": seed}))
        day = START + round(365.25 * years)
        steps = market_day(day) - market_day(START)
        keep = (1 - reversion) ** (1 / MARKET_DAYS)
        closed = volatility**2 / MARKET_DAYS * (1 - keep ** (2 * steps)) / (1 - keep**2)
        assert exchange.variance(0, steps) == pytest.approx(closed)
        logs.extend(np.log(exchange.on(day)[1:] / exchange.base[1:]))
    assert np.var(logs) == pytest.approx(closed, rel=0.25)  # 320 walks: a standard error of 8 %
    assert np.exp(logs).mean() == pytest.approx(1.0, abs=3.5 * closed**0.5 / 320**0.5)
    # In thirty years a walk that did not return would have three times the spread.
    assert closed < volatility**2 / -2 / np.log(1 - reversion) * 1.01


def test_departures_are_made_good_at_the_rate_of_reversion() -> None:
    """A year later, a share of a departure is left that the parameter says: the slope of one year's log rate on the last's."""
    now, then, scenario = [], [], currencies(8, volatility=0.1, reversion=0.5)
    for seed in range(60):
        exchange = Exchange(scenario.model_copy(update={"seed": seed}))
        for year in (8, 12, 16, 20):
            days = [START + round(365.25 * y) for y in (year, year + 1)]
            logs = [np.log(exchange.on(day)[1:] / exchange.base[1:]) for day in days]
            then.extend(logs[0])
            now.extend(logs[1])
    assert np.polyfit(then, now, 1)[0] == pytest.approx(0.5, abs=0.08)


def test_a_currency_without_volatility_is_pegged() -> None:
    exchange = Exchange(currencies(2, volatility=0.0))
    assert (exchange.on(START + 5000) == exchange.base).all()


AMOUNTS, RATES = st.integers(1, 10**10), st.integers(1_000, 10**9)


@given(AMOUNTS, RATES)
def test_the_dealer_never_loses_and_gains_less_than_a_unit(amount: int, rate: int) -> None:
    credited = bought(amount, rate)
    assert credited >= 1
    if amount * MILLION >= rate:  # a payment of less than one foreign minor unit still credits one
        assert credited * rate <= amount * MILLION < (credited + 1) * rate
    home = worth(amount, rate)
    assert home >= 1
    if amount * rate >= MILLION:
        assert home * MILLION <= amount * rate < (home + 1) * MILLION


@given(st.integers(1, 10**9), RATES)
def test_a_price_abroad_is_paid_exactly(price: int, rate: int) -> None:
    """What costs a price today credits that price, and nothing else does."""
    amount = cost(price, rate)
    assert (amount - 1) * MILLION < price * rate <= amount * MILLION
    assert credited_abroad(amount, price, rate) == price
    assert credited_abroad(amount, 0, rate) == bought(amount, rate)
    stale = credited_abroad(amount + 7, price, rate)  # planned at yesterday's rate: converted at today's
    assert stale == bought(amount + 7, rate)


def test_there_and_back_gains_nothing() -> None:
    for rate in (12_110, 711_700, 1_244_000, 56_390_000):
        for amount in (199, 12_345, 1_000_000):
            assert worth(bought(amount, rate), rate) <= amount
