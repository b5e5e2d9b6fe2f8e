"""Law 1: what enters does so for a declared purpose and size; a world whose boundary credits are cut runs short."""

import numpy as np
import pytest
from small_worlds import Kept

from simulator.codes import Message, Purpose, Status
from simulator.ledger import HOME_VALUE, IN, OUT
from simulator.model import PaymentsModel
from simulator.population.boundary import BROUGHT, declared_arrivals, declared_credits, observed_credits
from simulator.records import Records

BOUGHT = [Purpose.PURCHASE, Purpose.WITHDRAWAL]


class FromOutside(Kept):
    """Adds up what the boundary at home pays, by purpose, minor units."""

    def __init__(self, outside: int) -> None:
        super().__init__()
        self.outside, self.paid = outside, np.zeros(len(Purpose), np.int64)

    def take(self, rows: Records) -> None:
        paid = rows[(rows.payer == self.outside) & (rows.status == Status.APPROVED) & (rows.message == Message.PAYMENT)]
        np.add.at(self.paid, paid.purpose.astype(np.int64), paid.amount)


@pytest.fixture(scope="module")
def year() -> PaymentsModel:
    model = PaymentsModel("high_street", customers=3000, days=365)
    model.recorder = FromOutside(model.world.layout.outside)  # type: ignore[assignment]
    model.declared = []  # type: ignore[attr-defined]
    for month in range(12):
        model.declared.append(declared_credits(model.world, model.clock.start + month * 365 // 12))  # type: ignore[attr-defined]
        model.run_for((month + 1) * 365 // 12 - month * 365 // 12)
    return model


def test_observed_boundary_credits_have_their_declared_size(year: PaymentsModel) -> None:
    months: list[dict[str, float]] = year.declared  # type: ignore[attr-defined]
    declared, observed = months[0], observed_credits(year.world, year.runner.tally, year.runner.crossed, 365)
    # A handful of students live on what comes from abroad, and in a year some finish or leave: what their months declare counts.
    declared["remittance"] = float(np.mean([month["remittance"] for month in months]))
    assert set(declared) == set(observed)
    for purpose, size in declared.items():
        assert observed[purpose] == pytest.approx(size, rel=0.06), purpose


def test_what_comes_with_people_has_its_declared_size(year: PaymentsModel) -> None:
    """Newcomers are known on the first morning; who sells or leaves is not."""
    first = PaymentsModel("high_street", customers=3000, days=365)
    declared = declared_arrivals(first.settings, first.world, first.clock.start)
    paid = year.recorder.paid / year.world.rules.unit * 365.25 / 365  # type: ignore[union-attr]
    assert tuple(declared) == BROUGHT
    assert paid[Purpose.CLOSING] == pytest.approx(declared["closing"], rel=0.02)
    assert paid[Purpose.PROPERTY] == pytest.approx(declared["property"], rel=0.25)
    others = {Purpose(place).name.lower() for place in np.flatnonzero(paid).tolist()} - set(BROUGHT)
    # Investments come back, firms that open bring their capital, and who moves away pays the card off from there.
    assert others <= {"pension", "takings", "invoice", "investment", "card_bill"}, "the boundary pays for nothing else"


def test_nothing_comes_with_people_where_nobody_comes_or_goes() -> None:
    still = PaymentsModel("high_street", customers=600, **{"lives.changes": False, "institutions": []})
    assert declared_arrivals(still.settings, still.world, still.clock.start) == {"closing": 0.0, "property": 0.0}


def test_no_other_purpose_is_paid_by_the_boundary(year: PaymentsModel) -> None:
    # The boundary's own books, the dealer's home account for those abroad: what it paid less what it received is what it lost.
    world, crossed = year.world, year.runner.crossed
    outside = year.recorder.paid  # type: ignore[union-attr]
    paid = sum(observed_credits(world, year.runner.tally, crossed, 365).values()) * 365 / 365.25
    paid += float(outside[[Purpose.CLOSING, Purpose.PROPERTY]].sum()) / world.rules.unit
    received = paid - sum(day["boundary_net"] for day in year.series.days)
    to_boundary = [Purpose.TAX, Purpose.SUPPLIES, Purpose.DIVIDEND, Purpose.INVESTMENT, Purpose.REMITTANCE, Purpose.DONATION]
    most = year.runner.tally[1, to_boundary, :, Status.APPROVED].sum() + crossed[HOME_VALUE, :, OUT, BOUGHT].sum()
    assert 0 < received <= most / world.rules.unit * 1.0001  # supplies bought in the town do not cross the boundary
    # Across the border, too, only declared purposes come in; refunds give back what went out.
    came = np.flatnonzero(crossed[HOME_VALUE, :, IN].sum(axis=0)).tolist()
    ordinary = {Purpose.PENSION, Purpose.INVOICE, Purpose.REMITTANCE, Purpose.REFUND}
    # Stories bring back what they had sent, as loans, investments and trade.
    told = {Purpose.LOAN, Purpose.INVESTMENT, Purpose.SUPPLIES, Purpose.PURCHASE, Purpose.TRANSFER}
    assert set(came) <= ordinary | told
    back = crossed[HOME_VALUE, :, IN][:, sorted(told)].sum()
    assert back < 0.01 * crossed[HOME_VALUE, :, OUT].sum()
    assert crossed[HOME_VALUE, :, IN, Purpose.REFUND].sum() < 0.2 * crossed[HOME_VALUE, :, OUT, Purpose.PURCHASE].sum()


def test_deposits_do_not_drift(year: PaymentsModel) -> None:
    daily = year.datacollector.get_model_vars_dataframe()
    for column in ("deposits", "firm_deposits", "notes"):
        early, late = daily[column].iloc[60:120].mean(), daily[column].iloc[300:360].mean()
        assert late == pytest.approx(early, rel=0.12), column


def test_a_world_without_boundary_credits_runs_short() -> None:
    whole, cut = (PaymentsModel("high_street", customers=600, **{"boundary.credits": share}) for share in (1.0, 0.0))
    for model in (whole, cut):
        model.run_for(270)
    assert sum(declared_credits(cut.world, cut.clock.start).values()) == 0
    short = [int(m.runner.tally[0, :, :, Status.DECLINED].sum()) for m in (whole, cut)]
    spent = [m.datacollector.get_model_vars_dataframe()["purchase_value"].iloc[-30:].sum() for m in (whole, cut)]
    assert short[1] > 3 * short[0] and spent[1] < 0.7 * spent[0]
    accounts = cut.world.accounts
    assert int(np.sum(accounts.book) + np.sum(accounts.flight)) == int(np.sum(cut.opening))
