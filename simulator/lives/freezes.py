"""Freezes: accounts that may not pay for some days, by a court's order or while an identity is checked."""

from functools import lru_cache

import numpy as np

from simulator.clock import Today
from simulator.codes import Detail, Event
from simulator.draws import Ints, Why, words
from simulator.lives.diary import Diary
from simulator.lives.times import EVENING
from simulator.population.accounts import CURRENT, FROZEN, PERSON_ROWS, SAVINGS
from simulator.population.presence import here
from simulator.population.world import World

YEAR = 365
SHORTEST, SPAN = 2, 9
"""A freeze lasts 2 to 10 days (assumption)."""

LASTS: Ints = SHORTEST + np.arange(256) * SPAN // 256
"""Days of a freeze by the low byte of its word."""

Agenda = dict[int, tuple[Ints, Ints]]
"""By day since 1970: rows, and a word for what else is to be decided of each."""

NOBODY = np.zeros(0, np.int64), np.zeros(0, np.int64)


@lru_cache(maxsize=16)
def _agenda(seed: int, people: int, year: int, why: Why, share: int, ends: bool) -> Agenda:
    """Whom something befalls in a year that befalls few people, once, and when; ``share`` of 2^32 of the people."""
    hit, day, word, _ = (one.astype(np.int64) for one in words(seed, np.arange(people, dtype=np.int64), why, when=year))
    row = np.flatnonzero(hit < share)
    word = word[row]
    when = year * YEAR + (day[row] * YEAR >> 32) + (LASTS[word & 0xFF] if ends else 0)
    return {int(day): (row[when == day], word[when == day]) for day in np.unique(when)}


def due_on(world: World, day: int, why: Why, share: int, *, ends: bool = False) -> tuple[Ints, Ints]:
    """Rows and words of what befalls people on a day, or ends on it; an address says it, so that nothing is remembered."""
    years = (day // YEAR - 1, day // YEAR) if ends else (day // YEAR,)
    found = [_agenda(int(world.rules.key), world.layout.people, year, why, share, ends).get(day, NOBODY) for year in years]
    rows, word = found[0] if len(found) == 1 else (np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found]))
    lives = here(world.people, day, rows)
    return rows[lives], word[lives]


def freeze_and_thaw(world: World, today: Today, diary: Diary) -> None:
    """Freeze current and savings accounts on their day, and give others their line back: in time, or where their owner leaves."""
    day, share = today.day, world.rules.frozen
    for rows, word in (due_on(world, day, Why.FREEZE, share, ends=True), _leaving(world, day)):
        _set_lines(world, diary, Event.ACCOUNT_UNFROZEN, rows, word)
    rows, word = due_on(world, day, Why.FREEZE, share)
    stays = here(world.people, day + 1, rows)
    _set_lines(world, diary, Event.ACCOUNT_FROZEN, rows[stays], word[stays])


def _leaving(world: World, day: int) -> tuple[Ints, Ints]:
    """Those whose accounts may be frozen and who are gone tomorrow: their accounts have to be settled."""
    begun = [due_on(world, day - ago, Why.FREEZE, world.rules.frozen) for ago in range(SHORTEST + SPAN)]
    rows, word = (np.concatenate(parts) for parts in zip(*begun, strict=True))
    goes = world.people.left[rows] == day + 1
    return rows[goes], word[goes]


def _set_lines(world: World, diary: Diary, kind: Event, rows: Ints, word: Ints) -> None:
    if not len(rows):
        return
    account = np.concatenate([rows * PERSON_ROWS + CURRENT, rows * PERSON_ROWS + SAVINGS])
    who, word = np.tile(rows, 2), np.tile(word, 2)
    line = world.accounts.line[account]
    # A line within reason is free, one near FROZEN is frozen; an account that was closed meanwhile stays so.
    fits = np.abs(line - (FROZEN if kind == Event.ACCOUNT_UNFROZEN else 0)) < 1 << 60
    world.accounts.line[account[fits]] = FROZEN - line[fits]
    time = EVENING + ((word >> 8) * 59_000 >> 24) * 1000 + np.arange(len(word)) // len(rows)
    detail = np.where(word >> 8 & 3 == 0, int(Detail.IDENTITY_CHECK), int(Detail.COURT_ORDER))
    diary.note(kind, who[fits], time[fits], account=account[fits], detail=detail[fits])
