"""`ledgerfolk aggregate`: the bank's side of calibration."""

import json
from pathlib import Path
from typing import Annotated

import typer

from simulator.errors import InputError


def aggregate(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Parquet or CSV, one row for each posting.", show_default=False)],
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Columns, public keys, bounds, statistics.", show_default=False)
    ] = None,
    rho: Annotated[float | None, typer.Option("--rho", metavar="X", help="Privacy budget (zCDP) to spend.", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="PACK", help="The pack of targets to write.", show_default=False)] = None,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", metavar="FILE", help="The owner's privacy ledger.", show_default="as the config says")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing pack; what it cost stays spent.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the ledger's line and counts as JSON, nothing else.")] = False,
) -> None:  # fmt: skip
    """Release differentially private aggregates of a real table as a pack of targets, and write down what they cost."""
    if config is None or rho is None or out is None:
        missing = [name for name, given in (("--config", config), ("--rho", rho), ("--out", out)) if given is None]
        raise InputError(f"{missing[0]}: found nothing, expected a value: ledgerfolk aggregate TABLE --config FILE --rho X --out PACK")
    if out.exists() and not force:
        raise InputError(f"{out}: found an existing file, expected a new name (or --force)")
    from calibration.private.aggregate import aggregate as release

    found = release(table, config, rho, out, ledger)
    targets = len(found.pack.targets)
    if as_json:
        counts = {"targets": targets, "cells": found.cells, "suppressed": found.suppressed, "not_assessable": found.not_assessable}
        typer.echo(json.dumps({"pack": str(out), "ledger": found.line, **counts}, indent=2))
        return
    line = found.line
    typer.echo(
        f"{out}: {targets} targets, {found.cells - found.suppressed} of {found.cells} numbers; {found.suppressed} with too few customers "
        f"left out, {found.not_assessable} too noisy to judge by"
    )
    typer.echo(f"rho {line['rho']:g}: epsilon {line['epsilon']:.2f} at delta {line['delta']:g}, for {line['unit']}")
    typer.echo(f"nobody can tell whether one is in the table with an advantage above {line['membership_advantage_at_most']:.1%}")
    typer.echo(f"spent this year: {line['spent_this_year']:g} of {line['allowance']:g}")
