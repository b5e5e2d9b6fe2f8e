"""Changing one parameter of a scenario by its dotted path."""

from pydantic import BaseModel

from simulator.errors import InputError
from simulator.scenario.complaint import dotted
from simulator.scenario.part import nearest
from simulator.scenario.source import Node, Plain, read_text, shape


def override(scenario: BaseModel, tree: Node, path: str, value: Plain | Node, place: str = "override", under: str = "") -> None:
    """Put a value at a dotted path of a complete tree.

    Args:
        scenario: what the tree was validated as; it tells fixed keys from free ones.
        tree: every parameter; changed in place.
        path: keys and, for items of lists, names or positions, between dots.
        value: the new value; text is read as YAML, unless it comes as a node.
        place: where it was written.
        under: what messages put before the path.

    Raises:
        InputError: the path leads nowhere, or the text is not YAML.
    """
    said = f"{place}: {under}{path[:200]}"
    if isinstance(value, Node):
        new = value
    elif isinstance(value, str) and value.strip():
        new = read_text(value, f"{place} {path[:100]}")
    else:
        new = placed(None if value == "" else value, place)
    *way, last = path.split(".")
    node = tree
    part: object = scenario
    steps: list[str | int] = []
    for word in way:
        step = _step(node, part, word, said)
        steps.append(step)
        child = node.child(step)
        if child is None:
            raise InputError(f"{said}: found no such key, expected {dotted(tree, tuple(steps))} to exist first")
        node = child
        part = _inside(part, step)
    _put(node, _step(node, part, last, said), _at(new, place))


def _step(node: Node, part: object, word: str, said: str) -> str | int:
    """The key or position that a word of a path means; free keys of plain mappings may be new."""
    if isinstance(node.value, dict):
        if word in node.value or (isinstance(part, dict) and word):
            return word
        names = list(node.value)
    elif isinstance(node.value, list):
        names = [item.name() or str(position) for position, item in enumerate(node.value)]
        if word in names:
            return names.index(word)
        if word.isdecimal() and word.isascii() and len(word) < 10 and int(word) < len(names):
            return int(word)
    else:
        raise InputError(f"{said}: found {word[:60]!r} inside {shape(node)}, expected the path to end before it")
    raise InputError(f"{said}: found no {word[:60]!r}, expected one of {', '.join(names[:40])}{nearest(word, names)}")


def _inside(part: object, step: str | int) -> object:
    if isinstance(part, BaseModel):
        return getattr(part, str(step), None)
    if isinstance(part, dict):
        return part.get(step)
    if isinstance(part, list | tuple) and isinstance(step, int) and step < len(part):
        return part[step]
    return None


def placed(value: Plain, place: str) -> Node:
    """A value with every part of it at one place."""
    if isinstance(value, dict):
        return Node({key: placed(inner, place) for key, inner in value.items()}, place)
    if isinstance(value, list):
        return Node([placed(inner, place) for inner in value], place)
    return Node(value, place)


def _at(node: Node, place: str) -> Node:
    """The same value, said to have been written elsewhere."""
    if isinstance(node.value, dict):
        return Node({key: _at(inner, place) for key, inner in node.value.items()}, place)
    if isinstance(node.value, list):
        return Node([_at(inner, place) for inner in node.value], place)
    return Node(node.value, place)


def _put(node: Node, step: str | int, new: Node) -> None:
    if isinstance(node.value, dict):
        node.value[str(step)] = new
    elif isinstance(node.value, list) and isinstance(step, int):
        node.value[step] = new
