"""Records: rows that kernels read and write whole, each field of which reads as a column.

A population is described column by column in a documented NamedTuple, and kept as one array of rows: what a kernel
needs of a person lies together in memory, and one argument stands for all columns, which keeps compiling short.
``people.age`` is the column, ``people.age[17]`` one entry, in kernels and in plain Python alike.
"""

from typing import Any, NamedTuple

import numpy as np

Records = np.recarray[Any, np.dtype[Any]]


def records(kind: np.dtype[Any], size: int) -> Records:
    """Rows of a kind, all zero."""
    return np.zeros(size, kind).view(np.recarray)


def grown(table: Records, size: int) -> Records:
    """The same rows, with room for ``size``."""
    larger = records(table.dtype, size)
    larger[: len(table)] = table
    return larger


def pack(columns: NamedTuple) -> Records:
    """The one-dimensional columns of a population as rows; widest first, so that rows are aligned without gaps."""
    flat = {name: column for name, column in columns._asdict().items() if column.ndim == 1}
    size = len(next(iter(flat.values())))
    names = sorted(flat, key=lambda name: -flat[name].dtype.itemsize)
    table = records(np.dtype([(name, flat[name].dtype) for name in names], align=True), size)
    for name in names:
        table[name] = flat[name]
    return table
