"""The scenarios that a fit writes: what was fitted and nothing else, laid over the scenario that it began with."""

import json
from copy import deepcopy
from pathlib import Path
from textwrap import fill
from typing import Any

import yaml

from calibration.fit.space import light
from simulator.record.folder import write_text
from simulator.scenario import Scenario
from simulator.scenario.extend import locate


class _Named(dict[str, Any]):
    """Items of a list by their names."""


def write_scenario(
    file: Path, base: str, scenario: Scenario, overrides: dict[str, float | int], head: dict[str, Any], comment: str
) -> None:
    """Write a scenario that extends another.

    Args:
        file: to write, in one step.
        base: what it extends: a shipped name or a path.
        scenario: that one, resolved; it tells lists from mappings.
        overrides: dotted paths and numbers.
        head: keys that come first.
        comment: lines of the head.
    """
    path, shown = locate(base)
    by_name = base == path.stem and shown != str(path)
    extended = base if by_name else path.resolve().relative_to(file.parent.resolve(), walk_up=True).as_posix()
    tree = {"extends": extended, **head, **nested(scenario, overrides)}
    text = yaml.safe_dump(tree, sort_keys=False, width=120, allow_unicode=True)
    said = "".join(fill(line, 120, initial_indent="# ", subsequent_indent="#   ") + "\n" for line in comment.splitlines())
    write_text(file.parent, file.name, said + text)


def nested(scenario: Scenario, overrides: dict[str, float | int]) -> dict[str, Any]:
    """Dotted paths as a file writes them: items of lists by name, lists without names whole."""
    tree = light(scenario).model_dump(mode="json")
    root: dict[str, Any] = {}
    for path, value in overrides.items():
        _put(root, tree, path.split("."), value)
    found: dict[str, Any] = _plain(root)
    return found


def _put(out: dict[str, Any], node: Any, words: list[str], value: float | int) -> None:
    word, *rest = words
    if not rest:
        out[word] = value
        return
    inside = node[word]
    if isinstance(inside, dict):
        _put(out.setdefault(word, {}), inside, rest, value)
    elif inside and all(isinstance(item, dict) and "name" in item for item in inside):
        by_name = {item["name"]: item for item in inside}
        _put(out.setdefault(word, _Named()).setdefault(rest[0], {}), by_name[rest[0]], rest[1:], value)
    else:
        whole = out.setdefault(word, deepcopy(inside))
        *way, last = (int(step) if step.isdecimal() else step for step in rest)
        for step in way:
            whole = whole[step]
        whole[last] = value


def _plain(tree: Any) -> Any:
    if isinstance(tree, _Named):
        return [{"name": name, **_plain(item)} for name, item in tree.items()]
    return {key: _plain(item) for key, item in tree.items()} if isinstance(tree, dict) else tree


def write_ensemble(folder: Path, rows: list[dict[str, Any]], command: str, pack: str) -> None:
    """What is in a folder of draws."""
    write_text(folder, "ensemble.json", json.dumps({"pack": pack, "command": command, "draws": rows}, indent=2) + "\n")
