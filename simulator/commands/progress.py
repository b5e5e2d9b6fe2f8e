"""Telling how a run gets on: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.run import Progress

_SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress_shown(quiet: bool) -> Iterator["Callable[[Progress], None] | None"]:
    """What a run calls to say how far it is, for as long as the run lasts.

    Args:
        quiet: say nothing.
    """
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar() as tell:
            yield tell
    else:
        yield _lines()


def describe(progress: "Progress") -> str:
    """One line: the phase and, once days pass, the day, payments, speed and time left."""
    if not progress.day:
        return progress.phase
    speed = progress.payments / progress.seconds if progress.seconds > 0 else 0.0
    left = progress.seconds / progress.day * (progress.days - progress.day)
    days = f"day {progress.day:,} of {progress.days:,}"
    return f"{progress.phase} · {days} · {progress.payments:,} payments · {speed:,.0f} a second · {_clock(left)} left"


@contextmanager
def _bar() -> Iterator["Callable[[Progress], None]"]:
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (SpinnerColumn(), BarColumn(bar_width=30), TextColumn("{task.description}", markup=False))
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def tell(progress: "Progress") -> None:
            total = progress.days if progress.day else None
            bar.update(task, description=describe(progress), completed=progress.day, total=total)

        yield tell


def _lines() -> "Callable[[Progress], None]":
    last_phase, last_time = "", 0.0

    def tell(progress: "Progress") -> None:
        nonlocal last_phase, last_time
        now = time.monotonic()
        if progress.phase != last_phase or now - last_time >= _SECONDS_BETWEEN_LINES or (progress.day and progress.day == progress.days):
            last_phase, last_time = progress.phase, now
            print(describe(progress), file=sys.stderr, flush=True)

    return tell


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
