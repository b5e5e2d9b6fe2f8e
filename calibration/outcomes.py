"""How stories end, by typology, pooled over runs: `python -m calibration.outcomes RUN RUN…` prints a table in Markdown."""

import sys

import pandas as pd

from simulator.record.read import open_run

ENDS = ("completed", "stopped", "abandoned", "under way")


def outcomes(folders: list[str]) -> pd.DataFrame:
    """Stories by typology and end, with the share that took something and the median of what those took.

    Args:
        folders: run folders.

    Returns:
        One row a typology: `told`, one column for each of `ENDS`, `took` (share) and `median` (currency units).
    """
    columns = ["typology", "lookalike_of", "outcome", "amount_taken"]
    stories = pd.concat([open_run(folder).stories(columns=columns).to_pandas() for folder in folders])
    stories["typology"] = stories["typology"].astype(str)
    stories["outcome"] = stories["outcome"].astype(str)
    table: pd.DataFrame = stories.groupby(["typology", "outcome"]).size().unstack(fill_value=0).reindex(columns=list(ENDS), fill_value=0)
    took = stories[stories["amount_taken"] > 0].groupby("typology")["amount_taken"]
    table.insert(0, "told", table.sum(axis=1))
    table["took"] = (took.size() / table["told"]).fillna(0.0)
    table["median"] = took.median().fillna(0.0)
    return table


def main() -> None:
    """Print the table of the runs that are named."""
    print("| typology | told | completed | stopped | abandoned | under way | took something | median taken |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for typology, row in outcomes(sys.argv[1:]).iterrows():
        ends = " | ".join(f"{int(row[end])}" for end in ENDS)
        print(f"| {typology} | {int(row['told'])} | {ends} | {row['took']:.0%} | {row['median']:,.0f} |")


if __name__ == "__main__":
    main()
