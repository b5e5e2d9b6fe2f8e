"""The privacy ledger of a data owner: what was spent on releases, one line each, in a file that only grows.

A line is written and on the disk before any noise is drawn, so that a release that breaks half-way has been paid for. Each
line holds the digest of the one before it: a line that was changed, moved or taken out from between others is noticed. What
was cut off at the end is not; keep the file where only this command may write, or keep the last digest, which each pack holds.
"""

import fcntl
import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import Any

from simulator.errors import InputError

_START = "0" * 64
_MOST_BYTES = 50_000_000


def spend(path: Path, owner: str, allowance: float, rho: float, said: dict[str, Any], now: datetime | None = None) -> dict[str, Any]:
    """Writes down a release, or refuses it.

    Args:
        path: the ledger; a new one is begun where there is none.
        owner: whose data they are.
        allowance: rho that may be spent in a calendar year (UTC).
        rho: what this release costs.
        said: what else the line holds.
        now: the time; that of the machine by default.

    Returns:
        The line.

    Raises:
        InputError: the year's allowance would be overspent, the ledger is another owner's, was begun with another allowance for
            the year, or has been changed.
    """
    if not (math.isfinite(rho) and rho > 0):
        raise InputError(f"--rho: found {rho:g}, expected more than 0")
    moment = now or datetime.now(UTC)
    with _locked(path) as file:
        lines = _checked(path, file, owner)
        this_year = [line for line in lines if line["year"] == moment.year]
        for line in this_year:
            if line["allowance"] != allowance:
                found = f"found an allowance of {line['allowance']:g} for {moment.year}, and {allowance:g} in the config"
                raise InputError(f"{path}: {found}, expected one for the whole year (config: owner.allowance)")
        before = math.fsum(line["rho"] for line in this_year)
        if math.fsum([before, rho]) > allowance * (1 + 1e-12):
            left = max(allowance - before, 0.0)
            found = f"found a release of rho {rho:g} where {before:g} of {allowance:g} is spent in {moment.year}"
            raise InputError(f"{path}: {found}, expected at most {left:g}: the allowance is exhausted")
        line = {
            "number": len(lines) + 1, "time": moment.isoformat(timespec="seconds"), "year": moment.year, "owner": owner,
            "allowance": allowance, "rho": rho, "spent_this_year": math.fsum([before, rho]), **said,
            "before": lines[-1]["digest"] if lines else _START,
        }  # fmt: skip
        line["digest"] = _digest(line)
        file.seek(0, os.SEEK_END)
        file.write((json.dumps(line, sort_keys=True) + "\n").encode())
        os.fsync(file.fileno())
    return line


def read_ledger(path: Path, owner: str) -> list[dict[str, Any]]:
    """The lines of a ledger, checked.

    Raises:
        InputError: there is none, it is another owner's, or it has been changed.
    """
    if not path.is_file():
        raise InputError(f"{path}: found no such file, expected a privacy ledger")
    with _locked(path) as file:
        return _checked(path, file, owner)


@contextmanager
def _locked(path: Path) -> Iterator[FileIO]:
    if not path.parent.is_dir():
        raise InputError(f"{path}: found no such folder, expected one for the privacy ledger")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with FileIO(descriptor, "r+") as file:
        # Held until the file is closed, by any process on this machine.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield file


def _checked(path: Path, file: FileIO, owner: str) -> list[dict[str, Any]]:
    file.seek(0)
    raw = file.read(_MOST_BYTES + 1)
    assert raw is not None
    if len(raw) > _MOST_BYTES or (raw and not raw.endswith(b"\n")):
        raise InputError(f"{path}: found {'too large a file' if len(raw) > _MOST_BYTES else 'a last line cut short'}, expected whole lines")
    lines: list[dict[str, Any]] = []
    for number, text in enumerate(raw.splitlines(), 1):
        line = _line(text)
        whole = line is not None and line.get("digest") == _digest(line) and line.get("number") == number
        if line is None or not whole or line.get("before") != (lines[-1]["digest"] if lines else _START):
            raise InputError(
                f"{path}:{number}: found a line that does not follow from the one before, expected a ledger that was only added to"
            )
        if line["owner"] != owner:
            raise InputError(f"{path}:{number}: found the ledger of another owner, expected that of '{owner}'")
        lines.append(line)
    return lines


def _line(text: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    numbers = ("rho", "allowance", "year")
    sound = isinstance(line, dict) and all(isinstance(line.get(key), int | float) and math.isfinite(line[key]) for key in numbers)
    return line if sound and line["rho"] > 0 else None


def _digest(line: dict[str, Any]) -> str:
    return sha256(json.dumps({key: line[key] for key in line if key != "digest"}, sort_keys=True).encode()).hexdigest()
