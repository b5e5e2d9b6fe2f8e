"""What a check found."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.audit.leaks.sheet import Sheet

type Finding = dict[str, Any]
"""`check`, `figure`, `bound`, `passed`, `counts`, and `example` where there is one."""


def finding(check: str, figure: float, bound: float, counts: str, example: str = "") -> Finding:
    """A check passes where its figure is not above its bound.

    Args:
        check: Its name.
        figure: What was measured; a lower 99 % limit where chance plays a part.
        bound: What it may be at most.
        counts: One line that says what is measured.
        example: Where it is worst.
    """
    found: Finding = {
        "check": check,
        "figure": round(float(figure), 6),
        "bound": round(float(bound), 6),
        "passed": bool(figure <= bound),
        "counts": counts,
    }
    return found | ({"example": example} if example else {})


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        run: Takes the sheet; None where it has nothing to measure.
        needs: Columns without which it is left out.
        marks: Whether it looks for marks that planting leaves: look-alikes are held to it too.
    """

    run: Callable[[Sheet], Finding | None]
    needs: tuple[str, ...] = ()
    marks: bool = False
