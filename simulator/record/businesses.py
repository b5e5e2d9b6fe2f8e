"""The tables of merchants, employers, banks and terminals."""

import numpy as np
import pyarrow as pa

from simulator.population.accounts import FIRM_ROWS
from simulator.population.firms import BILLER, EMPLOYER
from simulator.record.facts import Facts, days, table, word


def merchants(facts: Facts) -> pa.Table:
    """What everybody knows of each firm."""
    firms, scenario, world = facts.world.firms, facts.scenario, facts.world
    names = [c.name for c in scenario.categories] + [b.name for b in scenario.bills] + [s.name for s in scenario.income.sectors]
    base = np.array([0, len(scenario.categories), len(scenario.categories) + len(scenario.bills)])[firms.kind]
    staff = np.diff(world.staff)
    bands = ["0", "1-9", "10-49", "50-249", "250+"]
    size = np.searchsorted([1, 10, 50, 250], staff, side="right")
    zones = ["remote", *(f"zone_{z:02}" for z in range(16))]
    account = world.layout.firm_base + np.arange(len(firms)) * FIRM_ROWS + (firms.kind != EMPLOYER)
    category = base + firms.category
    return table(
        "merchants",
        {
            "merchant_id": facts.names.firm,
            "name": pa.array([f"{names[c].replace('_', ' ').title()} {i:06x}" for c, i in zip(category, facts.names.firm, strict=True)]),
            "kind": word("merchants", "kind", ["merchant", "employer"], firms.kind == EMPLOYER),
            "mcc": np.ascontiguousarray(firms.mcc),
            "category": word("merchants", "category", names, category),
            "online": (firms.online == 1) | (firms.kind == BILLER),
            "region": word("merchants", "region", zones, np.where(firms.town < 0, 0, firms.zone.astype(np.int64) + 1)),
            "country": scenario.country.code,
            "bank": np.ascontiguousarray(firms.bank),
            "account_id": facts.names.account[account],
            "opened": days(firms.opened.astype(np.int64)),
            "employees": word("merchants", "employees", bands, size),
            "opens": np.ascontiguousarray(firms.opens),
            "closes": np.ascontiguousarray(firms.closes),
            "valid_from": days(firms.opened.astype(np.int64)),
            "valid_to": None,
        },
        len(firms),
    )


def banks(facts: Facts) -> pa.Table:
    """The banks."""
    banks = facts.scenario.banks
    total = sum(bank.share for bank in banks)
    size = len(banks)
    return table(
        "banks",
        {
            "bank": np.arange(size),
            "name": word("banks", "name", [b.name for b in banks], np.arange(size)),
            "country": facts.scenario.country.code,
            "share": np.array([bank.share / total for bank in banks]),
            "valid_from": days(np.full(size, facts.start)),
            "valid_to": None,
        },
        size,
    )


def terminals(facts: Facts) -> pa.Table:
    """Terminals at merchants."""
    firms = facts.world.firms
    firm = np.repeat(np.arange(len(firms)), firms.terminals)
    zones = [f"zone_{z:02}" for z in range(16)]
    return table(
        "terminals",
        {
            "terminal_id": facts.names.terminal,
            "merchant_id": facts.names.firm[firm],
            "bank": np.ascontiguousarray(firms.bank)[firm],
            "kind": "counter",
            "region": word("terminals", "region", zones, firms.zone[firm]),
            "valid_from": days(firms.opened[firm].astype(np.int64)),
            "valid_to": None,
        },
        len(firm),
    )
