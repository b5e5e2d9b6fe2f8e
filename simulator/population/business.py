"""Business on the first morning: what firms owe each other, whom they pay, who owns them and what they keep."""

from typing import NamedTuple

import numpy as np

from simulator.draws import Ints
from simulator.population.accounts import Layout
from simulator.population.draft import DAYS_A_MONTH
from simulator.population.firms import Firms, Plan
from simulator.population.institutions import Crowd, Payees, build_payees, choose_providers, keep_for_clients
from simulator.population.trade import Contracts, build_contracts, own
from simulator.records import Records
from simulator.scenario import Scenario


class Business(NamedTuple):
    """What is known of firms once work and markets are."""

    firms: Firms
    payees: Payees
    contracts: Contracts


def open_business(
    scenario: Scenario, plan: Plan, firms: Firms, layout: Layout, people: Records, obligations: Records, owes: Ints, dealings: Records
) -> Business:
    """Settle what firms are to each other and to the people of the first morning.

    Args:
        scenario: firms and institutions.
        plan: where firms stand.
        firms: with staff, wages, sales and reserves.
        layout: account rows.
        people: those of the first morning.
        obligations: theirs, and those of people who come later.
        owes: first obligation of each person.
        dealings: of the people of the first morning.
    """
    town, decile, kind = (people[name].astype(np.int64) for name in ("town", "decile", "kind"))
    firms = own(scenario, plan, choose_providers(scenario, plan, firms), town, decile, kind)
    firms = keep_for_clients(scenario, firms, dealings, DAYS_A_MONTH)
    payees = build_payees(scenario, plan, firms, layout, Crowd(town, decile, kind, obligations, owes))
    return Business(firms, payees, build_contracts(scenario, plan, firms, layout))
