"""Income that the payee's side starts, for the payer cannot run short: pensions, benefits (study grants among them), takings.

Salaries are paid by firms, see ``day/firms.py``.
"""

import numpy as np

from simulator.clock import MONTHLY, WEEKLY, Today
from simulator.codes import Channel, Method, Purpose
from simulator.day.abroad import plan_from_abroad
from simulator.day.hours import between
from simulator.day.keeping import is_paid_in_notes
from simulator.draws import Why, draw, poisson, scale
from simulator.kernel import part, step
from simulator.ledger import move
from simulator.population.world import World
from simulator.records import Records


@part
def plan_income(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Plan a person's pension, benefit, grant or takings of the day."""
    people = world.people
    kind = np.int64(people.kind[person])
    if kind == 5:
        return n
    if kind == 0:
        return plan_benefit(world, today, person, out, n) if people.benefit[person] > 0 else n
    if kind == 1:
        return _plan_takings(world, today, person, out, n)
    if today.payday[MONTHLY, people.phase[person]] == 0:
        return n
    return _plan_pension(world, today, person, kind, out, n)


@step
def plan_benefit(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """Unemployment benefit, once a week."""
    if today.payday[WEEKLY, person % 5] == 0:
        return n
    word, _, _, _ = draw(world.rules.key, person, today.day, Why.INCOME_TIME, 2)
    amount = world.people.benefit[person] * world.rules.boundary_credits >> 16
    if is_paid_in_notes(world, person):
        return _hand_over(world, today, person, amount, word, Purpose.BENEFIT, out, n)
    return move(out, n, between(today.offset, 3, 4, word), person, world.layout.government, person * 5, amount, Method.BATCH_TRANSFER,
                Channel.NONE, Purpose.BENEFIT, 0)  # fmt: skip


@part
def _hand_over(world: World, today: Today, person: int, amount: int, word: int, purpose: int, out: Records, n: int) -> int:
    """What the government pays in notes."""
    time = between(today.offset, 8, 6, word)
    return move(out, n, time, person, world.layout.government, person * 5 + 4, amount, Method.CASH, Channel.NONE, purpose, 0)


@step
def _plan_pension(world: World, today: Today, person: int, kind: int, out: Records, n: int) -> int:
    """What the government, a fund or somebody abroad pays a month."""
    people, rules, current = world.people, world.rules, person * 5
    word, _, _, _ = draw(rules.key, person, today.day, Why.INCOME_TIME, 0)
    amount = (people.net[person] * world.climate.pay[kind] >> 16) * rules.boundary_credits >> 16
    if amount <= 0:
        return n
    if is_paid_in_notes(world, person):
        return _hand_over(world, today, person, amount, word, Purpose.PENSION if kind == 2 else Purpose.BENEFIT, out, n)
    time = between(today.offset, 3, 4, word)
    purpose, payer = Purpose.BENEFIT, world.layout.government
    fund, abroad, _, _ = draw(rules.key, person, 0, Why.INCOME_TIME, 1)
    if kind == 2:
        purpose = Purpose.PENSION
        if fund >= rules.state_pension:
            payer = world.layout.outside
            if abroad < world.abroad.pensions:
                return plan_from_abroad(world, person, amount, Purpose.PENSION, time, out, n)
    elif kind == 4 and abroad < world.abroad.students:
        return plan_from_abroad(world, person, amount, Purpose.REMITTANCE, time, out, n)
    return move(out, n, time, person, payer, current, amount, Method.BATCH_TRANSFER, Channel.NONE, purpose, 0)


@step
def _plan_takings(world: World, today: Today, person: int, out: Records, n: int) -> int:
    """The self-employed are paid by customers outside the town, in transfers or notes, a few times a month."""
    people, rules = world.people, world.rules
    if people.takings[person] == 0:
        return n
    count_word, dither, _, _ = draw(rules.key, person, today.day, Why.TAKINGS, 0)
    for k in range(poisson(world.tables.poisson, rules.takings_a_day, count_word, dither)):
        size, time_word, notes, _ = draw(rules.key, person, today.day, Why.TAKINGS, k + 1)
        amount = (people.takings[person] * world.tables.takings[size >> 20] >> 16) * world.climate.pay[1] >> 16
        amount = amount * rules.boundary_credits >> 16
        if amount <= 0:
            continue
        time = between(today.offset, 8, 12, time_word)
        if rules.always_in_notes == 1:
            notes, _, _, _ = draw(rules.key, person, 0, Why.WAGE_TIME, 1)
        if notes < rules.earned_in_notes:
            n = move(out, n, time, person, world.layout.outside, person * 5 + 4, amount, Method.CASH, Channel.NONE, Purpose.TAKINGS, 0)
        else:
            method = Method.INSTANT_TRANSFER if scale(notes, 10) < 4 else Method.BATCH_TRANSFER
            n = move(out, n, time, person, world.layout.outside, person * 5, amount, method, Channel.ONLINE, Purpose.TAKINGS, 0)
    return n
