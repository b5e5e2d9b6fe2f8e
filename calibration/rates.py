"""How often everything that a bank could see occurs in a run: every event, every word of every column, every filled cell.

What stories will use must first be used innocently, at a known rate: `scenarios/OCCURS.md` holds what this prints,
`scenarios/RATES.md` where the rates come from.

    python -m calibration.rates RUN
"""

import sys
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from simulator.record.read import Run, open_run
from simulator.record.schema import TABLES

PEOPLE, DAYS = 1000, 365.25
"""Counts are brought to this many customers and days."""

STORIES = {"alerts", "cases", "applications", "loans", "credit_months", "bank_months", "labels"}
"""Observable tables that ordinary life does not fill."""

TIMED = ("transactions", "events", "reports")
"""Tables of what happens; the others are of what there is."""

FEW, FEWER = 60, 12
"""Columns with more words than this are told by how many cells are filled; the second in tables of what there is."""


def observable() -> list[str]:
    """Names of the tables that a bank could see, and that ordinary life fills."""
    return [name for name, table in TABLES.items() if not table.truth and name not in STORIES]


class Rate(NamedTuple):
    """How often a word of a column occurs."""

    table: str
    column: str
    word: str
    """ "(filled)" for cells that are neither missing nor -1."""
    share: float
    """Of the table's rows."""
    rate: float
    """Per 1,000 customers and year; NaN for tables of what there is."""


def count_rates(run: Run) -> list[Rate]:
    """Count what a run's observable tables hold, in the order of the registry.

    Returns:
        One row for each word of each column of words, and one for each other column.
    """
    found = []
    scale = PEOPLE / run.scenario.population.customers * DAYS / run.scenario.period.days
    for name in observable():
        total, counts = 0, Counter[tuple[str, str]]()
        for batch in run.batches(name):
            total += batch.num_rows
            for column, values in zip(batch.schema.names, batch.columns, strict=True):
                told = _occurrences(values, FEW if name in TIMED else FEWER)
                counts.update({(column, word): count for word, count in told.items()})
        often = scale if name in TIMED else float("nan")
        order = TABLES[name].names
        for (column, word), count in sorted(counts.items(), key=lambda item: (order.index(item[0][0]), -item[1])):
            found.append(Rate(name, column, word, count / max(1, total), count * often))
    return found


def _occurrences(values: pa.Array, most: int) -> dict[str, int]:
    if pa.types.is_dictionary(values.type) and len(values.dictionary) <= most:
        words = [str(word) for word in values.dictionary.to_pylist()]
        places = pc.value_counts(values.indices).to_pylist()
        return {words[place["values"]]: place["counts"] for place in places if place["values"] is not None}
    filled = len(values) - values.null_count
    if pa.types.is_integer(values.type):
        filled -= pc.sum(pc.equal(values, -1)).as_py() or 0
    return {"(filled)": filled}


def main() -> None:
    """Print the counts of a run as Markdown tables, one for each table of the run."""
    for name, rows in groupby(count_rates(open_run(Path(sys.argv[1]))), lambda rate: rate.table):
        unit = "per 1,000 customers and year" if name in TIMED else "share of rows"
        print(f"\n### {name}\n\n| column | word | {unit} |\n|---|---|--:|")
        for row in rows:
            timed = f"{row.rate:,.3g}" if row.rate < 100 else f"{row.rate:,.0f}"
            print(f"| {row.column} | {row.word} | {timed if name in TIMED else f'{100 * row.share:.3g} %'} |")


if __name__ == "__main__":
    main()
