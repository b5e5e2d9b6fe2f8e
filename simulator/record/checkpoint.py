"""A checkpoint: everything that changes in a world, as arrays. Nothing in it is code, nothing is unpickled."""

import json
import os
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import InputError
from simulator.kernel import source_digest
from simulator.ledger import ATTEMPT
from simulator.lives.diary import Diary
from simulator.model import PaymentsModel
from simulator.record.folder import CHECKPOINT
from simulator.record.writer import Part, Writer, month_of

_PAST = "history/"


def save(folder: Path, model: PaymentsModel, writer: Writer, seconds: float = 0.0) -> None:
    """Write the state after a whole day, in one step; ``seconds`` have been spent on the days so far."""
    writer.flush()
    writer.settle()
    world, runner = model.world, model.runner
    waiting = runner.postponed.table[: runner.postponed.used]
    days = [
        {key: str(value) if isinstance(value, date) else value for key, value in day.items()}
        for day in [*model.series.days, *model.series.foreign]
    ]
    parts = [part._asdict() for part in writer.parts]
    about = {"sources": source_digest(), "day": model.days_lived, "seconds": seconds, "parts": parts, "days": days}
    temporary = folder / f".{CHECKPOINT}"
    with temporary.open("wb") as file:
        np.savez(
            file, available=world.accounts.available, book=world.accounts.book, known=world.known, statement=world.people.statement,
            tax_due=world.firms.tax_due, line=world.accounts.line, flight=world.accounts.flight, flight_moment=runner.flights.moment,
            flight_used=runner.flights.used, flight_credits=runner.flights.waiting(),
            equipment=np.asarray(world.equipment), dossiers=np.asarray(model.files.dossiers),
            agenda=model.diary.agenda.dump(), **_history(model.diary),  # type: ignore[arg-type]
            totals=runner.totals, tally=runner.tally, crossed=runner.crossed, abroad=world.people.abroad,
            abroad_from=world.people.abroad_from, abroad_until=world.people.abroad_until, due_day=waiting["day"],
            due=np.ascontiguousarray(waiting["attempt"]).view(np.ndarray), about=np.frombuffer(json.dumps(about).encode(), np.uint8),
        )  # fmt: skip
    os.replace(temporary, folder / CHECKPOINT)


def _history(diary: Diary) -> dict[str, NDArray[Any]]:
    """What changed so far, as arrays by name."""
    return {f"{_PAST}{kind}/{name}": column for kind in diary.history for name, column in diary.past(kind).items()}


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
    for part in about["parts"]:
        if not (folder / part["file"]).is_file():
            raise InputError(f"--resume: {folder / part['file']} is gone, and the run cannot go on without it; {anew}")
    return state


def restore(model: PaymentsModel, writer: Writer, state: dict[str, Any]) -> None:
    """Take up a state in a world that was just built from the same scenario."""
    world, runner, about = model.world, model.runner, state["about"]
    world.accounts.available[:] = state["available"]
    world.accounts.book[:] = state["book"]
    world.accounts.line[:] = state["line"]
    world.accounts.flight[:] = state["flight"]
    runner.flights.restore(state["flight_moment"], state["flight_used"], state["flight_credits"])
    world.known[:] = state["known"]
    world.people.statement[:] = state["statement"]
    world.equipment[:] = state["equipment"].astype(world.equipment.dtype)
    model.files.dossiers[:] = state["dossiers"].astype(model.files.dossiers.dtype)
    model.diary.agenda.load(state["agenda"])
    for name in [name for name in state if name.startswith(_PAST)]:
        _, kind, field = name.split("/")
        model.diary.history.setdefault(kind, [{}])[0][field] = state[name]
    world.firms.tax_due[:] = state["tax_due"]
    runner.totals[:] = state["totals"]
    runner.tally[:] = state["tally"]
    runner.crossed[:] = state["crossed"]
    for name in ("abroad", "abroad_from", "abroad_until"):
        world.people[name][:] = state[name]
    size = len(state["due_day"])
    table = runner.postponed.reserve(size)
    table.day[:size] = state["due_day"]
    table["attempt"][:size] = state["due"].astype(ATTEMPT)
    runner.postponed.used = size
    model.series.resume([{**day, "date": date.fromisoformat(day["date"])} for day in about["days"]], runner.tally, runner.crossed)
    model.before = about["day"]
    writer.resume([Part(**part) for part in about["parts"]], month_of(model.clock.start + about["day"] - 1))
