"""The run folder on disk: refused when in use, written under a running manifest, whole only when the manifest says so."""

import json
import os
import shutil
from collections.abc import Collection
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulator.errors import InputError
from simulator.record.schema import SCHEMA_VERSION, TABLES
from simulator.record.writer import write_part

MANIFEST = "manifest.json"
CHECKPOINT = "checkpoint.npz"
_TEMPORARY = f".{MANIFEST}"


def prepare(folder: Path, *, resume: bool, force: bool) -> None:
    """Make sure that a run may be written to a folder; nothing in it is changed yet.

    Raises:
        InputError: it is not empty and neither may be replaced nor resumed.
        OSError: it cannot be written.
    """
    may_write(folder, "run", read_manifest(folder) is not None, resume=resume, force=force, ours=(_TEMPORARY,))
    folder.mkdir(parents=True, exist_ok=True)


def may_write(folder: Path, what: str, is_one: bool, *, resume: bool, force: bool, ours: Collection[str] = ()) -> None:
    """Refuse a folder that is in use.

    Args:
        folder: where to write.
        what: what is to be written there, for the messages.
        is_one: whether the folder holds one already.
        resume: it is to be gone on with.
        force: it is to be replaced.
        ours: names that do not make a folder one in use.

    Raises:
        InputError: it is not empty and neither may be replaced nor resumed.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {folder}: found a file, expected a folder that is new or empty")
    if resume:
        if not is_one:
            raise InputError(f"--resume: {folder} holds no {what} to go on with")
        return
    occupied = folder.is_dir() and any(path.name not in ours for path in folder.iterdir())
    if occupied and not force:
        raise InputError(f"--out {folder}: the folder is not empty; --force replaces the {what} in it, --resume goes on with it")
    if occupied and not is_one:
        raise InputError(f"--force: {folder} holds no {what}, and is left alone")


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of the run in a folder, whole or not; None where there is no run."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    is_ours = isinstance(manifest, dict) and "schema_version" in manifest and manifest.get("status") in ("running", "complete")
    return manifest if is_ours else None


def clear_out(folder: Path, kept: Collection[str] = (MANIFEST,)) -> None:
    """Remove everything but what is kept: the manifest, which by now says that a run is under way."""
    for path in folder.iterdir():
        if path.name in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def write_text(folder: Path, name: str, text: str) -> None:
    """Write or replace a file in one step."""
    temporary = folder / f".{name}"
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, folder / name)


def versions() -> dict[str, str]:
    """Versions of what makes the bits."""
    found = {}
    for package in ("ledgerfolk", "mesa", "numba", "numpy", "pyarrow"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Replace the manifest in one step."""
    write_text(folder, MANIFEST, json.dumps({"schema_version": SCHEMA_VERSION, **manifest}, indent=2) + "\n")


def part_sink(folder: Path) -> Any:
    """A sink for the writer: parts by month, each written under a temporary name and then renamed."""

    def sink(name: str, month: str, number: int, table: pa.Table) -> str:
        file = f"{name}/month={month}/part-{number:03}.parquet"
        path = folder / file
        temporary = path.with_suffix(".unfinished")
        write_part(table, temporary)
        os.replace(temporary, path)
        return file

    return sink


def write_table(folder: Path, name: str, table: pa.Table) -> None:
    """Write a table that is a single file."""
    path = folder / TABLES[name].file
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=1,
        use_dictionary=[f.name for f in table.schema if pa.types.is_dictionary(f.type)],
        write_statistics=False,
    )


def sweep_parts(folder: Path, keep: set[str]) -> None:
    """Remove parts that a checkpoint does not know."""
    for name in ("transactions", "truth/unseen"):
        for path in (folder / name).rglob("*"):
            if path.is_file() and path.relative_to(folder).as_posix() not in keep:
                path.unlink()
