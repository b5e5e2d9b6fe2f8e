"""Reading a run folder back: every table, in order, and nothing that is no whole run."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from made_up_run import make_run, write_manifest

from simulator.errors import InputError
from simulator.record.read import Run, open_run
from simulator.record.schema import TABLES, arrow_schema

TOWN = (Path(__file__).parent / "tiny_town.yaml").read_text(encoding="utf-8")
METHODS = {"truth/accounts": "account_roles", "truth/labels": "true_labels"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("run"), rows=3000, days=45, scenario=TOWN)


@pytest.fixture
def run(folder: Path) -> Run:
    return open_run(folder)


def test_transactions_come_back_in_row_order_across_months(run: Run) -> None:
    assert len(run.files("transactions")) == 3
    table = run.transactions()
    assert table.schema.equals(arrow_schema("transactions"))
    assert table["transaction_id"].to_pylist() == list(range(3000))


def test_columns_and_where_choose(run: Run) -> None:
    table = run.transactions(columns=["status", "amount"], where=(pc.field("status") == "declined") & (pc.field("merchant_id") >= 0))
    assert table.column_names == ["status", "amount"]
    whole = run.transactions().to_pandas()
    kept = whole[(whole["status"] == "declined") & (whole["merchant_id"] >= 0)]
    assert 0 < len(table) < 3000
    assert table["amount"].to_pylist() == kept["amount"].tolist()


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_has_a_method_and_its_schema(run: Run, name: str) -> None:
    table = getattr(run, METHODS.get(name, name.removeprefix("truth/")))()
    assert table.schema.equals(arrow_schema(name))
    assert len(table) == run.manifest["rows"][name]


def test_batches_stream_the_same_rows(run: Run) -> None:
    batches = list(run.batches("transactions", ["transaction_id"]))
    assert len(batches) > 3
    assert np.concatenate([batch["transaction_id"].to_numpy() for batch in batches]).tolist() == list(range(3000))


def test_the_scenario_is_read_when_asked_for(run: Run) -> None:
    assert run.scenario.name == "tiny_town"


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda run: run.table("payments"), "found 'payments', expected one of transactions"),
        (lambda run: run.transactions(columns=["amount", "amuont"]), "found column 'amuont'"),
        (lambda run: open_run(run.path, view="bank=3"), "found 'bank=3', expected a bank of the run"),
        (lambda run: open_run(run.path.parent / "nowhere"), "found no manifest.json"),
    ],
)
def test_what_is_not_there_is_named(run: Run, ask: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        ask(run)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"schema_version": 99}, "schema_version: found 99"),
        ({"status": "running"}, "status: found 'running'"),
        ({"status": None}, "status"),
    ],
)
def test_a_run_that_cannot_be_trusted_is_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    write_manifest(tmp_path, **changes)
    with pytest.raises(InputError, match=says):
        open_run(tmp_path)


def test_a_running_run_is_opened_when_asked_for(tmp_path: Path) -> None:
    write_manifest(tmp_path, status="running")
    assert open_run(tmp_path, allow_incomplete=True).manifest["status"] == "running"


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_a_damaged_manifest_is_one_input_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"manifest\.json"):
        open_run(tmp_path)


def test_damaged_tables_are_input_errors(tmp_path: Path) -> None:
    run = open_run(make_run(tmp_path, rows=100, days=3))
    (tmp_path / "cards.parquet").write_bytes(b"no parquet")
    (tmp_path / "devices.parquet").unlink()
    pq.write_table(pa.table({"bank": [1]}), tmp_path / "banks.parquet")
    for name, says in (("cards", "cannot be read"), ("devices", "missing"), ("banks", "found columns bank; expected")):
        with pytest.raises(InputError, match=says):
            run.table(name)
