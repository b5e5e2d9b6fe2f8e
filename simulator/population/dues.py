"""What people pay to institutions at regular intervals: dues, gifts, savings plans, money sent abroad, rent through an agent."""

from typing import NamedTuple

import numpy as np

from simulator.codes import Channel, Method, Purpose
from simulator.draws import Ints, Why, normal, threshold, uniform, words
from simulator.population.abroad import corridors
from simulator.population.accounts import ACQUIRING, CURRENT, FIRM_ROWS, RESERVE, Layout
from simulator.population.clients import choose_institution, choose_method, institution_of
from simulator.population.draft import Draft
from simulator.population.firms import Firms, Plan
from simulator.population.owed import Rows
from simulator.population.trades import PURPOSES, code_of
from simulator.records import Records
from simulator.scenario import Scenario, Trade

CHANNELS = np.zeros(len(Method), np.int8)
CHANNELS[[Method.CARD, Method.BATCH_TRANSFER]] = Channel.ONLINE


class Directory(NamedTuple):
    """Where those who are paid are found."""

    scenario: Scenario
    """Bills and institutions."""
    plan: Plan
    """Where firms stand."""
    firms: Firms | Records
    """Their pull."""
    layout: Layout
    """Account rows."""


def through_agents(directory: Directory, draft: Draft, rows: Ints, payee: Ints, firm: Ints | int) -> tuple[Ints, Ints]:
    """Rents that go to a letting agent's account for clients instead of to the landlord: (payee, firm)."""
    scenario, plan, firms, layout = directory
    firm = np.asarray(firm)
    quintile, town = draft.members.decile[rows] >> 1, draft.people.town[rows].astype(np.int64)
    for place, entry in enumerate(scenario.institutions):
        if entry.trade is Trade.LETTING_AGENT:
            let_word, which, _, _ = words(scenario.seed, draft.origin[rows], Why.CLIENT, 3000 + place)
            let = let_word < threshold(np.array(entry.clients)).astype(np.uint32)[quintile]
            agent = choose_institution(plan, firms, place, town, which)
            payee, firm = np.where(let, layout.firm_base + agent * FIRM_ROWS + RESERVE, payee), np.where(let, agent, firm)
    return payee, firm


def add_dues(rows: Rows, directory: Directory, draft: Draft) -> None:
    """Dues, gifts and savings plans on a fixed day of the month."""
    scenario, plan, firms, layout = directory
    for c in draft.budget.clients:
        entry, person = scenario.institutions[c.entry], draft.origin[c.rows]
        if not entry.regular:
            continue
        day_word = words(scenario.seed, person, Why.CLIENT, 2000 + c.entry)[0]
        firm = institution_of(scenario, plan, firms, c.entry, person, draft.people.town[c.rows].astype(np.int64))
        day, level = 1 + (day_word >> np.uint32(8)).astype(np.int64) % 28, c.level
        if entry.trade is Trade.CLUB:
            # A club asks everyone for the same on the first of the month; most pay within a week (assumption).
            day = 1 + (uniform(day_word) ** 2 * 14).astype(np.int64)
            asks = normal(words(scenario.seed, firm, Why.CLIENT, 5000)[0])
            step = 5 * 10.0 ** np.floor(np.log10(max(entry.mean, 1e-9)) - 1)
            level = np.maximum(1, np.rint(entry.mean * np.exp(entry.spread * asks) / step)) * step
        method = choose_method(scenario, c.entry, person)
        payee = layout.firm_base + firm * FIRM_ROWS + np.where(method == Method.CARD, ACQUIRING, CURRENT)
        purpose = PURPOSES[code_of(entry.trade)]
        rows.add(c.rows, payee, level, day, method, purpose, channel=CHANNELS[method], firm=firm, mcc=entry.mcc)


def add_remittances(rows: Rows, directory: Directory, draft: Draft, day: Ints) -> None:
    """Money sent abroad every month: by wire from one's bank, or through a remitter, who sends many sums on as one."""
    scenario, plan, firms, layout = directory
    sent, row, mobile = draft.budget.remittance, draft.origin, int(Channel.MOBILE)
    sends = np.flatnonzero(sent > 0)
    for place, entry in enumerate(scenario.institutions):
        if entry.trade is not Trade.REMITTER:
            continue
        word, which, _, _ = words(scenario.seed, row[sends], Why.CLIENT, 4000 + place)
        through = word < threshold(np.array(entry.clients)).astype(np.uint32)[draft.members.decile[sends] >> 1]
        client = sends[through]
        firm = choose_institution(plan, firms, place, draft.people.town[client].astype(np.int64), which[through])
        method = choose_method(scenario, place, row[client])
        payee = layout.firm_base + firm * FIRM_ROWS + np.where(method == Method.CARD, ACQUIRING, CURRENT)
        rows.add(client, payee, sent[client], day[client], method, Purpose.REMITTANCE, channel=mobile, firm=firm, varies=0.2, mcc=entry.mcc)
        sends = sends[~through]
    rows.add(sends, corridors(scenario, layout, row[sends]), sent[sends], day[sends], Method.WIRE, Purpose.REMITTANCE, channel=mobile,
             varies=0.2)  # fmt: skip
