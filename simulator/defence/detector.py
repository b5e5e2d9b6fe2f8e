"""The detector hook: any object with ``score(batch) -> array`` decides, before authorisation, which attempts are refused."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

from simulator.clock import DAY, Today
from simulator.codes import Message, Method, Reason
from simulator.errors import InputError
from simulator.ledger import FIXED, FORCED, ROW
from simulator.record.emit import Emitter
from simulator.records import Records, records

KNOWN = (
    "timestamp", "message", "payer_account", "payee_account", "payer_bank", "payee_bank", "amount", "currency", "method", "channel",
    "purpose", "entry_mode", "authentication", "payee_check", "mcc", "merchant_id", "terminal_id", "country", "card_id", "device_id",
    "ip_id",
)  # fmt: skip
"""Columns of a batch: what the deciding bank has before authorisation, as in the table of transactions."""

_FROM_ATTEMPT = (
    "amount", "related", "payer", "payee", "firm", "place", "mcc", "terminal", "method", "channel", "purpose", "message", "entry",
    "authentication", "card", "check", "country",
)  # fmt: skip


@runtime_checkable
class Scores(Protocol):
    """A detector.

    Its scores are rounded to 1/10,000. It keeps no state, or gives it as bytes by ``dump()`` and takes it by ``load(bytes)``.
    """

    def score(self, batch: pa.RecordBatch) -> Any:
        """A score between 0 and 1 for each row of a batch with the columns `KNOWN`."""


class Detector:
    """Asks a detector, and refuses what it scores at or above a threshold.

    Args:
        model: any object with `score`.
        threshold: score from which an attempt is refused.
        emitter: turns attempts into columns.

    Raises:
        InputError: the object has no `score`, or the threshold is not between 0 and 1.
    """

    def __init__(self, model: Scores, threshold: float, emitter: Emitter) -> None:
        if not isinstance(model, Scores):
            raise InputError(f"detector: found {type(model).__name__}, expected an object with score(batch)")
        if not 0 < threshold <= 1:
            raise InputError(f"threshold: found {threshold}, expected a number above 0 and at most 1")
        self.model, self.threshold, self._emitter = model, threshold, emitter

    def judge(self, today: Today, attempts: Records) -> NDArray[np.int16]:
        """Scores, parts of 10,000, of those attempts of a window, in row order, that are refused; 0 for what may pass."""
        asked = (attempts.rule == FIXED) & (attempts.marks & FORCED == 0) & (attempts.method != Method.CASH) & (attempts.amount > 0)
        asked &= ((attempts.message == Message.PAYMENT) | (attempts.message == Message.AUTHORISATION)) & (attempts.reason == Reason.NONE)
        refused = np.zeros(len(attempts), np.int16)
        if asked.any():
            scores = self._scores(today, attempts[asked])
            refused[asked] = np.where(scores >= self.threshold, np.rint(scores * 10_000), 0)
        return refused

    def _scores(self, today: Today, attempts: Records) -> NDArray[np.float64]:
        rows = records(ROW, len(attempts))
        for name in _FROM_ATTEMPT:
            rows[name] = attempts[name]
        rows.time = today.day * DAY + attempts.time
        rows.equipment = attempts.device_kind + 8 * attempts.network
        table = self._emitter.table(rows, len(rows), 0).select(list(KNOWN)).combine_chunks()
        scores = np.asarray(self.model.score(table.to_batches()[0]), np.float64)
        if scores.shape != (len(rows),) or not ((scores >= 0) & (scores <= 1)).all():
            raise InputError(f"detector: found scores of shape {scores.shape}, expected {len(rows)} numbers between 0 and 1")
        return np.round(scores * 10_000) / 10_000

    def fingerprint(self) -> str:
        """What the detector is, for the manifest: its own `fingerprint`, else its type and state."""
        own = getattr(self.model, "fingerprint", None)
        if own is not None:
            return str(own() if callable(own) else own)
        kind = type(self.model)
        state = self.dump()
        return f"{kind.__module__}.{kind.__qualname__}@{self.threshold} {xxhash.xxh3_64_hexdigest(state)}"

    def dump(self) -> bytes:
        """Its state; empty where it keeps none."""
        give = getattr(self.model, "dump", None)
        return bytes(give()) if give is not None else b""

    def load(self, state: bytes) -> None:
        """Take up a state."""
        take = getattr(self.model, "load", None)
        if take is not None and state:
            take(state)
