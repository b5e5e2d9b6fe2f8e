"""The table of traits: what only the world knows of each person."""

import numpy as np
import pyarrow as pa

from simulator.population.firms import EMPLOYER
from simulator.population.households import KINDS
from simulator.record.facts import Facts, table, word


def traits(facts: Facts) -> pa.Table:
    """What only the world knows of each person."""
    people, scenario = facts.world.people[facts.here].view(np.recarray), facts.scenario
    month = 365.25 / 12
    paid = people.employer >= 0
    firm = np.maximum(people.employer, 0)
    sectors = ["none", "retail_and_services", *(s.name for s in scenario.income.sectors)]
    beyond = facts.world.firms.kind[firm] == EMPLOYER
    sector = np.where(paid, np.where(beyond, 2 + facts.world.firms.category[firm].astype(np.int64), 1), 0)
    frequency = ["weekly", "biweekly", "semimonthly", "monthly", "none"]
    return table(
        "truth/traits",
        {
            "customer_id": facts.customer[facts.here],
            "archetype": word("truth/traits", "archetype", [a.name for a in scenario.population.archetypes], people.archetype),
            "income_kind": word("truth/traits", "income_kind", list(KINDS), people.kind),
            "sector": word("truth/traits", "sector", sectors, sector),
            "employer_id": np.where(paid, facts.names.firm[firm], -1),
            "pay_frequency": word("truth/traits", "pay_frequency", frequency, np.where(paid, people.frequency, 4)),
            "gross_income": people.gross / facts.unit,
            "net_income": people.net / facts.unit,
            "quintile": people.decile.astype(np.int64) // 2 + 1,
            "age": np.ascontiguousarray(people.age),
            "adults": np.ascontiguousarray(people.adults),
            "children": np.ascontiguousarray(people.children),
            "town": np.ascontiguousarray(people.town),
            "zone": np.ascontiguousarray(people.zone),
            "tenure": word("truth/traits", "tenure", ["owner", "mortgage", "rent", "lodging"], people.tenure),
            "buffer_target": people.buffer / facts.unit,
            "spending_budget": people.budget / facts.unit,
            "purchases_per_month": people.trips / 65536 * month * 1.4,
            "cash": people.cash / 2**32,
            "credit": people.credit / 2**32,
            "online": people.online / 4096,
            "wallet": people.wallet / 2**32,
            "sociability": people.social / 65536 * month,
            "hour_shift": np.ascontiguousarray(people.hours),
            "vulnerability": people.vulnerability / 65536,
        },
        len(people),
    )
