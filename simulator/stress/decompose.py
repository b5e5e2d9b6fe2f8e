"""The effect taken apart: each shock alone on, against the baseline, and alone off, against everything together."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
import pandas as pd

from simulator.draws import Ints
from simulator.stress.effects import Panel, against, periods
from simulator.stress.estimate import Floats, paired
from simulator.stress.live import Lived
from simulator.stress.variants import OFF, ON

TOGETHER, LEFT = "together", "left over"
COLUMNS = ("metric", "group", "period", "date", "shock", "way", "effect", "low", "high", "relative", "pairs")


def decomposed(panel: Panel, lived: Mapping[str, Sequence[Lived]]) -> pd.DataFrame:
    """Effects of each shock over the run and its months.

    ``alone on`` is what the shock does by itself; ``alone off`` what everything together does beyond everything but it; ``left over``
    what all together do beyond the sum of each alone: where it is not nothing the shocks work on each other.

    Args:
        panel: the pairs.
        lived: runs of each variant, named as the shock and the way.
    """
    shocks = list(dict.fromkeys(name.removesuffix(f" {way}") for name in lived for way in (ON, OFF) if name.endswith(f" {way}")))
    frames = []
    for metric, group in panel.keys:
        if "," in group:
            continue
        for period in periods(panel.start, panel.days):
            if period.name not in ("run", "month"):
                continue
            baseline, scenario = panel.values(metric, group, period.starts)
            rows: dict[tuple[str, str], Floats] = {(TOGETHER, "all"): scenario - baseline}
            alone = np.zeros_like(baseline)
            for shock in shocks:
                on, off = (_values(panel, lived[f"{shock} {way}"], metric, group, period.starts) for way in (ON, OFF))
                rows[shock, ON], rows[shock, OFF] = on - baseline, scenario - off
                alone += on - baseline
            rows[LEFT, "all"] = scenario - baseline - alone
            before = paired(baseline).mean
            dates = [panel.start + timedelta(int(first)) for first in period.starts]
            for (shock, way), differences in rows.items():
                effect = paired(differences)
                frames.append(pd.DataFrame({
                    "metric": metric, "group": group, "period": period.name, "date": dates, "shock": shock, "way": way,
                    "effect": effect.mean, "low": effect.low, "high": effect.high, "relative": against(effect, before).mean,
                    "pairs": np.isfinite(differences).sum(axis=0),
                }))  # fmt: skip
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))


def _values(panel: Panel, runs: Sequence[Lived], metric: str, group: str, starts: Ints) -> Floats:
    values: Floats = panel._replace(baseline=runs, scenario=runs).values(metric, group, starts)[0]
    return values
