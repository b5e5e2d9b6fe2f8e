"""The postings of a run: each movement of money is one on the payer's account and one on the payee's, where customers hold them."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from calibration.facts import DAY_US, read_accounts
from calibration.private.config import RUN_WORDS, Reading
from calibration.private.postings import Flags, Ints, Postings, kinds_of, thousandths
from simulator.clock import EPOCH
from simulator.record.read import Run

_COLUMNS = ["transaction_id", "timestamp", "settled_at", "payer_account", "payee_account", "amount", "credited_amount", "merchant_id",
            "payer_balance", "payee_balance", "status", *RUN_WORDS]  # fmt: skip
_HOLDS = ["authorisation", "reversal"]
"""Messages that move no book money."""


class RunPostings:
    """Streams the postings of a run.

    A debit is booked at the payment's time, a credit at its value date, both in local time; unseen payments are none, for
    no bank books them.

    Attributes:
        first: first day of the run.
        last: its last day.
    """

    def __init__(self, run: Run, reading: Reading, amounts: tuple[float, float], fraud: bool = False) -> None:
        """Reads who holds which account.

        Args:
            run: a finished run.
            reading: what its payments are as postings.
            amounts: bounds that amounts are brought to.
            fraud: whether to say which are fraud, by the labels of the truth.
        """
        self.run, self.reading, self.amounts = run, reading, amounts
        self.first = (run.scenario.period.start - EPOCH).days
        self.last = self.first + run.scenario.period.days - 1
        self.offset = int(run.scenario.country.utc_offset.total_seconds()) * 1_000_000
        accounts = read_accounts(run)
        own = accounts[(accounts["owner_kind"] == "customer") & accounts["kind"].isin(reading.accounts)].sort_values("account_id")
        self.account = np.append(own["account_id"].to_numpy(np.int64), np.iinfo(np.int64).max)
        ids = own["account_id" if reading.unit == "account" else "owner_id"].to_numpy(np.int64)
        unique, row = np.unique(ids, return_inverse=True)
        self.row = np.append(row.astype(np.int64), -1)
        self._customers = len(unique)
        versions = run.table("accounts", ["account_id", "valid_from"]).to_pandas().groupby("account_id")["valid_from"].min()
        opened = (pd.to_datetime(own["account_id"].map(versions)) - pd.Timestamp(EPOCH)).dt.days.to_numpy(np.int64)
        self.opened = np.full(len(unique), self.last)
        np.minimum.at(self.opened, row, opened)
        labels = run.true_labels(["transaction_id", "is_fraud"]) if fraud else None
        self.fraud = np.empty(0, np.int64) if labels is None else labels.filter(labels["is_fraud"])["transaction_id"].to_numpy()

    @property
    def customers(self) -> int:
        """Customers or accounts, those that never move included."""
        return self._customers

    def batches(self) -> Iterator[Postings]:
        """Postings in row order, in bounded memory."""
        for batch in self.run.batches("transactions", _COLUMNS):
            moved = pc.and_(pc.equal(batch["status"], "approved"), pc.invert(pc.is_in(_text(batch, "message"), pa.array(_HOLDS))))
            batch = batch.filter(moved)
            if batch.num_rows:
                yield self._postings(batch)

    def _postings(self, batch: pa.RecordBatch) -> Postings:
        fraud = np.isin(batch["transaction_id"].to_numpy(), self.fraud)
        sides = [self._side(batch, fraud, out) for out in (True, False)]
        # Statement order: each row's debit, then its credit.
        order = np.argsort(np.concatenate([place for place, _ in sides]), kind="stable")
        return Postings(*(np.concatenate(pair)[order] for pair in zip(*(side for _, side in sides), strict=True)))

    def _side(self, batch: pa.RecordBatch, fraud: Flags, out: bool) -> tuple[Ints, Postings]:
        account = batch["payer_account" if out else "payee_account"].to_numpy()
        row = np.searchsorted(self.account, account)
        place = np.flatnonzero((self.account[row] == account) & (self.row[row] >= 0))
        batch = batch.take(pa.array(place))
        customer = self.row[row[place]]
        amount = batch["amount" if out else "credited_amount"].to_numpy()
        local = batch["timestamp" if out else "settled_at"].cast(pa.int64()).to_numpy() + self.offset

        def match(column: str, values: list[str] | None) -> Flags:
            if column == "direction":
                return np.full(len(place), ("out" if out else "in") in (values or []))
            found: Flags = pc.is_in(_text(batch, column), pa.array(values or [], pa.string())).to_numpy(zero_copy_only=False)
            return found

        return place, Postings(
            customer=customer, day=local // DAY_US, opened=self.opened[customer], hour=local % DAY_US // (DAY_US // 24),
            amount=thousandths(np.clip(amount, *self.amounts)), out=np.full(len(place), out),
            kind=kinds_of(self.reading.kinds, len(place), match), merchant=batch["merchant_id"].to_numpy().astype(np.int64),
            balance=thousandths(batch["payer_balance" if out else "payee_balance"].to_numpy()), fraud=fraud[place],
        )  # fmt: skip


def _text(batch: pa.RecordBatch, column: str) -> pa.Array:
    return batch[column].cast(pa.string())
