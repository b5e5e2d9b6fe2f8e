"""A made-up run of `made_up_run` with banks, owners, devices, identifiers and stories: what graphs and their labels are read from."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from made_up_run import START, fill, make_run, write_parts

from simulator.record.schema import TABLES

BANKS = 3
DAYS = 45
TYPOLOGIES = ("L01", "L02_fan_in", "L03", "fan_out", "L13", "F06", "L07", "L03", "L08")
FRAUDS = ("F06",)
LOOKALIKES = (7,)
"""Story ids from 0 up of innocent stories."""

type Row = dict[str, Any]


def story_run(folder: Path, rows: int = 3000, seed: int = 3) -> Path:
    """Writes a run folder with stories; account N < 100 is of customer N and bank N % 3, account 1000 + N of merchant N."""
    make_run(folder, rows, DAYS)
    draw = np.random.default_rng(seed)
    table = dressed(folder, draw)
    write(
        folder,
        "banks",
        [{"bank": bank, "name": f"bank, {bank}", "valid_from": date(2000, 1, 1), "valid_to": None} for bank in range(BANKS)],
    )
    write(folder, "accounts", [*accounts()])
    write(folder, "customers", [customer(number) for number in range(100)])
    write(folder, "holders", [link(number, account_id=number, role="primary") for number in range(100)])
    write(folder, "cards", [link(number, card_id=5000 + number, account_id=number, bank=number % BANKS) for number in range(0, 100, 2)])
    write(folder, "devices", [{"device_id": 7000 + number, "kind": "phone", "valid_from": START.date()} for number in range(30)])
    phones = [link(number, kind="phone", token=number // 4) for number in range(100)]
    mails = [link(number, kind="email", token=number) for number in range(0, 100, 3)]
    write(folder, "identifiers", [*phones, *mails, link(8, kind="phone", token=99)])
    met = [{"event_id": n, "timestamp": START + timedelta(hours=n), "customer_id": n % 50, "device_id": 7000 + n % 31} for n in range(60)]
    write(folder, "events", [row | {"device_id": -1} if row["device_id"] == 7030 else row for row in met])
    tell(folder, table.to_pylist(), draw)
    return folder


def dressed(folder: Path, draw: np.random.Generator) -> pa.Table:
    """The payments with banks, cards, devices, currencies and refunds, written again."""
    files = sorted((folder / "transactions").rglob("*.parquet"))
    rows: list[Row] = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    for row in rows:
        row |= {"credited_amount": row["amount"], "device_id": -1, "card_id": -1, "related_transaction_id": -1}
        if row["transaction_id"] % 50 == 0:
            row["credited_currency"], row["credited_amount"] = "EUR", round(row["amount"] * 0.9, 2)
        if row["payer_account"] % 2 == 0 and row["method"] == "card":
            row["card_id"] = 5000 + row["payer_account"]
        if row["method"] == "instant_transfer":
            row["payee_account"], row["device_id"] = int(draw.integers(100)), 7000 + row["payer_account"] % 30
        if row["merchant_id"] >= 0 and row["transaction_id"] % 20 == 0:
            row["message"], row["payer_account"], row["payee_account"] = "refund", row["payee_account"], row["payer_account"]
        row["payer_bank"], row["payee_bank"] = bank_of(row["payer_account"]), bank_of(row["payee_account"])
    table = pa.Table.from_pylist(rows, schema=pq.read_schema(files[0]))
    shutil.rmtree(folder / "transactions")
    write_parts(folder / "transactions", table)
    return table


def bank_of(account: int) -> int:
    """999 is of no bank."""
    return account % BANKS if account != 999 else -1


def accounts() -> list[Row]:
    """Every account, some in two versions of which the later comes first in the file."""
    rows: list[Row] = []
    for number in range(100):
        row = {"account_id": number, "owner_kind": "customer", "owner_id": number, "kind": "current", "bank": number % BANKS}
        row |= {"currency": "USD", "opened": date(2020, 1, 1), "valid_from": date(2020, 1, 1), "valid_to": None, "credit_limit": 10.0}
        if number % 5 == 0:
            rows.append(row | {"valid_from": date(2024, 2, 1), "credit_limit": 20.0})
            row["valid_to"] = date(2024, 1, 31)
        rows.append(row)
    for number in range(999, 1040):
        row = rows[1] | {"account_id": number, "owner_kind": "merchant", "owner_id": number - 1000, "kind": "acquiring", "valid_to": None}
        row |= {"owner_kind": "outside", "owner_id": -1} if number == 999 else {}
        rows.append(row | {"bank": bank_of(number)})
    return rows


def customer(number: int) -> Row:
    kind = "business" if number % 10 == 9 else "person"
    return {"customer_id": number, "kind": kind, "bank": number % BANKS, "valid_from": date(2020, 1, 1), "valid_to": None}


def link(number: int, **columns: Any) -> Row:
    return {"customer_id": number, "valid_from": date(2020, 1, 1), "valid_to": None} | columns


def tell(folder: Path, payments: list[Row], draw: np.random.Generator) -> None:
    """Stories of 3 to 8 payments each, none in two of them."""
    labels: list[Row] = []
    stories: list[Row] = []
    roles: list[Row] = []
    free = iter(draw.permutation(len(payments)).tolist())
    for story, typology in enumerate(TYPOLOGIES):
        mine = sorted((payments[next(free)] for _ in range(3 + story % 6)), key=lambda row: row["transaction_id"])
        innocent, fraud = story in LOOKALIKES, typology in FRAUDS
        looks = typology if innocent else None
        for seq, row in enumerate(mine):
            labels.append({
                "transaction_id": row["transaction_id"], "story_id": story, "typology": typology, "is_fraud": fraud and not innocent,
                "is_laundering": not fraud and not innocent, "authorised": True, "amount_illicit": row["amount"], "lookalike_of": looks,
                "act": f"act {seq}", "stage": "fraud" if fraud else "layering", "payer_role": "mule", "payee_role": "collector", "seq": seq,
                "industry_code": "none",
            })  # fmt: skip
        cast = sorted({(role, row[end]) for row in mine for role, end in (("mule", "payer_account"), ("collector", "payee_account"))})
        stories.append({
            "story_id": story, "typology": typology, "family": "laundering", "lookalike_of": looks, "crew": -1,
            "start": mine[0]["timestamp"], "end": mine[-1]["timestamp"], "outcome": "completed", "why": "none", "parent_story_id": -1,
            "cast": [{"role": role, "account": account} for role, account in cast], "text": f'Story {story}, "so, so".',
        })  # fmt: skip
        roles += [{"account_id": account, "story_id": story, "role": role, "witting": story % 2 == 0, "first": mine[0]["timestamp"],
                   "last": mine[-1]["timestamp"]} for role, account in cast]  # fmt: skip
    write(folder, "truth/labels", sorted(labels, key=lambda row: (row["story_id"], row["seq"])))
    write(folder, "truth/stories", stories)
    write(folder, "truth/accounts", roles)


def write(folder: Path, name: str, rows: list[Row]) -> None:
    """Writes a table; columns that no row names are there by default."""
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    pq.write_table(fill(TABLES[name], len(rows), **columns), folder / TABLES[name].file)
