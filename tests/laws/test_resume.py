"""Law 3: killed and resumed, a run has the bits of one that was left alone; and nothing looks whole that is not."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_worlds import python, scenario

from simulator import PaymentsModel, open_run
from simulator.codes import Message
from simulator.errors import InputError
from simulator.record import checkpoint
from simulator.record.writer import Writer, month_of
from simulator.run import Progress, run_scenario

DAYS = 36


class Killed(BaseException):
    """What stands for the end of the process: nothing in the simulator may catch it."""


def killer(day: int, phase: str = "running") -> Callable[[Progress], None]:
    def tell(progress: Progress) -> None:
        if progress.phase == phase and progress.day >= day:
            raise Killed

    return tell


def start(
    out: Path, *, kill: Callable[[Progress], None] | None = None, every: float = 0.0, changes: dict[str, Any] | None = None, **options: Any
) -> dict[str, Any]:
    """The world of these tests, with a checkpoint every so many seconds."""
    return run_scenario(scenario("season", **changes or {}), out, progress=kill, checkpoint_seconds=every, **options)


def interrupt(out: Path, day: int, phase: str = "running", **options: Any) -> None:
    """Begin, or go on with, a run that is killed on a day."""
    with pytest.raises(Killed):
        start(out, kill=killer(day, phase), **options)


def manifest(out: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    return told


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of the run that nothing disturbed, and that never saved a state."""
    whole: dict[str, str] = start(tmp_path_factory.mktemp("whole") / "run", every=1e9)["digests"]
    return whole


def test_saving_states_changes_nothing(digests: dict[str, str], tmp_path: Path) -> None:
    assert start(tmp_path / "run")["digests"] == digests
    assert not (tmp_path / "run" / "checkpoint.npz").exists()


@pytest.mark.parametrize("day", [1, 2, 11, 12, 13, 24, 35, DAYS])
def test_killed_on_any_day(digests: dict[str, str], tmp_path: Path, day: int) -> None:
    interrupt(tmp_path / "run", day)
    assert (manifest(tmp_path / "run")["status"], manifest(tmp_path / "run")["last_whole_day"]) == ("running", day - 1)
    assert start(tmp_path / "run", resume=True)["digests"] == digests


@pytest.mark.parametrize("day", [6, 12, 21])
def test_killed_in_a_crisis(tmp_path: Path, day: int) -> None:
    whole = run_scenario(scenario("crisis"), tmp_path / "whole", checkpoint_seconds=1e9)["digests"]
    with pytest.raises(Killed):
        run_scenario(scenario("crisis"), tmp_path / "run", progress=killer(day), checkpoint_seconds=0.0)
    assert run_scenario(scenario("crisis"), tmp_path / "run", resume=True)["digests"] == whole


def test_the_days_above_end_with_much_open(tmp_path: Path) -> None:
    """Or being taken up again would say little of what is held, on its way or due."""
    for day in (2, 12, 35):
        out = tmp_path / f"{day}"
        interrupt(out, day)
        state = checkpoint.load(out)
        assert state is not None
        assert len(state["flight_credits"]) == state["flight_used"].sum() > 20
        assert state["flight"].sum() == state["flight_credits"]["amount"].sum()
        releases = state["due"][np.isin(state["due"]["message"], [Message.CAPTURE, Message.REVERSAL])]
        held = np.zeros_like(state["book"])
        np.add.at(held, releases["payer"], releases["hold"])
        assert held.any()
        assert np.array_equal(state["available"], state["book"] - held)
        assert {Message.REFUND, Message.CAPTURE} <= set(state["due"]["message"].tolist())


def test_killed_again_and_again_under_other_shards(digests: dict[str, str], tmp_path: Path) -> None:
    interrupt(tmp_path / "run", 2, shards=7)
    for day in (3, 4, 9, 10, 25, 31):
        interrupt(tmp_path / "run", day, resume=True, shards=day % 3 + 1, workers=2)
    assert start(tmp_path / "run", resume=True, shards=5)["digests"] == digests


def test_killed_before_any_state_was_saved(digests: dict[str, str], tmp_path: Path) -> None:
    for phase, day in (("building the world", 0), ("running", 3)):
        out = tmp_path / phase
        interrupt(out, day, phase, every=1e9)
        assert not (out / "checkpoint.npz").exists()
        assert start(out, resume=True)["digests"] == digests


def test_killed_when_the_last_day_is_over(digests: dict[str, str], tmp_path: Path) -> None:
    interrupt(tmp_path / "run", DAYS, "writing")
    assert manifest(tmp_path / "run")["status"] == "running"
    assert start(tmp_path / "run", resume=True)["digests"] == digests


@pytest.mark.parametrize("rows", [[2, 0, 0, 3], [0, 1, 0, 0], [0, 0, 0, 0]])
def test_blocks_without_rows_are_none(rows: list[int]) -> None:
    """A state saved after an empty window would forget it, and a run without that state would count it."""
    emitter = PaymentsModel(scenario("fifty")).emitter()

    def totals(stops: tuple[int, ...]) -> dict[str, tuple[int, str]]:
        writer = Writer(emitter, lambda name, month, number, _: f"{name}/month={month}/part-{number}", threads=0)
        for day, count in enumerate(rows):
            writer.open_day(day)
            _, _, seen, unseen = writer.reserve(count)
            writer.block(day, 0, seen + count, unseen + count)
            if day in stops:
                writer.flush()
                parts = writer.parts
                writer = Writer(emitter, lambda name, month, number, _: f"{name}/month={month}/part-{number}", threads=0)
                writer.resume(parts, month_of(day), [])
        writer.close()
        return writer.totals()

    undisturbed = totals(())
    assert [count for count, _ in undisturbed.values()] == [sum(rows), sum(rows)]
    for stops in ((0,), (1,), (2,), (0, 1, 2)):
        assert totals(stops) == undisturbed


@contextmanager
def _dying(at: int) -> Iterator[list[int]]:
    """The process dies at its n-th renaming of a file, which is how anything becomes visible; afterwards nothing is renamed."""
    replace, calls = os.replace, [0]

    def rename(source: Any, target: Any) -> None:
        calls[0] += 1
        if calls[0] >= at:
            raise Killed
        replace(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", rename)
        yield calls


def test_killed_at_any_moment_that_leaves_a_trace(tmp_path: Path) -> None:
    """Every prefix of a run's renamings is a folder that says so, and that can be gone on with."""
    short = {"period__days": 3}
    with _dying(10**9) as calls:
        digests = start(tmp_path / "whole", changes=short)["digests"]
    assert calls[0] > 10
    for at in range(1, calls[0] + 1):
        out = tmp_path / f"{at}"
        with _dying(at), pytest.raises(Killed):
            start(out, changes=short)
        resume = (out / "manifest.json").exists()
        if resume:
            assert manifest(out)["status"] == "running"
            with pytest.raises(InputError, match="status: found 'running'"):
                open_run(out)
        assert start(out, resume=resume, changes=short)["digests"] == digests, f"killed at renaming {at}"


def test_killed_by_the_system(digests: dict[str, str], tmp_path: Path) -> None:
    code = """
import os, signal, sys
from pathlib import Path
from small_worlds import scenario
from simulator.run import run_scenario

def tell(progress):
    if progress.day == 26:
        os.kill(os.getpid(), signal.SIGKILL)

run_scenario(scenario("season"), Path(sys.argv[1]), progress=tell, checkpoint_seconds=0)
"""
    assert python(code, tmp_path / "run").returncode == -signal.SIGKILL
    assert manifest(tmp_path / "run")["status"] == "running"
    assert start(tmp_path / "run", resume=True)["digests"] == digests


def test_what_is_left_is_not_taken_for_a_run(tmp_path: Path) -> None:
    interrupt(tmp_path / "run", 3)
    with pytest.raises(InputError, match="status: found 'running'"):
        open_run(tmp_path / "run")
    assert open_run(tmp_path / "run", allow_incomplete=True).manifest["last_whole_day"] == 2


@pytest.mark.parametrize("changes", [{"seed": 2}, {"period__days": 40}, {"methods__cash": 0.5}])
def test_another_scenario_does_not_go_on(tmp_path: Path, changes: dict[str, Any]) -> None:
    interrupt(tmp_path / "run", 3)
    before = sorted(path.name for path in (tmp_path / "run").rglob("*"))
    with pytest.raises(InputError, match="another scenario"):
        start(tmp_path / "run", resume=True, changes=changes)
    assert sorted(path.name for path in (tmp_path / "run").rglob("*")) == before


def test_a_whole_run_is_left_as_it_is(tmp_path: Path) -> None:
    whole = start(tmp_path / "run")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*")}
    assert start(tmp_path / "run", resume=True)["digests"] == whole["digests"]
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*")} == times
    with pytest.raises(InputError, match="another scenario"):
        start(tmp_path / "run", resume=True, changes={"seed": 2})


@pytest.mark.parametrize("where", ["nowhere", "empty", "foreign"])
def test_where_there_is_no_run_nothing_goes_on(tmp_path: Path, where: str) -> None:
    if where != "nowhere":
        (tmp_path / where).mkdir()
    if where == "foreign":
        (tmp_path / where / "manifest.json").write_text('{"name": "another program"}')
    with pytest.raises(InputError, match="holds no run"):
        start(tmp_path / where, resume=True)


class _Trap:
    """Unpickling it would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (self.path, "unpickled"))


@pytest.mark.parametrize("damage", ["cut", "empty", "pickle", "sources", "part"])
def test_a_state_that_cannot_be_trusted_is_refused(tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 8: nothing in a run folder is unpickled."""
    interrupt(tmp_path / "run", 4)
    state = tmp_path / "run" / "checkpoint.npz"
    if damage == "cut":
        state.write_bytes(state.read_bytes()[:1000])
    elif damage == "empty":
        state.write_bytes(b"")
    elif damage == "pickle":
        with np.load(state) as stored:
            arrays = dict(stored)
        with state.open("wb") as file:
            np.savez(file, **arrays | {"book": np.array([_Trap(tmp_path / "trapped")], object)})
    elif damage == "sources":
        monkeypatch.setattr(checkpoint, "source_digest", lambda: "of another version")
    else:
        next((tmp_path / "run" / "transactions").rglob("*.parquet")).unlink()
    said = {"sources": "other sources", "part": "is gone"}.get(damage, "is damaged")
    with pytest.raises(InputError, match=said):
        start(tmp_path / "run", resume=True)
    assert not (tmp_path / "trapped").exists()
    assert manifest(tmp_path / "run")["status"] == "running"
