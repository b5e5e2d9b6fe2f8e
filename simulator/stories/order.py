"""One instruction of a story to the day, and what became of it."""

from dataclasses import dataclass

from simulator.scenario.plot import Pay
from simulator.stories.instance import Instance


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
    payer_role: str
    payee_role: str
    turn: int
    seq: int
    is_new: bool = True
    """The payee is one that the story has not paid from there."""
    illicit: int = -1
    """What of the amount is of the story, minor units; -1 for all."""
    origin: "Order | None" = None
    status: int = -1
    paid: int = 0
    transaction: int = -1
    blocked: bool = False
