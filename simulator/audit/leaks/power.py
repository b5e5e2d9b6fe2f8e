"""Power: how small a difference an audit could see, given how many guilty rows there are."""

from typing import Any

import numpy as np

from simulator.audit.leaks.chance import normal
from simulator.audit.leaks.sheet import Sheet


def power(sheet: Sheet) -> dict[str, Any]:
    """Say how much the guilty rows can show: a check that passes on few of them says little.

    Args:
        sheet: Payments with their truth.

    Returns:
        `payments`, `guilty`, `lookalikes`, `stories` (guilty ones), `independent` (observations that the guilty rows are worth) and
        `least_gap`: the smallest difference between two shares near one half that clears chance, 1 where none could.
    """
    size = sheet.independent(sheet.guilty)
    error = float(np.sqrt(0.25 / size)) if size else 1.0
    return {
        "payments": len(sheet),
        "guilty": int(sheet.guilty.sum()),
        "lookalikes": int(sheet.lookalike.sum()),
        "stories": len(np.unique(sheet.story[sheet.guilty])),
        "independent": round(size, 1),
        "least_gap": round(min(normal(2) * error, 1.0), 3),
    }
