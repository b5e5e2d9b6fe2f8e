"""The order of the day, written once.

For each person: what fell due from before, income, credit, obligations, saving, cash, transfers, dealings, shopping; whoever
is abroad has a stay in place of cash, dealings and shopping, and who has left, or has not joined, does nothing but what others
make fall due. For each firm: what fell due, takings, wages, bills; one that has closed has the first two. The day's attempts of an
initiator are then numbered in order of time, and the sessions are noted in which they are made.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.day.abroad import is_away
from simulator.day.cash import plan_cash
from simulator.day.credit import plan_credit
from simulator.day.dealings import plan_dealings
from simulator.day.due import is_made
from simulator.day.equipment import present_again
from simulator.day.firms import plan_firm_bills, plan_takings, plan_wages
from simulator.day.income import plan_income
from simulator.day.obligations import committed, plan_obligations
from simulator.day.saving import plan_saving
from simulator.day.sessions import any_by_hand, place_sessions, plan_looks, plan_sessions
from simulator.day.shopping import plan_shopping
from simulator.day.stay import plan_stay
from simulator.day.transfers import plan_transfers
from simulator.draws import Why, draw
from simulator.kernel import kernel
from simulator.ledger import sequence_by_time
from simulator.population.accounts import PERSON_ROWS
from simulator.population.presence import is_here, is_open
from simulator.population.world import World
from simulator.records import Records

ROOM = 512
"""Records that one person or firm may plan in a day, wages and payouts aside; the planner stops before it might not fit."""


@kernel
def plan_people(
    world: World, today: Today, due: Records, person: int, last: int, out: Records, order: NDArray[np.int32], n: int,
    events: Records, noted: NDArray[np.int64],
) -> tuple[int, int]:  # fmt: skip
    """Plan the day of people from ``person`` up to ``last``; returns (rows used, next person)."""
    pending = np.searchsorted(due.attempt.initiator, person)
    while person < last and n + ROOM <= out.shape[0] and noted[0] + ROOM <= events.shape[0]:
        first = n
        while pending < due.attempt.initiator.shape[0] and due.attempt.initiator[pending] == person:
            out[n] = due.attempt[pending]
            pending += 1
            present_again(world, today, person, out, n)
            if is_made(world, today, person, out, n):
                n += 1
        lives = is_here(world.people, person, today.day)
        transfers, looks, dither, other = draw(world.rules.key, person, today.day, Why.TRANSFER, 0)  # one draw for two behaviours
        if lives:
            n = plan_income(world, today, person, out, n)
            n = plan_credit(world, today, person, out, n)
            n = plan_obligations(world, today, person, out, n)
            n = plan_saving(world, today, person, committed(out, first, n, person * 5), out, n)
            away = is_away(world, today, person)
            if not away:
                n = plan_cash(world, today, person, out, n)
            n = plan_transfers(world, today, person, transfers, dither, out, n)
            if not away:
                n = plan_dealings(world, today, person, out, n)
            n = plan_stay(world, today, person, out, n) if away else plan_shopping(world, today, person, out, n)
        sequence_by_time(out, first, n, order)
        told = noted[0]
        if any_by_hand(out, order, first, n, person * PERSON_ROWS, PERSON_ROWS):
            plan_sessions(world, today, person, out, order, first, n, 0, events, noted)
        if lives:
            plan_looks(world, today, person, looks, other, events, noted)
        place_sessions(world, today, person, told, events, noted)
        person += 1
    return n, person


@kernel
def plan_firms(
    world: World, today: Today, due: Records, firm: int, last: int, out: Records, order: NDArray[np.int32], n: int,
    events: Records, noted: NDArray[np.int64],
) -> tuple[int, int]:  # fmt: skip
    """Plan the day of firms from ``firm`` up to ``last``; returns (rows used, next firm)."""
    pending = np.searchsorted(due.attempt.initiator, world.layout.people + firm)
    while firm < last:
        first = n
        waiting = pending
        while waiting < due.attempt.initiator.shape[0] and due.attempt.initiator[waiting] == world.layout.people + firm:
            waiting += 1
        many = world.staff[firm + 1] - world.staff[firm] + world.pays[firm + 1] - world.pays[firm]
        if n + ROOM + many + waiting - pending > out.shape[0] or noted[0] + ROOM > events.shape[0]:
            break
        while pending < waiting:
            out[n] = due.attempt[pending]
            pending += 1
            if is_made(world, today, world.layout.people + firm, out, n):
                n += 1
        if np.int64(world.firms.opened[firm]) <= today.day:
            n = plan_takings(world, today, firm, out, n)  # card sales still come in after the last day
        if is_open(world.firms, firm, today.day):
            n = plan_wages(world, today, firm, out, n)
            n = plan_firm_bills(world, today, firm, first, out, n)
        sequence_by_time(out, first, n, order)
        told = noted[0]
        plan_sessions(world, today, world.layout.people + firm, out, order, first, n, 0, events, noted)
        place_sessions(world, today, world.layout.people + firm, told, events, noted)
        firm += 1
    return n, firm
