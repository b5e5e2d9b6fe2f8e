"""Which payments a graph is made of: those that a condition, a span of days and a story choose, together."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from simulator.errors import InputError
from simulator.record.moment import moment, opening
from simulator.record.truth import Story, story_of

if TYPE_CHECKING:
    from simulator.record.read import Run

_TIME = pa.timestamp("us", tz="UTC")


def selection(
    run: "Run",
    where: ds.Expression | None = None,
    start: str | date | datetime | None = None,
    end: str | date | datetime | None = None,
    story: int | None = None,
    around: float | None = None,
) -> ds.Expression | None:
    """The condition on payments that these bounds make; None where all are chosen.

    Args:
        run: A run in some view.
        where: A condition on any column of the payments.
        start: First UTC day, or instant.
        end: Last UTC day, counted to its end, or instant.
        story: Only the labelled payments of this story.
        around: With a story, also all other payments of its cast from this many days before its first payment to as many after its last.

    Raises:
        InputError: A bound is no date, the span ends before it starts, there is no such story, or the view may not see it.
    """
    parts = [] if where is None else [where]
    first, last = None if start is None else opening(start), None if end is None else moment(end, "end").end
    if first is not None and last is not None and first >= last:
        raise InputError(f"end: found {str(end)!r}, expected a time after the start {str(start)!r}")
    if first is not None:
        parts.append(pc.field("timestamp") >= pa.scalar(first, _TIME))
    if last is not None:
        parts.append(pc.field("timestamp") < pa.scalar(last, _TIME))
    if around is not None and (story is None or not 0 <= around < 36_525):
        raise InputError(f"around: found {around}, expected days from 0 up, beside a story")
    if story is not None:
        told = story_of(run, story)
        parts.append(_of_story(told) if around is None else _of_story(told) | _of_cast(run, told, timedelta(days=around)))
    found: ds.Expression | None = None
    for part in parts:
        found = part if found is None else found & part
    return found


def _of_story(told: Story) -> ds.Expression:
    payment = pc.field("transaction_id")
    if not len(told.payments):
        return payment < 0
    # The bounds let the reader skip what the list alone would not.
    low, high = int(told.payments[0]), int(told.payments[-1])
    return (payment >= low) & (payment <= high) & payment.isin(pa.array(told.payments))


def _of_cast(run: "Run", told: Story, days: timedelta) -> ds.Expression:
    times = run.table("transactions", ["timestamp"], _of_story(told))["timestamp"]
    if not len(times):
        return pc.field("transaction_id") < 0
    cast = pa.array(told.cast)
    ends = pc.min_max(times).as_py()
    since, until = (pa.scalar(when, _TIME) for when in (ends["min"] - days, ends["max"] + days))
    near = (pc.field("timestamp") >= since) & (pc.field("timestamp") <= until)
    return near & (pc.field("payer_account").isin(cast) | pc.field("payee_account").isin(cast))
