"""Series from CSV files beside a scenario: read once, checked for gaps, and quoted in the scenario like points written there."""

from datetime import date
from pathlib import Path

import pandas as pd

from simulator.errors import InputError
from simulator.scenario.complaint import Steps, misfit
from simulator.scenario.part import nearest
from simulator.scenario.source import Node

WIDEST = 3.5
"""A gap is a distance between two dates of more than so many times the usual one of the others."""


def quote_series(tree: Node) -> None:
    """Put the points of CSV files in the place of their names, in all shocks of a scenario.

    A path names ``file`` and ``value``, a column; its dates are in the column ``date`` unless it says otherwise.

    Raises:
        InputError: a file or column is not there, a date or a value is wrong or missing, or there is a gap.
    """
    shocks = tree.child("shocks")
    for position, shock in enumerate(shocks.value if shocks is not None and isinstance(shocks.value, list) else []):
        paths: list[tuple[Steps, Node]] = []
        path, by = shock.child("path"), shock.child("by")
        if path is not None:
            paths.append((("shocks", position, "path"), path))
        if by is not None and isinstance(by.value, dict):
            paths += [(("shocks", position, "by", name), node) for name, node in by.value.items()]
        for steps, node in paths:
            if isinstance(node.value, dict) and "file" in node.value:
                _quote(tree, steps, node)


def _quote(tree: Node, steps: Steps, node: Node) -> None:
    assert isinstance(node.value, dict)
    words = {key: child.value for key, child in node.value.items()}
    for key in words:
        if key not in ("file", "value", "date", "between", "scale"):
            raise InputError(misfit(tree, (*steps, key), "one of file, value, date, between, scale"))
    for key in ("file", "value"):
        if not isinstance(words.get(key), str):
            raise InputError(misfit(tree, (*steps, key), "the name of a CSV file" if key == "file" else "the name of one of its columns"))
    scale = words.get("scale", 1)
    if isinstance(scale, bool) or not isinstance(scale, int | float):
        raise InputError(misfit(tree, (*steps, "scale"), "a number by which the values are multiplied"))
    points = _points(tree, steps, node, str(words.get("date", "date")), str(words["value"]), float(scale))
    between = node.value.get("between", Node("steps", node.place))
    node.value.clear()
    node.value |= points | {"between": between}


def _points(tree: Node, steps: Steps, node: Node, when: str, column: str, scale: float) -> dict[str, Node]:
    """Dates and values of a column, each at its line of the series."""
    assert isinstance(node.value, dict)
    name = str(node.value["file"].value)
    beside = Path(node.value["file"].place.rpartition(":")[0]).parent / name
    path = next((one for one in (beside, Path(name), Path(__file__).parents[2] / "scenarios" / name) if one.is_file()), None)
    if path is None:
        raise InputError(misfit(tree, (*steps, "file"), "a CSV file beside the scenario"))
    try:
        table = pd.read_csv(path)
    except (ValueError, UnicodeDecodeError, OSError) as error:
        raise InputError(misfit(tree, (*steps, "file"), f"a readable CSV file ({str(error).splitlines()[0][:80]})")) from None
    for key, wanted in (("date", when), ("value", column)):
        if wanted not in table.columns:
            found = ", ".join(map(str, table.columns[:20]))
            raise InputError(misfit(tree, (*steps, key), f"a column of {name} ({found})", nearest(wanted, map(str, table.columns))))
    days, values = pd.to_datetime(table[when], errors="coerce"), pd.to_numeric(table[column], errors="coerce")
    if not len(table):
        raise InputError(misfit(tree, (*steps, "file"), f"a line for each date in {name} below the names of its columns"))
    bad = (days.isna() | values.isna()).to_numpy().nonzero()[0]
    if len(bad):
        line = int(bad[0])
        key, wanted, what = ("date", when, "a date") if pd.isna(days[line]) else ("value", column, "a number")
        cell = table[wanted][line]
        found = f"{'nothing' if pd.isna(cell) else repr(cell)[:60]} in line {line + 2} of {name}"
        raise InputError(misfit(tree, (*steps, key), f"{what} in every line of column {wanted}", found=found))
    back = (days.diff().dt.days <= 0).to_numpy().nonzero()[0]
    if len(back):
        line = int(back[0])
        found = f"{days[line].date()} after {days[line - 1].date()} in line {line + 2} of {name}"
        raise InputError(misfit(tree, (*steps, "date"), "dates in rising order, each once", found=found))
    apart = days.diff().dt.days.dropna().reset_index(drop=True)
    if len(apart) > 1 and apart.max() > WIDEST * apart.drop(apart.idxmax()).median():
        place = int(apart.to_numpy().argmax())
        found = f"nothing between {days[place].date()} and {days[place + 1].date()} in {name}"
        expected = f"a series without gaps: no two dates more than {WIDEST:g} times as far apart as others are"
        raise InputError(misfit(tree, (*steps, "file"), expected, found=found))
    rows = enumerate(zip(days, values, strict=True), 2)  # below the names of the columns
    return {str(date.fromordinal(day.toordinal())): Node(float(value) * scale, f"{path}:{line}") for line, (day, value) in rows}
