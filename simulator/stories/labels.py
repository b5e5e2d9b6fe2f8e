"""Labels: one row for each attempt of a story that a bank saw, joined from its order and never from the data."""

from typing import Any

import numpy as np

from simulator.draws import Ints
from simulator.stories.instance import Instance


class Labels:
    """The labels so far, as columns of numbers; roles are counted in a list of their own."""

    COLUMNS = ("transaction", "story", "typology", "act", "payer_role", "payee_role", "illicit", "seq")

    def __init__(self) -> None:
        self._columns: dict[str, list[int]] = {name: [] for name in self.COLUMNS}
        self.roles: dict[str, int] = {"": 0}

    def __len__(self) -> int:
        return len(self._columns["transaction"])

    def add(self, transaction: int, instance: Instance, act: int, payer_role: str, payee_role: str, illicit: int) -> None:
        """Label a row; ``illicit`` minor units of it are of the story."""
        columns = self._columns
        for name, value in (
            ("transaction", transaction), ("story", instance.story), ("typology", instance.typology), ("act", act),
            ("payer_role", self._role(payer_role)), ("payee_role", self._role(payee_role)), ("illicit", illicit), ("seq", instance.seq),
        ):  # fmt: skip
            columns[name].append(value)
        instance.seq += 1

    def _role(self, role: str) -> int:
        return self.roles.setdefault(role, len(self.roles))

    def columns(self, first: int = 0) -> dict[str, Ints]:
        """Columns from a row on."""
        return {name: np.array(column[first:], np.int64) for name, column in self._columns.items()}

    def dump(self) -> dict[str, Any]:
        """Plain data for a checkpoint."""
        return {"columns": self._columns, "roles": self.roles}

    def load(self, stored: dict[str, Any]) -> None:
        """What `dump` gave, taken up again."""
        self._columns, self.roles = stored["columns"], stored["roles"]
