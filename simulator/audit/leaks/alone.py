"""Alone: days, merchants, devices and so on that carry guilty rows and no other."""

from typing import Any

import numpy as np

from simulator.audit.leaks.bounds import ALONE
from simulator.audit.leaks.chance import Contrast, gap
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.order import guilty_entities, independent_entities
from simulator.audit.leaks.sheet import Floats, Ints, Sheet, cells

CERTAIN = 1e9
"""Observations behind an expectation that is worked out rather than counted."""


def entities(name: str) -> Check:
    """One kind of entity."""

    def run(sheet: Sheet) -> Finding | None:
        keys = sheet.column(name).astype(np.int64)
        own = guilty_entities(sheet, keys)
        if not len(own):
            return None
        alone = _others(sheet, keys, own) == 0
        expected, others = _singles(sheet, keys)
        by_entity = Contrast(_pair(alone.mean()), _pair(expected), independent_entities(sheet, len(own)), others, 0.0)
        rows = sheet.guilty & (keys >= 0)
        held = alone[np.searchsorted(own, keys[rows])]
        by_row = Contrast(_pair(held.mean()), _pair(expected), sheet.independent(rows), others, 0.0)
        figure = max(gap(by_entity, tests=2, both=False), gap(by_row, tests=2, both=False))
        such = f", such as {own[int(np.argmax(alone))]}" if alone.any() else ""
        example = f"{int(alone.sum())} of {len(own)}{such}, with {held.mean():.1%} of guilty rows; {expected:.1%} expected"
        counts = f"share of {name}, or of guilty rows by them, that no other row has, beyond that of ordinary rows met once"
        return finding(f"{name}_alone", figure, ALONE, counts, example)

    return Check(run, (name,))


def _pair(share: Any) -> Floats:
    return np.array([1 - share, share])


def _others(sheet: Sheet, keys: Ints, own: Ints) -> Ints:
    """How many rows of others each guilty entity has."""
    rows = keys[~sheet.guilty]
    place = np.minimum(np.searchsorted(own, rows), len(own) - 1)
    return np.bincount(place[own[place] == rows], minlength=len(own))


def _singles(sheet: Sheet, keys: Ints) -> tuple[float, float]:
    """Share of ordinary rows whose entity has no other row, with the guilty rows' mix of cells, and how many they are worth."""
    here = keys >= 0
    code = np.unique(np.where(here, keys, -1), return_inverse=True)[1]
    many = np.bincount(code)
    ordinary = here & ~sheet.guilty & ~sheet.lookalike
    cell = sheet.cell("method", "purpose")
    asked = np.bincount(cell[sheet.guilty & here], minlength=int(cell.max()) + 1).astype(np.float64)
    met = np.bincount(cell[ordinary], minlength=len(asked))
    once = np.bincount(cell[ordinary & (many[code] == 1)], minlength=len(asked))
    asked[met == 0] = 0
    if not asked.sum():
        return 0.0, CERTAIN
    share = float((asked * once / np.maximum(met, 1)).sum() / asked.sum())
    return share, float(asked.sum() ** 2 / (asked**2 / np.maximum(met, 1)).sum())


def customer_days(sheet: Sheet) -> Finding:
    """Days of a payer with guilty rows and no other: Sparkov deletes the rest of the day."""
    payer = sheet.column("payer_account").astype(np.int64)
    day, here = sheet.day(), payer >= 0
    code = cells([np.where(here, payer, -1)], len(sheet))
    both = code * (int(day.max()) + 1) + day
    guilty, first = np.unique(both[sheet.guilty & here], return_index=True)
    rows = np.flatnonzero(sheet.guilty & here)[first]
    others = both[here & ~sheet.guilty]
    place = np.minimum(np.searchsorted(guilty, others), len(guilty) - 1)
    alone = np.bincount(place[guilty[place] == others], minlength=len(guilty)) == 0
    expected = _empty_days(code[here & ~sheet.guilty], both[here & ~sheet.guilty], int(day.max()) + 1, len(np.unique(code)))[code[rows]]
    size = min(float(len(rows)), sheet.independent(rows) * 2)
    of = Contrast(_pair(float(alone.mean())), _pair(float(expected.mean())), size, CERTAIN, 0.0)
    counts = "share of payers' days with guilty rows that have no other row, beyond the share of such payers' days without any"
    example = f"{alone.mean():.1%} against {expected.mean():.1%} expected"
    return finding("customer_days_alone", gap(of, both=False), ALONE, counts, example)


def _empty_days(code: Ints, both: Ints, days: int, payers: int) -> Floats:
    """Share of days on which each payer has no innocent row."""
    active = np.bincount(np.unique(both) // days, minlength=payers)
    empty: Floats = 1 - active / days
    return empty


_KEYS = (
    "merchant_id", "device_id", "ip_id", "terminal_id", "card_id", "payer_account", "payee_account", "payer_bank", "payee_bank"
)  # fmt: skip
CHECKS = [Check(customer_days, ("payer_account", "timestamp")), *map(entities, _KEYS)]
