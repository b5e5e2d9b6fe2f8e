"""CSV: one file per table, UTF-8 with a header; times in ISO 8601 with Z, what is missing empty, lists as JSON."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from simulator.record.read import Run

ABOUT = "a folder with one text file per table, times in ISO 8601, lists as JSON"


def write(run: Run, folder: Path) -> dict[str, int]:
    """Write every table of a view.

    Args:
        run: The run, in a view.
        folder: An empty folder.

    Returns:
        Rows by table.
    """
    return {name: _table(run, name, folder / f"{name}.csv") for name in run.tables}


def _table(run: Run, name: str, place: Path) -> int:
    place.parent.mkdir(parents=True, exist_ok=True)
    schema = _spelt(run.schema(name).empty_table()).schema
    rows = 0
    with pacsv.CSVWriter(place, schema) as writer:
        for batch in run.batches(name):
            writer.write_table(_spelt(pa.Table.from_batches([batch])))
            rows += len(batch)
    return rows


def _spelt(table: pa.Table) -> pa.Table:
    """Columns as what CSV can hold: numbers, flags, days and text."""
    return pa.table({name: _text(table[name].combine_chunks()) for name in table.column_names})


def _text(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_timestamp(kind):
        return pc.strftime(values, "%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_dictionary(kind):
        return values.cast(kind.value_type)
    if not pa.types.is_list(kind):
        return values
    items = _json(values.flatten())
    sizes = pc.fill_null(pc.list_value_length(values), 0)
    places = pa.concat_arrays([pa.array([0], pa.int64()), pc.cumulative_sum(sizes.cast(pa.int64()))]).cast(pa.int32())
    joined = pc.binary_join(pa.ListArray.from_arrays(places, items), ", ")
    joined = pc.binary_join_element_wise("[", joined, "]", "")
    return pc.if_else(values.is_valid(), joined, pa.scalar(None, pa.string()))


def _json(values: pa.Array) -> pa.Array:
    """Numbers, text and structs of them as `json.dumps` writes them."""
    if pa.types.is_struct(values.type):
        names = [json.dumps(field.name) for field in values.type]
        parts = [pc.binary_join_element_wise(name, _json(part), ": ") for name, part in zip(names, values.flatten(), strict=True)]
        return pc.binary_join_element_wise("{", pc.binary_join_element_wise(*parts, ", "), "}", "")
    if pa.types.is_string(values.type):
        codes = values.dictionary_encode()
        values = pa.array([json.dumps(word, ensure_ascii=False) for word in codes.dictionary.to_pylist()], pa.string()).take(codes.indices)
    return pc.fill_null(values.cast(pa.string()), "null")
