"""Amounts and balances: marks of sums that were made up, and of accounts that are emptied."""

from collections.abc import Callable

import numpy as np

from simulator.audit.leaks.bounds import CENTS, MARK, REPEATED, SHARE
from simulator.audit.leaks.chance import contrast, distance, gap, normal
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.sheet import Flags, Ints, Sheet

KIND = ("method", "channel", "purpose", "mcc")
"""Prices depend on what is bought and where."""
ROUND = (10, 100, 1000)
"""Sums in whole units that people ask for."""
CENT = 0.005
"""Half a hundredth: amounts that differ by less are the same."""


def hundredths(sheet: Sheet) -> Ints:
    """Amounts in hundredths of a unit, whichever their sign; -1 where there is none."""
    return np.rint(np.nan_to_num(np.abs(sheet.column("amount")), nan=-0.01) * 100).astype(np.int64)


def cents(sheet: Sheet) -> Finding:
    """The hundredths."""
    sums = hundredths(sheet)
    far = distance(contrast(sheet, np.where(sums < 0, -1, sums % 100), sheet.cell(*KIND)))
    return finding("cents", far, CENTS, "distance between the mixes of hundredths, within method, channel, purpose and MCC")


def last_digit(sheet: Sheet) -> Finding:
    """The last digit that is not of a round sum."""
    sums = hundredths(sheet)
    far = distance(contrast(sheet, np.where((sums < 0) | (sums % 100 == 0), -1, sums % 10), sheet.cell(*KIND)))
    return finding("last_digit", far, MARK, "distance between the mixes of last digits, whole units left out")


def round_amounts(sheet: Sheet) -> Finding:
    """Round sums."""
    sums, cell, figure, example = hundredths(sheet), sheet.cell(*KIND), 0.0, ""
    for unit in ROUND:
        of = contrast(sheet, (sums % (100 * unit) == 0).astype(np.int64), cell)
        found = gap(of, 1, len(ROUND))
        if found > figure:
            figure, example = found, f"multiples of {unit}: {of.found[1]:.1%} against {of.expected[1]:.1%}"
    return finding("round_amounts", figure, SHARE, "difference of the share of round amounts, within cells", example)


def repeated(sheet: Sheet) -> Finding:
    """Amounts that come again, counted once a story."""
    sums = hundredths(sheet)
    rows = np.flatnonzero(sheet.guilty & (sums >= 0))
    once = np.unique(np.stack([sheet.story[rows], sums[rows]]), axis=1, return_index=True)[1]
    mine = rows[once]
    cell = sheet.cell(*KIND)
    asked = np.bincount(cell[mine], minlength=int(cell.max()) + 1)
    others = np.flatnonzero(~sheet.guilty & ~sheet.lookalike & (asked[cell] > 0) & (sums >= 0))
    if not len(others) or len(mine) < 2:
        return finding("repeated_amounts", 0.0, REPEATED, "share of amounts that repeat beyond what is expected: too few rows to say")
    weight = asked[cell[others]] / np.bincount(cell[others], minlength=len(asked))[cell[others]]
    which = np.unique(sums[others], return_inverse=True)[1]
    share = np.bincount(which, weights=weight)
    share /= share.sum()
    drawn = len(mine)
    expected = float(-np.expm1(drawn * np.log1p(-np.minimum(share, 1 - 1e-12))).sum())
    # Repeats come by chance like rare events: they stray by the root of their number, and of that of their stories.
    error = np.sqrt(max(drawn - expected, 1.0) * drawn / max(sheet.independent(mine), 1.0))
    distinct = len(np.unique(sums[mine]))
    lacking = (expected - distinct - normal() * error) / expected
    top = int(np.bincount(np.unique(sums[mine], return_inverse=True)[1]).max())
    counts = "share of amounts lacking because others come again in another story"
    example = f"{distinct} of {drawn} differ; the commonest is met in {top} stories"
    return finding("repeated_amounts", max(lacking, 0.0), REPEATED, counts, example)


def _before(sheet: Sheet) -> np.ndarray:
    """The payer's balance before the row: as a table has it, or from the balance after it."""
    if sheet.has("payer_balance_before"):
        return np.asarray(sheet.column("payer_balance_before"), np.float64)
    return np.asarray(sheet.column("payer_balance") + sheet.column("amount"), np.float64)


def whole_balance(sheet: Sheet) -> Finding:
    """Payments of all there is."""
    before, amount = _before(sheet), sheet.column("amount")
    whole = (np.abs(before - amount) < CENT) & (amount > 0)
    return _share(sheet, whole & _approved(sheet), "whole_balance", "rows that take the payer's whole balance")


def zero_after(sheet: Sheet) -> Finding:
    """Accounts left with nothing that had something."""
    zero = (np.abs(sheet.column("payer_balance")) < CENT) & (np.abs(_before(sheet)) >= CENT)
    return _share(sheet, zero & _approved(sheet), "zero_balance", "rows after which the payer's balance is zero and was not before")


def _approved(sheet: Sheet) -> Flags:
    if not sheet.has("status"):
        return np.ones(len(sheet), bool)
    said = sheet.words("status") or []
    approved: Flags = sheet.column("status") == (said.index("approved") if "approved" in said else -1)
    return approved


def jump(end: str, sign: int) -> Callable[[Sheet], Finding]:
    """Balances of one end that do not move as the row says."""

    def run(sheet: Sheet) -> Finding:
        moved = sheet.column(f"{end}_balance") - sheet.column(f"{end}_balance_before")
        odd = np.abs(moved - sign * sheet.column("amount")) >= CENT
        return _share(sheet, odd, f"{end}_balance_jump", f"rows after which the {end}'s balance has not moved by the amount")

    return run


def _share(sheet: Sheet, flag: Flags, check: str, what: str) -> Finding:
    of = contrast(sheet, flag.astype(np.int64), sheet.cell("method", "channel", "purpose"))
    example = f"{of.found[1]:.1%} against {of.expected[1]:.1%}" if len(of.found) > 1 else ""
    return finding(check, gap(of), SHARE, f"difference of the share of {what}, within cells", example)


CHECKS = [
    Check(cents, ("amount",), marks=True),
    Check(last_digit, ("amount",), marks=True),
    Check(round_amounts, ("amount",), marks=True),
    Check(repeated, ("amount",), marks=True),
    Check(whole_balance, ("amount", "payer_balance")),
    Check(zero_after, ("amount", "payer_balance")),
    Check(jump("payer", -1), ("amount", "payer_balance", "payer_balance_before")),
    Check(jump("payee", 1), ("amount", "payee_balance", "payee_balance_before")),
]
