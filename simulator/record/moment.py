"""The moment up to which a run is read."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from simulator.errors import InputError
from simulator.record.tables.column import Column

_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True, slots=True)
class Moment:
    """What came before it is known.

    Attributes:
        end: The first instant that is not.
    """

    end: datetime

    def __str__(self) -> str:
        """The day, or the last instant where it is not the end of a day."""
        if self.end == self._midnight():
            return str((self.end - _DAY).date())
        return (self.end - timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")

    def bound(self, column: Column) -> pa.Scalar:
        """The first value of a date or time that is not known yet.

        A day is over at midnight, a month with its last day: what is dated by day is known when the day is over.

        Args:
            column: A column of dates or times whose values are not known ahead.

        Returns:
            A scalar of its type.
        """
        if pa.types.is_timestamp(column.type):
            return pa.scalar(self.end, column.type)
        today = self._midnight().date()
        if column.known == "next day":
            today -= _DAY
        elif column.known == "month end":
            today = today.replace(day=1)
        return pa.scalar(today, column.type)

    def _midnight(self) -> datetime:
        return self.end.replace(hour=0, minute=0, second=0, microsecond=0)


def moment(when: str | date | datetime, what: str = "as of") -> Moment:
    """The end of a UTC day, or an instant.

    Args:
        when: A date, a time (UTC where it names no zone), or the text of one as ISO 8601 writes it.
        what: What is asked for, to name in the message.

    Raises:
        InputError: It is none of them.
    """
    try:
        if isinstance(when, str):
            when = date.fromisoformat(when) if len(when) == 10 else datetime.fromisoformat(when)
        if isinstance(when, datetime):
            return Moment((when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC) + timedelta(microseconds=1))
        if isinstance(when, date):
            return Moment(datetime(when.year, when.month, when.day, tzinfo=UTC) + _DAY)
    except (ValueError, OverflowError):
        pass
    raise InputError(f"{what}: found {str(when)[:60]!r}, expected a date such as 2025-03-31")


def opening(when: str | date | datetime, what: str = "start") -> datetime:
    """The first instant of a UTC day, or an instant.

    Args:
        when: As `moment` takes it.
        what: What is asked for, to name in the message.

    Raises:
        InputError: It is no date or time.
    """
    end = moment(when, what).end
    day = len(when) == 10 if isinstance(when, str) else not isinstance(when, datetime)
    return end - (_DAY if day else timedelta(microseconds=1))
