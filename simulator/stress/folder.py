"""The folder of a stress: refused when in use, whole only when its summary says so, with every finished run as a small table."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.errors import InputError
from simulator.record.folder import write_text

SUMMARY = "summary.json"
RUNS, WORLDS = "runs", "worlds"


def prepare(folder: Path, *, resume: bool, force: bool) -> None:
    """Make sure that a stress may be written to a folder, and say there that one is under way.

    Raises:
        InputError: it is not empty and neither may be replaced nor resumed.
        OSError: it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out {folder}: found a file, expected a folder that is new or empty")
    before = read_summary(folder)
    occupied = folder.is_dir() and any(folder.iterdir())
    if resume and before is None:
        raise InputError(f"--resume: {folder} holds no stress to go on with")
    if occupied and not (force or resume):
        raise InputError(f"--out {folder}: the folder is not empty; --force replaces the stress in it, --resume goes on with it")
    if occupied and before is None:
        raise InputError(f"--force: {folder} holds no stress, and is left alone")
    folder.mkdir(parents=True, exist_ok=True)
    write_summary(folder, {"status": "running"})
    for path in folder.iterdir():
        if path.name == SUMMARY or (resume and path.name == RUNS):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    for name in (RUNS, WORLDS):
        (folder / name).mkdir(exist_ok=True)
    for half in (folder / RUNS).glob("*.unfinished"):
        half.unlink()


def read_summary(folder: Path) -> dict[str, Any] | None:
    """The summary of the stress in a folder, whole or not; None where there is none."""
    try:
        summary = json.loads((folder / SUMMARY).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    is_ours = isinstance(summary, dict) and summary.get("kind") == "stress" and summary.get("status") in ("running", "complete")
    return summary if is_ours else None


def write_summary(folder: Path, summary: dict[str, Any]) -> None:
    """Replace the summary in one step."""
    write_text(folder, SUMMARY, json.dumps({"kind": "stress", **summary}, indent=2, default=str) + "\n")


def write_frame(folder: Path, name: str, frame: pd.DataFrame) -> None:
    """A table as Parquet and as CSV."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    frame.to_csv(folder / f"{name}.csv", index=False, float_format="%.7g", lineterminator="\n")
