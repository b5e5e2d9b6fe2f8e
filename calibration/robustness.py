"""Whether a fit sees through targets that are wrong: in planted worlds some are shifted, and who is named as contradictory is counted.

    python -m calibration.robustness FITTED.runs PACK [--share 0.3] [--by 4]

prints a table in Markdown. Shifts are in tolerances widened by what one world differs from the next, the unit of the fit's loss.
"""

import argparse
from pathlib import Path

import numpy as np

from calibration.bank import Bank, read_bank
from calibration.fit.contradict import Shifted, shift_experiment
from calibration.fit.emulator import Forward
from simulator.errors import InputError


def shifted(bank: Bank, seed: int = 1, worlds: int = 40, share: float = 0.3, by: float = 4.0) -> tuple[Shifted, float]:
    """Shift a share of the numbers of planted worlds, fit, and count.

    Args:
        bank: of runs.
        seed: of who is shifted, and which way.
        worlds: planted.
        share: of the numbers that are shifted.
        by: widened tolerances.

    Returns:
        The counts, and how many times the pack's a widened tolerance is in the median.
    """
    forward = Forward(bank.points, bank.moments, seed)
    widened = float(np.median(np.hypot(bank.numbers.room, forward.noise) / bank.numbers.room))
    return shift_experiment(forward, bank.numbers, bank.points, bank.moments, seed, worlds, share, by), widened


def markdown(bank: Bank, found: Shifted, widened: float, share: float, by: float) -> str:
    """The experiment as Markdown."""
    return "\n".join([
        f"{found.worlds} planted worlds; {share:.0%} of {len(bank.numbers)} numbers shifted by {by:g} tolerances, each widened by the "
        f"noise of one world (in the median {widened:.1f} times the pack's).", "",
        "| numbers | in all worlds | named as contradictory | still fitted |", "|---|--:|--:|--:|",
        f"| shifted | {found.shifted:,} | {found.named:,} ({_share(found.named, found.shifted)}) | |",
        f"| left as they were | {found.sound:,} | {found.accused:,} ({_share(found.accused, found.sound)}) | "
        f"{found.fitted:,} ({_share(found.fitted, found.sound)}) |",
    ])  # fmt: skip


def _share(part: int, of: int) -> str:
    return f"{part / of:.1%}" if of else "–"


def main() -> None:
    """Print the table of a bank."""
    parser = argparse.ArgumentParser(prog="python -m calibration.robustness", description=__doc__)
    parser.add_argument("runs", type=Path, help="the folder FITTED.runs of a fit")
    parser.add_argument("pack", help="the pack that was fitted")
    parser.add_argument("--share", type=float, default=0.3, help="of the numbers that are shifted")
    parser.add_argument("--by", type=float, default=4.0, help="widened tolerances")
    parser.add_argument("--worlds", type=int, default=40, help="planted")
    parser.add_argument("--seed", type=int, default=1, help="of who is shifted")
    said = parser.parse_args()
    try:
        bank = read_bank(said.runs, said.pack)
    except InputError as error:
        raise SystemExit(f"{error}") from None
    print(markdown(bank, *shifted(bank, said.seed, said.worlds, said.share, said.by), said.share, said.by))


if __name__ == "__main__":
    main()
