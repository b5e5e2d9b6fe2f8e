"""Plans made anew: at the turn of a month, households whose life has changed get the income, habits and bills of one like them.

Contracts stay: rent, mortgage, loans, property tax. What is drawn of a person stands at the same addresses as on the first
morning, so tastes stay too; what changes is what hangs on income, age and household.
"""

from typing import NamedTuple

import numpy as np

from simulator.clock import Today
from simulator.codes import Event, Purpose
from simulator.draws import Ints, Why, words
from simulator.economy.underwriting import apply_for_card
from simulator.lives.diary import Diary
from simulator.lives.foresight import heads_here, stage_of_life
from simulator.lives.lines import grant
from simulator.lives.loans import change_loans, owed_now, scheduled
from simulator.lives.register import Register, moments
from simulator.population.accounts import CREDIT_CARD, LOAN, PERSON_ROWS
from simulator.population.budget import CONTRACTS, LODGING, Held, Kept
from simulator.population.clients import draw_dealings
from simulator.population.debts import NO_LINE
from simulator.population.draft import Draft, draft_members
from simulator.population.dues import Directory
from simulator.population.households import SALARIED, SELF_EMPLOYED, STUDENT
from simulator.population.obligations import draw_dues
from simulator.population.presence import NEVER, here
from simulator.population.remake import Homes, remake_members
from simulator.population.splice import splice
from simulator.population.world import World
from simulator.records import Records
from simulator.runner.postponed import Postponed

FRESH = 2
"""Value of `Course.stale` of a household that begins: its contracts are drawn too."""

CHUNK = 16_000
"""Households that are planned together."""

COLUMNS = (
    "gross", "net", "decile", "kind", "archetype", "buffer", "budget", "trips", "price", "online", "cash", "credit", "wallet", "hours",
    "social", "purse", "payer", "unpaid", "fee", "vulnerability",
)  # fmt: skip
"""Columns of People that a plan sets. `line` and `takings` change more slowly, see below."""


class Anew(NamedTuple):
    """Rows of a sparse table for the people of households that were planned anew."""

    person: Ints
    """Rows of people."""
    table: Records
    """Their rows of the table, one person after the other."""
    each: Ints
    """How many each has."""


def plan_anew(register: Register, world: World, today: Today, diary: Diary, postponed: Postponed) -> World:
    """Make the plans of changed households anew, and write everybody's obligations and dealings. Returns the world with them."""
    heads = heads_here(world, today.day + 1)
    stale = world.course.stale[heads]
    found, owed = [], owed_now(world, today)
    for fresh in (False, True):
        chosen = heads[stale == FRESH] if fresh else heads[(stale > 0) & (stale != FRESH)]
        for low in range(0, len(chosen), CHUNK):
            found.append(_plan(register, world, today, diary, postponed, chosen[low : low + CHUNK], fresh, owed))
    world.course.stale[heads] = 0
    dues, owes = _write(world, today, world.obligations, world.owes, [part for part, _ in found])
    dealings, world.deals[:] = _write(world, today, world.dealings, world.deals, [part for _, part in found])
    successor = _successors(world)
    rows, whose = _gather(owes, successor)
    own = dues.payee[rows] == world.course.takes[successor][whose] * PERSON_ROWS + LOAN
    dues.payee[rows[own]] = successor[whose[own]] * PERSON_ROWS + LOAN
    world.owes[:] = owes
    return world._replace(obligations=dues, dealings=dealings)


def _homes(world: World, today: Today, heads: Ints) -> Homes:
    partner = world.course.partner[heads].astype(np.int64)
    partner = np.where((partner >= 0) & here(world.people, today.day + 1, partner), partner, -1)
    return Homes(heads, partner, stage_of_life(world, heads))


def _plan(
    register: Register, world: World, today: Today, diary: Diary, postponed: Postponed, heads: Ints, fresh: bool, owed: Ints
) -> tuple[Anew, Anew]:
    """Plan some households, and write what changes of their people; ``owed`` is what each person owes on loans."""
    people, course, scenario = world.people, world.course, register.scenario
    members = remake_members(register.table, register.ladder, people, course, _homes(world, today, heads), scenario.population)
    row = members.row
    contracts = _keep(register, world, row)
    known_as = members._replace(row=course.origin[row].astype(np.int64))
    kept = None if fresh else contracts.kept
    draft = draft_members(scenario, register.table, known_as, register.unit, register.reference, flats=False, kept=kept)
    draft = draft._replace(members=members, people=draft.people._replace(town=people.town[row]))
    town = people.town[row].astype(np.int64)
    dealings, deals, broker = draw_dealings(scenario, register.plan, world.firms, draft.budget.clients, draft.origin, town, register.unit)
    known = np.repeat(np.arange(world.layout.people), np.diff(world.deals)) * world.layout.firms + world.dealings.firm
    dealings.paid = np.isin(np.repeat(row, deals) * world.layout.firms + dealings.firm, known[world.dealings.paid == 1])
    drawn, directory = draft, Directory(scenario, register.plan, world.firms, world.layout)
    if not fresh:
        contracts.reprice(draft.budget.held, register.unit)
        others = [held for held in draft.budget.held if scenario.bills[held.bill].kind not in CONTRACTS]
        drawn = draft._replace(budget=draft.budget._replace(held=others))
    month = register.month(today.day + 1)
    table, count, _ = draw_dues(directory, drawn, register.unit, month)
    if fresh:
        people.tenure[row] = draft.people.tenure
    else:
        table, count = _weave(contracts.table, contracts.count, table, count)
    target, home = scheduled(register, world, month, row, table, count)
    change_loans(register, world, today, diary, postponed, row, owed[row], target, home)
    people.broker[row] = broker
    _change_people(register, world, today, diary, row, draft)
    return Anew(row, table, count), Anew(row, dealings, deals)


def _gather(start: Ints, person: Ints) -> tuple[Ints, Ints]:
    """Rows of the sparse rows of some people, and whose (place) each is."""
    count = start[person + 1] - start[person]
    whose = np.repeat(np.arange(len(person)), count)
    rows = np.repeat(start[person] - np.cumsum(count) + count, count) + np.arange(int(count.sum()))
    return rows, whose


class Contracts:
    """The contracts that some people go on with, by place among them.

    Args:
        kept: who holds which.
        table: their obligations.
        whose: place of each.
        size: number of people.
    """

    def __init__(self, kept: Kept, table: Records, whose: Ints, size: int) -> None:
        self.kept, self.table, self._whose = kept, table, whose
        self.count = np.bincount(whose, minlength=size)

    def reprice(self, held: list[Held], unit: int) -> None:
        """Amounts follow incomes."""
        for one in held:
            amount = np.zeros(len(self.count))
            amount[one.rows] = one.amount
            mine = np.flatnonzero((self.table.bill == one.bill) & (amount[self._whose] > 0))
            self.table.amount[mine] = np.maximum(1, np.rint(amount[self._whose[mine]] * unit)).astype(np.int64)


def _keep(register: Register, world: World, row: Ints) -> Contracts:
    """The contracts that people keep, their own and those they take over."""
    people, course, owed = world.people, world.course, world.obligations
    giver = course.takes[row].astype(np.int64)
    takes = np.flatnonzero(giver >= 0)
    own, whose = _gather(world.owes, row)
    taken, by = _gather(world.owes, giver[takes])
    rows, whose = np.concatenate([own, taken]), np.concatenate([whose, takes[by]])
    foreign = np.arange(len(rows)) >= len(own)
    course.takes[row[takes]] = -1
    bill, head = owed.bill[rows].astype(np.int64), people.head[row] == 1
    kinds = np.array([kind.kind in CONTRACTS for kind in register.scenario.bills] + [False])
    loan = owed.purpose[rows] == Purpose.LOAN
    flat = (owed.purpose[rows] == Purpose.RENT) & (owed.firm[rows] < 0)
    stays = (kinds[bill] | flat) & (head[whose] | (loan & ~foreign))
    rows, whose, foreign, bill, flat = rows[stays], whose[stays], foreign[stays], bill[stays], flat[stays]
    # One contract of a bill each: a survivor has their own already.
    _, first = np.unique(whose * 256 + bill + 128 * flat, return_index=True)
    rows, whose, foreign, bill, flat = rows[first], whose[first], foreign[first], bill[first], flat[first]
    table = owed[rows]
    loan = foreign & (table.payee < world.layout.firm_base) & (table.payee % PERSON_ROWS == LOAN)
    table.payee[loan] = row[whose[loan]] * PERSON_ROWS + LOAN
    holders = {int(place): whose[(bill == place) & ~flat] for place in np.unique(bill[~flat]).tolist()}
    pays = np.bincount(whose[flat], table.amount[flat] / register.unit, len(row)) - _received(world, register.unit)[row]
    tenure = np.where(head, people.tenure[row], LODGING).astype(np.int64)
    card = np.where(people.line[row] > 0, 1, np.where(people.kind[row] == STUDENT, 2, 0))
    return Contracts(Kept(holders, pays.astype(np.float64), tenure, card), table, whose, len(row))


def _received(world: World, unit: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Rent that flatmates pay to each person a month, currency units."""
    owed, total = world.obligations, np.zeros(world.layout.people)
    flat = np.flatnonzero((owed.purpose == Purpose.RENT) & (owed.firm < 0))
    np.add.at(total, owed.payee[flat] // PERSON_ROWS, owed.amount[flat] / unit)
    return total


def _weave(one: Records, count: Ints, other: Records, more: Ints) -> tuple[Records, Ints]:
    """Two tables of sparse rows as one, each person's rows of the first before those of the second."""
    whose = np.concatenate([np.repeat(np.arange(len(count)), count), np.repeat(np.arange(len(more)), more)])
    both = np.concatenate([np.asarray(one), np.asarray(other)])
    return both[np.argsort(whose, kind="stable")].view(Records), count + more


def _change_people(register: Register, world: World, today: Today, diary: Diary, row: Ints, draft: Draft) -> None:
    """Write a plan into the columns of people."""
    people, plan = world.people, draft.people
    was = people.kind[row].copy()
    traded = (was == SELF_EMPLOYED) & (plan.kind == SELF_EMPLOYED) & (people.gross[row] > 0)
    grown = people.takings[row] * (plan.gross / np.maximum(people.gross[row], 1))
    people.takings[row] = np.where(traded, np.rint(grown), plan.takings).astype(np.int64)
    changed = plan.kind != was
    diary.change("work", today.day + 1, row[changed], income=was[changed], employer=people.employer[row[changed]])
    for name in COLUMNS:
        people[name][row] = getattr(plan, name)
    # Who owns a home goes on with it, whatever somebody like them would have now.
    people.home[row] = np.where(plan.home > 0, np.where(people.home[row] > 0, people.home[row], plan.home), 0)
    world.habit[row] = plan.habit
    works = plan.kind == SALARIED
    people.employer[row[~works]] = -1
    people.frequency[row[~works]], people.phase[row[~works]] = plan.frequency[~works], plan.phase[~works]
    _change_lines(register, world, today, diary, row, plan.line)


def _change_lines(register: Register, world: World, today: Today, diary: Diary, row: Ints, line: Ints) -> None:
    """Who was a student asks for a credit card, who owes little for a line that follows income; banks follow falling ones unasked."""
    people, lines = world.people, world.accounts.line
    had, card = people.line[row] > 0, row * PERSON_ROWS + CREDIT_CARD
    granted = ~had & (line > 0)
    follows = had & (line > 0) & (people.line[row] > NO_LINE) & (np.abs(line - people.line[row]) * 5 > people.line[row])
    follows &= -world.accounts.book[card] * 2 <= np.minimum(line, people.line[row])
    asks = granted | follows & (line > people.line[row])
    line = line.copy()
    line[asks] = apply_for_card(register, world, today, diary, row[asks], line[asks])
    granted, follows = granted & (line > 0), follows & (line > 0) & (line != people.line[row])
    diary.change("limit", today.day + 1, card[follows], limit=people.line[row[follows]].astype(np.int64))
    people.line[row[follows]] = line[follows]
    lines[card[follows]] = line[follows]
    time = moments(words(register.seed, row, Why.STANDING, 2, today.day)[0], today.offset, 9, 8)
    grant(world, today, diary, row[granted], line[granted], time[granted])
    diary.note(Event.LIMIT_CHANGED, row[follows], time[follows], account=card[follows], amount=line[follows])


def _successors(world: World) -> Ints:
    """Rows that will succeed somebody who changes bank this month."""
    return np.flatnonzero((world.course.takes >= 0) & (world.people.joined == NEVER))


def _write(world: World, today: Today, table: Records, start: Ints, found: list[Anew]) -> tuple[Records, Ints]:
    """A sparse table: of people planned anew what was found, of others what they had, of who is gone nothing; and where each begins.

    Rows that will succeed others have the same from their first day.
    """
    size = world.layout.people
    source, first, count = np.arange(size), np.zeros(size, np.int64), np.zeros(size, np.int64)
    tables, used = [np.zeros(0, table.dtype)], 0
    for part in found:
        source[part.person], count[part.person] = -1, part.each
        first[part.person] = used + np.cumsum(part.each) - part.each
        tables.append(np.asarray(part.table))
        used += len(part.table)
    gone = world.people.left <= today.day + 1
    source[gone], count[gone] = -1, 0
    successor = _successors(world)
    model = world.course.takes[successor].astype(np.int64)
    source[successor], first[successor], count[successor] = source[model], first[model], count[model]
    kept = source[successor] >= 0
    source[successor[kept]] = model[kept]
    return splice(table, start, source, np.concatenate(tables).view(Records), first, count)
