"""The first run on a machine compiles every kernel; later ones load them from the cache."""

import gc
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from simulator.authorisation import refuse_cards
from simulator.clock import Today
from simulator.events import EVENT
from simulator.exchange import bought
from simulator.kernel import is_compiled
from simulator.ledger import ATTEMPT, ROW, Became
from simulator.model import PaymentsModel
from simulator.record.facts import build_names
from simulator.record.happenings import Happenings
from simulator.records import records
from simulator.runner.happened import HAPPENED, in_order
from simulator.runner.orders import hear, join
from simulator.stories.begin import befallen


@cache
def warm() -> None:
    """Compile every kernel, or load it from the cache, on a world of a few people; once in a process."""
    collects, aside = gc.isenabled(), None
    if not is_compiled():
        aside = _compile_aside()
        gc.disable()  # compiling makes millions of objects that stay: looking for garbage among them takes a fifth of the time
    busy: dict[str, Any] = {"population.customers": 60, "methods.credit": 0.5, "declines.retry": 1.0, "declines.issuer_unavailable": 0.3}
    try:
        model = PaymentsModel("hamlet", **busy)
        for _ in model.stream(2):
            pass
        if aside is not None:
            aside.wait()
        _tell(model, model.clock.today(2))
        refuse_cards(records(ATTEMPT, 0), 0, 0, np.zeros(0, np.int64))
        bought(100, 1_000_000)
    finally:
        if aside is not None and aside.poll() is None:
            aside.kill()  # interrupted: it would go on compiling for nobody
        if collects:
            gc.enable()


def _compile_aside() -> "subprocess.Popen[bytes] | None":
    """Let another process compile part of the kernels into the same cache meanwhile; None where there is one core."""
    if (os.cpu_count() or 1) < 2:
        return None
    safe = ["-P"] if sys.flags.safe_path else []
    command = [sys.executable, *safe, "-c", "from simulator.warm import compile_part; compile_part()"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])}
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def compile_part() -> None:
    """Compile the kernels that the world's first days need last: those that write rows and events, and those of stories."""
    gc.disable()
    model = PaymentsModel("hamlet", customers=60)
    today = model.clock.today(0)
    model.emitter().table(records(ROW, 0), 0, 0)
    names = build_names(model.world, model.settings, model.clock.start)
    Happenings(names, model.world.layout, 0).table(records(HAPPENED, 0), 0)
    in_order(model.world, today.day, [records(EVENT, 1)])
    _tell(model, today)


def _tell(model: PaymentsModel, today: Today) -> None:
    """Compile what stories need, on none of them."""
    attempts, rows, ids = records(ATTEMPT, 0), np.zeros(0, np.int32), np.zeros(0, np.int64)
    model.teller.stage.desk.warm(model.world, today)
    befallen(np.uint64(0), 0, 0, 0, 0, 0, np.zeros((0, 3), np.int64))
    join(attempts, 0, 0, attempts, 0, rows, 0)
    hear(attempts, ids, rows, 0, 0, 0, 0, records(ROW, 0), 0, np.zeros((0, len(Became._fields)), np.int64))
