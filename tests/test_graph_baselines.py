"""Graph features against plain Python, exchanged ends, scores and the commands."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from calibration.graph_features import DAY, LATEST, WINDOWS, WITHIN, Graph
from calibration.graph_shape import hill
from calibration.laundering import Payments, permuted
from calibration.scores import ALERTS, scored
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

ROWS = 240
LOT = np.random.default_rng(5)
SECOND = np.sort(LOT.integers(0, 25 * DAY, ROWS))
SECOND[100:103] = SECOND[100]  # rows of one second do not see each other
SOURCE = LOT.integers(0, 9, ROWS)
TARGET = (SOURCE + LOT.integers(1, 9, ROWS)) % 9
AMOUNT = LOT.integers(100, 2000, ROWS) / 10
MOVES = LOT.random(ROWS) < 0.8


def features(upto: int = ROWS) -> dict[str, np.ndarray]:
    graph = Graph(*(column[:upto] for column in (SOURCE, TARGET, SECOND, AMOUNT, MOVES)))
    names, values = graph.features(np.arange(upto))
    return dict(zip(names, values.T, strict=True))


def earlier(row: int, days: float = 1e6) -> range | list[int]:
    return [one for one in range(row) if SECOND[row] - days * DAY <= SECOND[one] < SECOND[row]]


@pytest.mark.parametrize("row", [0, 1, 57, 101, 102, 180, 239])
def test_ends_and_pairs_are_counted_as_by_hand(row: int) -> None:
    seen = {name: values[row] for name, values in features().items()}
    ends = {"payer": SOURCE[row], "payee": TARGET[row]}
    for end, account in ends.items():
        for way, mine, other in (("out", SOURCE, TARGET), ("in", TARGET, SOURCE)):
            for days in WINDOWS:
                rows = [one for one in earlier(row, days) if mine[one] == account]
                assert seen[f"{end} {way} {days} d"] == len(rows)
                assert seen[f"{end} fan {way} {days} d"] == len({int(other[one]) for one in rows})
                assert seen[f"{end} sum {way} {days} d"] == pytest.approx(sum(AMOUNT[one] for one in rows), abs=0.01)
            rows = [one for one in earlier(row) if mine[one] == account]
            assert seen[f"{end} degree {way}"] == len({int(other[one]) for one in rows})
            assert seen[f"{end} since {way}"] == pytest.approx((SECOND[row] - SECOND[rows[-1]]) / DAY if rows else -1, abs=1e-4)
    for name, payer, payee in (("pair", SOURCE[row], TARGET[row]), ("back", TARGET[row], SOURCE[row])):
        rows = [one for one in earlier(row) if SOURCE[one] == payer and TARGET[one] == payee]
        assert seen[f"{name} before"] == len(rows)


def two_paths() -> list[tuple[int, int]]:
    """Pairs of rows, one after the other through an account, of the latest payments into it."""
    found = []
    for row in np.flatnonzero(MOVES):
        came = [one for one in earlier(row, WITHIN) if MOVES[one] and TARGET[one] == SOURCE[row]][-LATEST:]
        found += [(one, int(row)) for one in came if SOURCE[one] not in (SOURCE[row], TARGET[row])]
    return found


def test_paths_are_followed_as_by_hand() -> None:
    seen, paths = features(), two_paths()
    assert seen["rings of 3"].max() > 0 and seen["rings of 4"].max() > 0 and seen["gathered"].max() > 1, "nothing to compare"
    for row in range(ROWS):
        mine = [one for one, last in paths if last == row]
        known = [(a, b) for a, b in paths if SECOND[row] - WITHIN * DAY <= SECOND[b] < SECOND[row]]
        gathered = [len({int(TARGET[a]) for a, b in known if SOURCE[a] == SOURCE[one] and TARGET[b] == TARGET[row]}) for one in mine]
        assert seen["gathered"][row] == max(gathered, default=0)
        three = [1 for a, b in known if MOVES[row] and SOURCE[a] == TARGET[row] and TARGET[b] == SOURCE[row]]
        assert seen["rings of 3"][row] == len(three)
        four = [
            1 for one in mine for a, b in known
            if SOURCE[a] == TARGET[row] and TARGET[b] == SOURCE[one] and SECOND[b] < SECOND[one]
        ]  # fmt: skip
        assert seen["rings of 4"][row] == len(four)


@pytest.mark.parametrize("upto", [1, 60, 102, 200])
def test_later_rows_change_nothing(upto: int) -> None:
    whole, part = features(), features(upto)
    for name, values in part.items():
        assert np.array_equal(values, whole[name][:upto]), name


def made_up() -> Payments:
    zeros = np.zeros(ROWS, np.int64)
    guilty = np.arange(ROWS) % 4 == 0
    kind = np.arange(ROWS) % 3
    group = np.where(guilty, 0, -1)
    return Payments(
        SOURCE, TARGET, SECOND, AMOUNT, AMOUNT, {"method": zeros}, {"method": ["wire"]}, kind, guilty, group, group, ["cycle"], 9, 2
    )


@pytest.mark.parametrize("others", [False, True])
def test_exchanged_ends_leave_rows_as_they_are(others: bool) -> None:
    of = made_up()
    other = permuted(of, 1, others)
    assert all(one is two for name, one, two in zip(of._fields, of, other, strict=True) if name not in ("source", "target"))
    moved = (of.source != other.source) | (of.target != other.target)
    assert moved[of.guilty].mean() > 0.5
    assert (other.source != other.target).all()
    if others:
        for kind in range(3):
            ends = [sorted(zip(world.source[of.kind == kind], world.target[of.kind == kind], strict=True)) for world in (of, other)]
            assert ends[0] == ends[1], "ends only change places within a kind"
    else:
        assert not moved[~of.guilty].any() and np.array_equal(of.source, other.source)
        assert sorted(of.target[of.guilty]) == sorted(other.target[of.guilty])


def test_scores_are_judged() -> None:
    rows = 4 * ALERTS
    guilty = np.arange(rows) % 8 == 0
    test = np.arange(rows) >= rows // 2
    day, group = np.arange(rows) // (rows // 2), np.where(guilty, 0, -1)
    good = scored(guilty + 0.0, guilty, test, day, group, ["cycle"])
    assert good.precision == good.f1 == good.recall == 1 and good.shapes == {"cycle": (50, 50)}
    bad = scored(1.0 - guilty, guilty, test, day, group, ["cycle"])
    assert bad.precision < 0.2 and bad.recall == 0


def test_hill_finds_the_exponent() -> None:
    tail = np.floor(1000 * (1 - np.random.default_rng(0).random(200_000)) ** (-1 / 1.7)).astype(np.int64)
    assert hill(tail, 0.05) == pytest.approx(1.7, abs=0.1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks of few people among whom much is laundered."""
    library = ["crime", "structure", "placement", "integration", "mule", "scam"]
    much = {"population.customers": 800, "period.days": 15, "stories.library": library, "stories.intensity": 60.0}
    folder = tmp_path_factory.mktemp("laundering") / "run"
    run_scenario(load_scenario("hamlet", much), folder)
    return folder


def said(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False)


def test_commands_print_tables(run: Path) -> None:
    shape = said("calibration.graph_shape", str(run))
    assert "| one row in |" in shape.stdout and "| scatter-gather |" in shape.stdout, shape.stderr
    tables = said("calibration.baselines", str(run), "--seeds", "1")
    assert "| boosting, row and graph | 0." in tables.stdout and "| single payment |" in tables.stdout, tables.stderr


def test_a_network_without_its_environment_says_so(run: Path, tmp_path: Path) -> None:
    written = said("calibration.baselines", str(run), "--arrays", str(tmp_path / "arrays.npz"))
    assert written.returncode == 0, written.stderr
    with np.load(tmp_path / "arrays.npz") as arrays:
        assert len(arrays["source"]) == len(arrays["features"]) == len(arrays["guilty"]) and np.isfinite(arrays["features"]).all()
    try:
        import torch  # noqa: F401
    except ImportError:
        found = said("calibration.network", str(tmp_path / "arrays.npz"))
        assert found.returncode == 2 and "ledgerfolk[network]" in found.stderr and not found.stdout
    else:
        assert "| graph network |" in said("calibration.network", str(tmp_path / "arrays.npz"), "--epochs", "5").stdout
