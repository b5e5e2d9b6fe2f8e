"""Outlook: what people give up of their shopping because of what they earn, hold and expect; once a week.

Who looks ahead and is out of work spreads what is at hand over the months that the spell may still last; one at work gives up a
little for each point of unemployment above the usual in the line that pays them, and what pay that is cut for good asks for.
Who lives from hand to mouth spends on until the account is empty: `simulator.day.shopping.means` then stops them. They are those who
aim at the smallest buffer for their income, whose account is soon empty.

What comes once and unexpectedly is spent beside what is usual: over a month by who lives from hand to mouth, as pay is, and over
the horizon by who looks ahead; buying more is restraint below 0.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, words
from simulator.economy.labour import WEEKS, Labour
from simulator.economy.lines import last_firm, line_of
from simulator.economy.paths import Curves
from simulator.lives.register import befalls
from simulator.population.accounts import CURRENT, PERSON_ROWS, SAVINGS
from simulator.population.climate import USUAL, usual_pay
from simulator.population.households import SALARIED, Floats
from simulator.population.presence import here
from simulator.population.world import World
from simulator.scenario import Scenario
from simulator.scenario.shocks import Kind

CAUTION = 2
"""Months that people reckon with beyond the spell that they expect (assumption)."""

LEAST = 0.25
"""Nobody who has anything plans to shop for less than this share of the usual (assumption)."""

MOST = 1.0
"""Nobody buys more beyond the usual than this share of it, whatever has come (assumption)."""

PAY_PERIOD = 1.0
"""Months over which who lives from hand to mouth spends what has come, as they do with pay (assumption)."""


class Outlook:
    """Sets people's restraint.

    Args:
        scenario: its economy and shocks.
        labour: what people know of jobs.
        people: how many there are.

    Attributes:
        windfall: What came once and is not yet spent, by person, minor units.
    """

    def __init__(self, scenario: Scenario, labour: Labour, people: int) -> None:
        self._rules, self._key, self._labour = scenario.economy, scenario.seed, labour
        self._pay = usual_pay(scenario)
        self._sectors, self._categories = len(scenario.income.sectors), len(scenario.categories)
        self._confidence = Curves(scenario.shocks, Kind.CONFIDENCE, ["confidence"])
        self.windfall: NDArray[np.int64] = np.zeros(people, np.int64)
        told = any(shock.kind in (Kind.INCOME, Kind.STIMULUS) for shock in scenario.shocks)
        self.active = labour.active or bool(self._confidence) or told

    def obey(self, scenario: Scenario) -> None:
        """Take up the rules of benefits of a day."""
        self._rules = scenario.economy

    def think(self, world: World, day: int) -> None:
        """Set the restraint of everybody here from a day on."""
        people = world.people
        if not self.active:
            return
        rows = np.flatnonzero(here(people, day))
        ahead = rows[~self._from_hand_to_mouth(rows)]
        jobless = (world.course.jobless[ahead] > 0) & (people.kind[ahead] == SALARIED)
        given_up = np.full(len(ahead), max(0.0, -float(self._confidence.on(day)[0])))
        working = ahead[~jobless]
        given_up[~jobless] += self._of_working(world, working)
        given_up[jobless] = np.maximum(given_up[jobless], self._of_jobless(world, ahead[jobless], day))
        people.restraint[rows] = 0
        people.restraint[ahead] = np.rint(np.clip(given_up, 0.0, 1.0 - LEAST) * USUAL).astype(np.int32)
        more = rows[self.windfall[rows] > 0]
        people.restraint[more] -= np.rint(self._bought_more(world, more) * USUAL).astype(np.int32)

    def close_week(self, world: World) -> None:
        """A week's part of what came once has been spent."""
        rows = np.flatnonzero(self.windfall)
        spent = np.rint(self._bought_more(world, rows) * world.people.budget[rows] * 12 / WEEKS).astype(np.int64)
        self.windfall[rows] = np.maximum(0, self.windfall[rows] - np.maximum(1, spent))

    def _from_hand_to_mouth(self, rows: Ints) -> NDArray[np.bool_]:
        """Who does not look ahead: the word is that of the buffer, which grows with it."""
        found: NDArray[np.bool_] = befalls(words(self._key, rows, Why.BUFFER)[0], self._rules.hand_to_mouth)
        return found

    def _bought_more(self, world: World, rows: Ints) -> Floats:
        """Shopping beyond the usual, as a share of it, for what came once."""
        months = np.where(self._from_hand_to_mouth(rows), PAY_PERIOD, float(self._rules.horizon))
        more: Floats = np.minimum(MOST, self.windfall[rows] / months / np.maximum(world.people.budget[rows], 1))
        return more

    def _of_working(self, world: World, rows: Ints) -> Floats:
        """By what is feared for jobs like one's own, and by pay that is cut."""
        people = world.people
        line = line_of(world.firms, self._sectors, self._categories)[np.maximum(last_firm(people.employer[rows].astype(np.int64)), 0)]
        worse = np.maximum(0.0, self._labour.rate - self._labour.usual)[line] * (people.kind[rows] == SALARIED)
        lost = (np.maximum(0, self._pay - world.climate.pay) / USUAL)[people.kind[rows].astype(np.int64)] * people.net[rows]
        found: Floats = self._rules.precaution * worse + lost / np.maximum(people.budget[rows], 1)
        return found

    def _of_jobless(self, world: World, rows: Ints, day: int) -> Floats:
        """Shopping that is left when benefits and what is at hand are spread over the rest of the spell and bills are paid."""
        people, account = world.people, rows * PERSON_ROWS
        at_hand = np.maximum(0, world.accounts.available[account + CURRENT] + world.accounts.available[account + SAVINGS])
        bills = np.maximum(0, people.net[rows] - people.budget[rows])
        usual, now = self._labour.usual, float(self._labour.rate.mean())
        found = self._rules.finding * (usual / max(usual, now, 1e-9)) ** self._rules.crowding
        months = min(self._rules.horizon, 1 / max(found, 1e-9) + CAUTION)
        since = (day - world.course.jobless[rows]) / 7
        paid = np.clip((self._rules.benefit_weeks - since) / WEEKS * 12, 0, months)
        income = people.benefit[rows] * WEEKS / 12 * paid / months
        shops = income + at_hand / months - bills
        spread: Floats = 1 - shops / np.maximum(people.budget[rows], 1)
        return spread

    def dump(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        rows = np.flatnonzero(self.windfall)
        return {"rows": rows.tolist(), "windfall": self.windfall[rows].tolist()}

    def load(self, state: dict[str, Any]) -> None:
        """Take up what a checkpoint kept."""
        self.windfall[state["rows"]] = state["windfall"]
