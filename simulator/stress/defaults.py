"""How far defaults come together across replicates of one path: what a portfolio cannot diversify away."""

from datetime import timedelta

import numpy as np
import pandas as pd

from simulator.stress.effects import Panel, Period, periods
from simulator.stress.estimate import intraclass_interval

COLUMNS = ("world", "period", "date", "replicates", "borrowers", "defaults", "rate", "correlation", "low", "high")


def default_correlation(panel: Panel) -> pd.DataFrame:
    """Intra-class correlation of defaults given the path, by quarter of the run and over it; see `estimate.intraclass`.

    No rows in a world that knows no defaults (parts ``defaults`` and ``borrowers`` of `simulator.stress.state.credit`).
    """
    rows = []
    for world, runs in (("baseline", panel.baseline), ("scenario", panel.scenario)):
        if not all(("defaults", "all") in lived.parts and ("borrowers", "all") in lived.parts for lived in runs):
            continue
        for period in (*(one for one in periods(panel.start, panel.days) if one.name == "run"), _quarters(panel)):
            for first, length in zip(period.starts.tolist(), period.lengths.tolist(), strict=True):
                days = slice(first, first + length)
                defaults = np.array([lived.parts["defaults", "all"][days].sum() for lived in runs], np.float64)
                borrowers = np.array([lived.parts["borrowers", "all"][days].mean() for lived in runs], np.float64)
                found = intraclass_interval(defaults, borrowers)
                rows.append((world, period.name, panel.start + timedelta(first), len(runs), float(borrowers.mean()),
                             float(defaults.mean()), float(defaults.sum() / borrowers.sum()) if borrowers.sum() else np.nan,
                             float(found.mean), float(found.low), float(found.high)))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _quarters(panel: Panel) -> Period:
    """Quarters of a year from the first day."""
    months = next(one for one in periods(panel.start, panel.days) if one.name == "month").starts.tolist()
    starts = months[::3]
    return Period("quarter", np.array(starts, np.int64), np.diff([*starts, panel.days]))
