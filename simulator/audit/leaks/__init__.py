"""The leak audit: whether anything that planting leaves behind tells guilty rows from innocent ones."""

from simulator.audit.leaks import alone, amounts, contact, hindsight, lives, moments, occurrences, order, owners, rule, single
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.sheet import Sheet

__all__ = ["CHECKS", "Finding", "Sheet", "find_leaks"]

_AREAS = (order, single, rule, amounts, moments, alone, contact, occurrences, lives, owners, hindsight)
CHECKS: list[Check] = [check for area in _AREAS for check in area.CHECKS]
"""Every check, in the order in which they are shown."""


def find_leaks(sheet: Sheet) -> list[Finding]:
    """Run every check that the columns allow.

    Args:
        sheet: Payments with their truth.

    Returns:
        A finding for each check: `check`, `figure`, `bound`, `passed`, `counts`, and `example` where there is one. Those whose
        names begin with `lookalike_` hold look-alikes to what must not mark them either.
    """
    if not sheet.guilty.any():
        return [finding("guilty_rows", 0, 0, "there are no guilty rows, so nothing can tell them from others")]
    found = _run(sheet, [check for check in CHECKS if sheet.has(*check.needs)])
    if sheet.lookalike.any():
        marks = [check for check in CHECKS if check.marks and sheet.has(*check.needs)]
        found += [one | {"check": f"lookalike_{one['check']}"} for one in _run(sheet.of_lookalikes(), marks)]
    return found


def _run(sheet: Sheet, checks: list[Check]) -> list[Finding]:
    return [one for check in checks if (one := check.run(sheet)) is not None]
