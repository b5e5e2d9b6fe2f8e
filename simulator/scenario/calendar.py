"""What a scenario may say of time: weekdays, days of the month, months, holidays and hours."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Annotated

from holidays import country_holidays
from pydantic import AfterValidator, Field, model_validator

from simulator.scenario.part import Name, Part, misplaced
from simulator.scenario.units import Duration, Factor, Money, not_all_zero


def _offset(value: timedelta) -> timedelta:
    if not timedelta(hours=-12) <= value <= timedelta(hours=14):
        raise ValueError("expected an offset from '-12 h' to '14 h'")
    return value


Offset = Annotated[Duration, AfterValidator(_offset)]
Hours24 = Annotated[list[Factor], Field(min_length=24, max_length=24), AfterValidator(not_all_zero)]


class Country(Part):
    """Where the world lies: its money, its clock and its holidays."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field("US", description="ISO 3166-1 alpha-2")
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = Field("USD", description="ISO 4217")
    utc_offset: Offset = Field("-5 h", description="constant offset of local time from UTC, -12 h to 14 h")  # type: ignore[assignment]
    holidays: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field("US", description="country of the holiday calendar")
    cash_report: Money = Field(10_000.0, description="notes above which a deposit or withdrawal is reported, 0 for never (31 CFR 1010.311)")


class HourProfile(Part):
    """Shape of the hours of local time, relative."""

    name: Name
    weekday: Hours24
    weekend: Hours24


class SpecialDay(Part):
    """A day whose spending departs from its weekday, day of month and month."""

    holiday: Annotated[str, Field(min_length=3)] | None = Field(None, description="name in the holiday calendar")
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    day: Annotated[int, Field(ge=1, le=31)] | None = None
    shift: Annotated[int, Field(ge=-10, le=10)] = Field(0, description="days after the holiday")
    factor: Factor = Field(description="spending against the mean day of the year")

    @model_validator(mode="after")
    def _one_way(self) -> "SpecialDay":
        if (self.holiday is None) == (self.month is None or self.day is None):
            raise ValueError("expected either a holiday, or a month and a day")
        if self.month is not None and self.day is not None and self.day > monthrange(2024, self.month)[1]:
            raise misplaced(("day",), f"a day of month {self.month}")
        return self


class Calendar(Part):
    """How the calendar moves spending; all factors are relative to the mean."""

    weekdays: Annotated[list[Factor], Field(min_length=7, max_length=7), AfterValidator(not_all_zero)]
    month_days: Annotated[list[Factor], Field(min_length=31, max_length=31), AfterValidator(not_all_zero)]
    months: Annotated[list[Factor], Field(min_length=12, max_length=12), AfterValidator(not_all_zero)]
    special_days: list[SpecialDay] = Field(default_factory=list)
    hours: list[HourProfile] = Field(min_length=1)


class Period(Part):
    """When the run starts and how long it lasts."""

    start: date = Field(date(2024, 1, 1), description="first UTC day", ge=date(1970, 1, 2), le=date(2199, 1, 1))
    days: Annotated[int, Field(ge=1, le=36600)] = Field(90, description="days to simulate")
    windows: Annotated[int, Field(ge=1, le=288)] = Field(24, description="clearing windows a day; divides 24 h evenly")

    @model_validator(mode="after")
    def _even(self) -> "Period":
        if 86400 % self.windows:
            raise misplaced(("windows",), "a number that divides the seconds of a day")
        return self


def holiday_names(country: str, year: int) -> list[str]:
    """The holidays of a country around a year; none where it has no calendar."""
    try:
        found = country_holidays(country, years=range(year - 1, year + 5), language="en_US")
    except NotImplementedError:
        return []
    return sorted({name for names in found.values() for name in names.split("; ")})
