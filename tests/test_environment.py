"""The environment in the way: no permission, no room, a folder in use, an interrupt. One message, an exit code, no false whole."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from small_worlds import ROOT, run, scenario
from typer.testing import CliRunner, Result

from simulator import open_run
from simulator.cli import app
from simulator.errors import InputError, MachineError
from simulator.interrupt import Interrupt
from simulator.record import folder
from simulator.run import Progress, run_scenario

TOWN = ("hamlet", "--customers", "40", "--days", "3", "--set", "targets=null")
MAIN = "from simulator.cli import main; main()"


def ledgerfolk(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def looks_whole(out: Path) -> bool:
    """Whether anybody could take the folder for a finished run."""
    try:
        open_run(out)
    except InputError:
        return False
    return True


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run."""
    out = tmp_path_factory.mktemp("lived") / "run"
    run(out, "fifty")
    return out


@pytest.fixture
def finished(lived: Path, tmp_path: Path) -> Path:
    """A finished run that a test may spoil."""
    return Path(shutil.copytree(lived, tmp_path / "finished"))


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


# --- where to write ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["file/run", "/proc/nowhere/run", "/dev/null/run"])
def test_a_folder_that_cannot_be_made(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("in the way")
    result = ledgerfolk("run", *TOWN, "--out", tmp_path / place)
    assert (result.exit_code, result.stderr.count("\n")) == (3, 1), result.output
    assert result.stderr.startswith(str(tmp_path / place))
    assert "Traceback" not in result.output


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = ledgerfolk("run", *TOWN, "--out", tmp_path / "file")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "found a file" in result.stderr


def test_a_folder_that_is_read_only(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    if os.access(locked, os.W_OK):
        pytest.skip("permissions do not bind this user")
    result = ledgerfolk("run", *TOWN, "--out", locked / "run")
    assert (result.exit_code, result.stderr.count("\n")) == (3, 1)
    assert "ermission" in result.stderr


def test_a_folder_in_use_is_refused_and_left_alone(finished: Path) -> None:
    before = contents(finished)
    result = ledgerfolk("run", *TOWN, "--out", finished)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "--force" in result.stderr and "--resume" in result.stderr
    assert contents(finished) == before


@pytest.mark.parametrize(
    "manifest", [None, "", "[]", '{"name": "a web page", "start_url": "/"}', '{"schema_version": 1, "status": "green"}']
)
def test_force_replaces_runs_and_nothing_else(tmp_path: Path, manifest: str | None) -> None:
    """A manifest.json alone makes no run: other programs have one too."""
    (tmp_path / "thesis.tex").write_text("ten years of work")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    before = contents(tmp_path)
    result = ledgerfolk("run", *TOWN, "--out", tmp_path, "--force")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "holds no run, and is left alone" in result.stderr
    assert contents(tmp_path) == before


def test_force_replaces_a_run(finished: Path) -> None:
    (finished / "transactions" / "month=1999-01").mkdir()
    (finished / "transactions" / "month=1999-01" / "part-000.parquet").write_text("of another run")
    manifest = run_scenario(scenario("fifty", seed=3), finished, force=True)
    assert open_run(finished).manifest["digests"] == manifest["digests"]
    assert open_run(finished).transactions().num_rows == manifest["rows"]["transactions"]
    assert not list(finished.rglob("month=1999-01"))


def test_a_run_that_is_being_replaced_never_looks_whole(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies while the old run is removed."""
    seen = []

    def die(path: Path, *rest: Any, **options: Any) -> None:
        seen.append(looks_whole(finished))
        raise KeyboardInterrupt

    monkeypatch.setattr(folder.shutil, "rmtree", die)
    with pytest.raises(KeyboardInterrupt):
        run_scenario(scenario("fifty", seed=3), finished, force=True)
    assert seen == [False]
    monkeypatch.undo()
    assert not looks_whole(finished)
    assert run_scenario(scenario("fifty", seed=3), finished, force=True)["status"] == "complete"


# --- room on the disk -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "writes",
    ["record.folder.write_part", "record.checkpoint.np.savez", "run.write_text", "run.write_table", "run.write_card", "run.write_manifest"],
)
def test_a_full_disk_whatever_is_being_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: str) -> None:
    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"simulator.{writes}", full)
    with pytest.raises(MachineError, match="No space left on device; the run is not whole"):
        run_scenario(scenario("fifty"), tmp_path / "run", checkpoint_seconds=0)
    monkeypatch.undo()
    assert not looks_whole(tmp_path / "run")
    resume = (tmp_path / "run" / "manifest.json").exists()
    assert resume or not any((tmp_path / "run").iterdir())
    assert run_scenario(scenario("fifty"), tmp_path / "run", resume=resume)["status"] == "complete"


SMALL_DISK = """
mount -t tmpfs -o size={size} tmpfs "{disk}" || exit 99
"{python}" -c '{main}' run hamlet --customers 300 --days 90 --quiet --out "{disk}/run"
echo "exit $?"
cat "{disk}/run/manifest.json"
"""


@pytest.mark.parametrize("size", ["600k", "1500k"])
def test_a_disk_that_is_full(tmp_path: Path, size: str) -> None:
    """A real one of a few hundred kilobytes, in a mount namespace of its own."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-mr", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespaces here")
    script = SMALL_DISK.format(disk=tmp_path, python=sys.executable, main=MAIN, size=size)
    done = subprocess.run([unshare, "-mr", "sh", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode == 99:
        pytest.skip("no mount here")
    assert "exit 3" in done.stdout
    assert (done.stderr.count("\n"), "Traceback" in done.stderr) == (1, False), done.stderr
    assert "o space left" in done.stderr
    assert json.loads(done.stdout.split("exit 3\n")[1])["status"] == "running"


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """The limit of a shell, `ulimit -f`: another errno, the same end."""
    limit = f"ulimit -f 40; exec '{sys.executable}' -c '{MAIN}' run hamlet --customers 300 --days 30 --quiet --out '{tmp_path}/run'"
    done = subprocess.run(["bash", "-c", limit], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr.count("\n"), "Traceback" in done.stderr) == (3, 1, False), done.stderr
    assert not looks_whole(tmp_path / "run")


# --- an interrupt -----------------------------------------------------------------------------------------------------


def wait_for(out: Path, process: "subprocess.Popen[str]") -> None:
    """Until days are being lived, by the manifest."""
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            if json.loads((out / "manifest.json").read_text())["shards"]:
                time.sleep(0.3)
                return
        except (FileNotFoundError, ValueError):
            pass
        time.sleep(0.05)
    raise AssertionError(f"the run did not get going: {process.communicate()}")


@pytest.mark.parametrize("quiet", [True, False])
def test_an_interrupt_is_one_message(tmp_path: Path, quiet: bool) -> None:
    size = ["--customers", "3000", "--days", "36000", "--shards", "2", "--workers", "2"]
    arguments = ["run", "high_street", *size, "--out", str(tmp_path / "run"), *["--quiet"] * quiet]
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        wait_for(tmp_path / "run", process)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 3
    assert stdout == ""
    lines = stderr.splitlines()
    assert "Traceback" not in stderr
    assert [line for line in lines if "interrupted" in line] == lines[-1:]
    assert len(lines) == 1 or not quiet
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["status"] == "running"
    assert not looks_whole(tmp_path / "run")
    assert not list((tmp_path / "run").glob("report.html"))
    refused = ledgerfolk("report", tmp_path / "run")
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


class Dropped:
    """Python drops what is raised while one of these is collected."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.fixture
def pressable() -> Iterator[None]:
    """Python's own handler, which a shell that starts the tests in its background takes away."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("pressable")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("phase", ["building the world", "running", "writing"])
def test_an_interrupt_that_python_drops_is_noted(tmp_path: Path, phase: str) -> None:
    """Whatever the run is doing, one press ends it; while days are lived, at the end of one."""
    days = []

    def press(progress: Progress) -> None:
        days.append(progress.day)
        if progress.phase == phase and progress.day in (0, 3, 7):
            Dropped()

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run_scenario(scenario("fifty"), tmp_path / "run", progress=press)
    assert days[-1] == {"building the world": 0, "running": 3, "writing": 7}[phase]
    assert signal.getsignal(signal.SIGINT) is before
    assert not looks_whole(tmp_path / "run")


@pytest.mark.usefixtures("pressable")
def test_a_second_press_does_not_wait_for_the_day() -> None:
    with Interrupt() as interrupt:
        interrupt.waits = True
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interrupt.check()


def test_a_program_that_handles_interrupts_keeps_its_handler(tmp_path: Path) -> None:
    """So does a run on another thread than the first, which signals do not reach."""
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with Interrupt() as interrupt:
            signal.raise_signal(signal.SIGINT)
            interrupt.check()
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(run_scenario, scenario("fifty"), tmp_path / "run").result()["status"] == "complete"
