"""What is known of the nodes of a graph: the columns of their tables, as last known."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulator.record.truth import roles_of
from simulator.record.versions import latest

if TYPE_CHECKING:
    from simulator.record.read import Run

type Ints = NDArray[np.int64]


def account_nodes(run: "Run", accounts: Ints, truth: bool) -> dict[int, dict[str, Any]]:
    """What is known of some accounts, by `account_id`: their columns as last known, and with the truth their parts in stories."""
    if "accounts" not in run.tables:
        return {}
    table = run.accounts(where=pc.field("account_id").isin(pa.array(accounts)))
    table = table.take(latest([table["account_id"]], table["valid_from"]))
    nodes = {row.pop("account_id"): row for row in table.to_pylist()}
    if truth:
        for account, parts in roles_of(run, accounts).items():
            nodes.setdefault(account, {}).update(parts)
    return nodes


def entity_nodes(run: "Run", name: str, ids: Ints) -> dict[str, dict[str, Any]]:
    """Nodes of customers, merchants or devices with their columns as last known.

    Args:
        run: A run in some view.
        name: `customer`, `merchant` or `device`.
        ids: Their keys.
    """
    key = f"{name}_id"
    table = run.table(f"{name}s", where=pc.field(key).isin(pa.array(ids)))
    table = table.take(latest([table[key]], table["valid_from"]))
    found: dict[str, dict[str, Any]] = {f"{name}:{number}": {"entity": name} for number in ids.tolist()}
    for row in table.to_pylist():
        found[f"{name}:{row.pop(key)}"].update(row)
    return found
