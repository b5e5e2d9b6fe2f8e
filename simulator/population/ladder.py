"""The ladder of incomes: where a household stands among those of its kind, and which cell of the table that is.

Households of a kind (band of the head's age, adults, children) stand on a ladder from the poorest to the richest. Standing,
a number evenly spread from 0 to 1, is kept when the kind changes, so that incomes have the table's distribution in every
kind at any time, and a household that was among the richer of its kind is so after it changed.
"""

from typing import NamedTuple

import numpy as np

from simulator.draws import WORD, Ints
from simulator.population.households import Floats, Table

KINDS_A_BAND = 4


class Ladder(NamedTuple):
    """Cells of a table by kind of household, from the lowest income to the highest."""

    edges: Ints
    """First age of each band."""
    kind: Ints
    """Kind of household of each cell."""
    low: Floats
    """Standing at which each cell begins."""
    width: Floats
    order: Ints
    """Cells by kind and standing."""
    upper: Floats
    """Kind plus the standing at which each of these cells ends."""

    def kind_of(self, age: Ints, adults: Ints, children: Ints) -> Ints:
        """Kind of households, of those that the table has."""
        band = np.maximum(np.searchsorted(self.edges, age, side="right") - 1, 0)
        asked = band * KINDS_A_BAND + (np.minimum(adults, 2) - 1) * 2 + np.minimum(children, 1)
        found: Ints = np.where(np.isin(asked, self.kind), asked, asked & ~1)
        return found

    def standing(self, cell: Ints, within: Floats) -> Ints:
        """Where households stand, as words, that are ``within`` their cells (0 to 1)."""
        place: Ints = np.minimum(WORD - 1, (self.low[cell] + within * self.width[cell]) * WORD).astype(np.int64)
        return place

    def cell(self, kind: Ints, standing: Ints) -> tuple[Ints, Floats]:
        """Cell of households of a kind that stand somewhere (words), and how far within it."""
        place = (standing + 0.5) / WORD
        cell = self.order[np.minimum(np.searchsorted(self.upper, kind + place, side="right"), len(self.order) - 1)]
        return cell, np.clip((place - self.low[cell]) / self.width[cell], 0.0, 1.0 - 1e-9)


def build_ladder(table: Table) -> Ladder:
    """The ladder of a table of households."""
    edges = np.unique(table.age[0])
    band = np.searchsorted(edges, table.age[0], side="right") - 1
    kind = band * KINDS_A_BAND + (table.adults - 1) * 2 + table.children
    order = np.lexsort((table.decile, kind))
    total = np.bincount(kind, table.weight)
    width = table.weight / total[kind]
    sums = np.cumsum(width[order])
    first = np.searchsorted(kind[order], kind[order])
    before = sums - width[order]
    low = np.empty(len(order))
    low[order] = before - before[first]
    upper = kind[order] + low[order] + width[order]
    last = np.append(kind[order][1:] != kind[order][:-1], True)
    upper[last] = kind[order][last] + 1.0
    return Ladder(edges, kind, low, width, order.astype(np.int64), upper)
