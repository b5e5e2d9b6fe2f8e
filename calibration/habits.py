"""Whether people keep habits: where they shop again, what they spend, how merchants differ, and the rhythm of purchases.

Every measure takes purchases as columns, so that it can be counted by hand on a few rows.
"""

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from calibration.facts import Floats, Ints, read_accounts
from simulator.audit.lot import For, shuffled
from simulator.record.read import Run

MONTH = 365 / 12
"""Days of a span that counts as a month."""
FEWEST = 20
"""Fewest purchases of a customer that show a rhythm."""
HOURS = 24.0


def read_purchases(run: Run) -> pd.DataFrame:
    """Approved purchases of customers, seen by a bank or not, in order of time.

    Args:
        run: an open run.

    Returns:
        `customer`, `merchant`, `amount` and `hour`, the hours since the run's first midnight UTC.
    """
    accounts = read_accounts(run)
    people = accounts[accounts["owner_kind"] == "customer"].sort_values("account_id")
    bought = (pc.field("purpose") == "purchase") & (pc.field("status") == "approved") & (pc.field("merchant_id") >= 0)
    bought &= pc.field("message").isin(["payment", "capture"])  # what is held is not yet bought
    columns = ["timestamp", "payer_account", "merchant_id", "amount"]
    frame = pd.concat([run.table(name, columns, where=bought).to_pandas() for name in ("transactions", "truth/unseen")], ignore_index=True)
    known, owner = people["account_id"].to_numpy(), people["owner_id"].to_numpy()
    payer = frame["payer_account"].to_numpy()
    place = np.minimum(np.searchsorted(known, payer), len(known) - 1)
    start = pd.Timestamp(run.scenario.period.start, tz="UTC")
    found = pd.DataFrame({
        "customer": owner[place], "merchant": frame["merchant_id"].to_numpy(), "amount": frame["amount"].to_numpy(),
        "hour": (frame["timestamp"] - start).dt.total_seconds().to_numpy() / 3600,
    })  # fmt: skip
    ours: pd.DataFrame = found[known[place] == payer].sort_values("hour", kind="stable", ignore_index=True)
    return ours


def revisit_share(purchases: pd.DataFrame, since: float = 0.0) -> float:
    """Share of purchases at a merchant where the customer has bought before.

    A visit before the run is not known of: the first purchase of a pair counts as new.

    Args:
        purchases: in order of time.
        since: hour from which purchases are counted; earlier ones are remembered.
    """
    again = purchases.duplicated(["customer", "merchant"])
    return float(again[purchases["hour"] >= since].mean())


def spend_variances(purchases: pd.DataFrame, days: int) -> tuple[float, float]:
    """Variance of monthly spend between customers and within a customer.

    Args:
        purchases: in any order.
        days: days of the run; whole spans of a twelfth of a year are counted.

    Returns:
        The variance of customers' means, free of what the months' own variance adds to it, and the mean over customers of
        the variance of their months.
    """
    months = int(days / MONTH)
    month = (purchases["hour"] // (HOURS * MONTH)).astype(int)
    kept = purchases[month < months]
    spent = kept.groupby(["customer", month[month < months]])["amount"].sum().unstack(fill_value=0)
    table = spent.reindex(columns=range(months), fill_value=0.0).to_numpy()
    within = float(table.var(axis=1, ddof=1).mean())
    return float(table.mean(axis=1).var(ddof=1)) - within / months, within


def merchant_sales(purchases: pd.DataFrame) -> Floats:
    """Value sold by merchant, largest first."""
    sales: Floats = purchases.groupby("merchant")["amount"].sum().sort_values(ascending=False).to_numpy(dtype=np.float64)
    return sales


def top_share(sales: Floats, share: float = 0.1) -> float:
    """Share of all sales that the largest merchants make.

    Args:
        sales: largest first.
        share: share of merchants that are the largest.
    """
    return float(sales[: max(1, round(share * len(sales)))].sum() / sales.sum())


def tail_index(sales: Floats, share: float = 0.1) -> float:
    """Hill's estimate of the exponent of the tail of sizes: below 2 the variance has no bound.

    Args:
        sales: largest first.
        share: share of merchants that are the tail.
    """
    size = max(1, min(round(share * len(sales)), len(sales) - 1))
    return float(1 / np.mean(np.log(sales[:size] / sales[size])))


def gap_variation(customer: Ints, hour: Floats, fewest: int = FEWEST) -> float:
    """Median over customers of the spread of times between purchases over their mean: 0 is a clock, 1 is Poisson.

    Args:
        customer: who bought.
        hour: when.
        fewest: purchases below which a customer shows no rhythm.
    """
    frame = pd.DataFrame({"customer": customer, "hour": hour}).sort_values(["customer", "hour"])
    gaps = frame.groupby("customer")["hour"].diff()
    by_customer = gaps.groupby(frame["customer"]).agg(["count", "mean", "std"])
    shown = by_customer[by_customer["count"] + 1 >= fewest]
    return float((shown["std"] / shown["mean"]).median())


def dealt(purchases: pd.DataFrame, seed: int = 0) -> Floats:
    """Hours of the same purchases dealt to customers at random: Poisson in the town's own rhythm of hours and days.

    Args:
        purchases: whose hours are dealt.
        seed: of the shuffle.
    """
    return shuffled(purchases["hour"].to_numpy(dtype=np.float64), For.DEALT, seed)


def measure_habits(run: Run) -> dict[str, float]:
    """All measures of a run.

    Args:
        run: an open run of three months or more.
    """
    purchases = read_purchases(run)
    days = run.scenario.period.days
    between, within = spend_variances(purchases, days)
    sales = merchant_sales(purchases)
    customer = purchases["customer"].to_numpy()
    return {
        "purchases": float(len(purchases)),
        "revisits": revisit_share(purchases),
        "revisits_last_month": revisit_share(purchases, HOURS * (days - 30)),
        "between": between,
        "within": within,
        "between_over_within": between / within,
        "merchants": float(len(sales)),
        "top_tenth": top_share(sales),
        "tail_index": tail_index(sales),
        "gap_variation": gap_variation(customer, purchases["hour"].to_numpy()),
        "gap_variation_dealt": gap_variation(customer, dealt(purchases)),
    }
