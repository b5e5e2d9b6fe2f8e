"""The shocks of a scenario for a report: what each changes, in which unit, and where its numbers come from."""

from collections.abc import Iterable

from simulator.scenario import Shock
from simulator.scenario.shocks import UNITS


def shock_rows(shocks: Iterable[Shock]) -> list[dict[str, str]]:
    """Name, kind, unit, what it is about and source of each."""
    return [
        {"name": one.name.replace("_", " "), "kind": one.kind.replace("_", " "), "unit": UNITS[one.kind], "about": one.about,
         "source": one.source}
        for one in shocks
    ]  # fmt: skip
