"""The table of customers, people and businesses: what the bank knows of each."""

import numpy as np
import pyarrow as pa

from simulator.population.firms import EMPLOYER
from simulator.population.households import KINDS
from simulator.population.identity import Kind, public_ids
from simulator.population.knowledge import CHANNELS, RATINGS, Known, know_firms, know_people
from simulator.record.businesses import trades
from simulator.record.facts import Facts, days, table, word

_BANDS = (18, 25, 35, 45, 55, 65, 75)
_ZONES = ["remote", *(f"zone_{z:02}" for z in range(16))]


def _joined(people: Known, firms: Known) -> Known:
    return Known(*(np.concatenate([a, b]) for a, b in zip(people, firms, strict=True)))


def customers(facts: Facts) -> pa.Table:
    """What the bank knows of each person and each firm; people come first."""
    world, scenario = facts.world, facts.scenario
    people, firms = world.people, world.firms
    humans, size = len(people), len(people) + len(firms)
    none = np.zeros(len(firms), np.int64)
    opened = firms.opened.astype(np.int64)
    known = _joined(
        know_people(scenario, world, np.arange(humans, dtype=np.int64), facts.joined),
        know_firms(scenario, world, np.arange(len(firms), dtype=np.int64), facts.start),
    )
    bands = [f"{low}-{high - 1}" for low, high in zip(_BANDS, (*_BANDS[1:], 999), strict=True)]
    bands[-1] = f"{_BANDS[-1]}+"
    band = np.searchsorted(_BANDS, people.age, side="right") - 1
    employed = people.employer >= 0
    trade_names, trade = trades(facts)
    employer_trade = trade[np.maximum(people.employer, 0)]
    occupation = np.where(employed, employer_trade, len(trade_names) + np.maximum(people.kind, 1).astype(np.int64) - 1)
    turnover = np.where(firms.kind == EMPLOYER, firms.invoices * 52, firms.sales * 12)
    income = np.concatenate([people.gross, turnover]) / facts.unit
    zone = np.concatenate([people.zone.astype(np.int64) + 1, np.where(firms.town < 0, 0, firms.zone.astype(np.int64) + 1)])
    since = np.concatenate([facts.joined, opened])
    return table(
        "customers",
        {
            "customer_id": np.concatenate([facts.customer, facts.business]),
            "kind": word("customers", "kind", ["person", "business"], np.repeat([0, 1], [humans, len(firms)])),
            "household": np.concatenate([public_ids(scenario.seed, Kind.HOUSEHOLD, people.household.astype(np.int64)), none - 1]),
            "age_band": word("customers", "age_band", [*bands, "none"], np.concatenate([band, none + len(bands)])),
            "sex": word("customers", "sex", ["female", "male", "none"], np.concatenate([people.sex, none + 2])),
            "region": word("customers", "region", _ZONES, zone),
            "residency": word("customers", "residency", [scenario.country.code, *scenario.knowledge.residencies], known.residency),
            "occupation": word("customers", "occupation", [*trade_names, *KINDS[1:]], np.concatenate([occupation, trade])),
            "declared_income": np.round(income, -3),
            "onboarding_channel": word("customers", "onboarding_channel", list(CHANNELS), known.channel),
            "onboarding_date": days(since),
            "risk_rating": word("customers", "risk_rating", list(RATINGS), known.rating),
            "politically_exposed": known.exposed,
            "bank": np.concatenate([people.bank, firms.bank]),
            "valid_from": days(since),
            "valid_to": None,
        },
        size,
    )
