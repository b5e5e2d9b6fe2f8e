"""Payments of a run as readers of AMLworld take them: rows in which money moved, in order of time, with what laundering they are."""

from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from calibration.facts import Floats, Ints
from simulator.audit.leaks.sheet import Flags
from simulator.export.amlworld_words import FORMATS, PATTERNS
from simulator.record.read import Run

LONE = "L16"
"""The typology of a single payment of a launderer."""
PARTS = (0.6, 0.2)
"""Shares of the days to learn from and to choose the threshold on; the rest is the test. Readers of AMLworld split so."""
MOVED = (pc.field("status") == "approved") & ~pc.field("message").isin(["authorisation", "reversal"]) & (pc.field("amount") > 0)
"""Rows that `ledgerfolk export --to amlworld` writes."""

_COLUMNS = ("currency", "credited_amount", "credited_currency", "method", "payer_bank", "payee_bank")
_STILL = ("Credit Card", "Reinvestment")
_DAY = 86_400


class Payments(NamedTuple):
    """Payments in order of time; E rows.

    Attributes:
        source: Shape (E,), the payer's account, a dense code below `accounts`.
        target: Shape (E,), the payee's account likewise.
        second: Shape (E,), seconds since the midnight (UTC) before the first row.
        amount: Shape (E,), what was paid, in units of its own currency.
        credited: Shape (E,), what was received, in units of its own currency.
        words: Currency paid, currency received and payment format (AMLworld's words), shape (E,) of codes each.
        names: Of each of `words`, the words by code.
        guilty: Shape (E,), whether it is laundering.
        story: Shape (E,), its story; -1 for innocent rows.
        group: Shape (E,), code in `groups` of a guilty row's shape; -1 for innocent rows.
        groups: Shapes: AMLworld's patterns, single payments, and all other typologies together.
        accounts: Number of accounts.
        banks: Number of banks.
    """

    source: Ints
    target: Ints
    second: Ints
    amount: Floats
    credited: Floats
    words: dict[str, Ints]
    names: dict[str, list[str]]
    guilty: Flags
    story: Ints
    group: Ints
    groups: list[str]
    accounts: int
    banks: int

    @property
    def day(self) -> Ints:
        """Day of each row, from 0."""
        return self.second // _DAY

    @property
    def moves(self) -> Flags:
        """Rows that a path of money may follow: transfers, cheques and notes, not purchases by card nor a bank's own bookings."""
        still = [code for code, word in enumerate(self.names["format"]) if word in _STILL]
        return ~np.isin(self.words["format"], still)

    def parts(self) -> Ints:
        """Of each row 0 where models learn from it, 1 where the threshold is chosen, 2 in the test: by whole days."""
        days = int(self.day.max(initial=0)) + 1
        ends = np.round(np.cumsum(PARTS) * days).astype(np.int64)
        return np.searchsorted(ends, self.day, side="right").astype(np.int64)


def payments(run: Run) -> Payments:
    """Read the payments of a run that moved money.

    Args:
        run: In the pooled view.

    Returns:
        Its payments with the truth.

    Raises:
        InputError: The view may not see the truth.
    """
    edges = run.edges(_COLUMNS, MOVED, truth=True)
    assert edges.story_id is not None and edges.is_laundering is not None
    order = np.argsort(edges.timestamp, kind="stable")
    second = edges.timestamp[order].astype("datetime64[s]").astype(np.int64)
    second -= second[:1] // _DAY * _DAY
    columns = {name: values[order] for name, values in edges.columns.items()}
    formats = np.array([FORMATS[str(word)] for word in columns["method"]], object)
    named = {"currency": columns["currency"], "credited_currency": columns["credited_currency"], "format": formats}
    coded = {name: np.unique(values.astype(str), return_inverse=True) for name, values in named.items()}
    guilty = edges.is_laundering[order]
    story = np.where(guilty, edges.story_id[order], -1)
    groups, group = _groups(run, story)
    return Payments(
        edges.source[order], edges.target[order], second, edges.amount[order], columns["credited_amount"].astype(np.float64),
        {name: codes.astype(np.int64) for name, (_, codes) in coded.items()}, {name: words.tolist() for name, (words, _) in coded.items()},
        guilty, story, group, groups, len(edges.nodes),
        int((np.unique(np.concatenate([columns["payer_bank"], columns["payee_bank"]])) >= 0).sum()),
    )  # fmt: skip


def _groups(run: Run, story: Ints) -> tuple[list[str], Ints]:
    """Shapes by name, and which one each guilty row is of."""
    groups = [*(word.lower() for word in PATTERNS.values()), "single payment", "other typologies"]
    place = {typology: number for number, typology in enumerate([*PATTERNS, LONE])}
    table = run.stories(["story_id", "typology"])
    ids = table["story_id"].to_numpy().astype(np.int64)
    kinds = np.array([place.get(str(word)[:3], len(place)) for word in table["typology"].to_pylist()], np.int64)
    group = np.full(len(story), -1, np.int64)
    mine = story >= 0
    order = np.argsort(ids)
    group[mine] = kinds[order][np.searchsorted(ids, story[mine], sorter=order)]
    return groups, group


def permuted(of: Payments, seed: int) -> Payments:
    """The same payments with the counterparties of guilty rows exchanged among them: times, amounts and words stay.

    Args:
        of: Payments.
        seed: Of the lot.

    Returns:
        Payments in which guilty rows have each other's payers and each other's payees, drawn apart. No row pays itself for that:
        rows that would are drawn anew among themselves and a few others.
    """
    lot = np.random.default_rng(seed)
    rows = np.flatnonzero(of.guilty)
    source, target = of.source.copy(), of.target.copy()
    source[rows], target[rows] = source[lot.permutation(rows)], target[lot.permutation(rows)]
    for _ in range(100):
        own = rows[source[rows] == target[rows]]
        if not len(own):
            break
        mixed = np.concatenate([own, lot.choice(rows, min(len(rows), 4 * len(own)), replace=False)])
        mixed = np.unique(mixed)
        target[mixed] = target[lot.permutation(mixed)]
    return of._replace(source=source, target=target)
