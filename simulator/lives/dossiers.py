"""Banks keep their files: newcomers are taken down, addresses follow moves, the rest is as good as the last review."""

import numpy as np

from simulator.clock import Today
from simulator.draws import Ints
from simulator.lives.diary import Diary
from simulator.population.dossiers import TOLD, hear
from simulator.population.world import World
from simulator.records import Records


def review_dossiers(world: World, today: Today, diary: Diary, dossiers: Records, row: Ints) -> None:
    """Bring the files of people up to date who are looked at today."""
    people = world.people
    differs = np.zeros(len(row), bool)
    for name, column in TOLD.items():
        differs |= dossiers[name][row] != people[column][row]
    stale = row[differs]
    _remember(diary, today.day, dossiers, stale)
    for name, column in TOLD.items():
        dossiers[name][stale] = people[column][stale]


def keep_dossiers(world: World, today: Today, diary: Diary, dossiers: Records, newcomers: Ints) -> None:
    """Take down newcomers, and note the new addresses of people who moved."""
    hear(dossiers, world.people, newcomers)
    tomorrow = today.day + 1
    parts = [part["row"] for part in diary.history.get("home", []) if part["day"][0] == tomorrow]
    if not parts:
        return
    row = np.unique(np.concatenate(parts)).astype(np.int64)
    _remember(diary, tomorrow, dossiers, row)
    dossiers.moves[row] += 1
    home = world.people.household[row]
    dossiers.home[row], dossiers.household[row], dossiers.zone[row] = home, home, world.people.zone[row]
    dossiers.moved[row] = dossiers.moves[home]


def _remember(diary: Diary, day: int, dossiers: Records, row: Ints) -> None:
    """What the files said until a day."""
    diary.change("dossier", day, row, **{name: dossiers[name][row].copy() for name in dossiers.dtype.names or ()})
