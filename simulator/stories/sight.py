"""What stories read of a world, as plain columns: reading a field of records takes Python microseconds each time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.population.accounts import FIRM_ROWS, PERSON_ROWS
from simulator.population.world import World
from simulator.records import Records


def plain(table: Records) -> NDArray[Any]:
    """Records as an array whose fields are read fast."""
    return table.view(np.ndarray)


class Sight:
    """Plain columns of a world, which change with it.

    Args:
        world: what is looked at.
    """

    def __init__(self, world: World) -> None:
        people, accounts, firms = plain(world.people), plain(world.accounts), plain(world.firms)
        self.of = world
        self.joined, self.left = people["joined"], people["left"]
        self.abroad_from, self.abroad_until = people["abroad_from"], people["abroad_until"]
        self.household, self.town, self.zone = people["household"], people["town"], people["zone"]
        self.age, self.decile, self.vulnerability = people["age"], people["decile"], people["vulnerability"]
        self.online, self.credit_line, self.budget = people["online"], people["line"], people["budget"]
        self.available, self.line = accounts["available"], accounts["line"]
        self.firm_town, self.firm_opened, self.firm_closed = firms["town"], firms["opened"], firms["closed"]
        self.firm_terminals, self.firm_mcc, self.firm_category = firms["terminals"], firms["mcc"], firms["category"]
        equipment = plain(world.equipment)
        self.gear, self.debit_card, self.credit_card = equipment["gear"], equipment["debit_card"], equipment["credit_card"]
        self.knows, self.contact = world.knows, plain(world.contacts)["person"]
        self.towns, self.townsfolk = world.towns, world.townsfolk
        self.layout, self.unit = world.layout, int(world.rules.unit)
        self.people, self.firm_base = world.layout.people, world.layout.firm_base

    def here(self, row: int, day: int) -> bool:
        """Whether a person lives here on a day."""
        return bool(self.joined[row] <= day < self.left[row])

    def town_of(self, row: int) -> int:
        """Town of a person, or of people + a firm's row."""
        return int(self.town[row] if row < self.people else self.firm_town[row - self.people])

    def owner(self, account: int) -> int:
        """Row of who owns an account: a person's, or people + a firm's; less than 0 beyond the boundary."""
        if account < self.firm_base:
            return account // PERSON_ROWS
        if account < self.layout.government:
            return int(self.people + (account - self.firm_base) // FIRM_ROWS)
        return -account
