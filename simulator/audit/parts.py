"""The parts of an audit, put together: the stories, the ledger, the leaks, the difficulty."""

from pathlib import Path
from typing import Any

from simulator.audit.difficulty import Scope, difficulty
from simulator.audit.foreign import read_mapping, read_table
from simulator.audit.leaks import Sheet, find_leaks
from simulator.audit.leaks.power import power
from simulator.audit.ledger import reconcile
from simulator.audit.stories import verify
from simulator.audit.truth import sheet_of
from simulator.errors import InputError
from simulator.record.read import Run
from simulator.scenario.part import nearest

PARTS = ("verifier", "ledger", "leaks", "difficulty")
OF_TABLES = ("leaks", "difficulty")
"""Parts that a foreign table has: it shows too little for its books to be kept."""


def parts_of(only: str, there: tuple[str, ...]) -> tuple[str, ...]:
    """The parts that are asked for.

    Args:
        only: Names with commas between them; all where it is empty.
        there: The parts there are.

    Raises:
        InputError: One of them is none.
    """
    asked = [word.strip() for word in only.split(",")] if only else list(there)
    for word in asked:
        if word not in there:
            raise InputError(f"--only: found '{word}', expected some of {', '.join(there)}{nearest(word, there)}")
    return tuple(part for part in there if part in asked)


def audit_run(run: Run, parts: tuple[str, ...] = PARTS, scope: Scope = "all") -> dict[str, Any]:
    """Audit a run.

    Args:
        run: A whole run, as everything of it.
        parts: What to audit.
        scope: Which payments the difficulty is measured on.

    Returns:
        `passed`, and each part under its name.

    Raises:
        InputError: A table is missing or damaged.
    """
    said: dict[str, Any] = {"verifier": verify(run)} if "verifier" in parts else {}
    said |= {"ledger": reconcile(run)} if "ledger" in parts else {}
    return _together(said, sheet_of(run) if set(parts) & set(OF_TABLES) else None, parts, scope)


def audit_table(path: Path, columns: str, parts: tuple[str, ...] = OF_TABLES, scope: Scope = "all") -> dict[str, Any]:
    """Audit a foreign table.

    Args:
        path: A CSV or Parquet file.
        columns: A mapping of names; see `simulator.audit.foreign.read_mapping`.
        parts: What to audit.
        scope: Which payments the difficulty is measured on.

    Returns:
        As `audit_run`.

    Raises:
        InputError: The mapping or the table cannot be read.
    """
    return _together({}, read_table(path, read_mapping(columns)), parts, scope)


def _together(said: dict[str, Any], sheet: Sheet | None, parts: tuple[str, ...], scope: Scope) -> dict[str, Any]:
    passed = [part["passed"] for part in said.values()]
    leaks: dict[str, Any] = {}
    if sheet is not None and "leaks" in parts:
        leaks |= {"leaks": find_leaks(sheet), "power": power(sheet)}
        passed += [one["passed"] for one in leaks["leaks"]]
    hard = {"difficulty": difficulty(sheet, scope)} if sheet is not None and "difficulty" in parts else {}
    return {"passed": all(passed)} | leaks | said | hard
