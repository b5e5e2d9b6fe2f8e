"""Where the day's events happened: found before anybody moves or changes jobs."""

from collections.abc import Iterable

from simulator.day.equipment import place_of
from simulator.kernel import kernel
from simulator.population.world import World
from simulator.records import Records


@kernel
def _place(events: Records, people: Records, humans: int, day: int) -> None:
    for i in range(events.shape[0]):
        network, initiator = int(events.network[i]), int(events.initiator[i])
        if network > 0:
            events.place[i] = place_of(people, day, initiator, network) if initiator < humans else initiator - humans


def place(world: World, day: int, events: Iterable[Records]) -> None:
    """Tell events from a network where it is: the household, firm, town or country of whoever initiates them."""
    for rows in events:
        if len(rows):
            _place(rows, world.people, world.layout.people, day)
