"""A scenario under rules that its shocks set: what holds on a day, and whether it may."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.scenario.complaint import read_as
from simulator.scenario.override import override, placed
from simulator.scenario.plain import plain
from simulator.scenario.shocks import Kind, Shock
from simulator.scenario.source import Node

if TYPE_CHECKING:
    from simulator.scenario import Scenario

_NOWHERE: Mapping[str, str] = {}


def under(scenario: "Scenario", rule: Mapping[str, Any], places: Mapping[str, str] = _NOWHERE, said: str = "") -> "Scenario":
    """The scenario with parameters as rules set them.

    Args:
        scenario: as it is without them.
        rule: dotted paths and values.
        places: where each path was written.
        said: what messages put before a path.

    Raises:
        InputError: a parameter is not there, or may not be what the rule sets it to.
    """
    tree: dict[str, Node] = {}
    root = Node(tree, "rule")
    for path, value in rule.items():
        section, place = path.partition(".")[0], places.get(path, "rule")
        if section not in tree:
            tree[section] = placed(plain(getattr(scenario, section)), place)
        override(scenario, root, path, placed(plain(value), place), place, said)
    parts = {section: read_as(type(getattr(scenario, section)), node, f"{said}{section}.") for section, node in tree.items()}
    return scenario.model_copy(update=parts)


def check_rules(scenario: "Scenario", tree: Node) -> None:
    """Refuse rules that set what is not there, or set it to what it may not be.

    Args:
        scenario: whose shocks set them.
        tree: the file as read, with places.

    Raises:
        InputError: at the line of the shock's `set`, what was found and what was expected.
    """
    for position, shock in enumerate(scenario.shocks):
        if shock.kind is Kind.RULE:
            under(scenario, shock.set, _places(tree, position, shock), f"shocks.{shock.name}.set.")


def _places(tree: Node, position: int, shock: Shock) -> dict[str, str]:
    """Where each path of a rule was written."""
    place, node = tree.place, tree
    for step in ("shocks", position, "set"):
        inner = node.child(step)
        node, place = (inner, inner.place) if inner is not None else (Node(None, place), place)
    return {path: inner.place if (inner := node.child(path)) is not None else place for path in shock.set}
