"""The graph of payments in figures, beside AMLworld's: `python -m calibration.graph_shape RUN…` prints tables in Markdown.

AMLworld's figures are of its published files: rows, accounts and laundering share from Table 1 of Lin et al. (FraudGT, ICAIF 2024);
payment formats and rows in patterns as counted by readers of HI-Small; see scenarios/BASELINES.md.
"""

import sys
from typing import NamedTuple

import numpy as np

from calibration.facts import Floats, Ints
from calibration.laundering import Payments, payments
from simulator.errors import InputError
from simulator.export.amlworld_words import FORMATS, PATTERNS
from simulator.record.read import open_run

QUANTILES = (0.5, 0.9, 0.99, 0.999, 1.0)
TAIL = 0.01
"""Share of accounts, those with the most counterparties, that the exponent of the tail is taken from."""
AMLWORLD_FORMATS = {
    "Cheque": 1_864_331, "Credit Card": 1_323_324, "ACH": 600_797, "Cash": 490_891, "Reinvestment": 481_056, "Wire": 171_855,
    "Bitcoin": 146_091,
}  # fmt: skip
"""Rows of HI-Small by payment format."""
AMLWORLD_GUILTY = {"ACH": 4_483, "Cheque": 324, "Credit Card": 206, "Cash": 108, "Bitcoin": 56}
"""Those of them that are laundering."""


class Tail(NamedTuple):
    """Counterparties of accounts that have some.

    Attributes:
        quantiles: At `QUANTILES`.
        exponent: Hill's estimate of the exponent of the upper `TAIL` (Hill 1975): below 2 the variance is infinite.
        accounts: How many have some.
    """

    quantiles: Floats
    exponent: float
    accounts: int


def hill(values: Ints, share: float = TAIL) -> float:
    """Exponent of the upper tail.

    Args:
        values: Above 0.
        share: Of the values, the largest, that count as tail.

    Returns:
        The inverse of the mean logarithm of the tail over its lower end; NaN where the tail has one value only.
    """
    ordered = np.sort(values)[::-1].astype(np.float64)
    many = max(int(len(ordered) * share), 1)
    if many >= len(ordered):
        return float("nan")
    mean = float(np.log(ordered[:many] / ordered[many]).mean())
    return 1 / mean if mean > 0 else float("nan")


def degrees(of: Payments, way: str) -> Tail:
    """How many different accounts pay an account, or are paid by it.

    Args:
        of: Payments.
        way: `in` or `out`.
    """
    pairs = np.unique(of.source * of.accounts + of.target)
    ends = pairs // of.accounts if way == "out" else pairs % of.accounts
    many = np.bincount(ends)
    many = many[many > 0]
    return Tail(np.quantile(many, QUANTILES, method="inverted_cdf"), hill(many), len(many))


def _formats(of: Payments, rows: Ints) -> Floats:
    """Shares of payment formats among some rows."""
    names = list(AMLWORLD_FORMATS)
    places = np.array([names.index(FORMATS[word]) for word in of.names["method"]])
    many = np.bincount(places[of.words["method"][rows]], minlength=len(names))
    shares: Floats = many / max(int(many.sum()), 1)
    return shares


def sizes(of: Payments) -> dict[str, str]:
    """Rows, accounts and shares, as text.

    Args:
        of: Payments.
    """
    rows, guilty = len(of.source), int(of.guilty.sum())
    patterned = int(((of.group >= 0) & (of.group < len(PATTERNS))).sum())
    return {
        "rows": f"{rows:,}",
        "days": f"{int(of.day.max(initial=0)) + 1}",
        "accounts": f"{of.accounts:,}",
        "different pairs of payer and payee": f"{len(np.unique(of.source * of.accounts + of.target)):,}",
        "banks": f"{of.banks}",
        "currencies": f"{len(of.names['currency'])}",
        "laundering rows": f"{guilty:,}",
        "one row in": f"{rows / max(guilty, 1):,.0f}",
        "of them in one of the eight patterns": f"{patterned / max(guilty, 1):.0%}",
    }


def print_tables(runs: dict[str, Payments]) -> None:
    """Print sizes, degree tails, formats and stories by shape.

    Args:
        runs: Payments by name of the run.
    """
    columns = f"{' | '.join(runs)} |"
    print(f"| | {columns}\n|---|{'--:|' * len(runs)}")
    sized = [sizes(of) for of in runs.values()]
    for name in sized[0]:
        print(f"| {name} | {' | '.join(one[name] for one in sized)} |")
    for way in ("in", "out"):
        tails = [degrees(of, way) for of in runs.values()]
        said = [" / ".join(f"{value:,.0f}" for value in tail.quantiles) + f"; {tail.exponent:.2f}" for tail in tails]
        print(f"| {way}-degree: {' / '.join(f'{q:.1%}' for q in QUANTILES[:-1])} / most; exponent | {' | '.join(said)} |")
    _print_formats(runs)
    _print_shapes(runs)


def _print_formats(runs: dict[str, Payments]) -> None:
    mixes = [(_formats(of, np.arange(len(of.source))), _formats(of, np.flatnonzero(of.guilty))) for of in runs.values()]
    theirs = [np.array([mix.get(name, 0) for name in AMLWORLD_FORMATS], float) for mix in (AMLWORLD_FORMATS, AMLWORLD_GUILTY)]
    mixes.insert(0, (theirs[0] / theirs[0].sum(), theirs[1] / theirs[1].sum()))
    heads = [f"{name}: {what}" for name in ("HI-Small", *runs) for what in ("all", "laundering")]
    print(f"\n| payment format | {' | '.join(heads)} |\n|---|{'--:|' * len(heads)}")
    for place, name in enumerate(AMLWORLD_FORMATS):
        print(f"| {name} | {' | '.join(f'{mix[place]:.1%}' for pair in mixes for mix in pair)} |")


def _print_shapes(runs: dict[str, Payments]) -> None:
    print(f"\n| stories (rows) | {' | '.join(runs)} |\n|---|{'--:|' * len(runs)}")
    for code, name in enumerate(next(iter(runs.values())).groups):
        cells = [f"{len(np.unique(of.story[of.group == code]))} ({int((of.group == code).sum())})" for of in runs.values()]
        print(f"| {name} | {' | '.join(cells)} |")


def main() -> None:
    """Print the tables of the runs that are named."""
    if len(sys.argv) < 2:
        raise SystemExit("python -m calibration.graph_shape RUN…")
    try:
        runs = {folder.rstrip("/").rpartition("/")[2]: payments(open_run(folder)) for folder in sys.argv[1:]}
    except InputError as error:
        raise SystemExit(f"{error}") from None
    print_tables(runs)


if __name__ == "__main__":
    main()
