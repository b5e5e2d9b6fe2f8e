"""Paired runs: a scenario and its baseline under the same seeds, so that differences are mechanism and not noise."""

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xxhash

from simulator.errors import InputError, MachineError
from simulator.interrupt import Interrupt
from simulator.kernel import is_compiled, source_digest
from simulator.scenario import Scenario
from simulator.scenario.file import dump_scenario, load_scenario
from simulator.scenario.iso import minor_units
from simulator.stress import folder as folders
from simulator.stress.decompose import decomposed
from simulator.stress.defaults import default_correlation
from simulator.stress.effects import Panel, effects, turns
from simulator.stress.live import Lived, compile_all, kept, replicate_seeds, with_seed
from simulator.stress.page import write_page
from simulator.stress.result import Stress
from simulator.stress.sensitivity import LEVELS, Design, Varied, design, of_kind, read_varied, screened
from simulator.stress.variants import CALM, calm, onset, variants
from simulator.stress.verdicts import verdicts
from simulator.workers import Job, Tell, carry_out

REPLICATES = 10
"""Pairs unless told otherwise."""

TRAJECTORIES = 4
"""Trajectories of Morris unless told otherwise (Campolongo et al.: a few suffice to rank)."""

SCENARIO, BASELINE = "scenario", "baseline"

LIVE = "simulator.stress.live:live_and_keep"
"""What a worker does."""


def run_pairs(
    scenario: str | Path | Scenario, against: str | Path | Scenario = CALM, *, replicates: int | None = None,
    seeds: Sequence[int] = (), settings: Mapping[str, Any] | None = None, changes: Mapping[str, Any] | None = None,
    decompose: bool = False, vary: Sequence[str | Varied] = (), trajectories: int = TRAJECTORIES, grid: int = 0,
    workers: int | None = None, out: str | Path | None = None, resume: bool = False, force: bool = False, progress: Tell | None = None,
) -> Stress:  # fmt: skip
    """Live a scenario and its baseline under the same seeds, and compare them.

    Args:
        scenario: a shipped name, a file, or a scenario.
        against: the baseline; `calm` is the scenario without its shocks.
        replicates: pairs, at least 2; as many as seeds, or 10.
        seeds: one seed, from which those of the pairs follow; or one for each pair. The scenario's own by default.
        settings: dotted paths and values for both worlds.
        changes: dotted paths and values for the scenario only.
        decompose: also run each shock, and each of the changes, alone on and alone off.
        vary: parameters of both worlds and their ranges, as ``path=low:high``.
        trajectories: of Morris's screening of these.
        grid: points along each of them instead.
        workers: processes; all cores by default. Any number gives the same numbers.
        out: where tables, report and finished runs go; nowhere by default.
        resume: take up finished runs that are in ``out``.
        force: replace a stress that is in ``out``.
        progress: told how far the runs are.

    Raises:
        InputError: scenario and baseline do not fit each other, or something else that was given is wrong.
        MachineError: the disk is full, the folder cannot be written, a library that is asked for is missing.
        KeyboardInterrupt: Ctrl-C; finished runs are kept.
    """
    if replicates is not None and replicates < 2:
        raise InputError(f"--replicates {replicates}: found fewer than 2, expected at least 2: intervals are over pairs")
    compiled = is_compiled()  # before the first kernel is
    shared, own = dict(settings or {}), dict(changes or {})
    plain = load_scenario(scenario, shared or None)
    ours = load_scenario(plain, own) if own else plain
    theirs = calm(plain) if against == CALM else load_scenario(against, shared or None)
    check_fit(ours, theirs)
    chosen = _seeds(ours, replicates, list(seeds))
    varied = of_kind([one if isinstance(one, Varied) else read_varied(one) for one in vary], ours, grid or LEVELS)
    plan = design(varied, trajectories, grid, ours.seed) if varied else None
    worlds = {SCENARIO: ours, BASELINE: theirs}
    if decompose:
        worlds |= {f"{one.shock} {one.way}": one.scenario for one in variants(plain, own)}
    worlds |= _varied_worlds(plan, ours, theirs)
    started = time.perf_counter()
    try:
        with ExitStack() as stack:
            stack.enter_context(Interrupt())
            place = Path(out) if out is not None else Path(stack.enter_context(tempfile.TemporaryDirectory()))
            folders.prepare(place, resume=resume, force=force or out is None)
            jobs = _jobs(place, worlds, chosen)
            carry_out([job for of_world in jobs.values() for job in of_world], workers, progress, None if compiled else compile_all)
            lived = {name: [kept(job.file) for job in of_world] for name, of_world in jobs.items()}
            found = _compared(worlds, chosen, lived, plan, decompose, list(own))
            found.about.update(_about(found, time.perf_counter() - started, workers))
            if out is not None:
                _write(place, found, jobs)
            return found
    except OSError as error:
        raise MachineError(f"{out}: {error.strerror or error}; the stress is not whole") from error


def check_fit(scenario: Scenario, baseline: Scenario) -> None:
    """Refuse worlds whose runs cannot be compared pair by pair.

    Raises:
        InputError: they differ in their people, days or currency.
    """
    for path, what in (
        ("period.start", "the first day"), ("period.days", "days"), ("period.windows", "windows"), ("population.customers", "customers"),
        ("country.currency", "the currency"), ("country.utc_offset", "local time"),
    ):  # fmt: skip
        part, _, name = path.partition(".")
        mine, other = (getattr(getattr(world, part), name) for world in (scenario, baseline))
        if mine != other:
            raise InputError(
                f"--against {baseline.name}: {path}: found {other}, expected {mine} as in {scenario.name}: paired runs share {what}; "
                f"--set {path}=… sets both, --against {CALM} is {scenario.name} without its shocks"
            )


def _seeds(scenario: Scenario, replicates: int | None, seeds: list[int]) -> list[int]:
    if len(set(seeds)) < len(seeds):
        raise InputError(f"--seed: found {', '.join(map(str, seeds))}, expected different seeds")
    for seed in seeds:
        if not 0 <= seed < 2**64:
            raise InputError(f"--seed {seed}: expected 0 to {2**64 - 1}")
    if len(seeds) > 1:
        if replicates not in (None, len(seeds)):
            raise InputError(f"--replicates {replicates}: found {len(seeds)} seeds, expected as many, or one from which the others follow")
        return seeds
    return replicate_seeds(seeds[0] if seeds else scenario.seed, replicates or REPLICATES)


def _varied_worlds(plan: Design | None, scenario: Scenario, baseline: Scenario) -> dict[str, Scenario]:
    """Both worlds at each point of a design."""
    found: dict[str, Scenario] = {}
    for point in range(len(plan.points) if plan is not None else 0):
        assert plan is not None
        for name, world in ((SCENARIO, scenario), (BASELINE, baseline)):
            try:
                found[f"{name} at point {point + 1}"] = load_scenario(world, plan.changes(point))
            except InputError as error:
                raise InputError(f"--vary: {error}") from None
    return found


def _jobs(place: Path, worlds: dict[str, Scenario], seeds: list[int]) -> dict[str, list[Job]]:
    """The runs of each world, one for each seed; worlds that are the same share theirs."""
    found = {}
    for number, (name, world) in enumerate(worlds.items()):
        file = place / folders.WORLDS / f"{number:03}.yaml"
        text = dump_scenario(with_seed(world, 0))
        file.write_text(text, encoding="utf-8")
        digest = xxhash.xxh3_128_hexdigest(f"{source_digest()}\n{text}".encode())
        found[name] = [
            Job(f"pair {pair} of {len(seeds)}, {name}", LIVE, {"world": str(file), "seed": seed}, world.period.days,
                place / folders.RUNS / f"{xxhash.xxh3_128_hexdigest(f'{digest} {seed}'.encode())}.parquet")
            for pair, seed in enumerate(seeds, 1)
        ]  # fmt: skip
    return found


def _panel(scenario: Scenario, baseline: Sequence[Lived], lived: Sequence[Lived]) -> Panel:
    return Panel(scenario.period.start, minor_units(scenario.country.currency), baseline, lived)


def _compared(
    worlds: dict[str, Scenario], seeds: list[int], lived: dict[str, list[Lived]], plan: Design | None, decompose: bool, own: list[str]
) -> Stress:
    ours, theirs = worlds[SCENARIO], worlds[BASELINE]
    panel = _panel(ours, lived[BASELINE], lived[SCENARIO])
    first = (onset(ours) - ours.period.start).days if not own else 0
    plain = [(metric, group) for metric, group in panel.keys if "," not in group]
    apart = decomposed(panel, {name: runs for name, runs in lived.items() if name not in (SCENARIO, BASELINE)}) if decompose else None
    points = _points(plan, ours, lived, plain) if plan is not None else None
    return Stress(
        scenario=ours, baseline=theirs, seeds=seeds, panel=panel, effects=effects(panel),
        turns=_turned(panel, plain, first),
        verdicts=verdicts(panel, ours), correlation=default_correlation(panel), decomposition=apart, points=points,
        sensitivity=_screened(plan, points, ours.seed) if plan is not None and points is not None and not plan.is_grid else None,
    )  # fmt: skip


def _turned(panel: Panel, keys: list[tuple[str, str]], onset: int) -> pd.DataFrame:
    frame = pd.DataFrame(list(turns(panel, keys, onset)), columns=pd.Index(TURNS))
    return frame.astype({"days_to_trough": "int64", "days_to_recovery": "Int64"})


TURNS = ("metric", "group", "trough", "days_to_trough", "effect", "low", "high", "relative", "days_to_recovery")


def _points(plan: Design, scenario: Scenario, lived: dict[str, list[Lived]], keys: list[tuple[str, str]]) -> pd.DataFrame:
    """The effect over the whole run at each point of a design, in the units of the metric and as a share of the baseline."""
    whole, rows = np.zeros(1, np.int64), []
    for point in range(len(plan.points)):
        panel = _panel(scenario, lived[f"{BASELINE} at point {point + 1}"], lived[f"{SCENARIO} at point {point + 1}"])
        for metric, group in keys:
            before, after = panel.values(metric, group, whole)[:, :, 0].mean(axis=1)
            relative = (after - before) / abs(before) if before else np.nan
            rows.append({"point": point + 1, **plan.changes(point), "metric": metric, "group": group, "baseline": before,
                         "effect": after - before, "relative": relative})  # fmt: skip
    return pd.DataFrame(rows)


def _screened(plan: Design, points: pd.DataFrame, seed: int) -> pd.DataFrame:
    frames = []
    for key, mine in points.groupby(["metric", "group"], sort=False):
        metric, group = map(str, key)
        for result in ("effect", "relative"):
            values = mine.sort_values("point")[result].to_numpy(np.float64)
            if np.isfinite(values).all():
                frames.append(screened(plan, values, seed).assign(metric=metric, group=group, result=result))
    columns = ["metric", "group", "result", "path", "mu", "mu_star", "mu_star_interval", "sigma"]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def _about(found: Stress, seconds: float, workers: int | None) -> dict[str, Any]:
    """What the summary says."""
    panel = found.panel
    return {
        "status": "complete", "scenario": found.scenario.name, "baseline": found.baseline.name, "seeds": found.seeds,
        "pairs": len(found.seeds), "customers": found.scenario.population.customers, "start": found.scenario.period.start,
        "days": panel.days, "payments": sum(lived.payments for lived in (*panel.baseline, *panel.scenario)),
        "passed": found.passed, "verdicts": [one._asdict() for one in found.verdicts], "seconds": round(seconds, 1),
        "workers": workers or os.cpu_count(), "sources": source_digest(), "interval": "90 %, Student's t over paired differences",
    }  # fmt: skip


def _write(place: Path, found: Stress, jobs: dict[str, list[Job]]) -> None:
    """Tables, worlds and report; the summary last."""
    for name, world in ((SCENARIO, found.scenario), (BASELINE, found.baseline)):
        (place / f"{name}.yaml").write_text(dump_scenario(world), encoding="utf-8")
    rows = [(name, job.told["seed"], job.file.name) for name, of_world in jobs.items() for job in of_world]
    folders.write_frame(place, "runs", pd.DataFrame(rows, columns=["world", "seed", "file"]).astype({"seed": "uint64"}))
    tables = {"effects": found.effects, "turns": found.turns, "default_correlation": found.correlation,
              "decomposition": found.decomposition, "sensitivity": found.sensitivity, "sensitivity_points": found.points}  # fmt: skip
    for name, frame in tables.items():
        if frame is not None:
            folders.write_frame(place, name, frame)
    write_page(found, place / "report.html")
    folders.write_summary(place, found.about)
