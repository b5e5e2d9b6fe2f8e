"""Draws stand at addresses: the published generator, fair words, exact tables, and reasons that never move."""

import math
from typing import Any

import numpy as np
import pytest

from simulator.draws import (
    WORD,
    Why,
    draw,
    lognormal_table,
    normal,
    philox,
    pick,
    poisson,
    poisson_table,
    scale,
    threshold,
    uniform,
    words,
)
from simulator.kernel import kernel

# Known answers of Philox4x32-10 published with Random123: counter, key, output.
VECTORS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]

# Every reason in the order in which it was given its number. A line may be added at the end; none may change.
REASONS = [
    "HOUSEHOLD", "MEMBER", "INCOME", "ARCHETYPE", "HOME", "BANK", "BUFFER", "TRAITS", "HABIT", "METHOD", "BILL", "CARD", "FRIEND",
    "MERCHANT", "EMPLOYER", "WORK", "LANDLORD", "IDENTITY", "KNOWN", "TRIPS", "TRIP", "PURCHASE", "PLACE", "FAVOURITE", "MOOD",
    "TRANSFER", "CASH", "INCOME_TIME", "TAKINGS", "BILL_TIME", "CREDIT", "SAVING", "FIRM_DAY", "WAGE_TIME", "DECLINE", "RETRY",
    "REFUND", "SUPPLIER", "INVOICE", "OPENED", "BASKET", "SEQUEL",
]  # fmt: skip

# Reasons whose numbers leave a gap.
LATER = {
    "CLIENT": 110, "DEALING": 111, "DEAL": 112, "SETTLED": 113, "CONTRACT": 114, "DELIVERY": 115, "OWNER": 116, "HOME_SALE": 117,
    "GATHERING": 118, "TREASURY": 119,
}  # fmt: skip


@kernel
def philox_alone(key: np.uint64, c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64) -> tuple[Any, ...]:
    """The generator, for who is no kernel."""
    return philox(key, c0, c1, c2, c3)


@pytest.mark.parametrize(("counter", "key", "expected"), VECTORS)
def test_published_vectors(counter: tuple[int, ...], key: tuple[int, int], expected: tuple[int, ...]) -> None:
    """Catches a signed constant, a wrong round count and swapped words."""
    found = philox_alone(np.uint64(key[0] | key[1] << 32), *(np.uint64(word) for word in counter))
    assert [int(word) for word in found] == list(expected)


def test_address_is_the_counter() -> None:
    """Catches who, when, why and which in another order: that would move every draw of every world."""
    found = draw(np.uint64(0xA4093822 | 0x299F31D0 << 32), 0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344)
    assert [int(word) for word in found] == list(VECTORS[2][2])


def test_a_draw_does_not_depend_on_company_or_order() -> None:
    """Law 2. Catches a stream or shared state behind ``words``."""
    rows = np.arange(1000, dtype=np.int64)
    together = words(7, rows, Why.TRAITS, 3, 19_800)
    assert np.array_equal(together[:, ::-1], words(7, rows[::-1], Why.TRAITS, 3, 19_800))
    assert np.array_equal(together[:, 400:401], words(7, rows[400:401], Why.TRAITS, 3, 19_800))
    assert [int(w) for w in draw(np.uint64(7), 400, 19_800, Why.TRAITS, 3)] == together[:, 400].tolist()


def test_every_part_of_the_address_counts() -> None:
    """Catches a part of the address that never reaches the generator."""
    base = {"seed": 7, "who": 5, "why": Why.TRAITS, "which": 3, "when": 9}
    changed = [{"seed": 8}, {"seed": 7 + 2**32}, {"who": 6}, {"why": Why.HABIT}, {"which": 4}, {"when": 10}]

    def at(seed: int, who: int, why: Why, which: int, when: int) -> tuple[int, ...]:
        return tuple(words(seed, np.array([who]), why, which, when)[:, 0].tolist())

    seen = {at(**base), *(at(**base | change) for change in changed)}  # type: ignore[arg-type]
    assert len(seen) == len(changed) + 1


def test_words_are_uniform_and_independent() -> None:
    """Chi-square over 256 cells of each word, of neighbouring rows and of pairs of words: within five standard deviations."""
    drawn = words(11, np.arange(1 << 18, dtype=np.int64), Why.TRIP).astype(np.int64)
    pairs = [(drawn[a] >> 28) * 16 + (drawn[b] >> 28) for a in range(4) for b in range(a)]
    neighbours = [(drawn[a, :-1] >> 28) * 16 + (drawn[a, 1:] >> 28) for a in range(4)]
    for cells in [*(drawn >> 24), *(drawn & 255), *pairs, *neighbours]:
        expected = len(cells) / 256
        chi = float(((np.bincount(cells, minlength=256) - expected) ** 2 / expected).sum())
        assert abs(chi - 255) < 5 * math.sqrt(2 * 255), chi


def test_uniform_stays_inside() -> None:
    edges = uniform(np.array([0, WORD - 1], np.uint32))
    assert 0 < edges[0] < 1e-9
    assert 1 - 1e-9 < edges[1] < 1


def test_normal_has_its_moments() -> None:
    z = normal(words(3, np.arange(1 << 16, dtype=np.int64), Why.MOOD)[0])
    assert abs(z.mean()) < 0.02
    assert abs(z.std() - 1) < 0.02
    assert abs((z < 1.0).mean() - 0.8413) < 0.01


@pytest.mark.parametrize("n", [1, 2, 7, 1000, 2**31 - 1])
def test_scale_reaches_both_ends(n: int) -> None:
    assert scale(np.int64(0), n) == 0
    assert scale(np.int64(WORD - 1), n) == n - 1


@pytest.mark.parametrize("row", [0, 1, 13, 64, 200, 512])
def test_poisson_table_is_the_closed_form(row: int) -> None:
    """Catches a rate off by one row, a missing factorial and a table that does not reach one."""
    table, rate = poisson_table(), row / 64
    chances = np.diff(np.append(0, table[row])) / WORD
    exact = [math.exp(-rate) * rate**k / math.factorial(k) for k in range(len(chances))]
    exact[-1] = 1 - sum(exact[:-1])
    assert np.abs(chances - exact).max() < 1e-9
    counts = np.arange(len(chances))
    mean = float((counts * chances).sum())
    assert mean == pytest.approx(rate, rel=1e-6, abs=1e-9)
    assert float((counts**2 * chances).sum()) - mean**2 == pytest.approx(rate, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("rate", [0.001, 0.3, 1.8, 5.25])
def test_poisson_counts_have_the_rate_between_rows(rate: float) -> None:
    """Catches a rate that is rounded to its row instead of dithered: 0.001 would never, or far too often, happen."""
    table, size = poisson_table(), 100_000
    first, second, _, _ = words(5, np.arange(size, dtype=np.int64), Why.TRIPS).astype(np.int64)
    counts = np.array([poisson(table, round(rate * 65536), a, b) for a, b in zip(first, second, strict=True)])
    assert abs(counts.mean() - rate) < 5 * math.sqrt(rate / size)
    assert abs(counts.var() - rate) < 6 * math.sqrt((rate + 2 * rate * rate) / size)


@pytest.mark.parametrize("spread", [0.0, 0.3, 0.8, 1.5])
@pytest.mark.parametrize("size", [1024, 4096])
def test_lognormal_table_has_mean_one(spread: float, size: int) -> None:
    """Catches a table of medians, whose mean grows with the spread: spending would leave its budget."""
    table = lognormal_table(spread, size)
    assert len(table) == size
    assert (np.diff(table) >= 0).all()
    assert table.mean() / 65536 == pytest.approx(1, abs=2e-5)
    assert np.log(table / 65536).std() == pytest.approx(spread, rel=0.01, abs=1e-4)


def test_pick_follows_the_weights() -> None:
    weight = np.array([5, 1, 0, 10, 4])
    cumulative = (np.cumsum(weight) * (2**32 - 1) // weight.sum()).astype(np.uint32)
    padded = np.concatenate([[9, 9], cumulative, [9]]).astype(np.uint32)
    drawn = words(2, np.arange(40_000, dtype=np.int64), Why.FAVOURITE)[0].astype(np.int64)
    chosen = np.array([pick(padded, 2, 7, word) for word in drawn]) - 2
    assert np.array_equal(chosen, np.searchsorted(cumulative.astype(np.int64), drawn, side="right").clip(max=4))
    assert np.abs(np.bincount(chosen, minlength=5) / len(drawn) - weight / 20).max() < 0.01
    # A word on an edge belongs to the right of it; a weight of zero is never chosen.
    edges = [0, *(int(c) + step for c in cumulative[:-1] for step in (-1, 0, 1)), WORD - 1]
    found = [int(pick(padded, 2, 7, np.int64(word))) - 2 for word in edges]
    assert found == [0, 0, 1, 1, 1, 3, 3, 1, 3, 3, 3, 4, 4, 4]


def test_threshold_is_never_above_certainty() -> None:
    assert threshold(np.array([-1.0, 0.0, 0.5, 1.0, 2.0])).tolist() == [0, 0, 2**31, WORD - 1, WORD - 1]


def test_reasons_are_append_only() -> None:
    """Law 2. Catches a renamed, reused, removed or reordered reason: every draw behind it would move."""
    assert len({int(why) for why in Why.__members__.values()}) == len(Why.__members__)
    assert [(why.name, int(why)) for why in Why][: len(REASONS)] == [(name, n) for n, name in enumerate(REASONS, 1)]
    assert {name: int(Why[name]) for name in LATER} == LATER
