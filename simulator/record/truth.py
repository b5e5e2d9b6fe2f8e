"""The truth of some payments and accounts: for graphs and edge lists that are labelled, or cut to a story."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulator.errors import InputError

if TYPE_CHECKING:
    from simulator.record.read import Run

type Ints = NDArray[np.int64]

LABELS = ("is_fraud", "is_laundering", "typology", "story_id", "lookalike_of", "act", "stage")
"""What an edge says of its payment where the truth is asked for."""


class Story(NamedTuple):
    """What of a run is a story's.

    Attributes:
        payments: `transaction_id` of its labelled payments, ascending.
        cast: Accounts that play in it, ascending.
    """

    payments: Ints
    cast: Ints


def need_truth(run: "Run", what: str) -> None:
    """Refuse who may not see the truth.

    Args:
        run: A run in some view.
        what: What was asked for, to name in the message.

    Raises:
        InputError: The view is a bank's or a card network's.
    """
    if not run.viewpoint.pooled:
        raise InputError(f"{what}: found in the view '{run.viewpoint.name}', expected the view 'all': nobody else sees the truth")


def label_rows(run: "Run", payments: Ints) -> tuple[pa.Table, Ints]:
    """The true labels of some payments.

    Args:
        run: A run in the pooled view.
        payments: Shape (payments,), `transaction_id`, ascending.

    Returns:
        Rows of `truth/labels` with the columns `LABELS`, and of each the place of its payment in `payments`.
    """
    table = run.table("truth/labels", ["transaction_id", *LABELS])
    labelled = numbers(table["transaction_id"])
    place = np.searchsorted(payments, labelled)
    inside = place < len(payments)
    inside[inside] = payments[place[inside]] == labelled[inside]
    return table.filter(pa.array(inside)), place[inside].astype(np.int64)


def roles_of(run: "Run", accounts: Ints) -> dict[int, dict[str, Any]]:
    """The parts that accounts play in stories, look-alikes among them.

    Args:
        run: A run in the pooled view.
        accounts: `account_id` of those that are asked about.

    Returns:
        By account that has a part: `roles` and `stories`, each once and in order, and whether `witting` in any of them.
    """
    table = run.account_roles(["account_id", "story_id", "role", "witting"], pc.field("account_id").isin(pa.array(accounts)))
    found: dict[int, dict[str, Any]] = {}
    for row in table.to_pylist():
        node = found.setdefault(row["account_id"], {"roles": set(), "witting": False, "stories": set()})
        node["roles"].add(row["role"])
        node["stories"].add(row["story_id"])
        node["witting"] |= row["witting"]
    return {account: node | {"roles": sorted(node["roles"]), "stories": sorted(node["stories"])} for account, node in found.items()}


def story_of(run: "Run", story: int) -> Story:
    """The payments and the cast of a story.

    Args:
        run: A run in the pooled view.
        story: Its `story_id`.

    Raises:
        InputError: There is no such story, or the view is another's.
    """
    need_truth(run, "story")
    known = isinstance(story, int | np.integer) and not isinstance(story, bool)
    mine = pc.field("story_id") == (int(story) if known else -1)
    told = run.stories(["cast"], mine).to_pylist() if known else []
    if not told:
        first = run.stories(["story_id"])["story_id"].slice(0, 5).to_pylist()
        some = f"such as {', '.join(map(str, first))} (run.stories() lists them)" if first else "but this run has none"
        raise InputError(f"story: found {str(story)[:60]!r}, expected the number of a story, {some}")
    payments = run.table("truth/labels", ["transaction_id"], mine)["transaction_id"]
    accounts = [part["account"] for row in told for part in row["cast"] or ()]
    accounts += run.account_roles(["account_id"], mine)["account_id"].to_pylist()
    cast = np.unique(np.array(accounts, np.int64))
    return Story(np.unique(numbers(payments)), cast[cast >= 0])


def numbers(column: pa.ChunkedArray) -> Ints:
    """A column of keys as an array."""
    values: Ints = column.to_numpy().astype(np.int64, copy=False)
    return values
