"""What `extends` means: one file laid over another, key by key and, in lists, name by name."""

from importlib.resources import files
from pathlib import Path

from simulator.errors import InputError
from simulator.scenario.part import nearest
from simulator.scenario.source import MOST_NODES, Node, read_file, shape

_MOST_FILES = 10
_SHIPPED = {
    "scenarios": ("scenarios", "", ".yaml"),
    "packs": ("calibration", "packs", ".yaml"),
    "stories": ("scenarios", "stories", ".yaml"),
    "households": ("scenarios", "households", "_income.csv"),
}


def shipped(kind: str = "scenarios") -> dict[str, Path]:
    """The files that come with the package, by name; bases that do not run on their own begin with ``_`` and are left out.

    Args:
        kind: ``scenarios``, ``packs`` or ``households``.
    """
    return {name: path for name, path in _all_shipped(kind).items() if not name.startswith("_")}


def locate(name: str | Path, kind: str = "scenarios", beside: Path | None = None, place: str = "") -> tuple[Path, str]:
    """The file that a name stands for, and what messages call it.

    Args:
        name: a shipped name, or a path.
        kind: ``scenarios`` or ``packs``.
        beside: the folder that relative paths start from; the working folder when not given.
        place: where the name was written, when a file says it.

    Raises:
        InputError: the name is neither shipped nor a file.
    """
    known = _all_shipped(kind)
    if isinstance(name, str) and name in known:
        return known[name], f"{kind}/{known[name].name}"
    path = (beside or Path()) / Path(name).expanduser()
    if "\0" not in str(name) and (path.is_file() or path.suffix in (".yaml", ".yml")):
        return path, str(path)
    listed = [known_name for known_name in known if not known_name.startswith("_")]
    where = f"{place}: " if place else ""
    raise InputError(f"{where}found {str(name)[:200]!r}, expected a file or one of {', '.join(listed)}{nearest(str(name), listed)}")


def read_extended(path: Path, shown: str) -> Node:
    """Read a file and everything it extends, as one tree without ``extends``.

    Raises:
        InputError: a file is not YAML, or the chain runs in a circle or is too long.
    """
    chain: list[Path] = []
    trees: list[Node] = []
    while True:
        chain.append(path.resolve())
        tree = read_file(path, shown)
        trees.append(tree)
        assert isinstance(tree.value, dict)
        base = tree.value.pop("extends", None)
        if base is None:
            break
        if not isinstance(base.value, str):
            raise InputError(f"{base.place}: extends: found {shape(base)}, expected the name of a scenario or a path")
        path, shown = locate(base.value, beside=path.parent, place=f"{base.place}: extends")
        if path.resolve() in chain:
            raise InputError(f"{base.place}: extends: found {base.value!r}, which extends this file in turn, expected an end")
        if len(chain) == _MOST_FILES:
            raise InputError(f"{base.place}: extends: found a chain of more than {_MOST_FILES} files, expected a shorter one")
    merged = Node({}, trees[-1].place)
    for tree in reversed(trees):
        merged = _laid_over(merged, tree, ())
    return merged


def _all_shipped(kind: str) -> dict[str, Path]:
    package, folder, ending = _SHIPPED[kind]
    root = Path(str(files(package))) / folder
    return {path.name.removesuffix(ending): path for path in sorted(root.glob(f"*{ending}"))}


def _laid_over(under: Node | None, over: Node, path: tuple[str, ...]) -> Node:
    if isinstance(over.value, dict):
        below = under.value if under is not None and isinstance(under.value, dict) else {}
        return _joined(over, below, over.value, path)
    if isinstance(over.value, list) and over.value and all(isinstance(item.value, dict) and "name" in item.value for item in over.value):
        items = under.value if under is not None and isinstance(under.value, list) else []
        return _named(over, items, path)
    return over


def _joined(over: Node, below: dict[str, Node], above: dict[str, Node], path: tuple[str, ...]) -> Node:
    children = dict(below)
    for key, child in above.items():
        children[key] = _laid_over(below.get(key), child, (*path, key))
    return _sized(Node(children, over.place))


def _named(over: Node, items: list[Node], path: tuple[str, ...]) -> Node:
    assert isinstance(over.value, list)
    by_name: dict[str, Node] = {name: item for item in items if (name := item.name()) is not None}
    # A list below whose items have no names cannot be merged into: the list above takes its place.
    unnamed = len(by_name) != len(items)
    merged = {} if unnamed else by_name
    seen: set[str] = set()
    rest: list[Node] = []
    for item in over.value:
        name = item.name()
        if name is None:
            rest.append(item)
            continue
        here = f"{item.place}: {'.'.join((*path, name))}"
        if name in seen:
            raise InputError(f"{here}: found the name {name!r} twice in one list, expected different names")
        seen.add(name)
        assert isinstance(item.value, dict)
        remove = item.value.get("remove")
        if remove is None:
            merged[name] = _laid_over(merged.get(name), item, (*path, name))
        elif remove.value is not True or len(item.value) != 2:
            alone = f"found {shape(remove)}, expected 'remove: true' and the name, nothing else"
            raise InputError(f"{remove.place}: {'.'.join((*path, name))}.remove: {alone}")
        elif merged.pop(name, None) is None:
            raise InputError(f"{here}: found nothing of that name to remove, expected one of {', '.join(merged)}{nearest(name, merged)}")
    return _sized(Node([*merged.values(), *rest], over.place))


def _sized(node: Node) -> Node:
    children = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    node.size = 1 + sum(child.size for child in children)
    if node.size > MOST_NODES:
        raise InputError(f"{node.place}: found more than {MOST_NODES:,} values once files are merged, expected fewer")
    return node
