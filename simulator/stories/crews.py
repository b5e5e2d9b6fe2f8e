"""Crews: organisations of fraudsters that run stories, keep mules, and turn to what earns more than they were used to."""

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from simulator.clock import Today
from simulator.draws import Why, draw
from simulator.population.accounts import FROZEN, PERSON_ROWS
from simulator.population.devices import HAS_COMPUTER
from simulator.scenario.story import Role
from simulator.stories.capital import Purses
from simulator.stories.cast import Casting
from simulator.stories.dice import CHOICE, Dice
from simulator.stories.instance import Instance
from simulator.stories.library import Dials
from simulator.stories.sight import Sight

if TYPE_CHECKING:
    from simulator.stories.library import Library, Told

MEMBERS = 3
"""People of a crew whose computers and homes it works from (assumption)."""

SERVES = 6
"""A mule is kept for at most so many stories (assumption)."""

STAYS = 42
"""Days for which a crew buys at the same shop, until the shop looks closer (assumption)."""

MEMORY = 0.9
"""What a crew was used to earn counts so much against what it earned last (assumption)."""


class Crew(mesa.Agent):
    """One crew; its whole memory is a record of numbers and lists.

    Attributes:
        number: Which it is.
        members: Rows of people.
        mules: Rows of people who let their accounts be used, with how often each has served.
        noticed: Amounts that it knows to have raised an alert, with the day from which it does.
        capital: What it began with and has earned, less what it has spent and shared out, minor units.
        short: How often it could not pay for a story.
        used_to: By story, what one brought in the crew's memory, minor units.
        lately: By story, what one brought lately.
        told: By story, how many it ran.
    """

    def __init__(self, model: mesa.Model, number: int) -> None:
        super().__init__(model)
        self.number = number
        self.members: list[int] = []
        self.mules: list[list[int]] = []
        self.noticed: list[list[int]] = []
        self.capital = 0
        self.short = 0
        self.used_to: dict[str, float] = {}
        self.lately: dict[str, float] = {}
        self.told: dict[str, int] = {}

    def dump(self) -> dict[str, Any]:
        """The crew as plain data."""
        names = ("number", "members", "mules", "noticed", "capital", "short", "used_to", "lately", "told")
        return {name: getattr(self, name) for name in names}

    def load(self, stored: dict[str, Any]) -> None:
        """What `dump` gave, taken up again."""
        for name, value in stored.items():
            setattr(self, name, value)

    def earn(self, story: str, taken: int) -> None:
        """Remember what a story brought."""
        self.capital += taken
        self.told[story] = self.told.get(story, 0) + 1
        seen = self.told[story]
        mean = self.used_to.get(story, 0.0)
        # What one is used to is the mean of the first dozens, then moves slowly.
        self.used_to[story] = mean + (taken - mean) / min(seen, 50)
        self.lately[story] = self.lately.get(story, float(taken)) * MEMORY + taken * (1 - MEMORY)


class Crews:
    """All crews of a world.

    Args:
        model: whose agents they are.
        seed: of the world.
        count: how many.
        dials: how skilled they are, how often they use a mule again.
        purses: what they have to begin with, and what stories cost.
    """

    def __init__(self, model: mesa.Model, seed: int, count: int, dials: Dials, purses: Purses) -> None:
        self.crews = [Crew(model, number) for number in range(count)]
        self._purses = purses
        for crew in self.crews:
            crew.capital = purses.stake
        self._key = np.uint64(seed)
        self._dials = dials

    def __len__(self) -> int:
        return len(self.crews)

    def __getitem__(self, number: int) -> Crew:
        return self.crews[number]

    def skill(self, number: int) -> float:
        """Skill of a crew between 0 and 1: most are middling, few are masters (typology sheet: 40/35/20/4/1 %), moved by the dial."""
        word = int(draw(self._key, number, 0, int(Why.CREW), 0)[0]) / 2**32
        own = float(np.searchsorted([0.40, 0.75, 0.95, 0.99], word)) / 4
        return min(1.0, max(0.0, own - 0.24 + self._dials.skill))

    def noticed_by(self, instance: Instance) -> list[list[int]]:
        """Amounts that whoever runs a story may know to be noticed, with the days from which they do."""
        return self.crews[instance.crew].noticed if instance.crew >= 0 else instance.noticed_amounts

    def of(self, dice: Dice) -> int:
        """The crew that runs a story."""
        return dice.below(len(self.crews), CHOICE)

    def member(self, number: int, which: int, sight: Sight, today: Today) -> int:
        """A member of a crew; who left is replaced."""
        crew = self.crews[number]
        alive = [row for row in crew.members if sight.here(row, today.day)]
        turn = len(crew.members)
        while len(alive) < MEMBERS and turn < 10_000:
            word = int(draw(self._key, number, 1, int(Why.CREW), turn)[0])
            row = sight.household[word * len(sight.townsfolk) >> 32]
            turn += 1
            if sight.here(row, today.day) and sight.gear[row] & HAS_COMPUTER and row not in alive:
                alive.append(row)
                crew.members.append(row)
        return alive[which % len(alive)]

    def shop(self, number: int, category: int, sight: Sight, today: Today) -> int:
        """The remote shop of a category that a crew knows to let stolen cards pass; another after some weeks, -1 for none.

        Small shops are as likely as large ones, unlike those that people choose: no shop is worth less to thieves for being little known.
        """
        market = sight.of.market
        first, last = int(market.remote_start[category]), int(market.remote_start[category + 1])
        phase = int(draw(self._key, number, 2 + category, int(Why.CREW), 0)[0]) % STAYS
        word = int(draw(self._key, number, 2 + category, int(Why.CREW), 1 + (today.day + phase) // STAYS)[0])
        firm = int(market.seat[int(market.remote_firm[category]) + (word * (last - first) >> 32)])
        return firm if sight.firm_opened[firm] <= today.day < sight.firm_closed[firm] else -1

    def recruit(self, number: int, row: int) -> None:
        """A person will let the crew use their accounts."""
        mules = self.crews[number].mules
        if all(mule[0] != row for mule in mules):
            mules.append([row, 0])

    def mule(
        self, number: int, role: Role, casting: Casting, sight: Sight, today: Today, dice: Dice, which: int, taken: list[int]
    ) -> int:  # fmt: skip
        """A mule of the crew: one who has served, or a new one; -1 where nobody will."""
        crew = self.crews[number]
        crew.mules = [mule for mule in crew.mules if mule[1] < SERVES and self._serves(sight, today, mule[0])]
        free = [mule for mule in crew.mules if mule[0] not in taken]
        if free and dice.share(CHOICE, which, 1) < self._dials.reuse:
            mule = free[dice.below(len(free), CHOICE, which, 2)]
        else:
            row = casting.find(sight, today.day, role, dice, 512 + which, taken, {})
            if row < 0:
                return -1
            mule = next((old for old in crew.mules if old[0] == row), [row, 0])
            if all(old is not mule for old in crew.mules):
                crew.mules.append(mule)
        mule[1] += 1
        return mule[0]

    @staticmethod
    def _serves(sight: Sight, today: Today, row: int) -> bool:
        return sight.here(row, today.day) and bool(sight.line[row * PERSON_ROWS] > FROZEN)

    def can_pay(self, number: int, told: "Told") -> bool:
        """Whether a crew has what a story costs before it brings anything."""
        return self.crews[number].capital >= self._purses.cost(told.typology)

    def pay(self, number: int, told: "Told") -> None:
        """A crew buys what it needs for a story that begins."""
        self.crews[number].capital -= self._purses.cost(told.typology)

    def earn(self, number: int, told: "Told", taken: int) -> None:
        """A crew remembers what a story brought; its members share what it does not need."""
        crew = self.crews[number]
        crew.earn(told.name, taken)
        crew.capital = self._purses.kept(crew.capital)

    def choose(self, number: int, planned: "Told", library: "Library", dice: Dice) -> "Told | None":
        """Which story a crew runs when the day would have it run one; None where it has not the capital for the one that it wants."""
        wanted = library.by_name[self._prefers(number, planned.name, library, dice)]
        if self.can_pay(number, wanted):
            return wanted
        self.crews[number].short += 1
        return None

    def _prefers(self, number: int, planned: str, library: "Library", dice: Dice) -> str:
        """Another story than the day would have it run, where that earned more than the crew was used to.

        The day's own mix stands for what all crews were used to choose; a crew leaves it as far as what a story brought
        lately differs from what it used to bring, and what it cannot pay for it leaves altogether.
        """
        adapts, crew = library.dials.adapts, self.crews[number]
        if adapts == 0:
            return planned
        usual = library.beside(planned)
        able = {name: yearly if self.can_pay(number, library.by_name[name]) else 0.0 for name, yearly in usual.items()}
        pull = {name: yearly * self._appeal(crew, name) ** adapts for name, yearly in able.items()}
        all_usual, all_pull = sum(usual.values()), sum(pull.values())
        # Shares of the mix that is wanted and of the day's own: who finds their story as good as ever stays with it.
        lacks = {name: pull[name] / all_pull - usual[name] / all_usual for name in usual} if all_pull else {}
        leaves = -lacks.get(planned, 0.0) / (usual[planned] / all_usual)
        if dice.share(CHOICE, 0, 3) >= leaves:
            return planned
        names, gain = list(lacks), [max(0.0, lack) for lack in lacks.values()]
        mark, passed = dice.share(CHOICE, 0, 4) * sum(gain), 0.0
        for name, weight in zip(names, gain, strict=True):
            passed += weight
            if mark < passed:
                return name
        return planned

    @staticmethod
    def _appeal(crew: Crew, name: str) -> float:
        if crew.told.get(name, 0) < 5 or crew.used_to.get(name, 0.0) <= 0:
            return 1.0
        return min(4.0, max(0.05, crew.lately[name] / crew.used_to[name]))
