"""What fell due from before: payments that were put off until today, as far as they can still be made as they were meant."""

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Message, Method, Purpose
from simulator.day.abroad import is_away
from simulator.kernel import step
from simulator.ledger import FORCED, OWN
from simulator.population.accounts import CREDIT_CARD, FIRM_ROWS, LOAN, PERSON_ROWS, PURSE
from simulator.population.debts import DEBTS
from simulator.population.presence import is_here
from simulator.population.world import World
from simulator.records import Records


@step
def is_made(world: World, today: Today, initiator: int, out: Records, i: int) -> bool:
    """Whether a payment that falls due is still made: who has left does nothing, and notes change hands between people in town.

    Args:
        world: the world.
        today: the day.
        initiator: a person, or people + a firm.
        out: attempts.
        i: the attempt; notes for who is abroad become a transfer.
    """
    payee, own = np.int64(out.payee[i]), np.int64(out.marks[i]) & (OWN | FORCED)
    made = True
    if initiator < world.layout.people and not is_here(world.people, initiator, today.day):
        made = _still_pays(initiator, own, out, i)
    if made and own == 0 and out.method[i] == Method.CASH and payee < world.layout.firm_base and payee % PERSON_ROWS == PURSE:
        made = _hand_over(world, today, initiator, out, i)
    if made and own == OWN and out.related[i] >= 0 and payee < world.layout.firm_base:
        kind = payee % PERSON_ROWS - CREDIT_CARD
        if kind == 0 or kind == 1:  # of a card or loan, the bank asks again for what is still due
            out.amount[i] = min(out.amount[i], world.debts.due[initiator * DEBTS + kind])
            made = out.amount[i] > 0
    return made


@step
def _still_pays(person: int, own: int, out: Records, i: int) -> bool:
    """Whether a payment of who has left is made: their accounts are settled, and billers and banks ask again for what was due.

    Nothing is paid of their own will, and no loan is taken any more.
    """
    payer = np.int64(out.payer[i])
    if payer // PERSON_ROWS != person:
        return True
    if payer % PERSON_ROWS == LOAN:
        return False
    asks = (out.message[i] == Message.PAYMENT or out.message[i] == Message.AUTHORISATION) and out.related[i] < 0
    app = out.channel[i] == Channel.MOBILE or out.channel[i] == Channel.ONLINE
    return own != 0 or not (asks or app or out.purpose[i] == Purpose.TRANSFER)


@step
def _hand_over(world: World, today: Today, initiator: int, out: Records, i: int) -> bool:
    """Whether notes can be given to a person; who is abroad pays, or is paid, through the bank instead."""
    layout, payer, payee = world.layout, np.int64(out.payer[i]), np.int64(out.payee[i])
    person = payee // PERSON_ROWS
    if not is_here(world.people, person, today.day):
        return False
    of_person = payer < layout.firm_base
    if is_away(world, today, person) or (of_person and is_away(world, today, initiator)):
        out.payer[i] = payer - (payer % PERSON_ROWS if of_person else (payer - layout.firm_base) % FIRM_ROWS)
        out.payee[i] = payee - PURSE
        out.method[i] = Method.INSTANT_TRANSFER
        out.channel[i] = Channel.MOBILE if of_person else Channel.ONLINE
    return True
