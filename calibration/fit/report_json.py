"""The report of a fit as JSON."""

from dataclasses import asdict
from typing import Any

import numpy as np

from calibration.fit.result import Fitted
from calibration.fit.verdict import overall


def report(fitted: Fitted) -> dict[str, Any]:
    """Everything that a fit found.

    Returns:
        ``targets`` with id, component, role, target, tolerance, achieved, misfit and verdict; ``parameters`` with path, estimate, low,
        high, r2 and identified; recovery, coverage, contradictions, draws, seconds and runs by stage. Numbers that could not be
        measured are None.
    """
    whole: dict[str, Any] = _plain(
        {key: getattr(fitted, key) for key in ("pack", "about", "notes", "scenario_name", "command", "seed", "customers", "days", "digest")}
    )
    passed = {role: dict(zip(("met", "of"), fitted.share_met(role), strict=True)) for role in ("fit", "hold-out")}
    whole |= {
        "verdict": overall(fitted),
        "met": passed,
        "targets": [_plain(asdict(one)) for one in fitted.targets],
        "parameters": [_plain({"path": one.paths[0], **asdict(one)}) for one in fitted.estimates],
        "direct": _plain(fitted.direct),
        "recovery": [_plain(asdict(one)) for one in fitted.recovery],
        "coverage": _plain(asdict(fitted.coverage)),
        "contradictions": list(fitted.contradictions),
        "consistent": fitted.consistent,
        "losses": {"loss": _plain(fitted.losses.loss), "stage": list(fitted.losses.stage)},
        "draws": {"names": list(fitted.draws.names), "files": list(fitted.draws.files), "sets": len(fitted.draws.values)},
        "seconds": _plain(fitted.seconds), "runs": _plain(fitted.runs), "ledger": _plain(fitted.ledger), "extra": _plain(fitted.extra),
    }  # fmt: skip
    return whole


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic | np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, float):
        return None if not np.isfinite(value) else float(f"{value:.7g}")
    return value
