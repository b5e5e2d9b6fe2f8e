"""Shocks that contradict each other: paths that add up to more than there is, doors that nobody comes to, the same thing twice at once."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from simulator.scenario.curve import Curve
from simulator.scenario.part import misplaced
from simulator.scenario.shocks import BOUNDS, UNITS, Kind, Path, Shock

if TYPE_CHECKING:
    from simulator.scenario import Scenario

_EPOCH = date(1970, 1, 1)
_SLACK = 1e-9


class _Moved(NamedTuple):
    """A path of a shock, and where it stands."""

    shock: Shock
    steps: tuple[str | int, ...]
    path: Path


def check_contradictions(scenario: "Scenario") -> None:
    """Refuse shocks that cannot be meant together.

    Raises:
        PydanticCustomError: where, and what was expected.
    """
    for kind, bounds in BOUNDS.items():
        _check_sums(scenario, kind, bounds)
    _check_doors(scenario)
    _check_outages(scenario)
    _check_runs(scenario)


def _moved(scenario: "Scenario", kind: Kind) -> dict[str, list[_Moved]]:
    """Paths of a kind by what they move; under no name those that move all."""
    found: dict[str, list[_Moved]] = {"": []}
    for position, shock in enumerate(scenario.shocks):
        if shock.kind is kind:
            if shock.path is not None:
                found[""].append(_Moved(shock, ("shocks", position, "path"), shock.path))
            for name, path in shock.by.items():
                found.setdefault(name, []).append(_Moved(shock, ("shocks", position, "by", name), path))
    return found


def _meet(scenario: "Scenario", kind: Kind) -> Iterable[list[_Moved]]:
    """Paths that move one thing together, for each thing that has one of its own."""
    moved = _moved(scenario, kind)
    told = {story.name: str(story.family) for story in scenario.stories.told} if kind is Kind.STORIES else {}
    groups = {(of, name) for name, of in told.items() if of in moved or name in moved} | {(name,) for name in moved if name not in told}
    for names in sorted(groups):
        yield [one for name in dict.fromkeys(("", *names)) for one in moved.get(name, [])]


def _days(scenario: "Scenario", paths: Iterable[Path]) -> list[date]:
    """Days of the run on which what some paths add up to may turn: their points, and the days before."""
    first = scenario.period.start
    last = first + timedelta(scenario.period.days - 1)
    turns = {day - timedelta(back) for path in paths for day in path.points for back in (0, 1)}
    return sorted({day for day in turns if first < day < last} | {first, last})


def _check_sums(scenario: "Scenario", kind: Kind, bounds: tuple[float, float]) -> None:
    """What paths of one kind add up to, or for stories multiply to, lies where each of them must."""
    low, high = bounds
    for paths in _meet(scenario, kind):
        curves = [Curve(one.path, before=1.0 if kind is Kind.STORIES else 0.0) for one in paths]
        for day in _days(scenario, (one.path for one in paths)) if len(paths) > 1 else ():
            values = [curve.on((day - _EPOCH).days) for curve in curves]
            whole = prod(values) if kind is Kind.STORIES else sum(values)
            if not low - _SLACK <= whole <= high + _SLACK:
                last = max(paths, key=lambda one: int(one.steps[1]))
                others = ", ".join(f"'{name}'" for name in sorted({one.shock.name for one in paths} - {last.shock.name}))
                found = f"{whole:g} on {day}" + (f" together with {others}" if others else "")
                raise misplaced(last.steps, f"a value between {low:g} and {high:g}: {UNITS[kind]}", found=found)


def _check_doors(scenario: "Scenario") -> None:
    """A restriction bars some of what is still bought in person: where all is bought remotely there is nothing to bar."""
    shut, remote = _moved(scenario, Kind.RESTRICTION), _moved(scenario, Kind.REMOTE)
    for category in scenario.categories if len(shut) + len(remote) > 2 or (shut[""] and remote[""]) else ():
        barred, moved = ([*kind[""], *kind.get(category.name, [])] for kind in (shut, remote))
        ways = [[Curve(one.path) for one in some] for some in (barred, moved)]
        for day in _days(scenario, (one.path for one in (*barred, *moved))) if barred and moved else ():
            doors, home = (sum(curve.on((day - _EPOCH).days) for curve in some) for some in ways)
            if doors > 0 and home >= 1 - _SLACK:
                last = max((*barred, *moved), key=lambda one: int(one.steps[1]))
                found = f"{doors:.0%} barred and {home:.0%} made remotely of {category.name} on {day}"
                raise misplaced(last.steps, "less than all made remotely where a part is barred in person, for it bars part of the rest",
                                found=found)  # fmt: skip


def _timed(scenario: "Scenario", kind: Kind) -> list[tuple[int, Shock, datetime, timedelta]]:
    """Shocks of a kind that begin and last, with their positions."""
    every = enumerate(scenario.shocks)
    return [(place, one, one.start.replace(tzinfo=None), one.lasts) for place, one in every if one.kind is kind and one.start and one.lasts]


def _check_outages(scenario: "Scenario") -> None:
    """Outages at the same time add up, to all payments at the most."""
    outages = _timed(scenario, Kind.OUTAGE)
    for _, _, moment, _ in outages:
        now = [(place, one) for place, one, start, lasts in outages if start <= moment < start + lasts]
        whole = sum(one.share or 0.0 for _, one in now)
        if whole > 1 + _SLACK:
            others = ", ".join(f"'{one.name}'" for _, one in now[:-1])
            found = f"{whole:.4g} at {moment} together with {others}"
            raise misplaced(("shocks", now[-1][0], "share"), f"at most 1 in all: {UNITS[Kind.OUTAGE]}", found=found)


def _check_runs(scenario: "Scenario") -> None:
    """A bank has one run at a time."""
    taken: list[tuple[str, date, date, str]] = []
    for position, shock, start, lasts in _timed(scenario, Kind.BANK_RUN):
        begin = start.date()
        end = begin + timedelta(max(1, round(lasts / timedelta(1))))
        for bank in dict.fromkeys(shock.banks or [bank.name for bank in scenario.banks]):
            for other_bank, other_begin, other_end, other in taken:
                if bank == other_bank and begin < other_end and other_begin < end:
                    found = f"a run from {begin} to {end - timedelta(1)}"
                    raise misplaced(("shocks", position), f"no run on {bank} while '{other}' is one", found=found)
            taken.append((bank, begin, end, shock.name))
