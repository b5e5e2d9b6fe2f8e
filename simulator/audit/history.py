"""History of payers and payees up to a payment: the features of the Fraud Detection Handbook (Le Borgne et al. 2022, ch. 3)."""

from typing import NamedTuple

import numpy as np

from simulator.audit.leaks.sheet import SECOND, Flags, Floats, Ints, Sheet

DAY_SECONDS = 86_400
WINDOWS = (1, 7, 30)
"""Days."""
DELAY = 7
"""Days until the label of a payment is known."""
SPAN = 1 << 34
"""Seconds between the keys of two entities; 544 years."""
WORDS = ("method", "channel", "purpose", "entry_mode", "authentication", "payee_check", "country")
"""Columns of words that a row says by itself."""
NIGHT = 6
"""Hours of the day before this one are night."""


class Timeline(NamedTuple):
    """Rows of all entities in order of entity and time, with running sums."""

    keys: Ints
    amount: Floats
    guilty: Floats


def timeline(entity: Ints, second: Ints, amount: Floats, guilty: Flags) -> Timeline:
    """Rows put in order, to be looked up.

    Args:
        entity: Code of each row's entity, dense from 0; rows below 0 are left out.
        second: Second since the first row.
        amount: Currency units.
        guilty: What is known of a row once its label is.
    """
    rows = np.flatnonzero(entity >= 0)
    keys = entity[rows] * SPAN + second[rows]
    order = np.argsort(keys, kind="stable")
    return Timeline(keys[order], _sums(amount[rows][order]), _sums(guilty[rows][order].astype(np.float64)))


def _sums(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])


def window(of: Timeline, entity: Ints, second: Ints, days: int, delay: int = 0) -> tuple[Floats, Floats, Floats]:
    """Rows of the same entity in a window that ends `delay` days before a row, the row itself included where there is none.

    Args:
        of: All rows.
        entity: Entities of the rows asked about.
        second: Their times.
        days: Length of the window.
        delay: Days between its end and the row.

    Returns:
        Number of rows, mean amount, share of guilty ones.
    """
    end = entity * SPAN + np.maximum(second - delay * DAY_SECONDS, -1)
    start = entity * SPAN + np.maximum(second - (delay + days) * DAY_SECONDS, -1)
    last, first = np.searchsorted(of.keys, end, "right"), np.searchsorted(of.keys, start, "right")
    count = np.where(entity >= 0, last - first, 0).astype(np.float64)
    many = np.maximum(count, 1)
    sums = [np.where(count > 0, of_rows[last] - of_rows[first], 0.0) for of_rows in (of.amount, of.guilty)]
    return count, sums[0] / many, sums[1] / many


def row_features(sheet: Sheet, rows: Ints, longest: int = 30, words: tuple[str, ...] = WORDS) -> tuple[list[str], Floats]:
    """What a row says by itself: amount, weekend, night, and its words one by one.

    Args:
        sheet: All rows.
        rows: Those asked about.
        longest: Words of one column that are told apart, the commonest.
        words: Columns of words that are looked at.

    Returns:
        Names and values, a column each.
    """
    time = (sheet.column("timestamp")[rows].astype(np.int64) + sheet.offset) // SECOND
    amount = sheet.column("amount")[rows]
    weekday = (time // DAY_SECONDS + 3) % 7  # 1970 began on a Thursday
    names = ["amount", "weekend", "night"]
    columns = [amount, weekday >= 5, time // 3600 % 24 < NIGHT]
    for name in words:
        known = sheet.words(name) if sheet.has(name) else None
        if known is None:
            continue
        column = sheet.column(name)
        common = np.argsort(-np.bincount(column, minlength=len(known)), kind="stable")[: min(longest, len(known))]
        names += [f"{name} {known[word]}" for word in common]
        columns += [column[rows] == word for word in common]
    return names, np.stack(columns, axis=1).astype(np.float32)


class History:
    """The past of payers and payees, of all rows."""

    def __init__(self, sheet: Sheet, used: Flags) -> None:
        """Prepares rows that count (`used`); merchants stand for their accounts where they are known."""
        time = sheet.column("timestamp").astype(np.int64) // SECOND
        self._second = time - time.min(initial=time[0])
        self.payer = _codes(sheet.column("payer_account").astype(np.int64))
        payee = sheet.column("payee_account").astype(np.int64)
        if sheet.has("merchant_id"):
            merchant = sheet.column("merchant_id").astype(np.int64)
            payee = np.where(merchant >= 0, -2 - merchant, np.where(payee >= 0, payee, -1))
        self._payee = _codes(payee)
        amount = sheet.column("amount").astype(np.float64)
        self._payers = timeline(np.where(used, self.payer, -1), self._second, amount, sheet.guilty)
        self._payees = timeline(np.where(used, self._payee, -1), self._second, amount, sheet.guilty)

    def features(self, rows: Ints) -> tuple[list[str], Floats]:
        """The windows of some rows: the payer's number and mean, the payee's number and risk as known after the delay."""
        names: list[str] = []
        columns: list[Floats] = []
        second = self._second[rows]
        for days in WINDOWS:
            count, mean, _ = window(self._payers, self.payer[rows], second, days)
            many, _, risk = window(self._payees, self._payee[rows], second, days, DELAY)
            names += [f"payer's payments in {days} days", f"payer's mean amount in {days} days"]
            names += [f"payee's payments in {days} days", f"payee's risk in {days} days"]
            columns += [count, mean, many, risk]
        return names, np.stack(columns, axis=1).astype(np.float32)


def _codes(keys: Ints) -> Ints:
    """Dense codes; -1 where a key is -1."""
    values, codes = np.unique(keys, return_inverse=True)
    return np.where(values[codes] == -1, -1, codes)


class Roles:
    """Which accounts are in a guilty story at a time: what only the world knows, never which payment is part of it."""

    def __init__(self, account: Ints, first: Ints, last: Ints) -> None:
        """Prepares roles by account, with times in seconds since 1970."""
        self._names = np.unique(account)
        code = np.searchsorted(self._names, account)
        self._starts = np.sort(code * SPAN + first)
        self._ends = np.sort(code * SPAN + last)
        self._before = np.concatenate([[0], np.cumsum(np.bincount(code, minlength=len(self._names)))])

    def active(self, account: Ints, second: Ints) -> Floats:
        """How many stories each account is in at each time."""
        if not len(self._names):
            return np.zeros(len(account))
        code = np.minimum(np.searchsorted(self._names, account), len(self._names) - 1)
        key = code * SPAN + second
        begun = np.searchsorted(self._starts, key, "right") - self._before[code]
        ended = np.searchsorted(self._ends, key, "left") - self._before[code]
        return np.where(self._names[code] == account, begun - ended, 0).astype(np.float64)
