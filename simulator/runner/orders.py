"""Orders of stories in a lane: they join its queue of a window, and are found again in the block once it is cleared."""

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Method, Purpose
from simulator.draws import Ints
from simulator.kernel import kernel
from simulator.ledger import UNSEEN, VOID
from simulator.records import Records


@kernel
def join(orders: Records, first: int, last: int, attempts: Records, count: int, again: NDArray[np.int32], more: int) -> int:
    """Orders [first, last) become attempts after the ``count`` there are, and wait beside the retries; returns how many wait.

    Args:
        orders: of the window; `origin` counts among them.
        first: the lane's first order.
        last: after its last.
        attempts: of the lane and day.
        count: how many there are.
        again: attempts that wait, with room for the orders; sorted by initiator and time.
        more: how many wait already.
    """
    for i in range(first, last):
        n = count + i - first
        attempts[n] = orders[i]
        if orders.origin[i] >= 0:
            attempts.origin[n] = count + np.int64(orders.origin[i]) - first
        again[more + i - first] = n
    more += last - first
    for k in range(1, more):  # stable insertion sort: the retries are nearly in order
        n = again[k]
        time, initiator = attempts.time[n], attempts.initiator[n]
        place = k
        while place > 0:
            other = again[place - 1]
            if attempts.initiator[other] < initiator or (attempts.initiator[other] == initiator and attempts.time[other] <= time):
                break
            again[place] = other
            place -= 1
        again[place] = n
    return more


@kernel
def hear(block: Records, ids: Ints, current: NDArray[np.int32], place: int, ordered: int, first: int, last: int, seen: Records,
         shift: int, out: NDArray[np.int64]) -> None:  # fmt: skip
    """Write what became of a lane's orders as rows of `simulator.ledger.Became`.

    Args:
        block: the window's attempts as they were decided.
        ids: their transactions.
        current: attempts of the lane in the order of the block.
        place: row of the block at which they begin.
        ordered: the attempt that is the lane's first order.
        first: its number among the window's orders.
        last: after that of the lane's last.
        seen: finished rows.
        shift: row of a transaction, less its number.
        out: filled, by number of the order.
    """
    for k in range(current.shape[0]):
        n = first + current[k] - ordered
        if n < first or n >= last:
            continue
        i = place + k
        method, purpose, transaction = np.int64(block.method[i]), np.int64(block.purpose[i]), ids[i]
        if block.status[i] == VOID:
            transaction = np.int64(-1)
        elif method == Method.CASH and purpose != Purpose.WITHDRAWAL and purpose != Purpose.DEPOSIT:
            transaction = np.int64(UNSEEN)
        out[n, 0] = block.time[i]
        out[n, 1] = block.amount[i]
        out[n, 2] = block.hold[i]
        out[n, 3] = block.payer[i]
        out[n, 4] = block.payee[i]
        out[n, 5] = method
        out[n, 6] = block.entry[i]
        out[n, 7] = block.channel[i]
        out[n, 8] = block.terminal[i]
        out[n, 9] = block.card[i]
        out[n, 10] = block.status[i]
        out[n, 11] = block.reason[i]
        out[n, 12] = transaction
        out[n, 13] = seen.settled[transaction + shift] if transaction >= 0 else -1
