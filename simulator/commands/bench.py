"""`ledgerfolk bench`: speed and memory on this machine."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

_COLUMNS = (
    ("customers", "customers", "{:,}"),
    ("days", "days", "{:,}"),
    ("payments", "payments", "{:,}"),
    ("payments_per_second", "payments/s", "{:,.0f}"),
    ("cpu_seconds", "CPU s", "{:.1f}"),
    ("floor_cpu_seconds", "floor CPU s", "{:.1f}"),
    ("cpu_over_floor", "CPU/floor", "{:.2f}"),
    ("peak_rss_bytes", "peak bytes", "{:,}"),
    ("compile_seconds", "compile s", "{:.1f}"),
    ("startup_seconds", "start s", "{:.1f}"),
    ("bytes_per_row", "bytes/row", "{:.1f}"),
)


def bench(
    scenario: Annotated[list[str] | None, typer.Option("--scenario", metavar="NAME", help="Scenario to time; may be repeated.")] = None,
    customers: Annotated[int | None, typer.Option(help="Customers instead of the scenario's.")] = None,
    days: Annotated[int | None, typer.Option(help="Days instead of the scenario's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the JSON here.")] = None,
) -> None:
    """Measure speed and memory on this machine, beside the floor of writing the same tables."""
    from simulator.bench import bench as measure

    rows = measure(**_given(scenarios=scenario, customers=customers, days=days))
    if out is not None:
        out.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return

    from rich.table import Table

    from simulator.commands.console import console

    table = Table(title="speed and memory on this machine")
    for _, heading, _ in _COLUMNS:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*("–" if row.get(key) is None else form.format(row[key]) for key, _, form in _COLUMNS))
    console().print(table)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
