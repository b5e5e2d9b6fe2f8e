"""The dataset card of a run folder: `README.md` for people, `croissant.json` for machines."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulator.codes import words
from simulator.errors import MachineError
from simulator.record.croissant import croissant
from simulator.record.schema import TABLES, Column, Table

LICENCE = "CC-BY-4.0"
VIEWS = """Who sees a column: *both banks* of a payment, its *payer bank* or *payee bank*, the *bank* whose row it is, *everyone*, or
nobody but the world (*truth*)."""


def write_card(folder: Path, manifest: dict[str, Any], scenario_name: str, about: str) -> None:
    """Writes the dataset card of a run whose tables are whole.

    Both files are a function of the tables and the manifest's seed, rows and digests: they carry no clock time.

    Args:
        folder: The run folder.
        manifest: What its manifest says: `seed`, `rows`, `digests`.
        scenario_name: The scenario's name.
        about: The scenario's line on what the world is for.

    Raises:
        MachineError: If a file cannot be read or written.
    """
    try:
        (folder / "README.md").write_text(card(manifest, scenario_name, about), encoding="utf-8")
        metadata = croissant(folder, manifest, scenario_name, about)
        (folder / "croissant.json").write_text(json.dumps(metadata, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise MachineError(f"{error.filename or folder}: {error.strerror}") from None


def card(manifest: dict[str, Any], scenario_name: str, about: str) -> str:
    """The dataset card as Markdown, opened by the metadata that data hubs read.

    Args:
        manifest: What the run's manifest says: `seed`, `rows`, `digests`.
        scenario_name: The scenario's name.
        about: The scenario's line on what the world is for.

    Returns:
        The text.
    """
    title = f"Ledgerfolk run: {scenario_name}"
    return "\n".join([*_hub(title), f"# {title}", "", *_prose(manifest, scenario_name, about), *_tables(manifest), *_dictionary()]) + "\n"


def _hub(title: str) -> Iterator[str]:
    yield from ("---", f"license: {LICENCE.lower()}", f"pretty_name: {json.dumps(title)}")
    yield "tags: [synthetic, finance, payments, fraud, aml, tabular, graph]"
    yield "configs:"
    for table in TABLES.values():
        yield f"  - config_name: {table.name.replace('/', '_')}"
        yield f"    data_files: {json.dumps(f'{table.file}/*/*.parquet' if table.partitioned else table.file)}"
    yield from ("---", "")


def _prose(manifest: dict[str, Any], scenario_name: str, about: str) -> Iterator[str]:
    labels = manifest["rows"].get("truth/labels", 0)
    yield from (about, "") if about else ()
    yield f"""Synthetic payments of a simulated economy. People, merchants, employers and banks live in one world; whatever they pay each
other is written here, and money is conserved to the minor unit. No row describes a real person, firm, account or card.

## How it was made

By Ledgerfolk, an agent-based simulator, from the scenario `{scenario_name}` (resolved in `scenario.yaml`) with seed
`{manifest["seed"]}`. What the simulator knows of reality are published aggregates, named with their sources in the scenario; it
read no real transaction. The same scenario, seed and version give the same rows. `manifest.json` holds the digest of every
table and of the run: `{manifest["digests"]["run"]}`.

## What is where

At the top level: what some bank could see on the day. Under `truth/`: what only the world knows. `transactions/` and
`truth/unseen/` are parts by month, ordered by time; every other table is one Parquet file. A table the world does not use is
there, empty. Times are UTC; the scenario's `country.utc_offset` gives local time. Amounts are in units of their currency and
exact to the minor unit.

For every account of `truth/balances`: opening balance + settled credits - debits = closing balance. Book money moves on approved
rows of every message but authorisation and reversal; the payer's at `timestamp`, the payee's at `settled_at`.

Where `currency` and `credited_currency` differ, a dealer stands between: its account in `currency` takes `amount`, its account in
`credited_currency` gives `credited_amount`, both at `timestamp` (accounts of kind `dealer`, one a currency). So balances and what
is in flight add up to the same sum in every currency, always. The rate is the day's in `daily`, by the date of `timestamp`; what is
credited is rounded in the dealer's favour, by less than one minor unit of the coarser currency.

## Labels

{_labels(labels)}

## Intended use and limits

Made for building and testing methods: detection of fraud and laundering, graph learning, stress tests, load tests, teaching.
Not for decisions about real people, nor as evidence of the rate of anything in reality. Behaviour is a model set to aggregates:
what no aggregate pins down is an assumption, marked as one where its parameter is described.
A detector that does well here must be shown to do well on real data before it is used. Do not use columns of `truth/` as
features, nor balances and entity rows from after the moment a decision is made.

## Licence

The data: [{LICENCE}](https://creativecommons.org/licenses/by/4.0/); attribute to "Ledgerfolk". They hold no personal data.
"""


def _labels(count: int) -> str:
    if not count:
        return "This world tells no stories: it holds no fraud and no laundering, `truth/labels` is empty, every payment is innocent."
    return (
        f"`truth/labels` has {count:,} rows, one per attempt of a story: declined attempts and innocent look-alikes are in it\n"
        "too (`lookalike_of` is missing on guilty rows only). Every other payment is innocent. What a bank had been told by a\n"
        "given day is in `reports` and `alerts`; train on those, judge with `truth/labels`."
    )


def _tables(manifest: dict[str, Any]) -> Iterator[str]:
    yield from ("## Tables", "", "| table | rows | a row is |", "|---|---:|---|")
    for table in TABLES.values():
        yield f"| `{table.file}{'/' if table.partitioned else ''}` | {manifest['rows'].get(table.name, 0):,} | {table.meaning} |"
    yield ""


def _dictionary() -> Iterator[str]:
    yield from ("## Data dictionary", "", VIEWS, "")
    for table in TABLES.values():
        same = next((other for other in TABLES.values() if other.columns is table.columns), table)
        yield from (f"### {table.name}", "")
        if same is table:
            yield from ("| column | type | unit | meaning | seen by |", "|---|---|---|---|---|")
            yield from (_row(table, column) for column in table.columns)
        else:
            yield f"The columns of `{same.name}`."
        yield ""


def _row(table: Table, column: Column) -> str:
    listed = f": {', '.join(words(column.codes))}" if column.codes else ""
    missing = " (may be missing)" if column.nullable and "missing" not in column.meaning else ""
    return f"| `{column.name}` | {type_word(column)} | {column.unit} | {column.meaning}{listed}{missing} | {table.seen_by(column)} |"


def type_word(column: Column) -> str:
    """A column's type in a word: `text` for words of a list.

    Args:
        column: A column of the registry.

    Returns:
        The word.
    """
    text = str(column.type)
    return "text" if text.startswith("dictionary") or text == "string" else text.replace("timestamp[us, tz=UTC]", "timestamp")
