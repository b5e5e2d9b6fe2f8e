"""Shocks that disagree with the rest of a scenario: unknown names, dates outside the run, two that move the same thing."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from simulator.scenario.contradictions import check_contradictions
from simulator.scenario.part import misplaced, nearest
from simulator.scenario.people import IncomeKind
from simulator.scenario.shocks import Kind, Path, Shock
from simulator.scenario.story import Family

if TYPE_CHECKING:
    from simulator.scenario import Scenario

ALL = "*"
"""Stands for everything in place of a name."""


def names_of(scenario: "Scenario", kind: Kind) -> list[str]:
    """What `by` may name for a kind of shock."""
    categories = [category.name for category in scenario.categories]
    if kind is Kind.UNEMPLOYMENT:
        return [*(sector.name for sector in scenario.income.sectors), *categories]
    if kind is Kind.INCOME:
        return list(IncomeKind)
    if kind is Kind.STORIES:
        return [*Family, *(story.name for story in scenario.stories.told)]
    return categories


def check_shocks(scenario: "Scenario") -> None:
    """Refuse shocks that cannot be meant.

    Raises:
        PydanticCustomError: where, and what was expected.
    """
    first = scenario.period.start
    last = first + timedelta(scenario.period.days - 1)
    taken: dict[Kind, list[tuple[str, date, date, str]]] = {}
    banks = [bank.name for bank in scenario.banks]
    for position, shock in enumerate(scenario.shocks):
        where = ("shocks", position)
        known = names_of(scenario, shock.kind)
        for name in shock.by:
            if name not in known:
                raise misplaced((*where, "by", name), f"one of {', '.join(known)}", nearest(name, known), f"the key {name[:60]!r}")
        for place, name in enumerate(shock.banks):
            if name not in banks:
                raise misplaced((*where, "banks", place), f"one of {', '.join(banks)}", nearest(name, banks))
        for steps, begin, end in _spans(shock):
            if begin > last or end < first:
                found = f"{begin} on" if end == date.max else str(begin) if end == begin else f"{begin} to {end}"
                raise misplaced((*where, *steps), f"a date within the run, {first} to {last}", found=found)
        for thing, begin, end in _moves(shock):
            for other_thing, other_begin, other_end, other in taken.setdefault(shock.kind, []):
                if _touch(thing, other_thing) and begin <= other_end and other_begin <= end:
                    found = "a path for all" if thing == ALL else f"one on {thing}"
                    raise misplaced(where, f"no shock of kind {shock.kind} on what '{other}' moves at the same time", found=found)
            taken[shock.kind].append((thing, begin, end, shock.name))
    check_contradictions(scenario)


def _touch(thing: str, other: str) -> bool:
    """Whether two things are the same, or one parameter is inside the other."""
    return thing == other or thing.startswith(f"{other}.") or other.startswith(f"{thing}.")


def _spans(shock: Shock) -> Iterable[tuple[tuple[str, ...], date, date]]:
    """Where each part of a shock stands, and the first and last days on which it moves anything."""
    if shock.path is not None:
        yield ("path",), *_span(shock.path)
    for name, path in shock.by.items():
        yield ("by", name), *_span(path)
    if shock.start is not None:
        begin = shock.start.date()
        end = (shock.start + shock.lasts).date() if shock.lasts is not None else begin
        if shock.kind is Kind.RULE:
            end = shock.until - timedelta(1) if shock.until is not None else date.max
        yield ("start",), begin, max(begin, end)


def _span(path: Path) -> tuple[date, date]:
    """From the first point to the last, or for ever where the last leaves something changed."""
    days = sorted(path.points)
    return days[0], date.max if path.points[days[-1]] else days[-1]


def _moves(shock: Shock) -> Iterable[tuple[str, date, date]]:
    """Each thing that a shock moves, from when to when."""
    if shock.kind in (Kind.OUTAGE, Kind.BANK_RUN, Kind.STIMULUS):
        return  # several may follow each other, and add up
    if shock.kind is Kind.RULE:
        begin = (shock.start or datetime.min).date()
        last = shock.until - timedelta(1) if shock.until is not None else date.max
        yield from ((path, begin, last) for path in shock.set)
        return
    if shock.path is not None:
        yield ALL, *_span(shock.path)
    for name, path in shock.by.items():
        yield name, *_span(path)
