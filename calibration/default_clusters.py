"""How far defaults come together given the path: among colleagues, within a line of business, over a town, from month to month.

``python -m calibration.default_clusters SCENARIO [--customers N] [--replicates N] [--days N] [--set PATH=VALUE]`` prints a table. Nothing
here is fitted. The job channel is switched off by ``--set economy.together=0`` (nobody is laid off together with colleagues) or
``--calm`` (the path itself is gone).
"""

import argparse
import sys
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from calibration.crisis_responses import header
from simulator import PaymentsModel
from simulator.draws import Ints
from simulator.economy.lines import last_firm, line_of
from simulator.population.debts import DEBTS, DEFAULTED
from simulator.population.households import SALARIED
from simulator.population.presence import here
from simulator.stress.estimate import paired

type Floats = NDArray[np.float64]

MONTH = 30
SETTLED = 9
"""Months left out of the comparison of months: debts that begin current take so long to fall behind."""


class Lived(NamedTuple):
    """Who of a town's salaried borrowers of the first morning defaulted."""

    line: Ints
    """Line of business of the employer then."""
    firm: Ints
    fell: NDArray[np.bool_]
    """Whether a card or loan was ever in default."""
    months: Floats
    """First defaults of all borrowers, by month of the run."""
    borrowers: int


def live(scenario: str, changes: dict[str, Any]) -> Lived:
    """One replicate."""
    model = PaymentsModel(scenario, shards=1, workers=1, **changes)
    world, settings = model.world, model.settings
    people, start = world.people, model.clock.start
    firm = last_firm(people.employer.astype(np.int64))
    line = line_of(world.firms, len(settings.income.sectors), len(settings.categories))[np.maximum(firm, 0)]
    late = (world.debts.since > 0).reshape(-1, DEBTS).any(axis=1)  # on the first morning: the path did not bring it about
    owes = here(people, start) & ~late & ((people.line > 0) | (world.accounts.book[3 : world.layout.firm_base : 5] < 0))
    mine = np.flatnonzero(owes & (people.kind == SALARIED) & (firm >= 0))
    mine = mine[np.unique(people.household[mine], return_index=True)[1]]  # partners share a purse: one of each household
    firm, line = firm[mine], line[mine]
    fell = np.zeros(len(owes), bool)
    months = np.zeros(settings.period.days // MONTH)
    for day in range(len(months) * MONTH):
        model.step()
        bad = ((model.world.debts.standing & DEFAULTED) > 0).reshape(-1, DEBTS).any(axis=1) & owes
        months[day // MONTH] += (bad & ~fell).sum()
        fell |= bad
    return Lived(line, firm, fell[mine], months, int(owes.sum()))


def correlation(lived: list[Lived], strata: list[Ints], groups: list[Ints]) -> float:
    """Correlation of the defaults of two people of a group, beyond what those of their stratum share.

    The analysis-of-variance estimator for binary data (Ridout, Demétrio and Firth 1999), its sums of squares taken within strata.

    Args:
        lived: replicates.
        strata: of each person, by replicate.
        groups: of each person, by replicate; groups of two replicates are never the same.
    """
    between = inside = size = 0.0
    few = many = 0
    fell = np.concatenate([one.fell for one in lived]).astype(np.float64)
    stratum = np.concatenate(strata)
    group = np.concatenate([one + (number << 32) for number, one in enumerate(groups)])
    for which in np.unique(stratum):
        rows = stratum == which
        _, place = np.unique(group[rows], return_inverse=True)
        number, down = np.bincount(place).astype(np.float64), np.bincount(place, fell[rows])
        squares, everyone, all_down = float((down**2 / number).sum()), float(number.sum()), float(down.sum())
        between += squares - all_down**2 / everyone
        inside += all_down - squares
        size += everyone - float((number**2).sum()) / everyone
        few += len(number) - 1
        many += int(everyone) - len(number)
    if few < 1 or many < 1 or inside <= 0:
        return float("nan")
    between, inside, size = between / few, inside / many, size / few
    return (between - inside) / (between + (size - 1) * inside)


def estimates(lived: list[Lived]) -> dict[str, float]:
    """The figures of some replicates."""
    one = [np.zeros(len(run.line), np.int64) for run in lived]
    line = [run.line for run in lived]
    counts = np.array([run.months[SETTLED:] for run in lived])
    total = counts.sum(axis=0)
    rate = total.mean() / sum(run.borrowers for run in lived)
    return {
        "two colleagues, beyond their line": correlation(lived, line, [run.firm for run in lived]),
        "two people of a line and town, beyond the line's path": correlation(lived, line, one),
        "two people of a line and town, beyond the common path": correlation(lived, one, line),
        "two people of a town, given the path": correlation(lived, one, one),
        "variance of all replicates' monthly defaults over the binomial": float(total.var(ddof=1) / max(1e-9, total.mean() * (1 - rate))),
        "the same given the path, between replicates": float(counts.var(axis=0, ddof=1).mean() / max(1e-9, counts.mean() * (1 - rate))),
    }


def table(lived: list[Lived]) -> list[str]:
    """Estimates with 90 % intervals that leave out one replicate at a time (jackknife)."""
    whole, count = estimates(lived), len(lived)
    left = [estimates(lived[:k] + lived[k + 1 :]) for k in range(count)] if count > 2 else []
    share = sum(run.fell.sum() for run in lived) / sum(len(run.fell) for run in lived)
    people = sum(len(run.fell) for run in lived) / count
    lines = [f"{people:.0f} salaried borrowers a replicate, {100 * share:.1f} % of them in default at some time", ""]
    lines += header("defaults of", "estimate", "90 % interval")
    for name, value in whole.items():
        if not left or name.startswith("variance"):  # a sum over replicates has no replicates
            lines.append(f"| {name} | {value:.4f} | |")
            continue
        found = paired(np.array([[count * value - (count - 1) * other[name]] for other in left]))
        lines.append(f"| {name} | {value:.4f} | {found.low[0]:.4f} to {found.high[0]:.4f} |")
    return lines


def main(words: list[str]) -> None:
    """Live the replicates and print the table."""
    parser = argparse.ArgumentParser(prog="calibration.default_clusters")
    parser.add_argument("scenario")
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--replicates", type=int, default=8)
    parser.add_argument("--days", type=int)
    parser.add_argument("--calm", action="store_true")
    parser.add_argument("--set", action="append", default=[], dest="changed")
    asked = parser.parse_args(words)
    changes: dict[str, Any] = {"population.customers": asked.customers, "stories.library": [], "expect": []}
    changes |= dict(text.split("=", 1) for text in asked.changed)
    changes |= ({"period.days": asked.days} if asked.days else {}) | ({"shocks": []} if asked.calm else {})
    lived = [live(asked.scenario, changes | {"seed": seed}) for seed in range(1, asked.replicates + 1)]
    print("\n".join(table(lived)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
