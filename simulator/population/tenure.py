"""How long customers have been with their bank on the first morning."""

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, threshold, uniform, words
from simulator.population.households import NO_INCOME, PENSION, Floats
from simulator.population.mortality import mortality
from simulator.population.renewal import AGES, renewal_of
from simulator.scenario import Scenario


def _stays(scenario: Scenario) -> Floats:
    """Cumulative shares of whole years that people of each of AGES have been there, shape (ages, years), where nothing drifts.

    Of the people of age a, those who have been there for t years are what is left of the people of age a - t.
    """
    renewal = renewal_of(scenario.population.households, scenario.lives)
    people = renewal.households * (1 + renewal.couples)
    kept = (1 - renewal.leave) * (1 - np.minimum(mortality(AGES).mean(axis=0), 0.9)) * (1 - scenario.lives.switch)
    part = np.minimum(1.0, people[:-1] * kept[:-1] / people[1:])
    more = np.zeros((len(AGES), len(AGES)))
    more[:, 0] = 1.0
    for years in range(1, len(AGES)):
        more[years:, years] = more[years:, years - 1] * part[: len(AGES) - years]
    shares = np.ones_like(more)
    shares[:, :-1] = 1 - more[:, 1:]
    return shares


def draw_joined(scenario: Scenario, start: int, row: Ints, age: NDArray[np.integer], kind: NDArray[np.integer]) -> Ints:
    """Day since 1970 on which the people of the first morning joined, or will: of a bank that grows some open accounts later.

    Args:
        scenario: whose table and rates say how long people stay.
        start: first day of the run.
        row: rows of people.
        age: of each.
        kind: of income of each.
    """
    shares = _stays(scenario)
    long, part, _, _ = words(scenario.seed, row, Why.OPENED)
    place = np.clip(age.astype(np.int64) - AGES[0], 0, len(AGES) - 1)
    flat = (np.arange(len(AGES))[:, None] + np.minimum(shares, 1 - 1e-12)).ravel()
    years = np.searchsorted(flat, place + uniform(long) * (1 - 1e-9), side="right") - place * len(AGES)
    years = np.clip(years, 0, place)
    since: Ints = start - 1 - ((years + uniform(part)) * 365.25).astype(np.int64)
    opening, days = scenario.opening, scenario.period.days
    if opening.during == opening.idle == 0:
        return since
    late, day, never, _ = words(scenario.seed, row, Why.OPENED, 1)
    opens = start + 1 + (uniform(day) * days * opening.within).astype(np.int64)
    opens = np.where(uniform(late) < opening.during, opens, since)
    # As `simulator.day.keeping.is_paid_in_notes` has it.
    by_post = (kind >= PENSION) & (words(scenario.seed, row, Why.WAGE_TIME, 1)[0] < threshold(scenario.cash.pensions))
    idle = ((kind == NO_INCOME) | by_post) & (uniform(never) < opening.idle)
    return np.where(idle, start + days + 1, opens)
