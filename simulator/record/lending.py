"""Tables of what people and firms asked banks for and of what people were lent."""

import numpy as np
import pyarrow as pa

from simulator.economy.underwriting import REASONS, Product
from simulator.population.accounts import CREDIT_CARD, FIRM_ROWS, LOAN, PERSON_ROWS
from simulator.record.facts import Facts, days, table, word
from simulator.record.schema import arrow_schema

PRODUCTS = [product.name.lower() for product in Product]
MILLION = 1e6


def empty(name: str) -> pa.Table:
    """A table of the registry without rows."""
    return arrow_schema(name).empty_table()


def applications(facts: Facts) -> pa.Table:
    """One row for each request for a card, a line or a loan; banks decide on the day."""
    past = facts.diary.past("application")
    if not past:
        return empty("applications")
    row, product = past["row"].astype(np.int64), past["product"].astype(np.int64)
    granted = past["granted"] > 0
    layout, name = facts.world.layout, "applications"
    own = row * PERSON_ROWS + np.where(product == Product.CARD, CREDIT_CARD, LOAN)
    account = np.where(row < layout.people, own, layout.firm_base + (row - layout.people) * FIRM_ROWS)  # people, then firms
    account = facts.names.account[account]
    return table(
        name,
        {
            "application_id": np.arange(len(row)),
            "date": days(past["day"]),
            "bank": np.append(facts.world.people.bank, facts.world.firms.bank)[row],
            "customer_id": np.append(facts.customer, facts.business)[row],
            "product": word(name, "product", PRODUCTS, product),
            "amount": past["asked"] / facts.unit,
            "declared_income": past["income"] / facts.unit,
            "decision": word(name, "decision", ["granted", "refused", "open"], np.where(granted, 0, 1)),
            "reason": word(name, "reason", REASONS, past["reason"]),
            "decided": days(past["day"]),
            "account_id": np.where(granted, account, -1),
            "score": past["score"],
            "granted": past["granted"] / facts.unit,
            "debt_to_income": past["ratio"] / MILLION,
            "rate": np.where(granted, past["rate"] / MILLION, 0.0),
        },
        len(row),
    )


def loans(facts: Facts) -> pa.Table:
    """One row for each loan and mortgage that customers had, brought, or were granted, by the day on which it was granted."""
    past = facts.diary.past("loan")
    if not past:
        return empty("loans")
    known = np.flatnonzero(facts.world.people.joined[past["row"]] <= facts.end)
    known = known[np.argsort(past["granted"][known], kind="stable")]
    past = {name: column[known] for name, column in past.items()}
    row, name = past["row"].astype(np.int64), "loans"
    return table(
        name,
        {
            "account_id": facts.names.account[row * PERSON_ROWS + LOAN],
            "customer_id": facts.customer[row],
            "bank": facts.world.people.bank[row],
            "product": word(name, "product", PRODUCTS, past["product"]),
            "granted": days(past["granted"]),
            "principal": past["principal"] / facts.unit,
            "rate": past["rate"] / MILLION,
            "term_months": past["term"],
            "instalment": past["instalment"] / facts.unit,
        },
        len(row),
    )
