"""A stationary renewal: who must come, part, pair and become a parent so that a town keeps the structure of its household table.

The table gives shares of households by band of the head's age. Let g(s) be households by year of age s, h(s) the hazard of
leaving town, m(s) mortality, p(s) the share of couples. Households of age s - 1 leave, end with a single head, part into
two, or join into one; whatever is then missing from g(s) has come from elsewhere in between:

    n(s) = g(s) - g(s-1) (1 - h - m (1 - p) + parting p) + joined(s-1),
    joined(s-1) (1 + p(s)) = p(s) g(s-1) (1 - h - m (1 - p) + parting p) - g(s-1) p (1 - h - parting - widowed).

Newcomers are drawn with age n and the table's other traits of that age, so that the pyramid, and all that hangs on age,
stays. Where the table falls faster with age than mortality and moving explain, more must leave (the table's years 2012-14
have few old people for its many middle-aged ones); ``leave`` is raised there to the least that keeps n positive.
The same arithmetic gives the rates at which households get and lose children.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.population.households import Floats, Table, read_table
from simulator.population.mortality import OLDEST, mortality
from simulator.scenario import Lives

EDGES = np.array([18, 25, 35, 45, 55, 65, 75])
"""First ages of the table's bands of the head's age."""

AGES = np.arange(18, OLDEST + 1)
BAND = np.searchsorted(EDGES, AGES, side="right") - 1
LAST = len(EDGES) - 1

LEAST = 0.004
"""Newcomers of each age against the residents of that age, a year, at least (assumption: nobody's age is closed to them)."""

TURNOVER = 0.05
"""Households with children whose children grow up within a year, at least (assumption: about one childhood in eighteen
years, and its beginning and end fall into different marriages and towns)."""


class Renewal(NamedTuple):
    """Yearly figures by age of the head, one for each of AGES."""

    households: Floats
    """Share of all households, g."""
    couples: Floats
    """Share of households that are couples, p."""
    newcomers: Floats
    """Households that come in a year against all households, n."""
    leave: Floats
    """Chance that a household leaves."""
    part: Floats
    """Chance that a couple parts."""
    pair: Floats
    """Chance that a single person finds a partner."""
    bear: Floats
    """Chance that a household without children gets one, shape (2, ages): singles, couples."""
    grown: Floats
    """Chance that a household's last child grows up, same shape."""

    @property
    def arrivals(self) -> float:
        """Households that come in a year against all households."""
        return float(self.newcomers.sum())


def _banded(table: Table, what: Floats | Ints | NDArray[np.bool_], among: NDArray[np.bool_] | None = None) -> Floats:
    """Weighted mean of a trait of cells by band of the head's age."""
    weight = table.weight if among is None else table.weight * among
    band = np.searchsorted(EDGES, table.age[0], side="right") - 1
    whole = np.bincount(band, weight, len(EDGES))
    result: Floats = np.bincount(band, weight * what, len(EDGES)) / np.where(whole > 0, whole, 1)
    return result


def _smooth(means: Floats, weight: Floats, turns: int = 400) -> Floats:
    """Values by year of age that change little from one to the next and have the given means over each band."""
    values = means[BAND].astype(np.float64)
    total = np.bincount(BAND, weight)
    for _ in range(turns):
        ends = np.concatenate([values[:1], values, values[-1:]])
        values = 0.25 * ends[:-2] + 0.5 * ends[1:-1] + 0.25 * ends[2:]
        values += (means - np.bincount(BAND, values * weight) / total)[BAND]
    return values


def _old_age(share: float, couples: float, begin: float, leave: float) -> tuple[Floats, Floats]:
    """Households and couples by year of age in the last band, which nobody needs to join: death and widowing shape it.

    Single people find company (a partner, a relative) at the rate that gives the band's share of couples, from ``begin`` on.
    """
    risk = mortality(AGES[BAND == LAST]).mean(axis=0)
    low, high = 0.0, 0.5
    for _ in range(40):
        rate = (low + high) / 2
        two, one = [begin], [1 - begin]
        for m in risk[:-1]:
            joined = rate / 2 * one[-1]
            lost = min(2 * m, 1 - leave)
            one.append(max(1e-12, one[-1] * max(0.0, 1 - leave - m - rate) + two[-1] * lost))
            two.append(max(1e-12, two[-1] * max(0.0, 1 - leave - lost) + joined))
        both = np.array(two) + np.array(one)
        low, high = (rate, high) if np.sum(two) / both.sum() < couples else (low, rate)
    return share * both / both.sum(), np.array(two) / both


def _pyramid(table: Table, rates: Lives) -> tuple[Floats, Floats]:
    """Households by year of age, and the share of couples among them."""
    shares = np.bincount(np.searchsorted(EDGES, table.age[0], side="right") - 1, table.weight, len(EDGES)) / table.weight.sum()
    couples = _banded(table, table.adults == 2)
    old, old_couples = _old_age(float(shares[LAST]), float(couples[LAST]), float(couples[-2:].mean()), rates.leave[LAST])
    years = np.diff(np.append(EDGES, OLDEST + 1))
    level = np.log((shares / years)[BAND])
    level[BAND == LAST] = np.log(old)
    for _ in range(600):
        ends = np.concatenate([2 * level[:1] - level[1:2], level, level[-1:]])
        level = np.where(BAND == LAST, level, 0.25 * ends[:-2] + 0.5 * ends[1:-1] + 0.25 * ends[2:])
        level += (np.log(shares) - np.log(np.bincount(BAND, np.exp(level))))[BAND]
    households = np.exp(level)
    share = _smooth(couples, households)
    share[BAND == LAST] = old_couples
    return households, np.clip(share, 0.01, 0.99)


def _children(table: Table, rates: Lives, g: Floats, p: Floats, joined: Floats, n: Floats, leave: Floats) -> tuple[Floats, Floats]:
    """Chances that households get a first child and that the last one grows up, by couples or not and age."""
    two = table.adults == 2
    part, m = np.array(rates.part)[BAND], mortality(AGES).mean(axis=0)
    weight = (g * (1 - p), g * p)
    share = [np.clip(_smooth(_banded(table, table.children, among), w), 0.0, 0.98) for among, w in ((~two, weight[0]), (two, weight[1]))]
    single, couple = weight[0] * share[0], weight[1] * share[1]
    widowed, both = np.minimum(2 * m, 1.0), 1 - (1 - share[0]) ** 2
    stay = (
        single * (1 - leave - m) + (part + widowed) * couple - 2 * joined * share[0],
        couple * (1 - leave - part - widowed) + joined * both,
    )
    bear, grown = np.zeros((2, len(AGES))), np.zeros((2, len(AGES)))
    for place, (kept, of, with_child) in enumerate(zip(stay, weight, (single, couple), strict=True)):
        came = n[1:] * (of[1:] / g[1:]) * share[place][1:]
        missing = with_child[1:] - kept[:-1] - came
        base = np.maximum(with_child[:-1], 1e-12)
        grown[place, :-1] = np.clip(np.maximum(TURNOVER, -missing / base), 0, 1)
        bear[place, :-1] = np.clip((missing + grown[place, :-1] * base) / np.maximum(of[:-1] - with_child[:-1], 1e-12), 0, 0.5)
    return bear, grown


def renew(table: Table, rates: Lives) -> Renewal:
    """The rates that keep a household table."""
    g, p = _pyramid(table, rates)
    m, leave, part = mortality(AGES).mean(axis=0), np.array(rates.leave)[BAND], np.array(rates.part)[BAND]
    widowed = np.minimum(2 * m, 1.0)
    for _ in range(8):
        stays = g * (1 - leave - m * (1 - p) + part * p)
        joined = np.zeros(len(AGES))
        joined[:-1] = (p[1:] * stays[:-1] - (g * p * (1 - leave - part - widowed))[:-1]) / (1 + p[1:])
        joined = np.clip(joined, 0, 0.4 * g * (1 - p))
        n = np.append(g[0], g[1:] - stays[:-1] + joined[:-1])
        leave[:-1] += np.maximum(0, LEAST * g[1:] - n[1:]) / g[:-1]
    n = np.maximum(n, 0)
    bear, grown = _children(table, rates, g, p, joined, n, leave)
    return Renewal(g, p, n, leave, part, np.clip(2 * joined / (g * (1 - p)), 0, 1), bear, grown)


@lru_cache(maxsize=8)
def renewal_of(name: str, rates: Lives) -> Renewal:
    """`renew` by the name of a shipped table, computed once."""
    return renew(read_table(name), rates)
