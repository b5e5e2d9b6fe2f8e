"""Whether money piles up or drains away somewhere: what people and firms hold, day by day, over years.

The boundary of a world is right when nothing drifts: what comes in by a purpose goes out by another.
"""

import numpy as np
import pandas as pd

from simulator.model import PaymentsModel

YEAR = 365


def watch(model: PaymentsModel, days: int) -> pd.DataFrame:
    """Lives some days and notes what is held at the end of each.

    Args:
        model: a world; it moves on.
        days: how many to live.

    Returns:
        One row a day: `q1` to `q5`, current and savings accounts of customers by fifth of household income, `merchants`,
        what merchants hold in their accounts and tills, and `employers`, in currency units.
    """
    rows = []
    for _ in range(days):
        model.run_for(1)
        rows.append(_held(model))
    return pd.DataFrame(rows)


def _held(model: PaymentsModel) -> dict[str, float]:
    fifth = model.customers.get("decile").astype(np.int64) // 2
    deposits = np.bincount(fifth, model.customers.get("balance") + model.customers.get("savings"), 5)
    firms = {"merchants": model.merchants, "employers": model.employers}
    return {f"q{place + 1}": float(held) for place, held in enumerate(deposits)} | {
        name: float(sum(group.get(account).sum() for account in ("balance", "acquiring", "till"))) for name, group in firms.items()
    }


def yearly_change(held: pd.DataFrame) -> pd.DataFrame:
    """The mean of the last year against that of the year before: seasons and paydays cancel.

    Args:
        held: one row a day, two years or more.

    Returns:
        By column of ``held``: `first_day`, `year_before`, `last_year`, and `change`, the last as a share.
    """
    before, last = held.iloc[-2 * YEAR : -YEAR].mean(), held.iloc[-YEAR:].mean()
    return pd.DataFrame({"first_day": held.iloc[0], "year_before": before, "last_year": last, "change": last / before - 1})
