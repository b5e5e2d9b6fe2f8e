"""Who plays in a story: ordinary people and firms, some likelier than others; other stories' casts are not excluded."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Device, Network
from simulator.draws import WORD, Ints
from simulator.population.accounts import CREDIT_CARD, CURRENT, FIRM_ROWS, FROZEN, PERSON_ROWS, PURSE, RESERVE, SAVINGS, TILL
from simulator.population.devices import HAS_COMPUTER, HAS_PHONE
from simulator.population.firms import BILLER, EMPLOYER, INSTITUTION, MERCHANT
from simulator.population.trades import code_of
from simulator.population.world import World
from simulator.scenario import Scenario
from simulator.scenario.story import TRADING, Own, Placement, Role, Source
from simulator.stories.dice import CAST, Dice
from simulator.stories.sight import Sight

KIND_OF = {Source.FIRMS: MERCHANT, Source.EMPLOYERS: EMPLOYER, Source.INSTITUTIONS: INSTITUTION}
"""Kind of the firms of a source: merchants, who sell to the town; employers, who pay wages for work beyond it; institutions."""

TRIES = 96
"""People considered for a part at most; a story that finds nobody is not told."""

BRIM = 4.0
"""A weight beyond this counts as this."""

_PERSON = {Own.CURRENT: CURRENT, Own.SAVINGS: SAVINGS, Own.CREDIT_CARD: CREDIT_CARD, Own.PURSE: PURSE, Own.RESERVE: SAVINGS}
_FIRM = {Own.CURRENT: 0, Own.SAVINGS: RESERVE, Own.CREDIT_CARD: 0, Own.PURSE: TILL, Own.RESERVE: RESERVE}
PERSON_ACCOUNT = {own.value: place for own, place in _PERSON.items()}
FIRM_ACCOUNT = {own.value: place for own, place in _FIRM.items()}
"""Place of an account among those of its owner, by the name of the account: names are found faster than members of an enumeration."""


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


def weight_of(sight: Sight, role: Role, row: int) -> float:
    """`people_weights` of one person."""
    weight = 1.0
    if role.ages:
        age, step, factor = sight.age[row], -1.0, 1.0
        for first, value in role.ages:
            if step < first <= age:
                step, factor = first, value
        weight *= factor
    if role.incomes:
        weight *= role.incomes[min(sight.decile[row] // 2, len(role.incomes) - 1)]
    if role.vulnerable:
        weight *= (sight.vulnerability[row] / 65536) ** role.vulnerable
    if role.online:
        weight *= sight.online[row] / 4096
    if role.device and not sight.gear[row] & (HAS_PHONE | HAS_COMPUTER):
        return 0.0
    if role.credit and sight.credit_line[row] <= 0:
        return 0.0
    if role.idle:
        liquid = sight.available[row * PERSON_ROWS] + sight.available[row * PERSON_ROWS + SAVINGS]
        weight *= 1 / (1 + max(liquid, 0) / (1 + sight.budget[row]))
    return min(weight, BRIM * 16)


def lines_of(scenario: Scenario) -> dict[str, tuple[int, int]]:
    """Kind and category of the firms that sell something, by its name: merchants by category, billers by bill."""
    bills = {bill.name: (BILLER, place) for place, bill in enumerate(scenario.bills)}
    return bills | {category.name: (MERCHANT, place) for place, category in enumerate(scenario.categories)}


def firm_weights(world: World, role: Role, rows: Ints, lines: Mapping[str, tuple[int, int]]) -> NDArray[np.float64]:
    """The same for firms: of the categories or trades asked for; ``lines`` are the scenario's."""
    firms = world.firms
    if role.drawn is Source.INSTITUTIONS and role.trades:  # marketplaces are merchants with a trade
        weight = np.isin(firms.trade[rows], [code_of(trade) for trade in role.trades]).astype(np.float64)
    else:
        weight = np.where(firms.kind[rows] == KIND_OF[role.drawn], 1.0, 0.0)
    if role.categories:
        sells = np.zeros(len(rows), bool)
        for kind, place in (lines[name] for name in role.categories if name in lines):
            sells |= (firms.kind[rows] == kind) & (firms.category[rows] == place)
        weight = np.where(sells, weight if role.trades else 1.0, 0.0)
    if role.cash:
        weight *= firms.online[rows] == 0
    if role.small:
        weight *= 1 / (1 + firms.terminals[rows])
    return weight


def firm_weight_of(sight: Sight, role: Role, row: int, lines: Mapping[str, tuple[int, int]]) -> float:
    """`firm_weights` of one firm."""
    institutions = role.drawn is Source.INSTITUTIONS
    if institutions and role.trades:
        fits = any(sight.firm_trade[row] == code_of(trade) for trade in role.trades)
    else:
        fits = sight.firm_kind[row] == KIND_OF[role.drawn]
    if role.categories:
        sells = (sight.firm_kind[row], sight.firm_category[row]) in [lines[name] for name in role.categories if name in lines]
        fits = sells and (fits or not role.trades)
    if role.cash and sight.firm_online[row] != 0:
        fits = False
    return (1 / (1 + sight.firm_terminals[row]) if role.small else 1.0) if fits else 0.0


class Casting:
    """Finds who plays the parts of a story.

    Args:
        scenario: names of categories and bills.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.lines = lines_of(scenario)
        self._money = scenario.stories.money
        self._firms: dict[str, Ints] = {}

    def account(self, sight: Sight, row: int, role: Role, own: str | None = None) -> int:
        """Account row of a person's row, or of people + a firm's row."""
        kind = own or role.account.value
        if row < sight.people:
            return row * PERSON_ROWS + PERSON_ACCOUNT[kind]
        return sight.firm_base + (row - sight.people) * FIRM_ROWS + FIRM_ACCOUNT[kind]

    def find(self, sight: Sight, day: int, role: Role, dice: Dice, which: int, taken: list[int], beside: dict[str, int]) -> int:
        """One who can play: a person's row, or people + a firm's row; -1 where nobody is found.

        Args:
            sight: whom there is.
            day: days since 1970.
            role: whom it takes.
            dice: of the story.
            which: number of the part within the story.
            taken: who plays in the story already.
            beside: first player of each earlier role.
        """
        if role.drawn in TRADING:
            return self._firm(sight, day, role, dice, which, taken, beside)
        for turn in range(TRIES):
            word, chance = dice.pair(CAST, which, 2 * turn)
            row = self._candidate(sight, role, word, beside)
            if row < 0 or row in taken or chance * BRIM >= weight_of(sight, role, row) * WORD:
                continue
            if self.can(sight, day, role, row):
                return row
        return -1

    def can(self, sight: Sight, day: int, role: Role, row: int) -> bool:
        """Whether a person can play: lives here, is in town, is not blocked, and has what it takes."""
        if not sight.joined[row] <= day < sight.left[row] or sight.abroad_from[row] <= day < sight.abroad_until[row]:
            return False
        if sight.line[row * PERSON_ROWS + PERSON_ACCOUNT[role.account.value]] <= FROZEN:
            return False
        if role.account is Own.CREDIT_CARD:  # a card that is nearly at its line is worth nothing
            line = sight.credit_line[row]
            if line <= 0 or 4 * sight.available[row * PERSON_ROWS + CREDIT_CARD] < -3 * line:
                return False
        if role.no_credit and sight.credit_line[row] > 0:
            return False
        if role.placed is Placement.EXISTING and sight.joined[row] > day - 365:
            return False
        if role.placed is Placement.NEWCOMERS and sight.joined[row] < day - 365:
            return False
        if role.available == 0:
            return True
        have = sight.available[row * PERSON_ROWS] + sight.available[row * PERSON_ROWS + SAVINGS]
        return have >= role.available * self._money * sight.unit

    @staticmethod
    def _candidate(sight: Sight, role: Role, word: int, beside: dict[str, int]) -> int:
        if role.knows is not None:
            other = beside[role.knows]
            first, last = sight.knows[other], sight.knows[other + 1]
            return sight.contact[first + (word * (last - first) >> 32)] if last > first else -1
        if role.near is not None:
            town = sight.town_of(beside[role.near])
            if town >= 0:
                first, last = sight.towns[town], sight.towns[town + 1]
                return sight.townsfolk[first + (word * (last - first) >> 32)]
        return word * len(sight.townsfolk) >> 32

    def _firm(self, sight: Sight, day: int, role: Role, dice: Dice, which: int, taken: list[int], beside: dict[str, int]) -> int:
        pool = self._pool(sight.of, role)
        town = sight.town_of(beside[role.near]) if role.near is not None else -2
        for turn in range(TRIES if len(pool) else 0):
            firm = int(pool[dice.below(len(pool), CAST, which, 2 * turn)])
            if sight.people + firm in taken or not sight.firm_opened[firm] <= day < sight.firm_closed[firm]:
                continue
            if role.placed is not Placement.MIXED and (sight.firm_opened[firm] > day - 365) != (role.placed is Placement.NEWCOMERS):
                continue
            if town >= 0 and turn < TRIES // 2 and sight.firm_town[firm] not in (town, -1):
                continue
            if role.small and dice.share(CAST, which, 2 * turn + 1) * (1 + sight.firm_terminals[firm]) > 2:
                continue
            return sight.people + firm
        return -1

    def _pool(self, world: World, role: Role) -> Ints:
        """Firms that fit a role; trades, categories and premises do not change."""
        key = f"{role.drawn} {role.categories} {role.trades} {role.cash} {len(world.firms)}"
        if key not in self._firms:
            self._firms[key] = np.flatnonzero(firm_weights(world, role, np.arange(world.layout.firms), self.lines) > 0)
        return self._firms[key]


def crew_device(sight: Sight, row: int, mobile: bool = False) -> tuple[int, int, int]:
    """Device kind, network and place of a crew's member: the household head's phone, or the computer at home."""
    head = sight.household[row]
    if mobile and sight.gear[head] & HAS_PHONE:
        return int(Device.ANOTHERS_PHONE), int(Network.HOME), head
    return int(Device.COMPUTER), int(Network.HOME), head
