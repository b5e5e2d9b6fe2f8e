"""Each law broken by hand, and the check that fails for it.

| broken                                     | caught by                                                                            |
|--------------------------------------------|--------------------------------------------------------------------------------------|
| a cent lost or made at clearing            | the run itself (`LedgerError`), test_money                                           |
| a cent moved without a payment             | test_conservation: opening and payments make the closing balance, balances follow    |
| an account topped up                       | the run itself; hidden from it, test_conservation: nobody spends what they do not have |
| a stream of draws shared by all            | test_same_bits: shards and threads change nothing                                    |
| a credit before clearing                   | test_same_bits: shards and threads change nothing; test_money, test_ledger_twin      |
| rows booked in the order of the shards     | test_conservation: time never runs back                                              |
| a decision on a float, a narrow sum        | test_integers (broken by hand there)                                                 |
| a state that a checkpoint forgets          | test_resume: killed on any day                                                       |
| a generator of NumPy's, Mesa's or Python's | below: no generator is used                                                          |
| something unpickled                        | test_resume: a state that cannot be trusted is refused                               |
"""

import ast
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import test_conservation
from reconcile import read_accounts, read_books, settled
from small_worlds import ROOT, python, run, scenario

from simulator import PaymentsModel, open_run
from simulator.clock import DAY
from simulator.codes import Status
from simulator.ledger import OWN
from simulator.model import LedgerError
from simulator.population.accounts import UNLIMITED
from simulator.record import checkpoint
from simulator.run import Progress, run_scenario
from simulator.runner import lane, runner

Sabotage = Callable[[pytest.MonkeyPatch], None]
BREAKS = (AssertionError, KeyError)


def after_clear(patch: pytest.MonkeyPatch, change: Callable[[Any], None]) -> None:
    """Do something to the books after every clearing."""
    clear = runner.clear

    def broken(accounts: Any, *rest: Any) -> None:
        clear(accounts, *rest)
        change(accounts)

    patch.setattr(runner, "clear", broken)


@pytest.mark.parametrize("cents", [-1, 1])
def test_a_lost_cent_ends_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cents: int) -> None:
    def lose(accounts: Any) -> None:
        accounts.book[3] += cents

    after_clear(monkeypatch, lose)
    with pytest.raises(LedgerError, match="the sum of all balances in USD changed"):
        run(tmp_path / "run", "fifty")
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["status"] == "running"


def test_a_cent_moved_without_a_payment_shows_in_the_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The sum stands, so that the run itself cannot know."""

    def slip(accounts: Any) -> None:
        accounts.book[0] -= 1
        accounts.book[5] += 1

    after_clear(monkeypatch, slip)
    run(tmp_path / "run", "fifty")
    broken = open_run(tmp_path / "run")
    with pytest.raises(BREAKS):
        settled(read_accounts(broken.path), read_books(broken.path))


def test_a_line_nobody_was_given_shows_in_the_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Authorisation that looks away, as if an account were topped up whenever it runs short."""
    authorise = lane.authorise

    def generous(accounts: Any, *rest: Any) -> Any:
        lines = accounts.line.copy()
        accounts.line[:] = UNLIMITED
        decided = authorise(accounts, *rest)
        accounts.line[:] = lines
        return decided

    monkeypatch.setattr(lane, "authorise", generous)
    run(tmp_path / "run", "hamlet")
    broken = open_run(tmp_path / "run")
    with pytest.raises(BREAKS):
        test_conservation.test_nobody_spends_what_they_do_not_have(broken, read_books(broken.path), read_accounts(broken.path))


def test_rows_in_the_order_of_the_shards_show_in_the_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unsorted(block: Any, count: int, base: int, order: Any, *rest: Any) -> None:
        order[:count] = np.arange(count)

    monkeypatch.setattr(runner, "sort_block", unsorted)
    run(tmp_path / "run", "fifty")
    broken = open_run(tmp_path / "run")
    with pytest.raises(BREAKS):
        test_conservation.test_ids_are_dense_and_time_never_runs_back(broken, [broken.transactions(), broken.unseen()])


def hasty(patch: pytest.MonkeyPatch) -> None:
    """A payee has the money as soon as the payer is authorised, not at the next clearing."""
    authorise = lane.authorise

    def broken(*arguments: Any) -> Any:
        accounts, block, place, count = arguments[0], arguments[-2], arguments[-1], arguments[7]
        result = authorise(*arguments)
        rows = block[place : place + count]
        early = (rows.status == Status.APPROVED) & (rows.marks & OWN == 0)
        np.add.at(accounts.available, rows.payee[early], rows.amount[early])
        rows.marks[early] |= OWN  # or clearing would credit it a second time
        return result

    patch.setattr(lane, "authorise", broken)


def test_a_credit_before_clearing_depends_on_the_shards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who comes first spends what others have not been paid yet: the cut of the world is in the data."""
    windows = {"period__windows": 2}
    honest = [run(tmp_path / f"honest-{shards}", "hamlet", shards=shards, **windows)["digests"]["run"] for shards in (1, 7)]
    assert honest[0] == honest[1]
    hasty(monkeypatch)
    broken = [run(tmp_path / f"broken-{shards}", "hamlet", shards=shards, **windows)["digests"]["run"] for shards in (1, 7)]
    assert broken[0] != broken[1]


def test_a_shared_stream_depends_on_the_shards() -> None:
    """In plain Python, where a draw can be replaced: the next number of a stream instead of the number at an address."""
    code = """
import json, pickle, sys
import numpy as np
from small_worlds import scenario
from simulator import PaymentsModel, draws
from simulator.record.writer import Writer
from simulator.runner.runner import Runner

kept = pickle.dumps(PaymentsModel(scenario("fifty")))

def digests(shards):
    model = pickle.loads(kept)
    model.runner = Runner(model.world, shards, 1)
    model.recorder = Writer(model.emitter(), lambda *_: "month=0000-00", threads=0)
    model.run_for(3)
    model.recorder.close()
    return model.recorder.totals()["transactions"]

addressed, place = draws.draw, [0]

def next_draw(key, who, when, why, which):
    place[0] += 1
    return addressed(key, place[0], 0, 0, 0)

honest = [digests(shards) for shards in (1, 2)]
for module in list(sys.modules.values()):
    if getattr(module, "draw", None) is addressed and module is not draws:
        module.draw = next_draw
broken = []
for shards in (1, 2):
    place[0] = 0
    broken.append(digests(shards))
print(json.dumps({"honest": honest, "broken": broken}))
"""
    done = python(code, NUMBA_DISABLE_JIT="1")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["honest"][0] == told["honest"][1]
    assert told["broken"][0] != told["broken"][1]


@pytest.fixture(scope="module")
def halted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that stopped on the 25th day, with a state of the 24th."""

    def stop(progress: Progress) -> None:
        if progress.phase == "running" and progress.day == 25:
            raise KeyboardInterrupt

    out = tmp_path_factory.mktemp("halted") / "run"
    with pytest.raises(KeyboardInterrupt):
        run_scenario(scenario("season"), out, progress=stop, checkpoint_seconds=0)
    return out


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Digest of the same run, undisturbed."""
    digest: str = run(tmp_path_factory.mktemp("whole") / "run", "season")["digests"]["run"]
    return digest


STATES = ("available", "book", "known", "statement", "tax_due", "due", "flight", "credits", "dates", "totals", "days")


@pytest.mark.parametrize("forgotten", ["", *STATES])
def test_a_state_that_is_forgotten_changes_what_follows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, halted: Path, whole: str, forgotten: str
) -> None:
    """Everything that a checkpoint holds matters to the world in which resuming is tested."""
    out = shutil.copytree(halted, tmp_path / "run")
    restore = checkpoint.restore

    def forgetful(model: PaymentsModel, writer: Any, state: dict[str, Any]) -> None:
        world = model.world

        def forget(table: str, column: str) -> dict[str, Any]:
            stored = state[table].copy()
            stored[column] = getattr(world, table)[column]
            return {table: stored}

        first = {
            "": {},
            "available": {"available": model.opening},
            "book": {"book": model.opening},
            "known": {"known": world.known.copy()},
            "statement": forget("people", "statement"),
            "tax_due": forget("firms", "tax_due"),
            "due": {"due": state["due"][:0], "due_day": state["due_day"][:0]},
            "flight": {"flight": np.zeros_like(state["flight"])},
            "credits": {"flight_used": np.zeros_like(state["flight_used"]), "flight_credits": state["flight_credits"][:0]},
            "dates": {"flight_moment": np.where(state["flight_moment"] >= 0, state["flight_moment"] + DAY, -1)},
            "totals": {"totals": np.zeros_like(state["totals"])},
            "days": {"about": state["about"] | {"days": []}},
        }[forgotten]
        restore(model, writer, state | first)

    monkeypatch.setattr(checkpoint, "restore", forgetful)
    try:
        digest = run_scenario(scenario("season"), out, resume=True)["digests"]["run"]
    except LedgerError:
        digest = "none"
    assert (digest == whole) == (not forgotten)


# --- no generator -----------------------------------------------------------------------------------------------------


def generators(source: str) -> list[str]:
    """Where a source draws from a stream: NumPy's, Python's, or the one Mesa gives to every model and agent."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            if any(name.split(".")[0] in ("random", "secrets", "uuid") or name == "numpy.random" for name in names):
                found.append(ast.unparse(node))
        elif isinstance(node, ast.Attribute) and node.attr in ("random", "rng", "default_rng", "shuffle", "shuffle_do", "reset_rng"):
            found.append(ast.unparse(node))
    return found


def test_no_generator_is_used() -> None:
    for path in sorted([*(ROOT / "simulator").rglob("*.py"), *(ROOT / "calibration").rglob("*.py")]):
        assert generators(path.read_text("utf-8")) == [], path


@pytest.mark.parametrize(
    "line", ["import random", "from numpy.random import default_rng", "np.random.rand()", "self.random.choice(x)", "model.rng.normal()"]
)
def test_broken_by_hand_a_generator_is_found(line: str) -> None:
    assert generators(line)
