"""Paths of the shipped crises from public tables; ``scenarios/*.csv`` hold what comes out, and only that.

``python -m calibration.derive_paths orders MILESTONES`` writes `covid2020_orders.csv`, ``jobs EMPLOYMENT`` `covid2020_jobs.csv`, and
``recession US_EMPLOYMENT`` `gfc2008_unemployment.csv`. The tables are not shipped:

- MILESTONES: *Policy Milestones - State* of the Opportunity Insights Economic Tracker, with a column ``population`` (its *GeoIDs - State*).
- EMPLOYMENT: *Employment - National - Weekly* of the same; jobs, not spending. Free use with attribution to Opportunity Insights.
- US_EMPLOYMENT: `us-employment.csv` of the vega-datasets package: Current Employment Statistics, Bureau of Labor Statistics, in the public
  domain.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

type Frame = Any
"""A data frame: its stubs know too little of its columns."""

SCENARIOS = Path(__file__).parent.parent / "scenarios"

DINING = {
    "2020-03-15": "Ohio Washington", "2020-03-16": "Illinois California New York,New Jersey,Connecticut,Maryland,Michigan,Kentucky,Indiana,"
    "New Hampshire,Delaware,Rhode Island,District Of Columbia", "2020-03-18": "Pennsylvania South Carolina Utah Alaska Maine",
    "2020-03-19": "Alabama Nebraska New Mexico", "2020-03-20": "Florida Texas Arizona Nevada Montana Wyoming Hawaii Arkansas,North Dakota",
    "2020-03-23": "Tennessee Virginia Missouri Kansas", "2020-03-25": "Idaho Oklahoma", "2020-04-03": "Georgia Mississippi",
}  # fmt: skip
"""When dining rooms and bars closed by order, from memory; the states not named on 17 March, South Dakota never."""

PHASE = 28
"""Days from the first reopening to that of halls, gyms and cinemas (assumption: the later phases of most states' plans)."""


OWN = 0.4
"""Part of the jobs lost in a sector that shows among those who last worked there; who lost the others crowds every sector alike.

Unemployment by industry of the last job rose by 13 points in construction from 2007 to 2010, 6 in manufacturing, 3 in education and health,
2 in government (yearly means, Current Population Survey, Bureau of Labor Statistics, from memory): least squares give 0.42.
"""


def dining_day(state: str) -> pd.Timestamp:
    """The day on which a state's dining rooms closed."""
    for day, states in DINING.items():
        if state in states:
            return pd.Timestamp(day)
    return pd.Timestamp("2100-01-01") if state == "South Dakota" else pd.Timestamp("2020-03-17")


def orders(milestones: pd.DataFrame) -> pd.DataFrame:
    """Share of the population under each kind of order, every third day; regions that reopen first count half a state."""
    dates = milestones.filter(regex="closed|open|stay").apply(pd.to_datetime)
    weight = (milestones["population"] / milestones["population"].sum()).to_numpy()
    never, first = pd.Timestamp("2100-01-01"), dates[["nonessential_biz_closed", "stayathome_start"]].min(axis=1)
    regional, statewide = dates["regional_biz_opened"].fillna(never), dates["statewide_biz_opened"].fillna(never)
    home_ends = dates["statewide_stayathome_end"].fillna(dates["statewide_biz_opened"]).fillna(never)
    dining = milestones["statename"].map(dining_day)
    rows = []
    for day in pd.date_range("2020-03-12", "2020-07-31", freq="3D"):
        reopened = np.where(statewide <= day, 1.0, np.where(regional <= day, 0.5, 0.0))
        later = np.where(statewide + pd.Timedelta(days=PHASE) <= day, 1.0, 0.0)
        under = {
            "stores": np.where(first <= day, 1 - reopened, 0.0),
            "home": np.where((dates["stayathome_start"] <= day) & (home_ends > day), 1.0, 0.0),
            "dining": np.where(dining <= day, 1 - reopened, 0.0),
            "limited": np.where(dining <= day, reopened, 0.0),
            "halls": np.where(dining <= day, 1 - later, 0.0),
            "schools": np.where(dates["schools_closed"] <= day, 1.0, 0.0),
        }
        rows.append({"date": day.date()} | {name: round(float((values * weight).sum()), 3) for name, values in under.items()})
    return pd.DataFrame(rows)


def closures(shares: pd.DataFrame) -> pd.DataFrame:
    """Restriction by category from the shares of people under orders.

    What an order leaves open is an assumption: rooms are 75 % of what restaurants and 30 % of what fast food sells, half of their seats are
    free once they reopen; department stores are 30 % of general merchandise; six trips of ten are none that stay-at-home orders allow, nine
    of ten flights and nights; borders were closed to three flights of ten, and to the end of the year; seven treatments of ten can wait.
    """
    s = shares.set_index("date")
    days = _number(list(s.index))
    borders = np.interp(days, _number(["2020-03-12", "2020-03-21"]), [0.3, 1.0])
    # Asked to stop by the CMS and the surgeon general on 14 to 18 March, allowed to begin again from 19 April on (from memory).
    elective = np.interp(days, _number(["2020-03-14", "2020-03-24", "2020-04-24", "2020-05-20"]), [0.0, 1.0, 1.0, 0.0])
    room = s["dining"] + 0.5 * s["limited"]
    trips, halls = 0.6 * s["home"], s["halls"] + 0.5 * (s["limited"] - (s["halls"] - s["dining"])).clip(lower=0)
    found = pd.DataFrame({
        "restaurants": 0.75 * room, "fast_food": 0.3 * room, "stores": s["stores"], "department": 0.3 * s["stores"], "trips": trips,
        "flights": 0.3 * borders + 0.7 * 0.9 * s["home"], "nights": 0.9 * s["home"], "halls": halls, "treatments": 0.7 * elective,
        "lessons": s["schools"],
    })  # fmt: skip
    return found.clip(0, 1).round(3).reset_index()


def _number(days: list[Any]) -> list[int]:
    return [(pd.Timestamp(day) - pd.Timestamp("2020-01-01")).days for day in days]


def covid_jobs(employment: Frame) -> Frame:
    """Jobs lost since January 2020 as a share, by sector, every second week; none where there were more."""
    day = pd.to_datetime(employment[["year", "month"]].assign(day=employment["day_endofweek"]))
    kept = {"all": "emp", "retail": "emp_retail", "food_and_lodging": "emp_s72", "trade_and_transport": "emp_ss40",
            "business": "emp_ss60", "health": "emp_ss65", "leisure": "emp_ss70"}  # fmt: skip
    lost = employment[list(kept.values())].apply(pd.to_numeric, errors="coerce").set_axis(list(kept), axis=1)
    table = (-lost).clip(lower=0).round(3).assign(date=day.dt.date)
    table = table[(day >= "2020-02-28") & (day <= "2020-12-31")].iloc[::2]
    return table[["date", *kept]]


def recession(jobs: Frame) -> Frame:
    """Unemployment beyond that of December 2007, every quarter: in every sector alike and, to be added, in each, see `OWN`."""
    jobs = jobs.set_index(pd.to_datetime(jobs["month"])).drop(columns="month")
    names = {"construction": "construction", "manufacturing": "manufacturing", "wholesale": "wholesale_trade", "retail": "retail_trade",
             "transport": "transportation_and_warehousing", "information": "information", "finance": "financial_activities",
             "business": "professional_and_business_services", "education_and_health": "education_and_health_services",
             "leisure": "leisure_and_hospitality", "other_services": "other_services", "government": "government",
             "all": "nonfarm"}  # fmt: skip
    lost = 1 - jobs[list(names.values())].set_axis(list(names), axis=1) / jobs.loc["2007-12-01", list(names.values())].to_numpy()
    quarters = lost.loc["2008-01-01":"2011-04-01"].iloc[::3].clip(lower=0)
    quarters = quarters.mul(OWN).assign(everywhere=(1 - OWN) * quarters["all"]).drop(columns="all").round(4)
    return quarters.rename_axis("date").reset_index().assign(date=lambda frame: frame["date"].dt.date)


def main(words: list[str]) -> None:
    """Derive one of the files."""
    what, source = words
    table = pd.read_csv(source, na_values=".")
    if what == "orders":
        shares = orders(table)
        shares.to_csv(SCENARIOS / "covid2020_orders.csv", index=False)
        closures(shares).to_csv(SCENARIOS / "covid2020_closures.csv", index=False)
    else:
        made, name = (covid_jobs, "covid2020_jobs") if what == "jobs" else (recession, "gfc2008_unemployment")
        made(table).to_csv(SCENARIOS / f"{name}.csv", index=False)


if __name__ == "__main__":
    main(sys.argv[1:])
