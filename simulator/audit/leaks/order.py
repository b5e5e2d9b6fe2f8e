"""Order: whether ids, or places in the file, tell guilty rows from others."""

import numpy as np
import pandas as pd

from simulator.audit.leaks.bounds import ADJACENT, ORDER
from simulator.audit.leaks.chance import Contrast, contrast, gap, ranking
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.sheet import Flags, Floats, Ints, Sheet, cells

STEPS = 200
"""Ranks are measured in steps of half a percent."""


def transaction_ids(sheet: Sheet) -> Finding:
    """Ids of transactions within their hour."""
    auc = _within_hour(sheet, sheet.column("transaction_id"))
    return finding("transaction_id_order", auc, ORDER, "AUC of the transaction id's rank within its hour")


def file_order(sheet: Sheet) -> Finding:
    """Places in the file within their hour."""
    auc = _within_hour(sheet, np.arange(len(sheet)))
    return finding("file_order", auc, ORDER, "AUC of the row's place in the file within its hour")


def adjacent(sheet: Sheet) -> Finding:
    """Guilty rows that follow one of another story directly: blocks that were put in together."""
    guilty, story = sheet.guilty, sheet.story
    next_to = np.zeros(len(sheet), bool)
    next_to[1:] = guilty[1:] & guilty[:-1] & (story[1:] != story[:-1])
    hour = cells([sheet.day(), sheet.hour()], len(sheet)) if sheet.has("timestamp") else np.zeros(len(sheet), np.int64)
    mine, many = np.bincount(hour[guilty], minlength=int(hour.max()) + 1)[hour], np.bincount(hour)[hour]
    expected = float(((mine - 1) / np.maximum(many - 1, 1))[guilty].mean())
    found = float(next_to[guilty].mean())
    size = sheet.independent(guilty)
    of = Contrast(np.array([1 - found, found]), np.array([1 - expected, expected]), size, size, 0.0)
    counts = "share of guilty rows that follow one of another story directly, beyond that of their hour"
    return finding("adjacent_rows", gap(of, both=False), ADJACENT, counts, f"{found:.1%} against {expected:.1%}")


def _within_hour(sheet: Sheet, order: Ints) -> float:
    """Rank within day and hour: ids that follow the clock say when a payment was made, which is no leak of theirs."""
    hour = cells([sheet.day(), sheet.hour()], len(sheet)) if sheet.has("timestamp") else np.zeros(len(sheet), np.int64)
    rank = pd.Series(order).groupby(hour).rank(method="average").to_numpy()
    many = np.bincount(hour)[hour]
    return ranking(contrast(sheet, np.minimum(((rank - 0.5) / many * STEPS), STEPS - 1).astype(np.int64), hour))


def ids(name: str) -> Check:
    """The ids of one kind of entity."""

    def run(sheet: Sheet) -> Finding | None:
        keys = sheet.column(name).astype(np.int64)
        own = guilty_entities(sheet, keys)
        if not len(own):
            return None
        kind = _kinds(sheet, name)
        rows = ~sheet.guilty & ~sheet.lookalike & (keys >= 0)
        by_row = _auc(sheet, own, keys[rows], kind)
        by_entity = _auc(sheet, own, pd.unique(keys[rows]), kind)
        # Whoever is chosen, by how much they pay or each alike: order may follow from either.
        auc = min(by_row, by_entity)
        return finding(f"{name}_order", auc, ORDER, f"AUC of {name} among those of guilty rows, against others opened as late")

    return Check(run, (name,))


def guilty_entities(sheet: Sheet, keys: Ints) -> Ints:
    """Distinct keys of guilty rows."""
    found: Ints = np.unique(keys[sheet.guilty & (keys >= 0)])
    return found


def independent_entities(sheet: Sheet, entities: int) -> float:
    """Entities of one story were chosen together: no more independent choices than stories allow, a few each."""
    return float(min(entities, max(sheet.independent(sheet.guilty), 1.0) * max(entities / max(int(sheet.guilty.sum()), 1), 1.0)))


def _kinds(sheet: Sheet, name: str) -> pd.Series | None:
    """The cell of each account: its kind, its owner's kind, whether it was opened in the run."""
    accounts = sheet.table("accounts") if name in ("payer_account", "payee_account") else None
    if accounts is None or not len(accounts) or not sheet.has("timestamp"):
        return None
    first = accounts.drop_duplicates("account_id")
    start = pd.Timestamp(int(sheet.column("timestamp").min()), unit="us").normalize()
    young = pd.to_datetime(first["opened"]) > start
    kind = first["kind"].astype(str) + " " + first["owner_kind"].astype(str) + " " + young.astype(str)
    return pd.Series(kind.to_numpy(), index=first["account_id"].to_numpy())


def _auc(sheet: Sheet, own: Ints, others: Ints, kind: pd.Series | None) -> float:
    """AUC of ids within the cells of `kind`, guilty entities against other ones."""
    keys = np.concatenate([own, others])
    mine = np.arange(len(keys)) < len(own)
    cell = np.zeros(len(keys), np.int64)
    if kind is not None:
        cell = pd.factorize(kind.reindex(keys).fillna("").to_numpy())[0].astype(np.int64)
    rank = _percent(keys, cell)
    size = independent_entities(sheet, len(own))
    found, expected, spread = _mixes(rank, cell, mine)
    return ranking(Contrast(found, expected, size, max(spread, 1.0), 0.0)) if found.sum() else 0.5


def _percent(keys: Ints, cell: Ints) -> Ints:
    """Step of the key among the distinct keys of its cell."""
    low = pd.Series(keys).groupby(cell).rank(method="average", pct=True).to_numpy()
    return np.minimum((low * STEPS).astype(np.int64), STEPS - 1)


def _mixes(value: Ints, cell: Ints, mine: Flags) -> tuple[Floats, Floats, float]:
    """The mix of values of some entities and, with their mix of cells, of the others; and how many others that is worth."""
    sheet = Sheet.of({}, mine)
    of = contrast(sheet, value, cell)
    return of.found, of.expected, of.others


CHECKS = [
    Check(transaction_ids, ("transaction_id",), marks=True),
    Check(file_order, (), marks=True),
    Check(adjacent, (), marks=True),
    *(ids(name) for name in ("payer_account", "payee_account", "merchant_id", "device_id", "card_id", "terminal_id", "ip_id")),
]
