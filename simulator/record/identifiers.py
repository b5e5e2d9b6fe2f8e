"""The table of identifiers: phones, e-mails, addresses, tax ids and documents as tokens; shared ones link people, mostly innocently."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.draws import Ints, Why, uniform, words
from simulator.population.identity import Kind, public_ids
from simulator.population.ownership import own_firms
from simulator.record.facts import Facts, days, table, word

KINDS = ["phone", "email", "address", "tax_id", "document"]
PHONE, EMAIL, ADDRESS, TAX, DOCUMENT = range(len(KINDS))
SLICE = 250_000
"""People whose identifiers are built at once: a million customers have five million of them."""

MOBILE, LANDLINE, MAIL, HOUSE, FLAT, TAX_NUMBER, PAPER = range(7)
"""What a token stands for; its owner is a person, a household, a building or a firm."""

CELLPHONES = 0.97
"""Adults with a mobile phone of any kind (Pew Research Center, survey of January 2021: 97 %)."""

MAILS = ((30, 0.99), (60, 0.97), (75, 0.92), (200, 0.75))
"""Share of customers with an e-mail up to an age (assumption)."""

PAPER_YEARS, PAPERS = 9, 0.97
"""Years after which a passport or licence is renewed, and share of customers whose document the bank has (assumption)."""

FIRM = 1 << 26
"""Added to the row of a firm among owners of tokens."""


class Tokens(NamedTuple):
    """Columns over identifiers."""

    customer: Ints
    """Person's row, or people + a firm's row."""
    kind: Ints
    what: Ints
    owner: Ints
    version: Ints
    since: Ints
    until: Ints
    """Last day, OPEN while it holds."""


OPEN = 2**31 - 1


def _tokens(customer: Ints, kind: int, what: Ints | int, owner: Ints, version: Ints | int, since: Ints, until: Ints | int = OPEN) -> Tokens:
    size = customer.shape

    def column(value: Ints | int) -> Ints:
        return np.broadcast_to(np.asarray(value, np.int64), size)

    return Tokens(customer, column(kind), column(what), owner, column(version), since, column(until))


def _versions(facts: Facts, kind: str, row: Ints, since: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """The versions of something that customers changed: place in `row`, version, first and last day."""
    past = facts.diary.past(kind)
    place = np.arange(len(row))
    if not past:
        return place, np.zeros(len(row), np.int64), since, np.full(len(row), OPEN, np.int64)
    found = np.searchsorted(row, past["row"])
    mine = (found < len(row)) & (row[np.minimum(found, len(row) - 1)] == past["row"])
    changed, day = found[mine], past["day"][mine].astype(np.int64)
    who = np.concatenate([place, changed])
    begins = np.concatenate([since, day])
    order = np.lexsort((begins, np.concatenate([np.zeros(len(place)), np.ones(len(changed))]), who))
    who, begins = who[order], begins[order]
    first = np.append(True, np.diff(who) > 0)
    start = np.flatnonzero(first)
    version = np.arange(len(who)) - np.repeat(start, np.diff(np.append(start, len(who))))
    until = np.append(np.where(first[1:], OPEN, begins[1:] - 1), OPEN)
    return who, version.astype(np.int64), begins, until


def buildings(facts: Facts, household: Ints) -> tuple[Ints, Ints]:
    """What the address of each household is, HOUSE or FLAT, and its owner: the household, or the building among its zone's."""
    known, people = facts.scenario.knowledge, facts.world.people
    is_flat, which, _, _ = words(facts.scenario.seed, household, Why.BUILDING)
    homes = facts.scenario.population.town_size / 1.7 / 16 * known.flats / known.flats_a_building
    block = (which.astype(np.int64) * max(1, round(homes)) >> 32) + 4096 * (
        people.town[household].astype(np.int64) * 16 + people.zone[household]
    )
    flat = uniform(is_flat) < known.flats
    return np.where(flat, FLAT, HOUSE), np.where(flat, block, household)


def people_tokens(facts: Facts, low: int, high: int) -> list[Tokens]:
    """Identifiers of the people of rows ``low`` to ``high``."""
    scenario, known, people = facts.scenario, facts.scenario.knowledge, facts.world.people
    row = np.arange(low, high, dtype=np.int64)
    household, age, since = people.household[low:high].astype(np.int64), people.age[low:high], facts.joined[low:high]
    has_phone, has_mail, has_paper, phase = words(scenario.seed, row, Why.IDENTIFIER)
    has_line, shares_mail, _, _ = words(scenario.seed, household, Why.IDENTIFIER, 1)
    mobile = row[uniform(has_phone) < CELLPHONES]
    who, version, begins, until = _versions(facts, "phone", mobile, since[mobile - low])
    found = [_tokens(mobile[who], PHONE, MOBILE, mobile[who], version, begins, until)]
    line = row[uniform(has_line) < np.where(people.age[household] < 60, known.landlines[0], known.landlines[1])]
    found.append(_tokens(line, PHONE, LANDLINE, household[line - low], 0, since[line - low]))
    share = np.array([value for _, value in MAILS])[np.searchsorted([limit for limit, _ in MAILS], age, side="right")]
    mail = row[uniform(has_mail) < share]
    who, version, begins, until = _versions(facts, "email", mail, since[mail - low])
    shared = (uniform(shares_mail) < known.shared_emails)[mail - low][who] & (version == 0)
    found.append(_tokens(mail[who], EMAIL, MAIL, np.where(shared, household[mail - low][who], mail[who]), version + ~shared, begins, until))
    what, owner = buildings(facts, household)
    found.append(_tokens(row, ADDRESS, what, owner, 0, since))
    found.append(_tokens(row, TAX, TAX_NUMBER, row, 0, since))
    paper = row[uniform(has_paper) < PAPERS]
    cycle = PAPER_YEARS * 365
    turn = phase[paper - low].astype(np.int64) * cycle >> 32
    joined = since[paper - low]
    version = (joined - turn) // cycle
    now = (facts.end - turn) // cycle
    # What was shown at the start holds until it is renewed; the bank is shown the new one then.
    for step in range(int((now - version).max(initial=0)) + 1):
        held = version + step <= now
        begins = np.maximum(joined, (version + step) * cycle + turn)[held]
        until = np.where(version + step < now, (version + step + 1) * cycle + turn - 1, OPEN)[held]
        found.append(_tokens(paper[held], DOCUMENT, PAPER, paper[held], (version + step)[held] & 1023, begins, until))
    return found


def firm_tokens(facts: Facts) -> list[Tokens]:
    """Identifiers of firms: their own, but for small ones at an owner's address and on an owner's phone."""
    layout, ownership = facts.world.layout, own_firms(facts.scenario, facts.world)
    firm = np.arange(layout.firms, dtype=np.int64)
    customer, own, since = layout.people + firm, FIRM + firm, facts.world.firms.opened.astype(np.int64)
    head = facts.world.people.household[np.maximum(ownership.owner, 0)].astype(np.int64)
    what, owner = buildings(facts, head)
    home = ownership.at_home
    return [
        _tokens(customer, PHONE, np.where(home, MOBILE, LANDLINE), np.where(home, ownership.owner, own), 0, since),
        _tokens(customer, EMAIL, MAIL, own, 0, since),
        _tokens(customer, ADDRESS, np.where(home, what, HOUSE), np.where(home, owner, own), 0, since),
        _tokens(customer, TAX, TAX_NUMBER, own, 0, since),
        _tokens(customer, DOCUMENT, PAPER, own, 0, since),
    ]


def _table(facts: Facts, found: list[Tokens]) -> pa.Table:
    columns = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    customer, kind, what, owner, version, since, until = columns
    order = np.lexsort((since, kind, customer))
    customer, kind, since, until = customer[order], kind[order], since[order], until[order]
    token = public_ids(facts.scenario.seed, Kind.IDENTIFIER, ((what << 37) | (owner << 10) | version)[order])
    layout = facts.world.layout
    people = customer < layout.people
    ids: NDArray[np.int64] = np.where(
        people, facts.customer[np.minimum(customer, layout.people - 1)], facts.business[np.maximum(customer - layout.people, 0)]
    )
    return table(
        "identifiers",
        {
            "customer_id": ids,
            "kind": word("identifiers", "kind", KINDS, kind),
            "token": token,
            "valid_from": days(since),
            "valid_to": days(until, until < facts.end),
        },
        len(customer),
    )


def _slices(facts: Facts) -> Iterator[pa.Table]:
    people = facts.world.layout.people
    for low in range(0, people, SLICE):
        yield _table(facts, people_tokens(facts, low, min(low + SLICE, people)))
    yield _table(facts, firm_tokens(facts))


def identifiers(facts: Facts) -> pa.Table:
    """Every identifier that a customer gave, in slices of customers."""
    return pa.concat_tables(_slices(facts))
