"""`ledgerfolk calibrate`: parameters of a scenario fitted to a pack of targets."""

import json
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from simulator.errors import InputError, MachineError


def calibrate(
    pack: Annotated[str, typer.Argument(metavar="PACK", help="A shipped pack of targets or a file.", show_default=False)],
    scenario: Annotated[
        str | None, typer.Option("--scenario", metavar="S", help="Scenario whose parameters are fitted: a shipped name or a file.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FITTED.yaml", help="Scenario to write; must not exist.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Key of the fit: the same seed, the same result.")] = 1,
    runs: Annotated[int | None, typer.Option(min=5, max=400, help="Runs of the design for each parameter; the pack's by default.")] = None,
    customers: Annotated[int | None, typer.Option(min=50, help="Adults in a world of the search; the pack's by default.")] = None,
    days: Annotated[int | None, typer.Option(min=2, help="Days that it lives; the pack's by default.")] = None,
    draws: Annotated[int, typer.Option(min=0, max=500, help="Parameter sets of the posterior written as scenarios.")] = 30,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; never changes the numbers.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished fit; no run is repeated.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing fit and its runs.")] = False,
    sbi: Annotated[bool, typer.Option("--sbi", help="Also a neural posterior (needs the optional library sbi).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")] = False,
) -> None:
    """Fit parameters of a scenario to real aggregates; exit code 1 where a fit target is missed by more than two tolerances."""
    if scenario is None:
        raise InputError("--scenario: found nothing, expected the scenario whose parameters are fitted")
    if out is None:
        raise InputError("--out: found nothing, expected the file to write the fitted scenario to")
    if resume and force:
        raise InputError("--resume and --force: found both, expected one: go on with the fit, or replace it")
    _require_libraries()
    from calibration.fit.console import print_fit
    from calibration.fit.fit import Size, fit_pack
    from simulator.commands.pairs_progress import pairs_shown

    size = Size(seed=seed, runs=runs, customers=customers, days=days, draws=draws, sbi=sbi)
    with pairs_shown(quiet or as_json) as tell:
        fitted, report = fit_pack(pack, scenario, out, size, command=_command(), workers=workers, resume=resume, force=force, tell=tell,
                                  note=None if quiet or as_json else _note)  # fmt: skip
    if as_json:
        typer.echo(json.dumps(report, indent=2))
    elif not quiet:
        print_fit(fitted, out)
    if fitted.failed:
        raise typer.Exit(1)


def _require_libraries() -> None:
    missing = [name for name in ("sklearn", "cma") if find_spec(name) is None]
    if missing:
        raise MachineError(f"calibrate: found no library {missing[0]}, expected it to be installed: pip install 'ledgerfolk[calibrate]'")


def _note(line: str) -> None:
    typer.echo(line, err=True)


def _command() -> str:
    """The command line as it was given, without what only says how to carry it out."""
    words = sys.argv[1:]
    return shlex.join(["ledgerfolk", *(word for word in words if word not in ("--resume", "--force", "--quiet", "--json"))])
