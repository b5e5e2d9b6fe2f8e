"""Story files read into a scenario: what `stories.library` names becomes `stories.told`, each line with its own place."""

from functools import lru_cache
from pathlib import Path

from simulator.errors import InputError
from simulator.scenario.complaint import misfit, read_as
from simulator.scenario.extend import shipped
from simulator.scenario.part import nearest
from simulator.scenario.source import Node, read_file
from simulator.scenario.story import Family, Typology

ALL = "all"


def read_story(source: str | Path) -> Typology:
    """Read a story file, or a shipped story by name.

    Raises:
        InputError: there is no such story, or the file is wrong; the text says where.
    """
    known = shipped("stories")
    path = known.get(str(source), Path(source))
    return read_as(Typology, read_file(path, f"stories/{path.name}" if str(source) in known else str(source)))


def tell(tree: Node) -> None:
    """Put the stories that a scenario names beside those that it quotes, in place."""
    section = tree.child("stories")
    library = section.child("library") if section is not None else None
    if section is None or not isinstance(section.value, dict) or library is None or not isinstance(library.value, list):
        return
    told = section.child("told")
    quoted = list(told.value) if told is not None and isinstance(told.value, list) else []
    names = {node.name() for node in quoted}
    for position, item in enumerate(library.value):
        for node in _named(tree, item, position):
            if node.name() not in names:
                names.add(node.name())
                quoted.append(node)
    _add_fed(quoted, names)
    section.value["told"] = Node(quoted, told.place if told is not None else library.place)
    section.value["library"] = Node([], library.place)


def _add_fed(quoted: list[Node], names: set[str | None]) -> None:
    """Shipped stories that those of a scenario begin are told too."""
    known = shipped("stories")
    for node in quoted:  # which grows
        feeds = node.child("feeds")
        for feed in feeds.value if feeds is not None and isinstance(feeds.value, list) else []:
            told = feed.child("story")
            if told is not None and isinstance(told.value, str) and told.value not in names and told.value in known:
                names.add(told.value)
                quoted.append(_read(known[told.value]))


def _named(tree: Node, item: Node, position: int) -> list[Node]:
    """The stories that an entry of the library stands for."""
    known = shipped("stories")
    name = item.value
    if name == ALL:
        return [_read(path) for path in known.values()]
    if not isinstance(name, str):
        raise InputError(misfit(tree, ("stories", "library", position), "the name of a story, a family, `all`, or a file"))
    if name in list(Family):
        return [node for node in map(_read, known.values()) if node.child("family") is not None and node.child("family").value == name]  # type: ignore[union-attr]
    if name in known:
        return [_read(known[name])]
    beside = Path(item.place.rpartition(":")[0]).parent / name
    path = beside if beside.is_file() else Path(name)
    if not path.is_file():
        choices = [*known, *Family, ALL]
        expected = "a shipped story, a family of stories, `all`, or a file"
        raise InputError(misfit(tree, ("stories", "library", position), expected, nearest(name, choices)))
    return [read_file(path)]


@lru_cache(maxsize=512)
def _read(path: Path) -> Node:
    return read_file(path, f"stories/{path.name}")
