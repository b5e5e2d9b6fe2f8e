"""What is wrong with a file, in one line each: where, which key, what was found, what was expected, what is nearest."""

import json
import types
from collections.abc import Callable, Mapping
from enum import Enum
from itertools import zip_longest
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from simulator.errors import InputError
from simulator.scenario.part import nearest
from simulator.scenario.source import Node, shape

_MOST_SHOWN = 5

type Steps = tuple[str | int, ...]

_EXPECTED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda ctx: "a value",
    "int_type": lambda ctx: "a whole number",
    "int_parsing_size": lambda ctx: "a smaller number",
    "finite_number": lambda ctx: "a finite number",
    "float_type": lambda ctx: "a number",
    "string_type": lambda ctx: "text",
    "bool_type": lambda ctx: "true or false",
    "list_type": lambda ctx: "a list",
    "tuple_type": lambda ctx: "a list",
    "dict_type": lambda ctx: "a mapping",
    "model_type": lambda ctx: "a mapping",
    "greater_than_equal": lambda ctx: f"{_spelt(ctx['ge'])} or more",
    "greater_than": lambda ctx: f"more than {_spelt(ctx['gt'])}",
    "less_than_equal": lambda ctx: f"{_spelt(ctx['le'])} or less",
    "less_than": lambda ctx: f"less than {_spelt(ctx['lt'])}",
    "too_short": lambda ctx: f"at least {_items(ctx['min_length'])}",
    "too_long": lambda ctx: f"at most {_items(ctx['max_length'])}",
    "string_too_short": lambda ctx: f"at least {ctx['min_length']} characters",
    "string_too_long": lambda ctx: f"at most {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda ctx: _PATTERNS.get(ctx["pattern"], f"text that matches {ctx['pattern']}"),
    "misplaced": lambda ctx: str(ctx["expected"]),
    "value_error": lambda ctx: str(ctx["error"]).partition(", found")[0].removeprefix("expected "),
}
_PATTERNS: Mapping[str, str] = {
    "^[a-z][a-z0-9_]*$": "a name of small letters, digits and underscores",
    "^[A-Z]{2}$": "a code of two capital letters",
    "^[A-Z]{3}$": "a code of three capital letters",
}


def read_as[Kind: BaseModel](kind: type[Kind], tree: Node, under: str = "") -> Kind:
    """Validate a tree as a model, strictly: a date or an enumeration is spelt as text, and ``true`` is no number.

    Args:
        kind: the model.
        tree: what was written.
        under: what messages put before every path.

    Raises:
        InputError: a line for each of the first faults, with its place.
    """
    try:
        return kind.model_validate_json(json.dumps(tree.plain()), strict=True)
    except ValidationError as error:
        raise InputError(_complaints(kind, tree, error, under)) from None


def _complaints(model: type[BaseModel], tree: Node, error: ValidationError, under: str) -> str:
    lines = list(dict.fromkeys(_complaint(model, tree, details, under) for details in error.errors(include_url=False)))
    return "\n".join(lines[:_MOST_SHOWN] + ([f"and {len(lines) - _MOST_SHOWN} more"] if len(lines) > _MOST_SHOWN else []))


def misfit(tree: Node, steps: Steps, expected: str, hint: str = "", found: str = "") -> str:
    """One line on a value that is well formed and yet will not do.

    Args:
        tree: the file as read, with places.
        steps: keys and positions down to the value.
        expected: what should stand there.
        hint: what `nearest` said, if anything.
        found: what was found, where that is not what is written there.
    """
    node, place = _nearest_node(tree, steps)
    found = found or (shape(node) if node is not None else "nothing")
    return f"{place}: {dotted(tree, steps)}: found {found}, expected {expected}{hint}"


def dotted(tree: Node, steps: Steps) -> str:
    """A path as a reader would write it: items of lists by name where they have one."""
    words: list[str] = []
    node: Node | None = tree
    for step in steps:
        node = node.child(step) if node is not None else None
        name = node.name() if node is not None and isinstance(step, int) else None
        words.append(name or (str(step) if len(str(step)) <= 60 else f"{str(step)[:45]}…"))
    return ".".join(word if word.isprintable() else repr(word)[1:-1] for word in words)


def _complaint(model: type[BaseModel], tree: Node, details: ErrorDetails, under: str) -> str:
    context = details.get("ctx", {})
    # A bad key of a mapping is reported by pydantic under the step '[key]'.
    steps = (*(step for step in details["loc"] if step != "[key]"), *context.get("path", ()))
    written = _as_written(tree, steps)
    node, place = _nearest_node(tree, written)
    expected, hint = _expected(model, details, steps), str(context.get("hint", ""))
    found = shape(node) if node is not None and details["type"] != "missing" else "nothing"
    found = str(context.get("found") or found)
    if details["type"] == "extra_forbidden":
        names = _names(kind_at(model, steps[:-1]))
        found, hint = "no such key", nearest(str(steps[-1]), names)
        expected = f"one of {', '.join(names)}"
    elif "[key]" in details["loc"]:
        found = f"the key {str(steps[-1])[:60]!r}"
    if not hint and node is not None and isinstance(node.value, str):
        hint = nearest(node.value, _choices(kind_at(model, steps)))
    return f"{place}: {under}{dotted(tree, written) or ('all' if under else 'the file')}: found {found}, expected {expected}{hint}"


def _expected(model: type[BaseModel], details: ErrorDetails, steps: Steps) -> str:
    choices = _choices(kind_at(model, steps))
    if "[key]" in details["loc"]:
        return "another key: " + details["msg"].removeprefix("Input should be ")
    if choices:
        return f"one of {', '.join(choices)}"
    if details["type"].startswith("date"):
        return "a date such as 2025-01-31"
    phrase = _EXPECTED.get(details["type"])
    return phrase(details.get("ctx", {})) if phrase else details["msg"].removeprefix("Input should be ").lower()


def _as_written(tree: Node, steps: Steps) -> Steps:
    """The steps without `points`, where a path of a shock gives its dates and values at once."""
    kept: list[str | int] = []
    node: Node | None = tree
    for step, following in zip_longest(steps, steps[1:]):
        inner = node.child(step) if node is not None else None
        if step == "points" and inner is None and node is not None and following is not None and node.child(following) is not None:
            continue
        kept.append(step)
        node = inner
    return tuple(kept)


def _nearest_node(tree: Node, steps: Steps) -> tuple[Node | None, str]:
    """The node at the steps, if written, and the place of the last node on the way."""
    node: Node | None = tree
    place = tree.place
    for step in steps:
        node = node.child(step) if node is not None else None
        place = node.place if node is not None else place
    return node, place


def kind_at(kind: Any, steps: Steps) -> Any:
    """The annotation that a path leads to, stripped of bounds and of ``| None``; items of lists may go by name."""
    for step in steps:
        kind = _bare(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            field = kind.model_fields.get(str(step))
            kind = field.annotation if field else None
        elif get_origin(kind) in (list, dict):
            kind = get_args(kind)[-1]
        elif get_origin(kind) is tuple:
            inner, place = get_args(kind), int(step) if str(step).isdecimal() else -1
            kind = inner[place] if 0 <= place < len(inner) else None
        else:
            return None
    return _bare(kind)


def _bare(kind: Any) -> Any:
    while get_origin(kind) in (Annotated, Union, types.UnionType):
        kind = next(inner for inner in get_args(kind) if inner is not type(None))
    return kind


def _names(kind: Any) -> list[str]:
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else []


def _choices(kind: Any) -> list[str]:
    return [str(member.value) for member in kind] if isinstance(kind, type) and issubclass(kind, Enum) else []


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"


def _spelt(bound: Any) -> str:
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:g}" if isinstance(bound, float) else str(bound)
