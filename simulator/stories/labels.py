"""Labels: one row for each attempt of a story that a bank saw, joined from its order and never from the data."""

from array import array
from typing import Any

import numpy as np

from simulator.draws import Ints
from simulator.stories.instance import Instance


class Labels:
    """The labels so far, as rows of numbers; roles are counted in a list of their own."""

    COLUMNS = ("transaction", "story", "typology", "act", "payer_role", "payee_role", "illicit", "seq")

    def __init__(self) -> None:
        self._rows = array("q")
        self.roles: dict[str, int] = {"": 0}

    def __len__(self) -> int:
        return len(self._rows) // len(self.COLUMNS)

    def add(self, transaction: int, instance: Instance, act: int, payer_role: str, payee_role: str, illicit: int) -> None:
        """Label a row; ``illicit`` minor units of it are of the story."""
        roles = self.roles
        payer, payee = roles.setdefault(payer_role, len(roles)), roles.setdefault(payee_role, len(roles))
        self._rows.extend((transaction, instance.story, instance.typology, act, payer, payee, illicit, instance.seq))
        instance.seq += 1

    def columns(self, first: int = 0) -> dict[str, Ints]:
        """Columns from a row on."""
        rows = np.array(self._rows, np.int64).reshape(-1, len(self.COLUMNS))[first:]
        return dict(zip(self.COLUMNS, np.ascontiguousarray(rows.T), strict=True))

    def dump(self) -> dict[str, Any]:
        """Plain data for a checkpoint."""
        return {"rows": self._rows.tolist(), "roles": self.roles}

    def load(self, stored: dict[str, Any]) -> None:
        """What `dump` gave, taken up again."""
        self._rows, self.roles = array("q", stored["rows"]), stored["roles"]
