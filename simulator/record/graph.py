"""A run as a NetworkX graph: small worlds, single stories, a few days of a large one."""

import warnings
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from simulator.errors import InputError
from simulator.record.entity_graph import add_entities
from simulator.record.graph_nodes import account_nodes, entity_nodes
from simulator.record.owners import card_customers, customers_of
from simulator.record.selection import selection
from simulator.record.truth import LABELS, label_rows, need_truth, numbers

if TYPE_CHECKING:
    import networkx as nx

    from simulator.record.read import Run

KINDS = ("accounts", "customers_merchants", "entities")
COLUMNS = ("timestamp", "message", "amount", "currency", "method", "channel", "purpose", "status")
"""What an edge says of its payment by default."""
MANY = 500_000
"""Payments from which on a graph comes with a warning: NetworkX takes about 1 GB for a million."""

_UNLABELLED = dict.fromkeys(LABELS) | {"is_fraud": False, "is_laundering": False, "story_id": -1}
_ENDS = ("payer_account", "payee_account", "payer_bank", "payee_bank")


def graph_of(
    run: "Run",
    kind: str = "accounts",
    truth: bool = False,
    story: int | None = None,
    *,
    around: float | None = None,
    columns: Sequence[str] | None = None,
    where: ds.Expression | None = None,
    start: str | date | datetime | None = None,
    end: str | date | datetime | None = None,
) -> "nx.MultiDiGraph[Any]":
    """The run as a graph.

    - `accounts`: a node for each account at an end of a chosen payment, by `account_id`, with its columns as last known; an edge from
      payer to payee for each payment, its key the `transaction_id`. All attempts are edges, declined ones and holds too. The node -1,
      where there is one, is not one account but all that nobody knows.
    - `customers_merchants`: nodes `customer:ID` and `merchant:ID`; an edge for each payment between a customer's account and a merchant,
      in the direction of the payment. The customer is the card's holder where a card was used.
    - `entities`: nodes `customer:ID`, `account:ID`, `device:ID` and shared or unshared `phone:TOKEN`, `email:TOKEN`, `address:TOKEN`…;
      edges from a customer say what ties it to them (the key): `holds`, `uses`, `gave`, and `pays CURRENCY` for accounts paid by
      transfer. With a bound (story, where, start or end) only of customers at an end of a chosen payment.

    Args:
        run: A run in some view.
        kind: `accounts`, `customers_merchants` or `entities`.
        truth: Also labels: on nodes of accounts that play in a story, look-alikes among them, `roles`, `stories` (lists) and `witting`;
            on edges of payments the columns `LABELS` of `truth/labels` (None, False or -1 where a payment has no label); on edges of
            entities the numbers of fraud and laundering payments.
        story: Only the labelled payments of this story.
        around: With a story, also all other payments of its cast from this many days before its first payment to as many after its last.
        columns: Columns of the payments that edges carry; `COLUMNS` by default.
        where: A `pyarrow.compute` expression on payments; only those for which it is true.
        start: First UTC day, or instant; as text in ISO 8601.
        end: Last UTC day, counted to its end, or instant.

    Returns:
        The graph; times are UTC, amounts in currency units. Above `MANY` payments a warning says so: `edges` has no such limit.

    Raises:
        InputError: There is no such kind, story or column, a bound is no date, or the truth is asked of a view that may not see it.
    """
    import networkx as nx

    if kind not in KINDS:
        raise InputError(f"kind: found {str(kind)[:60]!r}, expected one of {', '.join(KINDS)}")
    if kind == "entities" and columns is not None:
        raise InputError("columns: found with kind 'entities', expected none: its edges are not single payments")
    if truth:
        need_truth(run, "truth")
    chosen = selection(run, where, start, end, story, around)
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(kind=kind, view=str(run.viewpoint))
    if story is not None:
        graph.graph["story"] = int(story)
    if kind == "entities":
        add_entities(graph, run, chosen, truth)
    else:
        (_add_accounts if kind == "accounts" else _add_customers)(graph, run, chosen, list(COLUMNS if columns is None else columns), truth)
    return graph


def _payments(run: "Run", columns: Sequence[str], chosen: ds.Expression | None) -> pa.Table:
    table = run.table("transactions", list(dict.fromkeys(["transaction_id", *columns])), chosen)
    if table.num_rows > MANY:
        say = f"{table.num_rows:,} payments make a large graph; narrow it with story=, where=, start= or end=, or take run.edges()"
        warnings.warn(say, stacklevel=4)
    return table


def _add_accounts(graph: "nx.MultiDiGraph[Any]", run: "Run", chosen: ds.Expression | None, columns: list[str], truth: bool) -> None:
    table = _payments(run, [*columns, *_ENDS], chosen)
    ends = [numbers(table[name]) for name in _ENDS[:2]]
    banks = [table[name].to_pylist() for name in _ENDS[2:]]
    # Of whom nothing else is known, their payments tell the bank.
    for accounts, bank in zip(ends, banks, strict=True):
        graph.add_nodes_from((account, {"bank": held_by}) for account, held_by in zip(accounts.tolist(), bank, strict=True))
    if -1 in graph:
        del graph.nodes[-1]["bank"]
    graph.add_nodes_from(account_nodes(run, np.unique(np.concatenate(ends)), truth).items())
    _add_payments(graph, run, table, ends[0].tolist(), ends[1].tolist(), columns, truth)


def _add_customers(graph: "nx.MultiDiGraph[Any]", run: "Run", chosen: ds.Expression | None, columns: list[str], truth: bool) -> None:
    at_merchants = pc.field("merchant_id") >= 0
    chosen = at_merchants if chosen is None else chosen & at_merchants
    table = _payments(run, [*columns, *_ENDS[:2], "card_id", "merchant_id"], chosen)
    payer, payee = (customers_of(run, table[name]) for name in _ENDS[:2])
    holder = card_customers(run, table["card_id"])
    customer = np.where(holder >= 0, holder, np.where(payer >= 0, payer, payee))
    known = (payer >= 0) | (payee >= 0)
    table, outgoing, customer = table.filter(pa.array(known)), payer[known] >= 0, customer[known]
    merchant = numbers(table["merchant_id"])
    for name, ids in (("customer", customer), ("merchant", merchant)):
        graph.add_nodes_from(entity_nodes(run, name, np.unique(ids)).items())
    pairs = [(f"customer:{one}", f"merchant:{other}") for one, other in zip(customer.tolist(), merchant.tolist(), strict=True)]
    pairs = [pair if out else pair[::-1] for pair, out in zip(pairs, outgoing.tolist(), strict=True)]
    _add_payments(graph, run, table, [pair[0] for pair in pairs], [pair[1] for pair in pairs], columns, truth)


def _add_payments(
    graph: "nx.MultiDiGraph[Any]",
    run: "Run",
    table: pa.Table,
    sources: Sequence[Any],
    targets: Sequence[Any],
    columns: Sequence[str],
    truth: bool,
) -> None:
    keys = numbers(table["transaction_id"])
    said: list[dict[str, Any]] = table.select(columns).to_pylist() if columns else [{} for _ in sources]
    if truth:
        labels: dict[int, Mapping[str, Any]] = {}
        rows, place = label_rows(run, keys)
        for row, number in zip(rows.select(list(LABELS)).to_pylist(), place.tolist(), strict=True):
            labels[number] = row
        for number, values in enumerate(said):
            values.update(labels.get(number, _UNLABELLED))
    for source, target, key, values in zip(sources, targets, keys.tolist(), said, strict=True):
        graph.add_edge(source, target, key, **values)
