"""The files beside a fitted scenario: refused when in use, whole only when the report says so."""

import json
import shutil
from pathlib import Path
from typing import Any

from simulator.errors import InputError
from simulator.record.folder import write_text

MARK = "fit.json"
"""Says that a folder holds the runs of a fit."""


def runs_of(file: Path) -> Path:
    """Where the runs of a fit are kept."""
    return file.with_suffix(".runs")


def draws_of(file: Path) -> Path:
    """Where its draws are."""
    return file.with_suffix(".draws")


def report_of(file: Path, ending: str = "json") -> Path:
    """Its report."""
    return file.with_suffix(f".report.{ending}")


def may_write(file: Path, *, resume: bool, force: bool) -> None:
    """Refuse a place that is in use, and clear one that is to be replaced.

    Raises:
        InputError: there is a fit or another file, and it may be neither gone on with nor replaced.
    """
    if file.suffix not in (".yaml", ".yml"):
        raise InputError(f"--out {file}: found the ending {file.suffix!r}, expected .yaml")
    if not file.parent.is_dir():
        raise InputError(f"--out {file}: found no folder {file.parent}, expected one to write to")
    runs = runs_of(file)
    ours = (runs / MARK).is_file()
    if resume:
        if not ours:
            raise InputError(f"--resume: found no runs of a fit in {runs}, expected a fit to go on with")
        return
    used = [path for path in (file, runs, draws_of(file), report_of(file)) if path.exists()]
    if used and not force:
        raise InputError(f"--out {file}: found {used[0].name} there already; --force replaces the fit, --resume goes on with it")
    if used and not ours:
        raise InputError(f"--force: {used[0]} is no fit of this command, and is left alone")
    for path in used:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def prepare(file: Path, *, resume: bool) -> Path:
    """The folder of the runs, which says from now on that a fit is under way."""
    runs = runs_of(file)
    runs.mkdir(exist_ok=True)
    write_text(runs, MARK, json.dumps({"kind": "fit", "status": "running"}) + "\n")
    if resume:
        for half in runs.glob("*.unfinished"):
            half.unlink()
    report_of(file).unlink(missing_ok=True)
    return runs


def finish(file: Path, report: dict[str, Any]) -> None:
    """The report, and the word that the fit is whole."""
    write_text(file.parent, report_of(file).name, json.dumps(report, indent=2) + "\n")
    write_text(runs_of(file), MARK, json.dumps({"kind": "fit", "status": "complete"}) + "\n")
