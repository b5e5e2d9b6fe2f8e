"""The table of traits: what only the world knows of each person."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.population.firms import EMPLOYER
from simulator.population.households import KINDS
from simulator.record.facts import Facts, table, word


def traits(facts: Facts) -> pa.Table:
    """What only the world knows of each person."""
    everyone, here, scenario = facts.world.people, facts.here, facts.scenario

    def of(name: str) -> NDArray[Any]:
        return np.ascontiguousarray(everyone[name][here])

    employer, frequencies = of("employer"), of("frequency")
    month = 365.25 / 12
    paid = employer >= 0
    firm = np.maximum(employer, 0)
    sectors = ["none", "retail_and_services", *(s.name for s in scenario.income.sectors)]
    beyond = facts.world.firms.kind[firm] == EMPLOYER
    sector = np.where(paid, np.where(beyond, 2 + facts.world.firms.category[firm].astype(np.int64), 1), 0)
    frequency = ["weekly", "biweekly", "semimonthly", "monthly", "none"]
    return table(
        "truth/traits",
        {
            "customer_id": facts.customer[here],
            "archetype": word("truth/traits", "archetype", [a.name for a in scenario.population.archetypes], of("archetype")),
            "income_kind": word("truth/traits", "income_kind", list(KINDS), of("kind")),
            "sector": word("truth/traits", "sector", sectors, sector),
            "employer_id": np.where(paid, facts.names.firm[firm], -1),
            "pay_frequency": word("truth/traits", "pay_frequency", frequency, np.where(paid, frequencies, 4)),
            "gross_income": of("gross") / facts.unit,
            "net_income": of("net") / facts.unit,
            "quintile": of("decile").astype(np.int64) // 2 + 1,
            "age": of("age"),
            "adults": of("adults"),
            "children": of("children"),
            "town": of("town"),
            "zone": of("zone"),
            "tenure": word("truth/traits", "tenure", ["owner", "mortgage", "rent", "lodging"], of("tenure")),
            "buffer_target": of("buffer") / facts.unit,
            "spending_budget": of("budget") / facts.unit,
            "purchases_per_month": of("trips") / 65536 * month * 1.4,
            "cash": of("cash") / 2**32,
            "credit": of("credit") / 2**32,
            "online": of("online") / 4096,
            "wallet": of("wallet") / 2**32,
            "sociability": of("social") / 65536 * month,
            "hour_shift": of("hours"),
            "vulnerability": of("vulnerability") / 65536,
        },
        len(here),
    )
