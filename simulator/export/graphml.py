"""GraphML: the graph of accounts and payments, of a small world or a single story, for Gephi, yEd, NetworkX, igraph and others.

Nodes are accounts, edges payments (`Run.graph`), in the pooled view with their true labels. Dates and times are text in ISO 8601, lists
are JSON, what is missing is left out.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from simulator.errors import InputError
from simulator.record.read import Run
from simulator.record.selection import selection

ABOUT = "the graph of accounts and payments for small worlds, or of one story (--story)"
STORIES = True
"""Can write a single story."""
NOTES = ("Tables other than accounts and payments, and most columns of payments.",)
LIMIT = 100_000
"""Payments that a file may hold: at this size it is some 100 MB, and programs that draw graphs have long given up."""


def write(run: Run, folder: Path, story: int | None = None, around: float | None = None) -> dict[str, int]:
    """Write the graph of accounts.

    Args:
        run: The run, in a view.
        folder: An empty folder.
        story: Only the labelled payments of this story.
        around: With a story, also other payments of its cast from this many days before to as many after.

    Returns:
        Edges by file.

    Raises:
        InputError: There are more than `LIMIT` payments, there is no such story, or the view may not see it.
    """
    import networkx as nx

    chosen = selection(run, story=story, around=around)
    payments = 0
    for batch in run.batches("transactions", ["transaction_id"], chosen):
        payments += len(batch)
        if payments > LIMIT:
            less = "fewer days --around it" if story is not None else "a story (--story ID), run.graph(start=, end=, where=) from Python"
            raise InputError(f"--to graphml: found more than {LIMIT:,} payments, expected at most that: take {less}, or --to csv")
    graph = run.graph(truth=run.viewpoint.pooled, story=story, around=around)
    name = "accounts.graphml" if story is None else f"story-{story}.graphml"
    nx.write_graphml_xml(plain(graph), folder / name, prettyprint=True)
    return {name: graph.number_of_edges()}


def plain(graph: Any) -> Any:
    """A graph with nothing but what GraphML can hold: text, numbers and flags.

    Args:
        graph: A graph of `Run.graph`; it is left as it is.

    Returns:
        Another one.
    """
    made = graph.__class__(**_plain(graph.graph))
    made.add_nodes_from((node, _plain(values)) for node, values in graph.nodes(data=True))
    for source, target, key, values in graph.edges(keys=True, data=True):
        made.add_edge(source, target, key, **_plain(values))
    return made


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _spelt(value) for name, value in values.items() if value is not None}


def _spelt(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
