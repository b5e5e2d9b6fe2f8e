"""Speed and memory on this machine: each figure measured in a process of its own, beside the floor of writing the same tables.

    python -m simulator.bench --one run --scenario hamlet --out DIR     # one measurement, as one line of JSON

The parent only adds up what its children print, so that no measurement sees another's memory, threads or caches.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SMALL, SMALL_DAYS = 2_000, 30
"""Customers and days of the world that is stepped without files."""
REFERENCE = 10_000
"""Customers of the world against which the cost of a payment is held."""

type Changes = dict[str, Any]


def bench(
    scenarios: Sequence[str] = ("high_street", "metropolis"),
    customers: int | None = None,
    days: int | None = None,
    tell: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Measures speed and memory.

    Args:
        scenarios: names or files of what to run, one row each.
        customers: instead of the scenarios'.
        days: instead of the scenarios'.
        tell: is told what is being measured.

    Returns:
        One row a scenario. `cpu_seconds` is user and system time of building, running and writing; `floor_cpu_seconds` is
        what pyarrow alone needs to write the same tables; `startup_seconds` runs from the start of the process to the end
        of the first simulated day; `cost_us` is CPU a payment, `cost_over_10000` its ratio to that of the row with 10,000
        customers, `small_world_us` the CPU a payment of stepping 2,000 customers with files off.

    Raises:
        InputError: a scenario is wrong.
        MachineError: a measurement failed.
    """
    from simulator.scenario.file import load_scenario

    changes = {path: value for path, value in (("population.customers", customers), ("period.days", days)) if value is not None}
    worlds = [load_scenario(name, changes) for name in scenarios]
    say = tell or (lambda _: None)
    with tempfile.TemporaryDirectory(prefix="ledgerfolk-bench-") as scratch:
        place = Path(scratch)
        say("compiling into an empty cache")
        compiled = _child(place, "compile")
        rows = []
        for name, world in zip(scenarios, worlds, strict=True):
            about = f"{world.name}: {world.population.customers:,} customers, {world.period.days:,} days"
            out = place / "run"
            say(about)
            ran = _child(place, "run", scenario=name, changes=changes, out=out)
            say(f"{about}: the floor")
            floor = _child(place, "floor", out=out)
            say(f"{about}: {SMALL:,} customers with files off")
            small = _child(place, "small", scenario=name)
            size = {"scenario": world.name, "customers": world.population.customers, "days": world.period.days}
            rows.append(size | ran | floor | compiled | small)
    return [_row(row, rows) for row in rows]


def _row(row: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The row in the contract's order, with its ratios."""
    payments = max(1, row["payments"])
    cost = {one["customers"]: one["cpu_seconds"] / max(1, one["payments"]) for one in rows}
    ratio = cost[row["customers"]] / cost[REFERENCE] if REFERENCE in cost else None
    return {
        "scenario": row["scenario"],
        "customers": row["customers"],
        "days": row["days"],
        "payments": row["payments"],
        "payments_per_second": round(row["payments"] / row["seconds"]),
        "cpu_seconds": round(row["cpu_seconds"], 3),
        "floor_cpu_seconds": round(row["floor_cpu_seconds"], 3),
        "cpu_over_floor": round(row["cpu_seconds"] / row["floor_cpu_seconds"], 3),
        "peak_rss_bytes": row["peak_rss_bytes"],
        "compile_seconds": round(row["compile_seconds"], 2),
        "startup_seconds": round(row["startup_seconds"], 2),
        "bytes_per_row": round(row["bytes"] / payments, 2),
        "cost_us": round(1e6 * row["cpu_seconds"] / payments, 3),
        "cost_over_10000": None if ratio is None else round(ratio, 3),
        "small_world_us": round(row["small_world_us"], 3),
        "building_seconds": round(row["building"], 2),
    }


def _child(
    place: Path, what: str, *, scenario: str | None = None, changes: Changes | None = None, out: Path | None = None
) -> dict[str, Any]:
    """One measurement in a process of its own, with the kernels of this bench."""
    from simulator.errors import MachineError

    sources = str(Path(__file__).parents[1])
    environment = os.environ | {"LEDGERFOLK_CACHE": str(place / "kernels"), "PYTHONPATH": sources}
    command = [sys.executable, "-P", "-m", "simulator.bench", "--one", what]
    command += ["--scenario", scenario] if scenario is not None else []
    command += ["--changes", json.dumps(changes)] if changes else []
    command += ["--out", str(out)] if out is not None else []
    command += ["--started", repr(time.time())]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise MachineError(f"bench: measuring '{what}' failed with exit code {done.returncode}: {last}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def cpu() -> float:
    """User and system seconds of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure_compile() -> dict[str, float]:
    """Seconds to make every kernel ready."""
    from simulator.warm import warm

    started = time.perf_counter()
    warm()
    return {"compile_seconds": time.perf_counter() - started}


def measure_run(scenario: str, changes: Changes, out: Path, started: float) -> dict[str, float]:
    """A run with all its tables: payments, seconds, CPU, memory, bytes, and seconds from ``started`` to the end of the first day."""
    from simulator.record.read import open_run
    from simulator.run import Progress, peak_memory, run_scenario
    from simulator.scenario.file import load_scenario
    from simulator.warm import warm

    first: list[float] = []

    def tell(progress: Progress) -> None:
        if progress.day == 1 and not first:
            first.append(time.time())

    warm()
    before = cpu()
    manifest = run_scenario(load_scenario(scenario, changes), out, force=True, progress=tell)
    spent = cpu() - before
    run = open_run(out)
    return {
        "payments": manifest["rows"]["transactions"] + manifest["rows"]["truth/unseen"],
        "seconds": sum(manifest["timings"][phase] for phase in ("building", "running", "writing")),
        "building": manifest["timings"]["building"],
        "cpu_seconds": spent,
        "peak_rss_bytes": peak_memory(),
        "startup_seconds": first[0] - started,
        "bytes": sum(file.stat().st_size for name in ("transactions", "truth/unseen") for file in run.files(name)),
    }


def measure_floor(out: Path) -> dict[str, float]:
    """CPU that pyarrow alone needs to write the run's tables again, file by file; reading them is not counted."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from simulator.record.read import open_run
    from simulator.record.schema import TABLES

    run = open_run(out)
    again = out.parent / "again.parquet"
    spent = 0.0
    for name in TABLES:
        for file in run.files(name):
            table = pq.read_table(file, partitioning=None)
            worded = [field.name for field in table.schema if _worded(pa, field.type)]
            before = cpu()
            pq.write_table(table, again, compression="zstd", compression_level=1, use_dictionary=worded)
            spent += cpu() - before
    again.unlink()
    return {"floor_cpu_seconds": spent}


def _worded(pa: Any, kind: Any) -> bool:
    """Whether a column is text or a code."""
    return bool(pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_int8(kind) or pa.types.is_int16(kind))


def measure_small(scenario: str) -> dict[str, float]:
    """CPU a payment of stepping a small world that records nothing."""
    from simulator import PaymentsModel

    model = PaymentsModel(scenario, customers=SMALL, days=SMALL_DAYS + 1)
    model.run_for(1)
    paid, before = int(model.runner.totals[2:4].sum()), cpu()
    model.run_for(SMALL_DAYS)
    return {"small_world_us": 1e6 * (cpu() - before) / max(1, int(model.runner.totals[2:4].sum()) - paid)}


def main() -> None:
    """Makes one measurement and prints it."""
    parser = argparse.ArgumentParser(prog="python -m simulator.bench", description="One measurement of `ledgerfolk bench`.")
    parser.add_argument("--one", required=True, choices=["compile", "run", "floor", "small"])
    parser.add_argument("--scenario", default="hamlet")
    parser.add_argument("--changes", type=json.loads, default={})
    parser.add_argument("--out", type=Path, default=Path("run"))
    parser.add_argument("--started", type=float, default=time.time())
    given = parser.parse_args()
    measures: dict[str, Callable[[], dict[str, float]]] = {
        "compile": measure_compile,
        "run": lambda: measure_run(given.scenario, given.changes, given.out, given.started),
        "floor": lambda: measure_floor(given.out),
        "small": lambda: measure_small(given.scenario),
    }
    print(json.dumps(measures[given.one]()))


if __name__ == "__main__":
    main()
