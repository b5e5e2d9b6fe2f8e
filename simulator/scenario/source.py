"""Reading YAML 1.2 as plain data that remembers where it was written.

The text is read event by event, so a hostile file is refused before anything is built from it: no tag is ever followed,
aliases are counted as often as they are used, and depth is bounded. Plain words become values by the core schema of
YAML 1.2 (``NO`` and ``12:30`` are text, ``0742`` is a number); dates and quantities stay text for the model to read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import AliasEvent, Event, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent
from yaml.reader import ReaderError

from simulator.errors import InputError

MOST_BYTES = 5_000_000
MOST_NODES = 200_000
MOST_DEPTH = 60
_MOST_DIGITS = 400

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Where there is no libyaml, plain Python reads the same, slowly."""

type Scalar = str | int | float | bool | None
type Plain = Scalar | list[Plain] | dict[str, Plain]

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MEANINGS: dict[str, bool | None] = {"null": None, "true": True, "false": False}
_WORDS = {"": None, "~": None} | {spelt: value for word, value in _MEANINGS.items() for spelt in (word, word.capitalize(), word.upper())}


@dataclass(slots=True)
class Node:
    """A value and the place where it was written."""

    value: "Scalar | dict[str, Node] | list[Node]"
    place: str
    size: int = 1

    def plain(self) -> Plain:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def name(self) -> str | None:
        """The text under the key ``name``, by which items of lists are known."""
        named = self.value.get("name") if isinstance(self.value, dict) else None
        return named.value if named is not None and isinstance(named.value, str) else None

    def child(self, step: str | int) -> "Node | None":
        """The node one key or position further in, if there is one."""
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and isinstance(step, int) and 0 <= step < len(self.value):
            return self.value[step]
        return None


def scalar(text: str) -> Scalar:
    """Read an unquoted word by the core schema of YAML 1.2.

    Raises:
        ValueError: the text is a number of hundreds of digits.
    """
    if text in _WORDS:
        return _WORDS[text]
    whole = _INTEGER.fullmatch(text)
    if whole is None and _FLOAT.fullmatch(text) is None:
        return text
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"found a number of {len(text)} digits, expected at most {_MOST_DIGITS}")
    if whole is not None:
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def read_file(path: Path, shown: str | None = None) -> Node:
    """Read a YAML file whose top level is a mapping.

    Args:
        path: the file.
        shown: how messages call it; its path when not given.

    Raises:
        InputError: the file cannot be read, or is anything but plain YAML data.
    """
    name = shown or str(path)
    if not path.is_file():
        raise InputError(f"{name}: found {'no regular file' if path.exists() else 'no such file'}, expected a YAML file")
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{name}: the file cannot be read: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        raise InputError(f"{name}: found more than {MOST_BYTES:,} bytes, expected a smaller file")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}:{raw.count(b'\n', 0, error.start) + 1}: found bytes that are not UTF-8, expected YAML text") from None
    tree = read_text(text, name)
    if not isinstance(tree.value, dict):
        raise InputError(f"{tree.place}: found {shape(tree)}, expected a mapping of keys to values")
    return tree


def read_text(text: str, shown: str) -> Node:
    """Read YAML text of one document.

    Args:
        text: the YAML.
        shown: how messages call where it came from.

    Raises:
        InputError: the text is not plain YAML data.
    """
    reader = _Reader(text, shown)
    try:
        return reader.document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{shown}:{mark.line + 1}" if mark else shown
        problem = (error.problem or error.context or "unreadable").splitlines()[0]
        raise InputError(f"{where}: found text that is not YAML ({problem}), expected plain YAML data") from None
    except ReaderError as error:
        line = text.encode("utf-8", "surrogatepass").count(b"\n", 0, error.position) + 1
        raise InputError(f"{shown}:{line}: found a control character, expected YAML text") from None
    except (YAMLError, ValueError, IndexError, ArithmeticError, TypeError, AttributeError):
        # The scanner lets some malformed escapes and directives through to Python's own errors.
        raise InputError(f"{reader.last}: found text that is not YAML, expected plain YAML data") from None


def shape(node: Node) -> str:
    """What a node is, in words for a message."""
    value = node.value
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return f"a list of {len(value)} items" if len(value) != 1 else "a list of 1 item"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    spelt = repr(value)
    return spelt if len(spelt) <= 60 else f"{spelt[:45]}… ({len(spelt)} characters)"


class _Reader:
    """Builds nodes from the events of one document."""

    def __init__(self, text: str, shown: str) -> None:
        self._events: Iterator[Event] = yaml.parse(text, Loader=LOADER)
        self._shown = shown
        self._anchors: dict[str, Node] = {}
        self._seen = 0
        self.last = f"{shown}:1"

    def document(self) -> Node:
        tree: Node | None = None
        for event in self._events:
            if isinstance(event, AliasEvent | ScalarEvent | MappingStartEvent | SequenceStartEvent):
                if tree is not None:
                    raise InputError(f"{self._place(event)}: found a second document, expected one")
                tree = self._node(event, 1)
        if tree is None:
            raise InputError(f"{self._shown}:1: found an empty file, expected a mapping of keys to values")
        return tree

    def _place(self, event: Event) -> str:
        line: int = event.start_mark.line  # type: ignore[union-attr]
        return f"{self._shown}:{line + 1}"

    def _node(self, event: Any, depth: int) -> Node:
        place = self.last = self._place(event)
        self._seen += 1
        if depth > MOST_DEPTH:
            raise InputError(f"{place}: found more than {MOST_DEPTH} levels, expected fewer")
        if isinstance(event, AliasEvent):
            known = self._anchors.get(str(event.anchor))
            if known is None:
                raise InputError(f"{place}: found the alias *{event.anchor}, expected an anchor of that name above it")
            node = Node(known.value, place, known.size)
        elif event.tag is not None:
            tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
            raise InputError(f"{place}: found the tag {tag[:60]!r}, expected plain data without tags")
        elif isinstance(event, ScalarEvent):
            node = self._scalar(event, place)
        elif isinstance(event, MappingStartEvent):
            node = self._mapping(place, depth)
        else:
            node = self._sequence(place, depth)
        if max(self._seen, node.size) > MOST_NODES:
            raise InputError(f"{place}: found more than {MOST_NODES:,} values once aliases are followed, expected fewer")
        if not isinstance(event, AliasEvent) and event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _scalar(self, event: ScalarEvent, place: str) -> Node:
        if not event.value.isascii() and any("\ud800" <= character <= "\udfff" for character in event.value):
            raise InputError(f"{place}: found half of a surrogate pair, expected text")
        try:
            return Node(scalar(event.value) if event.implicit[0] else event.value, place)
        except ValueError as error:
            raise InputError(f"{place}: {error}") from None

    def _mapping(self, place: str, depth: int) -> Node:
        children: dict[str, Node] = {}
        places: dict[str, str] = {}
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            if not isinstance(key.value, str):
                raise InputError(f"{key.place}: found {shape(key)} as a key, expected text")
            if key.value in children:
                raise InputError(f"{key.place}: found the key {shape(key)} twice, expected it once (first: {places[key.value]})")
            child = self._node(next(self._events), depth + 1)
            places[key.value] = key.place
            children[key.value] = Node(child.value, key.place, child.size)
        return Node(children, place, 1 + sum(1 + child.size for child in children.values()))

    def _sequence(self, place: str, depth: int) -> Node:
        children: list[Node] = []
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            children.append(self._node(event, depth + 1))
        return Node(children, place, 1 + sum(child.size for child in children))
