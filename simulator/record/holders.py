"""The table of holders: who has which right to which account."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from simulator.draws import Ints, Why, uniform, words
from simulator.population.accounts import CREDIT_CARD, FIRM_ROWS, PERSON_ROWS, PURSE
from simulator.population.presence import last_days
from simulator.population.trades import Trade
from simulator.record.facts import Facts, days, had_card, table, used_accounts, word
from simulator.record.histories import OPEN

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
    until: Ints
    """Last day, OPEN where it holds."""


def _rights(account: Ints, customer: Ints, role: int, since: Ints, until: Ints) -> Rights:
    held = (customer >= 0) & (since <= until)
    return Rights(account[held], customer[held], np.full(held.sum(), role), since[held], until[held])


def parted(facts: Facts, left: Ints, right: Ints) -> Ints:
    """Last day on which couples of the first morning were together: one of them moved alone, left or died; OPEN where none did."""
    together: Ints = np.minimum(facts.left[left], facts.left[right])
    past = facts.diary.past("home")
    if not past:
        return together
    couple = np.full(facts.world.layout.people, -1, np.int64)
    couple[left], couple[right] = np.arange(len(left)), np.arange(len(left))
    which, day = couple[past["row"]], past["day"].astype(np.int64)
    key, count = np.unique((which[which >= 0] << 32) + day[which >= 0], return_counts=True)
    alone = key[count == 1]
    np.minimum.at(together, alone >> 32, (alone & 0xFFFFFFFF) - 1)
    return together


def people_rights(facts: Facts) -> list[Rights]:
    """Own accounts; accounts of couples; cards that a partner uses; attorneys of the old."""
    world, known, seed = facts.world, facts.scenario.knowledge, facts.scenario.seed
    people, dossiers, row = world.people, facts.files.dossiers, facts.here
    used = np.flatnonzero(used_accounts(facts.scenario, world, facts.end)[: world.layout.firm_base])
    used = used[(used % PERSON_ROWS != PURSE) & (facts.joined[used // PERSON_ROWS] <= facts.end)]
    owner = used // PERSON_ROWS
    rights = [_rights(used, owner, PRIMARY, facts.opened[used], facts.closed[used])]
    left = row[dossiers.partner[row] > row]
    left = left[people.bank[left] == people.bank[dossiers.partner[left]]]
    joint_word, user_word, side, _ = words(seed, left, Why.HOLDER, 2)
    other = dossiers.partner[left].astype(np.int64)
    mine, partner = np.where(side >> np.uint32(31), other, left), np.where(side >> np.uint32(31), left, other)
    since, until = np.maximum(facts.joined[mine], facts.joined[partner]), parted(facts, left, other)
    joint = uniform(joint_word) < known.joint_accounts
    rights.append(_rights(mine[joint] * PERSON_ROWS, partner[joint], JOINT, since[joint], until[joint]))
    user = (uniform(user_word) < known.authorised_users) & had_card(world)[mine]
    card = mine[user] * PERSON_ROWS + CREDIT_CARD
    rights.append(_rights(card, partner[user], AUTHORISED, np.maximum(since[user], facts.opened[card]),
                          np.minimum(until[user], facts.closed[card])))  # fmt: skip
    old = row[(dossiers.age[row] >= OLD) & (facts.joined[row] < facts.start)]
    has, whom, when, _ = words(seed, old, Why.HOLDER, 3)
    chosen = uniform(has) < known.attorneys
    old, whom, when = old[chosen], whom[chosen], when[chosen]
    pool = row[(dossiers.age[row] >= 30) & (dossiers.age[row] <= OLD - YOUNGER) & (facts.joined[row] < facts.start)]
    pool = pool[np.argsort(people.town[pool], kind="stable")]
    start = np.searchsorted(people.town[pool], np.arange(int(people.town.max()) + 2))
    low, count = start[people.town[old]], np.diff(start)[people.town[old]]
    attorney = np.full(len(old), -1, np.int64)
    some = count > 0
    attorney[some] = pool[(low + (whom.astype(np.int64) * count >> 32))[some]]
    begun = np.maximum(facts.joined[old], facts.start - (when.astype(np.int64) * (5 * 365) >> 32))
    rights.append(_rights(old * PERSON_ROWS, attorney, ATTORNEY, begun, np.minimum(facts.left[old], facts.left[attorney])))
    return rights


def firm_rights(facts: Facts) -> list[Rights]:
    """A firm's own accounts; who signs, directs and owns."""
    world = facts.world
    layout, ownership = world.layout, facts.files.ownership
    used = np.flatnonzero(used_accounts(facts.scenario, world, facts.end)[layout.firm_base : layout.government])
    used = used[facts.names.bank[layout.firm_base + used] >= 0]
    opened, (last, closing) = world.firms.opened.astype(np.int64), last_days(world.firms)
    of = used // FIRM_ROWS
    rights = [_rights(layout.firm_base + used, layout.people + of, PRIMARY, opened[of], np.minimum(closing[of], OPEN))]
    current = layout.firm_base + np.arange(layout.firms, dtype=np.int64) * FIRM_ROWS
    parent = np.where(ownership.parent >= 0, layout.people + ownership.parent, -1)
    for who, role in (
        (ownership.signatory, SIGNATORY), (ownership.second_signatory, SIGNATORY), (ownership.director, DIRECTOR),
        (ownership.owner, OWNER), (ownership.second_owner, OWNER), (parent, OWNER),
    ):  # fmt: skip
        until = np.where((who >= 0) & (who < layout.people), facts.left[np.clip(who, 0, layout.people - 1)], OPEN)
        by_firm = who >= layout.people
        until[by_firm] = last[who[by_firm] - layout.people]
        until = np.minimum(until, closing)
        rights.append(_rights(current, who, role, opened, until))
    return [*rights, *_successors(facts, current)]


def _successors(facts: Facts, current: Ints) -> list[Rights]:
    """Who took over a firm, or a club's accounts, after the owner or treasurer of the first morning."""
    past, firms = facts.diary.past("owner"), facts.world.firms
    if not past:
        return []
    order = np.lexsort((past["day"], past["row"]))
    firm, day = past["row"][order].astype(np.int64), past["day"][order].astype(np.int64)
    # The next one who goes is who came now, and whoever came last is there still.
    who = firms.owner[firm].astype(np.int64)
    again = np.flatnonzero(firm[1:] == firm[:-1])
    who[again] = past["owner"][order][again + 1]
    until = np.minimum(np.where(who >= 0, facts.left[np.maximum(who, 0)], OPEN), last_days(firms)[1][firm])
    club, founded = firms.trade[firm] == Trade.CLUB, past["owner"][order] < 0  # who opens a firm directs it too
    roles = ((club, SIGNATORY), (~club, OWNER), (founded, DIRECTOR))
    return [_rights(current[firm[mine]], who[mine], role, day[mine], until[mine]) for mine, role in roles]


def holders(facts: Facts) -> pa.Table:
    """Every right of a customer to an account."""
    rights = [*people_rights(facts), *firm_rights(facts)]
    account, customer, role, since, until = (np.concatenate(columns) for columns in zip(*rights, strict=True))
    ids = np.concatenate([facts.customer, facts.business])
    return table(
        "holders",
        {
            "account_id": facts.names.account[account],
            "customer_id": ids[customer],
            "role": word("holders", "role", ROLES, role),
            "valid_from": days(since),
            "valid_to": days(until, until < facts.end),
        },
        len(account),
    )
