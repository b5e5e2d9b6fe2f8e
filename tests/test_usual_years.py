"""A usual time held against itself: verdicts on numbers counted by hand, and figures of a small world against its books."""

import numpy as np
import pytest

from calibration.usual_years import Row, Usual, figures, never
from simulator import PaymentsModel
from simulator.economy.sums import CARDS


def test_what_drifts_or_lies_outside_is_said_to() -> None:
    assert Row("share", 0.040, 0.043, 0.03, 0.06, 0.005).verdict == "yes"
    assert "drift" in Row("share", 0.040, 0.046, 0.03, 0.06, 0.005).verdict
    assert Row("share", 0.061, 0.062, 0.03, 0.06, 0.005).verdict == "**no: level**"
    assert Row("amount", 100.0, 104.0, change=0.05, share=False).verdict == "yes"
    assert Row("amount", 100.0, 94.0, change=0.05, share=False).verdict == "**no: drift**"
    assert "4.30 %" in str(Row("share", 0.040, 0.043, 0.03, 0.06, 0.005)) and "±0.5 points" in str(Row("share", 0.0, 0.0, change=0.005))


@pytest.fixture(scope="module")
def lived() -> Usual:
    changes = {"economy.layoffs": 0.011, "credit.arrears": 0.05, "shocks": []}
    return Usual(PaymentsModel("high_street", customers=300, days=124, shards=1, workers=1, **changes))


def test_figures_are_those_of_the_books(lived: Usual) -> None:
    model = lived.model
    rows = {row.name: row for row in figures(lived)}
    days = model.series.days
    assert rows["customers"].first == pytest.approx(np.mean([day["customers"] for day in days[:62]]))
    bought = sum(day["purchase_value"] + 0.0 for day in days[:62])
    assert rows["spending a customer, constant prices"].first * rows["customers"].first >= bought * 0.9
    held = sum(rows[f"accounts a customer, fifth {fifth}"].second for fifth in range(1, 6)) / 5
    assert held == pytest.approx(np.mean([day["deposits"] / day["customers"] for day in days[62:]]), rel=0.1)
    assert 0 < rows["cards 30 days past due, of balances"].first < 0.2
    assert 0 < rows["unemployment"].second < 0.2
    last = model.credit.months.banks[-1]
    assert last.sums.banks[:, CARDS].sum() / 100 == pytest.approx(days[120]["card_debt"], rel=1e-9)


def test_pay_that_waits_to_be_spent_is_no_flow(lived: Usual, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred a day that stays is a flow; a million that comes on paydays, the last of the first half too, is gone next day."""
    held = 100.0 * np.arange(124) + 1_000_000.0 * (np.arange(124) % 10 == 1)
    monkeypatch.setattr(lived.model.series, "days", [{"boundary_net": value} for value in np.diff(held, prepend=0.0)])
    after_tax = np.subtract(lived.halves("income"), lived.halves("taxes"))
    assert lived.net_flow() == pytest.approx([100 * 32 / after_tax[0], 100 * 62 / after_tax[1]])


def test_books_that_do_not_close_and_loans_beyond_the_rule_are_found(lived: Usual) -> None:
    told = "\n".join(never(lived))
    assert "open by 0 minor units" in told and "beyond the rule: 0." in told
    asked = lived.model.diary.history["application"]
    where = next(part for part in asked if (part["granted"] > 0).any())
    row = int(np.argmax(where["granted"] > 0))
    kept = int(where["score"][row])
    where["score"][row] = 1
    assert "beyond the rule: 1." in "\n".join(never(lived))
    where["score"][row] = kept
    lived.model.credit.months.banks[-1].sums.banks[0, CARDS] += 1
    assert "open by 1 minor" in "\n".join(never(lived))
