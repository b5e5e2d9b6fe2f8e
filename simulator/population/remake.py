"""Members of households as they are now: where lives have changed, the table says anew what a household like that has."""

from typing import NamedTuple

import numpy as np

from simulator.draws import Ints
from simulator.population.households import Floats, Members, Table, flattened, kinds_of, shares_of
from simulator.population.ladder import Ladder
from simulator.records import Records
from simulator.scenario import Population


class Homes(NamedTuple):
    """Households, one row each."""

    head: Ints
    """Row of the head."""
    partner: Ints
    """Row of the partner, -1 for none."""
    stage: Ints
    """Age that counts for the stage of life."""


def remake_members(table: Table, ladder: Ladder, people: Records, course: Records, homes: Homes, incomes: Population) -> Members:
    """The people of some households as `build_members` would have drawn them with what they now are; partners follow heads.

    Args:
        table: of households.
        ladder: of incomes.
        people: rows of People.
        course: rows of Course.
        homes: the households.
        incomes: what they are beside those of the table.
    """
    size = 1 + (homes.partner >= 0).astype(np.int64)
    first = np.cumsum(size) - size
    house = np.repeat(np.arange(len(size)), size)
    row = np.empty(int(size.sum()), np.int64)
    row[first] = homes.head
    row[first[homes.partner >= 0] + 1] = homes.partner[homes.partner >= 0]
    is_head = np.zeros(len(row), bool)
    is_head[first] = True
    kind = ladder.kind_of(homes.stage, people.adults[homes.head].astype(np.int64), people.children[homes.head].astype(np.int64))
    cell, within = ladder.cell(kind, course.standing[homes.head].astype(np.int64))
    rank: Floats = (table.decile[cell] + within) / 10
    gross = np.interp(rank, table.quantile, table.income) * incomes.income_scale
    fortune = course.fortune[row]
    income = np.where(is_head, kinds_of(table.head, cell[house], fortune), kinds_of(table.partner, cell[house], fortune))
    column = {name: people[name][row].astype(np.int64) for name in ("household", "adults", "children", "age", "sex")}
    return Members(
        row=row, head=is_head.astype(np.int64), decile=table.decile[cell][house], rank=rank[house], household_gross=gross[house],
        gross=flattened(incomes, gross[house] * shares_of(table, cell[house], is_head, income), income), kind=income, place=first[house],
        cell=cell[house], within=within[house], fortune=fortune, ahead=course.ahead[row].astype(np.int64), **column,
    )  # fmt: skip
