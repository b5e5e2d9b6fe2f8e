"""One instruction of a story to the day, and what became of it."""

from dataclasses import dataclass
from typing import NamedTuple

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
    is_new: bool = True
    """The payee is one that the story has not paid from there."""
    illicit: int = -1
    """What of the amount is of the story, minor units; -1 for all."""
    origin: "Order | None" = None
    status: int = -1
    paid: int = 0
    transaction: int = -1
    blocked: bool = False


class Became(NamedTuple):
    """What became of an order: fields of `simulator.ledger.ATTEMPT` as decided."""

    time: int
    amount: int
    hold: int
    payer: int
    payee: int
    method: int
    entry: int
    channel: int
    terminal: int
    card: int
    status: int
    reason: int
    transaction: int
    """-1 for what was not made, `runner.UNSEEN` for what no bank saw."""
    settled: int
    """Value date, microseconds since 1970; -1 where there is no transaction."""
