"""How stories end, by typology, and why: pooled over worlds in which rare ones are told more often.

`outcomes.yaml` says of each typology which share of its stories is to be completed at the default defence. Stories that begin in the last
days of a run are left out, for they have not had the time to end.

    python -m calibration.outcomes --tell OUT     # makes the runs, in OUT
    python -m calibration.outcomes OUT/*          # prints a table in Markdown; exits 1 where a typology does not end as it says
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from scipy.stats import binomtest

from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.source import read_file

WORLDS = {"hamlet": 11, "high_street": 12, "crime_wave": 13, "metropolis": 14}
"""Scenarios that are run, and their seeds."""

DIALS: dict[str, Any] = {
    "population.customers": 6000, "period.days": 365, "stories.library": ["all"], "stories.difficulty": "realistic",
    "stories.intensity": 10, "stories.lookalikes": 3,
}  # fmt: skip

MIX = {
    "C1": 0.25, "C4": 0.05, "C6": 0.5, "P1": 0.3, "A2": 3, "A3": 12, "S3": 5, "S5": 10, "S6": 25, "S7": 4, "FAKE": 10, "I1": 6, "M1": 5,
    "M2": 6, "HF1": 0.3, "HF4": 0.3, "HF5": 0.3, "HF10": 3, "HF20": 2, "HF21": 3, "HF22": 5, "HF23": 5, "HF24": 6, "HF27": 5, "HF29": 7,
    "HF30": 9, "HF31": 2, "HF32": 2, "HF35": 2,
}  # fmt: skip
"""By typology: what is common is told less often, what befalls firms or few people more often, so that thirty of each are told."""

ENDS = {
    "completed": "it got what there was",
    "victim": "the victim noticed", "bank": "the bank had blocked the account or card", "stopped": "the bank stopped it",
    "doubt": "the victim began to doubt", "declined": "payments were declined", "nothing": "nothing was to be had",
    "given up": "it was given up", "under way": "the run ended",
}  # fmt: skip
"""Columns of the table, and how the stories say it."""

LEAST = 30
"""Stories of a typology that are told at least."""

ROOM = 0.05
"""Shares are stated to the nearest twentieth; what lies within one of it is as stated."""

SURE = 0.001
"""A share differs from what is stated where chance would put it so far beyond that room once in a thousand times."""


def outcomes(folders: list[str], settle: int = 120) -> pd.DataFrame:
    """Stories by typology and end.

    Args:
        folders: run folders.
        settle: days at the end of each whose stories are left out.

    Returns:
        One row a typology: `told`, one column for each of `ENDS`, `took` (share) and `median` (currency units).
    """
    found = []
    for folder in folders:
        run = open_run(folder)
        stories = run.stories(columns=["typology", "lookalike_of", "start", "why", "amount_taken"]).to_pandas()
        day = (stories["start"].dt.tz_convert(None) - pd.Timestamp(run.scenario.period.start)).dt.days
        found.append(stories[day < run.scenario.period.days - settle])
    stories = pd.concat(found)
    stories["typology"] = stories["typology"].astype(str)
    stories["why"] = stories["why"].astype(str).map({said: end for end, said in ENDS.items()})
    table: pd.DataFrame = stories.groupby(["typology", "why"]).size().unstack(fill_value=0).reindex(columns=list(ENDS), fill_value=0)
    took = stories[stories["amount_taken"] > 0].groupby("typology")["amount_taken"]
    table.insert(0, "told", stories.groupby("typology").size())
    table["took"] = (took.size() / table["told"]).fillna(0.0)
    table["median"] = took.median().fillna(0.0)
    return table


def stated() -> dict[str, float]:
    """Share of each typology's stories that are to be completed."""
    completed = read_file(Path(__file__).with_name("outcomes.yaml")).child("completed")
    assert completed is not None and isinstance(completed.value, dict)
    return {typology: float(str(share.value)) for typology, share in completed.value.items()}


def complaints(table: pd.DataFrame, shares: dict[str, float]) -> list[str]:
    """What does not end as it says: typologies that are not stated, too rare, or completed more or less often than chance allows.

    Args:
        table: what `outcomes` gave.
        shares: what `stated` gave.
    """
    found = [f"{typology}: told, but no share is stated" for typology in table.index if typology not in shares]
    counts: dict[str, list[int]] = dict(zip(table.index, table[["told", "completed"]].to_numpy().tolist(), strict=True))
    for typology, share in shares.items():
        told, done = counts.get(typology, [0, 0])
        if told < LEAST:
            found.append(f"{typology}: told {told} times, at least {LEAST} are needed")
        elif abs(done / told - share) > ROOM and binomtest(done, told, share + ROOM if done / told > share else share - ROOM).pvalue < SURE:
            found.append(f"{typology}: {done} of {told} completed, {share:.0%} stated")
    return found


def tell(out: Path) -> None:
    """Make the runs."""
    for world, seed in WORLDS.items():
        mix = {f"stories.mix.{typology}": factor for typology, factor in MIX.items()}
        run_scenario(load_scenario(world, {**DIALS, **mix, "seed": seed}), out / world)


def main() -> None:
    """Make the runs, or print their table."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--tell", metavar="OUT", type=Path)
    asked.add_argument("--settle", type=int, default=120)
    asked.add_argument("runs", nargs="*")
    given = asked.parse_args()
    if given.tell:
        tell(given.tell)
        return
    table, shares = outcomes(given.runs, given.settle), stated()
    print(f"| typology | told | {' | '.join(ENDS)} | took something | median taken | stated |\n|---|{'--:|' * (len(ENDS) + 4)}")
    for typology, row in table.iterrows():
        ends = " | ".join(f"{int(row[end])}" for end in ("told", *ENDS))
        print(f"| {typology} | {ends} | {row['took']:.0%} | {row['median']:,.0f} | {shares.get(str(typology), 0):.0%} |")
    wrong = complaints(table, shares)
    print("\n".join(wrong), file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
