"""The tables of entities: all of them, and those of accounts."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from simulator.codes import AccountKind, words
from simulator.draws import Ints
from simulator.population.accounts import CLOSED, CREDIT_CARD, FIRM_ROWS, PERSON_ROWS, kinds, true_lines
from simulator.population.debts import NO_LINE
from simulator.population.presence import NEVER, last_days
from simulator.record.businesses import banks, merchants, terminals
from simulator.record.cards import cards
from simulator.record.customers import customers
from simulator.record.devices import devices
from simulator.record.facts import Facts, days, had_card, table, used_accounts, word
from simulator.record.histories import OPEN, values, versions
from simulator.record.holders import holders
from simulator.record.identifiers import identifiers
from simulator.record.persons import traits


def _owners(facts: Facts) -> tuple[Ints, Ints]:
    """Kind of owner (place in the list of words) and public id of the owner, by account row."""
    layout = facts.world.layout
    firm_kind = np.array([1, 1, 2, 6])[facts.world.firms.kind]
    ends = np.concatenate([[4], np.full(layout.bank_base - layout.outside, 5), np.full(layout.banks, 3)])
    kind = np.concatenate([np.zeros(layout.firm_base, np.int64), np.repeat(firm_kind, FIRM_ROWS), ends])
    own = np.concatenate(
        [
            np.repeat(facts.customer, PERSON_ROWS),
            np.repeat(facts.names.firm.astype(np.int64), FIRM_ROWS),
            np.full(layout.bank_base - layout.government, -1),
            np.arange(layout.banks),
        ]
    )
    return kind, own


def _limits(facts: Facts) -> Ints:
    """How far each account may fall below zero, minor units; a closed credit card keeps the line that it had."""
    world = facts.world
    line = true_lines(world.accounts.line)
    limit = np.where((line >= 1 << 61) | (line <= CLOSED), 0, line)
    limit[CREDIT_CARD : world.layout.firm_base : PERSON_ROWS] = np.where(had_card(world), np.maximum(world.people.line, NO_LINE), 0)
    return limit


def accounts(facts: Facts) -> pa.Table:
    """Every account that its owner uses; another limit makes another version."""
    world, layout = facts.world, facts.world.layout
    used = np.flatnonzero(used_accounts(facts.scenario, world, facts.end))
    kind, own = _owners(facts)
    opened = facts.opened
    until = np.concatenate(
        [
            facts.closed,
            np.repeat(last_days(world.firms)[1], FIRM_ROWS),
            np.full(layout.accounts - layout.government, NEVER),
        ]
    )[used]
    past = facts.diary.past("limit")
    found = versions(past, used, opened[used], np.where(until <= facts.end, until, OPEN).astype(np.int64), facts.end)
    limit = values("limit", found, past, used, _limits(facts)) / facts.unit  # only the boundary, without limits, has other currencies
    used = used[found.place]
    owners = ["customer", "merchant", "employer", "bank", "government", "outside", "institution"]
    return table(
        "accounts",
        {
            "account_id": facts.names.account[used],
            "owner_kind": word("accounts", "owner_kind", owners, kind[used]),
            "owner_id": own[used],
            "kind": word("accounts", "kind", words(AccountKind), kinds(layout)[used]),
            "bank": facts.names.bank[used],
            "currency": word("accounts", "currency", facts.currencies, facts.currency[used]),
            "opened": days(opened[used]),
            "credit_limit": limit,
            "valid_from": days(found.since),
            "valid_to": days(found.until, found.until <= facts.end),
        },
        len(used),
    )


def balances(facts: Facts, opening: Ints) -> pa.Table:
    """Opening and closing book balances of every account in use, and the credits that are still on their way."""
    used = np.flatnonzero(used_accounts(facts.scenario, facts.world, facts.end))
    closing = facts.world.accounts.book[used]
    unit = facts.world.abroad.unit[facts.currency[used]]
    return table(
        "truth/balances",
        {
            "account_id": facts.names.account[used],
            "currency": word("truth/balances", "currency", facts.currencies, facts.currency[used]),
            "opening_balance": opening[used] / unit,
            "closing_balance": closing / unit,
            "in_flight": facts.world.accounts.flight[used] / unit,
        },
        len(used),
    )


ENTITIES: dict[str, Callable[[Facts], pa.Table]] = {
    "customers": customers,
    "merchants": merchants,
    "banks": banks,
    "accounts": accounts,
    "cards": cards,
    "devices": devices,
    "terminals": terminals,
    "holders": holders,
    "identifiers": identifiers,
    "truth/traits": traits,
}
"""The tables of entities and traits; each is made when it is written, for together they are large."""


def entity_table(name: str, facts: Facts) -> pa.Table:
    """One of `ENTITIES`, without firms that wait for a place that never fell vacant."""
    made = ENTITIES[name](facts)
    if "valid_from" not in made.column_names or not (facts.world.firms.opened == NEVER).any():
        return made
    since = made["valid_from"].combine_chunks().view(pa.int32()).to_numpy()
    return made.filter(pa.array(since < NEVER))
