"""The graph of entities: customers with the accounts, devices, identifiers and payees that tie them together."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from numpy.typing import NDArray

from simulator.record.graph_nodes import account_nodes, entity_nodes
from simulator.record.owners import customers_of
from simulator.record.truth import label_rows, numbers
from simulator.record.versions import latest

if TYPE_CHECKING:
    import networkx as nx

    from simulator.record.read import Run

type Ints = NDArray[np.int64]
type Graph = "nx.MultiDiGraph[Any]"

TRANSFERS = ("instant_transfer", "batch_transfer", "wire")
"""Methods whose payees a customer names."""

_COLUMNS = ("transaction_id", "timestamp", "payer_account", "payee_account", "amount", "currency", "method", "device_id", "status")


def add_entities(graph: Graph, run: "Run", chosen: ds.Expression | None, truth: bool) -> None:
    """Fill a graph with entities and what ties them.

    Args:
        graph: The graph.
        run: A run in a view that has customers.
        chosen: A condition on payments; where there is one, only customers at an end of such a payment.
        truth: Also labels.
    """
    payments = run.table("transactions", list(_COLUMNS), chosen)
    payments = payments.set_column(_COLUMNS.index("currency"), "currency", payments["currency"].cast(pa.string()))
    payer, payee = (customers_of(run, payments[name]) for name in _COLUMNS[2:4])
    payments = _counted(payments.append_column("customer_id", pa.array(payer)), payments=1, events=0)
    if truth:
        payments = _labelled(run, payments)
    if chosen is None:
        customers = np.unique(numbers(run.customers(["customer_id"])["customer_id"]))
    else:
        customers = np.unique(np.concatenate([payer, payee]))
    graph.add_nodes_from(entity_nodes(run, "customer", customers[customers >= 0]).items())
    payments = payments.filter(pc.field("customer_id") >= 0)
    theirs = pc.field("customer_id").isin(pa.array(customers[customers >= 0]))
    _add_accounts(graph, run, payments, theirs, truth)
    _add_devices(graph, run, payments, theirs)
    _add_identifiers(graph, run, theirs)


def _counted(table: pa.Table, **ones: int) -> pa.Table:
    """With columns that hold the same number in each row, to be summed."""
    for name, number in ones.items():
        table = table.append_column(name, pa.array(np.full(table.num_rows, number, np.int64)))
    return table


def _labelled(run: "Run", payments: pa.Table) -> pa.Table:
    labels, place = label_rows(run, numbers(payments["transaction_id"]))
    for name, label in (("fraud_payments", "is_fraud"), ("laundering_payments", "is_laundering")):
        counted = np.zeros(payments.num_rows, np.int64)
        counted[place] = labels[label].to_numpy()
        payments = payments.append_column(name, pa.array(counted))
    return payments


def _add_accounts(graph: Graph, run: "Run", payments: pa.Table, of_customers: ds.Expression, truth: bool) -> None:
    """Accounts that customers hold, and those they pay by transfer."""
    held = run.holders(where=of_customers)
    held = held.take(latest([held["customer_id"], held["account_id"]], held["valid_from"]))
    transfers = pc.field("method").isin(list(TRANSFERS)) & (pc.field("status") == "approved")
    sums = ["payments", "amount"] + (["fraud_payments", "laundering_payments"] if truth else [])
    paid = _gathered(payments.filter(transfers), ["customer_id", "payee_account", "currency"], sums)
    accounts = np.unique(np.concatenate([numbers(held["account_id"]), numbers(paid["payee_account"])]))
    known = account_nodes(run, accounts, truth)
    graph.add_nodes_from((f"account:{account}", {"entity": "account"} | known.get(account, {})) for account in accounts.tolist())
    for row in held.to_pylist():
        graph.add_edge(f"customer:{row.pop('customer_id')}", f"account:{row.pop('account_id')}", "holds", **row)
    for row in paid.to_pylist():
        ends = f"customer:{row.pop('customer_id')}", f"account:{row.pop('payee_account')}"
        graph.add_edge(*ends, f"pays {row['currency']}", **row)


def _add_devices(graph: Graph, run: "Run", payments: pa.Table, of_customers: ds.Expression) -> None:
    """Devices that customers paid from, or that their bank met in events."""
    columns = ["customer_id", "device_id", "timestamp"]
    met = _counted(run.events(columns, of_customers & (pc.field("device_id") >= 0)), payments=0, events=1)
    paid = payments.filter(pc.field("device_id") >= 0).select(met.column_names)
    used = _gathered(pa.concat_tables([paid.cast(met.schema), met]), columns[:2], ["payments", "events"])
    graph.add_nodes_from(entity_nodes(run, "device", np.unique(numbers(used["device_id"]))).items())
    for row in used.to_pylist():
        graph.add_edge(f"customer:{row.pop('customer_id')}", f"device:{row.pop('device_id')}", "uses", **row)


def _add_identifiers(graph: Graph, run: "Run", of_customers: ds.Expression) -> None:
    """What customers gave: a token that several of them gave ties them."""
    given = run.identifiers(where=of_customers)
    given = given.take(latest([given["customer_id"], given["kind"], given["token"]], given["valid_from"]))
    for row in given.to_pylist():
        kind = row.pop("kind")
        node = f"{kind}:{row.pop('token')}"
        graph.add_node(node, entity=kind)
        graph.add_edge(f"customer:{row.pop('customer_id')}", node, "gave", **row)


def _gathered(table: pa.Table, keys: list[str], sums: list[str]) -> pa.Table:
    """Rows by key, in its order: the first and last time, and sums."""
    found = table.group_by(keys).aggregate([("timestamp", "min"), ("timestamp", "max"), *((name, "sum") for name in sums)])
    found = found.rename_columns([*keys, "first", "last", *sums])
    return found.sort_by([(key, "ascending") for key in keys])
