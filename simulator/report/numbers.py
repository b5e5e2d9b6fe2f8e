"""The numbers of a report, from one pass over the payments of a run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulator.record.read import Run
from simulator.report.tally import Tally

COLUMNS = ["timestamp", "message", "amount", "currency", "method", "purpose", "merchant_id", "status", "decline_reason"]
HOLDS = ["authorisation", "reversal"]
"""Messages that move no book money."""
AMOUNT_EDGES = 10.0 ** np.arange(-2.0, 7.01, 0.1)
"""Edges of the amounts' histogram, ten to a decade of the currency unit."""
DAY_SECONDS = 86400
type Counts = np.ndarray[tuple[int], np.dtype[np.int64]]
type Values = np.ndarray[tuple[int], np.dtype[np.float64]]

EPOCH_WEEKDAY = 3
"""The first of January 1970 was a Thursday; Monday is 0."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the report shows of a run; approved payments in the run's main currency unless said otherwise.

    Attributes:
        currency: The main currency.
        others: Payments in other currencies, left out.
        customers: Customers in the run.
        seen: Payments that some bank saw, approved or not.
        unseen: Payments that no bank saw.
        declined: Payments that were declined.
        value: Value approved and seen.
        unseen_value: Value that no bank saw.
        days: By local day: `day`, `weekday` (Monday is 0), `payments`, `value`; whole days only.
        hours: By local `hour`: `payments`, `value`, and `purchases` among the payments.
        methods: By `method` and `seen`: `payments`, `value`.
        purposes: By `purpose`: `payments`, `value`; unseen ones included.
        categories: By `category`, purchases at merchants: `payments`, `value`; unseen ones included.
        reasons: By `decline_reason`: `payments`, `value` asked for.
        merchants: Value of purchases by merchant, largest first.
        amounts: By purpose group (`purchases`, `income`, `other`): counts between `AMOUNT_EDGES`.
    """

    currency: str
    others: int
    customers: int
    seen: int
    unseen: int
    declined: int
    value: float
    unseen_value: float
    days: pd.DataFrame
    hours: pd.DataFrame
    methods: pd.DataFrame
    purposes: pd.DataFrame
    categories: pd.DataFrame
    reasons: pd.DataFrame
    merchants: Values
    amounts: dict[str, Counts]


def read_numbers(run: Run) -> Numbers:
    """Reads the numbers of a run, streaming: memory does not grow with the number of payments.

    Args:
        run: An open run.

    Returns:
        The numbers.
    """
    country = run.scenario.country
    offset = int(country.utc_offset.total_seconds())
    times, kinds = Tally("day", "hour", "purchase"), Tally("method", "purpose", "seen")
    shops, reasons = Tally("merchant_id"), Tally("decline_reason")
    amounts = {group: np.zeros(len(AMOUNT_EDGES) - 1, np.int64) for group in ("purchases", "income", "other")}
    others = 0
    for rows, seen in _rows(run, offset):
        local = rows.filter(pc.equal(rows["currency"], country.currency))
        others += len(rows) - len(local)
        moved = pc.invert(pc.is_in(local["message"].cast(pa.string()), pa.array(HOLDS)))
        approved = local.filter(pc.and_(pc.equal(local["status"], "approved"), moved))
        reasons.add(local.filter(pc.equal(local["status"], "declined")))
        kinds.add(approved.append_column("seen", pa.repeat(seen, len(approved))))
        shops.add(approved.filter(pc.and_(pc.equal(approved["purpose"], "purchase"), pc.greater_equal(approved["merchant_id"], 0))))
        _add_amounts(amounts, approved)
        if seen:
            times.add(approved.append_column("purchase", pc.equal(approved["purpose"], "purchase")))
    by_time, by_kind, by_reason, by_shop = times.frame(), kinds.frame(), reasons.frame(), shops.frame()
    known = by_kind["seen"].astype(bool)
    return Numbers(
        currency=country.currency,
        others=others,
        customers=int(run.manifest["rows"]["customers"]),
        seen=int(run.manifest["rows"]["transactions"]),
        unseen=int(run.manifest["rows"]["truth/unseen"]),
        declined=int(by_reason["payments"].sum()),
        value=float(by_kind["value"][known].sum()),
        unseen_value=float(by_kind["value"][~known].sum()),
        days=_days(by_time, offset),
        hours=_hours(by_time),
        methods=_by(by_kind, "method", "seen"),
        purposes=_by(by_kind, "purpose"),
        categories=_by(by_shop.merge(_categories(run), on="merchant_id", how="left"), "category"),
        reasons=by_reason,
        merchants=np.sort(by_shop["value"].to_numpy(dtype=np.float64))[::-1],
        amounts=amounts,
    )


def _rows(run: Run, offset: int) -> Iterator[tuple[pa.Table, bool]]:
    """The payments of both tables with their local `day` and `hour`, and whether a bank saw them."""
    for name, seen in (("transactions", True), ("truth/unseen", False)):
        for batch in run.batches(name, COLUMNS):
            seconds = batch["timestamp"].cast(pa.int64()).to_numpy() // 1_000_000 + offset
            table = pa.Table.from_batches([batch]).drop_columns(["timestamp"])
            table = table.append_column("day", pa.array(seconds // DAY_SECONDS))
            yield table.append_column("hour", pa.array(seconds % DAY_SECONDS // 3600)), seen


def _add_amounts(amounts: dict[str, Counts], approved: pa.Table) -> None:
    groups = {"purchases": ["purchase"], "income": ["salary", "pension", "benefit", "takings", "grant", "dividend"]}
    purpose = approved["purpose"].cast(pa.string())
    rest = pa.array(np.ones(len(approved), bool))
    for group, purposes in groups.items():
        chosen = pc.is_in(purpose, pa.array(purposes))
        amounts[group] += np.histogram(approved["amount"].filter(chosen).to_numpy(), AMOUNT_EDGES)[0]
        rest = pc.and_not(rest, chosen)
    amounts["other"] += np.histogram(approved["amount"].filter(rest).to_numpy(), AMOUNT_EDGES)[0]


def _by(frame: pd.DataFrame, *keys: str) -> pd.DataFrame:
    return frame.groupby(list(keys), as_index=False, observed=True)[["payments", "value"]].sum()


def _hours(frame: pd.DataFrame) -> pd.DataFrame:
    hours = _by(frame, "hour").set_index("hour")
    hours["purchases"] = frame[frame["purchase"].astype(bool)].groupby("hour")["payments"].sum()
    return hours.fillna(0).reindex(range(24), fill_value=0).reset_index()


def _days(frame: pd.DataFrame, offset: int) -> pd.DataFrame:
    """Sums by local day; where local time is not UTC the first and the last are parts of days and are dropped."""
    days = _by(frame, "day")
    if offset and len(days) > 2:
        days = days.iloc[1:-1]
    numbers = days["day"].astype("int64")
    return days.assign(weekday=(numbers + EPOCH_WEEKDAY) % 7, day=[date(1970, 1, 1) + timedelta(days=int(number)) for number in numbers])


def _categories(run: Run) -> pd.DataFrame:
    names: pd.DataFrame = run.table("merchants", ["merchant_id", "category"]).to_pandas()
    return names.astype({"category": str})
