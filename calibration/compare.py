"""A run set beside the pack of targets that its scenario names."""

from pathlib import Path
from typing import Any

import calibration.rhythm  # noqa: F401  (its moments make themselves known)
from calibration.facts import Facts, read_facts
from calibration.moments import MOMENTS
from calibration.targets import Target, read_pack
from simulator.errors import InputError
from simulator.record.read import open_run


def compare_run(run: Path, pack: str | Path | None = None) -> list[dict[str, Any]]:
    """Measures a run against a pack.

    Args:
        run: a finished run folder.
        pack: name or file of the pack; the one that the run's scenario names by default.

    Returns:
        One row for every number of every target: id, what, target, unit, achieved, tolerance, misfit (the distance in
        tolerances, met up to 1), verdict (``ok``, ``off``, ``report`` or ``not assessed``), role, source and why. Nothing
        where the scenario names no pack.

    Raises:
        InputError: the folder is no run, or the pack is wrong.
    """
    opened = open_run(run)
    chosen = pack or opened.scenario.targets
    if chosen is None:
        return []
    targets = read_pack(chosen).targets
    unknown = [target for target in targets if target.moment not in MOMENTS]
    if unknown:
        raise InputError(f"{chosen}: {unknown[0].id}.moment: found '{unknown[0].moment}', expected one of {', '.join(sorted(MOMENTS))}")
    facts = read_facts(opened)
    return [row for target in targets for row in _rows(target, facts)]


def _rows(target: Target, facts: Facts) -> list[dict[str, Any]]:
    measured = MOMENTS[target.moment](facts)
    rows = []
    for component, value in target.components.items():
        # A target may be one component of what a moment measures: its name then ends the target's id.
        key = component or target.id.rpartition("__")[2]
        achieved = measured.get(key) if isinstance(measured, dict) else measured
        if achieved is None:
            verdict = "not assessed"
        elif target.role == "report":
            verdict = "report"
        else:
            verdict = "ok" if target.within(value, achieved) else "off"
        misfit = None if achieved is None else target.misfit(value, achieved)
        rows.append({
            "id": f"{target.id}.{component}" if component else target.id,
            "what": f"{target.what}: {component.replace('_', ' ')}" if component else target.what,
            "target": value, "unit": target.unit, "achieved": achieved, "tolerance": target.tolerance,
            "misfit": misfit, "verdict": verdict, "role": target.role, "source": target.source, "why": target.why,
        })  # fmt: skip
    return rows
