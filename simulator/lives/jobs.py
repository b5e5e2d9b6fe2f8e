"""Jobs: once a week people who changed, lost their employer, or came without one find work at firms with places."""

import numpy as np

from simulator.clock import Today
from simulator.draws import Ints, Why
from simulator.lives.turns import chances
from simulator.population.households import SALARIED
from simulator.population.world import World

SUNDAY = 6


def change_jobs(world: World, today: Today) -> None:
    """Match seekers and places on Sundays, by town and wage, so that firms keep their size and what they pay."""
    if today.weekday != SUNDAY:
        return
    people, tomorrow = world.people, today.day + 1
    working = np.flatnonzero((people.kind == SALARIED) & (people.joined <= tomorrow) & (people.left > tomorrow))
    quits, pick, _, _ = chances(world, working, Why.JOB, today.day)
    employer = people.employer[working].astype(np.int64)
    seeks = (employer < 0) | (quits < world.renewal.quits)
    stays = working[~seeks]
    seekers = working[seeks]
    if len(seekers) and len(stays):
        people.employer[seekers] = _match(world, seekers, stays, pick[seeks])
        firm = people.employer[seekers]
        people.frequency[seekers], people.phase[seekers] = world.firms.frequency[firm], world.firms.phase[firm]
    _list_staff(world, working)


def _match(world: World, seekers: Ints, stays: Ints, pick: Ints) -> Ints:
    """Employer of each seeker: a free place of the town with about the wage, else one beside somebody who works in the town."""
    people, firms = world.people, world.firms
    count = np.bincount(people.employer[stays], minlength=len(firms))
    places = np.repeat(np.arange(len(firms)), np.maximum(0, firms.places - count))
    wage = firms.wages[places] // np.maximum(1, firms.places[places])
    places = places[np.lexsort((wage, firms.town[places]))]
    order = np.lexsort((people.gross[seekers], people.town[seekers]))
    town = people.town[seekers][order].astype(np.int64)
    first = np.searchsorted(firms.town[places], town)
    found = first + np.arange(len(town)) - np.searchsorted(town, town)
    free = found < np.searchsorted(firms.town[places], town, side="right")
    result = np.empty(len(seekers), np.int64)
    result[order[free]] = places[found[free]]
    colleagues = stays[np.argsort(people.town[stays], kind="stable")]
    low, high = (np.searchsorted(people.town[colleagues], town[~free], side=side) for side in ("left", "right"))
    beside = np.minimum(low + (pick[order[~free]] * np.maximum(1, high - low) >> 32), len(colleagues) - 1)
    result[order[~free]] = people.employer[colleagues[beside]]
    return result


def _list_staff(world: World, working: Ints) -> None:
    """Write the firms' lists of staff anew."""
    people = world.people
    employed = working[people.employer[working] >= 0]
    employer = people.employer[employed].astype(np.int64)
    world.workers[: len(employed)] = employed[np.argsort(employer, kind="stable")]
    world.staff[1:] = np.cumsum(np.bincount(employer, minlength=len(world.firms)))
