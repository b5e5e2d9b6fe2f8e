"""What is lent costs the rate of the day, and a loan keeps its own: after a rise of the policy rate, by hand and from a model's rows."""

from typing import Any

import numpy as np
import pytest
from small_worlds import ORDINARY

from simulator import PaymentsModel
from simulator.economy.rates import as_rate, fix, rate_today, running_rates
from simulator.economy.underwriting import Product
from simulator.population.accounts import LOAN, PERSON_ROWS
from simulator.population.climate import LOAN as RUNNING
from simulator.population.climate import NEW_LOAN
from simulator.population.debts import DEBTS, LOAN_DEBT
from simulator.population.obligations import TERMS, present_value
from simulator.record.facts import build_names

RISE, SHARE, RISES = 0.04, 0.5, 37
"""Points by which the policy rate rises, what of it reaches new loans, and the day of the run."""

SETTINGS: dict[str, Any] = ORDINARY | {
    "period.start": "2023-12-15", "lending.asks": 0.3, "lending.debt_to_income": 0.9, "lending.lowest_score": 0, "lending.margin": 0.0,
}  # fmt: skip


def model(*shocks: dict[str, Any]) -> PaymentsModel:
    return PaymentsModel("high_street", customers=400, days=79, shards=1, workers=1, **SETTINGS, shocks=list(shocks))


@pytest.fixture(scope="module")
def lived() -> PaymentsModel:
    """Until the eve of 1 March; the rate rises on 21 January, so that what begins with February costs more."""
    world = model({"name": "rise", "kind": "policy_rate", "source": "a test", "path": {"2024-01-21": RISE}})
    world.run_for(77)
    return world


def test_what_is_offered_has_the_rate_of_the_day(lived: PaymentsModel) -> None:
    credit, start = lived.settings.credit, lived.clock.start
    asked = lived.diary.past("application")
    late, card = asked["day"] >= start + RISES, asked["product"] == Product.CARD
    for some, usual, moved in ((card, credit.card_rate, RISE), (~card, credit.loan_rate, SHARE * RISE)):
        for mine, rate in ((some & ~late, usual), (some & late, usual + moved)):
            assert set(asked["rate"][mine].tolist()) == {round(rate * 1e6)}
    lent = lived.diary.past("loan")
    new = lent["granted"] >= start + RISES
    assert new.sum() > 3
    for product, purpose in ((Product.LOAN, "LOAN"), (Product.MORTGAGE, "MORTGAGE")):
        mine = new & (lent["product"] == product) & (lent["rate"] == round((credit.loan_rate + SHARE * RISE) * 1e6))
        term = next(months for kind, months in TERMS.items() if kind.name == purpose)
        each = lent["principal"][mine] / present_value(credit.loan_rate + SHARE * RISE, term)
        assert np.abs(lent["instalment"][mine] - each).max(initial=0) <= 1.01


def test_a_loan_keeps_its_rate(lived: PaymentsModel) -> None:
    """On 1 March who borrowed anew pays by that rate, and others by the old one, of which a tenth moves."""
    world, layout = lived.world, lived.world.layout
    own = np.arange(layout.people) * PERSON_ROWS + LOAN
    owed, fixed = -world.accounts.available[own], world.debts.fixed[LOAN_DEBT::DEBTS].astype(np.int64)
    rate = lived.settings.credit.loan_rate + RISE * lived.settings.economy.variable_loans
    expected = owed * (round(rate * 1e6) + fixed) // 12_000_000
    public = dict(zip(build_names(world, lived.settings, lived.clock.start).account[own].tolist(), range(layout.people), strict=True))
    table = next(iter(lived.stream(1))).transactions.to_pandas()
    paid = table[(table.purpose == "interest") & table.payer_account.isin(list(public))]
    who = np.array([public[account] for account in paid.payer_account])
    assert (np.rint(paid.amount * 100).astype(np.int64) == expected[who]).all()
    assert (fixed[who] > 0).sum() > 3 < (fixed[who] == 0).sum()
    assert fixed.max() <= round((SHARE - lived.settings.economy.variable_loans) * RISE * 1e6)


def test_accounts_hold_the_mean_of_their_loans() -> None:
    world = PaymentsModel("hamlet", customers=20, **ORDINARY).world
    who, place = np.array([3]), 3 * DEBTS + LOAN_DEBT
    world.accounts.book[3 * PERSON_ROWS + LOAN] = -30_000
    world.climate.rate[[RUNNING, NEW_LOAN]] = [65_000, 85_000]
    fix(world, who, np.array([10_000]))
    assert world.debts.fixed[place] == 5_000 and running_rates(world, who)[0] == 70_000
    world.accounts.book[3 * PERSON_ROWS + LOAN] = 0
    world.climate.rate[NEW_LOAN] = 45_000
    fix(world, who, np.array([1]))
    assert world.debts.fixed[place] == -20_000, "what was paid off is forgotten"
    fix(world, who, np.array([1]), np.array([7]))
    assert world.debts.fixed[place] == 7


def test_in_a_usual_time_the_rate_is_the_scenarios_to_the_last_bit() -> None:
    one = PaymentsModel("hamlet", customers=20, **ORDINARY, **{"credit.loan_rate": 0.0654321987})
    assert rate_today(one.register, one.world) == 0.0654321987 == as_rate(one.register, 65_432)


def test_a_rule_may_change_what_cards_cost() -> None:
    rule = {"name": "cap", "kind": "rule", "source": "a test", "start": "2024-01-03T00:00:00", "until": "2024-01-05",
            "set": {"credit.card_rate": 0.1}}  # fmt: skip
    one = PaymentsModel("hamlet", customers=20, days=6, **ORDINARY | {"period.start": "2024-01-01"}, shocks=[rule])
    found = []
    for _ in range(6):
        one.step()
        found.append(int(one.world.climate.rate[0]))
    usual = round(one.settings.credit.card_rate * 1e6)
    assert found == [usual, usual, 100_000, 100_000, usual, usual]
