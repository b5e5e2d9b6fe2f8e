"""Occurrences: what a bank saw of the parties in the day before a payment."""

import numpy as np
import pandas as pd

from simulator.audit.leaks.bounds import EVENT, SAME_GAP
from simulator.audit.leaks.chance import contrast, least, ratios
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.sheet import DAY, SECOND, Ints, Sheet
from simulator.audit.lot import For, some

COMPARED = 1_000_000
"""Other rows that are compared, drawn by lot with a fixed seed."""
SPAN = 1 << 34
"""Seconds that keys of customer and time are apart; 544 years."""


def owners(sheet: Sheet) -> pd.Series | None:
    """The customer of each account."""
    accounts = sheet.table("accounts")
    if accounts is None or not len(accounts):
        return None
    held = accounts[accounts["owner_kind"] == "customer"].drop_duplicates("account_id")
    return pd.Series(held["owner_id"].to_numpy(), index=held["account_id"].to_numpy())


def microseconds(times: pd.Series) -> Ints:
    """Times of a table, in microseconds since 1970 UTC."""
    return pd.to_datetime(times, utc=True).dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)


def rows_compared(sheet: Sheet) -> Ints:
    """All guilty rows and at most `COMPARED` others, in order."""
    others = np.flatnonzero(~sheet.guilty & ~sheet.lookalike)
    return np.sort(np.concatenate([np.flatnonzero(sheet.guilty), some(others, COMPARED, For.EVENTS)]))


def events(sheet: Sheet) -> list[tuple[str, Ints]]:
    """For each end and kind, seconds from the last event of the party to each compared row; -1 where none was in the day before."""
    table, of = sheet.table("events"), owners(sheet)
    if table is None or of is None or not len(table):
        return []
    rows = rows_compared(sheet)
    second: Ints = sheet.column("timestamp")[rows].astype(np.int64) // SECOND
    customer = _customers(table, of)
    at = microseconds(table["timestamp"]) // SECOND
    found = []
    for end in ("payer_account", "payee_account"):
        who = of.reindex(sheet.column(end)[rows]).fillna(-1).to_numpy().astype(np.int64)
        for kind in sorted(table["kind"].astype(str).unique()):
            mine = (table["kind"].astype(str) == kind).to_numpy() & (customer >= 0)
            keys = np.sort(customer[mine] * SPAN + at[mine])
            if not len(keys):
                continue
            place = np.searchsorted(keys, who * SPAN + second, side="right") - 1
            gap = who * SPAN + second - keys[np.maximum(place, 0)]
            near = (place >= 0) & (who >= 0) & (gap >= 0) & (gap <= DAY // SECOND)
            found.append((f"{kind} of the {end.split('_')[0]}", np.where(near, gap, -1)))
    return found


def _customers(table: pd.DataFrame, of: pd.Series) -> Ints:
    """The customer of each event, by its account where it names none."""
    named = table["customer_id"].to_numpy().astype(np.int64)
    by_account = of.reindex(table["account_id"].to_numpy()).fillna(-1).to_numpy().astype(np.int64)
    return np.where(named >= 0, named, by_account)


def _part(sheet: Sheet) -> tuple[Sheet, Ints]:
    """The compared rows as a sheet of their own, and their cells."""
    rows = rows_compared(sheet)
    part = Sheet.of({}, sheet.guilty[rows], None, sheet.story[rows])
    return part, sheet.cell("method", "channel", "purpose")[rows]


def lift(sheet: Sheet) -> Finding | None:
    """The event that is most over-represented."""
    found = events(sheet)
    if not found:
        return None
    part, cell = _part(sheet)
    figure, example = 0.0, ""
    for name, gaps in found:
        of = contrast(part, (gaps >= 0).astype(np.int64), cell)
        ratio = ratios(of, len(found))
        if len(ratio) > 1 and ratio[1] > figure:
            figure, example = float(ratio[1]), f"{name}: {of.found[1]:.1%} against {of.expected[1]:.2%}"
    return finding("event_before", figure, EVENT, "times that an event is as common in the day before a guilty row, within cells", example)


def same_gap(sheet: Sheet) -> Finding | None:
    """Gaps from event to payment that are the same to the second."""
    found = events(sheet)
    if not found:
        return None
    part, _ = _part(sheet)
    figure, example = 0.0, ""
    for name, gaps in found:
        rows = np.flatnonzero(part.guilty & (gaps >= 0))
        if len(rows) < 2:
            continue
        pair = np.unique(np.stack([part.story[rows], gaps[rows]]), axis=1)
        value, many = np.unique(pair[1], return_counts=True)
        top = int(np.argmax(many))
        usual = gaps[~part.guilty & (gaps >= 0)]
        low = float(least(many[top] / pair.shape[1], part.independent(rows), len(found) * 10)) if many[top] > 1 else 0.0
        beyond = low - float((usual == value[top]).mean() if len(usual) else 0.0)
        if beyond > figure:
            figure, example = beyond, f"{name}: {many[top]} stories wait {value[top]} seconds"
    counts = "share of guilty rows that follow an event after the same number of seconds"
    return finding("same_gap_after_event", figure, SAME_GAP, counts, example)


_NEEDS = ("payer_account", "payee_account", "timestamp")
CHECKS = [Check(lift, _NEEDS), Check(same_gap, _NEEDS, marks=True)]
