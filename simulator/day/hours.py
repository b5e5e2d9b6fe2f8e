"""When within the UTC day: local hours turned into microseconds of the day."""

from simulator.draws import scale
from simulator.kernel import kernel, step

HOUR = 3_600_000_000
DAY = 24 * HOUR


@kernel
def between(offset: int, first: int, hours: int, word: int) -> int:
    """A moment of the UTC day between local hours ``first`` and ``first + hours``, by a word."""
    local = first * HOUR + scale(word, 1_000_000) * (hours * 3600) + (word & 0xFFF) % (hours * 3600)
    return (local - offset) % DAY


@kernel
def within(offset: int, local_hour: int, word: int) -> int:
    """A moment of the UTC day within a local hour, by a word; microseconds."""
    inside = (scale(word, 3_600_000) * 1000) + (word & 0x3FF) % 1000
    return (local_hour * HOUR + inside - offset) % DAY


@step
def neighbour(offset: int, time: int) -> int:
    """Which local date a moment of the UTC day belongs to: 0 the date before, 1 today, 2 the date after."""
    local = time + offset
    if local < 0:
        return 0
    return 2 if local >= DAY else 1
