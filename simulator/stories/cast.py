"""Who plays in a story: ordinary people and firms, some likelier than others; other stories' casts are not excluded."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Device, Network
from simulator.draws import Ints
from simulator.population.accounts import CREDIT_CARD, CURRENT, FIRM_ROWS, FROZEN, PERSON_ROWS, PURSE, RESERVE, SAVINGS, TILL
from simulator.population.devices import HAS_COMPUTER, HAS_PHONE
from simulator.population.firms import INSTITUTION, MERCHANT
from simulator.population.trades import code_of
from simulator.population.world import World
from simulator.scenario import Scenario
from simulator.scenario.story import Own, Placement, Role, Source
from simulator.stories.dice import CAST, Dice

TRIES = 96
"""People considered for a part at most; a story that finds nobody is not told."""

BRIM = 4.0
"""A weight beyond this counts as this."""

PERSON_ACCOUNT = {Own.CURRENT: CURRENT, Own.SAVINGS: SAVINGS, Own.CREDIT_CARD: CREDIT_CARD, Own.PURSE: PURSE, Own.RESERVE: SAVINGS}
FIRM_ACCOUNT = {Own.CURRENT: 0, Own.SAVINGS: RESERVE, Own.CREDIT_CARD: 0, Own.PURSE: TILL, Own.RESERVE: RESERVE}


def people_weights(world: World, role: Role, rows: Ints) -> NDArray[np.float64]:
    """How likely people are to play a part, relative to each other; 0 for who cannot."""
    people, accounts = world.people, world.accounts
    weight = np.ones(len(rows))
    if role.ages:
        steps = sorted((int(age), factor) for age, factor in role.ages)
        factors = np.array([1.0, *(factor for _, factor in steps)])
        weight *= factors[np.searchsorted([age for age, _ in steps], people.age[rows], side="right")]
    if role.incomes:
        weight *= np.array(role.incomes)[np.minimum(people.decile[rows] // 2, len(role.incomes) - 1)]
    if role.vulnerable:
        weight *= (people.vulnerability[rows] / 65536) ** role.vulnerable
    if role.online:
        weight *= people.online[rows] / 4096
    if role.device:
        weight *= world.equipment.gear[rows] & (HAS_PHONE | HAS_COMPUTER) > 0
    if role.credit:
        weight *= people.line[rows] > 0
    if role.idle:
        liquid = accounts.available[rows * PERSON_ROWS] + accounts.available[rows * PERSON_ROWS + SAVINGS]
        weight *= 1 / (1 + np.maximum(liquid, 0) / (1 + people.budget[rows]))
    return np.asarray(np.minimum(weight, BRIM * 16))


def firm_weights(world: World, role: Role, rows: Ints, categories: Sequence[str]) -> NDArray[np.float64]:
    """The same for firms: of the categories or trades asked for; ``categories`` are the scenario's, by place."""
    firms = world.firms
    if role.drawn is Source.INSTITUTIONS and role.trades:  # marketplaces are merchants with a trade
        weight = np.isin(firms.trade[rows], [code_of(trade) for trade in role.trades]).astype(np.float64)
    else:
        weight = np.where(firms.kind[rows] == (INSTITUTION if role.drawn is Source.INSTITUTIONS else MERCHANT), 1.0, 0.0)
    if role.categories:
        wanted = [place for place, name in enumerate(categories) if name in role.categories]
        weight *= np.isin(firms.category[rows], wanted) & (firms.kind[rows] == MERCHANT)
    if role.cash:
        weight *= firms.online[rows] == 0
    if role.small:
        weight *= 1 / (1 + firms.terminals[rows])
    return weight


class Casting:
    """Finds who plays the parts of a story.

    Args:
        scenario: names of categories.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.categories = [category.name for category in scenario.categories]
        self._firms: dict[str, Ints] = {}

    def account(self, world: World, row: int, role: Role, own: str | None = None) -> int:
        """Account row of a person's row, or of people + a firm's row."""
        kind = Own(own) if own else role.account
        if row < world.layout.people:
            return row * PERSON_ROWS + PERSON_ACCOUNT[kind]
        return world.layout.firm_base + (row - world.layout.people) * FIRM_ROWS + FIRM_ACCOUNT[kind]

    def find(self, world: World, day: int, role: Role, dice: Dice, which: int, taken: list[int], beside: dict[str, int]) -> int:
        """One who can play: a person's row, or people + a firm's row; -1 where nobody is found.

        Args:
            world: whom there is.
            day: days since 1970.
            role: whom it takes.
            dice: of the story.
            which: number of the part within the story.
            taken: who plays in the story already.
            beside: first player of each earlier role.
        """
        if role.drawn in (Source.FIRMS, Source.INSTITUTIONS):
            return self._firm(world, day, role, dice, which, taken, beside)
        for turn in range(TRIES):
            row = self._candidate(world, role, dice, which, turn, beside)
            if row < 0 or row in taken or not self.can(world, day, role, row):
                continue
            weight = float(people_weights(world, role, np.array([row]))[0])
            if dice.share(CAST, which, 2 * turn + 1) * BRIM < weight:
                return row
        return -1

    def can(self, world: World, day: int, role: Role, row: int) -> bool:
        """Whether a person can play: lives here, is in town, is not blocked, and has what it takes."""
        people, accounts = world.people, world.accounts
        if not people.joined[row] <= day < people.left[row] or people.abroad_from[row] <= day < people.abroad_until[row]:
            return False
        account = self.account(world, row, role)
        if accounts.line[account] <= FROZEN or (role.account is Own.CREDIT_CARD and people.line[row] <= 0):
            return False
        if role.placed is Placement.EXISTING and people.joined[row] > day - 365:
            return False
        if role.placed is Placement.NEWCOMERS and people.joined[row] < day - 365:
            return False
        asked = role.available * float(world.rules.unit)
        have = accounts.available[row * PERSON_ROWS] + accounts.available[row * PERSON_ROWS + SAVINGS]
        return bool(have >= asked)

    def _candidate(self, world: World, role: Role, dice: Dice, which: int, turn: int, beside: dict[str, int]) -> int:
        word = dice.word(CAST, which, 2 * turn)
        if role.knows is not None:
            other = beside[role.knows]
            first, last = int(world.knows[other]), int(world.knows[other + 1])
            return int(world.contacts.person[first + (word * (last - first) >> 32)]) if last > first else -1
        if role.near is not None:
            other = beside[role.near]
            town = int(world.people.town[other] if other < world.layout.people else world.firms.town[other - world.layout.people])
            if town >= 0:
                first, last = int(world.towns[town]), int(world.towns[town + 1])
                return int(world.townsfolk[first + (word * (last - first) >> 32)])
        return word * len(world.townsfolk) >> 32

    def _firm(self, world: World, day: int, role: Role, dice: Dice, which: int, taken: list[int], beside: dict[str, int]) -> int:
        pool = self._pool(world, role)
        town = -2
        if role.near is not None:
            other = beside[role.near]
            town = int(world.people.town[other] if other < world.layout.people else world.firms.town[other - world.layout.people])
        for turn in range(TRIES if len(pool) else 0):
            firm = int(pool[dice.below(len(pool), CAST, which, 2 * turn)])
            if world.layout.people + firm in taken or not world.firms.opened[firm] <= day < world.firms.closed[firm]:
                continue
            if town >= 0 and turn < TRIES // 2 and world.firms.town[firm] not in (town, -1):
                continue
            if role.small and dice.share(CAST, which, 2 * turn + 1) * (1 + int(world.firms.terminals[firm])) > 2:
                continue
            return world.layout.people + firm
        return -1

    def _pool(self, world: World, role: Role) -> Ints:
        """Firms that fit a role; trades, categories and premises do not change."""
        key = f"{role.drawn} {role.categories} {role.trades} {role.cash} {len(world.firms)}"
        if key not in self._firms:
            self._firms[key] = np.flatnonzero(firm_weights(world, role, np.arange(world.layout.firms), self.categories) > 0)
        return self._firms[key]


def crew_device(world: World, row: int, mobile: bool = False) -> tuple[int, int, int]:
    """Device kind, network and place of a crew's member: the household head's phone, or the computer at home."""
    head = int(world.people.household[row])
    if mobile and int(world.equipment.gear[head]) & HAS_PHONE:
        return int(Device.ANOTHERS_PHONE), int(Network.HOME), head
    return int(Device.COMPUTER), int(Network.HOME), head


def players(cast: dict[str, list[int]]) -> list[Any]:
    """Account rows of everybody in a story."""
    return [account for accounts in cast.values() for account in accounts]
