"""What the guilty stories of runs took, by family and by file, beside what the files declare and what the sources say.

Stories that begin in the last days of a run are left out, for they have not had the time to take what they will. Several runs of one
scenario with other seeds are pooled.

    python -m calibration.tally [--settle DAYS] [--country US] RUN RUN…
"""

import argparse
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.expected import Expected, expect
from calibration.losses import Loss, read_losses
from simulator.audit.lot import For, lots
from simulator.record.read import Run, open_run
from simulator.stories.library import Library

YEAR = 365.25
TURNS = 4000
"""Resamples of a bootstrap."""

LEVEL = 0.95


class Between(NamedTuple):
    """A figure with the ends of its interval."""

    value: float
    low: float
    high: float

    def covers(self, figure: float) -> bool:
        """Whether a figure lies between the ends."""
        return self.low <= figure <= self.high


class Tally(NamedTuple):
    """What a family took."""

    number: int
    cases: Between
    """For each adult and year, at the rates of life."""
    loss: Between
    """Mean of a case, currency units."""


def stories_of(run: Run, settle: int) -> pd.DataFrame:
    """Guilty stories of a run that began early enough: file, typology, what was taken and how much of a story at the rates of life each is.

    Args:
        run: its stories.
        settle: days at the end whose stories are left out.
    """
    settings = run.scenario
    told = pd.DataFrame([(one.typology.title, one.name, one.typology.gates.reported, one.often) for one in Library(settings.stories).told],
                        columns=["title", "name", "reported", "often"])  # fmt: skip
    stories = run.stories(columns=["story_id", "typology", "lookalike_of", "start", "amount_taken", "amount_recovered", "text"]).to_pandas()
    stories["title"] = stories.pop("text").str.split(r", run by crew|; cast by account", regex=True, n=1).str[0]
    day = (stories["start"].dt.tz_convert(None) - pd.Timestamp(settings.period.start)).dt.days
    stories = stories[stories["lookalike_of"].isna() & (day < settings.period.days - settle)]
    merged: pd.DataFrame = stories.merge(told, on="title")
    return merged


def adult_years(run: Run, settle: int) -> float:
    """Adults of a run times the years in which its stories count."""
    return run.scenario.population.customers * (run.scenario.period.days - settle) / YEAR


def tally(stories: pd.DataFrame, years: float, fact: Loss, level: float = LEVEL) -> Tally:
    """Cases and mean loss of a family, with intervals.

    The number is that of a Poisson process for each file, weighed by the share that victims tell of where the source counts those;
    the mean is resampled over stories.

    Args:
        stories: what `stories_of` gave, of all runs.
        years: adult-years of all runs.
        fact: which typologies, and how they are counted.
        level: of the intervals.
    """
    of_it = stories[stories["typology"].isin(fact.typologies) & (stories["amount_taken"] > 0)]
    weight = (of_it["reported"].to_numpy() if fact.counts == "reported" else np.ones(len(of_it))) / of_it["often"].to_numpy()
    taken = of_it["amount_taken"].to_numpy(float)
    often, room = weight.sum() / years, NormalDist().inv_cdf((1 + level) / 2) * np.sqrt((weight**2).sum()) / years
    return Tally(len(of_it), Between(often, max(0.0, often - room), often + room), _mean(taken, weight, level))


def _mean(taken: NDArray[np.float64], weight: NDArray[np.float64], level: float) -> Between:
    if not len(taken):
        return Between(0.0, 0.0, 0.0)
    word = lots(TURNS * len(taken), For.RESAMPLED).astype(np.int64).reshape(TURNS, len(taken))
    place = word * len(taken) >> 32
    means = (weight * taken)[place].sum(axis=1) / weight[place].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Between(float((weight * taken).sum() / weight.sum()), float(low), float(high))


def by_file(stories: pd.DataFrame, years: float, found: list[Expected]) -> pd.DataFrame:
    """How often each file takes something of those that can be told, and how much, beside what it declares."""
    rows = []
    for one in found:
        if one.innocent:
            continue
        taken = stories.loc[(stories["name"] == one.name) & (stories["amount_taken"] > 0), "amount_taken"].astype(float)
        error = float(taken.std(ddof=0) / max(1, len(taken)) ** 0.5) if len(taken) else 0.0
        share = len(taken) / (one.told * years) if one.told else 0.0
        rows.append((one.name, one.typology, len(taken), share, one.takes, taken.mean() if len(taken) else 0.0, error, one.loss))
    return pd.DataFrame(rows, columns=["name", "typology", "took", "share", "takes", "mean", "error", "loss"])


def main() -> None:
    """Print both tables of the runs that are named, as Markdown."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("runs", nargs="+")
    asked.add_argument("--settle", type=int, default=90)
    asked.add_argument("--country", choices=["US", "UK"], default="US")
    given = asked.parse_args()
    runs = [open_run(folder) for folder in given.runs]
    stories = pd.concat([stories_of(run, given.settle) for run in runs])
    years = sum(adult_years(run, given.settle) for run in runs)
    print("| family | cases | per 1,000 adults and year | source | | mean loss | source | |\n|---|--:|---|--:|---|---|--:|---|")
    told = [(fact, tally(stories, years, fact)) for fact in read_losses(given.country)]
    told = [(fact, found) for fact, found in told if found.number]
    joint = 1 - (1 - LEVEL) / (2 * len(told))  # Bonferroni: as many intervals as are looked at, together
    for fact, found in told:
        wide = tally(stories, years, fact, joint)
        cases = Between(*(1000 * end for end in found.cases))
        print(f"| {fact.group} | {found.number} | {cases.value:.3f} ({cases.low:.3f} to {cases.high:.3f}) | {1000 * fact.cases:.3f} "
              f"| {_said(found.cases, wide.cases, fact.cases)} | {found.loss.value:,.0f} ({found.loss.low:,.0f} to {found.loss.high:,.0f}) "
              f"| {fact.loss:,.0f} | {_said(found.loss, wide.loss, fact.loss)} |")  # fmt: skip
    print("\n| file | took | share of those told | declared | mean | standard error | declared |\n|---|--:|--:|--:|--:|--:|--:|")
    for _, row in by_file(stories, years, expect(runs[0].scenario)).iterrows():
        if row["took"]:
            print(f"| {row['name']} | {row['took']} | {row['share']:.3f} | {row['takes']:.2f} | {row['mean']:,.0f} | {row['error']:,.0f} "
                  f"| {row['loss']:,.0f} |")  # fmt: skip


def _said(found: Between, wide: Between, figure: float) -> str:
    """Whether the interval of one figure alone covers it, or that of all together, which is wider."""
    return "covered" if found.covers(figure) else "covered by all together" if wide.covers(figure) else "not covered"


if __name__ == "__main__":
    main()
