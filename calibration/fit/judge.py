"""Verdicts: every number of every target beside the fitted world."""

import numpy as np

from calibration.fit.engine import Engine
from calibration.fit.result import Judged, Verdict
from calibration.targets import Target


def judged(engine: Engine) -> tuple[Judged, ...]:
    """Every number of a pack, in its order."""
    against = {one.label: one.against for one in engine.contradicted}
    known = [(target, component) for target in engine.pack.targets for component in target.components]
    return tuple(_one(engine, place, target, component, against) for place, (target, component) in enumerate(known))


def _one(engine: Engine, place: int, target: Target, component: str, against: dict[str, tuple[str, ...]]) -> Judged:
    label = engine.all.labels[place]
    seen = engine.checked[:, place]
    achieved = float(np.nanmean(seen)) if np.isfinite(seen).any() else None
    large = engine.scaled[:, place] if engine.scaled is not None else np.array([np.nan])
    scaled = float(np.nanmean(large)) if np.isfinite(large).any() else None
    room = target.room(component)
    misfit = None if achieved is None else target.misfit(component, achieved)
    reachable = bool(engine.reachable[place])
    verdict = verdict_of(target, component, misfit)
    return Judged(
        id=target.id, component=component, what=target.what, unit=target.unit, role=target.role, target=target.components[component],
        tolerance=room, achieved=achieved, spread=float(np.nanstd(seen, ddof=1)) if np.isfinite(seen).sum() > 1 else None, misfit=misfit,
        verdict=verdict, reach_low=_finite(engine.low[place]), reach_high=_finite(engine.high[place]), reachable=reachable,
        contradicted=label in against, scaled=scaled,
        scaled_misfit=abs(scaled - achieved) / max(room, 1e-12) if scaled is not None and achieved is not None else None,
        source=target.source, why=_why(target, component, verdict, reachable, against.get(label, ()), achieved),
    )  # fmt: skip


def verdict_of(target: Target, component: str, misfit: float | None) -> Verdict:
    """PASS up to one tolerance, WARN up to two, FAIL beyond, whoever is to blame."""
    if misfit is None or not target.is_assessable(component):
        return "not assessed"
    if target.role == "report":
        return "report"
    if misfit <= 1 + 1e-9:
        return "PASS"
    return "WARN" if misfit <= 2 else "FAIL"


def _why(target: Target, component: str, verdict: Verdict, reachable: bool, against: tuple[str, ...], achieved: float | None) -> str:
    said = [target.why] if target.why else []
    if achieved is None:
        said.append("not assessed: the worlds have nothing to measure it by")
    elif verdict == "not assessed":
        said.append("not assessed: the source's error is wider than the tolerance")
    elif verdict in ("WARN", "FAIL"):
        if not reachable:
            said.append("out of reach: no world of the first design came near")
        if against:
            said.append(f"contradicted by {', '.join(against)}: meeting it would miss those")
    return "; ".join(said)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
