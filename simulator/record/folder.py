"""The run folder on disk: refused when in use, written under a running manifest, whole only when the manifest says so."""

import json
import os
import shutil
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


def prepare(folder: Path, *, resume: bool, force: bool) -> None:
    """Make a run folder ready.

    Raises:
        InputError: it is not empty and neither may be replaced nor resumed.
        OSError: it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {folder}: found a file, expected a folder that is new or empty")
    occupied = folder.is_dir() and any(folder.iterdir())
    is_run = (folder / MANIFEST).is_file()
    if resume:
        if not is_run:
            raise InputError(f"--resume: {folder} holds no run to go on with")
        return
    if occupied and not force:
        raise InputError(f"--out {folder}: the folder is not empty; --force replaces the run in it, --resume goes on with it")
    if occupied and not is_run:
        raise InputError(f"--force: {folder} holds no run, and is left alone")
    if occupied:
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


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
    temporary = folder / f".{MANIFEST}"
    temporary.write_text(json.dumps({"schema_version": SCHEMA_VERSION, **manifest}, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, folder / MANIFEST)


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
    pq.write_table(table, path, compression="zstd", compression_level=1, use_dictionary=[f.name for f in table.schema if pa.types.is_dictionary(f.type)])


def sweep_parts(folder: Path, keep: set[str]) -> None:
    """Remove parts that a checkpoint does not know."""
    for name in ("transactions", "truth/unseen"):
        for path in (folder / name).rglob("*"):
            if path.is_file() and path.relative_to(folder).as_posix() not in keep:
                path.unlink()
