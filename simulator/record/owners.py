"""Whose accounts and cards they are, by customer."""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulator.record.truth import numbers

if TYPE_CHECKING:
    from simulator.record.read import Run

type Ints = NDArray[np.int64]


def customers_of(run: "Run", accounts: pa.ChunkedArray) -> Ints:
    """The customers who own some accounts.

    Args:
        run: A run in a view that has accounts.
        accounts: `account_id` of each row.

    Returns:
        Shape (rows,), `customer_id`; -1 for accounts of others, or of whom the viewer does not know.
    """
    table = run.accounts(["account_id", "owner_id"], pc.field("owner_kind") == "customer")
    return _found(numbers(table["account_id"]), numbers(table["owner_id"]), numbers(accounts))


def card_customers(run: "Run", cards: pa.ChunkedArray) -> Ints:
    """The customers to whom some cards were issued.

    Args:
        run: A run in a view that has cards.
        cards: `card_id` of each row.

    Returns:
        Shape (rows,), `customer_id`; -1 where there is no card, or none that the viewer knows.
    """
    table = run.cards(["card_id", "customer_id"])
    return _found(numbers(table["card_id"]), numbers(table["customer_id"]), numbers(cards))


def _found(keys: Ints, values: Ints, wanted: Ints) -> Ints:
    """The value of each wanted key; -1 where there is none. Versions of one thing have the same value."""
    if not len(keys):
        return np.full(len(wanted), -1, np.int64)
    order = np.argsort(keys, kind="stable")
    place = np.searchsorted(keys[order], wanted, "right") - 1
    found: Ints = np.where(keys[order][place] == wanted, values[order][place], -1)
    return found
