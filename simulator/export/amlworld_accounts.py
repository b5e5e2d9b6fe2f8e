"""The accounts file of AMLworld: who owns each account, as last known."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from simulator.export.amlworld_words import bank_numbers
from simulator.record.read import Run
from simulator.record.versions import latest


def write_accounts(run: Run, place: Path) -> int:
    """Write a row for each account.

    Args:
        run: The run, in the pooled view.
        place: The file.

    Returns:
        Rows.
    """
    table = run.accounts(["account_id", "owner_kind", "owner_id", "bank", "valid_from"])
    table = table.take(latest([table["account_id"]], table["valid_from"]))
    kind, owner = table["owner_kind"].cast(pa.string()), table["owner_id"]
    businesses = run.customers(["customer_id"], pc.field("kind") == "business")["customer_id"].combine_chunks()
    is_customer = pc.equal(kind, "customer")
    shown = pc.if_else(is_customer, pc.if_else(pc.is_in(owner, businesses), "business", "person"), kind)
    nobody = pc.less(owner, 0)
    number = owner.cast(pa.string())
    columns = {
        "Bank Name": _bank_names(run, table["bank"]),
        "Bank ID": bank_numbers(table["bank"]),
        "Account Number": table["account_id"],
        "Entity ID": pc.if_else(nobody, kind, pc.binary_join_element_wise(kind, number, "-")),
        "Entity Name": pc.if_else(nobody, pc.utf8_capitalize(shown), pc.binary_join_element_wise(pc.utf8_capitalize(shown), number, " #")),
    }
    made = pa.table(columns)
    with place.open("wb") as file:
        file.write((",".join(columns) + "\n").encode())
        pacsv.write_csv(made, file, pacsv.WriteOptions(include_header=False, quoting_style="none"))
    return int(made.num_rows)


def _bank_names(run: Run, banks: pa.ChunkedArray) -> pa.Array:
    """Names of banks, without what would need quotes."""
    table = run.banks(["bank", "name", "valid_from"])
    table = table.take(latest([table["bank"]], table["valid_from"]))
    names = pc.replace_substring_regex(table["name"].cast(pa.string()), r'\s*[,"\r\n]+\s*', " ")
    place = pc.index_in(banks, table["bank"].combine_chunks())
    return pc.fill_null(names.take(place), "No bank")
