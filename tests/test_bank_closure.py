"""A bank that runs dry: who waits, who pays, who loses, to the cent; and banks that do not."""

import numpy as np
import pytest

from simulator import PaymentsModel
from simulator.codes import Purpose
from simulator.ledger import IN
from simulator.population.accounts import CURRENT, FROZEN, PERSON_ROWS, SAVINGS

INSURED, LOSS = 2_000.0, 0.25
SETTINGS = {"stories.told": [], "lives.changes": False, "lending.insured": INSURED, "lending.uninsured_loss": LOSS, "events.frozen": 0.0}


def model() -> PaymentsModel:
    return PaymentsModel("hamlet", customers=80, days=30, **SETTINGS)


@pytest.fixture(scope="module")
def closed() -> tuple[PaymentsModel, list[tuple[int, float, np.ndarray, np.ndarray]]]:
    """A bank from which markets and the central bank turn after the fifth day; by day what it owes, the share frozen, books and lines."""
    world = model()
    found = []
    for day in range(20):
        if day == 5:
            months = world.credit.months
            months.opening = months.opening._replace(
                reserves=months.opening.reserves - np.array([10**12] + [0] * (len(months.opening.books) - 1))
            )
        world.step()
        people = world.world.people.bank == 0
        rows = np.flatnonzero(people) * PERSON_ROWS + CURRENT
        line = world.world.accounts.line
        found.append(
            (int(world.credit.treasury.owed[0]), float((line[rows] <= FROZEN).mean()), world.world.accounts.book.copy(), line.copy())
        )
    return world, found


def test_depositors_wait_as_long_as_the_rule_says(closed: tuple[PaymentsModel, list[tuple[int, float, np.ndarray, np.ndarray]]]) -> None:
    world, found = closed
    share = [one[1] for one in found]
    day = int(np.argmax(np.array(share) > 0))
    assert world.credit.resolution.closed[0] == world.clock.start + day and not world.credit.resolution.closed[1:].any()
    assert share[day] > 0.9 and [one > 0 for one in share] == [False] * day + [True] * 3 + [False] * (20 - day - 3)
    assert (found[day - 1][3][: world.world.layout.firm_base] == found[day + 3][3][: world.world.layout.firm_base]).all()


def test_the_insurer_pays_what_is_missing(closed: tuple[PaymentsModel, list[tuple[int, float, np.ndarray, np.ndarray]]]) -> None:
    world, found = closed
    day = int(np.argmax([one[1] > 0 for one in found]))
    banked = world.runner.banked
    assert found[day - 1][0] == banked[0, IN, Purpose.DEPOSIT_INSURANCE] > 0 or found[day][0] == banked[0, IN, Purpose.DEPOSIT_INSURANCE]
    assert not banked[1:, :, Purpose.DEPOSIT_INSURANCE].any()
    assert found[-1][0] < found[day][0] / 100


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
