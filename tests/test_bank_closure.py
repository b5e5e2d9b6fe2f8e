"""A bank that runs dry: who waits, who pays, who loses, to the cent; and banks that do not."""

import numpy as np
import pytest

from simulator import PaymentsModel
from simulator.codes import Purpose
from simulator.economy.sums import add_up
from simulator.ledger import IN
from simulator.population.accounts import CURRENT, FROZEN, PERSON_ROWS, SAVINGS

INSURED, LOSS = 2_000.0, 0.25
SETTINGS = {"stories.told": [], "lives.changes": False, "lending.insured": INSURED, "lending.uninsured_loss": LOSS, "events.frozen": 0.0}


def model() -> PaymentsModel:
    return PaymentsModel("hamlet", customers=80, days=30, **SETTINGS)


def close(short: int) -> tuple[PaymentsModel, list[tuple[int, float, np.ndarray, np.ndarray]]]:
    """A bank from which markets and the central bank turn after the fifth day; by day what it owes, the share frozen, books and lines.

    Its assets are worth ``short`` less than what it owes; below 0, so much more.
    """
    world = model()
    found = []
    for day in range(20):
        if day == 5:
            months = world.credit.months
            first = np.arange(len(months.opening.books)) == 0
            lost = np.where(first, capital(world) + short, 0)
            months.opening = months.opening._replace(reserves=months.opening.reserves - 10**12 * first, equity=months.opening.equity - lost)
        world.step()
        people = world.world.people.bank == 0
        rows = np.flatnonzero(people) * PERSON_ROWS + CURRENT
        line = world.world.accounts.line
        found.append(
            (int(world.credit.treasury.owed[0]), float((line[rows] <= FROZEN).mean()), world.world.accounts.book.copy(), line.copy())
        )
    return world, found


def capital(world: PaymentsModel) -> int:
    """Of the first bank, minor units: equity less what is set aside."""
    months = world.credit.months
    sums = add_up(world.world, world.credit.lines.debts, world.clock.start + world.days_lived, 0)
    return int((months.equity(sums, world.runner.banked) - months.allowance(sums))[0])


@pytest.fixture(scope="module")
def closed() -> tuple[PaymentsModel, list[tuple[int, float, np.ndarray, np.ndarray]]]:
    """A bank whose assets are worth 10,000,000.00 less than what it owes: far more than who is not insured may lose."""
    return close(10**9)


def test_depositors_wait_as_long_as_the_rule_says(closed: tuple[PaymentsModel, list[tuple[int, float, np.ndarray, np.ndarray]]]) -> None:
    world, found = closed
    share = [one[1] for one in found]
    day = int(np.argmax(np.array(share) > 0))
    assert world.credit.resolution.closed[0] == world.clock.start + day and not world.credit.resolution.closed[1:].any()
    assert share[day] > 0.9 and [one > 0 for one in share] == [False] * day + [True] * 3 + [False] * (20 - day - 3)
    assert (found[day - 1][3][: world.world.layout.firm_base] == found[day + 3][3][: world.world.layout.firm_base]).all()


def test_the_insurer_pays_what_assets_and_the_uninsured_do_not_cover(
    closed: tuple[PaymentsModel, list[tuple[int, float, np.ndarray, np.ndarray]]],
) -> None:
    world, _ = closed
    paid = world.runner.banked[:, IN, Purpose.DEPOSIT_INSURANCE]
    lost = world.runner.banked[0, IN, Purpose.BAIL_IN]
    assert paid[0] > 0 and not paid[1:].any()
    assert paid[0] + lost == pytest.approx(10**9, rel=0.01), "but for what the bank earned in a day"
    assert abs(capital(world)) < 10**7, "and so it owns next to nothing"


def test_the_uninsured_lose_no_more_than_is_missing() -> None:
    world, _ = close(2_000_000)
    lost, paid = (world.runner.banked[0, IN, purpose] for purpose in (Purpose.BAIL_IN, Purpose.DEPOSIT_INSURANCE))
    assert lost == pytest.approx(2_000_000, rel=0.2) and 0 <= paid < 1000, "the insurer pays what rounding leaves"


def test_a_sound_bank_is_closed_at_nobodys_cost() -> None:
    """It goes on, the central bank lends it what it lacks, and its capital is what it earns."""
    world, found = close(-(10**9))
    day = int(np.argmax([one[1] > 0 for one in found]))
    assert world.credit.resolution.closed[0] and found[-1][0] > 10**11
    assert not world.runner.banked[:, :, [Purpose.DEPOSIT_INSURANCE, Purpose.BAIL_IN]].any()
    rows = np.flatnonzero(world.world.people.bank == 0) * PERSON_ROWS + CURRENT
    assert (found[day + 4][3][rows] > FROZEN).mean() > 0.9, "depositors have their money again"
    assert capital(world) == pytest.approx(10**9, rel=0.01)


def test_only_the_uninsured_lose(closed: tuple[PaymentsModel, list[tuple[int, float, np.ndarray, np.ndarray]]]) -> None:
    world, found = closed
    day = int(np.argmax([one[1] > 0 for one in found]))
    layout, unit = world.world.layout, world.world.rules.unit
    people = np.flatnonzero(world.world.people.bank == 0)
    held = sum(np.maximum(0, found[day][2][people * PERSON_ROWS + account]) for account in (CURRENT, SAVINGS))
    firms = np.flatnonzero(world.world.firms.bank == 0)
    kept = np.maximum(0, found[day][2][layout.firm_base + firms * 4])
    loss = (np.maximum(0, np.concatenate([held, kept]) - INSURED * unit) * LOSS).sum()
    lost = world.runner.banked[0, IN, Purpose.BAIL_IN]
    assert lost == pytest.approx(loss, abs=2 * (len(people) + len(firms))) and lost > 0


def test_a_bank_that_is_lent_to_stays_open() -> None:
    world = model()
    world.run_for(12)
    assert not world.credit.resolution.closed.any() and not world.runner.banked[:, :, Purpose.DEPOSIT_INSURANCE].any()
