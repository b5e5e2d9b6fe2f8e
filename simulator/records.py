"""Records: rows that kernels read and write whole, each field of which reads as a column.

A population is described column by column in a documented NamedTuple, and kept as one array of rows: what a kernel
needs of a person lies together in memory, and one argument stands for all columns, which keeps compiling short.
``people.age`` is the column, ``people.age[17]`` one entry, in kernels and in plain Python alike.
"""

from collections.abc import Iterable, Mapping
from itertools import starmap
from struct import Struct
from typing import Any, NamedTuple, cast, get_args, get_type_hints

import numpy as np


class Records(np.recarray[Any, np.dtype[Any]]):
    """Rows whose fields read as columns: what NumPy's record arrays give, at a fifth of what theirs cost Python."""

    __getattribute__ = np.ndarray.__getattribute__  # in C; what is not an attribute of arrays is asked of __getattr__

    def __getattr__(self, name: str) -> Any:
        try:
            column = self.view(np.ndarray)[name]
        except (ValueError, IndexError):
            raise AttributeError(f"rows have no field {name}") from None
        return column if column.dtype.names is None else column.view(Records)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in (self.dtype.names or ()):
            self.view(np.ndarray)[name] = value
        else:
            super().__setattr__(name, value)

    def __getitem__(self, where: Any) -> Any:
        if type(where) is str:
            return getattr(self, where)
        return np.ndarray.__getitem__(self, where)


AHEAD = 128
"""Rows that a kernel takes at a time, so that what they name comes to the cache side by side and not one after the other."""

LINE = 64
"""Bytes of a cache line."""


def records(kind: np.dtype[Any], size: int) -> Records:
    """Rows of a kind, all zero, from the start of a cache line: rows whose width divides it never lie on two."""
    room = np.zeros(size * kind.itemsize + LINE, np.uint8)
    start = -room.__array_interface__["data"][0] % LINE
    return room[start : start + size * kind.itemsize].view(kind).view(Records)


def fields_of(kind: np.dtype[Any]) -> Mapping[str, tuple[Any, ...]]:
    """Type and offset of each field of a row, by name."""
    assert kind.fields is not None
    return kind.fields


class Packer:
    """Writes few rows of a kind from plain values: a field of records costs Python a microsecond, however few there are.

    Args:
        kind: type of a row; its fields are whole numbers with a sign, in order of their offsets.
    """

    def __init__(self, kind: np.dtype[Any]) -> None:
        text, end = "=", 0
        for field, offset, *_ in fields_of(kind).values():
            text += f"{offset - end}x{_SIGNED[field.itemsize]}"
            end = offset + field.itemsize
        self._kind, self._pack = kind, Struct(f"{text}{kind.itemsize - end}x").pack

    def rows(self, values: Iterable[tuple[int, ...]]) -> Records:
        """Rows from their fields' values, in order of the fields; an array whose fields read as ``rows["name"]``."""
        table: Any = np.frombuffer(bytearray().join(starmap(self._pack, values)), self._kind)
        return cast(Records, table)


_SIGNED = {1: "b", 2: "h", 4: "i", 8: "q"}


def _scalar(hint: Any) -> np.dtype[Any]:
    """Type of an entry of an annotated array; NDArray names it itself, or within the dtype it stands for."""
    last = get_args(hint)[-1]
    kind: np.dtype[Any] = np.dtype((get_args(last) or (last,))[0])
    return kind


def row_type(columns: type[NamedTuple], *apart: str) -> np.dtype[Any]:
    """Rows of a population whose columns are documented; widest first, so that rows are aligned without gaps.

    Args:
        columns: the documented columns.
        apart: columns that are not part of a row.
    """
    kinds = {name: _scalar(hint) for name, hint in get_type_hints(columns).items() if name not in apart}
    return np.dtype(sorted(kinds.items(), key=lambda item: -item[1].itemsize), align=True)


def grown(table: Records, size: int) -> Records:
    """The same rows, with room for ``size``."""
    larger = records(table.dtype, size)
    larger[: len(table)] = table
    return larger


class Gathered:
    """Rows that come part by part, with room for as many as will probably come.

    Args:
        kind: type of a row.
    """

    def __init__(self, kind: np.dtype[Any]) -> None:
        self._table = records(kind, 0)
        self._used = 0

    def room(self, rows: int, done: float) -> Records:
        """The next ``rows`` rows, to be filled; with them, ``done`` of everything has come."""
        if self._used + rows > len(self._table):
            self._table = grown(self._table, int((self._used + rows) / done * 1.02) + 64)
        place = slice(self._used, self._used + rows)
        self._used += rows
        fresh: Records = self._table[place]
        return fresh

    @property
    def table(self) -> Records:
        """All rows so far."""
        used: Records = self._table[: self._used]
        return used


def pack(columns: NamedTuple) -> Records:
    """The one-dimensional columns of a population as rows, as `row_type` lays them out."""
    flat = {name: column for name, column in columns._asdict().items() if column.ndim == 1}
    names = sorted(flat, key=lambda name: -flat[name].dtype.itemsize)
    table = records(np.dtype([(name, flat[name].dtype) for name in names], align=True), len(flat[names[0]]))
    fill(table, columns)
    return table


def fill(table: Records, columns: NamedTuple, place: slice = slice(None)) -> None:
    """Write the columns of a population that are part of its rows, for the rows at ``place``."""
    for name in table.dtype.names or ():
        table[name][place] = getattr(columns, name)
