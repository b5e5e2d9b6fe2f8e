"""A made-up world with stories that no column tells from the rest, for tests of what looks for leaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from made_up_run import fill
from numpy.typing import NDArray

from simulator.audit.leaks import Sheet
from simulator.record.schema import TABLES

START = 1_735_689_600_000_000
"""1 January 2025 UTC, in microseconds."""
DAYS = 40
PAYERS = 1500
PAYEES = 600
HOURS = np.array([1, 1, 1, 1, 1, 2, 3, 5, 7, 8, 9, 10, 12, 10, 9, 9, 10, 12, 13, 10, 7, 5, 3, 2]) / 151


@dataclass
class World:
    """Columns and truth, free to be spoilt."""

    columns: dict[str, NDArray[Any]]
    guilty: NDArray[np.bool_]
    lookalike: NDArray[np.bool_]
    story: NDArray[np.int64]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def sheet(self) -> Sheet:
        return Sheet.of(self.columns, self.guilty, self.lookalike, self.story, self.tables)

    def keep(self, rows: NDArray[Any]) -> None:
        """Only these rows, in this order."""
        self.columns = {name: column[rows] for name, column in self.columns.items()}
        self.guilty, self.lookalike, self.story = self.guilty[rows], self.lookalike[rows], self.story[rows]


def world(rows: int = 24_000, stories: int = 200, seed: int = 3) -> World:
    """Payments of people with habits, some rows of some of whom are stories, by lot; as many are look-alikes."""
    draw = np.random.default_rng(seed)
    second = draw.integers(0, DAYS, rows) * 86400 + draw.choice(24, rows, p=HOURS) * 3600 + draw.integers(0, 3600, rows)
    time = START + np.sort(second) * 1_000_000 + draw.integers(0, 1_000_000, rows)
    payer = draw.integers(0, PAYERS, rows)
    habit = draw.integers(0, PAYEES, (PAYERS, 3))
    payee = np.where(draw.random(rows) < 0.85, habit[payer, draw.integers(0, 3, rows)], draw.integers(0, PAYEES, rows))
    shop = payee < 150
    amount = np.round(draw.lognormal(3.3, 1.0, rows) + 1, 2)
    columns = {
        "transaction_id": np.arange(rows), "timestamp": time, "payer_account": payer + 10_000, "payee_account": payee + 50_000,
        "payer_bank": payer % 2, "payee_bank": payee % 2, "amount": amount,
        "currency": np.full(rows, "USD"), "credited_currency": np.where(draw.random(rows) < 0.03, "EUR", "USD"),
        "method": np.where(shop, "card", draw.choice(["instant_transfer", "wire"], rows, p=[0.8, 0.2])),
        "channel": np.where(shop, draw.choice(["point_of_sale", "online"], rows), "mobile"),
        "purpose": np.where(shop, "purchase", draw.choice(["transfer", "rent", "bill"], rows)),
        "entry_mode": np.where(shop, draw.choice(["chip", "contactless"], rows), "none"),
        "mcc": np.where(shop, np.array([5411, 5812, 5541])[payee % 3], 0), "merchant_id": np.where(shop, payee, -1),
        "country": np.where(draw.random(rows) < 0.05, "DE", "US"),
        "device_id": np.where(draw.random(rows) < 0.1, -1, payer * 2 + draw.integers(0, 2, rows) + 900_000),
        "ip_id": draw.integers(0, 2000, rows), "status": np.where(draw.random(rows) < 0.03, "declined", "approved"),
        "payer_balance": np.round(draw.lognormal(7, 1, rows), 2),
    }  # fmt: skip
    guilty, lookalike, story = _stories(draw, payer, stories)
    made = World(columns, guilty, lookalike, story)
    made.tables = _tables(draw, time)
    return made


def _stories(draw: np.random.Generator, payer: NDArray[np.int64], stories: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Three rows each of some payers, by lot: the first half guilty, the other look-alikes."""
    guilty, lookalike, story = np.zeros(len(payer), bool), np.zeros(len(payer), bool), np.full(len(payer), -1)
    for number, who in enumerate(draw.permutation(PAYERS)[: 2 * stories]):
        mine = np.flatnonzero(payer == who)
        picked = draw.choice(mine, min(3, len(mine)), replace=False)
        (guilty if number < stories else lookalike)[picked] = True
        story[picked] = number
    return guilty, lookalike, story


def _tables(draw: np.random.Generator, time: NDArray[np.int64]) -> dict[str, pd.DataFrame]:
    first = pd.Timestamp("2024-06-01")
    people, accounts = np.arange(PAYERS), np.arange(PAYERS) + 10_000
    events = 6000
    return {
        "accounts": pd.DataFrame(
            {
                "account_id": np.concatenate([accounts, np.arange(PAYEES) + 50_000]),
                "owner_kind": pd.Categorical(["customer"] * PAYERS + ["merchant"] * PAYEES),
                "owner_id": np.concatenate([people, np.arange(PAYEES)]), "kind": pd.Categorical(["current"] * (PAYERS + PAYEES)),
                "opened": [first] * (PAYERS + PAYEES), "valid_from": [first] * (PAYERS + PAYEES),
            }
        ),
        "customers": pd.DataFrame(
            {
                "customer_id": people, "valid_from": first, "declared_income": draw.lognormal(10, 0.5, PAYERS),
                "occupation": pd.Categorical(draw.choice(["teacher", "nurse", "student", "clerk"], PAYERS)),
            }
        ),
        "identifiers": pd.DataFrame({"customer_id": people, "kind": "phone", "token": np.minimum(people, PAYERS - 1 - people % 20)}),
        "events": pd.DataFrame(
            {
                "timestamp": pd.to_datetime(draw.choice(time, events) + draw.integers(0, 10**9, events), unit="us", utc=True),
                "kind": pd.Categorical(draw.choice(["login", "payee_added", "new_device"], events, p=[0.8, 0.1, 0.1])),
                "customer_id": draw.integers(0, PAYERS, events), "account_id": -1,
            }
        ),
        "reports": pd.DataFrame({"report_id": [0], "transaction_id": [5], "reported_at": [pd.Timestamp("2026-01-01", tz="UTC")]}),
        "truth/labels": pd.DataFrame({"transaction_id": [5]}),
    }  # fmt: skip


def failed(of: World) -> Mapping[str, Any]:
    """The checks that a world fails, with their figures."""
    from simulator.audit.leaks import find_leaks

    return {one["check"]: one["figure"] for one in find_leaks(of.sheet()) if not one["passed"]}


def tell(folder: Path, stories: int = 120, seed: int = 9) -> None:
    """Give a finished run a truth: rows of some accounts, by lot, are guilty stories, and as many look-alikes."""
    draw = np.random.default_rng(seed)
    rows = pq.read_table(folder / "transactions", columns=["transaction_id", "timestamp", "payer_account", "payee_account"]).to_pandas()
    rows = rows[rows["payer_account"] >= 0].sort_values("transaction_id")
    many = rows["payer_account"].value_counts()
    who = draw.permutation(np.sort(many[(many >= 4) & (many <= 60)].index.to_numpy()))[: 2 * stories]
    parts = []
    for number, account in enumerate(who):
        mine = rows[rows["payer_account"] == account]
        parts.append(mine.iloc[np.sort(draw.choice(len(mine), 3, replace=False))].assign(story_id=number))
    made = pd.concat(parts)
    guilty = (made["story_id"] < stories).to_numpy()
    shape = [None if bad else "mule" for bad in guilty]
    write = folder / "truth"
    labels = fill(
        TABLES["truth/labels"], len(made), transaction_id=made["transaction_id"].to_numpy(), story_id=made["story_id"].to_numpy(),
        typology=["mule"] * len(made), is_fraud=guilty, lookalike_of=shape,
    )  # fmt: skip
    pq.write_table(labels, write / "labels.parquet")
    of = made.groupby("story_id").agg(account=("payer_account", "first"), start=("timestamp", "min"), end=("timestamp", "max"))
    first, last = (pa.array(of[name].dt.tz_localize(None), pa.timestamp("us", tz="UTC")) for name in ("start", "end"))
    innocent = [None if number < stories else "mule" for number in of.index]
    number = of.index.to_numpy()
    told = fill(
        TABLES["truth/stories"], len(of), story_id=number, typology=["mule"] * len(of), lookalike_of=innocent, start=first, end=last
    )
    pq.write_table(told, write / "stories.parquet")
    roles = fill(TABLES["truth/accounts"], len(of), account_id=of["account"].to_numpy(), story_id=number, first=first, last=last)
    pq.write_table(roles, write / "accounts.parquet")
