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

SHOCKS: list[dict[str, Any]] = [
    {"name": name, "kind": name, "source": "a test"} | fields
    for name, fields in {
        "unemployment": {"path": {"2024-01-28": 0.1, "2024-02-10": 0.3, "between": "ramp"}},
        "income": {"by": {"salaried": {"2024-02-01": -0.1}}},
        "prices": {"path": {"2024-01-27": 0.0, "2024-02-20": 0.1, "between": "ramp"}},
        "policy_rate": {"path": {"2024-01-30": 0.02}},
        "confidence": {"path": {"2024-01-30": -0.1, "2024-02-12": 0}},
        "restriction": {"by": {"restaurants": {"2024-01-29": 0.7, "2024-02-08": 0.2}}},
        "remote": {"path": {"2024-01-29": 0.3}},
        "stock_up": {"by": {"groceries": {"2024-01-28": 0.75, "2024-02-02": 0}}},
        "supplement": {"path": {"2024-02-01": 100}},
        "stimulus": {"start": "2024-02-02T00:00:00", "amount": 1200, "child": 500},
        "outage": {"start": "2024-01-27T14:35:00", "lasts": "10 h", "share": 0.5},
        "bank_run": {"start": "2024-02-06T00:00:00", "lasts": "3 days", "share": 0.3, "online": 0.5},
        "cash_panic": {"path": {"2024-01-25": 0.2, "2024-01-26": 0, "2024-02-03": 0.2, "2024-02-06": 0}},
        "stories": {"path": {"2024-01-26": 4}},
        "forbearance": {"path": {"2024-01-30": 0.5}},
        "rule": {"start": "2024-02-01T00:00:00", "until": "2024-02-12", "set": {"methods.contactless": 0.1, "defence.capacity": 5.0}},
    }.items()
]

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
    # Accounts closed at the month's end, standing orders, notes drawn at the counter for what a purse cannot meet.
    "crowns": (
        "czech_bank",
        {"population.customers": 500, "period.start": "1993-05-26", "period.days": 8, "disputes.returned_transfers": 0.1,
         "opening.during": 0.5},
    ),
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
    # Every kind of shock at once, with jobs lost and found.
    "crisis": (
        "hamlet",
        {"population.customers": 150, "period.start": "2024-01-25", "period.days": 24, "economy.layoffs": 0.05, "lending.insured": 5000,
         "economy.other_network": 0.5, "lending.firm_line": 0.2, "firms.rent": 0.06, "firms.reserve_months": 0.2, "shocks": SHOCKS},
    ),
    # The size of the check of plain Python against compiled kernels.
    "fifty": (
        "hamlet",
        {"population.customers": 50, "period.days": 7, "period.start": "2024-01-28", "declines.retry": 1.0, "economy.layoffs": 0.05}
        | {"shocks": [shock for shock in SHOCKS if shock["kind"] != "bank_run"]},
    ),
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
        self.take(self._seen[:seen].view(Records))
        self.take(self._unseen[:unseen].view(Records))

    def take(self, rows: Records) -> None:
        """Some rows of a window."""
        self.rows.append(np.asarray(rows))
