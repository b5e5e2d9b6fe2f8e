"""The single-file HTML report of a fit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from calibration.fit import figures
from calibration.fit.result import Estimate, Fitted, Judged
from calibration.fit.verdict import ROLES, counts, many, misses, overall, ranked, sentence
from calibration.private.release import membership_bound
from simulator.pages import fill, write
from simulator.report.targets import figure

COLOURS = {"PASS": "met", "WARN": "near", "FAIL": "missed"}
TITLES = {"fit": "Fit targets", "hold-out": "Held-out targets", "report": "For comparison only"}
SAYS = {
    "fit": "The search was led by these.",
    "hold-out": "The search never saw these: they say whether the world is right beyond what it was fitted to.",
    "report": "Nothing is held to these; the pack says why.",
}
ALTS = {
    "fit": "Each fit number's distance from its target in tolerances",
    "hold-out": "Each held-out number's distance from its target in tolerances",
    "report": "Distance in tolerances of each number that is for comparison only",
    "intervals": "Estimates and intervals of the parameters within the ranges searched",
    "recovery": "Error with which each planted parameter was found again",
    "pairs": "Draws of the identified parameters, pair by pair",
    "losses": "Loss of each run in the order in which runs were planned",
}


def write_page(fitted: Fitted, file: Path) -> None:
    """Write the report of a fit: one HTML file that needs nothing else.

    Args:
        fitted: a finished fit.
        file: to write; its folder is made where it is missing.

    Raises:
        MachineError: the file cannot be written.
    """
    write(file, render(fitted))


def render(fitted: Fitted) -> str:
    """The report as HTML text."""
    verdict = overall(fitted)
    return fill(
        "calibration.fit", "page.html",
        fitted=fitted, title=fitted.scenario_name.strip("_").replace("_", " ").capitalize(), pack=fitted.pack.replace("_", " "),
        verdict=verdict, colour=COLOURS.get(verdict, ""), sentence=sentence(fitted), headline=_headline(fitted), pictures=_pictures(fitted),
        roles=[_role(fitted, role) for role in ROLES if any(one.role == role for one in fitted.targets)],
        misses=[_row(one) for role in ("fit", "hold-out") for one in misses([t for t in fitted.targets if t.role == role])],
        identified=[_parameter(one, fitted) for one in _by_r2(fitted) if one.identified],
        unidentified=[_parameter(one, fitted) for one in _by_r2(fitted) if not one.identified],
        coverage=_coverage(fitted), transfer=_transfer(fitted), unreachable=[one.label for one in fitted.targets if not one.reachable
                                                                             and one.role == "fit" and one.reach_low is not None],
        neural=_neural(fitted.extra.get("sbi")), shifted=_shifted(fitted.extra.get("shift_experiment")), stages=_stages(fitted),
        ledger=_ledger(fitted.ledger), bound=bound(fitted.ledger), sources=_sources(fitted),
        draws=len(fitted.draws.values) if len(fitted.draws.names) else 0, small=figures.is_small(fitted.draws),
    )  # fmt: skip


def _headline(fitted: Fitted) -> list[dict[str, str]]:
    """The figures on top of the page."""
    shown = []
    for role, name in (("fit", "fit numbers"), ("hold-out", "held-out numbers")):
        found = counts(fitted, role)
        if sum(found.values()):
            for verdict in ("PASS", "WARN", "FAIL"):
                shown.append({"value": f"{found[verdict]:,}", "verdict": verdict, "name": name, "colour": COLOURS[verdict]})
    return shown


def _pictures(fitted: Fitted) -> dict[str, str]:
    """The pictures by name, each with words for who does not see it."""
    return {
        name: svg.replace("<svg", f'<svg role="img" aria-label="{ALTS[name]}"', 1) for name, svg in figures.of_fit(fitted).items()
    }  # fmt: skip


def _role(fitted: Fitted, role: str) -> dict[str, Any]:
    rows = ranked([one for one in fitted.targets if one.role == role])
    found = counts(fitted, role)
    if role == "report":
        said = many(len(rows), "number")
    else:
        said = ", ".join(f"{found[verdict]:,} {verdict}" for verdict in ("PASS", "WARN", "FAIL", "not assessed") if found[verdict])
    return {"role": role, "title": TITLES[role], "says": SAYS[role], "counts": said, "rows": [_row(one) for one in rows]}


def _row(one: Judged) -> dict[str, Any]:
    """A number of a target as text."""
    room = max(one.tolerance, 1e-12)
    remarks = [one.why] if one.why else []
    if one.contradicted and "contradicted" not in one.why:
        remarks.insert(0, "contradicted by the rest of the targets")
    if not one.reachable and one.reach_low is not None and one.verdict != "not assessed" and "out of reach" not in one.why:
        remarks.insert(0, "out of reach of the first runs")
    return {
        "name": words(one.id) + (f": {words(one.component)}" if one.component else ""), "what": one.what, "verdict": one.verdict,
        "colour": COLOURS.get(one.verdict, ""), "role": one.role, "target": figure(one.target, one.unit),
        "room": f"± {figure(one.tolerance, one.unit)}", "achieved": figure(one.achieved, one.unit),
        "unit": "" if one.unit in ("share", "factor") else one.unit,
        "misfit": _far(figures.signed(one, one.achieved)), "spread": "–" if one.spread is None else f"{one.spread / room:.2f}",
        "reach": "–" if one.reach_low is None else f"{figure(one.reach_low, one.unit)} to {figure(one.reach_high, one.unit)}",
        "scaled": "–" if one.scaled is None else figure(one.scaled, one.unit), "remarks": "; ".join(remarks),
    }  # fmt: skip


def words(name: str) -> str:
    """A name as it is read."""
    return name.replace("__", ": ").replace("_", " ")


def _far(distance: float) -> str:
    return f"{distance:+.2f}" if np.isfinite(distance) else "–"


def _by_r2(fitted: Fitted) -> list[Estimate]:
    return sorted(fitted.estimates, key=lambda one: -one.r2)


def _parameter(one: Estimate, fitted: Fitted) -> dict[str, str]:
    found = next((other for other in fitted.recovery if other.name == one.name), None)
    paths = [*one.paths[:3], *([f"and {len(one.paths) - 3} more"] if len(one.paths) > 3 else [])]
    return {
        "name": words(one.name), "what": one.what, "paths": ", ".join(paths), "how": "times" if one.how == "times" else "",
        "estimate": f"{one.estimate:.4g}", "interval": f"{one.low:.4g} to {one.high:.4g}",
        "prior": f"{one.prior_low:.4g} to {one.prior_high:.4g}", "start": "–" if one.start is None else f"{one.start:.4g}",
        "r2": f"{one.r2:.2f}", "rmse": "–" if found is None else f"{found.rmse:.3f}",
        "covered": "–" if found is None else f"{found.covered} of {found.planted}",
    }  # fmt: skip


def _coverage(fitted: Fitted) -> dict[str, Any] | None:
    of = fitted.coverage
    if not of.of:
        return None
    return {"level": f"{of.level:.0%}".replace("%", " %"), "share": f"{of.covered / of.of:.1%}".replace("%", " %"), "covered": of.covered,
            "of": of.of, "low": f"{of.low:.1%}".replace("%", " %"), "high": f"{of.high:.1%}".replace("%", " %"),
            "honest": of.low <= of.level <= of.high}  # fmt: skip


def _shifted(found: Mapping[str, int] | None) -> dict[str, str] | None:
    """How well a fit to these targets sees through some that are wrong."""
    if not found or not found["shifted"] or not found["sound"]:
        return None
    shares = {
        "named": found["named"] / found["shifted"],
        "accused": found["accused"] / found["sound"],
        "fitted": found["fitted"] / found["sound"],
    }
    return {"worlds": str(found["worlds"])} | {name: f"{share:.0%}".replace("%", " %") for name, share in shares.items()}


def _transfer(fitted: Fitted) -> dict[str, Any] | None:
    """How far numbers move in worlds of ten times the people."""
    moved = sorted((one for one in fitted.targets if one.scaled_misfit is not None and one.verdict != "not assessed"),
                   key=lambda one: -(one.scaled_misfit or 0.0))  # fmt: skip
    if not moved:
        return None
    within = sum((one.scaled_misfit or 0.0) <= 1 for one in moved)
    rows = [_row(one) | {"moved": f"{one.scaled_misfit:.2f}"} for one in moved if (one.scaled_misfit or 0.0) > 1]
    return {"within": within, "of": len(moved), "rows": rows, "worst": f"{moved[0].scaled_misfit:.2f}"}


def _stages(fitted: Fitted) -> list[dict[str, str]]:
    names = dict.fromkeys([*fitted.runs, *fitted.seconds])
    rows = [{"name": words(name), "runs": f"{fitted.runs[name]:,}" if name in fitted.runs else "", "time": clock(fitted.seconds.get(name))}
            for name in names]  # fmt: skip
    whole = {"name": "together", "runs": f"{sum(fitted.runs.values()):,}", "time": clock(sum(fitted.seconds.values()))}
    return [*rows, whole]


def clock(seconds: float | None) -> str:
    """A span of time as it is read."""
    if seconds is None:
        return ""
    return f"{seconds:.1f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


def bound(ledger: Mapping[str, Any]) -> str:
    """Most that any attacker can gain on guessing whether somebody is in the data, from the ledger; empty where it does not say."""
    rho = ledger.get("rho")
    if not isinstance(rho, int | float) or rho <= 0:
        return ""
    return f"{membership_bound(rho):.1%}".replace("%", " %")


def _neural(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the optional neural posterior says, or why it says nothing."""
    if not found or "refused" in found:
        return None if not found else {"refused": found["refused"], "rows": []}
    rows = [{"name": words(name), "interval": f"{low:.4g} to {found['high'][name]:.4g}"} for name, low in found["low"].items()]
    return {"refused": "", "rows": rows}


def _ledger(ledger: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The lines of a privacy ledger; lists of releases are counted."""
    rows = []
    for key, value in ledger.items():
        if isinstance(value, Mapping):
            rows += [(f"{words(str(key))}: {words(str(inner))}", _said(one)) for inner, one in value.items()]
        else:
            rows.append((words(str(key)), _said(value)))
    return rows


def _said(value: Any) -> str:
    if isinstance(value, list | tuple | Mapping):
        return f"{len(value)} entries"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _sources(fitted: Fitted) -> list[tuple[str, str]]:
    """Every source with the targets that it gives."""
    found: dict[str, list[str]] = {}
    for one in fitted.targets:
        found.setdefault(one.source, []).append(words(one.id))
    return [(source, ", ".join(dict.fromkeys(ids))) for source, ids in found.items()]
