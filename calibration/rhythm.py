"""Moments of time: the shape of weekdays, days of the month, months, special days and hours."""

from datetime import date, timedelta

import holidays as holiday_calendars
import numpy as np
import pandas as pd

from calibration.facts import Facts
from calibration.moments import YEAR, Measure, moment

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
NAMED_DAYS = (1, 2, 3, 15, 16, 21, 27, 30)
"""Days of the month with a published departure."""
SHAPE_DAYS = 55
"""Fewest days that show a shape by weekday or day of the month."""


def _holidays(facts: Facts, years: list[int]) -> dict[date, str]:
    return dict(holiday_calendars.country_holidays(facts.scenario.country.holidays, years=years, language="en_US"))


def plain_days(facts: Facts, daily: "pd.Series[float]") -> "pd.Series[float]":
    """A series by local day without holidays, the days the scenario singles out, and days of nothing."""
    rules = facts.scenario.calendar.special_days
    known = _holidays(facts, sorted({day.year for day in facts.daily.index}))
    fixed = {(rule.month, rule.day) for rule in rules}
    shifts = {0, *(rule.shift for rule in rules if rule.holiday)}
    plain = [(day.month, day.day) not in fixed and not any(day - timedelta(shift) in known for shift in shifts) for day in daily.index]
    days = daily[plain]
    return days[days > 0]


def calendar_effects(facts: Facts, daily: "pd.Series[float]") -> dict[str, float] | None:
    """Least squares of log value on weekday, month and named day of the month; None where there are too few plain days."""
    days = plain_days(facts, daily)
    if len(days) < SHAPE_DAYS:
        return None
    index = pd.DatetimeIndex(days.index)
    columns = {f"month {m}": (index.year * 12 + index.month) == m for m in sorted(set(index.year * 12 + index.month))}
    columns |= {name: index.day_of_week == place for place, name in enumerate(WEEKDAYS) if place}
    columns |= {f"day {d}": index.day == d for d in NAMED_DAYS if (index.day == d).any()}
    design = np.stack([np.asarray(column, dtype=float) for column in columns.values()], axis=1)
    fitted = np.linalg.lstsq(design, np.log(days.to_numpy(dtype=float)), rcond=None)[0]
    return dict(zip(columns, np.exp(fitted).tolist(), strict=True))


@moment
def weekday_shares(facts: Facts) -> Measure:
    """Shares of the week's value of card purchases by weekday, holidays aside."""
    return shares_of_week(calendar_effects(facts, facts.daily))


def shares_of_week(effects: dict[str, float] | None) -> dict[str, float] | None:
    """Shares of a week by weekday that effects tell."""
    if effects is None:
        return None
    level = {name: effects.get(name, 1.0) for name in WEEKDAYS}
    return {name: value / sum(level.values()) for name, value in level.items()}


@moment
def month_day_factors(facts: Facts) -> Measure:
    """Value of card purchases on named days of the month against the mean day, weekday and month removed."""
    effects = calendar_effects(facts, facts.daily)
    if effects is None:
        return None
    named = {d: effects[f"day {d}"] for d in NAMED_DAYS if f"day {d}" in effects}
    mean = (sum(named.values()) + 30.4 - len(named)) / 30.4
    return {f"day_{d}": value / mean for d, value in named.items()}


@moment
def month_factors(facts: Facts) -> Measure:
    """Mean daily value of card purchases by month against the mean of the year; runs of a year or more."""
    if facts.days < YEAR:
        return None
    month = pd.DatetimeIndex(facts.daily.index).month.to_numpy()
    value = facts.daily.to_numpy(dtype=float)
    return {name: float(value[month == place + 1].mean() / value.mean()) for place, name in enumerate(MONTHS) if (month == place + 1).any()}


@moment
def special_day_factors(facts: Facts) -> Measure:
    """Value of card purchases on special days against the mean day of the year; runs of a year or more."""
    if facts.days < YEAR:
        return None
    names = {"New Year's Day": "new_year", "Independence Day": "independence_day", "Thanksgiving Day": "thanksgiving",
             "Christmas Day": "christmas"}  # fmt: skip
    fixed = {(12, 23): "before_christmas_eve", (12, 24): "christmas_eve", (12, 26): "after_christmas"}
    level = {day: float(value) / float(facts.daily.mean()) for day, value in facts.daily.items() if isinstance(day, date)}
    found = {fixed[day.month, day.day]: one for day, one in level.items() if (day.month, day.day) in fixed}
    for day, name in _holidays(facts, sorted({day.year for day in level})).items():
        if name in names and day in level:
            found[names[name]] = level[day]
        if name == "Thanksgiving Day":
            found |= {word: level[day + timedelta(after)] for word, after in (("black_friday", 1), ("cyber_monday", 4))
                      if day + timedelta(after) in level}  # fmt: skip
    return found


@moment
def hour_shares(facts: Facts) -> Measure:
    """Share of payments, withdrawals and deposits by local hour."""
    total = facts.hours.sum()
    return {f"hour_{hour}": float(count / total) for hour, count in enumerate(facts.hours)} if total else None
