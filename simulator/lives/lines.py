"""Credit cards granted to who had none: by a plan made anew, or to somebody in a story who applies for one."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Event
from simulator.draws import Ints
from simulator.lives.cards import order_first
from simulator.lives.diary import Diary
from simulator.population.accounts import CLOSED, CREDIT_CARD, PERSON_ROWS
from simulator.population.debts import NO_LINE
from simulator.population.presence import here
from simulator.population.world import World


def grant(world: World, today: Today, diary: Diary, rows: Ints, line: Ints, time: Ints) -> None:
    """Open credit card accounts; their first cards are ordered, posted and activated like everybody's.

    Args:
        world: whose people change.
        today: the day that closes.
        diary: told of it; its agenda takes the cards.
        rows: people without a credit card.
        line: what each is granted, minor units.
        time: when, microseconds within the UTC day.
    """
    card = rows * PERSON_ROWS + CREDIT_CARD
    world.people.line[rows] = line
    world.accounts.line[card] = line
    diary.note(Event.ACCOUNT_OPENED, rows, time, account=card, amount=line)
    order_first(diary.agenda, world, today.day + 1, rows * 2 + 1)
    diary.change("opened", today.day, rows, account=np.full(len(rows), CREDIT_CARD, np.int8))


def apply_for_cards(world: World, today: Today, diary: Diary, asked: list[tuple[int, int]]) -> None:
    """People of stories ask for a credit card; who has one already, or is gone tomorrow, gets none.

    Args:
        world: whose people change.
        today: the day that closes.
        diary: told of it.
        asked: rows of people, and when, microseconds within the UTC day.
    """
    people, times = world.people, dict(sorted(asked, reverse=True))
    rows = np.array(sorted(times), np.int64)
    fits = (people.line[rows] <= 0) & (world.accounts.line[rows * PERSON_ROWS + CREDIT_CARD] > CLOSED) if len(rows) else rows > 0
    rows = rows[fits & here(people, today.day + 1, rows)]
    if len(rows):
        line = np.array([_usual_line(world, int(people.decile[row])) for row in rows.tolist()], np.int64)
        grant(world, today, diary, rows[line > 0], line[line > 0], np.array([times[row] for row in rows.tolist()], np.int64)[line > 0])


def _usual_line(world: World, decile: int) -> int:
    """The middle line of those with as much income who have one; 0 where nobody has."""
    lines = np.sort(world.people.line[(world.people.decile == decile) & (world.people.line > NO_LINE)])
    return int(lines[len(lines) // 2]) if len(lines) else 0
