"""The fits that made the shipped worlds, as their reports have them: a table of all, and every number that is missed, with why.

    python -m calibration.fits > calibration/FITS.md

Reports lie in ``calibration/reports`` as `ledgerfolk calibrate` wrote them.
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "reports"

_HEAD = """# The worlds that are fitted

Each of these worlds is what `ledgerfolk calibrate` made of its base (`scenarios/_*.yaml`) and a pack. The command remakes it, bit for
bit, on the same sources. The reports are kept in `calibration/reports`. A number is met within its tolerance; *of* leaves out what
could not be assessed. What misses is listed below with its reason, also among the numbers that the fit was not led by.
"""


def reports() -> dict[str, dict[str, Any]]:
    """By name of the world, the report of its fit."""
    return {path.name.removesuffix(".report.json"): json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.report.json"))}


def markdown(found: dict[str, dict[str, Any]]) -> str:
    """The page."""
    columns = ("fit", "held out", "identified", "planted values in 90 % intervals", "the same at ten times the people", "runs", "minutes")
    lines = [_HEAD, f"| world | pack | {' | '.join(columns)} |", "|---|---|" + "--:|" * len(columns)]
    for world, report in found.items():
        fit, out = report["met"]["fit"], report["met"]["hold-out"]
        known = sum(one["identified"] for one in report["parameters"])
        large = [one for one in report["targets"] if one["scaled_misfit"] is not None and one["role"] in ("fit", "hold-out")]
        same = sum(one["scaled_misfit"] <= 1 for one in large)
        covered = report["coverage"]
        cells = (
            f"{fit['met']} of {fit['of']}", f"{out['met']} of {out['of']}", f"{known} of {len(report['parameters'])}",
            f"{covered['covered']} of {covered['of']} ({covered['low']:.1%} to {covered['high']:.1%})", f"{same} of {len(large)}",
            f"{sum(report['runs'].values()):,}", f"{sum(report['seconds'].values()) / 60:.0f}",
        )  # fmt: skip
        lines.append(f"| `{world}` | `{report['pack']}` | {' | '.join(cells)} |")
    for world, report in found.items():
        lines += ["", f"## {world}", "", f"    {report['command']}", "", *_missed(report), *_not_identified(report)]
    return "\n".join(lines) + "\n"


def _missed(report: dict[str, Any]) -> list[str]:
    missed = [one for one in report["targets"] if one["verdict"] in ("WARN", "FAIL")]
    if not missed:
        return ["Every number that can be assessed is met."]
    lines = ["| missed | role | target | achieved | in tolerances | why |", "|---|---|--:|--:|--:|---|"]
    for one in sorted(missed, key=lambda one: (one["role"], -one["misfit"])):
        name = f"{one['id']}.{one['component']}" if one["component"] else one["id"]
        lines.append(f"| {name} | {one['role']} | {one['target']:,.4g} | {one['achieved']:,.4g} | {one['misfit']:.1f} | {one['why']} |")
    return lines


def _not_identified(report: dict[str, Any]) -> list[str]:
    silent = [one["name"].replace("_", " ") for one in report["parameters"] if not one["identified"]]
    return ["", f"Not identified, and left as the base has them: {', '.join(silent)}."] if silent else []


def main() -> None:
    """Print the page."""
    print(markdown(reports()), end="")


if __name__ == "__main__":
    main()
