"""Kept runs read back: what is told of them is what was planted, and another pack's runs are refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import qmc

from calibration.bank import Bank, read_bank
from calibration.recovery import markdown as of_recovery
from calibration.recovery import recovered
from calibration.robustness import markdown as of_robustness
from calibration.robustness import shifted
from simulator.errors import InputError

SEEN, TARGETS = 3, 9


def made_up(folder: Path, runs: int = 90) -> tuple[Path, Path]:
    """A bank whose numbers tell three of four parameters, with a little noise."""
    points = qmc.Sobol(4, scramble=True, seed=5).random_base2(7)[:runs]
    noise = np.random.RandomState(2).normal(0, 0.02, (runs, TARGETS))
    slopes = np.random.RandomState(3).uniform(0.3, 1, (SEEN, TARGETS)) * np.where(
        np.arange(TARGETS) % SEEN == np.arange(SEEN)[:, None], 1, 0.2
    )
    moments = 1 + points[:, :SEEN] @ slopes + noise
    names = [f"t{place}" for place in range(TARGETS)]
    said = {
        "what": "made up",
        "unit": "units",
        "population": "made up",
        "period": "2024",
        "source": "made up",
        "status": "seen",
        "role": "fit",
    }
    prior = {"what": "made up", "paths": ["purchases_per_month"], "low": 1, "high": 2}
    values = zip(names, moments[7].tolist(), strict=True)
    pack = {
        "name": "made_up",
        "targets": [said | {"id": name, "value": value, "moment": "remote_share"} for name, value in values],
        "parameters": [prior | {"name": f"p{place}"} for place in range(4)],
    }
    (folder / "pack.yaml").write_text(json.dumps(pack))
    (folder / "bank").mkdir()
    for number, (point, row) in enumerate(zip(points, moments, strict=True)):
        kept = {"stage": "design", "point": point.tolist(), "seed": number, "achieved": dict(zip(names, row.tolist(), strict=True))}
        (folder / "bank" / f"{number:03}.json").write_text(json.dumps(kept))
    (folder / "bank" / "fit.json").write_text('{"kind": "fit"}')
    (folder / "bank" / "check.json").write_text(json.dumps({"stage": "check", "point": [None] * 4, "achieved": {}}))
    return folder / "bank", folder / "pack.yaml"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    runs, pack = made_up(tmp_path_factory.mktemp("bank"))
    return read_bank(runs, str(pack))


def test_only_the_first_design_is_read(bank: Bank) -> None:
    assert bank.points.shape == (90, 4) and bank.moments.shape == (90, TARGETS)
    assert bank.numbers.target == pytest.approx(bank.moments[7])


def test_planted_parameters_are_recovered_and_the_silent_one_is_named(bank: Bank) -> None:
    found, coverage, r2 = recovered(bank)
    assert all(r2[f"p{place}"] > 0.8 for place in range(SEEN)) and r2["p3"] < 0.2
    assert all(one.rmse < 0.12 for one in found[:SEEN]) and found[SEEN].rmse > 0.2
    assert coverage.of == SEEN * found[0].planted and coverage.low < coverage.covered / coverage.of < coverage.high
    said = of_recovery(bank, found, coverage, r2)
    assert "3 of 3 identified parameters" in said
    assert "| no |  |  |" in next(line for line in said.splitlines() if line.startswith("| p3 "))


def test_shifted_targets_are_counted(bank: Bank) -> None:
    found, widened = shifted(bank, worlds=6)
    assert found.worlds == 6 and found.shifted == 6 * round(0.3 * TARGETS) and found.sound == 6 * TARGETS - found.shifted
    assert 0 <= found.named <= found.shifted and found.named / found.shifted > found.accused / found.sound
    assert f"| shifted | {found.shifted} | {found.named} (" in of_robustness(bank, found, widened, 0.3, 4)


def test_what_is_no_bank_of_the_pack_is_refused(tmp_path: Path) -> None:
    runs, pack = made_up(tmp_path, runs=30)
    with pytest.raises(InputError, match="found 30 runs of a first design, expected at least 40"):
        read_bank(runs, str(pack))
    with pytest.raises(InputError, match="found 0 runs"):
        read_bank(tmp_path / "none", str(pack))
    (runs / "999.json").write_text(json.dumps({"stage": "design", "point": [0.5], "achieved": {}}))
    with pytest.raises(InputError, match=r"999.json: found a run of another pack"):
        read_bank(runs, str(pack))
    (runs / "998.json").write_text("not JSON")
    with pytest.raises(InputError, match=r"998.json: found a file that is no kept run"):
        read_bank(runs, str(pack))
