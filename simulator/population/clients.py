"""Clients of institutions: who deals with which trade, how often and for how much; then with which institution, as sparse rows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Method
from simulator.draws import WORD, Ints, Why, choose, normal, threshold, uniform, words
from simulator.population.firms import Firms, Plan
from simulator.population.households import Floats, Members
from simulator.records import Gathered, Records, records, row_type
from simulator.scenario import Institution, Scenario, Trade

CONSUMES = (Trade.CASINO, Trade.BETTING, Trade.GIFT_CARDS, Trade.CHARITY, Trade.CLUB)
"""Trades whose clients' money is spent: it comes out of what they would spend at merchants."""

PUTS_ASIDE = (Trade.CRYPTO_EXCHANGE, Trade.BROKER)
"""Trades whose clients' money is still theirs: it comes out of what they save."""

MOST = 0.10
"""Dealings with one trade take at most this share of a client's net income, in the mean (assumption)."""

DAYS_A_MONTH = 365.25 / 12


class Clients(NamedTuple):
    """Clients of one entry of the scenario's institutions."""

    entry: int
    """Place in the scenario's institutions."""
    rows: Ints
    """Places among the people planned together."""
    rate: Floats
    """Dealings a month."""
    level: Floats
    """Mean dealing, currency units."""

    def living(self, people: int) -> "Clients":
        """Those among the first so many people."""
        keep = self.rows < people
        return Clients(self.entry, self.rows[keep], self.rate[keep], self.level[keep])


class Dealings(NamedTuple):
    """Columns over what is dealt at random times, ordered by person."""

    start: NDArray[np.int64]
    """First row of each person; N + 1 entries."""
    level: NDArray[np.int64]
    """Mean dealing, minor units."""
    firm: NDArray[np.int32]
    chance: NDArray[np.uint32]
    """Chance of a dealing on a day, of 2^32."""
    entry: NDArray[np.int8]
    """Place in the scenario's institutions."""
    method: NDArray[np.int8]
    paid: NDArray[np.int8]
    """0 until the client pays for the first time. Changes."""


NEW = 0.15
"""Share of clients who have not paid yet on the first morning (assumption)."""

DEALING = row_type(Dealings, "start")


def draw_clients(scenario: Scenario, members: Members, mean_gross: float, net: Floats) -> list[Clients]:
    """Who deals with which trade; a person's answer depends on their own row alone.

    Args:
        scenario: the institutions.
        members: the people.
        mean_gross: mean yearly household income, currency units.
        net: monthly income after what is withheld, by person.
    """
    quintile = members.decile >> 1
    clients = []
    for place, entry in enumerate(scenario.institutions):
        if entry.trade not in (*CONSUMES, *PUTS_ASIDE) or not any(entry.clients):
            continue
        client_word, rate_word, level_word, _ = words(scenario.seed, members.row, Why.CLIENT, place)
        rows = np.flatnonzero((client_word < threshold(np.array(entry.clients)).astype(np.uint32)[quintile]) & (net > 0))
        often = 0.0 if entry.regular else 0.5  # how clients differ in how often they deal (assumption)
        rate = entry.per_month * np.exp(often * normal(rate_word[rows]) - often * often / 2)
        differs = np.exp(entry.differs * normal(level_word[rows]) - entry.differs**2 / 2)
        level = entry.mean * (members.household_gross[rows] / mean_gross) ** entry.elasticity * differs
        level = np.minimum(level, MOST * net[rows] / np.maximum(rate, 1e-9))
        clients.append(Clients(place, rows, rate, level))
    return clients


def kept(entry: Institution) -> float:
    """Share of what clients pay that does not come back to them."""
    return max(0.0, 1.0 - entry.back * entry.ratio)


def monthly_cost(scenario: Scenario, clients: list[Clients], trades: tuple[Trade, ...], size: int) -> Floats:
    """What each person pays to institutions of some trades in a month, less what comes back; currency units."""
    total = np.zeros(size)
    for c in clients:
        entry = scenario.institutions[c.entry]
        if entry.trade in trades:
            np.add.at(total, c.rows, c.rate * c.level * kept(entry))
    return total


def choose_institution(plan: Plan, firms: Firms | Records, place: int, town: Ints, word: NDArray[np.uint32]) -> Ints:
    """Firm of an entry for each client, by pull; of their own town where the entry is local.

    Args:
        plan: where firms stand.
        firms: their pull.
        place: entry of the scenario's institutions.
        town: town of each client.
        word: one word a client.
    """
    counts = plan.institutions[place]
    local = bool((counts[1:] > 0).any()) or plan.towns == 1
    first = plan.first_institution + int(plan.institutions[:place].sum())
    starts = first + np.concatenate([[0], np.cumsum(counts)])
    group = town if local else np.zeros(len(town), np.int64)
    heap = np.concatenate([[0], np.cumsum(firms.pull)])
    low, high = heap[starts[group]], heap[starts[group + 1]]
    target = low + (uniform(word) * (high - low)).astype(np.int64)
    chosen = np.searchsorted(heap, target, side="right") - 1
    return np.clip(chosen, starts[group], starts[group + 1] - 1).astype(np.int64)


def institution_of(scenario: Scenario, plan: Plan, firms: Firms | Records, entry: int, person: Ints, town: Ints) -> Ints:
    """The institution that each client of an entry deals with, by their row and town."""
    return choose_institution(plan, firms, entry, town, words(scenario.seed, person, Why.CLIENT, 2000 + entry)[1])


def choose_method(scenario: Scenario, place: int, person: Ints) -> NDArray[np.int8]:
    """Method by which each client pays an institution: everyone keeps to one."""
    methods = scenario.institutions[place].methods
    chosen = choose(list(methods.values()), words(scenario.seed, person, Why.CLIENT, 1000 + place)[0])
    return np.array([int(Method[name.name]) for name in methods], np.int8)[chosen]


def draw_dealings(
    scenario: Scenario, plan: Plan, firms: Firms | Records, clients: list[Clients], person: Ints, town: Ints, unit: int
) -> tuple[Records, Ints, Ints]:  # fmt: skip
    """What some people deal at random times, by place among them: rows of Dealings, how many each has, and everybody's broker.

    Args:
        scenario: the institutions.
        plan: where firms stand.
        firms: their pull.
        clients: who deals.
        person: row of each at whose address choices stand.
        town: of each.
        unit: minor units in a currency unit.
    """
    parts, payers, broker = [records(DEALING, 0)], [np.zeros(0, np.int64)], np.full(len(person), -1, np.int64)
    for c in clients:
        entry, who = scenario.institutions[c.entry], person[c.rows]
        firm = institution_of(scenario, plan, firms, c.entry, who, town[c.rows])
        if entry.trade is Trade.BROKER:
            broker[c.rows] = firm
        if entry.regular:
            continue
        part = records(DEALING, len(who))
        part.level, part.firm, part.entry = np.maximum(1, np.rint(c.level * unit)), firm, c.entry
        part.chance = np.minimum(np.rint(c.rate / DAYS_A_MONTH * WORD), WORD - 1)
        part.method = choose_method(scenario, c.entry, who)
        part.paid = uniform(words(scenario.seed, who, Why.CLIENT, 2000 + c.entry)[2]) >= NEW
        parts.append(part)
        payers.append(c.rows)
    payer = np.concatenate(payers)
    table = np.concatenate(parts)[np.argsort(payer, kind="stable")].view(Records)
    return table, np.bincount(payer, minlength=len(person)), broker


class Dealt:
    """What people deal at random times, gathered span by span.

    Args:
        scenario: the institutions.
        plan: where firms stand.
        firms: their pull.
        people: rows of people.
        unit: minor units in a currency unit.
    """

    def __init__(self, scenario: Scenario, plan: Plan, firms: Firms, people: int, unit: int) -> None:
        self._scenario, self._plan, self._firms, self._unit = scenario, plan, firms, unit
        self._all = Gathered(DEALING)
        self.start = np.zeros(people + 1, np.int64)
        """First dealing of each person who was drawn; N + 1 entries."""

    def add(self, clients: list[Clients], row: Ints, town: Ints) -> Ints:
        """Draw what the people of the next span deal; returns everybody's broker, -1 for none.

        Args:
            clients: who deals, places in the span.
            row: of each person of the span.
            town: of each.
        """
        first, living = int(row[0]), len(row)
        found, count, broker = draw_dealings(self._scenario, self._plan, self._firms, clients, row, town, self._unit)
        self._all.room(len(found), (first + living) / (len(self.start) - 1))[:] = found
        self.start[first + 1 : first + living + 1] = self.start[first] + np.cumsum(count)
        return broker

    @property
    def table(self) -> Records:
        """Rows of Dealings."""
        return self._all.table
