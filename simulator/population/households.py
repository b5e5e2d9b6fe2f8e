"""Households from a table of real joint shares: size x children x age x income decile x income kind.

People are laid out household by household in blocks of a fixed number of rows, so that a block can be built alone and
more customers never change the people who were there before.
"""

import csv
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, choose, normal, uniform, words
from simulator.errors import InputError
from simulator.scenario import Scenario

BLOCK = 1000
"""Rows of people that are built together; the last household of a block is cut to fit."""

SPAN = 32 * BLOCK
"""Rows of people that are computed side by side: few enough that their columns stay in the processor's cache."""

KINDS = ("salaried", "self_employed", "pension", "benefit", "student", "none")
SALARIED, SELF_EMPLOYED, PENSION, BENEFIT, STUDENT, NO_INCOME = range(6)

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The household table of a country."""

    weight: Floats
    adults: Ints
    children: Ints
    age: Ints
    """First and last age of the head, shape (2, cells)."""
    decile: Ints
    head: Floats
    """Cumulative shares of the head's income kinds, shape (cells, 6)."""
    partner: Floats
    partner_share: Floats
    quantile: Floats
    income: Floats

    @property
    def mean_income(self) -> float:
        """Mean of the piecewise linear income quantiles."""
        return float(np.trapezoid(self.income, self.quantile))


def read_table(name: str) -> Table:
    """Read a shipped household table.

    Raises:
        InputError: no such table is shipped.
    """
    folder = files("scenarios") / "households"
    cells_file, income_file = folder / f"{name}.csv", folder / f"{name}_income.csv"
    if not cells_file.is_file():
        known = sorted(p.name[:-4] for p in folder.iterdir() if p.name.endswith(".csv") and not p.name.endswith("_income.csv"))
        raise InputError(f"population.households: found '{name}', expected one of {', '.join(known)}")
    rows = list(csv.DictReader(line for line in cells_file.read_text("utf-8").splitlines() if not line.startswith("#")))
    income = list(csv.DictReader(line for line in income_file.read_text("utf-8").splitlines() if not line.startswith("#")))

    def column(key: str) -> Floats:
        return np.array([float(row.get(key) or 0) for row in rows])

    def shares(who: str) -> Floats:
        matrix = np.stack([column(f"{who}_{kind}") for kind in KINDS], axis=1)
        total = matrix.sum(axis=1, keepdims=True)
        return np.cumsum(matrix / np.where(total > 0, total, 1), axis=1)

    return Table(
        weight=column("weight"),
        adults=np.minimum(column("adults"), 2).astype(np.int64),
        children=column("children").astype(np.int64),
        age=np.stack([column("age_low"), column("age_high")]).astype(np.int64),
        decile=column("decile").astype(np.int64),
        head=shares("head"),
        partner=shares("partner"),
        partner_share=column("partner_share"),
        quantile=np.array([float(row["quantile"]) for row in income]),
        income=np.array([float(row["income"]) for row in income]),
    )


class Members(NamedTuple):
    """People of households, one row a person."""

    row: Ints
    """Row of the person in the world."""
    household: Ints
    """Number of the household: the row of its head."""
    head: Ints
    """1 for the head."""
    adults: Ints
    """Adults of the household."""
    children: Ints
    age: Ints
    sex: Ints
    """0 female, 1 male."""
    decile: Ints
    rank: Floats
    """Rank of the household's income in [0, 1)."""
    household_gross: Floats
    """Yearly income of the household before tax, currency units."""
    gross: Floats
    """Yearly income of the person before tax, currency units."""
    kind: Ints
    """Place in KINDS."""

    @property
    def home(self) -> Ints:
        """Place of the household's head among these people."""
        return self.household - self.row[0]


def _kinds(cumulative: Floats, cell: Ints, u: Floats) -> Ints:
    kind = np.zeros(len(u), np.int8)
    for place in range(len(KINDS) - 1):
        kind += cumulative[:, place][cell] < u
    return kind.astype(np.int64)


def build_members(scenario: Scenario, table: Table, customers: int, origin: int = 0) -> Members:
    """The ``customers`` people of a world from row ``origin`` on, a whole number of blocks; blocks are built whole and cut."""
    blocks = -(-customers // BLOCK)
    slot = np.arange(origin, origin + blocks * BLOCK, dtype=np.int64)
    cell_word, rank_word, kind_word, age_word = words(scenario.seed, slot, Why.HOUSEHOLD)
    cell = choose(table.weight, cell_word)

    size = table.adults[cell].reshape(blocks, BLOCK)
    start = np.cumsum(size, axis=1) - size
    is_household = (start < BLOCK).ravel()
    slots = slot[is_household]
    first = (start + slot[::BLOCK, None]).ravel()[is_household]
    living = np.minimum(size.ravel()[is_household], BLOCK - first % BLOCK)

    cell = cell[is_household]
    rank = (table.decile[cell] + uniform(rank_word[is_household])) / 10
    gross = np.interp(rank, table.quantile, table.income) * scenario.population.income_scale
    low, high = table.age[:, cell]
    head_age = low + (uniform(age_word[is_household]) * (high - low + 1)).astype(np.int64)
    head_kind = _kinds(table.head, cell, uniform(kind_word[is_household]))

    home = np.repeat(np.arange(len(slots)), living)
    row = np.arange(origin, origin + len(home), dtype=np.int64)
    is_head = row == first[home]
    age_gap, kind_own, same_word, _ = words(scenario.seed, row, Why.MEMBER)
    kind = np.where(is_head, head_kind[home], _kinds(table.partner, cell[home], uniform(kind_own)))
    partner_share = np.where(kind == NO_INCOME, 0.0, table.partner_share[cell][home])
    partner_share[is_head] = 0.0
    paired = np.append(partner_share[1:], 0.0)
    share = np.where(is_head, 1 - np.where(np.append(~is_head[1:], False), paired, 0.0), partner_share)
    head_sex = (words(scenario.seed, slots, Why.MEMBER, 1)[0] >> np.uint32(31)).astype(np.int64)[home]
    sex = np.where(is_head | (uniform(same_word) < 0.01), head_sex, 1 - head_sex)
    age = np.where(is_head, head_age[home], np.clip(head_age[home] + np.rint(3.5 * normal(age_gap)), 18, 95)).astype(np.int64)
    members = Members(
        row=row, household=first[home], head=is_head.astype(np.int64), adults=table.adults[cell][home],
        children=table.children[cell][home], age=age, sex=sex, decile=table.decile[cell][home], rank=rank[home],
        household_gross=gross[home], gross=gross[home] * share, kind=kind,
    )  # fmt: skip
    return Members._make(column[:customers] for column in members)
