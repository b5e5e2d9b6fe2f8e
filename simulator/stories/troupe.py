"""The troupe: fills the parts of a story with people, firms, crews and their mules."""

from simulator.clock import Today
from simulator.scenario.story import Role, Source
from simulator.stories.cast import Casting
from simulator.stories.crews import Crews
from simulator.stories.dice import Dice
from simulator.stories.library import Told
from simulator.stories.sight import Sight


class Troupe:
    """Finds casts.

    Args:
        crews: of the world.
        casting: finds who fits a role.
    """

    def __init__(self, crews: Crews, casting: Casting) -> None:
        self._crews, self._casting = crews, casting

    def cast(
        self, told: Told, lead: int, dice: Dice, crew: int, sight: Sight, today: Today, given: dict[str, list[int]]
    ) -> dict[str, list[int]]:  # fmt: skip
        """Account rows by role; empty where somebody is missing."""
        cast: dict[str, list[int]] = {}
        taken: list[int] = []
        beside: dict[str, int] = {}
        for part, (name, role) in enumerate(told.typology.cast.items()):
            if name in given:
                rows = [sight.owner(account) for account in given[name]]
                cast[name] = given[name]
            else:
                rows = self._players(told, name, role, lead, dice, crew, sight, today, taken, beside, part)
                cast[name] = [self._casting.account(sight, row, role) if row >= 0 else -row for row in rows]
            if not rows:
                return {}
            taken += rows
            beside[name] = rows[0]
        return cast

    def _players(
        self, told: Told, name: str, role: Role, lead: int, dice: Dice, crew: int, sight: Sight, today: Today, taken: list[int],
        beside: dict[str, int], part: int,
    ) -> list[int]:  # fmt: skip
        """Rows of those who play a role; as few as are found, none where too few are."""
        wanted = dice.count(role.count, part)
        rows: list[int] = []
        if name == told.lead:
            fits = lead >= sight.people or self._casting.can(sight, today.day, role, lead)
            rows = [lead] if fits else []
            if not fits or wanted == 1:
                return rows
        for k in range(len(rows), wanted):
            which = part * 64 + k
            if role.drawn is Source.CREW:
                row = self._crews.member(crew, which, sight, today)
            elif role.drawn is Source.MULES:
                row = self._crews.mule(crew, role, self._casting, sight, today, dice, which, taken + rows)
            elif role.drawn is Source.ABROAD:
                row = -self._abroad(sight, dice, which)
            elif role.drawn is Source.GOVERNMENT:
                row = -int(sight.layout.government)
            else:
                row = self._casting.find(sight, today.day, role, dice, which, taken + rows, beside)
            if row == -1:
                break
            rows.append(row)
        return rows if len(rows) >= max(1, role.count.least if role.count.least < 3 else role.count.least // 2) else []

    @staticmethod
    def _abroad(sight: Sight, dice: Dice, which: int) -> int:
        """Account row of a country abroad, or of the rest of the country where there is none."""
        layout = sight.layout
        countries = layout.dealer_base - layout.abroad_base
        return int(layout.abroad_base + dice.below(countries, 0, which, 7)) if countries else int(layout.outside)
