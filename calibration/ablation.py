"""What makes card fraud hard to find: `cards_benchmark` with its dials of difficulty set to easy one at a time, everything else as it is.

Labels are the truth, so that no coin of reporting is in it; boosting looks at the Handbook's features (`simulator.audit.difficulty`).

    python -m calibration.ablation [SEED ...]
"""

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from simulator.audit.difficulty import difficulty, used
from simulator.audit.truth import sheet_of
from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.story import Difficulty
from simulator.stories.library import DIFFICULTY, Dials

SEEDS = (5, 6, 7)
"""Never the frozen one, which is for the baselines."""
LEARNERS = {"handbook": ("gradient_boosting",)}
MODEL = "gradient_boosting_handbook"


class Measured(NamedTuple):
    """A run."""

    precision: float
    """Average precision."""
    auc: float
    share: float
    """Guilty among card payments that were approved."""


def settings() -> dict[str, dict[str, float]]:
    """Overrides by what is eased: nothing, then each dial alone."""
    easy = DIFFICULTY[Difficulty.EASY]
    return {"nothing": {}} | {dial: {f"stories.{dial}": getattr(easy, dial)} for dial in Dials._fields}


def measure(seed: int, eased: dict[str, float], out: Path) -> Measured:
    """Run the benchmark and measure how well its fraud is found.

    Args:
        seed: Of the run.
        eased: Overrides of the scenario.
        out: Run folder, written anew.

    Raises:
        RuntimeError: Nothing could be measured.
    """
    run_scenario(load_scenario("cards_benchmark", {"seed": seed, **eased}), out, force=True)
    sheet = sheet_of(open_run(out))
    found = difficulty(sheet, "card", LEARNERS)
    if MODEL not in found:
        raise RuntimeError(found["said"])
    return Measured(found[MODEL]["average_precision"], found[MODEL]["auc"], float(sheet.guilty[used(sheet, "card")].mean()))


def row(name: str, found: list[Measured]) -> str:
    """A line of the table."""
    precision, auc, share = (sum(values) / len(found) for values in zip(*found, strict=True))
    by_seed = ", ".join(f"{one.precision:.3f}" for one in found)
    return f"| {name} | {precision:.3f} | {by_seed} | {auc:.3f} | {share:.2%} |"


def main() -> None:
    """Print the table, in Markdown."""
    seeds = [int(word) for word in sys.argv[1:]] or list(SEEDS)
    print(f"| eased | average precision | seeds {', '.join(map(str, seeds))} | AUC | fraud |\n|---|--:|---|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for name, eased in settings().items():
            print(row(name, [measure(seed, eased, Path(folder) / "run") for seed in seeds]), flush=True)


if __name__ == "__main__":
    main()
