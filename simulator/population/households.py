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
from simulator.scenario import Population, Scenario

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


def read_table(name: str, spread: float = 1.0) -> Table:
    """Read a shipped household table.

    Args:
        name: of the table.
        spread: power of incomes that stands for them, their mean unchanged; 1 leaves them as they are.

    Raises:
        InputError: no such table is shipped.
    """
    folder = files("scenarios") / "households"
    cells_file, income_file = folder / f"{name}.csv", folder / f"{name}_income.csv"
    if not cells_file.is_file():
        known = sorted(p.name[:-4] for p in folder.iterdir() if p.name.endswith(".csv") and not p.name.endswith("_income.csv"))
        raise InputError(f"population.households: found '{name}', expected one of {', '.join(known)}")
    rows = list(csv.DictReader(line for line in cells_file.read_text("utf-8").splitlines() if not line.startswith("#")))
    incomes = list(csv.DictReader(line for line in income_file.read_text("utf-8").splitlines() if not line.startswith("#")))

    def column(key: str) -> Floats:
        return np.array([float(row.get(key) or 0) for row in rows])

    def shares(who: str) -> Floats:
        matrix = np.stack([column(f"{who}_{kind}") for kind in KINDS], axis=1)
        total = matrix.sum(axis=1, keepdims=True)
        return np.cumsum(matrix / np.where(total > 0, total, 1), axis=1)

    quantile, income = (np.array([float(row[key]) for row in incomes]) for key in ("quantile", "income"))
    if spread != 1.0:
        power = income**spread
        income = power * float(np.trapezoid(income, quantile) / np.trapezoid(power, quantile))
    return Table(
        weight=column("weight"),
        adults=np.minimum(column("adults"), 2).astype(np.int64),
        children=column("children").astype(np.int64),
        age=np.stack([column("age_low"), column("age_high")]).astype(np.int64),
        decile=column("decile").astype(np.int64),
        head=shares("head"),
        partner=shares("partner"),
        partner_share=column("partner_share"),
        quantile=quantile,
        income=income,
    )


class Entry(NamedTuple):
    """With which shares of cells, and at which ages of the head within a band, households are drawn."""

    weight: Floats
    """Of each cell of the table."""
    edges: Ints
    """First age of each band."""
    ages: Ints
    upper: Floats
    """Band plus the cumulative share of each of these ages within it."""


class Members(NamedTuple):
    """People of households, one row a person."""

    row: Ints
    """Row of the person in the world."""
    household: Ints
    """Number of the household: the row of whoever founded it."""
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
    place: Ints
    """Of the household's head among these people."""
    cell: Ints
    """Cell of the table."""
    within: Floats
    """How far within the cell's incomes, 0 to 1."""
    fortune: NDArray[np.uint32]
    """Word that says, with the cell, what kind of income the person has."""
    ahead: Ints
    """Years by which the head is older than households in their stage of life are."""

    @property
    def home(self) -> Ints:
        """Place of the household's head among these people."""
        return self.place


AHEAD, FARTHEST = 2.0, 5
"""How much earlier or later people turn to another stage of life than the bands of the table: standard deviation and bound,
years (assumption: half retire between 63 and 67)."""


def kinds_of(cumulative: Floats, cell: Ints, word: NDArray[np.uint32]) -> Ints:
    """Kinds of income by cumulative shares of cells."""
    kind, u = np.zeros(len(word), np.int8), uniform(word)
    for place in range(len(KINDS) - 1):
        kind += cumulative[:, place][cell] < u
    return kind.astype(np.int64)


def _head_ages(entry: Entry, band: Ints, word: NDArray[np.uint32], ahead_word: NDArray[np.uint32]) -> tuple[Ints, Ints]:
    """Ages of heads, and the years by which each is ahead of the age that the table's band stands for."""
    last = len(entry.ages) - 1
    age = entry.ages[np.minimum(np.searchsorted(entry.upper, band + uniform(word), side="right"), last)]
    ahead = np.clip(np.rint(AHEAD * normal(ahead_word)), -FARTHEST, FARTHEST).astype(np.int64)
    ahead = np.where(age + ahead < entry.ages[0], -ahead, ahead)
    ahead = np.where(age + ahead >= entry.ages[last], 0, ahead)
    return age + ahead, ahead


def shares_of(table: Table, cell: Ints, head: NDArray[np.bool_], kind: Ints) -> Floats:
    """Share of each person in the household's income; a partner stands right after the head."""
    partner = np.where(head | (kind == NO_INCOME), 0.0, table.partner_share[cell])
    paired = np.append(np.where(head[1:], 0.0, partner[1:]), 0.0)
    return np.where(head, 1 - paired, partner)


def flattened(population: Population, gross: Floats, kind: Ints) -> Floats:
    """Yearly incomes of people with the flat part of pensions and benefits in place of what the table has there."""
    flat = population.flat_pensions
    return np.where((kind == PENSION) | (kind == BENEFIT), (1 - flat) * gross + flat * 12 * population.pension, gross) if flat else gross


def build_members(scenario: Scenario, table: Table, entry: Entry, customers: int, origin: int = 0, slot: int | None = None) -> Members:
    """The ``customers`` people of a world from row ``origin`` on, a whole number of blocks; blocks are built whole and cut.

    Args:
        scenario: seed and level of incomes.
        table: of households.
        entry: shares and ages of who is drawn.
        customers: people.
        origin: row of the first.
        slot: address of the first household's draws, ``origin`` by default.
    """
    blocks = -(-customers // BLOCK)
    shift = (origin if slot is None else slot) - origin
    rows = np.arange(origin, origin + blocks * BLOCK, dtype=np.int64)
    cell_word, rank_word, kind_word, age_word = words(scenario.seed, rows + shift, Why.HOUSEHOLD)
    cell = choose(entry.weight, cell_word)

    size = table.adults[cell].reshape(blocks, BLOCK)
    start = np.cumsum(size, axis=1) - size
    is_household = (start < BLOCK).ravel()
    slots = rows[is_household] + shift
    first = (start + rows[::BLOCK, None]).ravel()[is_household]
    living = np.minimum(size.ravel()[is_household], BLOCK - (first - origin) % BLOCK)

    cell, within = cell[is_household], uniform(rank_word[is_household])
    rank = (table.decile[cell] + within) / 10
    gross = np.interp(rank, table.quantile, table.income) * scenario.population.income_scale
    band = np.searchsorted(entry.edges, table.age[0][cell], side="right") - 1
    head_age, ahead = _head_ages(entry, band, age_word[is_household], words(scenario.seed, slots, Why.AHEAD)[0])

    home = np.repeat(np.arange(len(slots)), living)
    row = np.arange(origin, origin + len(home), dtype=np.int64)
    is_head = row == first[home]
    age_gap, kind_own, same_word, _ = words(scenario.seed, row + shift, Why.MEMBER)
    fortune = np.where(is_head, kind_word[is_household][home], kind_own)
    kind = np.where(is_head, kinds_of(table.head, cell[home], fortune), kinds_of(table.partner, cell[home], fortune))
    head_sex = (words(scenario.seed, slots, Why.MEMBER, 1)[0] >> np.uint32(31)).astype(np.int64)[home]
    sex = np.where(is_head | (uniform(same_word) < 0.01), head_sex, 1 - head_sex)
    last = int(entry.ages[-1]) - 1
    age = np.where(is_head, head_age[home], np.clip(head_age[home] + np.rint(3.5 * normal(age_gap)), 18, last)).astype(np.int64)
    members = Members(
        row=row, household=first[home], head=is_head.astype(np.int64), adults=table.adults[cell][home],
        children=table.children[cell][home], age=age, sex=sex, decile=table.decile[cell][home], rank=rank[home],
        household_gross=gross[home], gross=flattened(scenario.population, gross[home] * shares_of(table, cell[home], is_head, kind), kind),
        kind=kind, place=first[home] - origin, cell=cell[home], within=within[home], fortune=fortune, ahead=ahead[home],
    )  # fmt: skip
    return Members._make(column[:customers] for column in members)
