"""The integer tables and rules that kernels look things up in; built once with NumPy from the scenario (law 9)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import NORMAL, WORD, Ints, lognormal_table, poisson_table, threshold
from simulator.population.trades import PURPOSES, code_of, payout_terms
from simulator.scenario import Scenario

MOODS = np.rint(np.array([0.55, 0.7, 0.85, 1.0, 1.0, 1.15, 1.3, 1.45]) * 65536).astype(np.int64)
"""How a week's activity departs from the person's own mean (assumption); mean 1."""

BASKET = threshold(np.array([0.30, 0.10]))
"""Chance of a second and of a third purchase on one trip (assumption)."""

PURCHASES_PER_TRIP = 1.4
NOVELTY_FALL = 0.21
"""New places are explored at rho * S^-0.21 after S places. Source: Song, Koren, Wang, Barabasi, "Modelling the scaling
properties of human mobility", Nature Physics 6 (2010)."""

RANK_FALL = 1.2
"""The k-th favourite is visited in proportion to k^-1.2. Source: the same paper, figure 2."""

PLACES = 64

CAR_SPREAD = 0.6
"""Log standard deviation of the price of a car between people (assumption)."""

LOOKS = (np.array([18, 30, 45, 60, 75, 90]), np.array([1.3, 1.3, 1.1, 0.9, 0.6, 0.3]))
"""Logins to look against the average by age (assumption)."""


class Tables(NamedTuple):
    """Tables over categories C, profiles and quantiles."""

    poisson: NDArray[np.int64]
    moods: NDArray[np.int64]
    basket: NDArray[np.int64]
    median: NDArray[np.int64]
    """Median purchase amount by category, 1/256 of a minor unit."""
    spread: NDArray[np.int64]
    """Standard deviation of amounts by category, 1/1024 of a doubling."""
    doubling: NDArray[np.int32]
    """2^(i / 1024), 1/65536. A table of amounts by category would push everything else out of the processor's cache."""
    hours: NDArray[np.int8]
    """Local hour by quantile, shape (profiles, weekend, 1024)."""
    profile: NDArray[np.int64]
    """Profile of each category."""
    online: NDArray[np.int64]
    """Chance of a remote purchase, of 2^32."""
    cash: NDArray[np.int64]
    """Inclination to cash by category and (0 small, 1 large amount), 1/65536, shape (C, 2)."""
    explore: NDArray[np.uint32]
    """Chance of a new place after S known ones, of 2^32, shape (C, 64)."""
    rank: NDArray[np.uint32]
    """Cumulative chances of the k-th favourite among S, of 2^32, shape (64, 64)."""
    season: NDArray[np.int64]
    """Chance that a planned purchase takes place, of 2^32, by category and month."""
    season_peak: int
    """Trips are planned at this many 65536ths of the mean, then thinned by season."""
    refund: NDArray[np.int64]
    """Chance of a refund, of 2^32."""
    dispute: NDArray[np.int64]
    """Chance of a refund or a dispute, of 2^32, shape (C, 2): in person, remote."""
    duplicate: NDArray[np.int64]
    """Chance of a refund, a dispute or a second charge, of 2^32, shape (C, 2)."""
    held: NDArray[np.int64]
    """Chance that a card purchase in person begins with a hold, of 2^32."""
    hold: NDArray[np.int64]
    """Smallest hold, minor units."""
    hold_over: NDArray[np.int64]
    """Hold against the amount, parts per million."""
    whole: NDArray[np.int64]
    """Chance of an amount in whole units, of 2^32."""
    bill_season: NDArray[np.int64]
    """Amount by month against the mean, 1/65536, shape (bills with a season, 12)."""
    normal: NDArray[np.int16]
    """Normal quantiles, 1/4096."""
    transfer: NDArray[np.int64]
    """Transfer amounts, minor units, by quantile."""
    takings: NDArray[np.int64]
    """Takings against their mean, 1/65536, by quantile."""
    settles: NDArray[np.int64]
    """Days for which a new account begins slowly, by quantile."""
    sale: NDArray[np.int64]
    """Prices of second-hand things, minor units, by quantile."""
    car: NDArray[np.int64]
    """Prices of cars sold between people, minor units, by quantile."""
    looks: NDArray[np.int64]
    """Logins to look against the average, 1/65536, by age."""
    deal: NDArray[np.int64]
    """One dealing against a client's mean, 1/65536, shape (institutions, 4096) by quantile."""
    deal_ratio: NDArray[np.int64]
    """What comes back of one, 1/65536, same shape."""
    deal_back: NDArray[np.int64]
    """Chance that it comes back, of 2^32."""
    deal_season: NDArray[np.int64]
    """Dealings by month against the mean, 1/65536, shape (institutions, 12)."""
    deal_profile: NDArray[np.int64]
    """Profile of hours, -1 for days and evenings."""
    deal_purpose: NDArray[np.int64]
    payout: NDArray[np.int64]
    """How each trade pays out, see `simulator.population.institutions.payout_terms`."""
    turnover: NDArray[np.int64]
    """Turnover by month against the mean, 1/65536, shape (sectors with a season, 12)."""
    invoice: NDArray[np.int64]
    """Invoices of a supplier against their mean, 1/65536, by quantile."""


def _hours(scenario: Scenario) -> NDArray[np.int8]:
    table = np.empty((len(scenario.calendar.hours), 2, 1024), np.int8)
    for place, profile in enumerate(scenario.calendar.hours):
        for kind, weights in enumerate((profile.weekday, profile.weekend)):
            cumulative = np.cumsum(weights) / np.sum(weights)
            table[place, kind] = np.minimum(np.searchsorted(cumulative, (np.arange(1024) + 0.5) / 1024, side="right"), 23)
    return table


def _seasons(scenario: Scenario) -> tuple[Ints, int]:
    """Thinning of purchases by category and month, and the level at which trips are planned.

    The calendar's months already move all spending, so a category's season counts relative to the share-weighted mean.
    """
    share = np.array([c.share / c.mean for c in scenario.categories])
    season = np.array([c.season or [1.0] * 12 for c in scenario.categories])
    season = season / (share[:, None] * season).sum(axis=0) * share.sum()
    peak = float(season.max())
    return threshold(season / peak), round(peak * 65536)


def _ranks() -> NDArray[np.uint32]:
    table = np.full((PLACES, PLACES), WORD - 1, np.uint32)
    for known in range(1, PLACES):
        weight = np.arange(1, known + 1) ** -RANK_FALL
        table[known, :known] = threshold(np.cumsum(weight) / weight.sum())
    return table


def _amounts(mean: float, spread: float, unit: int) -> Ints:
    """Log-normal amounts by quantile, minor units, at least one."""
    return np.maximum(1, np.rint(lognormal_table(spread) / 65536 * mean * unit)).astype(np.int64)


def _settles(scenario: Scenario) -> Ints:
    days = round(scenario.opening.settles * 365.25 / 12)
    return np.rint(days * lognormal_table(scenario.opening.settles_spread) / 65536).astype(np.int64)


def _cars(mean: float, unit: int) -> Ints:
    """Log-normal prices between a quarter of the mean and twice as much."""
    return np.clip(_amounts(mean, CAR_SPREAD, unit), max(1, round(mean * unit / 4)), max(1, round(mean * unit * 2)))


def _mean_one(months: list[float]) -> list[float]:
    mean = sum(months) / 12
    return [month / mean for month in months]


def _deals(scenario: Scenario, profiles: list[str]) -> dict[str, Ints]:
    """Tables of the institutions; one row that nobody looks up where a scenario has none."""
    entries = scenario.institutions
    if not entries:
        flat = np.ones((1, 4096), np.int64)
        nothing = np.zeros(1, np.int64)
        return {"deal": flat, "deal_ratio": flat, "deal_back": nothing, "deal_season": np.ones((1, 12), np.int64),
                "deal_profile": nothing, "deal_purpose": nothing}  # fmt: skip
    ratio = [lognormal_table(e.ratio_spread) * round(e.ratio * 65536) >> 16 for e in entries]
    return {
        "deal": np.stack([lognormal_table(e.spread) for e in entries]),
        "deal_ratio": np.maximum(1, np.stack(ratio)),
        "deal_back": threshold(np.array([e.back for e in entries])),
        "deal_season": np.rint(np.array([_mean_one(e.season or [1.0] * 12) for e in entries]) * 65536).astype(np.int64),
        "deal_profile": np.array([profiles.index(e.hours) if e.hours else -1 for e in entries], np.int64),
        "deal_purpose": np.array([int(PURPOSES.get(code_of(e.trade), 0)) for e in entries], np.int64),
    }


def build_tables(scenario: Scenario, unit: int) -> Tables:
    """Every table of a world; ``unit`` is minor units in a currency unit."""
    categories = scenario.categories
    season, peak = _seasons(scenario)
    names = [profile.name for profile in scenario.calendar.hours]
    small = scenario.methods.cash_small
    affinity = np.array([c.cash for c in categories])
    weight = np.array([c.share / c.mean * (1 - c.online) for c in categories])
    affinity = affinity / (affinity * weight).sum() * weight.sum()
    known = np.maximum(np.arange(PLACES), 1)
    odds = scenario.disputes
    turnovers = [_mean_one(sector.season) for sector in scenario.income.sectors if sector.season]
    bill_seasons = [bill.season for bill in scenario.bills if bill.season]
    return Tables(
        poisson=poisson_table(),
        moods=MOODS,
        basket=BASKET,
        median=np.rint([c.mean * unit * 256 / np.exp(c.spread * NORMAL).mean() for c in categories]).astype(np.int64),
        spread=np.rint([c.spread / np.log(2) * 1024 for c in categories]).astype(np.int64),
        doubling=np.rint(2 ** (np.arange(1024) / 1024) * 65536).astype(np.int32),
        hours=_hours(scenario),
        profile=np.array([names.index(c.hours) for c in categories], np.int64),
        online=threshold(np.array([c.online for c in categories])),
        cash=np.rint(np.stack([affinity * small, affinity * max(0.0, 2 - small)], axis=1) * 65536).astype(np.int64),
        explore=threshold(np.array([(1 - c.loyalty) * known**-NOVELTY_FALL for c in categories])).astype(np.uint32),
        rank=_ranks(),
        season=season,
        season_peak=peak,
        refund=threshold(np.array([c.refunds for c in categories])),
        dispute=threshold(np.array([[c.refunds + odds.in_person, c.refunds + odds.remote] for c in categories])),
        duplicate=threshold(
            np.array([[c.refunds + share + odds.duplicates for share in (odds.in_person, odds.remote)] for c in categories])
        ),
        held=threshold(np.array([c.held for c in categories])),
        hold=np.rint(np.array([c.hold for c in categories]) * unit).astype(np.int64),
        hold_over=np.rint(np.array([c.hold_over for c in categories]) * 1_000_000).astype(np.int64),
        whole=threshold(np.array([c.whole for c in categories])),
        bill_season=np.rint(np.array(bill_seasons or [[1.0] * 12]) * 65536).astype(np.int64),
        normal=np.rint(NORMAL * 4096).astype(np.int16),
        transfer=_amounts(scenario.transfers.mean, scenario.transfers.spread, unit),
        takings=lognormal_table(scenario.income.takings_spread),
        settles=_settles(scenario),
        sale=_amounts(scenario.transfers.sale, scenario.transfers.sale_spread, unit),
        car=_cars(scenario.transfers.car, unit),
        looks=np.rint(np.interp(np.arange(128), *LOOKS) * 65536).astype(np.int64),
        payout=payout_terms(),
        turnover=np.rint(np.array(turnovers or [[1.0] * 12]) * 65536).astype(np.int64),
        invoice=lognormal_table(scenario.firms.invoice_spread),
        **_deals(scenario, names),
    )
