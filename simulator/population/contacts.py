"""Who knows whom: partners, friends and colleagues as sparse rows; every relation is mutual."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, normal, uniform, words
from simulator.population.households import Floats
from simulator.scenario import Scenario

PARTNER, FRIEND, COLLEAGUE = range(3)


class Contacts(NamedTuple):
    """Columns over relations, ordered by person."""

    start: NDArray[np.int64]
    """First relation of each person; N + 1 entries."""
    person: NDArray[np.int32]
    kind: NDArray[np.int8]
    """0 partner, 1 friend, 2 colleague."""
    paid: NDArray[np.int8]
    """1 once they are among the payees at the bank. Changes."""


def _pairs(order: Ints, group: Ints) -> tuple[Ints, Ints]:
    """Neighbours two by two in an order, within groups."""
    left, right = order[:-1:2], order[1::2]
    same = group[left] == group[right]
    return left[same], right[same]


def build_contacts(scenario: Scenario, household: Ints, town: Ints, age: Ints, decile: Ints, employer: Ints, sociable: Floats) -> Contacts:
    """Draw the relations.

    Friends are paired in rounds within a town among people of about the same age and income (a decile counts as eight
    years, assumption; for homophily by income see Chetty et al., "Social capital I", Nature 608, 2022); who takes part in
    a round depends on how sociable one is. Colleagues are neighbours in an employer's list.
    """
    rows = np.arange(len(household), dtype=np.int64)
    links: list[tuple[Ints, Ints, int]] = []
    partner = np.flatnonzero(household[1:] == household[:-1])
    links.append((partner, partner + 1, PARTNER))
    rounds = 2 * scenario.population.friends
    for turn in range(rounds):
        join_word, age_word, mix_word, _ = words(scenario.seed, rows, Why.FRIEND, turn)
        joins = rows[uniform(join_word) < np.clip(0.5 * sociable, 0.05, 0.95)]
        like = age[joins] + 8 * decile[joins] + 12 * normal(age_word[joins]) + uniform(mix_word[joins])
        order = joins[np.lexsort((like, town[joins]))]
        left, right = _pairs(order, town)
        keep = household[left] != household[right]
        links.append((left[keep], right[keep], FRIEND))
    works = rows[employer >= 0]
    for turn in range(2):
        order = works[np.lexsort((words(scenario.seed, works, Why.FRIEND, 100 + turn)[0], employer[works]))]
        links.append((*_pairs(order, employer), COLLEAGUE))
    source = np.concatenate([np.concatenate([a, b]) for a, b, _ in links])
    target = np.concatenate([np.concatenate([b, a]) for a, b, _ in links])
    kind = np.concatenate([np.full(2 * len(a), k, np.int8) for a, _, k in links])
    order = np.argsort(source, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=len(rows)))]).astype(np.int64)
    return Contacts(start, target[order].astype(np.int32), kind[order], np.zeros(len(order), np.int8))


def already_paid(seed: int, contacts: Contacts, social: Ints) -> NDArray[np.int8]:
    """Which contacts were paid through the bank within the two years before the first morning (assumption).

    Args:
        seed: key of the world.
        contacts: who knows whom.
        social: transfers to other people a day, 1/65536, by person.
    """
    known = np.diff(contacts.start)
    paid = np.zeros(len(contacts.person), np.int8)
    for place in range(int(known.max(initial=0))):
        rows = np.flatnonzero(known > place)
        # The first contacts are preferred as in `simulator.day.transfers`.
        share = np.sqrt((place + 1) / known[rows]) - np.sqrt(place / known[rows])
        never = np.exp(-730 * social[rows] / 65536 * share)
        paid[contacts.start[rows] + place] = uniform(words(seed, rows, Why.PAID, place)[0]) > never
    return paid
