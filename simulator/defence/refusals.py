"""Refusals: what a detector refused before authorisation, as alerts that join the investigators' queue like any other."""

import numpy as np

from simulator.clock import DAY
from simulator.codes import Status
from simulator.defence.monitor import ALERT, Rule
from simulator.draws import Ints
from simulator.population.accounts import Layout, initiator_of
from simulator.records import Records, records


def refusals(layout: Layout, day: int, block: Records, ids: Ints, rows: Ints, scores: Ints) -> Records:
    """Alerts on the rows of a cleared window that a detector refused.

    Args:
        layout: account rows.
        day: days since 1970.
        block: the window's attempts as decided.
        ids: their transactions.
        rows: of the block, that were refused.
        scores: of those, parts of 10,000.

    Returns:
        One alert a refused row, in order of rows: on the payer's account, or the payee's where the payer is beyond the boundary.
    """
    made = (ids[rows] >= 0) & (block.status[rows] == Status.DECLINED)
    rows, scores = rows[made], scores[made]
    payer, payee = block.payer[rows].astype(np.int64), block.payee[rows].astype(np.int64)
    account = np.where(payer < layout.government, payer, payee)
    known = account < layout.government
    rows, scores, account = rows[known], scores[known], account[known]
    alerts = records(ALERT, len(rows))
    alerts.transaction, alerts.time, alerts.amount = ids[rows], day * DAY + block.time[rows], block.amount[rows]
    alerts.who = [initiator_of(layout, one) for one in account.tolist()]
    alerts.account, alerts.rule, alerts.score = account, int(Rule.DETECTOR), scores
    return alerts
