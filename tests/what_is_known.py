"""What an observer may know of a run, said once more: row by row in plain Python, from the contract and not from the reader.

What the contract names is written out here; the registry is asked only about tables and columns that came later.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from made_up_banks import Row

from simulator.record.schema import TABLES

TIMES = {name: table.time for name, table in TABLES.items() if table.time} | {
    "transactions": "timestamp", "truth/unseen": "timestamp", "events": "timestamp", "alerts": "timestamp", "cases": "opened_at",
    "reports": "reported_at", "applications": "date", "loans": "granted", "credit_months": "month", "bank_months": "month",
    "daily": "date", "truth/stories": "start", "truth/accounts": "first", "truth/balance_sheet": "month",
    **dict.fromkeys(["customers", "merchants", "banks", "accounts", "cards", "devices"], "valid_from"),
    **dict.fromkeys(["terminals", "holders", "identifiers"], "valid_from"),
}  # fmt: skip
WITH = {name: [tuple(link) for link in table.links] for name, table in TABLES.items() if table.links} | {
    "holders": [("account_id", "accounts", "account_id")],
    "identifiers": [("customer_id", "customers", "customer_id")],
    "devices": [("device_id", "transactions", "device_id"), ("device_id", "events", "device_id")],
    "truth/labels": [("transaction_id", "transactions", "transaction_id")],
    "truth/traits": [("customer_id", "customers", "customer_id")],
    "truth/balances": [("account_id", "accounts", "account_id")],
}
COLUMNS = [(table.name, column) for table in TABLES.values() for column in table.columns]
UNDONE = {(name, column.name): (column.known_at, column.before) for name, column in COLUMNS if column.known_at} | {
    ("alerts", "disposition"): ("decided_at", "open"),
    ("cases", "outcome"): ("decided_at", "open"),
    ("reports", "status"): ("decided_at", "open"),
    ("reports", "recovered"): ("decided_at", 0.0),
    ("reports", "liable"): ("decided_at", "none"),
    ("applications", "decision"): ("decided", "open"),
    ("applications", "reason"): ("decided", "none"),
    ("applications", "account_id"): ("decided", -1),
    **{("truth/stories", name): ("end", None) for name in ("amount_taken", "amount_recovered", "outcome", "why", "cast", "text")},
}
NAMES = {
    (name, column.name): (column.refers, TABLES[column.refers].names[0]) for name, column in COLUMNS if column.refers and "/" not in name
} | {
    ("transactions", "related_transaction_id"): ("transactions", "transaction_id"),
    ("alerts", "transaction_id"): ("transactions", "transaction_id"),
    ("reports", "transaction_id"): ("transactions", "transaction_id"),
    ("reports", "supersedes"): ("reports", "report_id"),
    ("cases", "alerts"): ("alerts", "alert_id"),
    ("cases", "transactions"): ("transactions", "transaction_id"),
}
AT_THE_END = {("truth/balances", "closing_balance"), ("truth/balances", "in_flight")}
AHEAD = {(name, column.name) for name, column in COLUMNS if column.known == "ahead"} | {("cards", "expires")}
PUBLIC = {name for name, table in TABLES.items() if table.public} | {"merchants", "banks", "terminals", "daily"}
SCHEME = PUBLIC | {"transactions", "cards"}
SCHEME_SEES = {"card_id", "channel", "authentication", "expires"}
VIEWS = {(name, column.name): column.view for name, column in COLUMNS} | {
    **dict.fromkeys([("merchants", "bank"), ("merchants", "account_id"), ("merchants", "employees")], "bank"),
    **{("transactions", name): "payer bank" for name in ("payer_account", "channel", "authentication", "payee_check", "payer_balance")},
    **{("transactions", name): "payer bank" for name in ("card_id", "device_id", "ip_id")},
    **{("transactions", name): "payee bank" for name in ("payee_account", "payee_balance")},
}
"""Who sees a column."""


@dataclass(frozen=True)
class StandIn:
    """A stand-in for an account."""

    account: int


@dataclass(frozen=True)
class Observer:
    """Who looks at the rows of a run, up to when; the first instant that is not known is `until`."""

    rows: dict[str, list[Row]]
    who: str
    until: datetime | None
    gathered: dict[tuple[str, str], set[Any]] = field(default_factory=dict)

    @property
    def bank(self) -> int | None:
        return int(self.who.removeprefix("bank=")) if self.who.startswith("bank=") else None

    def known(self, value: Any, kind: str = "then") -> bool:
        if self.until is None:
            return True
        if isinstance(value, datetime):
            return value < self.until
        day: date = value
        if kind == "month":
            day = (day.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
        over = datetime.combine(day, time(), UTC) + timedelta(2 if kind == "next day" else 1)
        return over <= self.until

    def table(self, name: str) -> list[Row]:
        """What the observer sees of a table."""
        seen = [row for row in self.rows[name] if self.sees(name, row)]
        shown = [{column: self.cell(name, row, column) for column in row} for row in seen]
        return self.merged(shown) if name == "merchants" and self.who != "all" else shown

    def sees(self, name: str, row: Row) -> bool:
        if name in TIMES and not self.known(row[TIMES[name]], "month" if TIMES[name] == "month" else "then"):
            return False
        if self.who == "scheme=card":
            if name == "transactions":
                return row["method"] in ("card", "wallet")
            return name != "cards" or row["card_id"] in self.keys("transactions", "card_id")
        if self.bank is None:
            return name in TIMES or self.until is None or self.linked(name, row)
        if name in PUBLIC:
            return True
        if name == "transactions":
            return self.bank in (row["payer_bank"], row["payee_bank"])
        return row["bank"] == self.bank if "bank" in row else self.linked(name, row)

    def linked(self, name: str, row: Row) -> bool:
        return any(row[column] in self.keys(table, of) for column, table, of in WITH[name])

    def keys(self, name: str, column: str) -> set[Any]:
        if (name, column) not in self.gathered:
            seen = [row for row in self.rows[name] if self.sees(name, row)]
            key = column == next(iter(seen[0])) if seen else False
            self.gathered[name, column] = {row[column] if key else self.cell(name, row, column) for row in seen}
        return self.gathered[name, column]

    def cell(self, name: str, row: Row, column: str) -> Any:
        value = row[column]
        if self.until is not None:
            if (name, column) in AT_THE_END:
                return None
            if (name, column) in UNDONE:
                at, before = UNDONE[name, column]
                value = value if row[at] is not None and self.known(row[at]) else before
            if isinstance(value, date) and (name, column) not in AHEAD and column != TIMES.get(name):
                value = value if self.known(value, "next day" if column == "valid_to" else "then") else None
        if (name, column) in NAMES and not (self.who == "all" and self.until is None):
            seen = self.keys(*NAMES[name, column])
            value = [item for item in value if item in seen] if isinstance(value, list) else value if value in seen else -1
        return value if self.entitled(name, row, column) else self.blank(name, row, column, value)

    def entitled(self, name: str, row: Row, column: str) -> bool:
        view = VIEWS[name, column]
        if self.who == "all" or view == "everyone":
            return True
        if self.who == "scheme=card":
            return column in SCHEME_SEES or (view == "both banks" and name not in PUBLIC)
        if name == "transactions":
            side = {"payer bank": "payer_bank", "payee bank": "payee_bank"}.get(view)
            return side is None or row[side] == self.bank
        return name not in PUBLIC or row["bank"] == self.bank

    def blank(self, name: str, row: Row, column: str, value: Any) -> Any:
        if column in ("payer_account", "payee_account"):
            return -1 if row["method"] == "cash" or value == -1 else StandIn(value)
        key = column in ("bank", "token_of") or (column.endswith("_id") and isinstance(value, int))
        return -1 if key else None

    def merged(self, rows: list[Row]) -> list[Row]:
        """Merchants of other banks: what goes on unchanged is one row."""
        kept: list[Row] = []
        for row in rows:
            same = [
                other for other in kept
                if other["bank"] != self.bank and all(other[name] == row[name] for name in row if name not in ("valid_from", "valid_to"))
                and other["valid_to"] is not None and other["valid_to"] + timedelta(1) == row["valid_from"]
            ]  # fmt: skip
            if same and row["bank"] != self.bank:
                same[0]["valid_to"] = row["valid_to"]
            else:
                kept.append(dict(row))
        return kept

    def labels(self) -> dict[int, Row]:
        """What a bank, or all together, knew of payments."""
        said: dict[int, list[tuple[bool, datetime, str, str, Row]]] = {}
        made = {row["transaction_id"]: row["timestamp"] for row in self.table("transactions") if row["status"] != "declined"}

        def say(payment: int, label: str, source: str, told: datetime, since: datetime, *claim: Any) -> None:
            if payment in made:
                names = ("transaction_id", "label", "source", "event_time", "reported_at", "available_at", "reason", "amount", "supersedes")
                row = dict(zip(names, (payment, label, source, made[payment], told, since, *claim), strict=True))
                said.setdefault(payment, []).append((label != "unknown", since, label, source, row))

        def look(payment: int, word: str, told: datetime, decided: datetime | None, reason: str) -> None:
            if word in ("true_positive", "confirmed"):
                say(payment, "fraud", "alert_confirmed", told, decided or told, reason, None, -1)
            elif word in ("false_positive", "cleared"):
                say(payment, "genuine", "alert_cleared", told, decided or told, reason, None, -1)
            else:
                say(payment, "unknown", "alert_open", told, told, reason, None, -1)

        for row in self.table("alerts"):
            look(row["transaction_id"], row["disposition"], row["timestamp"], row["decided_at"], row["rule"])
        for row in self.table("cases"):
            for payment in row["transactions"]:
                look(payment, row["outcome"], row["opened_at"], row["decided_at"], "none")
                if row["sar_filed_at"] is not None:
                    say(payment, "fraud", "sar", row["opened_at"], row["sar_filed_at"], "none", None, -1)
        reports = self.table("reports")
        corrected = {row["supersedes"] for row in reports}
        for row in reports:
            if row["report_id"] not in corrected and row["reason"] in ("unauthorised", "scam"):
                over = row["status"] in ("accepted", "rejected", "withdrawn")
                since = row["decided_at"] if over and row["decided_at"] is not None else row["reported_at"]
                label = "genuine" if row["status"] in ("rejected", "withdrawn") else "fraud"
                claim = (row["reason"], row["amount"], row["supersedes"])
                say(row["transaction_id"], label, row["kind"], row["reported_at"], since, *claim)
        return {payment: max(words, key=lambda word: word[:4])[4] for payment, words in said.items()}
