"""A made-up run of three banks in which next to no value occurs twice, so that a leak shows where it came from.

Every table has rows of every bank, versions that begin and end, and things decided late. Columns are filled by type unless a row
says otherwise, so that a column that the registry gains is in the test by itself.
"""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from made_up_run import write_manifest, write_parts

from simulator.codes import words
from simulator.record.schema import TABLES, Column, arrow_schema

BANKS = 3
START = datetime(2024, 1, 20, tzinfo=UTC)
DAYS = 80
METHODS = ("card", "card", "wallet", "instant_transfer", "cash", "direct_debit")
REASONS = ("unauthorised", "scam", "not_received", "duplicate")

type Row = dict[str, Any]


class Town:
    """Rows of every table, by name."""

    def __init__(self, seed: int, payments: int = 160) -> None:
        self.draw = np.random.default_rng(seed)
        self.last = 1000
        self.rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        self.entities()
        self.payments(payments)
        self.books()
        self.defence()
        self.truth()

    # --- values ---

    def fresh(self) -> int:
        self.last += 1
        return self.last

    def pick(self, *choices: Any) -> Any:
        return choices[int(self.draw.integers(len(choices)))]

    def time(self, after: datetime = START, days: int = DAYS) -> datetime:
        return after + timedelta(microseconds=int(self.draw.integers(0, days * 86_400_000_000)))

    def day(self) -> date:
        return self.time().date()

    def later(self, when: datetime) -> datetime | None:
        return self.pick(None, self.time(when, 30))

    def value(self, column: Column, tag: Any) -> Any:
        """A value of the column's type that no other cell has, as far as the type has room."""
        kind = column.type
        if pa.types.is_dictionary(kind):
            return self.pick(*words(column.codes)) if column.codes else f"{column.name} {tag} {self.draw.integers(3)}"
        if pa.types.is_string(kind):
            return f"text {self.fresh()}"
        if pa.types.is_boolean(kind):
            return bool(self.draw.integers(2))
        if pa.types.is_timestamp(kind):
            return self.time()
        if pa.types.is_date(kind):
            return self.day()
        if pa.types.is_nested(kind):
            return []
        return self.fresh() % 30_000 if kind == pa.int16() else self.fresh() + (0.25 if pa.types.is_floating(kind) else 0)

    def add(self, name: str, /, **given: Any) -> Row:
        tag = given.get("bank", given.get("payer_bank", "all"))
        row = {column.name: given[column.name] if column.name in given else self.value(column, tag) for column in TABLES[name].columns}
        assert set(given) <= set(row), name
        self.rows[name].append(row)
        return row

    def versions(self, name: str, /, **given: Any) -> list[Row]:
        """One, two or three rows of one thing, one after another; the last may have ended."""
        first = START.date() + timedelta(int(self.draw.integers(-200, 60)))
        rows = []
        for left in range(int(self.draw.integers(3)), -1, -1):
            last = first + timedelta(int(self.draw.integers(1, 40)))
            rows.append(self.add(name, valid_from=first, valid_to=last if left else self.pick(None, last), **given))
            first = last + timedelta(int(self.pick(1, 1, 9)))
        return rows

    # --- tables ---

    def entities(self) -> None:
        for bank in range(BANKS):
            self.add("banks", bank=bank, valid_from=date(2000, 1, 1), valid_to=None)
        for number in range(9):
            customer = {"customer_id": self.fresh(), "bank": number % BANKS}
            self.versions("customers", **customer)
            for home in {number % BANKS, int(self.draw.integers(BANKS))}:
                account = self.versions("accounts", account_id=self.fresh(), bank=home, owner_id=customer["customer_id"])[0]
                self.versions("holders", account_id=account["account_id"], customer_id=customer["customer_id"])
                self.versions("cards", card_id=self.fresh(), bank=home, account_id=account["account_id"], expires=date(2029, 1, 1))
            self.versions("identifiers", customer_id=customer["customer_id"])
            self.versions("identifiers", customer_id=customer["customer_id"], token=7)
            self.versions("devices", device_id=self.fresh())
        joint, *_, other = self.rows["accounts"]
        self.versions("holders", account_id=joint["account_id"], customer_id=other["owner_id"])
        for kind in ("outside", "purse", "purse"):
            self.versions("accounts", account_id=self.fresh(), bank=-1, owner_id=-1, kind="boundary" if kind == "outside" else kind)
        for number in range(5):
            same = {"name": f"shop {number}", "kind": "merchant", "mcc": 5411, "category": "food", "online": False, "region": "r"}
            same |= {"country": "US", "opened": date(2019, 5, 1), "opens": 8, "closes": 20, "merchant_id": self.fresh()}
            first = START.date() + timedelta(int(self.draw.integers(-200, 10)))
            for _ in range(3):
                last = first + timedelta(int(self.draw.integers(3, 40)))
                self.add("merchants", **same, bank=int(self.draw.integers(BANKS)), valid_from=first, valid_to=last)
                first = last + timedelta(int(self.pick(1, 1, 30)))
            self.rows["merchants"][-1]["valid_to"] = self.pick(None, last)
            self.versions("terminals", merchant_id=same["merchant_id"], bank=int(self.draw.integers(BANKS)))

    def payments(self, count: int) -> None:
        accounts = list({row["account_id"]: row for row in self.rows["accounts"]}.values())
        purses = [row for row in accounts if row["kind"] == "purse"]
        held = [row for row in accounts if row["kind"] != "purse"]
        times = sorted(self.time() for _ in range(count))
        for number, time in enumerate(times):
            method = self.pick(*METHODS)
            payer, payee = self.pick(*held), self.pick(*(purses if method == "cash" else held))
            if method == "cash" and self.draw.random() < 0.5:
                payer, payee = payee, payer
            own = [row for row in self.rows["cards"] if row["account_id"] == payer["account_id"]]
            answers = int(self.draw.integers(number)) if number and self.draw.random() < 0.5 else -1
            self.add(
                "transactions", transaction_id=number, timestamp=time, settled_at=time + timedelta(hours=int(self.pick(0, 0, 30, 200))),
                related_transaction_id=answers, payer_account=payer["account_id"], payee_account=payee["account_id"],
                payer_bank=payer["bank"], payee_bank=payee["bank"], method=method,
                card_id=own[0]["card_id"] if own and method == "card" else -1,
                device_id=self.pick(-1, *(row["device_id"] for row in self.rows["devices"])),
                merchant_id=self.pick(-1, *(row["merchant_id"] for row in self.rows["merchants"])),
            )  # fmt: skip
        unknown = self.rows["transactions"][0]
        unknown["payer_account"] = -1
        for number in range(8):
            self.add("truth/unseen", transaction_id=number, timestamp=times[number * 7], settled_at=times[number * 7])

    def books(self) -> None:
        for day in range(DAYS):
            self.add("daily", date=START.date() + timedelta(day))
        for month in (date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1)):
            self.add("truth/balance_sheet", month=month)
            for bank in range(BANKS):
                self.add("bank_months", month=month, bank=bank)
                self.add("credit_months", month=month, bank=bank)
        for number in range(12):
            asked = self.day()
            decided = self.pick(None, asked + timedelta(int(self.draw.integers(40))))
            self.add("applications", bank=number % BANKS, date=asked, decided=decided, decision="granted" if decided else "open",
                     reason=f"reason {number % BANKS}" if decided else "none",
                     account_id=self.fresh() if decided else -1, score=number if decided else 0, granted=float(bool(decided)),
                     debt_to_income=0.3 if decided else 0.0, rate=0.1 if decided else 0.0)  # fmt: skip
            self.add("loans", bank=number % BANKS)

    def defence(self) -> None:
        for _ in range(40):
            device = self.pick(-1, *(row["device_id"] for row in self.rows["devices"]))
            self.add("events", bank=int(self.draw.integers(BANKS)), device_id=device)
        for bank in range(BANKS):
            mine = [row for row in self.rows["transactions"] if bank in (row["payer_bank"], row["payee_bank"])]
            for _ in range(15):
                payment = self.pick(*mine)
                raised = self.time(payment["timestamp"], 3)
                decided = self.later(raised)
                self.add("alerts", bank=bank, transaction_id=self.pick(-1, *[payment["transaction_id"]] * 3), timestamp=raised,
                         disposition=self.pick("true_positive", "false_positive") if decided else "open", decided_at=decided)  # fmt: skip
            for _ in range(6):
                alerts = [row for row in self.rows["alerts"] if row["bank"] == bank]
                opened = self.time()
                decided = self.later(opened)
                self.add("cases", bank=bank, opened_at=opened, alerts=[self.pick(*alerts)["alert_id"] for _ in range(3)],
                         transactions=[self.pick(*mine)["transaction_id"] for _ in range(4)], decided_at=decided,
                         outcome=self.pick("confirmed", "cleared") if decided else "open", sar_filed_at=self.later(opened))  # fmt: skip
            for _ in range(15):
                payment = self.pick(*mine)
                told = self.time(payment["timestamp"], 20)
                decided = self.later(told)
                before = [row["report_id"] for row in self.rows["reports"] if row["bank"] == bank]
                self.add("reports", bank=bank, transaction_id=payment["transaction_id"], reported_at=told, decided_at=decided,
                         kind=self.pick("victim", "chargeback", "bank"), reason=self.pick(*REASONS),
                         status=self.pick("accepted", "rejected", "withdrawn") if decided else "open",
                         recovered=self.fresh() + 0.25 if decided else 0.0, liable=f"liable {bank}" if decided else "none",
                         supersedes=self.pick(-1, -1, *before))  # fmt: skip

    def truth(self) -> None:
        for number in range(10):
            begins = self.time()
            story = self.add("truth/stories", start=begins, end=self.time(begins, 30), cast=[{"role": "mule", "account": self.fresh()}])
            self.add("truth/accounts", first=begins, last=story["end"])
            self.add("truth/labels", transaction_id=number * 11, lookalike_of=None)
        for row in {row["customer_id"]: row for row in self.rows["customers"]}.values():
            self.add("truth/traits", customer_id=row["customer_id"])
        for row in {row["account_id"]: row for row in self.rows["accounts"]}.values():
            self.add("truth/balances", account_id=row["account_id"])

    def write(self, folder: Path) -> Path:
        for name, rows in self.rows.items():
            table = pa.Table.from_pylist(rows, schema=arrow_schema(name))
            place = folder / TABLES[name].file
            place.parent.mkdir(parents=True, exist_ok=True)
            if TABLES[name].partitioned:
                write_parts(place, table)
            else:
                pq.write_table(table, place)
        (folder / "scenario.yaml").write_text("", encoding="utf-8")
        write_manifest(folder, days=DAYS)
        return folder


def read_rows(table: pa.Table) -> list[Row]:
    """Rows as plain values."""
    return table.to_pylist()


def as_json(rows: list[Row]) -> str:
    """Rows as text, to look for a value in."""
    return json.dumps(rows, default=str)
