"""Shocks that disagree with the rest of a scenario: unknown names, dates outside the run, two that move the same thing."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from simulator.scenario.contradictions import check_contradictions
from simulator.scenario.part import misplaced, nearest
from simulator.scenario.people import IncomeKind
from simulator.scenario.shocks import BREACHED, Kind, Path, Shock
from simulator.scenario.story import Family, Typology

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
    if kind in (Kind.STORIES, Kind.TOOL):
        return _begin_of_themselves(scenario.stories.told)
    return categories


def _begin_of_themselves(told: list[Typology]) -> list[str]:
    """Stories with a rate, and families but those whose stories are all begun by others: a wave would not move them."""
    rated = [story for story in told if story.rate is not None]
    fed = {story.family for story in told} - {story.family for story in rated}
    return [*(family for family in Family if family not in fed), *(story.name for story in rated)]


def _check_breach(scenario: "Scenario", shock: Shock, where: tuple[str | int, ...]) -> None:
    """Cards are stolen at a merchant that there is, within the run, and there are stories of what is done with them."""
    categories = names_of(scenario, shock.kind)
    if shock.category not in categories:
        raise misplaced((*where, "category"), f"one of {', '.join(categories)}", nearest(str(shock.category), categories))
    if shock.start is not None and shock.start.date() <= scenario.period.start:
        raise misplaced((*where, "start"), f"a day after the first of the run, {scenario.period.start}: cards are stolen before it")
    if not any(story.typology == BREACHED for story in scenario.stories.told):
        raise misplaced(where, f"a story of typology {BREACHED} in stories.library, such as card_details, for its victims")


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
        if shock.kind is Kind.BREACH:
            _check_breach(scenario, shock, where)
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
        lasts = shock.lasts if shock.kind is not Kind.BREACH else None  # which looks back
        end = (shock.start + lasts).date() if lasts is not None else begin
        if shock.kind is Kind.RULE:
            end = shock.until - timedelta(1) if shock.until is not None else date.max
        yield ("start",), begin, max(begin, end)


def _span(path: Path) -> tuple[date, date]:
    """From the first point to the last, or for ever where the last leaves something changed."""
    days = sorted(path.points)
    return days[0], date.max if path.points[days[-1]] else days[-1]


def _moves(shock: Shock) -> Iterable[tuple[str, date, date]]:
    """Each thing that a shock moves, from when to when."""
    if shock.kind in (Kind.OUTAGE, Kind.BANK_RUN, Kind.STIMULUS, Kind.BREACH):
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
