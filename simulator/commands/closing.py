"""What a run ends by saying: how it compares with the sourced aggregates, what was made, where it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from simulator.commands.console import console
from simulator.report.targets import component, figure, group, misfit, verdicts

_STYLES = {"ok": "green", "off": "red"}
_WIDTH = 110
_MISSES = 15
"""Most misses that are listed beyond the worst of each target."""


def print_comparison(rows: Sequence[Mapping[str, Any]], report: Path) -> None:
    """The run against the sourced aggregates: a line for each target that it is held to, with its worst figure, and every miss.

    Args:
        rows: as `calibration.compare.compare_run` gives them.
        report: where all of them stand, with their sources.
    """
    table = Table(title="the run against the sourced aggregates", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "figure", "met", "worst", "run", "target", "within"):
        table.add_column(heading, justify="right" if heading in ("run", "target", "within") else "left", no_wrap=True)
    groups = [one for one in group(rows) if one.judged]
    listed = sorted((row for one in groups for row in one.missed[1:]), key=misfit, reverse=True)[:_MISSES]
    left_out = sum(len(one.missed[1:]) for one in groups) - len(listed)
    for one in groups:
        worst = one.judged[0]
        unit = str(worst["unit"])
        name = one.name if unit in ("share", "factor") or unit in one.name.split() else f"{one.name}, {unit}"
        table.add_row(
            Text(one.verdict, style=_STYLES[one.verdict]), Text(name), Text(one.met if len(one.rows) > 1 else ""), *_figures(worst)
        )
        for row in one.missed[1:]:
            if row in listed:
                table.add_row("", "", "", *_figures(row))
    out = console(_WIDTH)
    out.print(table)
    if left_out:
        out.print(f"{left_out} more figures are off", highlight=False)
    count = verdicts(rows)
    judged = count["ok"] + count["off"]
    out.print(f"{count['ok']} of {judged} figures that the scenario is set to meet are within their tolerance", highlight=False)
    others = []
    if count["report"]:
        others.append(f"{count['report']} are for comparison only")
    if count["not assessed"]:
        others.append(f"{count['not assessed']} need a longer run or another world")
    out.print("; ".join([*others, f"all of them, with their sources: {report}"]), highlight=False, soft_wrap=True)


def _figures(row: Mapping[str, Any]) -> list[Text]:
    """The cells of one figure: its component, the run's, the target's, the tolerance; red where it is off."""
    unit, style = str(row["unit"]), "red" if row["verdict"] == "off" else ""
    shown = (component(row), figure(row["achieved"], unit), figure(row["target"], unit), str(row["tolerance"]))
    return [Text(cell, style=style) for cell in shown]


def print_summary(manifest: Mapping[str, Any], customers: int, currency: str, run: Path, html: Path) -> None:
    """What was made, how fast, and where it is."""
    seen, unseen = int(manifest["rows"]["transactions"]), int(manifest["rows"].get("truth/unseen", 0))
    timings = {phase: float(seconds) for phase, seconds in manifest["timings"].items()}
    seconds = sum(spent for phase, spent in timings.items() if phase != "compiling")
    rows = {
        "payments": f"{seen:,}" + (f" that banks saw, {unseen:,} in notes" if unseen else ""),
        "customers": f"{customers:,}",
        "value": f"{manifest['value']:,.0f} {currency}" if "value" in manifest else "",
        "seconds": f"{sum(timings.values()):,.1f}",
        "payments per second": f"{(seen + unseen) / seconds:,.0f}" if seconds else "",
        "peak memory": f"{manifest['peak_rss_bytes'] / 2**20:,.0f} MiB",
        "seed": str(manifest["seed"]),
        "run digest": str(manifest["digests"]["run"]),
        "folder": str(run),
        "report": str(html),
    }
    table = Table(show_header=False, title="done", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column()
    table.add_column(overflow="fold")
    for what, said in rows.items():
        if said:
            table.add_row(what, Text(said))
    console(_WIDTH).print(table)


def print_estimate(estimate: Mapping[str, Any]) -> None:
    """What a run would make, and how long it would take."""
    print(f"about {estimate['rows']:,.0f} rows, {estimate['bytes'] / 2**20:,.1f} MiB on disk, {estimate['seconds']:,.0f} s on this machine")
