"""What targets are in a run: each moment computed once, each number under its target's name."""

from collections.abc import Sequence

import calibration.rhythm  # noqa: F401  (its moments make themselves known)
from calibration.facts import read_facts
from calibration.moments import MOMENTS, Measure
from calibration.private.measured import POSTING_MOMENTS, measure_postings, of
from calibration.targets import Target
from simulator.errors import InputError
from simulator.record.read import Run

type Key = tuple[str, str]
"""A number: id of its target, component (empty for a single one)."""


def check_moments(targets: Sequence[Target], shown: str) -> None:
    """Refuse targets that nothing can measure.

    Raises:
        InputError: a moment is not known, or is not told what to compute.
    """
    for target in targets:
        if target.moment in POSTING_MOMENTS:
            of(target)
        elif target.moment not in MOMENTS:
            known = ", ".join(sorted([*MOMENTS, *POSTING_MOMENTS]))
            raise InputError(f"{shown}: {target.id}.moment: found '{target.moment}', expected one of {known}")


def measure(run: Run, targets: Sequence[Target]) -> dict[Key, float | None]:
    """Measure every number of every target in a run.

    Args:
        run: a finished run.
        targets: of a pack.

    Returns:
        The number by target and component, in the target's unit; None where the run is too short or has nothing to measure it by.
    """
    told = measure_postings(run, targets)
    names = list(dict.fromkeys(target.moment for target in targets if target.id not in told))
    facts = read_facts(run) if names else None
    measured: dict[str, Measure] = {name: MOMENTS[name](facts) for name in names if facts is not None}
    return {
        (target.id, component): _part(
            told[target.id] if target.id in told else measured[target.moment], component or target.id.rpartition("__")[2]
        )
        for target in targets for component in target.components
    }  # fmt: skip


def _part(measured: Measure, component: str) -> float | None:
    # A target may be one component of what a moment measures: its name then ends the target's id.
    return measured.get(component) if isinstance(measured, dict) else measured
