"""Law 3: the same bits under any runner, and law 9: compiled or not. Law 2 is what makes it so."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xxhash
from reconcile import minor, read_accounts, sums
from small_worlds import python, run

from simulator import PaymentsModel, open_run
from simulator.record import writer
from simulator.record.digest import block_digests
from simulator.record.facts import build_names
from simulator.record.schema import TABLES

Digests = dict[str, str]


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Digests]:
    """Digests of a world that runs as one shard on one thread."""
    known: dict[str, Digests] = {}

    def of(world: str) -> Digests:
        if world not in known:
            known[world] = run(tmp_path_factory.mktemp(world) / "run", world)["digests"]
        return known[world]

    return of


def test_every_table_has_a_digest(digests: Callable[[str], Digests]) -> None:
    assert set(digests("hamlet")) == {*TABLES, "scenario", "lookup", "run"}


@pytest.mark.parametrize(("shards", "workers"), [(1, 2), (2, 1), (2, 2), (7, 1), (7, 2)])
@pytest.mark.parametrize("world", ["hamlet", "towns", "wallets", "crowns", "crisis"])
def test_shards_and_threads_change_nothing(
    digests: Callable[[str], Digests], tmp_path: Path, world: str, shards: int, workers: int
) -> None:
    assert run(tmp_path / "run", world, shards=shards, workers=workers)["digests"] == digests(world)


def test_the_same_seed_gives_the_same_bits(digests: Callable[[str], Digests], tmp_path: Path) -> None:
    assert run(tmp_path / "run", "hamlet")["digests"] == digests("hamlet")


def test_another_seed_gives_others(digests: Callable[[str], Digests], tmp_path: Path) -> None:
    others = run(tmp_path / "run", "hamlet", seed=2)["digests"]
    for table in ("transactions", "truth/unseen", "customers", "accounts", "truth/traits", "truth/balances", "run"):
        assert others[table] != digests("hamlet")[table], table


def test_how_rows_are_cut_into_parts_changes_nothing(
    digests: Callable[[str], Digests], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "CHUNK", 500)
    assert run(tmp_path / "run", "hamlet")["digests"] == digests("hamlet")
    assert len(open_run(tmp_path / "run").files("transactions")) > 8


def test_digests_are_those_of_the_files(tmp_path: Path) -> None:
    """Blocks are windows: cut the table at them, and the manifest's digest comes out."""
    manifest = run(tmp_path / "run", "hamlet")
    for name in ("transactions", "truth/unseen"):
        table = open_run(tmp_path / "run").table(name).combine_chunks()
        hour = table["timestamp"].cast("int64").to_numpy() // 3_600_000_000
        ends = [*(np.flatnonzero(np.diff(hour)) + 1).tolist(), len(table)]
        assert xxhash.xxh3_128_hexdigest(block_digests(table, ends)) == manifest["digests"][name]
        assert len(table) == manifest["rows"][name]


def test_a_model_without_files_lives_the_same_days(tmp_path: Path) -> None:
    """Nothing that is recorded reaches the world."""
    manifest = run(tmp_path / "run", "fifty")
    model = PaymentsModel(open_run(tmp_path / "run").scenario, shards=3)
    model.run_for(7)
    public = build_names(model.world, model.settings, model.clock.start).account.tolist()
    book = dict(zip(public, model.world.accounts.book.tolist(), strict=True))
    balances, accounts = open_run(tmp_path / "run").balances(), open_run(tmp_path / "run").accounts()
    currency = dict(zip(accounts["account_id"].to_pylist(), accounts["currency"].to_pylist(), strict=True))
    ids = balances["account_id"].to_pylist()
    closing = minor(balances["closing_balance"], np.array([currency[account] for account in ids]))
    assert closing.tolist() == [book[account] for account in ids]
    assert model.runner.totals[2] == manifest["rows"]["transactions"]


def test_shards_may_outnumber_households(tmp_path: Path) -> None:
    alone = run(tmp_path / "alone", "fifty", population__customers=10)
    assert run(tmp_path / "many", "fifty", population__customers=10, shards=16, workers=2)["digests"] == alone["digests"]


@pytest.mark.parametrize("windows", [1, 12, 288])
def test_any_number_of_windows_conserves(tmp_path: Path, windows: int) -> None:
    """Windows may change what happens, never how much money there is: the run ends without a LedgerError."""
    run(tmp_path / "one", "fifty", period__windows=windows)
    manifest = run(tmp_path / "seven", "fifty", period__windows=windows, shards=7)
    assert manifest["digests"] == open_run(tmp_path / "one").manifest["digests"]
    assert all(before == after for before, after in sums(read_accounts(tmp_path / "one")).values())


def test_plain_python_gives_the_bits_of_compiled_kernels(digests: Callable[[str], Digests], tmp_path: Path) -> None:
    """Without numba, a kernel is the function as it is written; integers that only fit by luck would show here."""
    code = """
import json, sys, warnings
from pathlib import Path
warnings.simplefilter("error", RuntimeWarning)  # an integer that overflows
import numba
from small_worlds import run
print(json.dumps([numba.config.DISABLE_JIT, run(Path(sys.argv[1]), "fifty", shards=2)["digests"]]))
"""
    done = python(code, tmp_path / "run", NUMBA_DISABLE_JIT="1")
    assert done.returncode == 0, done.stderr
    is_plain, plain = json.loads(done.stdout)
    assert is_plain
    assert plain == digests("fifty")
