"""Changing one parameter of a scenario by its dotted path."""

from pydantic import BaseModel

from simulator.errors import InputError
from simulator.scenario.complaint import dotted
from simulator.scenario.part import nearest
from simulator.scenario.source import Node, Plain, read_text, shape


def override(scenario: BaseModel, tree: Node, path: str, value: Plain) -> None:
    """Put a value at a dotted path of a complete tree.

    Args:
        scenario: what the tree was validated as; it tells fixed keys from free ones.
        tree: every parameter; changed in place.
        path: keys and, for items of lists, names or positions, between dots.
        value: the new value; text is read as YAML.

    Raises:
        InputError: the path leads nowhere, or the text is not YAML.
    """
    place = "override"
    new = read_text(value, f"{place} {path[:100]}") if isinstance(value, str) and value.strip() else _placed(value)
    *way, last = path.split(".")
    node = tree
    part: object = scenario
    steps: list[str | int] = []
    for word in way:
        step = _step(node, part, word, path)
        steps.append(step)
        child = node.child(step)
        if child is None:
            raise InputError(f"{place}: {path}: found no such key, expected {dotted(tree, tuple(steps))} to exist first")
        node = child
        part = _inside(part, step)
    step = _step(node, part, last, path)
    _put(node, step, _at(new, place))


def _step(node: Node, part: object, word: str, path: str) -> str | int:
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
        raise InputError(f"override: {path[:200]}: found {word[:60]!r} inside {shape(node)}, expected the path to end before it")
    raise InputError(f"override: {path[:200]}: found no {word[:60]!r}, expected one of {', '.join(names[:40])}{nearest(word, names)}")


def _inside(part: object, step: str | int) -> object:
    if isinstance(part, BaseModel):
        return getattr(part, str(step), None)
    if isinstance(part, dict):
        return part.get(step)
    if isinstance(part, list | tuple) and isinstance(step, int) and step < len(part):
        return part[step]
    return None


def _placed(value: Plain) -> Node:
    if isinstance(value, dict):
        return Node({key: _placed(inner) for key, inner in value.items()}, "override")
    if isinstance(value, list):
        return Node([_placed(inner) for inner in value], "override")
    return Node(None if value == "" else value, "override")


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
