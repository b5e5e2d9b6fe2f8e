"""What the graph of payments says of a payment at its time: windows of both ends, the pair, and short paths, from the past alone.

The features are of the kinds that IBM's Graph Feature Preprocessor computes (Blanuša et al., ICAIF 2024): fan-in and fan-out,
scatter-gather, short temporal cycles and statistics of both ends. A row never sees a row of its own second, nor later ones.
"""

from typing import NamedTuple

import numpy as np

from calibration.facts import Floats, Ints
from simulator.audit.leaks.sheet import Flags
from simulator.kernel import kernel

DAY = 86_400
WINDOWS = (1, 7, 21)
"""Days that both ends are looked back on."""
WITHIN = 14
"""Days within which paths are followed."""
LATEST = 8
"""Payments into an account that a path may come by, the latest: hubs have no more."""
SPAN = 1 << 34
"""Seconds between the keys of two entities; 544 years."""
KEPT = (0.3, 1.1)
"""Share of what came that is passed on, for a chain to count as one."""


class Side(NamedTuple):
    """Rows in order of entity and time."""

    keys: Ints
    rows: Ints
    sums: Floats


def side(entity: Ints, second: Ints, amount: Floats, rows: Ints) -> Side:
    """Some rows put in order, to be looked up by entity and time.

    Args:
        entity: Dense code of every row's entity.
        second: Of every row.
        amount: Of every row.
        rows: Those that count.
    """
    keys = entity[rows] * SPAN + second[rows]
    order = np.argsort(keys, kind="stable")
    return Side(keys[order], rows[order], np.concatenate([[0.0], np.cumsum(amount[rows][order])]))


def before(of: Side, entity: Ints, second: Ints, days: float | None = None) -> tuple[Ints, Ints]:
    """Places in a side of the rows of an entity before a time, at most some days before it.

    Args:
        of: Where to look.
        entity: Asked about.
        second: When; rows of this second do not count.
        days: How far back; None for all.

    Returns:
        First place and the one after the last.
    """
    start = np.zeros_like(second) if days is None else np.maximum(second - int(days * DAY), 0)
    return np.searchsorted(of.keys, entity * SPAN + start), np.searchsorted(of.keys, entity * SPAN + second)


@kernel
def _distinct(items, low, high, met, out):  # type: ignore[no-untyped-def]
    """Different items between two places that never go back, for each pair of places."""
    first = last = 0
    many = 0
    for query in range(len(low)):
        while last < high[query]:
            met[items[last]] += 1
            many += met[items[last]] == 1
            last += 1
        while first < low[query]:
            met[items[first]] -= 1
            many -= met[items[first]] == 0
            first += 1
        out[query] = many


def distinct(of: Side, item: Ints, entity: Ints, second: Ints, days: float) -> Ints:
    """How many different items the rows of an entity have in a window before a time.

    Args:
        of: Where to look.
        item: Dense code of every row's item.
        entity: Asked about.
        second: When; rows of this second do not count.
        days: Length of the window.
    """
    order = np.argsort(entity * SPAN + second, kind="stable")
    low, high = before(of, entity[order], second[order], days)
    found = np.zeros(len(order), np.int64)
    _distinct(item[of.rows], low, np.maximum(low, high), np.zeros(int(item.max(initial=0)) + 1, np.int64), found)
    out = np.empty_like(found)
    out[order] = found
    return out


class Graph:
    """Payments as a graph that is looked back on."""

    def __init__(self, source: Ints, target: Ints, second: Ints, amount: Floats, moves: Flags) -> None:
        """Puts payments in order.

        Args:
            source: Dense codes of payers; rows in order of time.
            target: Of payees.
            second: Of each row, from 0.
            amount: Of each row.
            moves: Rows that paths may follow: transfers, not purchases.
        """
        self._source, self._target, self._second, self._amount = source, target, second, amount
        rows = np.arange(len(source))
        self._out, self._in = side(source, second, amount, rows), side(target, second, amount, rows)
        many = int(max(source.max(initial=0), target.max(initial=0))) + 1
        pairs, self._pair = np.unique(source * many + target, return_inverse=True)
        back = np.searchsorted(pairs, target * many + source)
        there = back < len(pairs)
        there[there] &= pairs[back[there]] == (target * many + source)[there]
        self._back = np.where(there, back, len(pairs))
        self._pairs = side(self._pair, second, amount, rows)
        first = np.zeros(len(rows), bool)
        first[np.unique(self._pair, return_index=True)[1]] = True
        self._new_out, self._new_in = (side(ends, second, amount, np.flatnonzero(first)) for ends in (source, target))
        self._moves, self._many = np.flatnonzero(moves), many

    def features(self, rows: Ints) -> tuple[list[str], Floats]:
        """The features of some rows.

        Args:
            rows: Those asked about.

        Returns:
            Names and values, a column each; -1 stands for never.
        """
        named = {**self._ends(rows), **self._pair_features(rows), **self._flow(rows), **self._paths(rows)}
        return list(named), np.stack(list(named.values()), axis=1).astype(np.float32)

    def _ends(self, rows: Ints) -> dict[str, Floats]:
        """Numbers, sums and counterparties of payer and payee in windows, and since they were first seen."""
        second, named = self._second[rows], {}
        for end, entity in (("payer", self._source[rows]), ("payee", self._target[rows])):
            for way, of, other, new in (
                ("out", self._out, self._target, self._new_out),
                ("in", self._in, self._source, self._new_in),
            ):
                for days in WINDOWS:
                    low, high = before(of, entity, second, days)
                    named[f"{end} {way} {days} d"] = (high - low).astype(float)
                    named[f"{end} sum {way} {days} d"] = of.sums[high] - of.sums[low]
                    named[f"{end} fan {way} {days} d"] = distinct(of, other, entity, second, days).astype(float)
                low, high = before(new, entity, second)
                named[f"{end} degree {way}"] = (high - low).astype(float)
                low, high = before(of, entity, second)
                named[f"{end} since {way}"] = _since(second, self._second[of.rows], high - 1, high > low)
                named[f"{end} age {way}"] = _since(second, self._second[of.rows], low, high > low)
        return named

    def _pair_features(self, rows: Ints) -> dict[str, Floats]:
        """How often and when the same was paid the same way before, and the other way."""
        second, named = self._second[rows], {}
        for name, pair in (("pair", self._pair[rows]), ("back", self._back[rows])):
            low, high = before(self._pairs, pair, second)
            named[f"{name} before"] = (high - low).astype(float)
            named[f"{name} since"] = _since(second, self._second[self._pairs.rows], high - 1, high > low)
        return named

    def _flow(self, rows: Ints) -> dict[str, Floats]:
        """What is paid against what the payer got before."""
        second, amount, entity = self._second[rows], self._amount[rows], self._source[rows]
        low, high = before(self._in, entity, second)
        last = np.where(high > low, self._amount[self._in.rows[np.maximum(high - 1, 0)]], 0.0)
        named = {"of last in": _share(amount, last)}
        for days in WINDOWS:
            low, high = before(self._in, entity, second, days)
            out_low, out_high = before(self._out, entity, second, days)
            came = self._in.sums[high] - self._in.sums[low]
            named[f"of in {days} d"] = _share(amount, came)
            named[f"passed {days} d"] = _share(amount + self._out.sums[out_high] - self._out.sums[out_low], came)
        return named

    def _paths(self, rows: Ints) -> dict[str, Floats]:
        """Chains, scatter-gather and rings that a row continues or closes; of rows that paths may follow."""
        came, onward = self._hops()
        depth = np.ones(len(self._source), np.int64)
        _depths(came, onward, self._amount, depth, *KEPT)
        source, target, second = self._source, self._target, self._second
        # Paths of two payments a -> m -> b, each known from the second payment on.
        start, middle, end, time = source[came], source[onward], target[onward], second[onward]
        ways, way = np.unique(start * self._many + end, return_inverse=True)
        paths = side(way, time, np.ones(len(way)), np.arange(len(way)))
        gathered = distinct(paths, middle, way, time, WITHIN)
        of_row = np.zeros((4, len(source)))
        np.maximum.at(of_row[0], onward, gathered)
        back = self._way(ways, end, start)
        # A ring of four: what came to the payer came from somebody whom the payee reached by two payments before that.
        four = _count(paths, back, second[came], np.maximum(time - WITHIN * DAY, 0))
        np.add.at(of_row[1], onward, four)
        np.add.at(of_row[2], onward, np.ones(len(onward)))
        # A ring of three: the payee reached the payer by two payments.
        moved = self._moves
        three = self._way(ways, target[moved], source[moved])
        of_row[3][moved] = _count(paths, three, second[moved], np.maximum(second[moved] - WITHIN * DAY, 0))
        names = ("gathered", "rings of 4", "payments that came", "rings of 3")
        return {"chain": depth[rows].astype(float), **{name: of_row[place][rows] for place, name in enumerate(names)}}

    def _hops(self) -> tuple[Ints, Ints]:
        """Rows one after the other: what came to an account lately, and each payment out of it, in order of the latter."""
        into = side(self._target, self._second, self._amount, self._moves)
        low, high = before(into, self._source[self._moves], self._second[self._moves], WITHIN)
        low = np.maximum(low, high - LATEST)
        many = np.maximum(high - low, 0)
        onward = np.repeat(self._moves, many)
        place = np.repeat(low - np.cumsum(many) + many, many) + np.arange(len(onward))
        came = into.rows[place]
        open_ended = (self._source[came] != self._target[onward]) & (self._source[came] != self._source[onward])
        return came[open_ended], onward[open_ended]

    def _way(self, ways: Ints, start: Ints, end: Ints) -> Ints:
        """Code of the way from one account to another; one past the last where there is none."""
        wanted = start * self._many + end
        place = np.searchsorted(ways, wanted)
        there = place < len(ways)
        there[there] &= ways[place[there]] == wanted[there]
        return np.where(there, place, len(ways))


@kernel
def _depths(came, onward, amount, depth, least, most):  # type: ignore[no-untyped-def]
    """Longest chain of payments that each pass on most of what came before; hops in order of the later payment."""
    for hop in range(len(came)):
        share = amount[onward[hop]] / max(amount[came[hop]], 0.01)
        if least <= share <= most and depth[came[hop]] + 1 > depth[onward[hop]]:
            depth[onward[hop]] = depth[came[hop]] + 1


def _count(paths: Side, way: Ints, second: Ints, start: Ints) -> Floats:
    """Paths of a way that were complete before a time, and not before another."""
    low, high = (np.searchsorted(paths.keys, way * SPAN + time) for time in (start, second))
    many: Floats = np.maximum(high - low, 0).astype(np.float64)
    return many


def _since(second: Ints, seconds: Ints, place: Ints, there: Flags) -> Floats:
    """Days since the row at a place; -1 where there is none."""
    days = (second - seconds[np.clip(place, 0, len(seconds) - 1)]) / DAY
    return np.where(there, days, -1.0)


def _share(part: Floats, whole: Floats) -> Floats:
    """A part of a whole, at most 100; -1 where there is no whole."""
    return np.where(whole > 0, np.minimum(part / np.maximum(whole, 0.01), 100.0), -1.0)
