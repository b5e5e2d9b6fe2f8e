"""Moments that surveys of people and their accounts tell: what was used in a month, incomes that swing, money at hand, bills not paid."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from calibration.facts import Facts
from calibration.moments import Measure, moment
from calibration.rhythm import calendar_effects, shares_of_week
from calibration.tracks import FIRST_DAYS, WEEKS
from simulator.clock import EPOCH

SWING = 0.25
"""A month's income swings where it is this far from the median month (JPMorgan Chase Institute)."""
INCOMES = {"under_25k": (0.0, 25e3), "from_25k": (25e3, 50e3), "from_50k": (50e3, 100e3), "from_100k": (100e3, np.inf)}


def _everyone(facts: Facts) -> "pd.Series[bool]":
    """Who was a customer from the first day to the last."""
    return facts.people["first"] & facts.people["last"]


@moment
def used_in_30_days(facts: Facts) -> Measure:
    """Share of adults who paid at least once in notes, and by cheque, in the first 30 days."""
    stay = _everyone(facts).to_numpy()
    if facts.days < FIRST_DAYS or not stay.any():
        return None
    return {name: float(facts.tracks.used[place, stay].mean()) for place, name in enumerate(("cash", "cheque"))}


@moment
def no_cash_in_a_week(facts: Facts) -> Measure:
    """Share of adults who pay for none of their purchases of a week in notes, on the mean of the first four weeks."""
    stay = _everyone(facts).to_numpy()
    if facts.days < 7 * WEEKS or not stay.any():
        return None
    return 1 - float(facts.tracks.bought_in_notes[:, stay].mean())


@moment
def agent_clients(facts: Facts) -> Measure:
    """Of those who pay without notes in the first 30 days, the shares that do so once and 5 to 9 times; of those who draw, once."""
    stay = _everyone(facts).to_numpy()
    paid, drawn = facts.tracks.actions[:, stay]
    if facts.days < FIRST_DAYS or not paid.any() or not drawn.any():
        return None
    payers, drawers = paid[paid > 0], drawn[drawn > 0]
    return {"one_payment": float((payers == 1).mean()), "five_to_nine": float(((payers >= 5) & (payers <= 9)).mean()),
            "one_cash_out": float((drawers == 1).mean())}  # fmt: skip


@moment
def phone_payments_per_adult_month(facts: Facts) -> Measure:
    """Consumer payments by app or wallet per adult and month."""
    return facts.tracks.phone / facts.adult_months


@moment
def income_quartile_shares(facts: Facts) -> Measure:
    """Share of the value of card purchases by fourth of household income."""
    value = facts.tracks.by_quarter.sum(axis=1)
    return {f"q{place + 1}": float(part / value.sum()) for place, part in enumerate(value)} if value.sum() else None


@moment
def weekday_shares_by_income(facts: Facts) -> Measure:
    """Shares of the week's value of card purchases by weekday, of the lowest and the highest fourth of household income; holidays aside."""
    found: dict[str, float] = {}
    for name, quarter in (("low", 0), ("high", 3)):
        value = {day: facts.tracks.by_quarter[quarter, (day - EPOCH).days - facts.tracks.first_day] for day in facts.daily.index}
        shares = shares_of_week(calendar_effects(facts, pd.Series(value, dtype=float)))
        if shares is None:
            return None
        found |= {f"{name}_{weekday}": share for weekday, share in shares.items()}
    return found


def _whole_months(facts: Facts) -> list[int]:
    """Places of the calendar months that the run holds from their first day to their last."""
    start, end = facts.scenario.period.start, facts.scenario.period.start + timedelta(facts.days)
    first = facts.tracks.first_month
    months = []
    for place in range(facts.tracks.income.shape[1]):
        year, month = divmod(first + place, 12)
        begins = date(1970 + year, month + 1, 1)
        ends = date(1970 + year + (month == 11), (month + 1) % 12 + 1, 1)
        if begins >= start and ends <= end:
            months.append(place)
    return months


def _incomes(facts: Facts) -> pd.DataFrame | None:
    months = _whole_months(facts)
    if len(months) < 6:
        return None
    stay = _everyone(facts).to_numpy()
    homes = pd.DataFrame(facts.tracks.income[stay][:, months]).groupby(facts.people.loc[stay, "household"].to_numpy()).sum()
    return homes[homes.median(axis=1) > 0]


@moment
def income_volatility(facts: Facts) -> Measure:
    """Median over households of the coefficient of variation of monthly income; runs of six whole months or more."""
    homes = _incomes(facts)
    return None if homes is None or homes.empty else float((homes.std(axis=1, ddof=0) / homes.mean(axis=1)).median())


@moment
def income_swings(facts: Facts) -> Measure:
    """Mean share of months in which a household's income is more than a quarter away from its median month; six whole months or more."""
    homes = _incomes(facts)
    if homes is None or homes.empty:
        return None
    middle = homes.median(axis=1)
    return float((homes.sub(middle, axis=0).abs().gt(SWING * middle, axis=0)).mean(axis=1).mean())


def _at_hand(facts: Facts) -> "pd.Series[float]":
    """What the household of each first-day customer holds in current and savings accounts on the first morning."""
    own = facts.accounts[(facts.accounts["owner_kind"] == "customer") & facts.accounts["kind"].isin(["current", "savings"])]
    first = facts.people[facts.people["first"]].set_index("customer_id")
    held = own.groupby(own["owner_id"].map(first["household"]))["opening_balance"].sum()
    found: pd.Series[float] = first["household"].map(held).fillna(0.0)
    return found


@moment
def could_cover_400(facts: Facts) -> Measure:
    """Share of adults whose household has 400 currency units in current and savings accounts."""
    held = _at_hand(facts)
    return float((held >= 400).mean()) if len(held) else None


@moment
def three_month_fund(facts: Facts) -> Measure:
    """Share of adults whose household could pay three months of its own mean purchases and bills from current and savings accounts."""
    held = _at_hand(facts)
    if not len(held):
        return None
    monthly = [facts.value_of(place) / max(facts.households(place), 1e-9) / facts.days * 30.4375 for place in range(5)]
    first = facts.people[facts.people["first"]].set_index("customer_id")
    need = first["quintile"].clip(1, 5).map(lambda place: 3 * monthly[int(place) - 1])
    return float((held >= need).mean())


@moment
def bills_not_paid(facts: Facts) -> Measure:
    """Share of adults whose household left a bill unpaid that was asked for in a month, of all and by household income before tax."""
    months = (facts.days - FIRST_DAYS) // FIRST_DAYS
    if months < 1:
        return None
    first = facts.tracks.first_day + 1
    unpaid = facts.tracks.unpaid()
    unpaid = unpaid[unpaid["day"] < first + months * FIRST_DAYS]
    homes = facts.people["household"].to_numpy()
    late = {(homes[person], (day - first) // FIRST_DAYS) for person, day in zip(unpaid["person"], unpaid["day"], strict=True)}
    stay = _everyone(facts).to_numpy()
    often = pd.Series([home for home, _ in late], dtype=float).value_counts()
    share = pd.Series(homes[stay]).map(often).fillna(0.0).to_numpy() / months
    income = facts.people.groupby("household")["gross_income"].transform("sum").to_numpy()[stay]
    found = {"all": float(share.mean())}
    for name, (low, high) in INCOMES.items():
        part = (income >= low) & (income < high)
        if part.any():
            found[name] = float(share[part].mean())
    return found
