"""What stories read of a world, entry by entry: views of its columns, for an entry of an array takes Python three times as long."""

from typing import Any

import numpy as np

from simulator.population.accounts import FIRM_ROWS, PERSON_ROWS
from simulator.population.world import World
from simulator.records import Records


def column(table: Records, name: str) -> memoryview:
    """A column of records, whose entries read as plain numbers."""
    return table.view(np.ndarray)[name].data


class Sight:
    """Plain columns of a world, which change with it.

    Args:
        world: what is looked at.
    """

    def __init__(self, world: World) -> None:
        people, accounts, firms, equipment = world.people, world.accounts, world.firms, world.equipment
        self.of = world
        self.joined, self.left = column(people, "joined"), column(people, "left")
        self.abroad_from, self.abroad_until = column(people, "abroad_from"), column(people, "abroad_until")
        self.household, self.town = column(people, "household"), column(people, "town")
        self.age, self.decile, self.vulnerability = column(people, "age"), column(people, "decile"), column(people, "vulnerability")
        self.online, self.credit_line, self.budget = column(people, "online"), column(people, "line"), column(people, "budget")
        self.available, self.line = column(accounts, "available"), column(accounts, "line")
        self.firm_kind, self.firm_trade, self.firm_category = column(firms, "kind"), column(firms, "trade"), column(firms, "category")
        self.firm_opened, self.firm_closed, self.firm_online = column(firms, "opened"), column(firms, "closed"), column(firms, "online")
        self.firm_town, self.firm_terminals, self.firm_mcc = column(firms, "town"), column(firms, "terminals"), column(firms, "mcc")
        self.gear = column(equipment, "gear")
        self.debit_card, self.credit_card = column(equipment, "debit_card"), column(equipment, "credit_card")
        self.knows, self.contact = world.knows.data, column(world.contacts, "person")
        self.towns, self.townsfolk = world.towns.data, world.townsfolk.data
        self.layout, self.unit = world.layout, int(world.rules.unit)
        self.people, self.firm_base = world.layout.people, world.layout.firm_base
        self.government = world.layout.government

    def __reduce__(self) -> tuple[Any, ...]:
        return Sight, (self.of,)

    def here(self, row: int, day: int) -> bool:
        """Whether a person lives here on a day."""
        return self.joined[row] <= day < self.left[row]

    def town_of(self, row: int) -> int:
        """Town of a person, or of people + a firm's row."""
        return self.town[row] if row < self.people else self.firm_town[row - self.people]

    def owner(self, account: int) -> int:
        """Row of who owns an account: a person's, or people + a firm's; less than 0 beyond the boundary."""
        if account < self.firm_base:
            return account // PERSON_ROWS
        if account < self.government:
            return self.people + (account - self.firm_base) // FIRM_ROWS
        return -account
