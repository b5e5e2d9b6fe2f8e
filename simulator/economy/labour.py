"""Labour: who is laid off, who finds work, who draws benefits; once a week, on Sundays.

Layoffs and findings are chances a week by line of business; part of those laid off go together with others of their employer.
Without shocks both are constant, and unemployment settles where as many lose jobs as find them. A path of unemployment sets the
chances so that its rate is followed in expectation: first fewer find work, then more are laid off; it is what came of everything, so
that shops of a line that one moves do not lay off for want of takings besides. People who move, retire or come change who is out of
work: what the town as a whole departs from its path by is made up for over a month. Before a path begins no chance depends on who else
was laid off, so that two worlds differ by their paths only.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.draws import Ints, Why, uniform, words
from simulator.economy.lines import last_firm, line_names, line_of
from simulator.economy.paths import Curves
from simulator.lives.diary import Diary
from simulator.lives.register import befalls
from simulator.population.households import SALARIED, Floats
from simulator.population.presence import here
from simulator.population.world import World
from simulator.scenario import Scenario
from simulator.scenario.shocks import Kind

WEEKS = 365.25 / 7
MOST_FOUND = 0.5
"""Nobody finds work with a greater chance a week (assumption)."""

RECKONED = 0.25
"""Part of what actual unemployment departs from a path that is made up for in a week: people move, retire and come (assumption)."""


class Labour:
    """Jobs of a world.

    Args:
        scenario: its economy and shocks.
        world: its first morning.

    Attributes:
        usual: Unemployment rate of a usual time: as many lose jobs as find them.
        rate: Unemployment that each line heads for this week, shape (lines,).
        unemployed: People out of work at the end of the last week.
        force: People who work or are out of work.
    """

    def __init__(self, scenario: Scenario, world: World) -> None:
        self._scenario, self._rules, self._key = scenario, scenario.economy, scenario.seed
        names = line_names(scenario)
        self._sectors, self._categories = len(scenario.income.sectors), len(scenario.categories)
        self._lose = self._rules.layoffs * 12 / WEEKS
        self._find = self._rules.finding * 12 / WEEKS
        self.usual = self._lose / (self._lose + self._find) if self._lose else 0.0
        self._path = Curves(scenario.shocks, Kind.UNEMPLOYMENT, names)
        self._supplement = Curves(scenario.shocks, Kind.SUPPLEMENT, ["supplement"])
        self.rate = np.full(len(names), self.usual)
        self.firms_lay_off = np.zeros(len(names))
        """Chance a week beyond the usual with which shops lay off for want of takings."""
        self.unemployed, self.force = 0, 0
        self.active = (self._lose > 0 or bool(self._path)) and scenario.lives.changes

    @property
    def distress(self) -> float:
        """Unemployment at the end of last week over that of a usual time; 1 where either is not known."""
        return self.unemployed / self.force / self.usual if self.active and self.force and self.usual else 1.0

    def obey(self, scenario: Scenario) -> None:
        """Take up the rules of benefits of a day."""
        self._rules = scenario.economy

    def begin(self, world: World, day: int) -> None:
        """Some are out of work on the first morning already, for as long as spells last so far."""
        if not self.active:
            return
        people = world.people
        staff = np.flatnonzero((people.kind == SALARIED) & (people.employer >= 0) & here(people, day))
        hit, since, _, _ = words(self._key, staff, Why.LAYOFF, 1)
        hits = befalls(hit, self.usual)
        out = staff[hits]
        weeks = np.log(uniform(since[hits])) / np.log(1 - max(self._find, 1e-6))
        people.employer[out] = -2 - people.employer[out]
        world.course.jobless[out] = day - 7 * np.minimum(weeks, 260).astype(np.int64)
        self._pay_benefits(world, day)

    def close_week(self, world: World, today: Today, diary: Diary) -> NDArray[np.bool_]:
        """Lay off, and say who is looking for work but does not find any.

        Returns:
            By person, true for who finds no work this week.
        """
        people, course = world.people, world.course
        stays, day = np.zeros(len(people), bool), today.day + 1
        force = np.flatnonzero((people.kind == SALARIED) & here(people, day))
        jobless = course.jobless > 0
        course.jobless[jobless & ((people.kind != SALARIED) | (people.employer >= 0))] = 0
        firm = last_firm(people.employer[force].astype(np.int64))
        line = line_of(world.firms, self._sectors, self._categories)[np.maximum(firm, 0)]
        working = people.employer[force] >= 0
        lose, find = self._chances(day, np.bincount(line, minlength=len(self.rate)))
        chance = lose + np.where(self._path.on(day) == 0, self.firms_lay_off, 0.0)
        word, luck, _, _ = words(self._key, force, Why.LAYOFF, 0, today.day)
        out = working & befalls(word, self._of_staff(chance, line, np.maximum(firm, 0), today))
        rows = force[out]
        diary.change("employer", day, rows, employer=people.employer[rows])
        people.employer[rows] = -2 - people.employer[rows]
        course.jobless[rows] = day
        looking = (people.employer[force] < 0) & (course.jobless[force] > 0)
        stays[force[looking & (out | ~befalls(luck, find[line]))]] = True
        return stays

    def after_hiring(self, world: World, today: Today) -> None:
        """Who was hired is out of work no more; benefits of the week."""
        people, course = world.people, world.course
        course.jobless[(course.jobless > 0) & (people.employer >= 0)] = 0
        self._pay_benefits(world, today.day + 1)
        force = (people.kind == SALARIED) & here(people, today.day + 1)
        self.unemployed, self.force = int((force & (course.jobless > 0)).sum()), int(force.sum())

    def _chances(self, day: int, size: Ints) -> tuple[Floats, Floats]:
        """Chances of losing and of finding a job this week, by line; the rates that they lead to are kept."""
        now = np.clip(self.usual + self._path.on(day), 0.0, 1.0)
        lose, find = np.full(len(now), self._lose), np.full(len(now), self._find)
        if not self._path or day < self._path.since:
            return lose, find
        before = np.clip(self.rate * (1 + RECKONED * (self._departure(size) - 1)), 0.0, 1.0)
        overall = float((now * size).sum()) / max(1, int(size.sum()))
        ease = (self.usual / max(overall, 1e-9)) ** self._rules.crowding if self.usual else 1.0
        find = np.minimum(find * min(1.25, ease), MOST_FOUND)
        lose = np.clip((now - before * (1 - find)) / np.maximum(1 - before, 1e-9), 0.0, 1.0)
        falls = lose < self._lose  # then as many are laid off as ever, and more find work
        needed = (before - now + self._lose * (1 - before)) / np.maximum(before, 1e-9)
        find = np.where(falls, np.clip(needed, find, MOST_FOUND), find)
        lose = np.maximum(lose, self._lose)
        self.rate = before * (1 - find) + lose * (1 - before)
        return lose, find

    def _of_staff(self, chance: Floats, line: Ints, firm: Ints, today: Today) -> Floats:
        """Chance of each to be laid off this week, of which a part befalls an employer's staff together; on average that of the line.

        Which employers cut their staff is drawn by firm, at an address of its own.
        """
        mine = chance[line]
        share = np.maximum(self._rules.cut, mine)
        cuts = np.divide(self._rules.together * mine, share, out=np.zeros_like(mine), where=share > 0)
        struck = befalls(words(self._key, firm, Why.LAYOFF, 4, today.day)[0], cuts)
        return np.where(struck, share, (mine - cuts * share) / np.maximum(1 - cuts, 1e-9))

    def _departure(self, size: Ints) -> float:
        """Actual unemployment of the town at the end of last week over what its lines headed for; 1 where there is none of either."""
        meant = float((self.rate * size).sum()) / max(1, int(size.sum()))
        return self.unemployed / self.force / meant if self.force and meant > 0 and self.unemployed else 1.0

    def _pay_benefits(self, world: World, day: int) -> None:
        """Set everybody's weekly benefit: a share of the wage, for so many weeks, with what is added to it now."""
        people, course, unit = world.people, world.course, world.rules.unit
        out = np.flatnonzero((course.jobless > 0) & (people.kind == SALARIED))
        drawn = out[befalls(words(self._key, out, Why.LAYOFF, 2)[0], self._rules.take_up)]
        within = drawn[day - course.jobless[drawn] < 7 * self._rules.benefit_weeks]
        base = np.minimum(people.gross[within] * self._rules.replacement / WEEKS, self._rules.highest_benefit * unit)
        people.benefit[people.benefit > 0] = 0
        people.benefit[within] = np.rint(base + float(self._supplement.on(day)[0]) * unit).astype(np.int64)

    def hiring(self, world: World) -> Floats:
        """Share of its usual wage bill that each firm means to pay."""
        meant = np.where(self.rate > self.usual, (1 - self.rate) / max(1e-9, 1 - self.usual), 1.0)
        return meant[line_of(world.firms, self._sectors, self._categories)]

    def dump(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"rate": self.rate.tolist(), "lay_off": self.firms_lay_off.tolist(), "unemployed": self.unemployed, "force": self.force}

    def load(self, state: dict[str, Any]) -> None:
        """Take up what a checkpoint kept."""
        self.rate, self.firms_lay_off = np.array(state["rate"]), np.array(state["lay_off"])
        self.unemployed, self.force = state["unemployed"], state["force"]
