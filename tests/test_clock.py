"""The calendar: business days, paydays that move, days on which bills fall due, the level of a day's spending."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from simulator.clock import BIWEEKLY, DAY, EPOCH, HOUR, MONTHLY, SEMIMONTHLY, WEEKLY, Clock
from simulator.errors import InputError
from simulator.scenario.file import load_scenario

FRIDAY = 4


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock(load_scenario("high_street"))


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(i) for i in range((last - first).days + 1)]


def year(number: int) -> list[date]:
    return days(date(number, 1, 1), date(number, 12, 31))


@pytest.mark.parametrize("closed", ["2024-07-04", "2024-11-28", "2024-12-25", "2024-07-06", "2024-07-07", "2023-01-02"])
def test_banks_are_closed(clock: Clock, closed: str) -> None:
    """A holiday on a Sunday closes the Monday (2 January 2023)."""
    assert not clock.is_business(date.fromisoformat(closed))
    assert clock.due_bits(date.fromisoformat(closed)) == 0
    assert clock.paydays(date.fromisoformat(closed)).sum() == 0


def test_paydays_move_to_the_business_day_before(clock: Clock) -> None:
    """Catches wages that are paid on a holiday, a day late or not at all."""
    # Thursday 4 July 2024 is a holiday: a Thursday payday is paid on Wednesday the third, a Friday payday is not moved.
    assert clock.paydays(date(2024, 7, 3))[WEEKLY].nonzero()[0].tolist() == [2, 3]
    assert clock.paydays(date(2024, 7, 5))[WEEKLY, FRIDAY] == 1
    # Thanksgiving is 28 November 2024; the Friday after it is no bank holiday.
    assert clock.paydays(date(2024, 11, 27))[WEEKLY].nonzero()[0].tolist() == [2, 3]
    assert clock.paydays(date(2024, 11, 29))[WEEKLY, FRIDAY] == 1
    # 15 June 2024 is a Saturday, 1 September a Sunday before Labor Day, 31 August a Saturday.
    assert clock.paydays(date(2024, 6, 14))[SEMIMONTHLY, 0] == 1
    assert clock.paydays(date(2024, 6, 14))[MONTHLY, 2] == 1
    assert clock.paydays(date(2024, 8, 30))[MONTHLY].tolist()[:4] == [1, 1, 0, 0]
    assert clock.paydays(date(2024, 8, 30))[SEMIMONTHLY].tolist()[:2] == [1, 1]
    # The 25th of December is a holiday: paid on the 24th.
    assert clock.paydays(date(2024, 12, 24))[MONTHLY, 3] == 1


def test_a_years_paydays(clock: Clock) -> None:
    """Catches a phase that is paid twice or skipped around weekends and holidays."""
    for number in range(2023, 2028):
        # A year's paydays are those of its nominal dates, which may be paid in the last days of the year before.
        paid = sum((clock.paydays(when) for when in days(date(number, 1, 1), date(number, 12, 31))), np.zeros((4, 10), np.int64))
        assert set(paid[BIWEEKLY].tolist()) <= {26, 27}, (number, paid[BIWEEKLY])
        assert set(paid[WEEKLY, :5].tolist()) <= {51, 52, 53}
        assert set(paid[SEMIMONTHLY, :2].tolist()) <= {23, 24, 25}
        assert set(paid[MONTHLY, :4].tolist()) <= {11, 12, 13}
        assert paid[WEEKLY, 7:].sum() + paid[SEMIMONTHLY, 2:].sum() + paid[MONTHLY, 4:].sum() == 0
    paid = sum((clock.paydays(when) for when in days(date(2023, 1, 3), date(2028, 12, 20))), np.zeros((4, 10), np.int64))
    assert paid[MONTHLY, 2] == 72  # the 15th of six years of months


def test_biweekly_phases_share_the_weeks(clock: Clock) -> None:
    """Two phases of a weekday alternate: together they are the weekly payday."""
    for when in year(2024):
        due = clock.paydays(when)
        assert np.array_equal(due[BIWEEKLY, :5] + due[BIWEEKLY, 5:], due[WEEKLY, :5])


def test_every_day_of_the_month_falls_due_once(clock: Clock) -> None:
    """Catches a bill that weekends swallow or double. Each nominal date is settled on one business day, on it or after."""
    first, last = date(2023, 1, 1), date(2024, 12, 31)
    settled: Counter[date] = Counter()
    for when in days(first, last + timedelta(7)):
        bits = clock.due_bits(when)
        assert bits == 0 or clock.is_business(when)
        for nominal in days(when - timedelta(10), when):
            if bits >> nominal.day & 1:
                settled[nominal] += 1
                assert when - nominal <= timedelta(4)
                assert not any(clock.is_business(day) for day in days(nominal, when - timedelta(1)))
        assert bits.bit_count() == sum(1 for nominal in days(when - timedelta(10), when) if bits >> nominal.day & 1)
    inside = {nominal: count for nominal, count in settled.items() if first <= nominal <= last}
    assert inside == dict.fromkeys(days(first, last), 1)


@pytest.mark.parametrize("number", [2023, 2024, 2025])
def test_factors_have_mean_one(clock: Clock, number: int) -> None:
    """Catches a calendar that adds spending to the year."""
    factors = [clock.factor(when) for when in year(number)]
    assert np.mean(factors) == pytest.approx(1, abs=1e-9)
    assert 0.1 < min(factors) < 0.6
    assert max(factors) > 1.3


def test_special_days_take_their_own_factor(clock: Clock) -> None:
    """A special day stands for itself, whatever its weekday, day and month; rules count from the holiday itself."""
    shipped = load_scenario("high_street").calendar.special_days
    rules = {(rule.holiday or (rule.month, rule.day), rule.shift): rule.factor for rule in shipped}
    raw = {
        date(2024, 7, 4): rules["Independence Day", 0],
        date(2024, 11, 28): rules["Thanksgiving Day", 0],
        date(2024, 11, 29): rules["Thanksgiving Day", 1],
        date(2025, 11, 28): rules["Thanksgiving Day", 1],
        date(2024, 12, 23): rules[(12, 23), 0],
        date(2024, 12, 25): rules["Christmas Day", 0],
        date(2023, 1, 1): rules["New Year's Day", 0],
    }
    for when, factor in raw.items():
        # Special days are given against the mean day; the other days need not average exactly one.
        assert clock.factor(when) == pytest.approx(factor, rel=0.05), when
    # The Monday on which New Year's Day 2023 is observed, and the day before Thanksgiving, are ordinary days.
    for ordinary, special in ((date(2023, 1, 2), date(2023, 1, 1)), (date(2024, 11, 27), date(2024, 11, 28))):
        assert clock.factor(ordinary) != pytest.approx(clock.factor(special), rel=1e-3)
    assert clock.factor(date(2024, 12, 25)) < clock.factor(date(2024, 12, 18)) / 2


def test_today_tells_the_day(clock: Clock) -> None:
    today = clock.today(3)  # Thursday 4 January 2024
    assert EPOCH + timedelta(today.day) == date(2024, 1, 4)
    assert (today.index, today.weekday, today.month, today.month_day, today.business) == (3, 3, 0, 4, 1)
    assert today.exact == 1 << 4
    assert today.offset == -5 * HOUR
    assert today.weekend.tolist() == [0, 0, 0]
    assert clock.today(4).weekend.tolist() == [0, 0, 1]
    assert clock.today(5).weekend.tolist() == [0, 1, 1]
    assert clock.today(0).weekend.tolist() == [1, 1, 0]
    for index in range(366):
        now, after = clock.today(index), clock.today(index + 1)
        assert now.factor[1:].tolist() == after.factor[:2].tolist()
        assert now.factor[1] == round(clock.factor(date(2024, 1, 1) + timedelta(index)) * 65536)
        assert after.day == now.day + 1


def test_calendar_of_nowhere_is_refused() -> None:
    scenario = load_scenario("high_street")
    nowhere = scenario.model_copy(update={"country": scenario.country.model_copy(update={"holidays": "ZZ"})})
    with pytest.raises(InputError, match="no holiday calendar"):
        Clock(nowhere)
    far = scenario.model_copy(update={"country": scenario.country.model_copy(update={"utc_offset": timedelta(hours=20)})})
    with pytest.raises(InputError, match="utc_offset"):
        Clock(far)
    assert DAY == 24 * HOUR
