"""Months of customers told apart: chance where there is nothing to tell, and named where a defect is planted."""

from collections.abc import Iterator

import numpy as np
import pytest

from calibration.private.postings import MILLI, Postings
from calibration.two_sample import customer_months, tell_apart

KINDS = ["card", "cash"]
START = int(np.datetime64("2024-01-01").astype(int))
DAYS = 121  # January to April


class Made:
    """Customers with a level of their own, or without one."""

    def __init__(self, customers: int, seed: int, *, habits: bool = True, batches: int = 1) -> None:
        self.first, self.last, self.customers = START, START + DAYS - 1, customers
        draw = np.random.default_rng(seed)
        who = np.repeat(np.arange(customers), 60)
        level = draw.normal(3.5, 0.8, customers if habits else len(who))
        amount = np.exp(level[who] if habits else level) * np.exp(draw.normal(0, 0.3, len(who)))
        day = START + draw.integers(0, DAYS, len(who))
        order = np.argsort(day, kind="stable")
        blank = np.zeros(len(who), np.int64)
        columns = (who, day, day, blank - 1, np.rint(amount * MILLI).astype(np.int64), draw.random(len(who)) < 0.8,
                   draw.integers(0, 3, len(who)), blank - 1, blank, blank > 0)  # fmt: skip
        self._parts = [Postings(*(column[part] for column in columns)) for part in np.array_split(order, batches)]

    def batches(self) -> Iterator[Postings]:
        yield from self._parts


def test_nothing_to_tell_is_chance() -> None:
    told = tell_apart(customer_months(Made(250, 1), KINDS), customer_months(Made(250, 2), KINDS), 1)
    assert told.low - 0.02 < 0.5 < told.high + 0.02 and told.months > 500


def test_customers_without_habits_are_given_away_by_what_they_spend() -> None:
    told = tell_apart(customer_months(Made(250, 1), KINDS), customer_months(Made(250, 2, habits=False), KINDS), 1)
    assert told.accuracy > 0.7 and told.auc > told.accuracy
    assert any(name in ("debited", "largest", "credited") for name, _, _ in told.features[:3])


def test_sides_are_as_large_and_the_seed_decides() -> None:
    few, many = customer_months(Made(60, 1), KINDS), customer_months(Made(250, 2), KINDS)
    once, again = tell_apart(few, many, 3), tell_apart(few, many, 3)
    assert once == again and once.months == len(few) < len(many)


def test_a_month_is_added_up_whatever_the_batches() -> None:
    once, parts = customer_months(Made(20, 5), KINDS), customer_months(Made(20, 5, batches=7), KINDS)
    assert once.equals(parts)
    rows = next(Made(20, 5).batches())
    february = (rows.customer == 3) & (rows.day >= START + 31) & (rows.day < START + 60)
    found = once[once.customer == 3].iloc[0]
    assert found["postings"] == february.sum() > 3
    assert found["number: card"] == (rows.kind[february] == 0).sum() and found["number: other"] == (rows.kind[february] == 2).sum()
    assert found["debited"] == pytest.approx(np.log1p(rows.amount[february & rows.out].sum() / MILLI))


def test_only_whole_months_after_the_opening_count() -> None:
    source = Made(40, 6)
    months = customer_months(source, KINDS).groupby("customer").size()
    assert months.max() == 3  # January is that of the opening; April is whole
    source.last -= 1
    assert customer_months(source, KINDS).groupby("customer").size().max() == 2
