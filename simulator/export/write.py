"""Writing an export: under a temporary name until it is whole, with a page that says what it is and what was left out."""

import json
import os
import pkgutil
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import simulator.export
from simulator.errors import InputError
from simulator.record.folder import versions
from simulator.record.read import Run
from simulator.record.schema import TABLES

ABOUT_FILE = "export.json"
"""What makes a folder an export, which a later one may replace."""


def formats() -> dict[str, ModuleType]:
    """The formats by name: the modules of this package that say what they are about."""
    names = sorted(module.name for module in pkgutil.iter_modules(simulator.export.__path__))
    modules = {name: import_module(f"simulator.export.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "ABOUT")}


def export_run(
    run: Run, to: str, out: Path, *, force: bool = False, story: int | None = None, around: float | None = None
) -> dict[str, Any]:
    """Write a run, in the view that it is opened with, in another format.

    Args:
        run: The run.
        to: Name of the format.
        out: The folder to make.
        force: Replace an export.
        story: Only this story, for formats that can.
        around: With a story, also other payments of its cast from this many days before to as many after.

    Returns:
        What `export.json` in the folder says.

    Raises:
        InputError: There is no such format, it cannot write a single story, there is no such story, or the folder is in use.
        OSError: It cannot be written; nothing that looks like an export is left behind.
    """
    known = formats()
    if to not in known:
        raise InputError(f"--to: found '{to[:60]}', expected one of {', '.join(known)}")
    wanted = {name: value for name, value in (("story", story), ("around", around)) if value is not None}
    if wanted and not hasattr(known[to], "STORIES"):
        able = ", ".join(name for name, module in known.items() if hasattr(module, "STORIES"))
        raise InputError(f"--{next(iter(wanted))}: found with --to {to}, expected one of {able}")
    out = out.resolve()
    _check(run, out, force)
    out.parent.mkdir(parents=True, exist_ok=True)
    making, old = (out.with_name(f".{out.name}.{os.getpid()}.{what}") for what in ("unfinished", "replaced"))
    try:
        making.mkdir()
        rows = known[to].write(run, making, **wanted)
        about = {
            "format": to,
            "view": run.viewpoint.name,
            "as_of": str(run.viewpoint.until) if run.viewpoint.until else None,
            **wanted,
            "tables": rows,
            "notes": list(getattr(known[to], "NOTES", ())),
            "left_out": _left_out(run),
            "ledgerfolk": versions()["ledgerfolk"],
        }
        (making / "README.md").write_text("\n".join(_page(about)) + "\n", encoding="utf-8")
        (making / ABOUT_FILE).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
        if out.exists() and force:
            os.replace(out, old)
        os.replace(making, out)
    finally:
        shutil.rmtree(making, ignore_errors=True)
        if old.exists() and not out.exists():
            os.replace(old, out)
        shutil.rmtree(old, ignore_errors=True)
    return about


def _check(run: Run, out: Path, force: bool) -> None:
    home = run.path.resolve()
    if out.is_relative_to(home) or home.is_relative_to(out):
        raise InputError(f"--out {out}: found the run's own folder, expected one beside it")
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: found a file, expected a folder that is new or empty")
    if out.is_dir() and any(out.iterdir()):
        if not force:
            raise InputError(f"--out {out}: the folder is not empty; --force replaces the export in it")
        if not (out / ABOUT_FILE).is_file():
            raise InputError(f"--force: {out} holds no export, and is left alone")


def _left_out(run: Run) -> dict[str, Any]:
    """What of the run is not in the view: tables, columns, and columns in rows of others."""
    hidden: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for name, table in TABLES.items():
        for column in table.columns if run.viewpoint.sees(table) else ():
            sight = run.viewpoint.sight(table, column)
            if sight != "always":
                (hidden if sight == "never" else others).setdefault(name, []).append(column.name)
    return {"tables": [name for name in TABLES if name not in run.tables], "columns": hidden, "columns_in_rows_of_others": others}


def _page(about: dict[str, Any]) -> Iterator[str]:
    left_out = about["left_out"]
    yield "# An export of a Ledgerfolk run"
    yield ""
    only = f" Only story {about['story']}." if "story" in about else ""
    yield f"Format: `{about['format']}`. View: `{about['view']}`. As of: {about['as_of'] or 'the end of the run'}.{only}"
    yield ""
    yield "Synthetic payments of a simulated economy: no row describes a real person, firm, account or card. Times are UTC."
    yield ""
    yield from ("## What is in it", "", "| table | rows |", "|---|---:|")
    yield from (f"| `{name}` | {rows:,} |" for name, rows in about["tables"].items())
    yield ""
    yield from ("## What was left out", "")
    if about["view"] == "all" and about["as_of"] is None and not about["notes"]:
        yield "Nothing."
    yield from (f"- {note}" for note in about["notes"])
    if left_out["tables"]:
        yield f"- Tables: {_listed(left_out['tables'])}."
    for name, columns in left_out["columns"].items():
        yield f"- `{name}`: {_listed(columns)} in every row."
    for name, columns in left_out["columns_in_rows_of_others"].items():
        yield f"- `{name}`: {_listed(columns)} where they are another bank's to know."
    if about["view"] != "all":
        yield "- What is left out of a row is -1 in keys and missing elsewhere. The account at the other end of a payment is a stand-in"
        yield "  (from 2^52 on): the same for the same account, of no use to anybody else; -1 for notes, whose owner nobody knows."
    if about["as_of"]:
        yield f"- Everything after {about['as_of']}: rows of later, times still to come, and what was decided later."


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
