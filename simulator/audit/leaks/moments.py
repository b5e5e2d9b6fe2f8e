"""Moments: lattices of minutes and seconds, hours, and days that only guilty rows have."""

import numpy as np
import pandas as pd

from simulator.audit.leaks.bounds import DAYS, HOURS, MARK, TAIL
from simulator.audit.leaks.chance import contrast, distance, gap
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.sheet import CELL, SECOND, Ints, Sheet

WEEK = 7
QUIET = 0.5
"""A day with less than this part of its weekday's usual background is in the tail."""


def _lattices(sheet: Sheet) -> dict[str, Ints]:
    time = sheet.column("timestamp").astype(np.int64)
    part = time % SECOND
    return {
        "minute of the hour": time // (60 * SECOND) % 60,
        "second of the minute": time // SECOND % 60,
        "fraction of a second": np.where(part == 0, 0, 1 + part * 10 // SECOND),  # 0: none at all
        "last digit of the microseconds": part % 10,
    }


def lattice(sheet: Sheet) -> Finding:
    """Marks of a clock with coarse steps."""
    cell = sheet.cell("method", "channel", "purpose")
    found = _lattices(sheet)
    far = {name: distance(contrast(sheet, value, cell), len(found)) for name, value in found.items()}
    worst = max(far, key=far.__getitem__)
    counts = "distance between the mixes of minutes, seconds and fractions, within cells"
    return finding("time_lattice", far[worst], MARK, counts, worst if far[worst] else "")


def full_hours(sheet: Sheet) -> Finding:
    """Rows on the full hour or minute, to the second: schedules that only planted rows have, or lack."""
    time = sheet.column("timestamp").astype(np.int64)
    of = contrast(sheet, (time // SECOND % 3600 == 0).astype(np.int64), sheet.cell("method", "channel", "purpose"))
    return finding("full_hours", gap(of), MARK, "difference of the share of rows on the full hour, within cells")


def hours(sheet: Sheet) -> Finding:
    """Hours of the day."""
    far = distance(contrast(sheet, sheet.hour(), sheet.cell(*CELL)))
    return finding("hours", far, HOURS, "distance between the mixes of hours, within method, purpose, country and MCC")


def days(sheet: Sheet) -> Finding:
    """Days of the run."""
    far = distance(contrast(sheet, sheet.day()))
    return finding("days", far, DAYS, "distance between the mixes of days")


def tail(sheet: Sheet) -> Finding:
    """Days without their usual background."""
    day = sheet.day()
    background = np.bincount(day[~sheet.guilty], minlength=int(day.max()) + 1).astype(np.float64)
    usual = pd.Series(background).groupby(np.arange(len(background)) % WEEK).transform("median").to_numpy()
    usual = np.maximum(usual, np.median(background))
    quiet = background < QUIET * usual
    of = contrast(sheet, quiet[day].astype(np.int64))
    mine = np.bincount(day[sheet.guilty], minlength=len(quiet))
    worst = int(np.argmax(mine * quiet))
    example = f"day {worst}: {int(mine[worst])} guilty rows, {int(background[worst])} others" if (mine * quiet).any() else ""
    counts = "share of guilty rows on days with less than half of the usual background, beyond that of others"
    return finding("tail_days", gap(of, both=False), TAIL, counts, example)


CHECKS = [
    Check(lattice, ("timestamp",), marks=True),
    Check(full_hours, ("timestamp",), marks=True),
    Check(hours, ("timestamp",)),
    Check(days, ("timestamp",)),
    Check(tail, ("timestamp",), marks=True),
]
