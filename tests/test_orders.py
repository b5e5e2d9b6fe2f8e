"""Orders of stories in a lane, and whom stories may befall: kernels against plain NumPy."""

import pickle

import numpy as np

from simulator.codes import Method, Purpose
from simulator.draws import Why, words
from simulator.ledger import ATTEMPT, ROW, UNSEEN, VOID, Became
from simulator.model import PaymentsModel
from simulator.records import Packer, records
from simulator.runner.orders import hear, join
from simulator.stories.begin import YEAR, befallen
from simulator.stories.sight import Sight


def test_packed_rows_are_records() -> None:
    kind = np.dtype([("far", np.int64), ("near", np.int8), ("wide", np.int32), ("mid", np.int16)], align=True)
    values = [(-(2**62), -7, 2**31 - 1, -300), (1, 2, 3, 4)]
    rows = Packer(kind).rows(values)
    assert rows.tolist() == values and rows.dtype == kind
    rows["near"][1] = 5
    assert rows.tolist()[1] == (1, 5, 3, 4)


def test_orders_join_by_initiator_and_time() -> None:
    """Stable, retries first; an origin is counted among the lane's attempts."""
    dice = np.random.default_rng(5)
    attempts, orders = records(ATTEMPT, 60), records(ATTEMPT, 12)
    for table in (attempts, orders):
        table.time[:], table.initiator[:] = dice.integers(0, 4, len(table)), dice.integers(0, 5, len(table))
    orders.origin[:] = -1
    orders.origin[7] = 4
    retries = dice.permutation(40)[:20].astype(np.int32)
    again = np.append(retries, np.zeros(9, np.int32)).astype(np.int32)
    assert join(orders, 3, 12, attempts, 40, again, 20) == 29
    assert (attempts.time[40:49] == orders.time[3:]).all() and (attempts.initiator[40:49] == orders.initiator[3:]).all()
    assert attempts.origin[40:49].tolist() == [-1, -1, -1, -1, 41, -1, -1, -1, -1]
    waiting = np.append(retries, np.arange(40, 49))
    assert again.tolist() == waiting[np.lexsort((attempts.time[waiting], attempts.initiator[waiting]))].tolist()


def test_what_became_of_orders_is_found_in_the_block() -> None:
    block, seen = records(ATTEMPT, 9), records(ROW, 5)
    block.amount[:], block.method[:], block.purpose[:] = np.arange(9) * 100, Method.INSTANT_TRANSFER, Purpose.TRANSFER
    block.status[5], block.method[6] = VOID, Method.CASH
    seen.settled[:] = [11, 12, 13, 14, 15]
    ids = np.array([0, 0, 0, 70, 71, 72, 73, 74, 0])
    out = np.full((6, len(Became._fields)), -9)
    # Rows 3 to 7 of the block are the lane's; its orders are attempts 20 to 23, numbers 1 to 4 of the window's.
    hear(block, ids, np.array([22, 3, 21, 20, 23], np.int32), 3, 20, 1, 5, seen, -70, out)
    became = [Became._make(row) for row in out.tolist()]
    assert [one.amount for one in became] == [-9, 600, 500, 300, 700, -9]
    assert [one.transaction for one in became[1:5]] == [UNSEEN, -1, 70, 74]
    assert [one.settled for one in became[1:5]] == [-1, -1, 11, 15]


def test_whom_a_story_may_befall_is_drawn_at_addresses() -> None:
    out = np.zeros((5000, 3), np.int64)
    found = befallen(np.uint64(3), 100, 5000, 0xFFFF1234, 56 << 8 | 2, 2**28, out)
    word, day, _, _ = words(3, np.arange(100, 5100), Why.STORY_BEGINS, 0xFFFF1234, 56 << 8 | 2)
    rows = np.flatnonzero(word < 2**28)
    assert 200 < found == len(rows)
    assert (out[:found] == np.column_stack([day[rows].astype(np.int64) * YEAR >> 32, rows, word[rows]])).all()


def test_a_sight_is_pickled_with_its_world() -> None:
    model = PaymentsModel("hamlet", customers=60, days=1)
    model.step()
    again = pickle.loads(pickle.dumps(Sight(model.world)))
    assert again.joined[7] == model.world.people.joined[7] and len(again.townsfolk) == len(model.world.townsfolk)
