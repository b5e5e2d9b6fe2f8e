"""Small worlds that the tests of the laws live in, and what they read from a run."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from simulator.ledger import ROW
from simulator.records import Records, records
from simulator.run import run_scenario
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario

ROOT = Path(__file__).parent.parent

ORDINARY: dict[str, Any] = {"stories.told": [], "defence.alerts": False}
"""A world without crime, its look-alikes and what banks do about them: for tests of ordinary life."""

WORLDS: dict[str, tuple[str, dict[str, Any]]] = {
    # Over the end of a month and the first of the next, where most falls due; cards fail often enough that purchases are
    # tried again, also across midnight.
    "hamlet": (
        "hamlet",
        {"period.start": "2024-01-25", "period.days": 12, "declines.issuer_unavailable": 0.05, "declines.retry": 1.0},
    ),
    # Several towns, several banks.
    "towns": ("high_street", {"population.customers": 1500, "population.town_size": 400, "period.days": 5}),
    # Purses that fill and empty at agents, takings in notes.
    "wallets": ("mobile_money", {"population.customers": 200, "period.days": 5}),
    # Long enough for card statements to be paid and refunds to come back, with shops enough for new places to become habits.
    "season": (
        "hamlet",
        {
            "population.customers": 120,
            "period.days": 36,
            "period.start": "2024-01-20",
            "declines.retry": 1.0,
            "categories.groceries.merchants": 800,
            "categories.restaurants.merchants": 800,
        },
    ),
    # Where the local date is another for most of the day, and clearing as often and as seldom as a scenario may have it.
    "far east": ("hamlet", {"population.customers": 150, "period.days": 8, "period.start": "2024-01-26", "country.utc_offset": "14 h"}),
    "far west": ("hamlet", {"population.customers": 150, "period.days": 8, "period.start": "2024-01-26", "country.utc_offset": "-12 h"}),
    "five minutes": ("hamlet", {"population.customers": 150, "period.days": 8, "period.start": "2024-01-26", "period.windows": 288}),
    "once a day": ("hamlet", {"population.customers": 150, "period.days": 8, "period.start": "2024-01-26", "period.windows": 1}),
    # The size of the check of plain Python against compiled kernels.
    "fifty": ("hamlet", {"population.customers": 50, "period.days": 7, "period.start": "2024-01-28", "declines.retry": 1.0}),
}


@cache
def scenario(world: str, **changes: Any) -> Scenario:
    """A world of the list above; changes by dotted path, with a double underscore for the dot."""
    name, settings = WORLDS[world]
    return load_scenario(name, settings | {path.replace("__", "."): value for path, value in changes.items()})


def run(folder: Path, world: str, *, shards: int = 1, workers: int = 1, **changes: Any) -> dict[str, Any]:
    """Run a world into a folder; returns the manifest."""
    return run_scenario(scenario(world, **changes), folder, shards=shards, workers=workers)


def python(code: str, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own, with the project to import from."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "PYTHONHASHSEED": "random"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


class Kept:
    """A recorder that keeps the rows of every window, seen and unseen, with account rows and minor units."""

    def __init__(self) -> None:
        self.rows: list[np.ndarray] = []

    def open_day(self, day: int) -> None:
        """Nothing to do."""

    def events(self, happened: object) -> None:
        """Nothing to do."""

    def reserve(self, rows: int) -> tuple[Records, Records, int, int]:
        """Room for a window."""
        self._seen, self._unseen = records(ROW, rows), records(ROW, rows)
        return self._seen, self._unseen, 0, 0

    def block(self, day: int, window: int, seen: int, unseen: int) -> None:
        """Keep what was written."""
        self.take(self._seen[:seen].view(np.recarray))
        self.take(self._unseen[:unseen].view(np.recarray))

    def take(self, rows: Records) -> None:
        """Some rows of a window."""
        self.rows.append(np.asarray(rows))
