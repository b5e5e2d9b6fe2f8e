"""The table of identifiers: phones, e-mails, addresses, tax ids and documents as tokens; shared ones link people, mostly innocently."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.draws import Ints, Why, uniform, words
from simulator.population.identity import Kind, public_ids
from simulator.population.presence import last_days
from simulator.record.facts import Facts, days, table, word
from simulator.record.histories import OPEN, Versions, values, versions

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


def _tokens(customer: Ints, kind: int, what: Ints | int, owner: Ints, version: Ints | int, since: Ints, until: Ints | int = OPEN) -> Tokens:
    size = customer.shape

    def column(value: Ints | int) -> Ints:
        return np.broadcast_to(np.asarray(value, np.int64), size)

    return Tokens(customer, column(kind), column(what), owner, column(version), since, column(until))


def buildings(facts: Facts, home: Ints, moved: Ints, zone: Ints) -> tuple[Ints, Ints, Ints]:
    """What an address is, HOUSE or FLAT, its owner and version: a household and how often it moved, or a building of the zone."""
    known, people = facts.scenario.knowledge, facts.world.people
    drawn = np.zeros((2, len(home)), np.uint32)
    for times in np.unique(moved).tolist():
        mine = moved == times
        drawn[:, mine] = words(facts.scenario.seed, home[mine], Why.BUILDING, times)[:2]
    homes = facts.scenario.population.town_size / 1.7 / 16 * known.flats / known.flats_a_building
    block = (drawn[1].astype(np.int64) * max(1, round(homes)) >> 32) + 4096 * (people.town[home].astype(np.int64) * 16 + zone)
    flat = uniform(drawn[0]) < known.flats
    return np.where(flat, FLAT, HOUSE), np.where(flat, block, home), np.where(flat, 0, moved)


def _changing(facts: Facts, kind: str, row: Ints) -> Versions:
    """Versions of something that customers change by themselves."""
    return versions(facts.diary.past(kind), row, facts.joined[row], facts.left[row], facts.end)


def people_tokens(facts: Facts, row: Ints) -> list[Tokens]:
    """Identifiers of some people."""
    scenario, known, dossiers = facts.scenario, facts.scenario.knowledge, facts.files.dossiers
    age, since, until = dossiers.age[row], facts.joined[row], facts.left[row]
    household = np.where(dossiers.partner[row] >= 0, np.minimum(row, dossiers.partner[row]), row)
    has_phone, has_mail, has_paper, phase = words(scenario.seed, row, Why.IDENTIFIER)
    has_line, shares_mail, _, _ = words(scenario.seed, household, Why.IDENTIFIER, 1)
    at = _changing(facts, "phone", row[uniform(has_phone) < CELLPHONES])
    mobile = row[uniform(has_phone) < CELLPHONES][at.place]
    found = [_tokens(mobile, PHONE, MOBILE, mobile, at.number, at.since, at.until)]
    line = uniform(has_line) < np.where(dossiers.age[household] < 60, known.landlines[0], known.landlines[1])
    found.append(_tokens(row[line], PHONE, LANDLINE, household[line], 0, since[line], until[line]))
    share = np.array([value for _, value in MAILS])[np.searchsorted([limit for limit, _ in MAILS], age, side="right")]
    writes = uniform(has_mail) < share
    at = _changing(facts, "email", row[writes])
    mail = row[writes][at.place]
    shared = (uniform(shares_mail) < known.shared_emails)[writes][at.place] & (dossiers.partner[mail] >= 0) & (at.number == 0)
    owner = np.where(shared, household[writes][at.place], mail)
    found.append(_tokens(mail, EMAIL, MAIL, owner, at.number + ~shared, at.since, at.until))
    past = facts.diary.past("dossier")
    at = versions(past, row, since, until, facts.end)
    home, moved, zone = (values(name, at, past, row, dossiers[name]).astype(np.int64) for name in ("home", "moved", "zone"))
    # A file that was brought up to date otherwise still says the same address.
    same = (np.diff(at.place) == 0) & (np.diff(home) == 0) & (np.diff(moved) == 0)
    begins = np.flatnonzero(np.append(True, ~same))
    ends = at.until[np.append(begins[1:], len(at.place)) - 1]
    what, owner, version = buildings(facts, home[begins], moved[begins], zone[begins])
    found.append(_tokens(row[at.place[begins]], ADDRESS, what, owner, version, at.since[begins], ends))
    found.append(_tokens(row, TAX, TAX_NUMBER, row, 0, since, until))
    papers = uniform(has_paper) < PAPERS
    paper, cycle = row[papers], PAPER_YEARS * 365
    turn = phase[papers].astype(np.int64) * cycle >> 32
    shown = np.maximum(since[papers], facts.start)
    low, high = (shown - turn) // cycle, (np.minimum(until[papers], facts.end) - turn) // cycle
    # The bank has the paper that was good on the first day of the run, and is shown the next when it is renewed.
    for step in range(int((high - low).max(initial=0)) + 1):
        held = low + step <= high
        number, begun = (low + step)[held], since[papers][held]
        last = np.where(low + step < high, (low + step + 1) * cycle + turn - 1, until[papers])[held]
        found.append(
            _tokens(paper[held], DOCUMENT, PAPER, paper[held], number & 1023, np.maximum(begun, number * cycle + turn[held]), last)
        )
    return found


def firm_tokens(facts: Facts) -> list[Tokens]:
    """Identifiers of firms: their own, but for small ones at an owner's address and on an owner's phone."""
    layout, ownership, dossiers = facts.world.layout, facts.files.ownership, facts.files.dossiers
    firm = np.arange(layout.firms, dtype=np.int64)
    customer, own, since = layout.people + firm, FIRM + firm, facts.world.firms.opened.astype(np.int64)
    owner = np.maximum(ownership.owner, 0)
    # A firm stays where it was founded when its owner moves.
    head = np.where(dossiers.partner[owner] >= 0, np.minimum(owner, dossiers.partner[owner]), owner)
    until = np.minimum(last_days(facts.world.firms)[1], OPEN)
    what, place, _ = buildings(facts, head, np.zeros(len(firm), np.int64), facts.world.firms.zone.astype(np.int64))
    home = ownership.at_home & (what == HOUSE)
    return [
        _tokens(customer, PHONE, np.where(home, MOBILE, LANDLINE), np.where(home, owner, own), 0, since, until),
        _tokens(customer, EMAIL, MAIL, own, 0, since, until),
        _tokens(customer, ADDRESS, HOUSE, np.where(home, place, own), 0, since, until),
        _tokens(customer, TAX, TAX_NUMBER, own, 0, since, until),
        _tokens(customer, DOCUMENT, PAPER, own, 0, since, until),
    ]


def _table(facts: Facts, found: list[Tokens]) -> pa.Table:
    columns = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    customer, kind, what, owner, version, since, until = columns
    # By customer, kind and day: one key, whose parts are sorted runs already.
    order = np.argsort(customer << 35 | kind << 32 | since + (1 << 31), kind="stable")
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
    for low in range(0, len(facts.here), SLICE):
        yield _table(facts, people_tokens(facts, facts.here[low : low + SLICE]))
    yield _table(facts, firm_tokens(facts))


def identifiers(facts: Facts) -> pa.Table:
    """Every identifier that a customer gave, in slices of customers."""
    return pa.concat_tables(_slices(facts))
