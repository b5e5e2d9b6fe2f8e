"""Telling how many runs get on: a bar and a line for each run under way on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.workers import Progress

_SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def pairs_shown(quiet: bool) -> "Iterator[Callable[[Progress], None] | None]":
    """What a stress or a fit calls to say how far it is, for as long as it lasts.

    Args:
        quiet: say nothing.
    """
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bars() as tell:
            yield tell
    else:
        yield _lines()


def describe(progress: "Progress") -> str:
    """One line: runs, what is under way, time left."""
    if progress.compiling:
        return "compiling kernels"
    kept = f", {progress.kept} kept from before" if progress.kept else ""
    line = f"{progress.runs:,} of {progress.of:,} runs done{kept}"
    for about, (day, days) in progress.running.items():
        line += f" · {about}: day {day:,} of {days:,}"
    return f"{line} · {left(progress)} left"


def left(progress: "Progress") -> str:
    """Time that the rest will take at the speed so far."""
    if not progress.days:
        return "–"
    seconds = round(progress.seconds / progress.days * (progress.of_days - progress.days))
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def _bars() -> "Iterator[Callable[[Progress], None]]":
    from rich.console import Console
    from rich.progress import BarColumn, TaskID, TextColumn
    from rich.progress import Progress as Bars

    columns = (BarColumn(bar_width=30), TextColumn("{task.description}", markup=False))
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        whole = bars.add_task("starting", total=None)
        under_way: dict[str, TaskID] = {}

        def tell(progress: "Progress") -> None:
            if progress.compiling:
                bars.update(whole, description="compiling kernels")
                return
            kept = f", {progress.kept} kept" if progress.kept else ""
            said = f"{progress.runs:,} of {progress.of:,} runs{kept} · {left(progress)} left"
            bars.update(whole, description=said, completed=progress.days, total=progress.of_days)
            for about in [about for about in under_way if about not in progress.running]:
                bars.remove_task(under_way.pop(about))
            for about, (day, days) in progress.running.items():
                if about not in under_way:
                    under_way[about] = bars.add_task(about, total=days)
                bars.update(under_way[about], description=f"{about}: day {day:,} of {days:,}", completed=day)

        yield tell


def _lines() -> "Callable[[Progress], None]":
    last, done = 0.0, -1

    def tell(progress: "Progress") -> None:
        nonlocal last, done
        now = time.monotonic()
        finished = progress.runs == progress.of and progress.runs != done
        if finished or progress.compiling or (progress.running and now - last >= _SECONDS_BETWEEN_LINES):
            last, done = now, progress.runs
            print(describe(progress), file=sys.stderr, flush=True)

    return tell
