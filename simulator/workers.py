"""Many runs carried out on all cores: processes that live worlds, one run at a time each, and tell how far they are.

A worker is this program anew, which is told its jobs on standard input, a line of JSON each, and answers in lines of JSON. It imports
nothing of its caller, so that a notebook or a script needs no guard, and it ends when its caller does.
"""

import gc
import importlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from simulator.errors import InputError, MachineError


class Job(NamedTuple):
    """One run."""

    about: str
    """In words: which pair, which world."""
    work: str
    """What does it: ``module:function``, called with what it is told, the file, and whom to tell how many days it has lived."""
    told: dict[str, Any]
    """What that function needs to know, as JSON can say it."""
    days: int
    file: Path
    """Where the function puts what it found, in one step."""


class Progress(NamedTuple):
    """How far the runs are."""

    runs: int
    """Runs that are finished."""
    of: int
    days: int
    """Days lived in all runs."""
    of_days: int
    seconds: float
    running: dict[str, tuple[int, int]]
    """What is under way: days lived, and days."""
    kept: int = 0
    """Runs that were there already."""
    compiling: bool = False
    """Whether kernels are compiled first."""


Tell = Callable[[Progress], None]

_EVERY = 0.25
"""Seconds between two reports of a worker, and of the caller."""

_LOOK = 0.02
"""Seconds between two looks whether all is done."""


def carry_out(jobs: Sequence[Job], workers: int | None = None, tell: Tell | None = None, first: Callable[[], None] | None = None) -> None:
    """Carry out the runs whose files are not there yet, with processes that end with them; see `Pool.carry_out`."""
    with Pool(workers) as pool:
        pool.carry_out(jobs, tell, first)


class Pool:
    """Worker processes, started when they are first needed and kept until the end, so that one run after the other is quick."""

    def __init__(self, workers: int | None = None) -> None:
        """Nothing is started yet.

        Args:
            workers: processes; all cores by default, 1 for none beside this one. Any number gives the same files.
        """
        self._most = workers or os.cpu_count() or 1
        self._processes: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        """The pool itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """No worker outlives the pool."""
        self.close(at_once=kind is not None)

    def close(self, at_once: bool = True) -> None:
        """End the workers: those that wait for a job by themselves, the others at once."""
        for process in self._processes:
            if at_once:
                process.kill()
            elif process.stdin is not None:
                process.stdin.close()
            process.wait()
        self._processes = []

    def carry_out(self, jobs: Sequence[Job], tell: Tell | None = None, first: Callable[[], None] | None = None) -> None:
        """Carry out the runs whose files are not there yet.

        Args:
            jobs: what to run; two of the same file are run once.
            tell: told how far all are.
            first: done before the first worker starts, where there is anything to run: compiles kernels, once for all.

        Raises:
            MachineError: a worker was ended from outside, or the disk is full.
            KeyboardInterrupt: Ctrl-C was pressed; finished runs are kept, those under way are not.
        """
        wanted = list({job.file: job for job in jobs}.values())
        todo = [job for job in wanted if not job.file.is_file()]
        board = _Board(todo, len(wanted) - len(todo), tell)
        count = min(self._most, len(todo))
        if todo and first is not None:
            board.show(compiling=True)
            first()
            board.begin()
        if self._most == 1 or (count == 1 and not self._processes):
            for job in todo:
                board.day(job.about, 0)
                _run(job, lambda day, about=job.about: board.day(about, day))  # type: ignore[misc]
                board.done(job)
                board.show()
        elif todo:
            self._processes += [_start() for _ in range(count - len(self._processes))]
            try:
                _Crew(todo, board).work(self._processes[:count])
            except BaseException:
                self.close()
                raise


class _Board:
    """What is under way, and what is done."""

    def __init__(self, jobs: list[Job], kept: int, tell: Tell | None) -> None:
        self._days = {job.about: job.days for job in jobs}
        self._kept, self._tell = kept, tell
        self._running: dict[str, int] = {}
        self._finished: set[str] = set()
        self._lock = threading.Lock()
        self.begin()

    def begin(self) -> None:
        """Time counts from now."""
        self._started, self._shown = time.monotonic(), 0.0

    def day(self, about: str, day: int) -> None:
        with self._lock:
            self._running[about] = day
        if time.monotonic() - self._shown >= _EVERY and threading.current_thread() is threading.main_thread():
            self.show()

    def done(self, job: Job) -> None:
        with self._lock:
            self._running.pop(job.about, None)
            self._finished.add(job.about)

    def show(self, compiling: bool = False) -> None:
        """Tell whoever asked."""
        self._shown = time.monotonic()
        if self._tell is None:
            return
        with self._lock:
            lived = sum(self._days[about] for about in self._finished) + sum(self._running.values())
            running = {about: (day, self._days[about]) for about, day in sorted(self._running.items())}
            done = len(self._finished)
        whole = sum(self._days.values())
        self._tell(Progress(done, len(self._days), lived, whole, self._shown - self._started, running, self._kept, compiling))


class _Crew:
    """Workers and what is left for them to do."""

    def __init__(self, jobs: list[Job], board: _Board) -> None:
        self._board = board
        self._left: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            self._left.put(job)
        self._failed: list[Exception] = []

    def work(self, processes: Sequence["subprocess.Popen[str]"]) -> None:
        """Let these processes do everything."""
        threads = [threading.Thread(target=self._serve, args=(process,), daemon=True) for process in processes]
        for thread in threads:
            thread.start()
        shown = time.monotonic()
        while any(thread.is_alive() for thread in threads) and not self._failed:
            time.sleep(_LOOK)
            if time.monotonic() - shown >= _EVERY:
                shown = time.monotonic()
                self._board.show()
        if self._failed:
            raise self._failed[0]
        self._board.show()

    def _serve(self, process: "subprocess.Popen[str]") -> None:
        """Give a worker one job after the other, and listen to it."""
        assert process.stdin is not None and process.stdout is not None
        try:
            while not self._failed:
                try:
                    job = self._left.get_nowait()
                except queue.Empty:
                    break
                self._board.day(job.about, 0)
                said = job._asdict() | {"file": str(job.file)}
                process.stdin.write(json.dumps(said) + "\n")
                process.stdin.flush()
                self._listen(process, job)
        except Exception as error:  # a thread has nobody to raise to
            self._failed.append(error if not isinstance(error, OSError) else MachineError(f"a worker ended: {error}"))

    def _listen(self, process: "subprocess.Popen[str]", job: Job) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            if "day" in said:
                self._board.day(job.about, said["day"])
            elif "done" in said:
                self._board.done(job)
                return
            else:
                raise _ERRORS.get(said["kind"], RuntimeError)(f"{job.about}: {said['error']}")
        raise MachineError(f"{job.about}: the process that ran it was ended from outside; with too little memory, fewer --workers help")


_ERRORS: dict[str, type[Exception]] = {"input": InputError, "machine": MachineError}


def _start() -> "subprocess.Popen[str]":
    """A worker; Ctrl-C reaches its caller only."""
    safe = ["-P"] if sys.flags.safe_path else []
    command = [sys.executable, *safe, "-c", "from simulator.workers import serve; serve()"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True, start_new_session=True)


def serve() -> None:
    """What a worker does: run what it is told, until it is told nothing more."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints does not come between

    def say(**said: Any) -> None:
        out.write(json.dumps(said) + "\n")
        out.flush()

    try:
        for line in sys.stdin:
            told = json.loads(line)
            _try(Job(**told | {"file": Path(told["file"])}), say)
    except BrokenPipeError:
        os._exit(1)  # nobody listens any more


def _try(job: Job, say: Callable[..., None]) -> None:
    """Run a job, and say how it went."""
    try:
        _run(job, lambda day: say(day=day))
        say(done=True)
    except BrokenPipeError:
        raise
    except InputError as error:
        say(kind="input", error=str(error))
    except (OSError, MachineError, MemoryError) as error:
        say(kind="machine", error=str(error) or "out of memory")
    except Exception:  # a defect of the simulator: its caller shows where
        say(kind="defect", error=traceback.format_exc())


def _run(job: Job, tell: Callable[[int], None]) -> None:
    """Do a job here."""
    shown = 0.0

    def lived(day: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown >= _EVERY or day == job.days:
            shown = now
            tell(day)

    module, _, function = job.work.partition(":")
    getattr(importlib.import_module(module), function)(job.told, job.file, lived)
    gc.collect()  # a world is a web of references, few and huge: the collector would let hundreds of them lie
