"""What a private release promises: how exact it is, how little it tells of anybody, and that nobody spends twice."""

import json
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_bank import CONFIG, spend_often, statements, write
from numpy.typing import NDArray
from scipy.stats import beta

from calibration.private.config import Config, read_config
from calibration.private.from_table import TablePostings
from calibration.private.ledger import read_ledger, spend
from calibration.private.profile import Tally
from calibration.private.release import GRID, deviation, exact, figures, grids, membership_bound, noised, spent, summed
from simulator.errors import InputError

BANK = read_config(CONFIG)


def tally_of(path: Path, config: Config = BANK) -> Tally:
    return Tally(TablePostings(path, config), [one.of for one in config.statistics], list(config.table.kinds), config.least_days)


def sums_of(tally: Tally, config: Config = BANK) -> tuple[NDArray[np.int64], list[int]]:
    parts = grids([config.customers, *(one.budget for one in config.statistics)])
    return summed(tally, parts[0], parts[1:]), parts


def test_median_cell_is_within_2_per_cent_at_rho_0_005_with_20_000_customers(tmp_path: Path) -> None:
    tally = tally_of(write(statements(20_000), tmp_path / "bank.parquet"))
    assert tally.customers == 20_000
    _, truth = exact(tally)
    total, parts = sums_of(tally)
    medians, scores = [], []
    for _ in range(5):
        _, found = figures(noised(total, 0.005), tally.statistics, tally.kinds, parts[0], parts[1:], deviation(0.005))
        cells = [(one.value[name], real.value[name], one.error[name]) for one, real in zip(found, truth, strict=True)
                 for name in one.value if one.customers[name] >= BANK.least_customers]  # fmt: skip
        value, real, error = np.array(cells).T
        assert len(value) > 60
        medians.append(np.median(np.abs(value - real)[real > 0] / real[real > 0]))
        scores += list((value - real) / error)
    print(f"median error of a released cell: {np.mean(medians):.2%}")
    assert max(medians) <= 0.02
    # The errors that the pack states are the errors there are: no smaller and no larger.
    assert 0.7 < np.std(scores) < 1.15


def advantage(present: NDArray[np.float64], absent: NDArray[np.float64], threshold: float, sure: float) -> tuple[float, float]:
    """What a test at a threshold gains, measured, and the least it gains surely (Clopper and Pearson, two sides)."""
    hits, false = int((present > threshold).sum()), int((absent > threshold).sum())
    n, each = len(present), (1 - sure) / 2
    low = beta.ppf(each, hits, n - hits + 1) if hits else 0.0
    high = beta.ppf(1 - each, false + 1, n - false) if false < n else 1.0
    return (hits - false) / n, low - high


def test_planted_customer_is_told_no_better_than_the_bound(tmp_path: Path) -> None:
    rho, table = 0.05, statements(300, mean=12)
    few = BANK.model_copy(update={"statistics": [one for one in BANK.statistics if one.id in ("kind_mix", "monthly_out", "balance")]})
    canary = pa.table({name: pa.array([value], table.schema.field(name).type) for name, value in {
        "customer_id": "CANARY", "booked_at": date(2024, 1, 2), "amount": 49_999.0, "side": "debit", "type": "transfer",
        "merchant": "", "balance": 9_000.0}.items()})  # fmt: skip
    without, _ = sums_of(tally_of(write(table, tmp_path / "a.parquet"), few), few)
    planted, _ = sums_of(tally_of(write(pa.concat_tables([table, canary]), tmp_path / "b.parquet"), few), few)
    # The attacker knows all other customers, the canary's own vector and the noise: nobody knows more.
    vector = (planted - without).astype(float)
    length = float(np.linalg.norm(vector))
    assert 0.99 * GRID < length <= GRID
    middle = 0.5 * length**2

    def seen(total: NDArray[np.int64], noise: float) -> NDArray[np.float64]:
        return np.array([(noised(total, noise) - without).astype(float) @ vector for _ in range(1000)])

    measured, at_least = advantage(seen(planted, rho), seen(without, rho), middle, 0.999)
    bound = membership_bound(rho)
    print(f"rho {rho:g}: advantage measured {measured:.3f}, surely {at_least:.3f}, bound {bound:.3f}")
    assert at_least <= bound
    # Were it much smaller than it may be, noise would be wasted.
    assert measured > bound - 0.09
    # The check can fail: noise ten times, and three times, too small is caught.
    for times in (10, 3):
        broken, surely = advantage(seen(planted, rho * times**2), seen(without, rho * times**2), middle, 0.999)
        print(f"  noise {times} times too small: measured {broken:.3f}, surely {surely:.3f}")
        assert surely > bound


def test_costs_are_those_of_the_literature() -> None:
    # Reference: rho to epsilon at delta 1e-6, and the attacker's advantage in points.
    for rho, epsilon, low, high in [(0.005, 0.43, 4, 5), (0.02, 0.90, 8, 10), (0.1, 2.14, 18, 22), (0.5, 5.22, 38, 50)]:
        cost = spent(rho, 1e-6)
        assert cost.epsilon == pytest.approx(epsilon, abs=0.006)
        assert low - 1 <= 100 * cost.bound <= high
        assert cost.bound <= np.sqrt(rho / 2)


def test_noise_is_never_the_same_twice() -> None:
    assert not np.array_equal(noised(np.zeros(50, np.int64), 1.0), noised(np.zeros(50, np.int64), 1.0))


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=40))
def test_grids_never_exceed_the_whole(shares: list[float]) -> None:
    parts = grids(shares)
    assert sum(part * part for part in parts) <= GRID * GRID
    assert sum(part * part for part in parts) > 0.999 * GRID * GRID


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    return statements(40, mean=9)


@settings(max_examples=15)
@given(st.integers(0, 39), st.integers(1, 60), st.floats(0, 50_000), st.booleans())
def test_one_customer_moves_the_sums_by_no_more_than_the_grid(
    small: pa.Table, tmp_path_factory: pytest.TempPathFactory, who: int, copies: int, amount: float, loud: bool
) -> None:
    folder = tmp_path_factory.mktemp("neighbours")
    name = f"C{100000 + who}"
    mine = pc.equal(small["customer_id"], name)
    own = small.filter(mine)
    if loud:
        own = own.set_column(own.schema.get_field_index("amount"), "amount", pa.array([amount] * own.num_rows))
    rest = small.filter(pc.invert(mine))
    without, _ = sums_of(tally_of(write(rest, folder / "a.parquet")))
    with_, _ = sums_of(tally_of(write(pa.concat_tables([rest, *[own] * copies]), folder / "b.parquet")))
    assert sum(int(one) ** 2 for one in with_ - without) <= GRID**2


def line(path: Path, rho: float, allowance: float = 1.0, year: int = 2026) -> dict[str, object]:
    return spend(path, "owner", allowance, rho, {"pack": "p"}, datetime(year, 3, 1, tzinfo=UTC))


def test_ledger_refuses_what_overspends(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    line(path, 0.4)
    line(path, 0.6)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"l\.jsonl: .*rho 0\.01 where 1 of 1 is spent in 2026.*exhausted"):
        line(path, 0.01)
    assert path.read_bytes() == before
    assert line(path, 1.0, year=2027)["spent_this_year"] == 1.0
    assert [one["number"] for one in read_ledger(path, "owner")] == [1, 2, 3]


@pytest.mark.parametrize("rho", [0.0, -1.0, float("nan"), float("inf")])
def test_ledger_takes_no_odd_rho(rho: float, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--rho"):
        line(tmp_path / "l.jsonl", rho)


def test_ledger_notices_edits(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    for _ in range(3):
        line(path, 0.1)
    with pytest.raises(InputError, match="allowance"):
        line(path, 0.1, allowance=50)
    with pytest.raises(InputError, match="another owner"):
        read_ledger(path, "else")
    lines = path.read_text().splitlines()
    cheaper = json.dumps({**json.loads(lines[1]), "rho": 1e-9})
    for edited in ([lines[0], cheaper, lines[2]], [lines[0], lines[2]], [lines[1], lines[0], lines[2]], ["{}"], ["[" * 5000], ["null"]):
        path.write_text("\n".join(edited) + "\n")
        with pytest.raises(InputError, match=r"l\.jsonl:\d: found a line that does not follow"):
            line(path, 0.1)
    path.write_text(lines[0] + "\n" + lines[1][:20])
    with pytest.raises(InputError, match="cut short"):
        line(path, 0.1)


def test_two_processes_cannot_overspend_together(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        paid = list(pool.map(spend_often, [str(path)] * 2))
    assert sum(paid) == 10
    assert sum(float(one["rho"]) for one in read_ledger(path, "owner")) == pytest.approx(1.0)
