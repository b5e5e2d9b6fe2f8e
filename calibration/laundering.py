"""Payments of a run as readers of AMLworld take them: rows in which money moved, in order of time, with what laundering they are."""

from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc

from calibration.facts import Floats, Ints
from simulator.audit.leaks.sheet import Flags
from simulator.audit.lot import For, lots, shuffled
from simulator.export.amlworld_words import FORMATS, PATTERNS
from simulator.record.read import Run

LONE = "L16"
"""The typology of a single payment of a launderer."""
PARTS = (0.6, 0.2)
"""Shares of the days to learn from and to choose the threshold on; the rest is the test. Readers of AMLworld split so."""
MOVED = (pc.field("status") == "approved") & ~pc.field("message").isin(["authorisation", "reversal"]) & (pc.field("amount") > 0)
"""Rows that `ledgerfolk export --to amlworld` writes."""

WORDS = ("currency", "credited_currency", "method", "channel", "purpose")

_COLUMNS = (*WORDS, "credited_amount", "payer_bank", "payee_bank")
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
        words: Currency paid, currency received, method, channel and purpose, shape (E,) of codes each.
        names: Of each of `words`, the words by code.
        kind: Shape (E,), code of all its words together.
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
    kind: Ints
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
        still = [code for code, word in enumerate(self.names["method"]) if FORMATS[word] in _STILL]
        return ~np.isin(self.words["method"], still)

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
    coded = {name: np.unique(columns[name].astype(str), return_inverse=True) for name in WORDS}
    kind = np.zeros(len(order), np.int64)
    for words, codes in coded.values():
        kind = kind * len(words) + codes
    guilty = edges.is_laundering[order]
    story = np.where(guilty, edges.story_id[order], -1)
    groups, group = _groups(run, story)
    return Payments(
        edges.source[order], edges.target[order], second, edges.amount[order], columns["credited_amount"].astype(np.float64),
        {name: codes.astype(np.int64) for name, (_, codes) in coded.items()}, {name: words.tolist() for name, (words, _) in coded.items()},
        kind, guilty, story, group, groups, len(edges.nodes),
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


def permuted(of: Payments, seed: int, others: bool = False) -> Payments:
    """The same payments with the ends of guilty rows exchanged: what a row says by itself stays as it is, and so does its truth.

    Args:
        of: Payments.
        seed: Of the lot.
        others: False to exchange payees among guilty rows of one kind, so that the same accounts are in it without their order; True to
            exchange payer and payee with an innocent row of the same kind, of about the sum and of the same day where there is one, so
            that nothing of the stories is left in the graph.

    Returns:
        Payments with other ends. Rows for which there is no other row of the kind keep theirs.
    """
    source, target = of.source.copy(), of.target.copy()
    guilty = np.flatnonzero(of.guilty)
    if others:
        mine, other = _matched(of, guilty, seed)
        for ends in (source, target):
            ends[mine], ends[other] = ends[other], ends[mine]
        return of._replace(source=source, target=target)
    for kind in np.unique(of.kind[guilty]):
        rows = guilty[of.kind[guilty] == kind]
        target[rows] = target[shuffled(rows, For.EXCHANGED, seed)]
        # Nobody pays themselves: such a row gives its payee to another one.
        own = rows[source[rows] == target[rows]]
        for row, word in zip(own, lots(len(own), For.PAYEE, seed).tolist(), strict=True):
            free = rows[(source[rows] != target[row]) & (target[rows] != source[row])]
            if len(free):
                other = free[word * len(free) >> 32]
                target[row], target[other] = target[other], target[row]
    return of._replace(source=source, target=target)


def _matched(of: Payments, guilty: Ints, seed: int) -> tuple[Ints, Ints]:
    """Each guilty row with an innocent one as like it as there is, none twice."""
    size = np.log2(of.amount).astype(np.int64)
    kind = of.kind * 128 + size - size.min(initial=0)
    innocent = shuffled(np.flatnonzero(~of.guilty & np.isin(of.kind, of.kind[guilty])), For.EXCHANGED, seed)
    pairs = []
    for stratum in (kind * (int(of.day.max(initial=0)) + 1) + of.day, kind, of.kind):
        ranked = []
        for rows in (guilty, innocent):
            # The first guilty row of a stratum goes with its first innocent one, the second with the second.
            rows = rows[np.argsort(stratum[rows], kind="stable")]
            place = np.arange(len(rows)) - np.searchsorted(stratum[rows], stratum[rows])
            ranked.append((rows, stratum[rows] * len(stratum) + place))
        _, mine, other = np.intersect1d(ranked[0][1], ranked[1][1], return_indices=True)
        pairs.append((ranked[0][0][mine], ranked[1][0][other]))
        guilty, innocent = np.setdiff1d(guilty, pairs[-1][0]), innocent[~np.isin(innocent, pairs[-1][1])]
    return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])
