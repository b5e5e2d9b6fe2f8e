"""A mapping: which column of a foreign table is which of ours."""

from dataclasses import dataclass
from pathlib import Path

from simulator.errors import InputError
from simulator.record.schema import TABLES
from simulator.scenario.part import nearest
from simulator.scenario.source import Node, read_file, shape

UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000, "minutes": 60_000_000, "hours": 3_600_000_000, "days": 86_400_000_000}
"""Microseconds in a unit of time that a table counts in."""
KNOWN = (*TABLES["transactions"].names, "payer_balance_before", "payee_balance_before", "label", "lookalike", "story_id")
"""Names that a column may have with us."""
SETTINGS = ("timestamp_unit", "ignore")
JOIN = "+"
"""Between columns that are one key together, such as a bank and a number at it."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column is which.

    Attributes:
        columns: Their columns by our name; several are one key together.
        places: Where each name was written.
        timestamp_unit: What a time that is a number counts; empty for dates.
        ignore: Their columns that are left out.
    """

    columns: dict[str, list[str]]
    places: dict[str, str]
    timestamp_unit: str = ""
    ignore: tuple[str, ...] = ()


def read_mapping(given: str) -> Mapping:
    """A mapping from a YAML file, or from text such as `timestamp=step,amount=amount,label=isFraud`.

    Args:
        given: The path of a file, or the text. Keys are our names; `label` must be among them. `timestamp_unit` says what a time that
            is a number counts (us, ms, s, minutes, hours, days). `ignore` names columns that are left out, such as other labels.
            Columns joined by `+` are one key together.

    Raises:
        InputError: It cannot be read, or has a key or value that means nothing.
    """
    start = given if _is_file(given) else "--columns"
    entries = _of_file(Path(given)) if _is_file(given) else _of_text(given)
    for key, (place, _) in entries.items():
        if key not in (*KNOWN, *SETTINGS):
            hint = nearest(key, (*KNOWN, *SETTINGS)) or f", such as {', '.join(KNOWN[:8])}"
            raise InputError(f"{place}: found '{key}', expected one of our names of a column{hint}")
    if "label" not in entries:
        raise InputError(f"{start}: found no 'label', expected which column says that a row is guilty")
    unit = entries.get("timestamp_unit", ("", [""]))
    if unit[1][0] not in ("", *UNITS):
        raise InputError(f"{unit[0]}: timestamp_unit: found '{unit[1][0]}', expected one of {', '.join(UNITS)}")
    columns = {key: value for key, (_, value) in entries.items() if key not in SETTINGS}
    places = {key: place for key, (place, _) in entries.items()}
    return Mapping(columns, places, unit[1][0], tuple(entries.get("ignore", ("", []))[1]))


def _is_file(given: str) -> bool:
    """Text has an equals sign; a file may have one in its name, but ends as YAML does."""
    return "=" not in given or Path(given[-10:]).suffix.lower() in (".yaml", ".yml")


def _of_text(text: str) -> dict[str, tuple[str, list[str]]]:
    entries: dict[str, tuple[str, list[str]]] = {}
    for part in text.split(","):
        key, equals, value = (word.strip() for word in part.partition("="))
        if not (equals and key and value):
            raise InputError(f"--columns: found '{part.strip()}', expected name=column")
        if key in entries:
            raise InputError(f"--columns: found '{key}' twice, expected it once")
        entries[key] = ("--columns", [word.strip() for word in value.split(JOIN)])
    return entries


def _of_file(path: Path) -> dict[str, tuple[str, list[str]]]:
    tree = read_file(path)
    assert isinstance(tree.value, dict)
    return {key: (node.place, _names(key, node)) for key, node in tree.value.items()}


def _names(key: str, node: Node) -> list[str]:
    """The column, or the columns, under a key."""
    many = node.value if isinstance(node.value, list) else [node]
    names = [one.value for one in many]
    if not names or not all(isinstance(name, str | int) and not isinstance(name, bool) for name in names):
        raise InputError(f"{node.place}: {key}: found {shape(node)}, expected the name of a column, or a list of names")
    spelt = [str(name) for name in names]
    return spelt if isinstance(node.value, list) else [word.strip() for word in spelt[0].split(JOIN)]
