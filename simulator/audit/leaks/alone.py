"""Alone: days, merchants, devices and so on that carry guilty rows and no other."""

from typing import Any

import numpy as np
import pandas as pd

from simulator.audit.leaks.bounds import ALONE
from simulator.audit.leaks.chance import Contrast, contrast, gap
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.order import guilty_entities, independent_entities
from simulator.audit.leaks.sheet import Floats, Ints, Sheet, cells

LONGEST = 1000
"""Rows of an entity beyond which it has many."""
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
        rows = sheet.guilty & (keys >= 0)
        place = np.searchsorted(own, keys[rows])
        few, others = _few(sheet, keys)
        bundle = few[np.minimum(_bundles(place, sheet.story[rows], len(own)), LONGEST)]
        by_entity = Contrast(_pair(alone.mean()), _pair(bundle.mean()), independent_entities(sheet, len(own)), others, 0.0)
        held, expected = alone[place], float(bundle[place].mean())
        by_row = Contrast(_pair(held.mean()), _pair(expected), sheet.independent(rows), others, 0.0)
        figure = max(gap(by_entity, tests=2, both=False), gap(by_row, tests=2, both=False))
        such = f", such as {own[int(np.argmax(alone))]}" if alone.any() else ""
        example = f"{int(alone.sum())} of {len(own)}{such}, with {held.mean():.1%} of guilty rows; {expected:.1%} expected"
        counts = f"share of {name}, or of guilty rows by them, that no other row has, beyond that of ordinary ones with as few rows"
        return finding(f"{name}_alone", figure, ALONE, counts, example)

    return Check(run, (name,), marks=True)


def _pair(share: Any) -> Floats:
    return np.array([1 - share, share])


def _others(sheet: Sheet, keys: Ints, own: Ints) -> Ints:
    """How many rows of others each guilty entity has."""
    rows = keys[~sheet.guilty]
    place = np.minimum(np.searchsorted(own, rows), len(own) - 1)
    return np.bincount(place[own[place] == rows], minlength=len(own))


def _bundles(place: Ints, story: Ints, many: int) -> Ints:
    """The most guilty rows of each entity in one story: a story may be all that an entity does, several stories may not."""
    _, first, count = np.unique(place * (int(story.max()) + 1) + story, return_index=True, return_counts=True)
    most = np.zeros(many, np.int64)
    np.maximum.at(most, place[first], count)
    return most


def _few(sheet: Sheet, keys: Ints) -> tuple[Floats, float]:
    """Share of ordinary rows whose entity has at most so many rows, with the guilty rows' mix of cells; and how many they are worth."""
    here = keys >= 0
    code = pd.factorize(keys[here])[0]
    many = np.bincount(code)[code]
    value = np.full(len(sheet), -1, np.int64)
    value[here] = np.minimum(many, LONGEST)
    of = contrast(sheet, value, sheet.cell("method", "purpose"))
    share = np.zeros(LONGEST + 1)
    share[: len(of.expected)] = of.expected
    return np.cumsum(share), max(of.others, 1.0)


def customer_days(sheet: Sheet) -> Finding | None:
    """Days of a payer with guilty rows and no other: Sparkov deletes the rest of the day."""
    payer = sheet.column("payer_account").astype(np.int64)
    day, here = sheet.day(), payer >= 0
    if not (sheet.guilty & here).any():
        return None
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
