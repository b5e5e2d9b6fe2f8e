"""The columns of obligations, and how rows of them are gathered bill by bill."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.population.households import Floats
from simulator.records import Gathered, grown, records, row_type

EVERY_MONTH = 0b1111_1111_1111


class Obligations(NamedTuple):
    """Columns over obligations, ordered by payer; minor units."""

    start: NDArray[np.int64]
    """First obligation of each person; N + 1 entries."""
    payee: NDArray[np.int32]
    """Account row."""
    firm: NDArray[np.int32]
    """Firm paid, -1 for none."""
    amount: NDArray[np.int64]
    day: NDArray[np.int8]
    """Day of the month."""
    months: NDArray[np.int16]
    """Bit m is set where it falls due in month m (January is 0)."""
    varies: NDArray[np.int16]
    """Standard deviation from month to month over the amount, 1/4096."""
    season: NDArray[np.int8]
    """Row of the table of seasons, -1 for none."""
    method: NDArray[np.int8]
    channel: NDArray[np.int8]
    purpose: NDArray[np.int8]
    mcc: NDArray[np.int16]
    bill: NDArray[np.int8]
    """Place in the scenario's bills, -1 for none."""


OBLIGATION = row_type(Obligations, "start")
"""An obligation as a row; those of a person lie together."""


class Rows:
    """Obligations of a span as they are gathered, bill by bill; the room is used again for the next span."""

    def __init__(self, unit: int) -> None:
        self._unit = unit
        self._payer = np.zeros(0, np.uint16)
        self._table = records(OBLIGATION, 0)
        self._used = 0

    def add(
        self, payer: Ints, payee: Ints | int, amount: Floats, day: NDArray[Any] | int, method: NDArray[np.int8] | int, purpose: int, *,
        channel: NDArray[np.int8] | int = 0, firm: Ints | int = -1, months: Ints | int = EVERY_MONTH, varies: float = 0.0,
        season: int = -1, mcc: int = 0, bill: int = -1,
    ) -> None:  # fmt: skip
        """Gather obligations of payers, by place among the people; the other fields are those of Obligations, amounts in currency units."""
        place = slice(self._used, self._used + len(payer))
        if place.stop > len(self._table):
            self._table = grown(self._table, 2 * place.stop)
            self._payer = np.concatenate([self._payer, np.zeros(len(self._table) - len(self._payer), np.uint16)])
        self._payer[place] = payer
        fields = {
            "payee": payee, "day": day, "method": method, "purpose": purpose, "channel": channel, "firm": firm, "months": months,
            "varies": round(varies * 4096), "season": season, "mcc": mcc, "bill": bill,
            "amount": np.maximum(1, np.rint(amount * self._unit)),
        }  # fmt: skip
        rows = self._table.view(np.ndarray)[place]
        for name, field in fields.items():
            rows[name] = field
        self._used = place.stop

    def give(self, people: int, out: Gathered, done: float) -> Ints:
        """Hand the rows over in order of payer, and begin anew; returns how many each payer has."""
        payer = self._payer[: self._used]
        np.take(self._table[: self._used], np.argsort(payer, kind="stable"), out=out.room(self._used, done), mode="clip")
        self._used = 0
        return np.bincount(payer, minlength=people)
