"""Events: what a bank sees that is not a payment, as rows that kernels note beside the payments they plan."""

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
    ("kind", np.int8),
    ("card", np.int8),  # 0 none, else 1 + generation x 2 + (1 for the credit card)
    ("device_kind", np.int8),
    ("network", np.int8),
    ("detail", np.int8),  # place in the list of details, see `simulator.record.happenings`
], align=True)  # fmt: skip
"""An event of the day."""


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
    events.kind[n] = kind
    events.card[n] = 0
    events.device_kind[n] = device
    events.network[n] = network
    events.detail[n] = detail
    noted[0] = n + 1
