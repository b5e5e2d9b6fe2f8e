"""One instruction of a story to the day."""

from dataclasses import dataclass

from simulator.scenario.plot import Pay
from simulator.stories.instance import Instance
from simulator.stories.library import Scene


@dataclass(slots=True, eq=False)
class Order:
    """One instruction of a story to the day."""

    instance: Instance
    act: int
    pay: Pay
    payer: int
    payee: int
    amount: int
    time: int
    """Microseconds within the UTC day."""
    initiator: int
    scene: Scene
    turn: int
    seq: int
    row: int = -1
    """Among the orders of the window."""
    is_new: bool = True
    """The payee is one that the story has not paid from there."""
    illicit: int = -1
    """What of the amount is of the story, minor units; -1 for all."""
    wrong: float = 0.0
    """Share of such card payments whose data do not fit, before what the crew is worth."""
    origin: "Order | None" = None
    status: int = -1
    paid: int = 0
    blocked: bool = False
