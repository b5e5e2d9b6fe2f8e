"""The economy of a world: what it lays on a day before it begins, and what it makes of it when it closes."""

from typing import Any

import numpy as np

from simulator.clock import SUNDAY, Today
from simulator.draws import Ints
from simulator.economy.conditions import Conditions
from simulator.economy.decrees import Decrees
from simulator.economy.failures import close_shops, open_shops
from simulator.economy.forbearance import Forbearance
from simulator.economy.labour import Labour
from simulator.economy.outlook import Outlook
from simulator.economy.rails import Rails
from simulator.economy.runs import Runs
from simulator.economy.support import Support
from simulator.economy.takings import Takings
from simulator.lives.diary import Diary
from simulator.lives.register import Register
from simulator.population.world import World
from simulator.runner.postponed import Postponed
from simulator.runner.runner import Runner
from simulator.scenario import Scenario


class Economy:
    """Jobs, prices, interest, takings and support.

    Args:
        scenario: its economy and shocks.
        world: its first morning; some are out of work on it.
        day: the first day, since 1970.
    """

    def __init__(self, scenario: Scenario, world: World, day: int) -> None:
        self.conditions, self.labour = Conditions(scenario), Labour(scenario, world)
        self.takings, self.support = Takings(scenario, world), Support(scenario)
        self.outlook, self.rails, self.runs = Outlook(scenario, self.labour, world.layout.people), Rails(scenario), Runs(scenario, world)
        self.decrees, self.forbearance = Decrees(scenario), Forbearance(scenario)
        self._vacant, self._sales = scenario.economy.vacant, world.firms.sales[: len(world.market.seat)].copy()
        self.failed = 0
        """Shops that closed because they could pay their people no longer."""
        self.conditions.write(world.climate, day)
        self.labour.begin(world, day)
        self.outlook.think(world, day)

    def open_day(self, world: World, today: Today, runner: Runner) -> None:
        """Lay today's conditions on everybody."""
        self.conditions.write(world.climate, today.day)
        self.runs.open_day(world, today)
        self.forbearance.open_day(world, today)
        runner.outage[:] = self.rails.words(today, world.rules.tries_again)
        if not today.index and self._order(world, today._replace(day=today.day - 1), runner.postponed):  # as on the eve of any other day
            self.outlook.think(world, today.day)

    def _order(self, world: World, today: Today, postponed: Postponed) -> bool:
        """Order what shocks move tomorrow; returns whether the government pays everybody."""
        pays = self.support.pay(world, today, postponed, self.outlook.windfall)
        self.runs.close_day(world, today, postponed)
        return pays

    def _closes_week(self, today: Today) -> bool:
        """Jobs are lost and found on Sundays, where they are at all."""
        return self.labour.active and today.weekday == SUNDAY

    def obey(self, scenario: Scenario) -> None:
        """Take up the rules of a day."""
        self.conditions.obey(scenario)
        self.labour.obey(scenario)
        self.outlook.obey(scenario)

    def watch(self, world: World, runner: Runner) -> None:
        """Hear what shops took in a window."""
        block, _, count = runner.cleared
        self.takings.note(world, block, count)

    def lay_off(self, register: Register, world: World, today: Today, diary: Diary, postponed: Postponed, bankrupt: Ints) -> None:
        """Who loses work tonight; the register is told who finds none, and what firms mean to pay. Shops that are bankrupt close."""
        self.takings.close_day(world, today)
        if not self._closes_week(today):
            return
        chance = self.takings.close_week()
        first = len(self.labour.rate) - 1 - len(chance)
        self.labour.firms_lay_off[first:-1] = chance
        failing = np.union1d(self.takings.failing(world, today), bankrupt)
        self.failed += close_shops(world, today, diary, postponed, failing, last=self._vacant > 0)
        if self._vacant and self.takings.active:
            open_shops(world, today, self.takings, self._sales, self._vacant)
        register.idle = self.labour.close_week(world, today, diary)
        register.hiring = self.labour.hiring(world)

    def settle(self, world: World, today: Today, runner: Runner) -> None:
        """Benefits, what people expect from now on, and what is paid tomorrow for today's sake."""
        if self._closes_week(today):
            self.labour.after_hiring(world, today)
        if today.weekday == SUNDAY:
            self.outlook.close_week(world)
        if self._order(world, today, runner.postponed) or today.weekday == SUNDAY:
            self.outlook.think(world, today.day + 1)
        self.rails.catch_up(world, today, runner.lanes, runner.postponed)

    def figures(self) -> dict[str, int]:
        """Figures of the day for the daily series."""
        return {"labour_force": self.labour.force, "unemployed": self.labour.unemployed}

    def dump(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"labour": self.labour.dump(), "takings": self.takings.dump(), "outlook": self.outlook.dump(), "failed": self.failed,
                "ran": np.flatnonzero(self.runs.ran).tolist(), "outage": [self.rails.failed, self.rails.later]}  # fmt: skip

    def load(self, state: dict[str, Any]) -> None:
        """Take up what a checkpoint kept."""
        self.labour.load(state["labour"])
        self.takings.load(state["takings"])
        self.outlook.load(state["outlook"])
        self.failed = state["failed"]
        self.runs.ran[state["ran"]] = 1
        self.rails.failed, self.rails.later = state["outage"]
