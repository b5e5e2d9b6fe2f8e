"""Exchange: the currencies of a world, the daily path of their rates, and what an amount of one buys of another.

A rate is published once a day: home minor units for 1,000,000 minor units of the foreign currency, a whole number. Its
logarithm departs from the first day's by a mean-reverting walk that moves on Mondays to Fridays, as markets do. The steps
are addressed draws, so a day's rates follow from the seed, the scenario and the date alone: a resumed run needs nothing.

Conversions round in the dealer's favour, by less than one minor unit of the coarser currency:
credited x rate <= amount < credited x rate + one unit, and at least one minor unit is credited.
"""

import math
from datetime import date

import numpy as np

from simulator.draws import Ints, Why, normal, words
from simulator.kernel import kernel
from simulator.scenario import Scenario
from simulator.scenario.iso import minor_units

MILLION = 1_000_000
MARKET_DAYS = 261
"""Mondays to Fridays in a year."""


def market_day(day: int) -> int:
    """How many Mondays to Fridays there were since 1970-01-01 (a Thursday) up to a day, itself included."""
    weeks, rest = divmod(day + 3, 7)
    return 5 * weeks + min(rest + 1, 5) - 3


class Exchange:
    """The currencies of a scenario, home first, and their rates by day.

    Args:
        scenario: gives the countries and the first day.

    Attributes:
        codes: ISO 4217, home first, then in the order of the countries.
        units: minor units in a unit of each.
        currency: place of each country's currency in ``codes``.
        base: published rates of the first day, home minor units for a million foreign ones.
    """

    def __init__(self, scenario: Scenario) -> None:
        home = scenario.country.currency
        countries = scenario.abroad.countries
        self.codes: list[str] = list(dict.fromkeys([home, *(country.currency for country in countries)]))
        self.units: Ints = np.array([minor_units(code) for code in self.codes], np.int64)
        self.currency: Ints = np.array([self.codes.index(country.currency) for country in countries], np.int64)
        self._seed = scenario.seed
        self._first = market_day((scenario.period.start - date(1970, 1, 1)).days)
        first = [next(country for country in countries if country.currency == code) for code in self.codes[1:]]
        self._rate = [(country.rate or 1.0) * minor_units(home) / minor_units(country.currency) * MILLION for country in first]
        self._keep = [(1 - country.reversion) ** (1 / MARKET_DAYS) for country in first]
        self._step = [country.volatility / math.sqrt(MARKET_DAYS) for country in first]
        # A currency's draws are addressed by its letters: another currency more changes nobody's rate.
        self._which = [int.from_bytes(country.currency.encode("ascii")) for country in first]
        self._departures: list[list[float]] = [[0.0] for _ in first]
        self.base: Ints = self.on_market_day(self._first)

    def on(self, day: int) -> Ints:
        """The rates published for a day, days since 1970; the home currency's is a million."""
        return self.on_market_day(market_day(day))

    def on_market_day(self, number: int) -> Ints:
        """The rates of a market day; the first day's before it."""
        steps = max(0, number - self._first)
        rates = [MILLION]
        for k, path in enumerate(self._departures):
            if steps >= len(path):
                self._extend(k, steps + MARKET_DAYS)
            # Half the variance is taken off, so that the mean of the rate stays where it began.
            rates.append(max(1, round(self._rate[k] * math.exp(path[steps] - self.variance(k, steps) / 2))))
        return np.array(rates, np.int64)

    def variance(self, k: int, steps: int) -> float:
        """Variance of the logarithm of the rate of the k-th foreign currency, ``steps`` market days after the first."""
        keep = self._keep[k]
        sum_of_squares = float(steps) if keep == 1 else (1 - keep ** (2 * steps)) / (1 - keep**2)
        return self._step[k] ** 2 * sum_of_squares

    def _extend(self, k: int, steps: int) -> None:
        path = self._departures[k]
        numbers = np.arange(self._first + len(path), self._first + steps + 1, dtype=np.int64)
        for shock in normal(words(self._seed, numbers, Why.RATE, self._which[k])[0]).tolist():
            path.append(self._keep[k] * path[-1] + self._step[k] * shock)


@kernel
def bought(amount: int, rate: int) -> int:
    """Foreign minor units that a home amount buys, rounded down; at least one."""
    return max(1, amount * MILLION // rate)


@kernel
def worth(foreign: int, rate: int) -> int:
    """Home minor units that are paid out for a foreign amount, rounded down; at least one."""
    return max(1, foreign * rate // MILLION)


@kernel
def cost(foreign: int, rate: int) -> int:
    """Home minor units that buy a foreign amount, rounded up."""
    return -(-foreign * rate // MILLION)


@kernel
def credited_abroad(amount: int, price: int, rate: int) -> int:
    """What a payee abroad gets for a home amount: the price in its currency where the amount is what that costs today."""
    return price if price > 0 and cost(price, rate) == amount else bought(amount, rate)
