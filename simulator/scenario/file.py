"""Scenario files: read into a `Scenario`, written back as the file that reads to the same."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from simulator.errors import InputError
from simulator.scenario import Scenario
from simulator.scenario.complaint import Steps, misfit, read_as
from simulator.scenario.extend import locate, read_extended, shipped
from simulator.scenario.override import override
from simulator.scenario.part import nearest
from simulator.scenario.plain import plain
from simulator.scenario.quoted_series import quote_series
from simulator.scenario.rule import check_rules
from simulator.scenario.schema import scenario_schema
from simulator.scenario.source import Node, Plain, scalar
from simulator.scenario.story import Typology
from simulator.scenario.tales import tell

__all__ = ["dump_scenario", "load_scenario", "scenario_schema", "shipped"]


def load_scenario(source: str | Path | Scenario, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario with everything it extends.

    Args:
        source: a shipped name such as ``high_street``, a path, or a scenario to change.
        overrides: dotted paths such as ``population.customers`` or ``categories.groceries.mean`` and what to put there;
            text is read as YAML.

    Raises:
        InputError: the file or an override is wrong; the text says where, what was found and what was expected.
    """
    if isinstance(source, Scenario):
        scenario, written = source, None
    else:
        written = read_extended(*locate(source))
        scenario = _validated(written)
    if not overrides:
        return scenario
    tree = _completed(plain(scenario), written)
    if "stories.library" in overrides:  # other stories take the place of those that were read
        override(scenario, tree, "stories.told", [])
    for path, value in overrides.items():
        override(scenario, tree, path, value if isinstance(value, str) else plain(value))
    return _validated(tree)


def dump_scenario(scenario: Scenario) -> str:
    """The resolved scenario as YAML: every parameter, and reading it gives an equal scenario."""
    tree = plain(scenario.model_dump(exclude={"stories": {"told"}}))
    assert isinstance(tree, dict) and isinstance(tree["stories"], dict)
    tree["stories"]["told"] = []
    text = _written(tree)
    told = "".join(map(_written_story, scenario.stories.told))
    return text.replace("\n  told: []\n", f"\n  told:\n{told}", 1) if told else text


def _written(tree: Plain) -> str:
    text: str = yaml.dump(tree, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
    return text


_STORIES: dict[str, str] = {}
"""Story files as a scenario quotes them, by what they say: a hundred of them take a second to lay out."""


def _written_story(story: Typology) -> str:
    """A story as an item of `stories.told`, without what is left at its default."""
    key = story.model_dump_json(exclude_defaults=True)
    if key not in _STORIES:
        item = _written([plain(story.model_dump(exclude_defaults=True))])
        _STORIES[key] = "".join(f"  {line}\n" if line else "\n" for line in item.splitlines())
    return _STORIES[key]


def _validated(tree: Node) -> Scenario:
    tell(tree)
    quote_series(tree)
    scenario = read_as(Scenario, tree)
    named: tuple[tuple[Steps, str | None, str], ...] = (
        (("population", "households"), scenario.population.households, "households"),
        (("targets",), scenario.targets, "packs"),
    )
    for steps, name, kind in named:
        known = shipped(kind)
        if name is not None and name not in known:
            raise InputError(misfit(tree, steps, f"one of the shipped {kind} ({', '.join(known)})", nearest(name, known)))
    check_rules(scenario, tree)
    return scenario


def _completed(value: Plain, written: Node | None) -> Node:
    """A tree of every parameter, each at the place where it was written or, for a default, where it would have been."""
    place = written.place if written is not None else "default"
    if isinstance(value, dict):
        return Node({key: _completed(inner, _or_here(written, key)) for key, inner in value.items()}, place)
    if isinstance(value, list):
        return Node([_completed(inner, _or_here(written, position)) for position, inner in enumerate(value)], place)
    return Node(value, place)


def _or_here(written: Node | None, step: str | int) -> Node | None:
    child = written.child(step) if written is not None else None
    return child if child is not None or written is None else Node(None, written.place)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Lists of words and numbers in one line; text in quotes where a reader of YAML 1.2 would see something else."""

    def ignore_aliases(self, data: object) -> bool:
        """Everything is written out."""
        return True


def _listed(dumper: Any, items: list[Plain]) -> Any:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=not any(isinstance(item, dict | list) for item in items))


def _spelt(dumper: Any, text: str) -> Any:
    quoted = not isinstance(_word(text), str) or not text.isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)


_Dumper.add_representer(list, _listed)
_Dumper.add_representer(str, _spelt)


def _word(text: str) -> Any:
    try:
        return scalar(text)
    except ValueError:
        return None
