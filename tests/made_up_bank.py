"""A made-up bank: statements of customers with habits of their own, for tests of private releases."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

CONFIG = Path(__file__).parent.parent / "calibration" / "configs" / "retail_bank.yaml"
KINDS = ("card", "cash", "direct_debit", "transfer")
START = np.datetime64("2024-01-01")


def statements(customers: int, seed: int = 3, mean: float = 30) -> pa.Table:
    """Three months of statements in the columns of the shipped example."""
    draw = np.random.default_rng(seed)
    count = 5 + draw.poisson(draw.gamma(2, (mean - 5) / 2, customers))
    who = np.repeat(np.arange(customers), count)
    rows = len(who)
    taste = draw.dirichlet([4, 1, 1.5, 1.5], customers)
    kind = (draw.random(rows)[:, None] > np.cumsum(taste, axis=1)[who]).sum(axis=1).clip(max=3)
    credit = draw.random(rows) < 0.08
    level = draw.normal(3.2, 0.5, customers)
    amount = np.round(np.exp(level[who] + draw.normal(0, 0.8, rows)) * np.where(credit, 40, 1), 2)
    day = draw.integers(0, 91, rows)
    # Everybody's first row is of the first fortnight.
    day[np.append(0, np.cumsum(count)[:-1])] = draw.integers(0, 14, customers)
    type_ = np.where(credit, np.where(draw.random(rows) < 0.5, "salary", "transfer"), np.array(KINDS)[kind])
    table = pa.table(
        {
            "customer_id": np.char.add("C", (np.arange(customers) + 100000).astype(str))[who],
            "booked_at": pa.array((START + day).astype("datetime64[D]")),
            "amount": amount, "side": np.where(credit, "credit", "debit"), "type": type_,
            "merchant": np.where(type_ == "card", np.array([f"M{shop}" for shop in range(40)])[draw.integers(0, 40, rows)], ""),
            "balance": np.round(draw.normal(2000, 1500, customers)[who] + draw.normal(0, 200, rows), 2),
        }
    )  # fmt: skip
    return table.sort_by([("booked_at", "ascending")])


def write(table: pa.Table, path: Path) -> Path:
    """Writes a table by the ending of its name."""
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        csv.write_csv(table, path)
    return path


def spend_often(path: str) -> int:
    """Tries to spend a tenth fifteen times, in a process of its own; how often it could."""
    from datetime import UTC, datetime

    from calibration.private.ledger import spend
    from simulator.errors import InputError

    paid = 0
    for _ in range(15):
        try:
            spend(Path(path), "owner", 1.0, 0.1, {}, datetime(2026, 3, 1, tzinfo=UTC))
            paid += 1
        except InputError:
            pass
    return paid
