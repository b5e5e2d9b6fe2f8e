"""The calendar: business days, paydays that move, days on which bills fall due, the level of a day's spending."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.clock import BIWEEKLY, DAY, EPOCH, HOUR, MONTHLY, SEMIMONTHLY, WEEKLY, Clock
from simulator.codes import Schedule
from simulator.errors import InputError
from simulator.runner.flights import BATCHES
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


SCENARIO = load_scenario("high_street")


def settling(hours: float = -5, windows: int = 24) -> Clock:
    country = SCENARIO.country.model_copy(update={"utc_offset": timedelta(hours=hours)})
    period = SCENARIO.period.model_copy(update={"windows": windows})
    return Clock(SCENARIO.model_copy(update={"country": country, "period": period}))


def utc(text: str) -> int:
    """A moment, microseconds since 1970."""
    return int(np.datetime64(text, "us").astype(np.int64))


def test_business_days_ahead(clock: Clock) -> None:
    """Catches a holiday or weekend that is counted, and a first entry that is not today."""
    for when in days(date(2024, 6, 25), date(2024, 7, 10)):
        ahead = clock.ahead(when).tolist()
        assert len(ahead) == 32 and ahead[0] == 0
        for k, (a, b) in enumerate(pairwise(ahead)):
            assert clock.is_business(when + timedelta(b)), k
            assert not any(clock.is_business(when + timedelta(d)) for d in range(a + 1, b))
    assert clock.ahead(date(2024, 7, 3))[:3].tolist() == [0, 2, 5]


@pytest.mark.parametrize(
    ("made", "schedule", "arrives"),
    [
        # Wednesday before Independence Day, five hours behind: card sales on Friday at three, other payments at six.
        ("2024-07-03T15:00", Schedule.NEXT_WINDOW, "2024-07-03T16:00"),
        ("2024-07-03T23:00", Schedule.NEXT_WINDOW, "2024-07-04T00:00"),
        ("2024-07-03T15:00", Schedule.CARD, "2024-07-05T08:00"),
        ("2024-07-03T15:00", Schedule.BATCH, "2024-07-05T11:00"),
        ("2024-07-03T15:00", Schedule.CHEQUE, "2024-07-08T11:00"),
        ("2024-07-03T15:00", Schedule.ABROAD, "2024-07-08T11:00"),
        # The evening before counts as the day it runs into.
        ("2024-07-03T02:00", Schedule.CARD, "2024-07-05T08:00"),
        ("2024-07-02T23:00", Schedule.CARD, "2024-07-03T08:00"),
        # Wires: before opening, open, at the cut-off, on a holiday, and Friday night.
        ("2024-07-03T02:00", Schedule.WIRE, "2024-07-03T11:00"),
        ("2024-07-03T10:00", Schedule.WIRE, "2024-07-03T11:00"),
        ("2024-07-03T11:00", Schedule.WIRE, "2024-07-03T12:00"),
        ("2024-07-03T21:00", Schedule.WIRE, "2024-07-03T22:00"),
        ("2024-07-03T22:00", Schedule.WIRE, "2024-07-05T11:00"),
        ("2024-07-04T15:00", Schedule.WIRE, "2024-07-05T11:00"),
        ("2024-07-06T02:00", Schedule.WIRE, "2024-07-08T11:00"),
    ],
)
def test_value_dates(clock: Clock, made: str, schedule: Schedule, arrives: str) -> None:
    when = date.fromisoformat(made[:10])
    assert clock.value_dates(when)[schedule, int(made[11:13])] == utc(arrives)


@pytest.mark.parametrize(
    ("offset", "made", "schedule", "arrives"),
    [
        # Eight hours ahead: until six on Tuesday it is still Monday's business, from then on Tuesday's.
        (8, "2024-07-08T21:00", Schedule.BATCH, "2024-07-08T22:00"),
        (8, "2024-07-08T22:00", Schedule.BATCH, "2024-07-09T22:00"),
        (8, "2024-07-08T18:00", Schedule.CARD, "2024-07-08T19:00"),
        (8, "2024-07-08T19:00", Schedule.CARD, "2024-07-09T19:00"),
        (8, "2024-07-05T23:00", Schedule.BATCH, "2024-07-07T22:00"),
        (8, "2024-07-08T21:00", Schedule.WIRE, "2024-07-08T22:00"),
        (8, "2024-07-08T23:00", Schedule.WIRE, "2024-07-09T00:00"),
        (14, "2024-07-08T20:00", Schedule.BATCH, "2024-07-09T16:00"),
        (-12, "2024-07-08T02:00", Schedule.BATCH, "2024-07-09T18:00"),
        # Half hours are rounded up to the next window.
        (5.5, "2024-07-08T05:00", Schedule.BATCH, "2024-07-09T01:00"),
    ],
)
def test_value_dates_elsewhere(offset: float, made: str, schedule: Schedule, arrives: str) -> None:
    assert settling(offset).value_dates(date.fromisoformat(made[:10]))[schedule, int(made[11:13])] == utc(arrives)


OFFSETS = st.integers(-24, 28).map(lambda half: half / 2)
WINDOWS = st.sampled_from([1, 2, 3, 24, 96, 288])


@settings(max_examples=25)
@given(OFFSETS, WINDOWS, st.integers(0, 700))
def test_value_dates_are_later_windows_and_keep_their_order(offset: float, windows: int, first: int) -> None:
    """At any offset and length of window: later than the window, at its hour of a business day, never overtaking, few open at once."""
    clock, length, abroad = settling(offset, windows), DAY // windows, SCENARIO.abroad.countries
    shift, last, waiting = clock.offset, np.zeros(len(Schedule), np.int64), set[int]()
    for index in range(first, first + 12):
        today = clock.today(index)
        starts = today.day * DAY + np.arange(windows) * length
        assert today.value.shape == today.batch.shape == (len(Schedule) + len(abroad), windows)
        assert (today.value % length == 0).all()
        assert (today.value >= starts + length).all()
        assert (today.value[Schedule.NEXT_WINDOW] == starts + length).all()
        assert (today.value[: len(Schedule)] <= starts + length + 8 * DAY).all()
        for schedule, hour, least in ((Schedule.CARD, 3, 1), (Schedule.BATCH, 6, 1), (Schedule.CHEQUE, 6, 2), (Schedule.ABROAD, 6, 2)):
            value = today.value[schedule]
            opened = (value + shift - hour * HOUR) // DAY
            assert all(clock.is_business(EPOCH + timedelta(int(day))) for day in np.unique(opened))
            assert ((value + shift - hour * HOUR) % DAY < length).all()  # its hour, or the next window
            assert (value - starts > (least - 1) * DAY).all()
            assert value[0] >= last[schedule] and (np.diff(value) >= 0).all()
            last[schedule] = value[-1]
        assert (np.diff(today.value[Schedule.WIRE]) >= 0).all()
        assert (today.value[Schedule.WIRE] <= today.value[Schedule.BATCH]).all()
        for place, country in enumerate(abroad):
            west = min(shift, int(country.utc_offset / timedelta(microseconds=1)))
            [opened] = set(((today.value[len(Schedule) + place] + west - 6 * HOUR) // DAY).tolist())
            assert opened >= today.day + 2
            assert clock.meets(place, EPOCH + timedelta(opened))
        for window in range(windows):
            waiting = {moment for moment in waiting if moment > starts[window]} | set(today.value[1:, window].tolist())
            assert len(waiting) <= BATCHES


def test_calendar_of_nowhere_is_refused() -> None:
    scenario = load_scenario("high_street")
    nowhere = scenario.model_copy(update={"country": scenario.country.model_copy(update={"holidays": "ZZ"})})
    with pytest.raises(InputError, match="no holiday calendar"):
        Clock(nowhere)
    far = scenario.model_copy(update={"country": scenario.country.model_copy(update={"utc_offset": timedelta(hours=20)})})
    with pytest.raises(InputError, match="utc_offset"):
        Clock(far)
    assert DAY == 24 * HOUR
