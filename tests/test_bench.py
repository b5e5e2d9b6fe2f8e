"""The bench: its figures are there, positive, and in the contract's words; it leaves nothing behind."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from made_up_run import make_run
from test_evidence import ROW

import simulator.bench as measuring
from simulator.bench import _row, bench, measure_floor
from simulator.errors import InputError

TOWN = (Path(__file__).parent / "tiny_town.yaml").read_text(encoding="utf-8")
CONTRACT = (
    "customers days payments payments_per_second cpu_seconds floor_cpu_seconds cpu_over_floor peak_rss_bytes compile_seconds "
    "startup_seconds bytes_per_row"
).split()


def test_a_bench_of_a_hamlet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    told: list[str] = []
    kernels: dict[str, int] = {}
    child = measuring._child

    def counting(place: Path, what: str, **options: Any) -> dict[str, Any]:
        measured = child(place, what, **options)
        kernels[what] = len(list((place / "kernels").rglob("*.nbc")))
        return measured

    monkeypatch.setattr(measuring, "_child", counting)
    [row] = bench(("hamlet",), customers=100, days=3, tell=told.append)
    assert [key for key in row if key in CONTRACT] == CONTRACT
    assert set(row) == set(ROW), "the evidence is tried on a row like this one"
    assert (row["scenario"], row["customers"], row["days"], row["cost_over_10000"]) == ("hamlet", 100, 3, None)
    assert all(row[key] > 0 for key in CONTRACT)
    assert row["compile_seconds"] > row["startup_seconds"], "the first is with an empty cache, the second with a full one"
    assert row["peak_rss_bytes"] > 100 * 2**20
    assert len(told) == 4 and not list(tmp_path.iterdir())
    assert kernels["compile"] == kernels["run"] > 50, "a run compiles nothing that was not compiled before it"


def test_ratios() -> None:
    raw = {
        "scenario": "x",
        "days": 1,
        "seconds": 2.0,
        "floor_cpu_seconds": 0.5,
        "peak_rss_bytes": 1,
        "compile_seconds": 1.0,
        "startup_seconds": 1.0,
    }
    small = raw | {"customers": 10_000, "payments": 1000, "cpu_seconds": 1.0, "bytes": 40_000, "small_world_us": 1.0, "building": 0.1}
    large = small | {"customers": 1_000_000, "payments": 100_000, "cpu_seconds": 120.0}
    first, second = (_row(row, [small, large]) for row in (small, large))
    assert (first["payments_per_second"], first["cpu_over_floor"], first["bytes_per_row"], first["cost_us"]) == (500, 2.0, 40.0, 1000.0)
    assert (first["cost_over_10000"], second["cost_over_10000"]) == (1.0, 1.2)


def test_the_floor_writes_every_table_and_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run(tmp_path, rows=2000, days=40, scenario=TOWN)
    written = []
    write = pq.write_table

    def noting(table: object, *args: object, **options: object) -> None:
        written.append((len(table), options["use_dictionary"]))  # type: ignore[arg-type]
        write(table, *args, **options)

    monkeypatch.setattr(pq, "write_table", noting)
    assert measure_floor(folder)["floor_cpu_seconds"] > 0
    parts = len(list(folder.rglob("*.parquet")))
    assert len(written) == parts
    assert {"currency", "method", "mcc", "payer_bank"} <= set(max(written)[1]) and not {"amount", "transaction_id"} & set(max(written)[1])
    assert len(list(tmp_path.rglob("*.parquet"))) == parts


def test_a_wrong_scenario_is_refused_before_anything_is_measured() -> None:
    with pytest.raises(InputError, match="high_street"):
        bench(("high_stret",))


def test_the_cache_can_be_told_where_to_lie(tmp_path: Path) -> None:
    code = "from simulator.kernel import CACHE; print(CACHE)"
    root = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"LEDGERFOLK_CACHE": str(tmp_path), "PYTHONPATH": root},
    )
    assert Path(done.stdout.strip()).parent == tmp_path
