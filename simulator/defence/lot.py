"""What banks decide by lot: at the address of what it is about."""

from enum import IntEnum

import numpy as np

from simulator.draws import Why, draw


class For(IntEnum):
    """What a lot is for; append only."""

    BLOCKS = 0
    FINDS = 1
    DECIDED = 2
    FILED = 3
    FILED_AFTER = 4
    REPORT_DECIDED = 16
    MISTAKEN = 17
    MISTAKEN_REASON = 18
    MADE_GOOD = 19
    HELD = 21
    RECALLED = 22
    PATIENCE = 23
    CHARGED_BACK = 24
    REPRESENTED = 25


def lot(key: np.uint64, about: int, purpose: For) -> float:
    """A number in (0, 1).

    Args:
        key: the seed.
        about: transaction or story.
        purpose: what for.
    """
    return (int(draw(key, about & 0xFFFFFFFF, int(purpose), int(Why.DEFENCE), about >> 32)[0]) + 0.5) / 2**32
