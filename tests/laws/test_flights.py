"""Credits on their way: batches by value date, booked whole when their window opens, saved and taken up again."""

import io
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from small_ledger import BANK, FIRST, KEYS, LAYOUT, OPENINGS, PLANS, RULES, WINDOWS, Ledger, Payment, clock, opened

from simulator.clock import DAY, Today
from simulator.codes import Channel, Message, Method, Purpose, Schedule
from simulator.ledger import CREDIT
from simulator.population.world import World
from simulator.records import Records
from simulator.runner.flights import BATCHES, Flights
from simulator.runner.runner import Runner


@pytest.fixture
def world() -> World:
    return Ledger(opened()).world


def send(flights: Flights, world: World, today: Today, window: int, schedule: Schedule, payee: int, amount: int) -> None:
    """What clearing does with a credit."""
    batch = int(today.batch[schedule, window])
    n = int(flights.used[batch])
    flights.credits[batch].payee[n], flights.credits[batch].amount[n] = payee, amount
    flights.used[batch] = n + 1
    world.accounts.flight[payee] += amount


def test_a_batch_stands_for_a_moment(world: World) -> None:
    """Schedules of one value date share a batch, whatever window makes them; what is booked at once has none."""
    flights, today = Flights(), clock().today(0)
    for window in range(WINDOWS):
        flights.assign(today, window, 10)
    moments = today.value[1:].ravel().tolist()
    batches = today.batch[1:].ravel().tolist()
    assert (today.batch[Schedule.NOW] == -1).all()
    assert len(set(moments)) == len(set(batches)) == len(set(zip(moments, batches, strict=True)))
    assert {int(flights.moment[batch]) for batch in batches} == set(moments)
    assert (flights.moment >= 0).sum() == len(set(moments)) < BATCHES


@pytest.mark.parametrize("schedule", [s for s in Schedule if s != Schedule.NOW])
def test_credits_are_booked_when_their_window_opens(world: World, schedule: Schedule) -> None:
    """Not a window earlier; then in the book, available, and no more on the way."""
    flights, accounts, today = Flights(), world.accounts, clock().today(0)
    flights.assign(today, 1, 2)
    send(flights, world, today, 1, schedule, 5, 70)
    send(flights, world, today, 1, schedule, 5, 30)
    arrives = int(today.value[schedule, 1])
    now = today.day * DAY + 2 * RULES.window_length
    while True:
        day, window = divmod(now, DAY)
        flights.open_window(world, clock().today(day - FIRST), window // RULES.window_length)
        if now >= arrives:
            break
        assert (accounts.book[5], accounts.available[5], accounts.flight[5]) == (0, 0, 100)
        now += RULES.window_length
    assert now == arrives
    assert (accounts.book[5], accounts.available[5], accounts.flight[5]) == (100, 100, 0)
    assert int(flights.moment[today.batch[schedule, 1]]) == -1
    assert len(flights.waiting()) == 0


def test_batches_grow_and_keep_what_they_hold(world: World) -> None:
    flights, today = Flights(), clock().today(0)
    for turn in range(5):
        flights.assign(today, 0, 200)
        for n in range(200):
            send(flights, world, today, 0, Schedule.CHEQUE, n % BANK, turn * 200 + n)
    assert flights.waiting()["amount"].tolist() == list(range(1000))
    assert flights.waiting()["payee"].tolist() == [n % 200 % BANK for n in range(1000)]


def test_a_batch_is_free_again_after_its_window(world: World) -> None:
    """Two months of windows need no more batches than a week."""
    flights = Flights()
    for index in range(60):
        today = clock().today(index)
        for window in range(WINDOWS):
            flights.open_window(world, today, window)
            flights.assign(today, window, 1)
            for schedule in list(Schedule)[1:]:
                send(flights, world, today, window, schedule, 0, 1)
    assert (flights.moment >= 0).sum() <= 8
    assert world.accounts.book[0] + world.accounts.flight[0] == 60 * WINDOWS * (len(Schedule) - 1)
    assert world.accounts.flight[0] == len(flights.waiting()) < 6 * WINDOWS * 6


def stored(flights: Flights) -> tuple[Any, ...]:
    """Through a file of arrays without pickle, as a checkpoint has it."""
    file = io.BytesIO()
    np.savez(file, moment=flights.moment, used=flights.used, waiting=flights.waiting())
    file.seek(0)
    with np.load(file, allow_pickle=False) as kept:
        return kept["moment"], kept["used"], kept["waiting"]


@settings(max_examples=25)
@given(OPENINGS, PLANS, KEYS)
def test_a_runner_that_is_saved_goes_on(books: Records, planned: list[Payment], key: int) -> None:
    """Catches a batch, a hold or something due that is forgotten or mixed up when a run is taken up on another day."""
    whole = Ledger(books.copy(), 1, key)
    for index in range(3):
        whole.live(index, [p for p in planned if p.day == index])
    again = Ledger(whole.world.accounts.copy(), 2, key)
    again.world.firms.tax_due[:] = whole.world.firms.tax_due
    flights = again.runner.flights
    flights.restore(*stored(whole.runner.flights))
    assert all(table.dtype == CREDIT for table in flights.credits)
    postponed = whole.runner.postponed
    again.runner.postponed.reserve(postponed.used)[: postponed.used] = postponed.table[: postponed.used]
    again.runner.postponed.used = postponed.used
    again.runner.totals[:] = whole.runner.totals
    for index in (3, 4, 5, 6, 7):
        todays = [p for p in planned if p.day == index]
        a, b = whole.live(index, todays), again.live(index, todays)
        assert a.due.tobytes() == b.due.tobytes()
        assert a.waiting.tolist() == b.waiting.tolist()
        for x, y in zip(a.windows, b.windows, strict=True):
            assert (x.seen.tobytes(), x.unseen.tobytes()) == (y.seen.tobytes(), y.unseen.tobytes())
            assert x.closing.tobytes() == y.closing.tobytes()


def test_a_runner_can_be_pickled_with_credits_on_their_way() -> None:
    ledger = Ledger(opened(c0=500))
    slow = Payment(0, 1, 0, 5, 100, Method.CHEQUE, Purpose.TRANSFER)
    held = Payment(0, 2, 0, LAYOUT.firm_base + 1, 50, Method.CARD, Purpose.PURCHASE, channel=Channel.ONLINE, message=Message.AUTHORISATION)
    ledger.live(0, [slow, held])
    for lane in ledger.runner.lanes:
        lane._planner = None  # type: ignore[assignment]
    copied: Runner = pickle.loads(pickle.dumps(ledger.runner))
    assert copied.flights.waiting().tolist() == [(100, 5)]
    assert copied.world.accounts.available[0] == 350 < copied.world.accounts.book[0] == 400
