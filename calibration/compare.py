"""A run set beside the pack of targets that its scenario names."""

from pathlib import Path
from typing import Any

from calibration.measure import check_moments, measure
from calibration.pack import read_pack
from calibration.targets import Target
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
    check_moments(targets, str(chosen))
    achieved = measure(opened, targets)
    return [row(target, component, achieved[target.id, component]) for target in targets for component in target.components]


def row(target: Target, component: str, achieved: float | None) -> dict[str, Any]:
    """One number of a target beside what was measured."""
    if achieved is None or not target.is_assessable(component):
        verdict = "not assessed"
    elif target.role == "report":
        verdict = "report"
    else:
        verdict = "ok" if target.within(component, achieved) else "off"
    return {
        "id": f"{target.id}.{component}" if component else target.id,
        "what": f"{target.what}: {component.replace('_', ' ')}" if component else target.what,
        "target": target.components[component], "unit": target.unit, "achieved": achieved, "tolerance": target.tolerance,
        "misfit": None if achieved is None else target.misfit(component, achieved),
        "verdict": verdict, "role": target.role, "source": target.source, "why": target.why,
    }  # fmt: skip
