"""A comparison with sourced aggregates, told target by target: how many figures are met, and which is worst."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one target.

    Attributes:
        id: The target's id in its pack.
        what: What it says, in a line.
        rows: Its figures, as `calibration.compare.compare_run` gives them.
    """

    id: str
    what: str
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        """Its id in words."""
        return self.id.replace("__", ": ").replace("_", " ")

    @property
    def judged(self) -> list[Row]:
        """Figures that the run is held to and is long enough for, the worst first."""
        return sorted((row for row in self.rows if row["verdict"] in ("ok", "off")), key=misfit, reverse=True)

    @property
    def missed(self) -> list[Row]:
        """Judged figures that are off, the worst first."""
        return [row for row in self.judged if row["verdict"] == "off"]

    @property
    def met(self) -> str:
        """How many of the judged figures are met, such as `29 of 30`."""
        return f"{len(self.judged) - len(self.missed)} of {len(self.judged)}"

    @property
    def verdict(self) -> str:
        """`ok`, `off`, `report` or `not assessed`: `off` if any figure is."""
        verdicts = [str(row["verdict"]) for row in self.rows]
        return next((verdict for verdict in ("off", "ok", "report") if verdict in verdicts), "not assessed")


def group(rows: Iterable[Row]) -> list[Group]:
    """The rows of a comparison by target, in the pack's order.

    Args:
        rows: As `calibration.compare.compare_run` gives them.

    Returns:
        The targets.
    """
    members: dict[str, list[Row]] = {}
    for row in rows:
        members.setdefault(str(row["id"]).partition(".")[0], []).append(row)
    return [Group(name, _what(mine[0]), tuple(mine)) for name, mine in members.items()]


def _what(row: Row) -> str:
    return str(row["what"]).rpartition(": ")[0] if component(row) else str(row["what"])


def component(row: Row) -> str:
    """The component of a row's target in words; empty where the target is one number."""
    return str(row["id"]).partition(".")[2].replace("_", " ")


def misfit(row: Row) -> float:
    """How far a row is from its target, in tolerances: met up to 1."""
    return float(row.get("misfit") or 0.0)


def verdicts(rows: Sequence[Row]) -> dict[str, int]:
    """How many rows have each verdict: `ok`, `off`, `report` and `not assessed`."""
    found = [str(row["verdict"]) for row in rows]
    return {verdict: found.count(verdict) for verdict in ("ok", "off", "report", "not assessed")}


def figure(value: object, unit: str) -> str:
    """A figure as text: shares in per cent, large numbers whole.

    Args:
        value: A number, None where there is none, or text.
        unit: Its unit; `share` and `factor` are known.

    Returns:
        The text.
    """
    if value is None:
        return "–"
    if not isinstance(value, int | float):
        return str(value)
    if unit == "share":
        return f"{value:.1%}".replace("%", " %")
    if unit == "factor":
        return f"{value:.3f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
