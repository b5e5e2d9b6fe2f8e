"""One run of a pair: a world lived through in one thread, kept as a small table of daily sums."""

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from simulator.draws import Ints, Why, words
from simulator.kernel import source_digest
from simulator.model import PaymentsModel
from simulator.scenario import Scenario
from simulator.scenario.file import dump_scenario, load_scenario
from simulator.stress.arrears import Arrears
from simulator.stress.observer import Key, Observer
from simulator.stress.state import STATE, Fraud
from simulator.warm import warm

REPLICATE = 1 << 20
"""Which of the draws about worlds, rather than in them, give the seeds of replicates."""

Told = Callable[[int, int], None]
"""Told after each day: days lived, payments so far."""


class Lived(NamedTuple):
    """A run of a pair."""

    parts: dict[Key, Ints]
    """Every part of a metric by day; counts, or minor units."""
    payments: int


def live(scenario: Scenario, tell: Told | None = None) -> Lived:
    """Live a scenario through, writing nothing.

    Args:
        scenario: what to live.
        tell: told after each day.

    Returns:
        What every day added up to: the same numbers as the payments of a run folder would give.
    """
    model = PaymentsModel(scenario, shards=1, workers=1)
    observer = Observer(model)
    fraud, arrears = Fraud(model, observer), Arrears(model)
    days = scenario.period.days
    state: dict[Key, Ints] = {}
    gc.freeze()  # what is built stays to the end
    try:
        for index in range(days):
            model.run_for(1)
            day = model.clock.start + index
            observer.close_day(day)
            for found in (fraud.day(), arrears.day(day), *(read(model, day) for read in STATE)):
                for key, value in found.items():
                    state.setdefault(key, np.zeros(days, np.int64))[index] = value
            if tell is not None:
                tell(index + 1, int(model.runner.totals[2:4].sum()))
    finally:
        gc.unfreeze()
    return Lived(observer.parts() | state, int(model.runner.totals[2:4].sum()))


def replicate_seeds(seed: int, replicates: int) -> list[int]:
    """Seeds of replicates: the scenario's own, then those at the addresses of the replicates' numbers.

    Args:
        seed: of the scenario.
        replicates: how many.
    """
    drawn = words(seed, np.arange(replicates, dtype=np.int64), Why.AUDIT, REPLICATE).astype(object)
    return [seed, *(int(high) << 32 | int(low) for high, low in zip(drawn[0][1:], drawn[1][1:], strict=True))]


def with_seed(scenario: Scenario, seed: int) -> Scenario:
    """The same scenario under another seed."""
    return scenario.model_copy(update={"seed": seed})


def run_key(scenario: Scenario) -> str:
    """What names the table of a run: a digest of the resolved scenario, seed included, and of the sources."""
    return xxhash.xxh3_128_hexdigest(f"{source_digest()}\n{dump_scenario(scenario)}".encode())


def keep(lived: Lived, file: Path, seed: int) -> None:
    """Write a finished run's table in one step."""
    names = [f"{metric}|{group}" for metric, group in lived.parts]
    about = {b"payments": str(lived.payments).encode(), b"seed": str(seed).encode()}
    table = pa.table(list(lived.parts.values()), names=names).replace_schema_metadata(about)
    temporary = file.with_suffix(".unfinished")
    pq.write_table(table, temporary, compression="zstd", use_dictionary=False, write_statistics=False)
    os.replace(temporary, file)


def live_and_keep(told: dict[str, Any], file: Path, tell: Callable[[int], None]) -> None:
    """What a worker does: live the world of a file, told as ``world`` and ``seed``, and keep its table."""
    scenario = with_seed(load_scenario(Path(told["world"])), told["seed"])
    keep(live(scenario, lambda day, payments: tell(day)), file, told["seed"])


def compile_all() -> None:
    """Compile every kernel, once and not in every worker at the same time."""
    warm()
    live(load_scenario("hamlet", {"population.customers": 50, "period.days": 1}))


def kept(file: Path) -> Lived:
    """A finished run from its table."""
    table = pq.read_table(file)
    parts = {(name.partition("|")[0], name.partition("|")[2]): table[name].to_numpy() for name in table.column_names}
    return Lived(parts, int(table.schema.metadata[b"payments"]))
