"""`ledgerfolk run`: a scenario lived through, into a run folder."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.errors import InputError


def run(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A shipped name or a file.", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The run folder; new or empty.", show_default=False)] = None,
    customers: Annotated[int | None, typer.Option(help="Customers instead of the scenario's.")] = None,
    days: Annotated[int | None, typer.Option(help="Days instead of the scenario's.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed instead of the scenario's.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Any parameter by its dotted path, such as categories.groceries.mean=50; repeat."),
    ] = None,
    shards: Annotated[int | None, typer.Option(min=1, help="Parts that the world is cut into; never changes the data.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Threads; never changes the data.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing run.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Estimate rows, disk and time; run nothing.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest and the comparison as JSON, nothing else.")] = False,
) -> None:
    """Run a scenario into a run folder, with a report."""
    from simulator.commands.progress import progress_shown
    from simulator.scenario.file import load_scenario

    if resume and force:
        raise InputError("--resume and --force: found both, expected one: go on with the run, or replace it")
    overrides = _overrides(settings or [], {"population.customers": customers, "period.days": days, "seed": seed})
    world = load_scenario(scenario, overrides)
    if dry_run:
        from simulator.run import estimate

        guess = estimate(world)
        if as_json:
            typer.echo(json.dumps(guess))
        elif not quiet:
            from simulator.commands.closing import print_estimate

            print_estimate(guess)
        return
    if out is None:
        raise InputError("--out: found nothing, expected the folder to write the run to")

    from simulator.run import run_scenario

    silent = quiet or as_json
    with progress_shown(silent) as progress:
        manifest = run_scenario(world, out, shards=shards, workers=workers, resume=resume, force=force, progress=progress)

    from simulator.report import write_report

    targets: list[dict[str, Any]] = []
    if world.targets is not None:
        from calibration.compare import compare_run

        targets = compare_run(out)
    html = write_report(out, targets=targets)
    if as_json:
        typer.echo(json.dumps({**manifest, "comparison": targets}, indent=2))
    if silent:
        return

    from simulator.commands.closing import print_comparison, print_summary

    if targets:
        print_comparison(targets, html)
    print_summary(manifest, world.population.customers, world.country.currency, out, html)


def _overrides(settings: list[str], flags: dict[str, Any]) -> dict[str, Any]:
    """The options that change the scenario, by path; a flag of its own wins over ``--set``."""
    overrides: dict[str, Any] = {}
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals or not path.strip():
            raise InputError(f"--set {setting[:200]}: found no path and value, expected path=value such as population.customers=500")
        overrides[path.strip()] = value
    return overrides | {path: value for path, value in flags.items() if value is not None}
