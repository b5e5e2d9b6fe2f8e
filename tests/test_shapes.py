"""Shapes of innocent payments: counted on payments that can be counted by hand, and found in an ordinary town."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration import shapes
from calibration.rings import count_cycles
from calibration.shapes import DAY, count_shapes
from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

HOUR = DAY // 24
KIND = {"p": "customer", "f": "employer", "m": "merchant", "i": "institution", "o": "outside"}


def moves(*rows: tuple[str, str, float, float] | tuple[str, str, float, float, str, str]) -> pd.DataFrame:
    """Payments as (payer, payee, amount, day, purpose, method); the first letter of an owner is their kind."""
    full = [(*row, "transfer", "instant_transfer")[:6] if len(row) == 4 else row for row in rows]
    frame = pd.DataFrame(full, columns=["payer", "payee", "amount", "day", "purpose", "method"])
    names = sorted({*frame["payer"], *frame["payee"]})
    for side in ("payer", "payee"):
        frame[f"{side}_kind"], frame[f"{side}_owner"] = frame[side].str[0].map(KIND), frame[side].map(names.index)
        frame[side] = frame[side].map(names.index)
    frame["time"] = (frame.pop("day") * DAY).astype(np.int64)
    return frame.sort_values("time", ignore_index=True)


def test_fans() -> None:
    inward = moves(*((f"p{n}", "i", 10.0, n) for n in range(5)), *((f"p{n}", "f", 10.0, 10 * n) for n in range(5)))
    assert shapes.fan_in(inward, 0) == {"fan_in_people": 0, "fan_in_institutions": 1, "fan_in_firms": 0}
    outward = moves(*(("f", f"p{n}", 10.0, 0.1 * n) for n in range(5)), *(("p", f"p{n}", 10.0, 1.0 * n) for n in range(9)))
    assert shapes.fan_out(outward, 0) == {"fan_out_people": 0, "fan_out_institutions": 0, "fan_out_firms": 1}


def test_pass_through_needs_most_of_it_soon_and_nothing_beside() -> None:
    def passed(*rows: tuple[str, str, float, float]) -> float:
        return sum(shapes.pass_through(moves(*rows), 0).values())

    assert passed(("p1", "i", 2000.0, 5), ("i", "p2", 1700.0, 8)) == 1
    assert passed(("p1", "i", 2000.0, 5), ("i", "p2", 1699.0, 8)) == 0
    assert passed(("p1", "i", 2000.0, 5), ("i", "p2", 1700.0, 9.5)) == 0
    assert passed(("p1", "i", 999.0, 5), ("i", "p2", 999.0, 6)) == 0
    assert passed(("p1", "i", 2000.0, 5), ("p3", "i", 1500.0, 6), ("i", "p2", 1700.0, 8)) == 0
    assert passed(("p1", "i", 2000.0, 5), ("i", "p2", 1700.0, 4.9)) == 0


def test_mutual_forward_periodical_and_first_contacts() -> None:
    lent = moves(("p1", "p2", 50.0, 1), ("p2", "p1", 50.0, 40), ("p1", "p3", 50.0, 1), ("p3", "p1", 50.0, 70), ("p3", "p1", 50.5, 2))
    assert shapes.mutual(lent, 0) == {"mutual": 1}
    chain = moves(("p1", "p2", 100.0, 1), ("p2", "p3", 90.0, 3), ("p2", "p1", 90.0, 3), ("p4", "p2", 100.0, 4), ("p2", "p5", 101.0, 5))
    assert shapes.forward(chain, 0) == {"forward": 1}
    rent = moves(*(("p1", "f", 900.0, 30 * n) for n in range(3)), *(("p2", "f", 900.0, 20 * n) for n in range(3)))
    assert shapes.periodical(rent, 0) == {"periodical": 1}
    met = moves(("p1", "p2", 1.0, 1), ("p1", "p2", 1.0, 40), ("p1", "p3", 1.0, 41), ("p2", "p1", 1.0, 42), ("p1", "f", 1.0, 43))
    assert shapes.first_contacts(met, 0) == pytest.approx(2 / 3)


def test_bursts_one_offs_and_cash() -> None:
    burst = moves(*(("p1", f"m{n}", 5.0, 1 + n / 100) for n in range(3)), *(("p2", f"m{n}", 5.0, 1 + n / 8) for n in range(3)))
    assert shapes.bursts(burst, 0) == {"bursts": 1}
    usual = [("p1", "m", 20.0 + n % 3, n / 2) for n in range(60)]
    found = shapes.large_one_offs(moves(*usual, ("p1", "i", 16_000.0, 50.0)), 0)
    assert found == {"over_15k": 1, "over_ten_times_own": 1}
    assert shapes.large_one_offs(moves(*usual, ("p1", "i", 200.0, 50.0)), 0) == {"over_15k": 0, "over_ten_times_own": 0}
    cash = [("m", "m2", amount, 1.0, "deposit", "cash") for amount in (7999.0, 8000.0, 9900.0, 9901.0)]
    assert shapes.near_threshold(moves(*cash)) == 2


def rings_by_hand(payments: list[tuple[int, int, int]], within: int) -> dict[int, int]:
    """Rings found by trying every order of owners."""
    times: dict[tuple[int, int], list[int]] = {}
    for payer, payee, time in payments:
        times.setdefault((payer, payee), []).append(time)
    owners = sorted({o for payer, payee, _ in payments for o in (payer, payee)})
    found = dict.fromkeys(range(3, 7), 0)
    for length in found:
        for ring in permutations(owners, length):
            if ring[0] == min(ring) and _goes_round(ring, times, within):
                found[length] += 1
    return found


def _goes_round(ring: tuple[int, ...], times: dict[tuple[int, int], list[int]], within: int) -> bool:
    edges = list(zip(ring, (*ring[1:], ring[0]), strict=True))
    for turn in range(len(edges)):
        first, *rest = edges[turn:] + edges[:turn]
        for begun in times.get(first, []):
            now = begun
            for edge in rest:
                later = [t for t in times.get(edge, []) if t > now]
                if not later:
                    break
                now = min(later)
            else:
                if now - begun <= within:
                    return True
    return False


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 30)).filter(lambda row: row[0] != row[1]), max_size=25),
    st.integers(1, 30),
)
def test_rings_are_those_found_by_hand(payments: list[tuple[int, int, int]], within: int) -> None:
    columns = (np.array([row[place] for row in payments], np.int64) for place in range(3))
    payer, payee, time = columns
    assert count_cycles(payer, payee, time, within) == rings_by_hand(payments, within)


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    folder: Path = tmp_path_factory.mktemp("shapes") / "run"
    run_scenario(load_scenario("high_street", {"population.customers": 1000, "period.days": 120}), folder)
    return count_shapes(open_run(folder))


def test_every_shape_arises_in_a_town_of_a_thousand(counts: dict[str, float]) -> None:
    missing = [name for name, value in counts.items() if not value > 0]
    assert not missing


def test_first_payments_to_a_new_payee_are_one_in_twenty_at_least(counts: dict[str, float]) -> None:
    assert counts["first_contacts_share"] >= 0.05


def test_the_page_names_every_shape(counts: dict[str, float]) -> None:
    page = (Path(__file__).parent.parent / "scenarios" / "SHAPES.md").read_text(encoding="utf-8")
    for name in counts:
        assert f"| {name.replace('_', ' ')} |" in page, name
