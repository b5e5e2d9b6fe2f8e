"""What a run ends by saying: how it compares with the sourced aggregates, what was made, where it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from simulator.commands.console import console

_STYLES = {"ok": "green", "off": "red"}
_COLUMNS = {"what": "left", "unit": "left", "target": "right", "run": "right", "within": "right", "verdict": "left", "source": "left"}


def print_comparison(rows: Sequence[Mapping[str, Any]]) -> None:
    """The run against the sourced aggregates, a line each, and how many are met."""
    table = Table(title="the run against the sourced aggregates", title_justify="left")
    for heading, side in _COLUMNS.items():
        table.add_column(heading, justify="right" if side == "right" else "left", overflow="fold")
    for row in rows:
        cells = (
            row["what"],
            row["unit"],
            _figure(row["target"]),
            _figure(row["achieved"]),
            row["tolerance"],
            row["verdict"],
            row["source"],
        )
        table.add_row(*(Text(str(cell), style=_STYLES.get(str(cell), "")) for cell in cells))
    console().print(table)
    judged = [row["verdict"] for row in rows if row["verdict"] in _STYLES]
    console().print(f"{judged.count('ok')} of {len(judged)} figures that the scenario is set to meet are within their tolerance")


def print_summary(manifest: Mapping[str, Any], customers: int, currency: str, run: Path, html: Path) -> None:
    """What was made, how fast, and where it is."""
    payments = int(manifest["rows"]["transactions"])
    seconds = float(manifest["timings"].get("running", 0.0))
    rows = {
        "payments": f"{payments:,}",
        "customers": f"{customers:,}",
        "value": f"{manifest['value']:,.0f} {currency}" if "value" in manifest else "",
        "seconds": f"{sum(float(spent) for spent in manifest['timings'].values()):,.1f}",
        "payments per second": f"{payments / seconds:,.0f}" if seconds else "",
        "peak memory": f"{manifest['peak_rss_bytes'] / 2**20:,.0f} MiB",
        "seed": str(manifest["seed"]),
        "run digest": str(manifest["digests"]["run"]),
        "folder": str(run),
        "report": str(html),
    }
    table = Table(show_header=False, title="done", title_justify="left")
    table.add_column()
    table.add_column(overflow="fold")
    for what, figure in rows.items():
        if figure:
            table.add_row(what, Text(figure))
    console().print(table)


def print_estimate(estimate: Mapping[str, Any]) -> None:
    """What a run would make, and how long it would take."""
    print(f"about {estimate['rows']:,.0f} rows, {estimate['bytes'] / 2**20:,.1f} MiB on disk, {estimate['seconds']:,.0f} s on this machine")


def _figure(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
