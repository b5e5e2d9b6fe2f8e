"""What the story files add up to in a world, in closed form: cases for each adult and year, and their mean loss.

No day is run. With `N` adults on the first morning, weights `w` of those whom a story may befall, `m` their mean, and `c` whether one can
play the lead (has a device, is a newcomer, owns as much as the role asks for), a file says for each adult and year

    begins = yearly / per * intensity * mix * sum(min(w / m, 8)) / N
    cases  = begins * sum(min(w / m, 8) * c) / sum(min(w / m, 8)) * takes * (reported, where the source counts what victims tell of)
    loss   = sum(cases * mean_loss * money) / sum(cases)

`takes` and `mean_loss` are declared in the files; `python -m calibration.told RUN` measures both on runs.

    python -m calibration.expected [SCENARIO [COUNTRY]]
"""

import sys
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calibration.losses import Loss, read_losses
from simulator.model import PaymentsModel
from simulator.population.presence import here, trading
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.story import Source
from simulator.stories.begin import PEAK
from simulator.stories.cast import Casting, firm_weights, people_weights
from simulator.stories.library import Library, Told
from simulator.stories.sight import Sight

ADULTS = 60_000
"""So many that the few who own much are counted well."""


class Expected(NamedTuple):
    """What one file adds up to."""

    name: str
    typology: str
    innocent: bool
    begins: float
    """Beginnings for each adult and year."""
    plays: float
    """Share of those whom it befalls who can play the lead."""
    takes: float
    """Share of those stories that take something."""
    reported: float
    loss: float
    """Mean of a case, currency units of the world."""

    @property
    def told(self) -> float:
        """Stories for each adult and year."""
        return self.begins * self.plays

    def cases(self, counts: str) -> float:
        """Cases for each adult and year; ``counts`` as in `calibration.losses.Loss`."""
        return self.told * self.takes * (self.reported if counts == "reported" else 1.0)


class Sum(NamedTuple):
    """What the files of a family add up to."""

    cases: float
    """For each adult and year."""
    loss: float
    """Mean of a case, currency units."""


def expect(scenario: Scenario, adults: int = ADULTS) -> list[Expected]:
    """What each file of a scenario with a rate adds up to.

    Args:
        scenario: its world is built, and not run.
        adults: on whose first morning the sums are taken.
    """
    settings = scenario.model_copy(update={"population": scenario.population.model_copy(update={"customers": adults})})
    model = PaymentsModel(settings)
    world, casting, sight = model.world, Casting(settings), Sight(model.world)
    day = (settings.period.start - date(1970, 1, 1)).days
    people = np.flatnonzero(here(world.people, day)[: world.layout.people])
    firms = np.flatnonzero(trading(world.firms, day)[: world.layout.firms])
    found = []
    for told in Library(settings.stories).told:
        if told.typology.rate is None:
            continue
        role = told.typology.cast[told.lead]
        if role.drawn is Source.PEOPLE:
            weight = _likely(people_weights(world, role, people))
            can = np.array([w > 0 and casting.can(sight, day, role, int(row)) for w, row in zip(weight, people, strict=True)])
        else:
            weight = _likely(firm_weights(world, role, firms, casting.lines))
            can = np.ones(len(firms), np.bool_)
        found.append(_expected(told, weight, can, len(people), settings.stories.money))
    return found


def _likely(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum(weight / weight.mean(), PEAK) if weight.any() else weight


def _expected(told: Told, weight: NDArray[np.float64], can: NDArray[np.bool_], adults: int, money: float) -> Expected:
    rate = told.typology.rate
    assert rate is not None
    plays = float((weight * can).sum() / weight.sum()) if weight.any() else 0.0
    begins = told.yearly * float(weight.sum()) / adults
    return Expected(
        told.name, told.id, told.innocent, begins, plays, rate.takes, told.typology.gates.reported, rate.mean_loss * money
    )  # fmt: skip


def add_up(found: list[Expected], fact: Loss) -> Sum:
    """What files come to for a family, as its source counts."""
    of_it = [one for one in found if one.typology in fact.typologies and not one.innocent]
    cases = sum(one.cases(fact.counts) for one in of_it)
    lost = sum(one.cases(fact.counts) * one.loss for one in of_it)
    return Sum(cases, lost / cases if cases else 0.0)


def main() -> None:
    """Print the sums of a scenario beside their sources, as a table in Markdown."""
    scenario, country = (*sys.argv[1:], *("_high_street", "US")[len(sys.argv) - 1 :])[:2]
    found = expect(load_scenario(scenario))
    print("| family | cases per 1,000 adults and year | source | mean loss | source | |\n|---|--:|--:|--:|--:|---|")
    for fact in read_losses(country):
        sums = add_up(found, fact)
        print(
            f"| {fact.group} | {1000 * sums.cases:.3f} | {1000 * fact.cases:.3f} | {sums.loss:,.0f} | {fact.loss:,.0f} {fact.currency} "
            f"| {fact.status} |"
        )


if __name__ == "__main__":
    main()
