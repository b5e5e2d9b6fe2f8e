"""The statistics of a private release as moments: the same code over a run, or over rows that a bank kept for judging."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import Field

from calibration.private.config import Config, Reading, Statistic
from calibration.private.from_run import RunPostings
from calibration.private.from_table import TablePostings
from calibration.private.profile import Tally
from calibration.private.release import exact
from calibration.targets import Target
from simulator.errors import InputError
from simulator.record.read import Run
from simulator.scenario.complaint import read_as
from simulator.scenario.part import Part
from simulator.scenario.source import Node

POSTING_MOMENTS = ("customer_statistic", "customers")
"""Moments that a target tells what to compute: a statistic of each customer, and how many customers there are."""

type Numbers = dict[str, float] | float


class Of(Part):
    """What a posting moment is computed over."""

    reading: Reading
    amounts: tuple[float, float] = Field(description="bounds that an amount is brought to, in currency units")
    least_days: int = Field(1, ge=1)
    statistic: Statistic | None = None


def of(target: Target) -> Of:
    """What a target's moment is computed over.

    Raises:
        InputError: it is not told, or wrongly.
    """
    found = read_as(Of, _node(target.of, f"{target.id}.of"))
    if (found.statistic is None) == (target.moment == "customer_statistic"):
        has, wants = ("nothing", "one") if found.statistic is None else ("one", "none")
        raise InputError(f"{target.id}.of.statistic: found {has}, expected {wants} for the moment {target.moment}")
    return found


def measure_postings(run: Run, targets: Sequence[Target]) -> dict[str, Numbers | None]:
    """Measures targets of a run, in one pass over it for all that read it alike.

    Args:
        run: a finished run.
        targets: with posting moments.

    Returns:
        By target, the numbers by component, or one number; None where the run has no customer that counts.
    """
    found: dict[str, Numbers | None] = {}
    for asked, which in _alike(targets):
        fraud = any(one.statistic is not None and one.statistic.where.fraud is not None for one in asked)
        source = RunPostings(run, asked[0].reading, asked[0].amounts, fraud)
        tally = Tally(source, [one.statistic for one in asked if one.statistic], list(asked[0].reading.kinds), asked[0].least_days)
        found |= _figures(tally, asked, which)
    return found


def measure_table(table: str | Path, config: Config, targets: Sequence[Target], part: int | None = None) -> dict[str, Numbers | None]:
    """Measures targets of a real table without noise: for the bank's own eyes, to judge a world by customers that were held out.

    Args:
        table: Parquet or CSV.
        config: how it is read.
        targets: of the pack that the config made.
        part: which part of the customers, where the config splits them; the next after the released one by default.

    Returns:
        As `measure_postings` does. These figures are not private: they must not leave the building.

    Raises:
        InputError: the table cannot be read as the config says.
    """
    if config.split is not None and part is None:
        part = (config.split.use + 1) % config.split.parts
    found: dict[str, Numbers | None] = {}
    for asked, which in _alike(targets):
        source = TablePostings(Path(table), config, part)
        tally = Tally(source, [one.statistic for one in asked if one.statistic], list(config.table.kinds), asked[0].least_days)
        found |= _figures(tally, asked, which)
    return found


def _alike(targets: Sequence[Target]) -> list[tuple[list[Of], list[str]]]:
    told = [(of(target), target.id) for target in targets if target.moment in POSTING_MOMENTS]
    ordered = sorted(told, key=lambda pair: _key(pair[0]))
    groups = [list(group) for _, group in groupby(ordered, key=lambda pair: _key(pair[0]))]
    return [([one for one, _ in group], [name for _, name in group]) for group in groups]


def _key(one: Of) -> str:
    return f"{one.least_days} {one.amounts} {one.reading.model_dump_json()}"


def _figures(tally: Tally, asked: Sequence[Of], which: Sequence[str]) -> dict[str, Numbers | None]:
    if not tally.customers:
        return dict.fromkeys(which)
    people, figures = exact(tally)
    rest = iter(figures)
    return {name: next(rest).value if one.statistic else people for one, name in zip(asked, which, strict=True)}


def _node(value: Any, place: str) -> Node:
    if isinstance(value, dict):
        return Node({str(key): _node(one, place) for key, one in value.items()}, place)
    if isinstance(value, list):
        return Node([_node(one, place) for one in value], place)
    return Node(value, place)
