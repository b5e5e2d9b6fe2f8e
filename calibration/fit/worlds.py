"""Worlds lived for a fit: a point and a seed in, the numbers of every target out; every one is kept, none is lived twice."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import xxhash
from numpy.typing import NDArray

from calibration.fit.space import Space, with_overrides
from calibration.measure import measure
from calibration.pack import Pack, read_pack
from simulator.errors import InputError
from simulator.kernel import is_compiled, source_digest
from simulator.record.read import open_run
from simulator.run import Progress, run_scenario
from simulator.scenario import Scenario
from simulator.scenario.file import dump_scenario, load_scenario
from simulator.workers import Job, Pool, Tell

type Floats = NDArray[np.float64]

LIVE = "calibration.fit.worlds:live_and_keep"
"""What a worker does."""


class Plan(NamedTuple):
    """A world to live."""

    stage: str
    point: tuple[float, ...]
    """Of the unit cube; NaN leaves a parameter as the scenario has it."""
    seed: int
    customers: int


class Worlds(Protocol):
    """Whoever lives worlds for a fit."""

    def live(self, plans: Sequence[Plan]) -> Floats:
        """The numbers of every target, a row for each plan; NaN where a world has nothing to measure one by."""


def labels(pack: Pack) -> list[str]:
    """The numbers of a pack's targets, in order."""
    return [f"{target.id}.{component}" if component else target.id for target in pack.targets for component in target.components]


class SmallWorlds:
    """Small worlds of a scenario, lived by worker processes and kept in a folder, a file each."""

    def __init__(
        self, scenario: Scenario, pack: Pack, pack_file: str, space: Space, days: int, folder: Path,
        pool: Pool, tell: Tell | None = None,
    ) -> None:  # fmt: skip
        """Nothing is lived yet.

        Args:
            scenario: what the points change, direct settings in place.
            pack: whose targets are measured.
            pack_file: its name or file, for the workers.
            space: what a point means.
            days: that a world lives.
            folder: where finished runs are kept.
            pool: of workers.
            tell: told how far they are.
        """
        self._pack, self._pack_file, self._space, self._days = pack, pack_file, space, days
        self._folder, self._pool, self._tell = folder, pool, tell
        self._scenario = scenario.model_copy(update={"seed": 0})
        text = dump_scenario(self._scenario)
        self._base = folder / "world.yaml"
        if not self._base.is_file() or self._base.read_text("utf-8") != text:
            self._base.write_text(text, encoding="utf-8")
        said = "\n".join([source_digest(), measures_digest(), text, json.dumps(measured_of(pack))])
        self.digest = xxhash.xxh3_128_hexdigest(said.encode())
        self.counts: dict[str, int] = {}
        self._warmed = is_compiled()

    def live(self, plans: Sequence[Plan]) -> Floats:
        """Live what is not kept yet, and read all.

        Raises:
            InputError: the scenario refuses a point.
            MachineError: the disk is full, a worker was ended.
            KeyboardInterrupt: Ctrl-C; finished worlds are kept.
        """
        jobs = [self._job(plan, place, len(plans)) for place, plan in enumerate(plans, 1)]
        self._pool.carry_out(jobs, self._tell, None if self._warmed else self._warm)
        for plan in plans:
            self.counts[plan.stage] = self.counts.get(plan.stage, 0) + 1
        return np.array([self._read(job.file) for job in jobs], np.float64).reshape(len(plans), -1)

    def _job(self, plan: Plan, place: int, of: int) -> Job:
        overrides = self._space.overrides(plan.point) | {"population.customers": plan.customers, "period.days": self._days}
        key = xxhash.xxh3_128_hexdigest(f"{self.digest} {json.dumps(overrides, sort_keys=True)} {plan.seed}".encode())
        told = {"world": str(self._base), "pack": self._pack_file, "overrides": overrides, "seed": plan.seed, "stage": plan.stage,
                "point": [None if np.isnan(at) else round(float(at), 9) for at in plan.point]}  # fmt: skip
        return Job(f"{plan.stage} {place} of {of}", LIVE, told, self._days, self._folder / f"{key}.json")

    def _warm(self) -> None:
        """Compile every kernel once, and not in every worker at the same time."""
        with tempfile.TemporaryDirectory(dir=_fast_folder()) as folder:
            small = with_overrides(self._scenario, {"population.customers": 50, "period.days": 2})
            run_scenario(small, Path(folder) / "run", shards=1, workers=1)
        self._warmed = True

    def _read(self, file: Path) -> list[float]:
        try:
            achieved = json.loads(file.read_text("utf-8"))["achieved"]
            return [np.nan if achieved[label] is None else float(achieved[label]) for label in labels(self._pack)]
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{file}: found a file that is no kept run, expected what a worker wrote; delete it and --resume") from None


def live_and_keep(told: dict[str, Any], file: Path, tell: Callable[[int], None]) -> None:
    """What a worker does: live one world into a temporary folder, measure it, keep the numbers.

    Args:
        told: world, pack, overrides, seed; stage and point are only written down.
        file: where the numbers go.
        tell: told how many days are lived.
    """
    scenario = with_overrides(_scenario(told["world"]), told["overrides"]).model_copy(update={"seed": told["seed"]})
    pack = _pack(told["pack"])
    place = Path(tempfile.mkdtemp(prefix="ledgerfolk-", dir=_fast_folder()))

    def lived(progress: Progress) -> None:
        if progress.phase == "running":
            tell(progress.day)

    try:
        run_scenario(scenario, place / "run", shards=1, workers=1, progress=lived, checkpoint_seconds=float("inf"))
        run = open_run(place / "run")
        run.__dict__["scenario"] = scenario  # known already; reading it back takes as long as ten days
        found = measure(run, pack.targets)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    achieved = {f"{target}.{component}" if component else target: _plain(value) for (target, component), value in found.items()}
    kept = {key: told[key] for key in ("stage", "point", "seed", "overrides")} | {"achieved": achieved}
    temporary = file.with_suffix(".unfinished")
    temporary.write_text(json.dumps(kept), encoding="utf-8")
    os.replace(temporary, file)


def measured_of(pack: Pack) -> list[tuple[str, list[str], str, dict[str, Any]]]:
    """What of a pack decides what is measured: other values and tolerances need no new runs."""
    return [(target.id, list(target.components), target.moment, dict(target.of)) for target in pack.targets]


@lru_cache(maxsize=1)
def measures_digest() -> str:
    """Digest of the sources of the moments."""
    digest = xxhash.xxh3_128()
    for path in sorted(Path(__file__).parents[1].glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _plain(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


@lru_cache(maxsize=2)
def _scenario(path: str) -> Scenario:
    return load_scenario(Path(path))


@lru_cache(maxsize=2)
def _pack(name: str) -> Pack:
    return read_pack(name)


def _fast_folder() -> str | None:
    """Memory, where it is a folder: small worlds come and go."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
