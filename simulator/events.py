"""Events: what a bank sees that is not a payment, as rows that kernels note beside the payments they plan and clear."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.kernel import kernel
from simulator.records import Records

EVENT = np.dtype([
    ("time", np.int64),  # microseconds within the UTC day
    ("amount", np.int64),  # minor units where the event is about money, else 0
    ("initiator", np.int32),  # customer concerned: a person's row, or people + a firm's row
    ("account", np.int32),  # account row, -1 for none
    ("other", np.int32),  # account row of the payee that was added, -1 for none
    ("place", np.int32),  # where the network is, see `simulator.lives.places`
    ("kind", np.int8),
    ("card", np.int8),  # 0 none, else 1 + generation x 2 + (1 for the credit card)
    ("device_kind", np.int8),
    ("network", np.int8),
    ("detail", np.int8),  # place in `simulator.codes.Detail`
], align=True)  # fmt: skip
"""An event of the day."""

UNPLACED = -(2**31)
"""Place of an event whose network is where the customer's is when the day closes."""

LATER = np.dtype([
    ("day", np.int32),  # days since 1970
    ("event", EVENT),
], align=True)  # fmt: skip
"""An event of a later day that the bank's own calendar brings about: an answer, a decision."""

DISPUTE = np.dtype([
    ("row", np.int64),  # transaction
    ("related", np.int64),  # transaction that it refers to
    ("time", np.int64),  # microseconds since 1970
    ("amount", np.int64),
    ("account", np.int32),  # account row of the customer
    ("due", np.int32),  # of a purchase: day of the chargeback, since 1970
    ("message", np.int8),  # of the row
    ("status", np.int8),
    ("remote", np.int8),  # 1 where the card was not read in person
    ("said", np.int8),  # why, a place in `simulator.codes.Detail`; 0 where it is drawn
], align=True)  # fmt: skip
"""A cleared row that belongs to a dispute: the purchase that will be disputed, its chargebacks, the representment."""


class Notes(NamedTuple):
    """What is noted while rows are cleared."""

    events: Records
    disputes: Records
    used: NDArray[np.int64]
    """Used rows of events and disputes."""


@kernel
def note(
    events: Records, noted: NDArray[np.int64], kind: int, time: int, initiator: int, account: int, device: int, network: int, detail: int
) -> None:
    """Note an event; ``noted[0]`` counts them. What does not fit is left out, so the caller keeps room."""
    n = noted[0]
    if n >= events.shape[0]:
        return
    events.time[n] = time
    events.amount[n] = 0
    events.initiator[n] = initiator
    events.account[n] = account
    events.other[n] = -1
    events.place[n] = UNPLACED
    events.kind[n] = kind
    events.card[n] = 0
    events.device_kind[n] = device
    events.network[n] = network
    events.detail[n] = detail
    noted[0] = n + 1
