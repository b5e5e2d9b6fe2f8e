"""The tables of people: customers, their cards and rights, and the traits that only the world knows."""

import numpy as np
import pyarrow as pa

from simulator.draws import Why
from simulator.draws import words as draw_words
from simulator.population.accounts import CREDIT_CARD, PERSON_ROWS
from simulator.population.firms import EMPLOYER
from simulator.population.households import KINDS
from simulator.population.identity import Kind, public_ids
from simulator.record.facts import Facts, days, table, used_accounts, word

_BANDS = (18, 25, 35, 45, 55, 65, 75)


def customers(facts: Facts) -> pa.Table:
    """What the bank knows of each customer."""
    people, scenario = facts.world.people, facts.scenario
    bands = [f"{low}-{high - 1}" for low, high in zip(_BANDS, (*_BANDS[1:], 999), strict=True)]
    bands[-1] = f"{_BANDS[-1]}+"
    zones = [f"zone_{z:02}" for z in range(16)]
    employed = people.employer >= 0
    sectors = ["retail and services", *(s.name for s in scenario.income.sectors), *KINDS[1:]]
    firm_kind = facts.world.firms.kind[np.maximum(people.employer, 0)]
    sector = np.where(firm_kind == EMPLOYER, 1 + facts.world.firms.category[np.maximum(people.employer, 0)].astype(np.int64), 0)
    occupation = np.where(employed, sector, len(scenario.income.sectors) + np.maximum(people.kind, 1).astype(np.int64))
    rounded = np.round(people.gross / facts.unit, -3)
    return table(
        "customers",
        {
            "customer_id": facts.customer,
            "kind": "person",
            "household": public_ids(scenario.seed, Kind.HOUSEHOLD, people.household.astype(np.int64)),
            "age_band": word("customers", "age_band", bands, np.searchsorted(_BANDS, people.age, side="right") - 1),
            "sex": word("customers", "sex", ["female", "male"], people.sex),
            "region": word("customers", "region", zones, people.zone),
            "residency": scenario.country.code,
            "occupation": word("customers", "occupation", sectors, occupation),
            "declared_income": rounded,
            "onboarding_channel": "branch",
            "onboarding_date": days(facts.joined),
            "risk_rating": "low",
            "politically_exposed": np.zeros(len(people), bool),
            "bank": np.ascontiguousarray(people.bank),
            "valid_from": days(facts.joined),
            "valid_to": None,
        },
        len(people),
    )


def cards(facts: Facts) -> pa.Table:
    """A debit card on every current account, a credit card where there is a line; good for four years (assumption)."""
    world, people = facts.world, facts.world.layout.people
    exists = np.ones(2 * people, bool)
    exists[1::2] = world.people.line > 0
    card = np.flatnonzero(exists)
    owner, credit = card // 2, card % 2
    age = (draw_words(facts.scenario.seed, card, Why.CARD)[0].astype(np.int64) * (4 * 365)) >> 32
    issued = np.maximum(facts.start - 1 - age, facts.joined[owner])
    return table(
        "cards",
        {
            "card_id": facts.names.card[card],
            "account_id": facts.names.account[owner * PERSON_ROWS + credit * CREDIT_CARD],
            "customer_id": facts.customer[owner],
            "kind": word("cards", "kind", ["debit", "credit"], credit),
            "bank": np.ascontiguousarray(world.people.bank)[owner],
            "issued": days(issued),
            "expires": days(issued + 4 * 365),
            "valid_from": days(issued),
            "valid_to": None,
        },
        len(card),
    )


def holders(facts: Facts) -> pa.Table:
    """Who holds which account: every person their own."""
    used = np.flatnonzero(used_accounts(facts.world)[: facts.world.layout.firm_base])
    used = used[used % PERSON_ROWS != 4]
    joined = days(facts.joined[used // PERSON_ROWS])
    return table(
        "holders",
        {
            "account_id": facts.names.account[used],
            "customer_id": facts.customer[used // PERSON_ROWS],
            "role": "primary",
            "valid_from": joined,
            "valid_to": None,
        },
        len(used),
    )


def traits(facts: Facts) -> pa.Table:
    """What only the world knows of each person."""
    people, scenario = facts.world.people, facts.scenario
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
            "customer_id": facts.customer,
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
