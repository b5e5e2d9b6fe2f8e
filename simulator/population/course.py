"""The course of people's lives, as columns that kernels do not read: kin, birthdays, standing, what is under way."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, words
from simulator.population.households import Members
from simulator.population.ladder import Ladder
from simulator.population.presence import NEVER

YEAR = 365
"""Days that may be birthdays."""


class Course(NamedTuple):
    """Columns over N people. All but birthday and origin change."""

    partner: NDArray[np.int32]
    """Row of the partner in the household, -1 for none; of who changed bank, the row that succeeds."""
    origin: NDArray[np.int32]
    """Row under which the person was first known: another one where they came from another bank of the town."""
    closes: NDArray[np.int32]
    """Day at whose close the accounts are closed."""
    standing: NDArray[np.uint32]
    """Where the household stands among those of its kind, see `simulator.population.ladder`."""
    fortune: NDArray[np.uint32]
    """Word that says, with the household's cell, what kind of income the person has."""
    birthday: NDArray[np.int16]
    """Day of the year, from 0."""
    ahead: NDArray[np.int8]
    """Years by which the household's head is older than others in their stage of life."""
    why: NDArray[np.int8]
    """Why the person left, see `simulator.lives.estates`."""
    seeks: NDArray[np.int8]
    """1 where a single person is about to find a partner."""
    stale: NDArray[np.int8]
    """1 where the household's plan is to be made anew at the turn of the month."""
    takes: NDArray[np.int32]
    """Row whose bills the person goes on paying from the next month, or whose accounts the row will succeed; -1 for none."""
    borrowed: NDArray[np.int8]
    """1 where a loan account was ever opened."""
    debt: NDArray[np.int64]
    """Loans that a newcomer brings, minor units."""
    jobless: NDArray[np.int32]
    """Day since 1970 on which the person was laid off, 0 for who was not or works again."""


def draw_birthdays(seed: int, row: Ints) -> Ints:
    """Day of the year, from 0, on which people have their birthday."""
    day: Ints = words(seed, row, Why.BIRTHDAY)[0].astype(np.int64) * YEAR >> 32
    return day


def draw_course(seed: int, members: Members, ladder: Ladder, loans: Ints) -> Course:
    """The first morning's columns of people who stand household by household."""
    size = len(members.row)
    partner = np.full(size, -1, np.int32)
    second = np.flatnonzero(members.head == 0)
    partner[second] = members.row[second - 1]
    partner[second - 1] = members.row[second]
    zeros = np.zeros(size, np.int8)
    return Course(
        partner=partner, origin=members.row.astype(np.int32), closes=np.full(size, NEVER, np.int32),
        standing=ladder.standing(members.cell, members.within).astype(np.uint32), fortune=members.fortune,
        birthday=draw_birthdays(seed, members.row).astype(np.int16), ahead=members.ahead.astype(np.int8),
        why=zeros, seeks=zeros.copy(), stale=zeros.copy(), takes=np.full(size, -1, np.int32),
        borrowed=(loans > 0).astype(np.int8), debt=loans, jobless=np.zeros(size, np.int32),
    )  # fmt: skip
