"""A foreign table read with a mapping."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from simulator.audit.foreign.mapping import KNOWN, UNITS, Mapping
from simulator.audit.leaks.sheet import IDS, Column, Flags, Ints, Sheet, coded
from simulator.errors import InputError
from simulator.scenario.part import nearest

NUMBERS = ("amount", "credited_amount", "payer_balance", "payee_balance", "payer_balance_before", "payee_balance_before")
TIMES = ("timestamp", "settled_at")
PREFIX = 2
"""Letters at the start of an id that may say what it is: PaySim's mules begin with 'CC'."""
GUILTY = ("1", "1.0", "true", "yes", "y", "t", "fraud", "illicit", "guilty", "laundering")
"""What a label may say of a guilty row, in small letters."""
INNOCENT = ("0", "0.0", "false", "no", "n", "f", "", "none", "licit", "innocent", "genuine", "normal", "legit")
"""And of an innocent one."""


def read_table(path: Path, mapping: Mapping) -> Sheet:
    """Read a table as a sheet.

    Args:
        path: A CSV or Parquet file; of columns with the same name the second one is called `name.1`, as pandas does.
        mapping: Which column is which. Columns that it does not name are audited as they are.

    Raises:
        InputError: The file cannot be read, or a column is missing or holds something else than it should.
    """
    table = _read(path)
    _check(path, table, mapping)
    columns: dict[str, Column] = {}
    for name, theirs in mapping.columns.items():
        if name in ("label", "lookalike", "story_id"):
            continue
        if name in IDS:
            columns |= _key(name, [table.column(one) for one in theirs])
        elif name in TIMES:
            columns[name] = _time(f"{path}: column '{theirs[0]}'", table.column(theirs[0]), mapping.timestamp_unit)
        elif name in NUMBERS:
            columns[name] = _number(f"{path}: column '{theirs[0]}'", table.column(theirs[0]), empty=name.endswith(("balance", "before")))
        else:
            columns[name] = _plain(table.column(theirs[0]))
    used = {one for theirs in mapping.columns.values() for one in theirs} | set(mapping.ignore)
    for name in table.column_names:
        if name not in used:
            columns[name if name not in KNOWN else f"their {name}"] = _plain(table.column(name))
    guilty = _flag(path, table, mapping, "label")
    lookalike = _flag(path, table, mapping, "lookalike") & ~guilty if "lookalike" in mapping.columns else None
    return Sheet.of(columns, guilty, lookalike, _stories(table, mapping))


def _read(path: Path) -> pa.Table:
    if not path.is_file():
        raise InputError(f"{path}: found {'no regular file' if path.exists() else 'no such file'}, expected a CSV or Parquet file")
    try:
        parquet = path.suffix.lower() in (".parquet", ".pq")
        table = pq.read_table(path, partitioning=None) if parquet else pc.read_csv(path)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {(str(error) or type(error).__name__).splitlines()[0]}") from None
    if not table.num_rows:
        raise InputError(f"{path}: found no rows, expected payments")
    seen: dict[str, int] = {}
    names = []
    for name in table.column_names:
        names.append(f"{name}.{seen[name]}" if name in seen else name)
        seen[name] = seen.get(name, 0) + 1
    return table.rename_columns(names)


def _check(path: Path, table: pa.Table, mapping: Mapping) -> None:
    for name, theirs in [*mapping.columns.items(), ("ignore", list(mapping.ignore))]:
        for one in theirs:
            if one not in table.column_names:
                hint = nearest(one, table.column_names) or f": {', '.join(table.column_names)}"
                raise InputError(f"{mapping.places[name]}: {name}: found '{one}', expected a column of {path}{hint}")
        if len(theirs) > 1 and name != "ignore" and name not in IDS:
            raise InputError(f"{mapping.places[name]}: {name}: found {len(theirs)} columns, expected one")


def _plain(column: pa.ChunkedArray) -> Column:
    """Numbers, microseconds, or words."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    if pa.types.is_temporal(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return np.asarray(column.to_pandas())
    if pa.types.is_integer(kind):
        return np.asarray(column.to_numpy() if not column.null_count else column.cast(pa.float64()).to_numpy())
    return np.asarray(column.cast(pa.string()).to_pandas())


def _key(name: str, columns: list[pa.ChunkedArray]) -> dict[str, Column]:
    """Codes in the order of the ids, -1 where there is none; and how ids that are text begin."""
    if len(columns) == 1 and pa.types.is_integer(columns[0].type) and not columns[0].null_count:
        return {name: columns[0].to_numpy().astype(np.int64)}
    text = columns[0].cast(pa.string()).to_pandas()
    for column in columns[1:]:
        text = text + " " + column.cast(pa.string()).to_pandas()
    codes, words = coded(text.to_numpy())
    codes = codes.astype(np.int64)
    if words and words[0] == "":
        codes = codes - 1
    found: dict[str, Column] = {name: codes}
    start = text.astype("string").str.extract(rf"^(\D{{1,{PREFIX}}})", expand=False).fillna("")
    if len(columns) == 1 and start.nunique() > 1:
        found[f"start of {name}"] = start.to_numpy()
    return found


def _number(where: str, column: pa.ChunkedArray, empty: bool = False) -> Column:
    values: Column = pd.to_numeric(column.to_pandas(), errors="coerce").to_numpy(dtype=np.float64)
    known = np.isfinite(values) | (column.is_null().to_numpy() if empty else False)
    _all_known(where, known, column, "a number")
    return values


def _time(where: str, column: pa.ChunkedArray, unit: str) -> Ints:
    """Microseconds since 1970, or since the table began where it counts."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        if not unit:
            raise InputError(f"{where}: found numbers, expected dates, or 'timestamp_unit' in the mapping ({', '.join(UNITS)})")
        return np.rint(_number(where, column) * UNITS[unit]).astype(np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas warns where it has to guess row by row; what it cannot read is said below
        times = pd.to_datetime(column.to_pandas(), errors="coerce", utc=True).dt.tz_localize(None)
    _all_known(where, times.notna().to_numpy(), column, "a time")
    return np.asarray(times.to_numpy().astype("datetime64[us]").astype(np.int64))


def _all_known(where: str, known: Flags, column: pa.ChunkedArray, expected: str) -> None:
    if not known.all():
        row = int(np.argmin(known))
        raise InputError(f"{where}, row {row + 1}: found '{column[row].as_py()}', expected {expected}")


def _flag(path: Path, table: pa.Table, mapping: Mapping, name: str) -> Flags:
    column = table.column(mapping.columns[name][0])
    values = column.cast(pa.string()) if not pa.types.is_dictionary(column.type) else column.cast(column.type.value_type).cast(pa.string())
    spelt = values.to_pandas().fillna("").str.strip().str.lower()
    guilty = spelt.isin(GUILTY).to_numpy()
    where = f"{path}: column '{mapping.columns[name][0]}'"
    _all_known(where, guilty | spelt.isin(INNOCENT).to_numpy(), column, "1 or 0, true or false, yes or no")
    return np.asarray(guilty, bool)


def _stories(table: pa.Table, mapping: Mapping) -> Ints | None:
    if "story_id" not in mapping.columns:
        return None
    codes, words = coded(table.column(mapping.columns["story_id"][0]).cast(pa.string()).to_pandas().to_numpy())
    missing = [code for code, word in enumerate(words or []) if word in ("", "-1")]
    return np.where(np.isin(codes, missing), -1, codes).astype(np.int64)
