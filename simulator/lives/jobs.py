"""Jobs: once a week people give up jobs, and those without one find work at firms that pay less than they mean to."""

import numpy as np

from simulator.clock import SUNDAY, Today
from simulator.draws import Ints, Why, uniform, words
from simulator.lives.diary import Diary
from simulator.lives.register import Register, befalls
from simulator.population.firms import EMPLOYER, INSTITUTION, MERCHANT
from simulator.population.households import SALARIED
from simulator.population.presence import here, trading
from simulator.population.work import MARGIN, workplaces
from simulator.population.world import World

WEEKS = 52.18
RICHEST = 8
"""Decile from which people do not look for work in shops, as on the first morning (ranks from 0.85)."""

SLACK = 0.02
"""Weight of a firm beyond retail that has all the staff it means to have, against one that has none."""


def change_jobs(register: Register, world: World, today: Today, diary: Diary) -> None:
    """Separations of the week, and hires of those who were looking before; on Sundays."""
    if today.weekday != SUNDAY:
        return
    people = world.people
    working = np.flatnonzero((people.kind == SALARIED) & here(people, today.day + 1))
    employer = people.employer[working].astype(np.int64)
    seekers, staff = working[employer < 0], working[employer >= 0]
    if register.idle is not None:
        seekers = seekers[~register.idle[seekers]]
    quits, _, _, _ = words(register.seed, staff, Why.JOB, 0, today.day)
    goes = staff[befalls(quits, register.scenario.lives.change_job * 7 * 12 / 365.25)]
    diary.change("employer", today.day + 1, goes, employer=people.employer[goes])
    people.employer[goes] = -2 - people.employer[goes]  # whom one worked for last
    _hire(register, world, today, diary, seekers, staff)
    _list_staff(world, working, today.day + 1)


def _hire(register: Register, world: World, today: Today, diary: Diary, seekers: Ints, staff: Ints) -> None:
    people, firms = world.people, world.firms
    if not len(seekers):
        return
    paid = np.bincount(np.maximum(people.employer[staff], 0), people.gross[staff] / 12 * (people.employer[staff] >= 0), len(firms))
    wages = np.where(trading(firms, today.day + 1), firms.wages, 0) * (1.0 if register.hiring is None else register.hiring)
    free = np.maximum(wages - paid, 0.0)
    shuffle, pick, again, _ = words(register.seed, seekers, Why.SEEKER, 0, today.day)
    last = -2 - people.employer[seekers].astype(np.int64)
    employer = _shops(world, seekers, free, shuffle)
    left = np.flatnonzero(employer < 0)
    weight = np.where(np.isin(firms.kind, (EMPLOYER, INSTITUTION)), free + SLACK * wages, 0.0)
    place = workplaces(firms, register.plan.towns)
    for word in (pick, again):
        open_ = left[(employer[left] < 0) | (employer[left] == last[left])]
        employer[open_] = _beyond(world, place, seekers[open_], weight, word[open_])
    found = employer >= 0
    rows, firm = seekers[found], employer[found]
    diary.change("employer", today.day + 1, rows, employer=np.full(len(rows), -1, np.int32))
    people.employer[rows] = firm
    people.frequency[rows], people.phase[rows] = firms.frequency[firm], firms.phase[firm]


def _shops(world: World, seekers: Ints, free: "np.ndarray[tuple[int], np.dtype[np.float64]]", shuffle: np.ndarray) -> Ints:
    """Shops of the town hire seekers as far as their wage bills have room; -1 for who is not hired."""
    people, firms = world.people, world.firms
    wage, town = people.gross[seekers] / 12, people.town[seekers].astype(np.int64)
    shops = np.flatnonzero((firms.kind == MERCHANT) & (firms.town >= 0) & (free > 0))
    shops = shops[np.argsort(firms.town[shops], kind="stable")]
    able = np.flatnonzero(people.decile[seekers] <= RICHEST)
    order = able[np.lexsort((shuffle[able], town[able]))]
    employer = np.full(len(seekers), -1, np.int64)
    for here_ in np.unique(town[order]).tolist():
        mine = order[np.searchsorted(town[order], here_) : np.searchsorted(town[order], here_, side="right")]
        place = slice(*np.searchsorted(firms.town[shops], (here_, here_ + 1)).tolist())
        room = np.cumsum(free[shops[place]])
        if not len(room):
            continue
        middle = np.cumsum(wage[mine]) - wage[mine] / 2
        hired = middle < room[-1]
        employer[mine[hired]] = shops[place][np.searchsorted(room, middle[hired], side="right")]
    return employer


def _beyond(world: World, place: Ints, seekers: Ints, weight: "np.ndarray[tuple[int], np.dtype[np.float64]]", word: np.ndarray) -> Ints:
    """An employer of the town for each, by how much it still means to pay; -1 where the town has none."""
    rows = np.flatnonzero(weight > 0)
    rows = rows[np.argsort(place[rows], kind="stable")]
    heap = np.concatenate([[0.0], np.cumsum(weight[rows])])
    town = world.people.town[seekers].astype(np.int64)
    first, last = (np.searchsorted(place[rows], town, side=side) for side in ("left", "right"))
    target = heap[first] + uniform(word) * (heap[last] - heap[first])
    chosen = np.clip(np.searchsorted(heap, target, side="right") - 1, first, np.maximum(first, last - 1))
    found: Ints = np.where(last > first, rows[np.minimum(chosen, len(rows) - 1)] if len(rows) else -1, -1)
    return found


def _list_staff(world: World, working: Ints, day: int) -> None:
    """Write the firms' lists of staff anew; what employers beyond retail export follows the wages they pay."""
    people, firms = world.people, world.firms
    employed = working[people.employer[working] >= 0]
    employer = people.employer[employed].astype(np.int64)
    world.workers[: len(employed)] = employed[np.argsort(employer, kind="stable")]
    world.staff[1:] = np.cumsum(np.bincount(employer, minlength=len(firms)))
    wages = np.bincount(employer, people.gross[employed] / 12, len(firms))
    beyond = np.isin(firms.kind, (EMPLOYER, INSTITUTION)) & (firms.wages > 0) & trading(firms, day)
    firms.invoices[beyond] = np.rint(wages[beyond] * MARGIN * 12 / WEEKS).astype(np.int64)
