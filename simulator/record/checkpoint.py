"""A checkpoint: everything that changes in a world, as arrays. Nothing in it is code, nothing is unpickled."""

import json
import os
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from simulator.errors import InputError
from simulator.events import DISPUTE, LATER
from simulator.kernel import source_digest
from simulator.ledger import ATTEMPT
from simulator.model import PaymentsModel
from simulator.record.folder import CHECKPOINT
from simulator.record.spool import check_spool
from simulator.record.writer import Part, Writer, month_of
from simulator.records import Records, records


def changing(model: PaymentsModel) -> dict[str, np.ndarray[Any, Any]]:
    """Every array of fixed size that a day may change, by name; what is restored is written into them."""
    world, runner = model.world, model.runner
    return {
        **{name: world.accounts[name] for name in ("available", "book", "line", "flight")},
        **{name: _plain(getattr(world, name)) for name in ("people", "course", "firms", "payees", "contracts", "equipment", "debts")},
        **{name: getattr(world, name) for name in SPARSE},
        "seat": world.market.seat, "seen": _plain(model.guard.seen), "dossiers": _plain(model.files.dossiers),
        "totals": runner.totals, "tally": runner.tally, "crossed": runner.crossed, "banked": runner.banked,
    }  # fmt: skip


SPARSE = ("census", "habit", "known", "owes", "knows", "deals", "workers", "staff", "townsfolk", "towns")
"""Arrays of a world beside its tables; most say where rows of somebody begin."""

GROWING = ("obligations", "contacts", "dealings")
"""Tables of a world that are written anew, with more or fewer rows."""


def save(folder: Path, model: PaymentsModel, writer: Writer, seconds: float = 0.0) -> None:
    """Write the state after a whole day, in one step; ``seconds`` have been spent on the days so far."""
    writer.flush()
    writer.settle()
    runner = model.runner
    waiting = runner.postponed.table[: runner.postponed.used]
    days = [
        {key: str(value) if isinstance(value, date) else value for key, value in day.items()}
        for day in [*model.series.days, *model.series.foreign]
    ]
    parts = [part._asdict() for part in writer.parts]
    about = {"sources": source_digest(), "day": model.days_lived, "seconds": seconds, "parts": parts, "days": days,
             "events": writer.event_counts, "happened": model.happened, "stories": model.teller.dump(),
             "defence": model.guard.dump(), "economy": model.economy.dump(),
             "credit": model.credit.dump()}  # fmt: skip
    arrays: dict[str, Any] = changing(model) | {
        f"history {kind} {name}": column for kind in model.diary.history for name, column in model.diary.past(kind).items()
    }
    arrays |= {name: _plain(getattr(model.world, name)) for name in GROWING} | {"agenda": model.diary.agenda.dump()}
    temporary = folder / f".{CHECKPOINT}"
    with temporary.open("wb") as file:
        np.savez(
            file, **arrays, waiting=_plain(model.diary.waiting), disputes=_plain(runner.disputes),
            flight_moment=runner.flights.moment, flight_used=runner.flights.used, flight_credits=runner.flights.waiting(),
            credit_months=model.credit.dump_months(),
            due_day=waiting["day"], due=_plain(waiting["attempt"].view(Records)),
            detector=np.frombuffer(model.detector.dump() if model.detector is not None else b"", np.uint8),
            about=np.frombuffer(json.dumps(about).encode(), np.uint8),
        )  # fmt: skip
    os.replace(temporary, folder / CHECKPOINT)


def load(folder: Path) -> dict[str, Any] | None:
    """The state of an unfinished run, None where it has none yet.

    Raises:
        InputError: another version of the sources wrote it, it is damaged, or a part that it counts on is gone.
    """
    path = folder / CHECKPOINT
    if not path.is_file():
        return None
    anew = "run it anew with --force"
    try:
        with np.load(path, allow_pickle=False) as stored:
            state: dict[str, Any] = {name: stored[name] for name in stored.files}
        about = state["about"] = json.loads(state["about"].tobytes())
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"--resume: {path} is damaged ({error}); {anew}") from None
    if about["sources"] != source_digest():
        raise InputError(f"--resume: {folder} was begun by other sources of ledgerfolk, which would go on with other bits; {anew}")
    check_spool(folder, about["events"])
    for part in about["parts"]:
        if not (folder / part["file"]).is_file():
            raise InputError(f"--resume: {folder / part['file']} is gone, and the run cannot go on without it; {anew}")
    return state


def restore(model: PaymentsModel, writer: Writer, state: dict[str, Any]) -> None:
    """Take up a state in a world that was just built from the same scenario."""
    runner, about, world = model.runner, state["about"], model.world
    tables: dict[str, Any] = {name: _again(state[name], getattr(world, name).dtype) for name in GROWING}
    model.world = runner.world = world._replace(**tables)
    model.diary.agenda.load(state["agenda"])
    for name, column in changing(model).items():
        column[:] = state[name].astype(column.dtype)
    runner.flights.restore(state["flight_moment"], state["flight_used"], state["flight_credits"])
    model.diary.history.clear()  # of the first morning's loans
    for name, column in state.items():
        if name.startswith("history "):
            _, kind, field = name.split(" ", 2)
            model.diary.history.setdefault(kind, [{}])[0][field] = column
    model.diary.waiting = _again(state["waiting"], LATER)
    disputes = _again(state["disputes"], DISPUTE)
    runner.notes = runner.notes._replace(disputes=disputes)
    runner.notes.used[1] = len(disputes)
    size = len(state["due_day"])
    table = runner.postponed.reserve(size)
    table.day[:size] = state["due_day"]
    table["attempt"][:size] = state["due"].astype(ATTEMPT)
    runner.postponed.used = size
    model.series.resume([{**day, "date": date.fromisoformat(day["date"])} for day in about["days"]], runner.tally, runner.crossed)
    model.teller.load(about["stories"])
    model.guard.load(about["defence"])
    model.economy.load(about["economy"])
    model.credit.load(about["credit"], state["credit_months"])
    if model.detector is not None:
        model.detector.load(state["detector"].tobytes())
    model.before, model.happened = about["day"], about["happened"]
    writer.resume([Part(**part) for part in about["parts"]], month_of(model.clock.start + about["day"] - 1), about["events"])


def _plain(table: Records) -> np.ndarray[Any, Any]:
    """Records as an array that a file takes."""
    return np.ascontiguousarray(table).view(np.ndarray)


def _again(stored: np.ndarray[Any, Any], kind: np.dtype[Any]) -> Records:
    """Records from a file: its types know no alignment."""
    table = records(kind, len(stored))
    table[:] = stored.astype(kind)
    return table
