"""AMLworld: the three files of IBM's synthetic data for anti-money-laundering, as its readers (Multi-GNN and others) take them.

`ledgerfolk_Trans.csv` has a row for each approved payment in which money moved, in order of time: no holds, no declined attempts, no
amounts of 0. Times are UTC, to the minute. Two columns are called `Account`, as in the original. `ledgerfolk_Patterns.txt` repeats the
laundering rows of stories whose shape has a name there, in blocks. `ledgerfolk_accounts.csv` says who owns each account.

- Banks are five digits, so that bank and account put together (as readers do) stand for one account only; 99999 stands for no bank:
  the world outside, and wallets that no bank holds.
- `Is Laundering` is `is_laundering` of `truth/labels`. A fraud that nobody launders is 0: judge fraud with `truth/labels`.
- Ledgerfolk's methods become the format's seven words as `FORMATS` says, currencies its names as `CURRENCIES` says (others keep
  their ISO code), typologies its eight patterns as `PATTERNS` says; laundering of other typologies stands in no block, as the lone
  laundering payments of the original.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from simulator.errors import InputError
from simulator.export.amlworld_accounts import write_accounts
from simulator.export.amlworld_words import CURRENCIES, FORMATS, bank_numbers, named, pattern
from simulator.record.read import Run
from simulator.record.truth import numbers

ABOUT = "the three text files of IBM's AMLworld: payments, laundering patterns, accounts"
NOTES = (
    "Attempts that moved no money: declined ones, holds, verifications of amount 0.",
    "Labels of fraud that is no laundering (`Is Laundering` is 0) and of look-alikes.",
    "Seconds, and every column that the format has no place for.",
)
HEADER = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,Payment Format,"
    "Is Laundering"
)

_COLUMNS = (
    "transaction_id", "timestamp", "payer_bank", "payer_account", "payee_bank", "payee_account", "credited_amount", "credited_currency",
    "amount", "currency", "method",
)  # fmt: skip
_HOLDS = ("authorisation", "reversal")
"""Messages that place and release holds: no money moves."""
_PLAIN = pacsv.WriteOptions(include_header=False, quoting_style="none")


def write(run: Run, folder: Path) -> dict[str, int]:
    """Write the three files.

    Args:
        run: The run, in the pooled view.
        folder: An empty folder.

    Returns:
        Rows by file; of the patterns, how many blocks.

    Raises:
        InputError: The view is a bank's or a card network's: the last column is the truth.
    """
    if not run.viewpoint.pooled:
        raise InputError(f"--to amlworld: found the view '{run.viewpoint.name}', expected 'all': its last column is the truth")
    labels = run.true_labels(["transaction_id", "story_id", "typology"], pc.field("is_laundering"))
    order = np.argsort(numbers(labels["transaction_id"]), kind="stable")
    labels = labels.take(pa.array(order))
    launders = numbers(labels["transaction_id"])
    kept: list[pa.Table] = []
    rows = 0
    moved = (pc.field("status") == "approved") & ~pc.field("message").isin(_HOLDS) & (pc.field("amount") > 0)
    with (folder / "ledgerfolk_Trans.csv").open("wb") as file:
        file.write(f"{HEADER}\n".encode())
        for batch in run.batches("transactions", _COLUMNS, moved):
            ids = numbers(pa.chunked_array([batch["transaction_id"]]))
            place, dirty = _places(launders, ids)
            table = _lines(batch, dirty)
            pacsv.write_csv(table, file, _PLAIN)
            rows += len(batch)
            if dirty.any():
                mine = table.filter(pa.array(dirty))
                for name in ("story_id", "typology"):
                    mine = mine.append_column(name, labels[name].take(pa.array(place[dirty])))
                kept.append(mine)
    blocks = _patterns(kept, folder / "ledgerfolk_Patterns.txt")
    listed = write_accounts(run, folder / "ledgerfolk_accounts.csv")
    return {"ledgerfolk_Trans.csv": rows, "ledgerfolk_Patterns.txt": blocks, "ledgerfolk_accounts.csv": listed}


def _places(known: NDArray[np.int64], ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Of each payment its place among the labelled ones, and whether it is one."""
    if not len(known):
        return np.zeros(len(ids), np.int64), np.zeros(len(ids), bool)
    place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return place.astype(np.int64), known[place] == ids


def _lines(batch: pa.RecordBatch, dirty: NDArray[np.bool_]) -> pa.Table:
    """Payments as the format has them, its columns in order."""
    columns = [
        pc.strftime(batch["timestamp"], "%Y/%m/%d %H:%M"),
        bank_numbers(batch["payer_bank"]),
        batch["payer_account"],
        bank_numbers(batch["payee_bank"]),
        batch["payee_account"],
        batch["credited_amount"],
        named(batch["credited_currency"], CURRENCIES),
        batch["amount"],
        named(batch["currency"], CURRENCIES),
        named(batch["method"], FORMATS),
        pa.array(dirty.astype(np.int8)),
    ]
    return pa.Table.from_arrays(columns, [str(place) for place in range(len(columns))])


def _patterns(kept: list[pa.Table], place: Path) -> int:
    """Write laundering rows in blocks, a story each, in order of first rows.

    Returns:
        Blocks.
    """
    place.touch()
    if not kept:
        return 0
    table = pa.concat_tables([part.set_column(12, "typology", part["typology"].cast(pa.string())) for part in kept])
    names = pc.unique(table["typology"]).to_pylist()
    patterns = {name: shape for name in names if (shape := pattern(name)) is not None}
    table = table.filter(pc.is_in(table["typology"], pa.array(patterns, pa.string())))
    if not table.num_rows:
        return 0
    stories, first, which = np.unique(numbers(table["story_id"]), return_index=True, return_inverse=True)
    order = np.argsort(first[which], kind="stable")
    table, which = table.take(pa.array(order)), which[order]
    text = pa.BufferOutputStream()
    pacsv.write_csv(table.select(range(11)), text, _PLAIN)
    lines = pa.array(text.getvalue().to_pybytes().decode().splitlines())
    shapes = named(table["typology"], patterns).combine_chunks()
    begins = np.append(True, which[1:] != which[:-1])
    ends = np.append(begins[1:], True)
    before = pc.if_else(pa.array(begins), pc.binary_join_element_wise("BEGIN LAUNDERING ATTEMPT - ", shapes, "\n", ""), "")
    after = pc.if_else(pa.array(ends), pc.binary_join_element_wise("\nEND LAUNDERING ATTEMPT - ", shapes, "\n\n", ""), "\n")
    blocks = pc.binary_join_element_wise(before, lines, after, "")
    place.write_text("".join(blocks.to_pylist()), encoding="utf-8")
    return len(stories)
