import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from simulator.scenario.units import Duration, Factor, Money, Rate, Share, parse_duration, parse_share


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2 h", 7200),
        ("30 min", 1800),
        ("3 days", 259200),
        ("1 day", 86400),
        ("-5 h", -18000),
        ("1.5h", 5400),
        ("2 weeks", 1209600),
        ("9 s", 9),
    ],
)
def test_durations_in_plain_words(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["2", "h", "2 hrs", "two days", "", "2 h 3 min", "1e3 s", "9999 weeks 1", "99999999 days", 5, None, True])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(text)


@pytest.mark.parametrize(("given_", "share"), [("1.5 %", 0.015), ("100%", 1.0), (0.25, 0.25), (1, 1.0), ("-3 %", -0.03)])
def test_shares_in_plain_words(given_: object, share: float) -> None:
    assert math.isclose(parse_share(given_), share)


@pytest.mark.parametrize("given_", ["1.5", "percent", "%", math.nan, math.inf, True, None, [0.1]])
def test_what_is_no_share_is_refused(given_: object) -> None:
    with pytest.raises(ValueError, match="expected a share"):
        parse_share(given_)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Share, "101 %"),
        (Share, -0.1),
        (Rate, -1.5),
        (Money, -0.01),
        (Money, 1e13),
        (Factor, 1001),
        (Money, "5 %"),
        (Money, True),
        (Factor, math.nan),
    ],
)
def test_bounds_hold(kind: object, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


@given(st.integers(0, 10_000))
def test_a_share_reads_the_same_as_per_cent_and_as_number(hundredths: int) -> None:
    assert math.isclose(parse_share(f"{hundredths / 100} %"), hundredths / 10_000, abs_tol=1e-12)


def test_a_duration_is_accepted_by_the_model_type() -> None:
    assert TypeAdapter(Duration).validate_python("1 day") == timedelta(days=1)
