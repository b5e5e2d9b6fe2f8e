"""`ledgerfolk report`: a finished run as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.errors import InputError


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.html", help="Where to write it; inside the run by default.")] = None,
) -> None:
    """Write the report of a finished run as a single HTML file."""
    if not (run / "manifest.json").is_file():
        raise InputError(f"{run}: found no manifest.json, expected a run folder")

    from calibration.compare import compare_run
    from simulator.report import write_report

    typer.echo(write_report(run, out, compare_run(run)))
