"""What a fit ends by saying on the terminal: its misses first, then its parameters, then where the rest is."""

from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from calibration.fit.figures import signed
from calibration.fit.page import clock, words
from calibration.fit.result import Fitted, Judged
from calibration.fit.verdict import many, misses, overall, sentence
from simulator.report.targets import figure

STYLES = {"PASS": "green", "WARN": "yellow", "FAIL": "red"}
WIDTH = 120
MISSES = 15
"""Most misses of a role that are listed."""


def print_fit(fitted: Fitted, out: Path) -> None:
    """Print what a fit found on standard output.

    Args:
        fitted: a finished fit.
        out: the scenario that was written; the report lies beside it.
    """
    from simulator.commands.console import console

    tell(fitted, console(WIDTH), out.with_suffix(".report.html"))


def tell(fitted: Fitted, console: Console, report: Path | None = None) -> None:
    """Print what a fit found.

    Args:
        fitted: a finished fit.
        console: to print on.
        report: where all of it stands.
    """
    for role in ("fit", "hold-out"):
        rows = misses([one for one in fitted.targets if one.role == role])
        if rows:
            console.print(_missed(rows, role))
        if len(rows) > MISSES:
            console.print(f"{len(rows) - MISSES:,} more {'fit' if role == 'fit' else 'held-out'} numbers are off", highlight=False)
    if any(one.identified for one in fitted.estimates):
        console.print(_parameters(fitted))
    unknown = [one.name for one in fitted.estimates if not one.identified]
    if unknown:
        console.print(f"not identified, left as they were: {', '.join(unknown)}", highlight=False)
    of = fitted.coverage
    if of.of:
        said = f"{of.covered} of {of.of} planted values within their {of.level:.0%} intervals (95 % interval {of.low:.1%} to {of.high:.1%})"
        console.print(said.replace("0%", "0 %"), highlight=False)
    runs, seconds = sum(fitted.runs.values()), sum(fitted.seconds.values())
    console.print(f"{many(runs, 'run')}, {clock(seconds)}", highlight=False)
    verdict = overall(fitted)
    console.print(Text(verdict, style=STYLES.get(verdict, "")) + Text(f": {sentence(fitted)}"), highlight=False)
    if report is not None:
        console.print(f"all of it, with sources: {report}", highlight=False, soft_wrap=True)


def _missed(rows: list[Judged], role: str) -> Table:
    table = Table(title="fit targets missed" if role == "fit" else "held-out targets missed", title_justify="left", box=SIMPLE_HEAD,
                  pad_edge=False)  # fmt: skip
    for heading in ("", "number", "world", "target", "within", "tolerances off", ""):
        table.add_column(heading, justify="right" if heading in ("world", "target", "within", "tolerances off") else "left")
    for one in rows[:MISSES]:
        note = "contradicted" if one.contradicted else "out of reach" if not one.reachable else ""
        name = words(one.id) + (f": {words(one.component)}" if one.component else "")
        table.add_row(
            Text(one.verdict, style=STYLES[one.verdict]), Text(name if one.unit in ("share", "factor") else f"{name}, {one.unit}"),
            figure(one.achieved, one.unit), figure(one.target, one.unit), figure(one.tolerance, one.unit),
            f"{signed(one, one.achieved):+.1f}", note,
        )  # fmt: skip
    return table


def _parameters(fitted: Fitted) -> Table:
    table = Table(title="identified parameters", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("parameter", "before", "estimate", "90 % interval", "R²"):
        table.add_column(heading, justify="left" if heading == "parameter" else "right", no_wrap=True)
    for one in sorted(fitted.estimates, key=lambda one: -one.r2):
        if one.identified:
            before = "–" if one.start is None else f"{one.start:.4g}"
            table.add_row(words(one.name), before, f"{one.estimate:.4g}", f"{one.low:.4g} to {one.high:.4g}", f"{one.r2:.2f}")
    return table
