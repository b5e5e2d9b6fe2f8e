"""The payments of a run folder as an auditor reads them: seen and unseen in one order of time, in bounded memory."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulator.record.read import Run
from simulator.scenario.iso import minor_units

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOVES, HOLDS, CAPTURES, REVERSES, NOTHING = range(5)
"""What a row does: moves money, places a hold, ends one and moves money, ends one, or does nothing."""

_MONEY = ("opening_balance", "closing_balance", "in_flight")
_COLUMNS = [
    "transaction_id", "timestamp", "settled_at", "payer_account", "payee_account", "amount", "currency", "credited_amount",
    "credited_currency", "message", "status", "related_transaction_id", "payer_balance", "payee_balance",
]  # fmt: skip


class Accounts(NamedTuple):
    """What `truth/balances` says, by place in it; money in minor units."""

    ids: pd.Index
    currency: Ints
    """Place of the currency among `codes`."""
    opening: Ints
    closing: Ints
    in_flight: Ints
    dealer: Ints
    """Place of each currency's dealer, -1 for none."""
    codes: list[str]
    """ISO 4217 codes."""
    units: Ints
    """Minor units in a unit, by currency."""


class Payments(NamedTuple):
    """Rows in order of time."""

    number: Ints
    """Transaction id; -1 - place among the unseen for what no bank saw."""
    time: Ints
    settled: Ints
    payer: Ints
    """Place of the account, -1 where it is not listed."""
    payee: Ints
    amount: Ints
    """Minor units of its currency."""
    credited: Ints
    currency: Ints
    """Place among the codes of the accounts, -1 where it is none of them."""
    credited_currency: Ints
    does: Ints
    """MOVES, HOLDS, CAPTURES, REVERSES or NOTHING."""
    related: Ints
    payer_balance: Ints
    payee_balance: Ints
    exact: Flags
    """Whether all money of the row is a whole number of minor units."""
    misplaced: Flags
    """Whether its file has the row before an earlier one, or its id is not the next."""

    def rows(self, place: slice | Ints | Flags) -> "Payments":
        """Some of the rows."""
        return Payments._make(column[place] for column in self)


def read_accounts(run: Run) -> Accounts:
    """What a run says of its accounts.

    Raises:
        InputError: a table is missing or damaged.
    """
    balances, kinds = run.balances(), run.accounts(["account_id", "kind"])
    ids = pd.Index(balances["account_id"].to_numpy())
    named = balances["currency"].combine_chunks().dictionary_encode() if balances.num_rows else None
    codes: list[str] = named.dictionary.to_pylist() if named is not None else []
    currency = named.indices.to_numpy().astype(np.int64) if named is not None else np.zeros(0, np.int64)
    units = np.array([minor_units(code) for code in codes], np.int64)
    whole = [np.rint(balances[name].to_numpy() * units[currency]).astype(np.int64) for name in _MONEY]
    dealers = kinds["account_id"].to_numpy()[pc.equal(kinds["kind"].cast(pa.string()), "dealer").to_numpy()]
    place = ids.get_indexer(dealers)
    dealer = np.full(len(codes), -1, np.int64)
    dealer[currency[place[place >= 0]]] = place[place >= 0]
    return Accounts(ids, currency, whole[0], whole[1], whole[2], dealer, codes, units)


def read_payments(run: Run, accounts: Accounts) -> Iterator[Payments]:
    """The payments of a run, a few hundred thousand at a time.

    Yields:
        Rows in order of time; of one moment, what banks saw comes first.
    """
    streams = [_read(run, name, accounts) for name in ("transactions", "truth/unseen")]
    waiting: list[Payments] = []
    for stream in streams:
        waiting.append(next(stream, _NOTHING))
    ended = [len(rows.time) == 0 for rows in waiting]
    while not all(ended):
        # Up to the first moment of which more may come.
        horizon = min(int(rows.time[-1]) for rows, over in zip(waiting, ended, strict=True) if not over)
        ready = [int(np.searchsorted(rows.time, horizon, "left")) for rows in waiting]
        yield from _merged([rows.rows(slice(0, count)) for rows, count in zip(waiting, ready, strict=True)])
        waiting = [rows.rows(slice(count, None)) for rows, count in zip(waiting, ready, strict=True)]
        for k, rows in enumerate(waiting):
            if not ended[k] and int(rows.time[-1]) == horizon:
                more = next(streams[k], _NOTHING)
                ended[k] = len(more.time) == 0
                waiting[k] = _joined([rows, more])
    yield from _merged(waiting)


def _merged(parts: list[Payments]) -> Iterator[Payments]:
    together = _joined(parts)
    if len(together.time):
        yield together.rows(np.argsort(together.time, kind="stable"))


def _joined(parts: list[Payments]) -> Payments:
    return Payments._make(np.concatenate(columns) for columns in zip(*parts, strict=True))


_NOTHING = Payments._make([np.zeros(0, np.int64) for _ in Payments._fields])._replace(exact=np.zeros(0, bool), misplaced=np.zeros(0, bool))


def _read(run: Run, name: str, accounts: Accounts) -> Iterator[Payments]:
    """One table in the order of its file, batch by batch; batches without rows are left out."""
    before, now = 0, np.iinfo(np.int64).min
    for batch in run.batches(name, _COLUMNS):
        if not batch.num_rows:
            continue
        rows, place = _payments(batch, accounts), before + np.arange(batch.num_rows)
        misplaced = rows.time < np.append(now, rows.time[:-1])
        if name == "transactions":
            yield rows._replace(misplaced=misplaced | (rows.number != place))
        else:
            yield rows._replace(misplaced=misplaced, number=-1 - place)
        before, now = before + batch.num_rows, int(rows.time[-1])


def _payments(batch: pa.RecordBatch, accounts: Accounts) -> Payments:
    places = {code: place for place, code in enumerate(accounts.codes)}
    currency, credited = (_coded(batch[name], places, -1) for name in ("currency", "credited_currency"))
    whole, exact = {}, np.ones(batch.num_rows, bool)
    for name, of in (("amount", currency), ("credited_amount", credited), ("payer_balance", currency), ("payee_balance", credited)):
        unit, shown = accounts.units[of], batch[name].to_numpy()
        whole[name] = np.rint(shown * unit).astype(np.int64)
        exact &= whole[name] / unit == shown
    message = _coded(batch["message"], {"authorisation": HOLDS, "capture": CAPTURES, "reversal": REVERSES}, MOVES)
    return Payments(
        number=batch["transaction_id"].to_numpy(),
        time=batch["timestamp"].cast(pa.int64()).to_numpy(),
        settled=batch["settled_at"].cast(pa.int64()).to_numpy(),
        payer=accounts.ids.get_indexer(batch["payer_account"].to_numpy()),
        payee=accounts.ids.get_indexer(batch["payee_account"].to_numpy()),
        amount=whole["amount"],
        credited=whole["credited_amount"],
        currency=currency,
        credited_currency=credited,
        does=np.where(_coded(batch["status"], {"approved": 1}, 0) == 1, message, NOTHING),
        related=batch["related_transaction_id"].to_numpy(),
        payer_balance=whole["payer_balance"],
        payee_balance=whole["payee_balance"],
        exact=exact,
        misplaced=np.zeros(batch.num_rows, bool),
    )


def _coded(column: pa.Array, codes: dict[str, int], other: int) -> Ints:
    """Words as numbers."""
    words = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    table = np.array([codes.get(word, other) for word in words.dictionary.to_pylist()] or [other], np.int64)
    found: Ints = table[words.indices.to_numpy(zero_copy_only=False)]
    return found
