"""The household budget identity: recomputed from the scenario, and what scenarios/BUDGET.md says of it."""

from importlib.resources import files

import numpy as np
import pytest

from simulator.population.arrivals import residents
from simulator.population.budget import Budget, plan_budget
from simulator.population.households import Members, build_members, read_table
from simulator.population.people import mean_household_income
from simulator.population.renewal import renewal_of
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario

CUSTOMERS = 60_000
LINES = ("income before tax", "withheld", "**net income**", "**bills**", "**purchases**", "gifts, dues and games", "interest and fees",
         "sent abroad", "**saving**")  # fmt: skip


def planned(name: str) -> tuple[Scenario, Members, Budget]:
    """The first morning's plan of a scenario."""
    scenario = load_scenario(name)
    table = read_table(scenario.population.households, scenario.population.income_spread)
    members = build_members(scenario, table, residents(table, renewal_of(scenario.population.households, scenario.lives)), CUSTOMERS)
    return scenario, members, plan_budget(scenario, members, mean_household_income(scenario, table))


def lines_of(scenario: Scenario, members: Members, budget: Budget) -> dict[str, np.ndarray]:
    """Currency units a household and year: the five fifths and all."""
    quintile = members.decile // 2
    homes = np.bincount(quintile[members.head == 1], minlength=5)

    def fifths(values: np.ndarray) -> np.ndarray:
        return np.append(np.bincount(quintile, values, 5) / homes, values.sum() / homes.sum())

    bills = np.zeros(len(quintile))
    for held in budget.held:
        np.add.at(bills, held.rows, 12 * held.amount / scenario.bills[held.bill].every)
    yearly = [
        members.gross, members.gross - 12 * budget.net, 12 * budget.net, bills, 12 * budget.purchases, 12 * budget.dealt,
        budget.unpaid * scenario.credit.card_rate + 12 * budget.fee * scenario.credit.monthly_fee,
        12 * budget.remittance, 12 * budget.saving,
    ]  # fmt: skip
    return {name: fifths(np.asarray(values, float)) for name, values in zip(LINES, yearly, strict=True)}


@pytest.fixture(scope="module")
def high_street() -> dict[str, np.ndarray]:
    return lines_of(*planned("_high_street"))


def closes(lines: dict[str, np.ndarray]) -> np.ndarray:
    out = sum(lines[name] for name in LINES[3:])
    return np.asarray((lines["**net income**"] - out) / lines["**net income**"])


def test_identity_closes_in_every_fifth(high_street: dict[str, np.ndarray]) -> None:
    assert np.abs(closes(high_street)).max() < 0.01, closes(high_street)


@pytest.mark.parametrize("name", ["_mobile_money", "_euro_town", "_czech_bank"])
def test_identity_of_other_worlds_closes(name: str) -> None:
    left = closes(lines_of(*planned(name)))
    assert np.abs(left).max() < 0.01, left


def test_totals_agree_with_consumer_expenditures_2023(high_street: dict[str, np.ndarray]) -> None:
    assert high_street["income before tax"][5] == pytest.approx(101_805, rel=0.02)
    assert high_street["**bills**"][5] + high_street["**purchases**"][5] == pytest.approx(68_200, rel=0.05)


def test_page_says_what_the_parameters_give(high_street: dict[str, np.ndarray]) -> None:
    page = (files("scenarios") / "BUDGET.md").read_text(encoding="utf-8")
    rows = {cells[1].strip(): cells[2:8] for line in page.splitlines() if len(cells := line.split("|")) == 10}
    for name, values in high_street.items():
        said = [float(cell.replace(",", "")) for cell in rows[name]]
        assert said == pytest.approx(values.tolist(), rel=0.02, abs=30), name


def test_purchases_cost_what_the_budget_gives() -> None:
    """The mean amounts of the categories and the number of purchases spend the budget: no hidden rescaling of prices."""
    for name in ("_high_street", "_mobile_money", "_euro_town", "_czech_bank"):
        scenario, _, budget = planned(name)
        mean = sum(c.share for c in scenario.categories) / sum(c.share / c.mean for c in scenario.categories)
        assert mean * scenario.purchases_per_month == pytest.approx(budget.purchases.mean(), rel=0.03), name


def test_everyone_fits_an_archetype() -> None:
    """Every income kind, age and rank is open to at least one archetype."""
    for name in ("_high_street", "_mobile_money", "_euro_town", "_czech_bank"):
        archetypes = load_scenario(name).population.archetypes
        assert any(len(a.kinds) == 5 and a.ages == (18, 120) and a.incomes == (0.0, 1.0) and a.weight > 0 for a in archetypes), name
