"""`ledgerfolk stress`: a scenario against its baseline, over pairs of runs that share their seeds."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.errors import InputError

if TYPE_CHECKING:
    from simulator.stress import Stress


def stress(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A shipped name or a file.", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="New or empty folder to write to.", show_default=False)] = None,
    against: Annotated[
        str, typer.Option("--against", metavar="BASELINE", help="A shipped name, a file, or calm: the scenario without its shocks.")
    ] = "calm",
    replicates: Annotated[int | None, typer.Option("--replicates", metavar="N", help="Pairs of runs, from 2; 10 by default.")] = None,
    seed: Annotated[
        list[int] | None, typer.Option("--seed", metavar="N", help="One from which the pairs' seeds follow; repeat for one each.")
    ] = None,
    customers: Annotated[int | None, typer.Option(help="Customers of both worlds.")] = None,
    days: Annotated[int | None, typer.Option(help="Days of both worlds.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="A parameter of both worlds; repeat.")
    ] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--change", metavar="PATH=VALUE", help="A parameter of the scenario only; repeat.")
    ] = None,
    decompose: Annotated[bool, typer.Option("--decompose", help="Also each shock alone on and alone off.")] = False,
    vary: Annotated[
        list[str] | None, typer.Option("--vary", metavar="PATH=LOW:HIGH", help="Screen which assumptions carry the result; repeat.")
    ] = None,
    trajectories: Annotated[int, typer.Option(min=2, max=1000, help="Trajectories of Morris's screening.")] = 4,
    grid: Annotated[int, typer.Option(min=0, max=100, help="Points along each varied parameter, in place of screening.")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; never changes the numbers.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished stress.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing stress.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON, nothing else.")] = False,
) -> None:  # fmt: skip
    """Say what a scenario does, compared with the same world without it; exit code 1 where its expectations fail."""
    if out is None:
        raise InputError("--out: found nothing, expected the folder to write the stress to")
    if resume and force:
        raise InputError("--resume and --force: found both, expected one: go on with the stress, or replace it")
    from simulator.commands.pairs_progress import pairs_shown
    from simulator.stress import run_pairs

    flags = {"population.customers": customers, "period.days": days}
    shared = changed(settings, "--set") | {path: value for path, value in flags.items() if value is not None}
    silent = quiet or as_json
    with pairs_shown(silent) as progress:
        found = run_pairs(
            scenario, against, replicates=replicates, seeds=seed or [], settings=shared, changes=changed(changes, "--change"),
            decompose=decompose, vary=vary or [], trajectories=trajectories, grid=grid, workers=workers, out=out, resume=resume,
            force=force, progress=progress,
        )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(found.about, indent=2, default=str))
    elif not quiet:
        print_stress(found, out)
    if not found.passed:
        raise typer.Exit(1)


def changed(given: list[str] | None, option: str) -> dict[str, Any]:
    """Dotted paths and values from ``path=value``.

    Raises:
        InputError: one is not of that form.
    """
    found: dict[str, Any] = {}
    for one in given or []:
        path, equals, value = one.partition("=")
        if not equals or not path.strip():
            raise InputError(f"{option} {one[:200]}: found no path and value, expected path=value such as methods.cash=0.5")
        found[path.strip()] = value
    return found


SHOWN = ("spending", "income", "saving_rate", "payments", "decline_rate", "withdrawals", "deposits", "unemployment", "merchants",
         "delinquency", "charge_off_rate", "fraud_losses")  # fmt: skip
"""What is told on the terminal, as far as the world measures it."""


def print_stress(found: "Stress", out: Path) -> None:
    """The few figures that matter, the verdicts, and where the rest is."""
    from rich.table import Table
    from rich.text import Text

    from simulator.commands.console import console
    from simulator.stress.page import amount, between, change

    about: dict[str, Any] = found.about
    effects: Any = found.effects
    table = Table(title=f"{about['scenario']} against {about['baseline']}, {about['pairs']} pairs, whole run", title_justify="left")
    for name in ("metric", "baseline", "scenario", "effect", "90 %"):
        table.add_column(name, justify="left" if name == "metric" else "right")
    whole = effects[(effects["period"] == "run") & (effects["group"] == "all")].set_index("metric")
    for metric in (metric for metric in SHOWN if metric in whole.index):
        row = whole.loc[metric]
        base = float(row["baseline"])
        table.add_row(metric.replace("_", " "), amount(metric, base), amount(metric, row["scenario"]), change(metric, row["effect"], base),
                      between(metric, row["low"], row["high"], base))  # fmt: skip
    console().print(table)
    if found.sensitivity is not None:
        rows: Any = found.sensitivity.query("metric == 'spending' and group == 'all' and result == 'relative'")
        for row in rows.sort_values("mu_star", ascending=False).to_dict("records"):
            typer.echo(f"{row['path']} moves the effect on spending by {row['mu_star']:.2%} over its range (sigma {row['sigma']:.2%})")
    for one in found.verdicts:
        console().print(Text(f"{one.verdict}: {one.name}: expected {one.expected}; found {one.found}"))
    typer.echo(f"{out}/report.html · effects.parquet · effects.csv · summary.json")
