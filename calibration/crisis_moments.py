"""Moments of crises: card spending against January, jobs, late and lost credit, an outage, a run on a bank. Hold-outs, never fitted.

Spending is taken against what the calendar of the scenario expects of each day, as the published series are adjusted for the season.
"""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from calibration.crisis_figures import OPPORTUNITY_INSIGHTS
from calibration.facts import Facts
from calibration.moments import Measure, moment
from calibration.tracks import BINS
from simulator.clock import EPOCH, Clock

type Floats = NDArray[np.float64]

WEEK = 7
QUARTER = 91
JANUARY = (date(2020, 1, 4), date(2020, 1, 31))
DATES = {"june": date(2020, 6, 30), "december": date(2020, 12, 1)}


def _days(facts: Facts) -> list[date]:
    return [EPOCH + timedelta(facts.tracks.first_day + place) for place in range(1, facts.days + 1)]


def _level(facts: Facts, categories: list[str] | None, quarter: int | None = None) -> Floats:
    """Card purchases by whole local day over what the calendar expects of it, of some categories or of a fourth by income."""
    days, clock = _days(facts), Clock(facts.scenario)
    seasons = {one.name: one.season or [1.0] * 12 for one in facts.scenario.categories}
    names = [name for name in facts.categories_known if name in seasons and (categories is None or name in categories)]
    if quarter is not None:
        value = facts.tracks.by_quarter[quarter]
    else:
        value = facts.tracks.by_category[[facts.categories_known.index(name) for name in names]].sum(axis=0)
    weight = {name: facts.tracks.by_category[facts.categories_known.index(name)].sum() for name in names}
    total = max(sum(weight.values()), 1e-9)
    month = [sum(weight[name] * seasons[name][place] for name in names) / total for place in range(12)]
    expected = np.array([clock.factor(day) * month[day.month - 1] for day in days])
    return np.asarray(value[1 : facts.days + 1] / np.maximum(expected, 1e-9), np.float64)


def _course(facts: Facts, categories: list[str] | None, quarter: int | None = None) -> dict[date, float] | None:
    """Seven-day mean against January 2020, by day; None where the run does not hold that month."""
    days = _days(facts)
    if days[0] > JANUARY[0] or days[-1] < date(2020, 4, 30):
        return None
    level = _level(facts, categories, quarter)
    base = np.mean([one for day, one in zip(days, level, strict=True) if JANUARY[0] <= day <= JANUARY[1]])
    if base <= 0:
        return None
    smooth = np.convolve(level, np.ones(WEEK) / WEEK, "valid") / base - 1
    return dict(zip(days[WEEK - 1 :], smooth.tolist(), strict=True))


@moment
def covid_card_spending(facts: Facts) -> Measure:
    """Card spending against January 2020: lowest from March to June, at the end of June, on 1 December; groceries' peak in March."""
    parts: dict[str, tuple[list[str] | None, int | None]] = {"all": (None, None), "q1": (None, 0), "q4": (None, 3)}
    parts |= {name.replace(" ", "_").replace("-", "_"): (row[3], None) for name, row in OPPORTUNITY_INSIGHTS.items()}
    found: dict[str, float] = {}
    for name, (categories, quarter) in parts.items():
        course = _course(facts, categories, quarter)
        if course is None:
            return None
        floor = date(2020, 3, 30) if name == "groceries" else date(2020, 3, 1)
        found[f"{name}_trough"] = min(one for day, one in course.items() if floor <= day <= DATES["june"])
        found |= {f"{name}_{word}": course[day] for word, day in DATES.items() if day in course}
        if name == "groceries":
            found["groceries_peak"] = max(one for day, one in course.items() if date(2020, 3, 1) <= day <= date(2020, 4, 5))
    return found


@moment
def spending_trough(facts: Facts) -> Measure:
    """Lowest quarter of card purchases against the first, season removed; runs of four quarters or more."""
    level = _level(facts, None)
    quarters = [level[at : at + QUARTER].mean() for at in range(0, len(level) - QUARTER + 1, QUARTER)]
    return float(min(quarters) / quarters[0] - 1) if len(quarters) >= 4 and quarters[0] > 0 else None


@moment
def unemployment(facts: Facts) -> Measure:
    """Highest and lowest rate over the run, where jobs are lost."""
    daily = facts.run.table("daily", ["labour_force", "unemployed"]).to_pandas()
    daily = daily[daily["labour_force"] > 0]
    rate = daily["unemployed"] / daily["labour_force"]
    return {"highest": float(rate.max()), "lowest": float(rate.min())} if len(rate) else None


@moment
def card_credit(facts: Facts) -> Measure:
    """Yearly charge-off rate of card balances, mean and highest quarter, and highest share 30 days late; runs of 12 months or more."""
    months = facts.run.table("credit_months", ["month", "account_id", "balance", "days_past_due", "charged_off"]).to_pandas()
    cards = set(facts.accounts.loc[facts.accounts["kind"] == "credit_card", "account_id"])
    months = months[months["account_id"].isin(cards)]
    months["late"] = months["balance"].where(months["days_past_due"] >= 30, 0.0)
    sums = months.groupby("month")[["balance", "charged_off", "late"]].sum()
    if len(sums) < 12 or sums["balance"].sum() <= 0:
        return None
    quarter = sums.rolling(3).sum().dropna()
    return {
        "charge_off": float(12 * sums["charged_off"].sum() / sums["balance"].sum()),
        "charge_off_highest": float((12 * quarter["charged_off"] / quarter["balance"]).max()),
        "late_highest": float((sums["late"] / sums["balance"]).max()),
    }


@moment
def network_failures(facts: Facts) -> Measure:
    """Share of card payments that failed for the network, from the first five minutes with a failure to the last."""
    asked, failed = facts.tracks.asked
    hit = np.flatnonzero(failed)
    if not len(hit):
        return None
    part = slice(hit[0], min(hit[-1], hit[0] + 2 * BINS) + 1)
    return float(failed[part].sum() / asked[part].sum())


@moment
def deposit_outflow(facts: Facts) -> Measure:
    """Most that left a bank for others in a day, over what its customers and firms held on the first morning."""
    banks = facts.run.table("accounts", ["account_id", "bank"]).to_pandas().drop_duplicates("account_id")
    owners = ["customer", "merchant", "employer", "institution"]
    own = facts.accounts[facts.accounts["owner_kind"].isin(owners) & facts.accounts["kind"].isin(["current", "savings"])]
    held = own.merge(banks, on="account_id").groupby("bank")["opening_balance"].sum()
    day = facts.tracks.flows[:, 1 : facts.days + 1].max(axis=1)
    shares = [float(day[bank] / held[bank]) for bank in range(len(day)) if held.get(bank, 0.0) > 0]
    return max(shares) if shares else None


@moment
def notes_in_march_2020(facts: Facts) -> Measure:
    """Growth of notes in circulation from 3 March to 1 April 2020."""
    daily = facts.run.table("daily", ["date", "notes"]).to_pandas()
    notes = daily.set_index(daily["date"].astype(str))["notes"]
    return float(notes["2020-04-01"] / notes["2020-03-03"] - 1) if {"2020-03-03", "2020-04-01"} <= set(notes.index) else None


@moment
def household_responses(facts: Facts) -> Measure:
    """Nothing: they need people with and without an event; `python -m calibration.crises households` prints them."""
    return None
