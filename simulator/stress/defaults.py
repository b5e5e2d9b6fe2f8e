"""How far defaults come together across replicates of one path: what a portfolio cannot diversify away."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import product

import numpy as np
import pandas as pd

from simulator.stress.effects import Panel, Period, periods
from simulator.stress.estimate import Floats, intraclass_interval
from simulator.stress.live import Lived

COLUMNS = ("world", "group", "period", "date", "replicates", "borrowers", "defaults", "rate", "correlation", "low", "high")


def default_correlation(panel: Panel) -> pd.DataFrame:
    """Intra-class correlation of defaults given the path, by quarter of the run and over it; see `estimate.intraclass`.

    By product and sector it is told over the run only. Borrowers are the mean of the period's days. No rows where nobody defaults.
    """
    rows = []
    groups = [group for metric, group in panel.keys if metric == "defaults"]
    for (world, runs), group in product((("baseline", panel.baseline), ("scenario", panel.scenario)), groups):
        whole = periods(panel.start, panel.days)[0]
        for period in (whole, *([_quarters(panel)] if group == "all" else [])):
            for first, length in zip(period.starts.tolist(), period.lengths.tolist(), strict=True):
                days = slice(first, first + length)
                defaults, borrowers = (_by_run(runs, part, group)[:, days] for part in ("defaults", "borrowers"))
                defaults, borrowers = defaults.sum(axis=1), borrowers.mean(axis=1)
                found = intraclass_interval(defaults, borrowers)
                rows.append((world, group, period.name, panel.start + timedelta(first), len(runs), float(borrowers.mean()),
                             float(defaults.mean()), float(defaults.sum() / borrowers.sum()) if borrowers.sum() else np.nan,
                             float(found.mean), float(found.low), float(found.high)))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _by_run(runs: Sequence[Lived], part: str, group: str) -> Floats:
    """A part by day, shape (runs, days)."""
    nothing = np.zeros(len(next(iter(runs[0].parts.values()))))
    return np.array([lived.parts.get((part, group), nothing) for lived in runs], np.float64)


def _quarters(panel: Panel) -> Period:
    """Quarters of a year from the first day."""
    months = next(one for one in periods(panel.start, panel.days) if one.name == "month").starts.tolist()
    starts = months[::3]
    return Period("quarter", np.array(starts, np.int64), np.diff([*starts, panel.days]))
