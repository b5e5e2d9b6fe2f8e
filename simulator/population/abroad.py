"""Countries abroad as columns: their money and clock, their merchants, and the chances that take people and payments there."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.clock import MICROSECONDS
from simulator.draws import NORMAL, WORD, Ints, Why, normal, pick, threshold, uniform, words
from simulator.exchange import MILLION, Exchange
from simulator.kernel import step
from simulator.population.accounts import Layout
from simulator.population.tables import PURCHASES_PER_TRIP
from simulator.scenario import Scenario

EVERY = 28
"""Days for which journeys are decided at a time."""

CASH_MACHINE = 6011
STAY_SPREAD = 0.6
"""Log standard deviation of the length of a stay (assumption)."""

LONGEST = 60
"""Days of the longest stay."""


class Abroad(NamedTuple):
    """Countries C, currencies K (home first), merchants M, categories in person B; chances of 2^32 and other integers only."""

    countries: int
    currency: NDArray[np.int64]
    """Place of each country's currency among the rates."""
    offset: NDArray[np.int64]
    """Local time minus UTC by country, microseconds."""
    base: NDArray[np.int64]
    """Rates of the first day by currency."""
    unit: NDArray[np.int64]
    """Minor units in a unit by currency."""
    note: NDArray[np.int64]
    """Withdrawals in a country are multiples of this, in its minor units."""
    prices: NDArray[np.int64]
    """Price level by country, 1/65536."""
    sca: NDArray[np.int64]
    """1 where remote merchants ask for strong customer authentication."""
    travel: NDArray[np.uint32]
    """Cumulative weights of destinations, as words."""
    corridor: NDArray[np.uint32]
    """Cumulative weights of corridors; empty where there are none."""
    trade: NDArray[np.uint32]
    """Cumulative weights of trade; empty where there is none."""
    trips: NDArray[np.int64]
    """Chance of setting off within four weeks of a mean month, by income quintile."""
    months: NDArray[np.int64]
    """Departures by month against the mean month, 1/65536."""
    stay: NDArray[np.int64]
    """Days of a stay, shape (C, 256) by quantile."""
    together: int
    notice: int
    activity: int
    """Purchases a day on a journey over shopping trips a day at home, 1/65536."""
    basket: NDArray[np.uint32]
    """Cumulative weights of categories in person."""
    sold: NDArray[np.int64]
    """Category of each of them."""
    remote: NDArray[np.int64]
    """Chance that a remote purchase is made abroad, by category."""
    shelf: NDArray[np.int64]
    """Place of a category among those sold remotely, after those in person; -1 for none."""
    shops: int
    """Merchants of a country and category."""
    stride: int
    """Merchants of a country; the last one runs cash machines."""
    mcc: NDArray[np.int16]
    category: NDArray[np.int16]
    """Category of each merchant, -1 for cash machines."""
    online: NDArray[np.int8]
    home_priced: NDArray[np.int8]
    """1 where a remote merchant's prices are in the home currency."""
    terminals: NDArray[np.int16]
    level: NDArray[np.int64]
    """Price level of each merchant, 1/65536."""
    opens: NDArray[np.int8]
    closes: NDArray[np.int8]
    notes: int
    withdrawals: int
    """Chance of a withdrawal on a day of a journey."""
    withdrawal: int
    """Mean of one, home minor units."""
    pensions: int
    students: int
    exports: int
    imports: int


def _cumulative(weights: list[float]) -> NDArray[np.uint32]:
    total = np.cumsum(weights)
    return np.rint(total / total[-1] * (2**32 - 1)).astype(np.uint32) if len(total) and total[-1] > 0 else np.zeros(0, np.uint32)


def _note(home: float, rate: int, unit: int) -> int:
    """A power of ten of foreign units near and below a note at home, in foreign minor units (assumption)."""
    units = home * MILLION / rate / unit
    return int(10 ** max(0, np.floor(np.log10(units)))) * unit


def _stays(mean: float) -> Ints:
    """Days by quantile: log-normal about the mean, whole, at least one."""
    values = np.exp(STAY_SPREAD * NORMAL[8::16])
    return np.clip(np.rint(values / values.mean() * mean), 1, LONGEST).astype(np.int64)


class _Shelves(NamedTuple):
    """Which categories are sold in every country abroad: in person, then remotely."""

    person: list[int]
    remote: list[int]

    @classmethod
    def of(cls, scenario: Scenario) -> "_Shelves":
        names = [category.name for category in scenario.categories]
        chosen = [
            [names.index(name) for name, weight in part.items() if weight] for part in (scenario.abroad.basket, scenario.abroad.remote)
        ]
        return cls(*chosen)


def merchant_rows(scenario: Scenario, countries: int, stride: int) -> Ints:
    """A number for each merchant abroad that no other country of the list moves: where its draws and ids are addressed."""
    codes = [int.from_bytes(country.code.encode("ascii")) for country in scenario.abroad.countries[:countries]]
    first = (1 << 29) + np.array(codes, np.int64) * (1 << 13)
    return (first[:, None] + np.arange(stride)).ravel().astype(np.int64)


def build_abroad(scenario: Scenario, exchange: Exchange, unit: int) -> Abroad:
    """Every column of the rest of the world.

    Args:
        scenario: the countries.
        exchange: their currencies.
        unit: minor units in a unit of the home currency.
    """
    abroad, countries = scenario.abroad, scenario.abroad.countries
    size, shelves = len(countries), _Shelves.of(scenario)
    shops = abroad.merchants
    sold = np.array([*shelves.person, *shelves.remote], np.int64)
    stride = len(sold) * shops + 1 if size else 0
    category = np.tile(np.append(np.repeat(sold, shops), -1), size)[: size * stride]
    online = np.tile(np.append(np.repeat(np.arange(len(sold)) >= len(shelves.person), shops), False), size)[: size * stride]
    machine = category < 0
    mcc, opens, closes = (np.array([getattr(c, name) for c in scenario.categories])[category] for name in ("mcc", "opens", "closes"))
    always = machine | online
    traits = words(scenario.seed, merchant_rows(scenario, size, stride), Why.FOREIGN_SHOP)
    sigma = scenario.firms.price_spread
    months = np.array(abroad.trip_months or [1.0] * 12)
    shelf = np.full(len(scenario.categories), -1, np.int64)
    shelf[shelves.remote] = len(shelves.person) + np.arange(len(shelves.remote))
    basket = [abroad.basket[scenario.categories[c].name] for c in shelves.person]
    place, known = exchange.currency, int(size > 0)
    return Abroad(
        countries=size, currency=place,
        offset=np.array([int(c.utc_offset.total_seconds()) * MICROSECONDS for c in countries], np.int64),
        base=exchange.base, unit=exchange.units,
        note=np.array([_note(scenario.cash.note * unit, int(exchange.base[k]), int(exchange.units[k])) for k in place], np.int64),
        prices=np.array([round(c.prices * 65536) for c in countries], np.int64),
        sca=np.array([int(c.sca) for c in countries], np.int64),
        travel=_cumulative([c.travel for c in countries]), corridor=_cumulative([c.remittances for c in countries]),
        trade=_cumulative([c.trade for c in countries]),
        trips=threshold(np.array(abroad.trips) * EVERY / 365.25) if size else np.zeros(5, np.int64),
        months=np.rint(months / months.mean() * 65536).astype(np.int64),
        stay=np.stack([_stays(c.stay) for c in countries]) if size else np.zeros((0, 256), np.int64),
        together=_chance(abroad.together), notice=_chance(abroad.notice), activity=round(abroad.activity * PURCHASES_PER_TRIP * 65536),
        basket=_cumulative(basket), sold=sold[: len(shelves.person)],
        remote=threshold(np.array([known * abroad.remote.get(c.name, 0.0) for c in scenario.categories])), shelf=shelf,
        shops=shops, stride=stride, mcc=np.where(machine, CASH_MACHINE, mcc).astype(np.int16), category=category.astype(np.int16),
        online=online.astype(np.int8), home_priced=(online & (uniform(traits[2]) < abroad.home_priced)).astype(np.int8),
        terminals=np.where(online, 0, np.where(machine, 64, 1 + (traits[1] >> np.uint32(30)))).astype(np.int16),
        level=np.rint(np.exp(sigma * normal(traits[0]) - sigma * sigma / 2) * 65536).astype(np.int64),
        opens=np.where(always, 0, opens).astype(np.int8), closes=np.where(always, 24, closes).astype(np.int8),
        notes=_chance(abroad.notes), withdrawals=_chance(min(1.0, abroad.withdrawals * 12 / 365.25)),
        withdrawal=round(abroad.withdrawal * unit), pensions=_chance(abroad.pensions * known), students=_chance(abroad.students * known),
        exports=_chance(abroad.exports * known), imports=_chance(abroad.imports * known),
    )  # fmt: skip


def _chance(share: float) -> int:
    return round(share * (WORD - 1))


def corridors(scenario: Scenario, layout: Layout, rows: Ints) -> Ints:
    """Account row to which each person sends money abroad: the country of their corridor, or the outside where there is none."""
    weights = np.array([country.remittances for country in scenario.abroad.countries])
    if not weights.sum():
        return np.full(len(rows), layout.outside, np.int64)
    country = np.searchsorted(np.cumsum(weights) / weights.sum(), uniform(words(scenario.seed, rows, Why.CORRIDOR)[0]), side="right")
    return layout.abroad_base + np.minimum(country, len(weights) - 1)


@step
def corridor_row(abroad: Abroad, layout: Layout, word: int) -> int:
    """Account row of a country abroad by the weights of corridors, or the outside; ``word`` chooses."""
    size = abroad.corridor.shape[0]
    return layout.outside if size == 0 else layout.abroad_base + pick(abroad.corridor, 0, size, word)


@step
def trade_row(abroad: Abroad, layout: Layout, word: int) -> int:
    """Account row of a country abroad by the weights of trade, or the outside; ``word`` chooses."""
    size = abroad.trade.shape[0]
    return layout.outside if size == 0 else layout.abroad_base + pick(abroad.trade, 0, size, word)
