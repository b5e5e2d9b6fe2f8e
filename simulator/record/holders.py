"""The table of holders: who has which right to which account."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from simulator.draws import Ints, Why, uniform, words
from simulator.population.accounts import CREDIT_CARD, FIRM_ROWS, PERSON_ROWS, PURSE
from simulator.population.ownership import own_firms
from simulator.record.facts import Facts, days, table, used_accounts, word

ROLES = ["primary", "joint", "authorised_user", "signatory", "director", "beneficial_owner", "attorney"]
PRIMARY, JOINT, AUTHORISED, SIGNATORY, DIRECTOR, OWNER, ATTORNEY = range(len(ROLES))
OLD = 80
"""Age from which somebody may have an attorney."""

YOUNGER = 18
"""Attorneys are younger than their principals by so many years at least: children, nephews, neighbours (assumption)."""


class Rights(NamedTuple):
    """Columns over rights."""

    account: Ints
    """Account row."""
    customer: Ints
    """Person's row, or people + a firm's row."""
    role: Ints
    since: Ints
    """Day since 1970."""


def _rights(account: Ints, customer: Ints, role: int, since: Ints) -> Rights:
    held = customer >= 0
    return Rights(account[held], customer[held], np.full(held.sum(), role), since[held])


def people_rights(facts: Facts) -> list[Rights]:
    """Own accounts; accounts of couples; cards that a partner uses; attorneys of the old."""
    world, known, seed = facts.world, facts.scenario.knowledge, facts.scenario.seed
    people = world.people
    used = np.flatnonzero(used_accounts(world)[: world.layout.firm_base])
    used = used[used % PERSON_ROWS != PURSE]
    rights = [_rights(used, used // PERSON_ROWS, PRIMARY, facts.joined[used // PERSON_ROWS])]
    left = np.flatnonzero((people.household[1:] == people.household[:-1]) & (people.bank[1:] == people.bank[:-1])).astype(np.int64)
    joint_word, user_word, side, _ = words(seed, left, Why.HOLDER, 2)
    joint = uniform(joint_word) < known.joint_accounts
    mine = left + (side >> np.uint32(31)).astype(np.int64)
    partner = 2 * left + 1 - mine
    since = np.maximum(facts.joined[mine], facts.joined[partner])
    rights.append(_rights(mine[joint] * PERSON_ROWS, partner[joint], JOINT, since[joint]))
    user = (uniform(user_word) < known.authorised_users) & (people.line[mine] > 0)
    rights.append(_rights(mine[user] * PERSON_ROWS + CREDIT_CARD, partner[user], AUTHORISED, since[user]))
    old = np.flatnonzero(people.age >= OLD).astype(np.int64)
    has, whom, when, _ = words(seed, old, Why.HOLDER, 3)
    chosen = uniform(has) < known.attorneys
    old, whom, when = old[chosen], whom[chosen], when[chosen]
    pool = np.flatnonzero((people.age >= 30) & (people.age <= OLD - YOUNGER))
    pool = pool[np.argsort(people.town[pool], kind="stable")]
    start = np.searchsorted(people.town[pool], np.arange(int(people.town.max()) + 2))
    low, count = start[people.town[old]], np.diff(start)[people.town[old]]
    attorney = np.full(len(old), -1, np.int64)
    some = count > 0
    attorney[some] = pool[(low + (whom.astype(np.int64) * count >> 32))[some]]
    begun = np.maximum(facts.joined[old], facts.start - (when.astype(np.int64) * (5 * 365) >> 32))
    rights.append(_rights(old * PERSON_ROWS, attorney, ATTORNEY, begun))
    return rights


def firm_rights(facts: Facts) -> list[Rights]:
    """A firm's own accounts; who signs, directs and owns."""
    world = facts.world
    layout, ownership = world.layout, own_firms(facts.scenario, facts.world)
    used = np.flatnonzero(used_accounts(world)[layout.firm_base : layout.government])
    used = used[facts.names.bank[layout.firm_base + used] >= 0]
    opened = world.firms.opened.astype(np.int64)
    rights = [_rights(layout.firm_base + used, layout.people + used // FIRM_ROWS, PRIMARY, opened[used // FIRM_ROWS])]
    current = layout.firm_base + np.arange(layout.firms, dtype=np.int64) * FIRM_ROWS
    parent = np.where(ownership.parent >= 0, layout.people + ownership.parent, -1)
    for who, role in (
        (ownership.signatory, SIGNATORY), (ownership.second_signatory, SIGNATORY), (ownership.director, DIRECTOR),
        (ownership.owner, OWNER), (ownership.second_owner, OWNER), (parent, OWNER),
    ):  # fmt: skip
        rights.append(_rights(current, who, role, opened))
    return rights


def holders(facts: Facts) -> pa.Table:
    """Every right of a customer to an account."""
    rights = [*people_rights(facts), *firm_rights(facts)]
    account, customer, role, since = (np.concatenate(columns) for columns in zip(*rights, strict=True))
    ids = np.concatenate([facts.customer, facts.business])
    return table(
        "holders",
        {
            "account_id": facts.names.account[account],
            "customer_id": ids[customer],
            "role": word("holders", "role", ROLES, role),
            "valid_from": days(since),
            "valid_to": None,
        },
        len(account),
    )
