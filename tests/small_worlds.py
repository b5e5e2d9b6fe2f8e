"""Small worlds that the tests of the laws live in, and what they read from a run."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator import open_run
from simulator.run import run_scenario
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario

ROOT = Path(__file__).parent.parent

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


class Books(NamedTuple):
    """The payments of a run folder in whole minor units, in row order: seen and unseen together, by time."""

    time: NDArray[np.int64]
    payer: NDArray[np.int64]
    payee: NDArray[np.int64]
    amount: NDArray[np.int64]
    approved: NDArray[np.bool_]
    payer_balance: NDArray[np.int64]
    payee_balance: NDArray[np.int64]


def minor(column: pa.ChunkedArray, unit: int = 100) -> NDArray[np.int64]:
    """Money of a file in minor units; fails where it is not exact."""
    units = column.to_numpy()
    whole = np.rint(units * unit).astype(np.int64)
    assert (whole / unit == units).all()
    return whole


def books(folder: Path) -> Books:
    """Read the payments of a run, and nothing that the run does not write."""
    run = open_run(folder)
    columns = ["timestamp", "payer_account", "payee_account", "amount", "status", "payer_balance", "payee_balance"]
    table = pa.concat_tables([run.transactions(columns), run.unseen(columns)])
    time = table["timestamp"].cast(pa.int64()).to_numpy()
    order = np.argsort(time, kind="stable")
    status = np.array(table["status"].to_pylist())
    columns = [table["payer_account"].to_numpy(), table["payee_account"].to_numpy(), minor(table["amount"]), status == "approved"]
    columns += [minor(table["payer_balance"]), minor(table["payee_balance"])]
    return Books(time[order], *(column[order] for column in columns))
