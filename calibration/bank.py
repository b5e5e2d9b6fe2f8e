"""The kept runs of a fit, read back: points of the design and the numbers of its fit targets."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.fit.numbers import Numbers, searched
from calibration.fit.worlds import labels
from calibration.pack import read_pack
from simulator.errors import InputError

type Floats = NDArray[np.float64]

LEAST = 40
"""Runs below which nothing is learnt from a bank."""


@dataclass(frozen=True)
class Bank:
    """Runs of a first design.

    Attributes:
        names: of the parameters.
        numbers: fit targets that can be judged.
        points: of the unit cube, a row for each run.
        moments: the fit's numbers in each run.
    """

    names: list[str]
    numbers: Numbers
    points: Floats
    moments: Floats


def read_bank(runs: Path, pack_file: str) -> Bank:
    """Read the runs of a fit.

    Args:
        runs: the folder `FITTED.runs` that `ledgerfolk calibrate` keeps.
        pack_file: the pack that it fitted, a shipped name or a file.

    Raises:
        InputError: the folder holds too few runs of a first design, or runs of another pack.
    """
    pack = read_pack(pack_file)
    known, size = labels(pack), len(pack.parameters)
    points, measured = [], []
    for file in sorted(runs.glob("*.json")) if runs.is_dir() else []:
        kept = _read(file)
        if kept.get("stage") != "design":
            continue
        point, achieved = kept.get("point", []), kept.get("achieved", {})
        if len(point) != size or set(achieved) != set(known):
            raise InputError(f"{file}: found a run of another pack, expected the parameters and targets of {pack_file}")
        points.append(point)
        measured.append([np.nan if achieved[label] is None else achieved[label] for label in known])
    if len(points) < LEAST:
        raise InputError(f"{runs}: found {len(points)} runs of a first design, expected at least {LEAST}")
    found = np.array(measured, np.float64)
    numbers = searched(pack, found)
    return Bank([one.name for one in pack.parameters], numbers, np.array(points, np.float64), found[:, numbers.columns])


def _read(file: Path) -> dict[str, Any]:
    try:
        kept = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{file}: found a file that is no kept run, expected JSON") from None
    return kept if isinstance(kept, dict) else {}
