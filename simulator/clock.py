"""Days and dates: a day is a UTC day without daylight saving; people live by a constant offset from it.

Institutions act on the local date that a UTC day mostly covers; people's hours are local, so the first or last hours
of a UTC day belong to the neighbouring local date.
"""

from datetime import date, timedelta
from typing import NamedTuple

import holidays as holiday_calendars
import numpy as np
from numpy.typing import NDArray

from simulator.codes import Schedule
from simulator.errors import InputError
from simulator.exchange import Exchange
from simulator.scenario import Calendar, Scenario, SpecialDay

EPOCH = date(1970, 1, 1)
MICROSECONDS = 1_000_000
HOUR = 3600 * MICROSECONDS
DAY = 24 * HOUR
WEEKLY, BIWEEKLY, SEMIMONTHLY, MONTHLY = range(4)
SUNDAY = 6
"""As `Today.weekday` counts."""
BANK_OPENS, CARDS_SETTLE, WIRE_CUT_OFF = 6, 3, 17
"""Local hours at which bank payments and card sales are credited, and after which a wire waits (assumptions; Fedwire's
cut-off for customers is 18:45 Eastern, banks close earlier)."""


class Today(NamedTuple):
    """What every behaviour may know of a day; integers only."""

    day: int
    """Days since 1970-01-01, UTC."""
    index: int  # type: ignore[assignment]
    """Days since the start of the run."""
    weekday: int
    """Monday is 0."""
    month: int
    """January is 0."""
    month_day: int
    """First is 1."""
    last: int
    """1 on the last day of a month."""
    business: int
    """1 on a business day."""
    due: int
    """Bit d is set where bank payments of day d of the month fall due today (weekends move to the next business day)."""
    exact: int
    """Bit of today's day of the month, for payments that ignore weekends."""
    payday: NDArray[np.int64]
    """Shape (4, 10): 1 where wages of a frequency and phase are handed in today, to be credited on the next business day."""
    factor: NDArray[np.int64]
    """Spending of the local date before, today and after against the mean day, in 1/65536."""
    weekend: NDArray[np.int64]
    """1 where the local date before, today or after is a Saturday, Sunday or holiday."""
    offset: int
    """Local time minus UTC, in microseconds."""
    ahead: NDArray[np.int64]
    """Days until the k-th business day after today, k below 32; 0 for k = 0."""
    value: NDArray[np.int64]
    """Value date of what is cleared in a window, microseconds since 1970, shape (schedules + countries abroad, windows)."""
    batch: NDArray[np.int64]
    """Batch that such credits wait in, -1 where they are booked at once; same shape. See `simulator.runner.flights`."""
    rates: NDArray[np.int64]
    """Published rate of each currency, home first: home minor units for 1,000,000 of its own. See `simulator.exchange`."""
    currency: NDArray[np.int64]
    """Place of each country's currency in `rates`."""


LAST = 31
"""Stands for the last day of any month."""


class Clock:
    """The calendar of a scenario.

    Args:
        scenario: gives the country, the holidays and the calendar factors.

    Raises:
        InputError: the holiday calendar does not exist.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.start = (scenario.period.start - EPOCH).days
        self.offset = int(scenario.country.utc_offset.total_seconds()) * MICROSECONDS
        if not -12 * HOUR <= self.offset <= 14 * HOUR:
            raise InputError(f"country.utc_offset: found {scenario.country.utc_offset}, expected -12 h to 14 h")
        try:
            self._holidays = holiday_calendars.country_holidays(scenario.country.holidays, language="en_US")
        except (NotImplementedError, KeyError) as error:
            raise InputError(f"country.holidays: no holiday calendar for '{scenario.country.holidays}'") from error
        self.exchange = Exchange(scenario)
        self._abroad = [
            (holiday_calendars.country_holidays(country.holidays), int(country.utc_offset.total_seconds()) * MICROSECONDS)
            for country in scenario.abroad.countries
        ]
        self._meeting: dict[tuple[int, date], bool] = {}
        self._calendar = scenario.calendar
        self._windows = scenario.period.windows
        self._paydays = scenario.income.paydays
        self._mean: dict[int, float] = {}

    def is_business(self, when: date) -> bool:
        """Whether banks settle on this local date."""
        return when.weekday() < 5 and when not in self._holidays

    def paydays(self, when: date) -> NDArray[np.int64]:
        """Wages due on a date, shape (4, 10) for frequency and phase.

        A payday on a weekend or holiday is paid on the business day before. Phases: weekly and biweekly by weekday
        (and odd or even week), semimonthly on the 15th and last or the 1st and 16th, monthly by `income.paydays`.
        """
        due = np.zeros((4, 10), np.int64)
        if not self.is_business(when):
            return due
        covered = [when]
        while not self.is_business(covered[-1] + timedelta(1)):
            covered.append(covered[-1] + timedelta(1))
        for nominal in covered:
            week = (nominal - EPOCH).days // 7 % 2
            last = (nominal + timedelta(1)).day == 1
            due[WEEKLY, nominal.weekday()] = 1
            if nominal.weekday() < 5:
                due[BIWEEKLY, nominal.weekday() + 5 * week] = 1
            due[SEMIMONTHLY, 0] |= nominal.day == 15 or last
            due[SEMIMONTHLY, 1] |= nominal.day in (1, 16)
            for phase, day in enumerate(self._paydays):
                due[MONTHLY, phase] |= last if day == LAST else nominal.day == day
        return due

    def due_bits(self, when: date) -> int:
        """Days of the month whose bank payments fall on this date: itself and the closed days just before."""
        if not self.is_business(when):
            return 0
        bits = 1 << when.day
        before = when - timedelta(1)
        while not self.is_business(before):
            bits |= 1 << before.day
            before -= timedelta(1)
        return bits

    def _special(self, when: date, rule: SpecialDay) -> bool:
        if rule.holiday is None:
            return (when.month, when.day) == (rule.month, rule.day)
        origin = when - timedelta(rule.shift)
        name = self._holidays.get(origin) or ""
        return rule.holiday in name and "observed" not in name

    def _raw_factor(self, when: date, calendar: Calendar) -> float:
        for rule in calendar.special_days:
            if self._special(when, rule):
                return rule.factor
        return calendar.weekdays[when.weekday()] * calendar.month_days[when.day - 1] * calendar.months[when.month - 1]

    def factor(self, when: date) -> float:
        """Spending of a local date against the mean day of its year."""
        if when.year not in self._mean:
            first = date(when.year, 1, 1)
            length = (date(when.year + 1, 1, 1) - first).days
            self._mean[when.year] = sum(self._raw_factor(first + timedelta(i), self._calendar) for i in range(length)) / length
        return self._raw_factor(when, self._calendar) / self._mean[when.year]

    def today(self, index: int) -> Today:
        """The day that is ``index`` days after the start of the run."""
        day = self.start + index
        when = EPOCH + timedelta(day)
        near = [when - timedelta(1), when, when + timedelta(1)]
        ahead = self.ahead(when)
        return Today(
            day=day,
            index=index,
            weekday=when.weekday(),
            month=when.month - 1,
            month_day=when.day,
            last=int(near[2].day == 1),
            business=int(self.is_business(when)),
            due=self.due_bits(when),
            exact=1 << when.day,
            payday=self.paydays(when + timedelta(int(ahead[1]))) if self.is_business(when) else np.zeros((4, 10), np.int64),
            factor=np.array([round(self.factor(d) * 65536) for d in near], np.int64),
            weekend=np.array([int(d.weekday() >= 5 or d in self._holidays) for d in near], np.int64),
            offset=self.offset,
            ahead=ahead,
            value=self.value_dates(when),
            batch=np.full((len(Schedule) + len(self._abroad), self._windows), -1, np.int64),
            rates=self.exchange.on(day),
            currency=self.exchange.currency,
        )

    def ahead(self, when: date) -> NDArray[np.int64]:
        """Days from a date to each of the 31 business days after it; the first entry is 0."""
        days, step = [0], 0
        while len(days) < 32:
            step += 1
            if self.is_business(when + timedelta(step)):
                days.append(step)
        return np.array(days, np.int64)

    def meets(self, country: int, when: date) -> bool:
        """Whether banks settle on this date both at home and in a country abroad."""
        found = self._meeting.get((country, when))
        if found is None:
            found = self._meeting[country, when] = self.is_business(when) and when not in self._abroad[country][0]
        return found

    def _days_to_meeting(self, country: int, when: date, number: int) -> int:
        """Days until the banks of both countries have worked on ``number`` days after a date."""
        days = 0
        while number:
            days += 1
            number -= self.meets(country, when + timedelta(days))
        return days

    def _following(self, days: NDArray[np.int64], business: int) -> NDArray[np.int64]:
        """The k-th business day after each of some days, days since 1970."""
        dates, place = np.unique(days, return_inverse=True)
        after = []
        for day in dates.tolist():
            left = business
            while left > 0:
                day += 1
                left -= self.is_business(EPOCH + timedelta(day))
            after.append(day)
        return np.array(after, np.int64)[place]

    def value_dates(self, when: date) -> NDArray[np.int64]:
        """When the payee's book moves for what is cleared in each window of a day; a value date is the start of a window.

        Instant transfers: the next window. Cards: the morning of the next business day. Batch transfers and direct debits:
        the opening of the next business day. Cheques: two business days later. Wires: the next window while banks are open
        and before the cut-off, else the next opening. Across the border: two business days later; to and from a country of
        the scenario (rows after the schedules), two days on which both countries' banks work, once the later of them has
        opened.

        A bank's day runs from opening to opening. What is made on the evening before the local date of the UTC day counts
        as made on it.
        """
        length = DAY // self._windows
        today = (when - EPOCH).days
        starts = today * DAY + np.arange(self._windows) * length
        following = starts + length
        here, hour = (starts + self.offset) // DAY, (starts + self.offset) % DAY // HOUR

        def morning(business: int, at: int) -> NDArray[np.int64]:
            made = np.maximum((starts + self.offset - at * HOUR) // DAY, today)
            return self._following(made, business) * DAY + at * HOUR - self.offset

        is_open = np.array([self.is_business(EPOCH + timedelta(day)) for day in range(today - 1, today + 2)])[here - today + 1]
        opening = np.where(is_open & (hour < BANK_OPENS), here, self._following(here, 1)) * DAY + BANK_OPENS * HOUR - self.offset
        value = np.empty((len(Schedule) + len(self._abroad), self._windows), np.int64)
        value[Schedule.NOW] = value[Schedule.NEXT_WINDOW] = following
        value[Schedule.CARD] = morning(1, CARDS_SETTLE)
        value[Schedule.BATCH] = morning(1, BANK_OPENS)
        value[Schedule.CHEQUE] = value[Schedule.ABROAD] = morning(2, BANK_OPENS)
        value[Schedule.WIRE] = np.where(is_open & (hour >= BANK_OPENS) & (hour < WIRE_CUT_OFF), following, opening)
        for place, (_, offset) in enumerate(self._abroad):
            opens = BANK_OPENS * HOUR - min(offset, self.offset)
            value[len(Schedule) + place] = (today + self._days_to_meeting(place, when, 2)) * DAY + opens
        # A value date is never within the window that makes it: whole windows, and at the earliest the next.
        return np.maximum(following, -(-value // length) * length)
