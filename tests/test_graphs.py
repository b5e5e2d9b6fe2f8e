"""Graphs and edge arrays are the payments, entities and labels of the run, and nothing that a viewer may not see."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_run import make_run
from made_up_stories import story_run

from simulator.errors import InputError
from simulator.record import graph as graph_module
from simulator.record.alias import FIRST
from simulator.record.edges import _places
from simulator.record.graph import COLUMNS
from simulator.record.read import Run, open_run
from simulator.record.truth import LABELS
from simulator.record.versions import latest

type Row = dict[str, Any]
DAY = date(2024, 2, 3)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return open_run(story_run(tmp_path_factory.mktemp("stories") / "run"))


@pytest.fixture(scope="module")
def rows(run: Run) -> list[Row]:
    found: list[Row] = run.transactions().to_pylist()
    return found


def edge_set(graph: Any) -> dict[int, tuple[Any, Any]]:
    return {key: (source, target) for source, target, key in graph.edges(keys=True)}


# --- graphs ---


def test_the_graph_of_accounts_is_the_payments(run: Run, rows: list[Row]) -> None:
    graph = run.graph()
    assert graph.graph == {"kind": "accounts", "view": "all"} and isinstance(graph, nx.MultiDiGraph)
    assert edge_set(graph) == {row["transaction_id"]: (row["payer_account"], row["payee_account"]) for row in rows}
    for source, target, key, values in graph.edges(keys=True, data=True):
        assert values == {name: rows[key][name] for name in COLUMNS}, (source, target)
    assert graph.nodes[5]["credit_limit"] == 20.0 and graph.nodes[6]["credit_limit"] == 10.0, "as last known"
    assert graph.nodes[999] == graph.nodes[999] | {"owner_kind": "outside", "bank": -1, "kind": "acquiring"}


def test_bounds_choose_payments(run: Run, rows: list[Row]) -> None:
    declined = pc.field("status") == "declined"
    graph = run.graph(start=DAY, end="2024-02-05", where=declined, columns=["amount", "transaction_id"])
    mine = [row for row in rows if date(2024, 2, 3) <= row["timestamp"].date() <= date(2024, 2, 5) and row["status"] == "declined"]
    assert mine and sorted(edge_set(graph)) == [row["transaction_id"] for row in mine]
    assert next(iter(graph.edges(data=True)))[2].keys() == {"amount", "transaction_id"}
    instant = datetime(2024, 2, 3, 12, tzinfo=UTC)
    later = run.graph(start=instant, end=instant + timedelta(hours=6))
    assert sorted(edge_set(later)) == [
        row["transaction_id"] for row in rows if timedelta(0) <= row["timestamp"] - instant <= timedelta(hours=6)
    ]


def test_truth_labels_edges_and_nodes(run: Run) -> None:
    graph = run.graph(truth=True)
    labels = {row["transaction_id"]: row for row in run.true_labels().to_pylist()}
    for _, _, key, values in graph.edges(keys=True, data=True):
        if key in labels:
            assert {name: values[name] for name in LABELS} == {name: labels[key][name] for name in LABELS}
        else:
            assert not values["is_fraud"] and not values["is_laundering"] and values["story_id"] == -1 and values["typology"] is None
    parts = defaultdict(list)
    for row in run.account_roles().to_pylist():
        parts[row["account_id"]].append(row)
    for node, values in graph.nodes(data=True):
        assert values.get("roles", []) == sorted({row["role"] for row in parts[node]})
        assert values.get("stories", []) == sorted({row["story_id"] for row in parts[node]})
        assert values.get("witting", False) == any(row["witting"] for row in parts[node])
    assert not any("roles" in values for _, values in run.graph().nodes(data=True))


@pytest.mark.parametrize("story", [0, 5, 7])
def test_a_story_is_its_labelled_payments(run: Run, rows: list[Row], story: int) -> None:
    told = {row["transaction_id"] for row in run.true_labels().to_pylist() if row["story_id"] == story}
    graph = run.graph(story=story, truth=True)
    assert set(edge_set(graph)) == told and graph.graph["story"] == story
    assert all(values["story_id"] == story for _, _, values in graph.edges(data=True))
    (plot,) = run.stories(where=pc.field("story_id") == story).to_pylist()
    cast = {part["account"] for part in plot["cast"]}
    assert set(graph) == cast
    wider = run.graph(story=story, around=1.5)
    since, until = plot["start"] - timedelta(days=1.5), plot["end"] + timedelta(days=1.5)
    near = {r["transaction_id"] for r in rows if since <= r["timestamp"] <= until and cast & {r["payer_account"], r["payee_account"]}}
    assert set(edge_set(wider)) == told | near and told < near


def test_as_of_a_day_a_story_is_what_has_happened(run: Run, rows: list[Row]) -> None:
    """Its cast is not told before its end, but who has played by then has."""
    told = [row["transaction_id"] for row in run.true_labels().to_pylist() if row["story_id"] == 5]
    (plot,) = run.stories(where=pc.field("story_id") == 5).to_pylist()
    when = (plot["start"] + (plot["end"] - plot["start"]) / 2).date()
    then = run.as_of(when)
    so_far = [payment for payment in told if rows[payment]["timestamp"].date() <= when]
    assert sorted(edge_set(then.graph(story=5, truth=True))) == sorted(so_far) and 0 < len(so_far) < len(told)
    assert max(rows[key]["timestamp"].date() for key in edge_set(then.graph(story=5, around=3))) <= when
    with pytest.raises(InputError, match="story: found '5'"):
        run.as_of(plot["start"].date() - timedelta(days=1)).graph(story=5)


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["phone", "email"]), st.integers(0, 20)), unique=True, max_size=12))
def test_the_latest_version_is_the_one_that_began_last(versions: list[tuple[int, str, int]]) -> None:
    table = pa.table({
        "id": pa.array([row[0] for row in versions], pa.int64()),
        "kind": pa.array([row[1] for row in versions], pa.string()).dictionary_encode(),
        "since": pa.array([row[2] for row in versions], pa.date32()),
    })  # fmt: skip
    found = table.take(latest([table["id"], table["kind"]], table["since"])).to_pylist()
    expected = {(number, kind): since for number, kind, since in sorted(versions, key=lambda row: row[2])}
    days = {(row["id"], row["kind"]): (row["since"] - date(1970, 1, 1)).days for row in found}
    assert days == expected and len(found) == len(expected)


def test_customers_and_merchants(run: Run, rows: list[Row]) -> None:
    graph = run.graph("customers_merchants", truth=True)
    expected = {}
    for row in rows:
        if row["merchant_id"] >= 0:
            customer, merchant = min(row["payer_account"], row["payee_account"]), f"merchant:{row['merchant_id']}"
            pair = (f"customer:{customer}", merchant)
            expected[row["transaction_id"]] = pair if row["message"] != "refund" else pair[::-1]
    assert edge_set(graph) == expected and any(row["message"] == "refund" for row in rows)
    assert graph.nodes["customer:9"]["kind"] == "business" and graph.nodes["merchant:3"]["entity"] == "merchant"
    assert sum(values["is_laundering"] for _, _, values in graph.edges(data=True)) > 0


def test_entities_tie_customers(run: Run, rows: list[Row]) -> None:
    graph = run.graph("entities", truth=True)
    assert {source for source, _ in graph.in_edges("phone:0")} == {f"customer:{number}" for number in range(4)}
    assert {target for _, target, key in graph.out_edges("customer:8", keys=True) if key == "gave"} == {"phone:2", "phone:99"}
    assert graph.edges["customer:7", "account:7", "holds"]["role"] == "primary"
    dirty = {row["transaction_id"] for row in run.true_labels().to_pylist() if row["is_laundering"]}
    paid, laundered, used = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in rows:
        if row["method"] == "instant_transfer" and row["message"] != "refund":
            who = f"customer:{row['payer_account']}"
            used[who, f"device:{row['device_id']}"] += 1
            if row["status"] == "approved":
                paid[who, f"account:{row['payee_account']}"] += 1
                laundered[who, f"account:{row['payee_account']}"] += row["transaction_id"] in dirty
    pays = {(source, target): values for source, target, key, values in graph.edges(keys=True, data=True) if key == "pays USD"}
    assert {pair: values["payments"] for pair, values in pays.items()} == paid
    assert {pair: values["laundering_payments"] for pair, values in pays.items() if values["laundering_payments"]} == +laundered
    uses = {(source, target): values for source, target, key, values in graph.edges(keys=True, data=True) if key == "uses"}
    assert {pair: values["payments"] for pair, values in uses.items() if values["payments"]} == used
    events = Counter(
        (f"customer:{row['customer_id']}", f"device:{row['device_id']}") for row in run.events().to_pylist() if row["device_id"] >= 0
    )
    assert {pair: values["events"] for pair, values in uses.items() if values["events"]} == events
    assert len([node for node, values in graph.nodes(data=True) if values["entity"] == "customer"]) == 100


def test_entities_of_a_story_are_those_at_its_payments(run: Run) -> None:
    graph = run.graph("entities", story=3)
    ends = {end for pair in edge_set(run.graph(story=3)).values() for end in pair}
    customers = {node for node, values in graph.nodes(data=True) if values["entity"] == "customer"}
    assert customers == {f"customer:{account}" for account in ends if account < 100}


def test_a_bank_sees_a_graph_of_stand_ins_without_truth(run: Run, rows: list[Row]) -> None:
    bank = run.as_of(DAY, bank=1)
    graph = bank.graph()
    mine = [row for row in rows if row["timestamp"].date() <= DAY and 1 in (row["payer_bank"], row["payee_bank"])]
    assert sorted(edge_set(graph)) == [row["transaction_id"] for row in mine]
    assert all(
        node < 2000 if values["bank"] == 1 else node >= FIRST and values.keys() == {"bank"} for node, values in graph.nodes(data=True)
    )
    edges = bank.edges()
    assert sorted(graph) == edges.nodes.tolist() and edges.is_fraud is None
    assert bank.graph("entities").number_of_edges() and bank.graph("customers_merchants").number_of_edges()
    assert run.view("scheme=card").graph(end=DAY).number_of_edges()


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda run: run.graph("account"), "kind: found 'account', expected one of accounts, customers_merchants, entities"),
        (lambda run: run.graph(story=99), "story: found '99', expected the number of a story, such as 0, 1, 2, 3, 4"),
        (lambda run: run.graph(story="mule"), "story: found 'mule', expected the number"),
        (lambda run: run.graph(story=1, around=-1), "around: found -1, expected days from 0 up"),
        (lambda run: run.graph(around=1), "around: found 1, expected days from 0 up, beside a story"),
        (lambda run: run.graph(columns=["amuont"]), "found column 'amuont'"),
        (lambda run: run.graph("entities", columns=["amount"]), "columns: found with kind 'entities'"),
        (lambda run: run.graph(start="soon"), "start: found 'soon', expected a date such as"),
        (lambda run: run.edges(end="2024-02-30"), "end: found '2024-02-30', expected a date such as"),
        (lambda run: run.graph(start="2024-02-02", end="2024-02-01"), "end: found '2024-02-01', expected a time after the start"),
        (lambda run: run.view("bank=1").graph(truth=True), "truth: found in the view 'bank=1', expected the view 'all'"),
        (lambda run: run.view("bank=1").graph(story=1), "story: found in the view 'bank=1', expected the view 'all'"),
        (lambda run: run.view("scheme=card").edges(truth=True), "truth: found in the view 'scheme=card'"),
        (lambda run: run.view("scheme=card").graph("entities"), "found in the view 'scheme=card', expected a table of it"),
        (lambda run: run.edges(["amuont"]), "found column 'amuont'"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(run: Run, ask: Any, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        ask(run)
    assert "\n" not in str(caught.value)


def test_a_large_graph_comes_with_a_warning(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_module, "MANY", 2999)
    with pytest.warns(UserWarning, match=r"3,000 payments make a large graph; .*run\.edges\(\)") as caught:
        run.graph()
    assert Path(caught[0].filename).name == Path(__file__).name


# --- edges ---


@settings(max_examples=30)
@given(data=st.data())
def test_edges_are_a_loop_over_payments(run: Run, rows: list[Row], data: st.DataObject) -> None:
    least = data.draw(st.sampled_from([0.0, 20.0, 100.0, 1e9]))
    start, end = sorted(data.draw(st.lists(st.integers(0, 50), min_size=2, max_size=2)))
    first, last = (date(2024, 1, 20) + timedelta(days) for days in (start, end))
    columns = data.draw(st.lists(st.sampled_from(["status", "currency", "settled_at", "mcc", "amount"]), unique=True))
    edges = run.edges(columns, pc.field("amount") >= least, truth=True, start=first, end=last)
    mine = [row for row in rows if row["amount"] >= least and first <= row["timestamp"].date() <= last]
    labels = {row["transaction_id"]: row for row in run.true_labels().to_pylist()}
    nodes = sorted({account for row in mine for account in (row["payer_account"], row["payee_account"])})
    assert edges.nodes.tolist() == nodes and edges.nodes.dtype == edges.source.dtype == edges.target.dtype == np.int64
    assert edges.is_fraud is not None and edges.is_laundering is not None and edges.story_id is not None
    found = zip(edges.source, edges.target, edges.transaction_id, edges.timestamp, edges.amount, edges.is_fraud, edges.is_laundering,
                edges.story_id, strict=True)  # fmt: skip
    for row, (source, target, key, time, amount, fraud, laundering, story) in zip(mine, found, strict=True):
        assert (nodes[source], nodes[target], key, amount) == (
            row["payer_account"],
            row["payee_account"],
            row["transaction_id"],
            row["amount"],
        )
        assert time.item().replace(tzinfo=UTC) == row["timestamp"]
        label = labels.get(key, {"is_fraud": False, "is_laundering": False, "story_id": -1})
        assert (fraud, laundering, story) == (label["is_fraud"], label["is_laundering"], label["story_id"])
    assert list(edges.columns) == columns
    for name in columns:
        values = edges.columns[name].tolist()
        assert [value.replace(tzinfo=UTC) if name == "settled_at" else value for value in values] == [row[name] for row in mine]


@given(st.lists(st.tuples(st.integers(-1, 5) | st.integers(2**52, 2**52 + 5), st.integers(-1, 2**40)), max_size=30), st.integers(1, 7))
def test_places_are_those_of_sorted_accounts(pairs: list[tuple[int, int]], size: int) -> None:
    columns = [
        pa.chunked_array([[pair[end] for pair in pairs[at : at + size]] for at in range(0, len(pairs), size)], pa.int64()) for end in (0, 1)
    ]
    nodes, source, target = _places(columns[0], columns[1])
    expected = sorted({account for pair in pairs for account in pair})
    assert nodes.tolist() == expected
    assert [(expected[one], expected[other]) for one, other in zip(source, target, strict=True)] == pairs


def test_masked_values_are_missing(run: Run) -> None:
    edges = run.view("bank=1").edges(["channel", "payer_balance", "device_id"])
    table = run.view("bank=1").transactions(["channel", "payer_balance"])
    assert edges.columns["channel"].tolist() == table["channel"].to_pylist() and None in edges.columns["channel"].tolist()
    assert np.isnan(edges.columns["payer_balance"]).sum() == table["payer_balance"].null_count > 0


def test_a_run_without_stories(tmp_path: Path) -> None:
    run = open_run(make_run(tmp_path, rows=50, days=3))
    edges = run.edges(truth=True)
    assert edges.is_fraud is not None and not edges.is_fraud.any() and len(edges.source) == 50
    assert run.graph(truth=True).number_of_edges() == 50
    with pytest.raises(InputError, match="but this run has none"):
        run.graph(story=0)
    assert len(run.edges(where=pc.field("amount") < 0).nodes) == 0
