"""What banks and victims did about the frauds of runs, beside published figures: prevented, given back, found, told, filed.

`python -m calibration.response RUN RUN…` prints them as a table in Markdown.
"""

import sys
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from simulator.record.read import Run, open_run
from simulator.scenario.story import Family

UNAUTHORISED = (Family.CARD, Family.TAKEOVER)

SOURCES = {
    "prevented": (0.67, "67p of every pound of unauthorised fraud that was tried, UK Finance 2025 on 2024"),
    "given_back": (0.59, "59 % of losses by authorised push payments, UK Finance 2025 on 2024; assumption for the United States"),
    "precise": (None, "assumption; 5 to 10 % are often quoted for laundering alerts"),
    "days_card": (None, "assumption; 0 to 30 days (narratives C1 and C4)"),
    "days_takeover": (None, "assumption; an hour to three days (narrative A1)"),
    "days_scam": (None, "assumption; hours to months by type (narratives S1 to S8)"),
    "filed_of_alerts": (0.04, "640,000 reports of 16 million alerts at 19 banks in 2017, Bank Policy Institute 2018; from memory"),
    "filed_of_cases": (None, "assumption (`defence.filed`)"),
}
"""Published figures, none where there is no source, and what is said of them."""

SAID = {
    "prevented": "share of the value of unauthorised fraud that was declined or blocked",
    "given_back": "share of what victims of scams told of that was got back or made good, of decided reports",
    "precise": "share of decided alerts that are about a guilty payment",
    "days_card": "median days from the first fraud by card to the victim's report",
    "days_takeover": "the same of accounts taken over",
    "days_scam": "the same of scams",
    "filed_of_alerts": "suspicious-activity reports filed for each decided alert",
    "filed_of_cases": "share of cases in which one is filed",
}


class Counts(NamedTuple):
    """Sums of a run, which pool by addition; days are listed."""

    tried: float
    declined: float
    told: float
    back: float
    alerts: int
    guilty: int
    cases: int
    filed: int
    days: dict[str, list[float]]


def count(run: Run) -> Counts:
    """The sums of a run."""
    labels = run.true_labels(["transaction_id", "story_id", "is_fraud", "is_laundering", "authorised"]).to_pandas()
    families = run.stories(["story_id", "family"]).to_pandas().astype({"family": str})
    labels = labels.merge(families, on="story_id")
    frauds = labels[labels["is_fraud"]]
    ids = pc.field("transaction_id").isin(frauds["transaction_id"].tolist())
    rows = run.transactions(["transaction_id", "timestamp", "amount", "status"], ids).to_pandas().merge(frauds, on="transaction_id")
    unauthorised = rows[rows["family"].isin([str(family) for family in UNAUTHORISED])]
    declined = unauthorised["status"].astype(str) != "approved"
    reports = run.reports(["transaction_id", "kind", "reported_at", "amount", "recovered", "status"]).to_pandas()
    reports = reports[reports["kind"].astype(str) == "victim"].merge(rows[["transaction_id", "story_id", "family"]], on="transaction_id")
    scams = reports[(reports["family"] == str(Family.SCAM)) & (reports["status"].astype(str) != "open")]
    alerts = run.alerts(["transaction_id", "disposition"]).to_pandas()
    alerts = alerts[alerts["disposition"].astype(str) != "open"]
    guilty = alerts["transaction_id"].isin(labels.loc[labels["is_fraud"] | labels["is_laundering"], "transaction_id"])
    filed = run.cases(["sar_filed_at"]).to_pandas()["sar_filed_at"]
    return Counts(
        float(unauthorised["amount"].sum()), float(unauthorised.loc[declined, "amount"].sum()), float(scams["amount"].sum()),
        float(scams["recovered"].sum()), len(alerts), int(guilty.sum()), len(filed), int(filed.notna().sum()), _days(rows, reports),
    )  # fmt: skip


def _days(rows: pd.DataFrame, reports: pd.DataFrame) -> dict[str, list[float]]:
    """Days from the first fraud of a story to its first report, by family."""
    first = rows[rows["status"].astype(str) == "approved"].groupby("story_id")["timestamp"].min()
    told = reports.groupby("story_id").agg(reported=("reported_at", "min"), family=("family", "first"))
    told["days"] = (told["reported"] - first.reindex(told.index)).dt.total_seconds() / 86_400
    return {str(family): found.dropna().tolist() for family, found in told.groupby("family")["days"]}


def response(counts: list[Counts]) -> dict[str, float]:
    """The figures of several runs together; NaN where nothing was counted."""

    def share(part: str, whole: str) -> float:
        total = sum(getattr(one, whole) for one in counts)
        return float(sum(getattr(one, part) for one in counts) / total) if total else float("nan")

    def days(family: Family) -> float:
        found = [day for one in counts for day in one.days.get(str(family), [])]
        return float(np.median(found)) if found else float("nan")

    return {
        "prevented": share("declined", "tried"), "given_back": share("back", "told"), "precise": share("guilty", "alerts"),
        "days_card": days(Family.CARD), "days_takeover": days(Family.TAKEOVER), "days_scam": days(Family.SCAM),
        "filed_of_alerts": share("filed", "alerts"), "filed_of_cases": share("filed", "cases"),
    }  # fmt: skip


def main() -> None:
    """Print the figures of the runs that are named, as Markdown."""
    print("| what | measured | source | |\n|---|--:|--:|---|")
    for name, value in response([count(open_run(folder)) for folder in sys.argv[1:]]).items():
        figure, said = SOURCES[name]
        shown = f"{value:.1f}" if name.startswith("days") else f"{value:.1%}"
        print(f"| {SAID[name]} | {shown} | {f'{figure:.0%}' if figure else ''} | {said} |")


if __name__ == "__main__":
    main()
