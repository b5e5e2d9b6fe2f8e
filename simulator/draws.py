"""Random numbers by address: Philox4x32-10 at (who, when, why, which), keyed by the seed.

A draw is not taken from a stream; it stands at an address, so the same seed gives the same bits in any order and on
any number of shards, and two worlds that differ in one thing differ only where that thing reached.

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); the published test
vectors guard the constants in ``tests/test_draws.py``.
"""

from collections.abc import Sequence
from enum import IntEnum
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from simulator.kernel import kernel, part

Ints = NDArray[np.int64]

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)

WORD = 2**32
"""One more than the largest word a draw returns."""


class Why(IntEnum):
    """What a draw is for. Append only: a number is never reused, for it would move every draw after it."""

    HOUSEHOLD = 1
    MEMBER = 2
    INCOME = 3
    ARCHETYPE = 4
    HOME = 5
    BANK = 6
    BUFFER = 7
    TRAITS = 8
    HABIT = 9
    METHOD = 10
    BILL = 11
    CARD = 12
    FRIEND = 13
    MERCHANT = 14
    EMPLOYER = 15
    WORK = 16
    LANDLORD = 17
    IDENTITY = 18
    KNOWN = 19
    TRIPS = 20
    TRIP = 21
    PURCHASE = 22
    PLACE = 23
    FAVOURITE = 24
    MOOD = 25
    TRANSFER = 26
    CASH = 27
    INCOME_TIME = 28
    TAKINGS = 29
    BILL_TIME = 30
    CREDIT = 31
    SAVING = 32
    FIRM_DAY = 33
    WAGE_TIME = 34
    DECLINE = 35
    RETRY = 36
    REFUND = 37
    SUPPLIER = 38
    INVOICE = 39
    OPENED = 40
    BASKET = 41
    SEQUEL = 42
    DEVICE = 70
    CARD_LIFE = 71
    CARD_STEP = 72
    PAYEE_CHECK = 73
    MACHINE = 74
    KYC = 75
    HOLDER = 76
    CONTACT = 77
    IDENTIFIER = 78
    BUILDING = 79
    SESSION = 80
    BROWSING = 81
    STRANGER = 82
    SCREENING = 83
    SCREENED = 84
    FREEZE = 85
    RESCREEN = 86
    DISPUTE = 87
    PAID = 88
    ARRIVAL = 90
    AHEAD = 91
    DEATH = 92
    LEAVING = 93
    MOVE = 94
    SWITCH = 95
    PARTNERSHIP = 96
    CHILD = 97
    STANDING = 98
    FORTUNE = 99
    JOB = 100
    SEEKER = 101
    FLAT = 102
    ESTATE = 103
    ACQUAINTANCE = 104
    CLOSURE = 105
    BIRTHDAY = 106
    LOAN = 107
    CLIENT = 110
    DEALING = 111
    DEAL = 112
    SETTLED = 113
    CONTRACT = 114
    DELIVERY = 115
    OWNER = 116
    HOME_SALE = 117
    GATHERING = 118
    TREASURY = 119
    RATE = 120
    JOURNEY = 121
    STAY = 122
    IMPORT = 123
    CORRIDOR = 124
    FOREIGN_FEE = 125
    FOREIGN_SHOP = 126
    FOREIGN_PAYER = 127
    STORY = 130
    STORY_BEGINS = 131
    STORY_SHOP = 132
    CREW = 133
    DEFENCE = 134
    AUDIT = 139
    RESTRICTION = 140
    LAYOFF = 141
    FINDING = 142
    OUTLOOK = 143
    OUTAGE = 144
    BANK_RUN = 145
    STIMULUS = 146
    CARD_NETWORK = 149
    BREACH = 150
    APPLICATION = 160
    FORBEARANCE = 161


@part
def philox(key: np.uint64, c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Philox4x32-10: four words below 2^32 in, four words out; every value is a uint64."""
    k0 = key & _LOW
    k1 = key >> _32
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0 = (p1 >> _32) ^ c1 ^ k0
        c1 = p1 & _LOW
        c2 = (p0 >> _32) ^ c3 ^ k1
        c3 = p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return c0, c1, c2, c3


@kernel
def draw(key: np.uint64, who: int, when: int, why: int, which: int) -> tuple[np.int64, np.int64, np.int64, np.int64]:
    """Four words in [0, 2^32) as int64 at an address.

    Args:
        key: the seed.
        who: row of the entity that decides, below 2^32.
        when: day (or another tick) since 1970, below 2^32; 0 for traits.
        why: a member of Why.
        which: index within the decision, below 2^32.
    """
    a, b, c, d = philox(key, np.uint64(who), np.uint64(when), np.uint64(why), np.uint64(which))
    return np.int64(a), np.int64(b), np.int64(c), np.int64(d)


@kernel
def scale(word: int, n: int) -> int:
    """A word as an integer in [0, n), n below 2^31."""
    return (word * n) >> 32


@kernel
def _fill(key: np.uint64, who: Ints, when: int, why: int, which: int, out: NDArray[np.uint32]) -> None:
    for i in range(who.shape[0]):
        a, b, c, d = philox(key, np.uint64(who[i]), np.uint64(when), np.uint64(why), np.uint64(which))
        out[0, i] = a
        out[1, i] = b
        out[2, i] = c
        out[3, i] = d


def words(seed: int, who: Ints, why: Why, which: int = 0, when: int = 0) -> NDArray[np.uint32]:
    """Draws for many entities: shape (4, len(who)), uint32."""
    out = np.empty((4, len(who)), np.uint32)
    _fill(np.uint64(seed), np.ascontiguousarray(who, np.int64), when, int(why), which, out)
    return out


def choose(shares: Sequence[float] | NDArray[np.float64], word: NDArray[np.uint32]) -> Ints:
    """Places among shares, one for each word; the shares need not add up to 1."""
    total = np.cumsum(shares)
    bounds = np.rint(total[:-1] / total[-1] * WORD).astype(np.int64)
    if len(bounds) <= 16:
        few = np.zeros(len(word), np.int8)
        for bound in bounds:
            few += word >= int(bound)
        return few.astype(np.int64)
    # Many shares: begin at the first bound of the word's leading bits, and step over the few that share them.
    leading = np.bincount(bounds >> 18, minlength=1 << 14)
    place = (np.cumsum(leading) - leading)[word >> np.uint32(18)]
    bounds = np.append(bounds, WORD)
    for _ in range(int(leading.max())):
        place += word >= bounds[place]
    return place


def uniform(word: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Words as doubles strictly inside (0, 1), for tables built with NumPy."""
    return (word.astype(np.float64) + 0.5) / WORD


NORMAL = np.array([NormalDist().inv_cdf((i + 0.5) / 4096) for i in range(4096)])
"""Mid-point quantiles of the standard normal."""


def normal(word: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Words as standard normal values, from a table of 4,096 mid-point quantiles."""
    values: NDArray[np.float64] = NORMAL[word >> np.uint32(20)]
    return values


def lognormal_table(spread: float, size: int = 4096, unit: int = 65536) -> Ints:
    """Mid-point quantiles of a log-normal with mean 1, as integers in units of 1/unit.

    Args:
        spread: log standard deviation.
        size: number of quantiles, a power of two up to 4,096.
        unit: integer that stands for 1.
    """
    values = np.exp(spread * NORMAL[:: 4096 // size])
    return np.maximum(1, np.rint(values / values.mean() * unit)).astype(np.int64)


def poisson_table(rates: int = 1024, per_unit: int = 64, width: int = 32) -> Ints:
    """Cumulative Poisson probabilities as words: row r is the rate r / per_unit; shape (rates, width)."""
    rate = np.arange(rates)[:, None] / per_unit
    count = np.arange(width)[None, :]
    factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, width)))])
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(rate > 0, count * np.log(rate), np.where(count == 0, 0.0, -np.inf)) - rate - factorial[None, :]
    total = np.cumsum(np.exp(log), axis=1)
    total[:, -1] = 1.0
    return np.minimum(np.rint(total * WORD), WORD).astype(np.int64)


@kernel
def poisson(table: Ints, rate: int, word: int, dither: int) -> int:
    """A Poisson count at a rate in 1/65536, by inversion of the table; ``dither`` (a word) rounds the rate fairly."""
    row = (rate + (dither >> 22)) >> 10
    row = min(row, table.shape[0] - 1)
    count = 0
    while count < table.shape[1] - 1 and word >= table[row, count]:
        count += 1
    return count


@kernel
def pick(cumulative: NDArray[np.uint32], start: int, stop: int, word: int) -> int:
    """Row in [start, stop) chosen by cumulative weights scaled to 2^32 - 1, by bisection."""
    low = start
    high = stop - 1
    while low < high:
        middle = (low + high) >> 1
        if np.int64(cumulative[middle]) > word:
            high = middle
        else:
            low = middle + 1
    return low


def threshold(share: NDArray[np.float64] | float) -> NDArray[np.int64]:
    """Shares in [0, 1] as words: an event happens where a draw is below it."""
    return np.rint(np.clip(share, 0.0, 1.0) * (WORD - 1)).astype(np.int64)
