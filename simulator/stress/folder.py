"""The folder of a stress: refused when in use, whole only when its summary says so, with every finished run as a small table."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.record.folder import clear_out, may_write, write_text

SUMMARY = "summary.json"
RUNS, WORLDS = "runs", "worlds"


def prepare(folder: Path, *, resume: bool, force: bool) -> None:
    """Make sure that a stress may be written to a folder, and say there that one is under way.

    Raises:
        InputError: it is not empty and neither may be replaced nor resumed.
        OSError: it cannot be written.
    """
    may_write(folder, "stress", read_summary(folder) is not None, resume=resume, force=force)
    folder.mkdir(parents=True, exist_ok=True)
    write_summary(folder, {"status": "running"})
    clear_out(folder, (SUMMARY, RUNS) if resume else (SUMMARY,))
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
