"""What the banks' files say of people: as they were when they joined, moved home or were last looked at. No kernel reads it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.population.ownership import Ownership, own_firms
from simulator.population.world import World
from simulator.records import Records, records, row_type
from simulator.scenario import Scenario

TOLD = {"gross": "gross", "household": "household", "employer": "employer", "income": "kind"}
"""Columns that follow those of people when somebody joins or is looked at again."""


class Dossier(NamedTuple):
    """Columns over people. All but the partner change."""

    gross: NDArray[np.int64]
    """Income before tax, a year."""
    household: NDArray[np.int32]
    employer: NDArray[np.int32]
    partner: NDArray[np.int32]
    """Row of the partner on the first morning, -1 for none."""
    home: NDArray[np.int32]
    """Whose home the address is: row of a household's head."""
    moved: NDArray[np.int16]
    """How often that household had moved."""
    moves: NDArray[np.int16]
    """How often the person has moved."""
    zone: NDArray[np.int8]
    income: NDArray[np.int8]
    """Income kind."""
    age: NDArray[np.int8]
    """On the first morning, or on joining."""


def open_dossiers(people: Records) -> Records:
    """The files of the first morning."""
    dossiers = records(row_type(Dossier), len(people))
    hear(dossiers, people, np.arange(len(people), dtype=np.int64))
    pair = np.flatnonzero((people.household[1:] == people.household[:-1]) & (people.head[1:] == 0))
    partner = np.full(len(people), -1, np.int64)
    partner[pair], partner[pair + 1] = pair + 1, pair
    dossiers.partner = partner
    return dossiers


class Files(NamedTuple):
    """What banks have in writing of customers and of the rights to firms' accounts."""

    dossiers: Records
    """Rows of Dossier, by person."""
    ownership: Ownership


def open_files(scenario: Scenario, world: World) -> Files:
    """The files of the first morning."""
    return Files(open_dossiers(world.people), own_firms(scenario, world))


def hear(dossiers: Records, people: Records, row: Ints) -> None:
    """The bank takes down people who are new to it."""
    for name, column in (TOLD | {"zone": "zone", "age": "age"}).items():
        dossiers[name][row] = people[column][row]
    dossiers.home[row] = people.household[row]
