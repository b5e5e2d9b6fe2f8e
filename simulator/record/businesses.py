"""The tables of merchants, employers, banks and terminals."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.draws import Ints, Why, words
from simulator.population.accounts import FIRM_ROWS
from simulator.population.firms import BILLER, MERCHANT
from simulator.population.presence import NEVER, last_days
from simulator.record.facts import Facts, days, table, word


def trades(facts: Facts) -> tuple[list[str], Ints]:
    """Names of trades, and the trade of each firm: category, bill or sector."""
    firms, scenario = facts.world.firms, facts.scenario
    names = [c.name for c in scenario.categories] + [b.name for b in scenario.bills] + [s.name for s in scenario.income.sectors]
    before = np.array([0, len(scenario.categories), len(scenario.bills), len(scenario.income.sectors)])
    names += [entry.name for entry in scenario.institutions]
    # An institution and a category may have one name.
    known = list(dict.fromkeys(names))
    place: Ints = np.array([known.index(name) for name in names])[np.cumsum(before)[firms.kind] + firms.category]
    return known, place


def merchants(facts: Facts) -> pa.Table:
    """What everybody knows of each firm, at home and abroad."""
    firms, scenario, world = facts.world.firms, facts.scenario, facts.world
    names, category = trades(facts)
    staff = np.diff(world.staff)
    bands = ["0", "1-9", "10-49", "50-249", "250+"]
    staff = np.where(firms.closed < NEVER, firms.places, staff)  # as if nothing had happened
    size = np.searchsorted([1, 10, 50, 250], staff, side="right")
    until = last_days(firms)[0]
    zones = ["remote", *(f"zone_{z:02}" for z in range(16))]
    takings = np.isin(firms.kind, (MERCHANT, BILLER))
    account = world.layout.firm_base + np.arange(len(firms)) * FIRM_ROWS + takings
    ids = facts.names.firm[: len(firms)]
    at_home = table(
        "merchants",
        {
            "merchant_id": ids,
            "name": _trading_names(names, category, ids),
            "kind": word("merchants", "kind", ["merchant", "employer", "institution"], np.array([0, 0, 1, 2])[firms.kind]),
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
            "valid_to": days(until, until < facts.end),
        },
        len(firms),
    )
    return pa.concat_tables([at_home, _merchants_abroad(facts)]).unify_dictionaries()


def _trading_names(names: list[str], category: Ints, ids: NDArray[np.int32]) -> pa.Array:
    return pa.array([f"{names[c].replace('_', ' ').title()} {i:06x}" for c, i in zip(category, ids, strict=True)], pa.string())


def _merchants_abroad(facts: Facts) -> pa.Table:
    """Merchants met in each country abroad, and who runs cash machines there; their sales reach the country's account."""
    abroad, scenario, layout = facts.world.abroad, facts.scenario, facts.world.layout
    names = [*(c.name for c in scenario.categories), "cash_machine"]
    size = len(abroad.mcc)
    country = np.repeat(np.arange(abroad.countries), abroad.stride)
    category = np.where(abroad.category < 0, len(names) - 1, abroad.category).astype(np.int64)
    ids = facts.names.firm[layout.firms :]
    opened = days(np.full(size, facts.start))
    return table(
        "merchants",
        {
            "merchant_id": ids,
            "name": _trading_names(names, category, ids),
            "kind": "merchant",
            "mcc": abroad.mcc,
            "category": word("merchants", "category", names, category),
            "online": abroad.online == 1,
            "region": "abroad",
            "country": word("merchants", "country", [c.code for c in scenario.abroad.countries], country),
            "bank": np.full(size, -1),
            "account_id": facts.names.account[layout.abroad_base + country],
            "opened": opened,
            "employees": "1-9",
            "opens": abroad.opens,
            "closes": abroad.closes,
            "valid_from": opened,
            "valid_to": None,
        },
        size,
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
    """Terminals at merchants at home and abroad, and cash machines."""
    firms, abroad, machines = facts.world.firms, facts.world.abroad, facts.world.machines
    firm = np.repeat(np.arange(len(firms)), firms.terminals)
    merchant = np.repeat(np.arange(len(abroad.mcc)), abroad.terminals)
    zones = [*(f"zone_{z:02}" for z in range(16)), "abroad"]
    # Machines have stood for up to ten years on the first day (assumption).
    age = words(facts.scenario.seed, machines.number.astype(np.int64), Why.MACHINE)[2].astype(np.int64) * 3650 >> 32
    opened = np.concatenate([firms.opened[firm].astype(np.int64), np.full(len(merchant), facts.start), facts.start - 1 - age])
    count = len(machines.zone)
    until = np.concatenate([last_days(firms)[0][firm], np.full(len(merchant) + count, NEVER)])
    return table(
        "terminals",
        {
            "terminal_id": np.append(facts.names.terminal, facts.names.machine),
            "merchant_id": np.concatenate([facts.names.firm[firm], facts.names.firm[len(firms) + merchant], np.full(count, -1)]),
            "bank": np.concatenate([firms.bank[firm], np.full(len(merchant), -1), machines.bank]),
            "kind": word(
                "terminals",
                "kind",
                ["counter", "atm"],
                np.concatenate([np.zeros(len(firm)), abroad.category[merchant] < 0, np.ones(count)]),
            ),
            "region": word(
                "terminals", "region", zones, np.concatenate([firms.zone[firm], np.full(len(merchant), len(zones) - 1), machines.zone])
            ),
            "valid_from": days(opened),
            "valid_to": days(until, until < facts.end),
        },
        len(opened),
    )
