"""Failures: shops that can pay their people no longer close; who shopped there goes to another of the town, the staff to nobody."""

import numpy as np

from simulator.clock import Today
from simulator.draws import Ints
from simulator.lives.diary import Diary
from simulator.population.firms import MERCHANT
from simulator.population.presence import NEVER, trading
from simulator.population.world import World


def close_shops(world: World, today: Today, diary: Diary, rows: Ints) -> int:
    """Let shops close after today, as far as there is another of their kind that their customers can turn to.

    Args:
        world: changes.
        today: the day that closes.
        diary: told of whom people worked for.
        rows: shops that fail.

    Returns:
        How many close.
    """
    firms, people, seat, day = world.firms, world.people, world.market.seat, today.day + 1
    closed = 0
    for row in rows.tolist():
        alike = (firms.kind == MERCHANT) & (firms.category == firms.category[row]) & (firms.town == firms.town[row])
        others = np.flatnonzero(alike & (firms.online == firms.online[row]) & trading(firms, day) & (firms.closed == NEVER))
        others = others[others != row]
        if not len(others):
            continue  # somebody has to sell it
        heir = others[row % len(others)]
        seat[seat == row] = heir
        firms.sales[heir] += firms.sales[row]
        firms.closed[row] = day
        staff = np.flatnonzero(people.employer == row)
        diary.change("employer", day, staff, employer=people.employer[staff])
        people.employer[staff] = -2 - row
        world.course.jobless[staff] = day
        closed += 1
    return closed
