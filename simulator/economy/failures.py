"""Failures: shops that can pay their people no longer close, and when trade is back others open where they stood.

Who shopped there goes to another shop of its kind, the staff to nobody. Where there is no other, people turn to the category that stands
in for it or go without (`simulator.day.shopping`).
"""

import numpy as np

from simulator.clock import Today
from simulator.draws import Ints
from simulator.economy.takings import Takings
from simulator.lives.diary import Diary
from simulator.lives.premises import pass_on
from simulator.population.closures import seats
from simulator.population.firms import MERCHANT
from simulator.population.presence import NEVER, trading
from simulator.population.world import World
from simulator.runner.postponed import Postponed


def close_shops(world: World, today: Today, diary: Diary, postponed: Postponed, rows: Ints, last: bool) -> int:
    """Let shops close after today.

    Args:
        world: changes.
        today: the day that closes.
        diary: told of whom people worked for.
        postponed: holds what was to be bought there later.
        rows: shops that fail.
        last: whether a shop closes that is the last of its kind in its town, for another may open there one day.

    Returns:
        How many close.
    """
    firms, people, day = world.firms, world.people, today.day + 1
    closed = 0
    for row in rows.tolist():
        others = np.flatnonzero(_alike(world, row, np.arange(len(firms))) & trading(firms, day))
        others = others[others != row]
        if not len(others) and not last:
            continue
        firms.closed[row] = day
        staff = np.flatnonzero(people.employer == row)
        diary.change("employer", day, staff, employer=people.employer[staff])
        people.employer[staff] = -2 - row
        world.course.jobless[staff] = day
        if len(others):
            heir = others[[row % len(others)]]
            firms.sales[heir] += firms.sales[row]
            pass_on(world, day, diary, postponed, np.array([row]), heir)
        closed += 1
    return closed


def open_shops(world: World, today: Today, takings: Takings, sales: Ints, weeks: int) -> None:
    """Let shops open tomorrow where one failed so many weeks ago and what is left of its kind takes in the usual again.

    Where none of its kind is left, the takings of all shops together tell whether it is worth while, and doors must be open.

    Args:
        world: changes; `change_premises` does the rest.
        today: the day that closes.
        takings: by category.
        sales: expected a month in each place, as on the first morning.
        weeks: for which a place stands empty at least.
    """
    firms, seat, day = world.firms, world.market.seat, today.day + 1
    waits = (firms.successor >= 0) & (firms.opened[firms.successor] == NEVER) & (firms.closed.astype(np.int64) + 7 * weeks <= day)
    if not waits.any():
        return
    back, all_back = takings.back()
    place = seats(firms)
    for row in np.flatnonzero(waits).tolist():
        alike = _alike(world, row, np.arange(len(seat)))
        served = trading(firms, day, seat.astype(np.int64))
        category = firms.category[row]
        if not (back[category] if (alike & served).any() else all_back and world.climate.shut[category] == 0):
            continue
        # Its own customers come back from the heir; those of shops that nobody followed come along.
        coming = (firms.successor[seat] >= 0) & (firms.opened[firms.successor[seat]] == day)
        gains = np.flatnonzero(alike & ~served & ~coming | (np.arange(len(seat)) == place[row]))
        np.subtract.at(firms.sales, seat[gains], sales[gains])
        firms.sales[row] = sales[gains].sum()
        seat[gains] = row
        firms.opened[firms.successor[row]] = day


def _alike(world: World, row: int, rows: Ints) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which of some shops sell the same as another in the same town, or like it online."""
    firms = world.firms
    alike = (firms.kind[rows] == MERCHANT) & (firms.category[rows] == firms.category[row]) & (firms.town[rows] == firms.town[row])
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = alike & (firms.online[rows] == firms.online[row])
    return found
