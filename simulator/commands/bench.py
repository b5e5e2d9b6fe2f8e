"""`ledgerfolk bench`: speed and memory on this machine."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

_LINES: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("customers", "customers", "{:,}".format),
    ("days", "days", "{:,}".format),
    ("payments", "payments, seen and unseen", "{:,}".format),
    ("payments_per_second", "payments a second, built, run and written", "{:,.0f}".format),
    ("cpu_seconds", "CPU of the run, s", "{:,.1f}".format),
    ("floor_cpu_seconds", "CPU of the floor, s", "{:,.1f}".format),
    ("cpu_over_floor", "CPU over the floor", "{:.2f}".format),
    ("cost_us", "CPU a payment, µs", "{:.2f}".format),
    ("cost_over_10000", "… over that at 10,000 customers", "{:.2f}".format),
    ("small_world_us", "… at 2,000 customers with files off, µs", "{:.2f}".format),
    ("peak_rss_bytes", "peak memory, MiB", lambda size: f"{size / 2**20:,.0f}"),
    ("bytes_per_row", "bytes a payment on disk", "{:.1f}".format),
    ("compile_seconds", "first-ever compilation, s", "{:.1f}".format),
    ("startup_seconds", "later start, to the end of the first day, s", "{:.1f}".format),
    ("building_seconds", "… of which building the world, s", "{:.1f}".format),
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

    def tell(what: str) -> None:
        if not as_json:
            typer.echo(f"measuring {what}", err=True)

    rows = measure(**_given(scenarios=scenario, customers=customers, days=days), tell=tell)
    if out is not None:
        out.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return

    from rich.table import Table

    from simulator.commands.console import console

    table = Table(title="speed and memory on this machine", title_justify="left")
    table.add_column("")
    for row in rows:
        table.add_column(str(row["scenario"]), justify="right")
    for line in speed_lines(rows):
        table.add_row(*line)
    console().print(table)
    typer.echo("The floor is pyarrow alone writing the run's tables again: zstd level 1, dictionaries on text and codes.")


def speed_lines(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """The rows of a bench turned over: a line for each figure, its name first."""
    return [[name, *("–" if row.get(key) is None else form(row[key]) for row in rows)] for key, name, form in _LINES]


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
