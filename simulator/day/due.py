"""What fell due, and whether it still happens when people have gone in the meantime."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Message, Method
from simulator.kernel import step
from simulator.ledger import FORCED
from simulator.population.accounts import LOAN, PERSON_ROWS
from simulator.population.presence import is_here
from simulator.population.world import World
from simulator.records import Records


@step
def still_happens(world: World, today: Today, person: int, stays: bool, due: Records, i: int) -> bool:
    """Whether a payment that somebody arranged for today is made.

    Nobody is handed notes who is not there. Whoever is gone pays nothing of their own will and takes no loan any more; their
    accounts are settled, and billers and banks do what they would have done.

    Args:
        world: who is there.
        today: the day.
        person: who starts the payment.
        stays: whether that person is here.
        due: attempts.
        i: the attempt.
    """
    payer, payee = np.int64(due.payer[i]), np.int64(due.payee[i])
    if due.method[i] == Method.CASH and payee < world.layout.firm_base and payee // PERSON_ROWS != person:
        if not is_here(world.people, payee // PERSON_ROWS, today.day):
            return False
    if stays or payer // PERSON_ROWS != person:
        return True
    if payer % PERSON_ROWS == LOAN:
        return False
    asks = due.message[i] == Message.PAYMENT or due.message[i] == Message.AUTHORISATION
    return not asks or due.related[i] >= 0 or np.int64(due.marks[i]) & FORCED != 0
