"""The table of customers, people and businesses: what the bank knows of each, as its files said from day to day."""

import numpy as np
import pyarrow as pa

from simulator.population.firms import EMPLOYER
from simulator.population.households import KINDS
from simulator.population.identity import Kind, public_ids
from simulator.population.knowledge import CHANNELS, RATINGS, Known, know_firms, know_people
from simulator.population.presence import last_days
from simulator.record.businesses import trades
from simulator.record.facts import Facts, days, table, word
from simulator.record.histories import values, versions

_BANDS = (18, 25, 35, 45, 55, 65, 75)
_ZONES = ["remote", *(f"zone_{z:02}" for z in range(16))]


def _joined(people: Known, firms: Known) -> Known:
    return Known(*(np.concatenate([a, b]) for a, b in zip(people, firms, strict=True)))


def customers(facts: Facts) -> pa.Table:
    """What the bank knows of each person and each firm; people come first."""
    world, scenario, dossiers = facts.world, facts.scenario, facts.files.dossiers
    people, firms, past = world.people, world.firms, facts.diary.past("dossier")
    here = facts.here
    found = versions(past, here, facts.joined[here], facts.left[here], facts.end)
    row = here[found.place]
    said = {name: values(name, found, past, here, dossiers[name]) for name in ("household", "zone", "employer", "income", "gross")}
    none, firm = np.zeros(len(firms), np.int64), np.arange(len(firms), dtype=np.int64)
    known = _joined(
        know_people(scenario, people, row, said["income"], dossiers.age[row]),
        know_firms(scenario, world, firm, facts.start),
    )
    bands = [f"{low}-{high - 1}" for low, high in zip(_BANDS, (*_BANDS[1:], 999), strict=True)]
    bands[-1] = f"{_BANDS[-1]}+"
    band = np.maximum(0, np.searchsorted(_BANDS, dossiers.age[row], side="right") - 1)
    trade_names, trade = trades(facts)
    employed = said["employer"] >= 0
    unemployed = len(trade_names) + np.maximum(said["income"], 1).astype(np.int64) - 1
    occupation = np.where(employed, trade[np.maximum(said["employer"], 0)], unemployed)
    turnover = np.where(firms.kind >= EMPLOYER, firms.invoices * 52, firms.sales * 12)
    home = np.where(firms.town < 0, 0, firms.zone.astype(np.int64) + 1)
    opened = firms.opened.astype(np.int64)
    since = np.concatenate([found.since, opened])
    until = np.concatenate([found.until, last_days(firms)[1]])
    size = len(row) + len(firms)
    return table(
        "customers",
        {
            "customer_id": np.concatenate([facts.customer[row], facts.business]),
            "kind": word("customers", "kind", ["person", "business"], np.repeat([0, 1], [len(row), len(firms)])),
            "household": np.concatenate([public_ids(scenario.seed, Kind.HOUSEHOLD, said["household"].astype(np.int64)), none - 1]),
            "age_band": word("customers", "age_band", [*bands, "none"], np.concatenate([band, none + len(bands)])),
            "sex": word("customers", "sex", ["female", "male", "none"], np.concatenate([people.sex[row], none + 2])),
            "region": word("customers", "region", _ZONES, np.concatenate([said["zone"].astype(np.int64) + 1, home])),
            "residency": word("customers", "residency", [scenario.country.code, *scenario.knowledge.residencies], known.residency),
            "occupation": word("customers", "occupation", [*trade_names, *KINDS[1:]], np.concatenate([occupation, trade])),
            "declared_income": np.round(np.concatenate([said["gross"], turnover]) / facts.unit, -3),
            "onboarding_channel": word("customers", "onboarding_channel", list(CHANNELS), known.channel),
            "onboarding_date": days(np.concatenate([facts.joined[row], opened])),
            "risk_rating": word("customers", "risk_rating", list(RATINGS), known.rating),
            "politically_exposed": known.exposed,
            "bank": np.concatenate([people.bank[row], firms.bank]),
            "valid_from": days(since),
            "valid_to": days(until, until < facts.end),
        },
        size,
    )
