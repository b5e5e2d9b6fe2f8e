"""Conditions: the climate of a day from the shocks' paths."""

import numpy as np

from simulator.economy.paths import Curves
from simulator.population.climate import CARD, FIRM, LOAN, NEW_LOAN, SAVINGS, USUAL, Climate, usual_pay
from simulator.population.households import KINDS, Floats
from simulator.scenario import Scenario
from simulator.scenario.shocks import Kind

WORD = 2**32 - 1


class Conditions:
    """Writes the climate of each day.

    Args:
        scenario: its shocks and its economy.
    """

    def __init__(self, scenario: Scenario) -> None:
        categories = [category.name for category in scenario.categories]
        shocks, credit = scenario.shocks, scenario.credit
        self._pass_through = scenario.economy.pass_through
        self._response = scenario.economy.price_response
        self._prices, self._shut, self._remote, self._stock = (
            Curves(shocks, kind, categories) for kind in (Kind.PRICES, Kind.RESTRICTION, Kind.REMOTE, Kind.STOCK_UP)
        )
        self._income = Curves(shocks, Kind.INCOME, list(KINDS))
        self._policy = Curves(shocks, Kind.POLICY_RATE, ["rate"])
        self._card, self._loan, self._savings = credit.card_rate, credit.loan_rate, credit.savings_rate
        self._firm = scenario.lending.firm_rate
        self._pay = usual_pay(scenario)
        self._variable, self._new = scenario.economy.variable_loans, scenario.economy.new_loans
        self.moves = any((self._prices, self._shut, self._remote, self._stock, self._income, self._policy))
        """Whether anything ever differs from a usual time."""

    def obey(self, scenario: Scenario) -> None:
        """Take up the rules of a day: what cards may cost."""
        self.moves |= scenario.credit.card_rate != self._card
        self._card = scenario.credit.card_rate

    def write(self, climate: Climate, day: int) -> None:
        """Set the climate of a day since 1970, in place."""
        if not self.moves:
            return
        price = 1 + self._prices.on(day)
        demand = price**-self._response * (1 + self._stock.on(day))
        peak = max(1.0, float(demand.max()))
        climate.peak[0] = round(peak * USUAL)
        climate.demand[:] = np.minimum(np.rint(demand / peak * USUAL), USUAL).astype(np.int64)
        climate.price[:] = np.rint(price * USUAL).astype(np.int64)
        climate.shut[:] = _chance(self._shut.on(day))
        climate.remote[:] = _chance(self._remote.on(day))
        climate.pay[:] = np.rint(np.maximum(0.0, 1 + self._income.on(day)) * self._pay).astype(np.int64)
        points = float(self._policy.on(day)[0])
        climate.rate[CARD] = _million(self._card + points)  # card rates follow the prime rate (Federal Reserve, G.19)
        climate.rate[FIRM] = _million(self._firm + points)  # so do business lines
        climate.rate[LOAN] = _million(self._loan + points * self._variable)
        climate.rate[NEW_LOAN] = _million(self._loan + points * self._new)
        climate.rate[SAVINGS] = _million(self._savings + points * self._pass_through)


def _million(rate: float) -> int:
    return round(max(0.0, rate) * 1_000_000)


def _chance(share: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.rint(np.clip(share, 0.0, 1.0) * WORD).astype(np.int64)
