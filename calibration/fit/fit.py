"""A scenario fitted to a pack of targets."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from calibration.fit import folder as folders
from calibration.fit.direct import set_directly
from calibration.fit.engine import STAGES, Engine
from calibration.fit.judge import judged
from calibration.fit.page import write_page
from calibration.fit.report_json import report
from calibration.fit.result import Draws, Estimate, Fitted, Losses
from calibration.fit.space import Space
from calibration.fit.worlds import SmallWorlds
from calibration.fit.write import write_ensemble, write_scenario
from calibration.measure import check_moments
from calibration.pack import Pack, read_pack
from simulator.errors import InputError, MachineError
from simulator.interrupt import Interrupt
from simulator.scenario import Scenario
from simulator.scenario.extend import shipped
from simulator.scenario.file import load_scenario
from simulator.workers import Pool, Tell


@dataclass(frozen=True)
class Size:
    """How large a fit is; None for what the pack says."""

    seed: int = 1
    runs: int | None = None
    customers: int | None = None
    days: int | None = None
    draws: int = 30
    sbi: bool = False


def fit_pack(
    pack: str | Path, scenario: str | Path, out: str | Path, size: Size | None = None, *, command: str = "", workers: int | None = None,
    resume: bool = False, force: bool = False, tell: Tell | None = None, note: Callable[[str], None] | None = None,
) -> tuple[Fitted, dict[str, Any]]:  # fmt: skip
    """Fit a scenario's parameters to a pack of targets.

    Args:
        pack: a shipped name or a file.
        scenario: a shipped name or a file.
        out: the scenario to write; its report, draws and runs lie beside it.
        size: how large the fit is.
        command: that does the same, for the report.
        workers: processes; all cores by default. Any number gives the same numbers.
        resume: go on with an unfinished fit.
        force: replace a fit.
        tell: told how far the runs are.
        note: told what is worth knowing on the way.

    Returns:
        What was found, and the same as JSON has it.

    Raises:
        InputError: pack, scenario or folder are wrong.
        MachineError: the disk is full, a worker was ended, a library that is asked for is missing.
        KeyboardInterrupt: Ctrl-C; finished runs are kept.
    """
    size, file = size or Size(), Path(out)
    targets, base = _inputs(pack, str(pack), scenario)
    if size.sbi:
        from calibration.fit.neural import require_library

        require_library()
    try:
        # One thread for linear algebra: the workers have the cores, and sums come out the same on any machine.
        with Interrupt(), threadpool_limits(1), Pool(workers) as pool:
            start, settings = set_directly(base, targets, str(pack))
            space = Space(start, targets.parameters, str(pack))
            folders.may_write(file, resume=resume, force=force)
            space.check(start)
            place = folders.prepare(file, resume=resume)
            name = str(pack) if str(pack) in shipped("packs") else str(Path(pack).resolve())
            worlds = SmallWorlds(start, targets, name, space, size.days or targets.fit.days, place, pool, tell)
            engine = Engine(targets, space, worlds, size.seed, size.runs or targets.fit.runs, size.customers or targets.fit.customers,
                            targets.fit.seeds)  # fmt: skip
            for stage in STAGES:
                stage(engine)
                if stage is Engine.explore and note is not None:
                    _flag(engine, note)
            if size.sbi:
                from calibration.fit.neural import neural_posterior

                engine.extra["sbi"] = neural_posterior(engine)
            fitted = _result(engine, Path(scenario).stem, settings, size, command, worlds)
            fitted = _write(engine, fitted, base, str(scenario), file, settings, size)
            found = report(fitted)
            write_page(fitted, folders.report_of(file, "html"))
            folders.finish(file, found)
            return fitted, found
    except OSError as error:
        raise MachineError(f"{out}: {error.strerror or error}; the fit is not whole, --resume goes on with it") from error


def _inputs(pack: str | Path, shown: str, scenario: str | Path) -> tuple[Pack, Scenario]:
    targets = read_pack(pack)
    check_moments(targets.targets, shown)
    if not targets.parameters:
        raise InputError(f"{shown}: parameters: found none, expected at least one that the fit may move")
    if not any(target.role == "fit" and target.is_assessable(component) for target in targets.targets for component in target.components):
        raise InputError(f"{shown}: targets: found none to fit, expected at least one of role fit whose error is within its tolerance")
    return targets, load_scenario(scenario)


def _flag(engine: Engine, note: Callable[[str], None]) -> None:
    for label, reachable in zip(engine.numbers.labels, engine.reachable[engine.numbers.columns], strict=True):
        place = engine.all.labels.index(label)
        if not reachable:
            note(f"{label}: {engine.all.target[place]:g} is out of reach: no world of the design left "
                 f"{engine.low[place]:g} to {engine.high[place]:g}")  # fmt: skip


def _result(engine: Engine, base: str, settings: dict[str, float], size: Size, command: str, worlds: SmallWorlds) -> Fitted:
    seen = judged(engine)
    free = engine.free
    names = tuple(name for name, wanted in zip(engine.space.names, free, strict=True) if wanted)
    sets = engine.space.values(engine.sets)[:, free]
    return Fitted(
        pack=engine.pack.name, about=engine.pack.about, notes=tuple(engine.pack.notes), scenario_name=base, command=command,
        seed=size.seed, customers=size.customers or engine.pack.fit.customers, days=size.days or engine.pack.fit.days,
        estimates=_estimates(engine), direct=settings, targets=seen, recovery=engine.recovery, coverage=engine.coverage,
        losses=Losses(engine.point_losses(), tuple(engine.runs.stages)),
        draws=Draws(names, sets, np.full(len(sets), 1 / max(len(sets), 1))), seconds=engine.seconds, runs=dict(worlds.counts),
        contradictions=tuple(one.label for one in engine.contradicted),
        consistent=bool(engine.reachable[engine.numbers.columns].all()), digest=worlds.digest, ledger=engine.pack.ledger,
        extra=engine.extra | {"candidates": engine.losses, "chosen": engine.chosen, "shift_experiment": vars(engine.shifted),
                              "contradictions": [vars(one) for one in engine.contradicted]},
    )  # fmt: skip


def _estimates(engine: Engine) -> tuple[Estimate, ...]:
    space = engine.space
    best, low, high = (space.values(at[None])[0] for at in (engine.best, *engine.interval))
    found = []
    for place, parameter in enumerate(space.parameters):
        free, start = bool(engine.free[place]), space.starts[place]
        kept = start if start is not None else float(best[place])
        found.append(Estimate(
            parameter.name, parameter.what, tuple(parameter.paths), parameter.how, parameter.low, parameter.high, start,
            float(best[place]) if free else kept, float(low[place]) if free else parameter.low,
            float(high[place]) if free else parameter.high, float(engine.validated.r2[place]), free,
        ))  # fmt: skip
    return tuple(found)


def _write(engine: Engine, fitted: Fitted, base: Scenario, scenario: str, file: Path, settings: dict[str, float], size: Size) -> Fitted:
    """The fitted scenario and its draws; both must load."""
    about = f"{base.about.rstrip('.')}, fitted to {engine.pack.name}." if base.about else f"Fitted to {engine.pack.name}."
    head: dict[str, Any] = {"name": _name(file), "about": about, "fitted": {"pack": engine.pack.name}}
    if engine.pack.name in shipped("packs"):
        head["targets"] = engine.pack.name
    point = np.where(engine.free, engine.best, np.nan)
    # The base says what is written: direct settings first, what was searched over them.
    write_scenario(file, scenario, base, settings | engine.space.overrides(point), head, _comment(fitted))
    load_scenario(file)
    folder = folders.draws_of(file)
    rows: list[dict[str, Any]] = []
    names: list[str] = []
    if size.draws and engine.free.any():
        folder.mkdir(exist_ok=True)
        chosen = engine.sets[np.linspace(0, len(engine.sets) - 1, size.draws).astype(int)]
        for number, drawn in enumerate(chosen, 1):
            one = folder / f"draw_{number:02}.yaml"
            overrides = engine.space.overrides(np.where(engine.free, drawn, np.nan))
            said = {"name": f"{_name(file)[:50]}_{number:02}", "fitted": {"pack": engine.pack.name, "draw": number}}
            write_scenario(one, str(file), base, overrides, said, f"One of {size.draws} parameter sets that the targets leave possible.")
            values = engine.space.values(drawn[None])[0]
            rows.append({"file": one.name, "weight": 1 / size.draws,
                         "values": {name: float(f"{value:.7g}") for name, value, free in
                                    zip(engine.space.names, values, engine.free, strict=True) if free}})  # fmt: skip
            names.append(f"{folder.name}/{one.name}")
        load_scenario(folder / rows[0]["file"])
        write_ensemble(folder, rows, fitted.command, engine.pack.name)
    draws = Draws(fitted.draws.names, fitted.draws.values, fitted.draws.weights, tuple(names))
    return replace(fitted, draws=draws)


def _name(file: Path) -> str:
    name = re.sub(r"[^a-z0-9_]+", "_", file.stem.lower()).strip("_")[:60]
    return name if name[:1].isalpha() else f"fitted_{name}"[:60]


def _comment(fitted: Fitted) -> str:
    met, of = fitted.share_met("fit")
    held, out = fitted.share_met("hold-out")
    lines = [
        f"{fitted.scenario_name} fitted to {fitted.pack}: {met} of {of} fit targets within tolerance, {held} of {out} held out.",
        *([f"Made by: {fitted.command}"] if fitted.command else []),
        f"Worlds of {fitted.customers:,} adults over {fitted.days} days; 90 % intervals in brackets.",
    ]
    for one in fitted.estimates:
        if one.identified:
            lines.append(f"{one.name}: {one.estimate:.4g} [{one.low:.4g}, {one.high:.4g}]{' times' if one.how == 'times' else ''}")
    silent = [one.name for one in fitted.estimates if not one.identified]
    if silent:
        lines.append(f"Not identified by these targets, and left as {fitted.scenario_name} has them: {', '.join(silent)}.")
    if fitted.contradictions:
        lines.append(f"Contradicted by the rest: {', '.join(fitted.contradictions)}.")
    return "\n".join(lines)
