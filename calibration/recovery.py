"""How well a fit finds planted parameters again: each world of a bank of runs in turn is the real one, and is left out.

    python -m calibration.recovery FITTED.runs PACK

prints a table in Markdown: the error of each parameter as a share of its range, and how many planted values lay within their intervals.
"""

import argparse
from pathlib import Path

from calibration.bank import Bank, read_bank
from calibration.fit.emulator import IDENTIFIED, cross_validate
from calibration.fit.recover import recover
from calibration.fit.result import Coverage, Recovered
from simulator.errors import InputError

BOUND = 0.12
"""Error of an identified parameter, as a share of its range, below which it counts as recovered."""


def recovered(bank: Bank, seed: int = 1) -> tuple[tuple[Recovered, ...], Coverage, dict[str, float]]:
    """Plant the worlds of a bank one at a time.

    Args:
        bank: of runs.
        seed: of the cross-validation.

    Returns:
        By parameter how well it is found, how many values of identified ones lay within their intervals, and the cross-validated R².
    """
    validated = cross_validate(bank.points, bank.moments, seed)
    found, coverage = recover(bank.points, bank.moments, validated, bank.names)
    return found, coverage, dict(zip(bank.names, map(float, validated.r2), strict=True))


def markdown(bank: Bank, found: tuple[Recovered, ...], coverage: Coverage, r2: dict[str, float]) -> str:
    """The recovery as Markdown."""
    lines = [f"{len(bank.points)} runs, {len(bank.names)} free parameters, {len(bank.numbers)} numbers, "
             f"{found[0].planted} planted worlds.", "",
             "| parameter | R² | identified | error, share of the range | within 90 % interval |", "|---|--:|---|--:|--:|"]  # fmt: skip
    for one in sorted(found, key=lambda one: -r2[one.name]):
        known = r2[one.name] > IDENTIFIED
        error, inside = (f"{one.rmse:.3f}", f"{one.covered} of {one.planted}") if known else ("", "")
        lines.append(f"| {one.name} | {r2[one.name]:.2f} | {'yes' if known else 'no'} | {error} | {inside} |")
    identified = [one for one in found if r2[one.name] > IDENTIFIED]
    met = sum(one.rmse < BOUND for one in identified)
    lines += ["", f"{met} of {len(identified)} identified parameters are recovered with an error below {BOUND} of their range."]
    if coverage.of:
        lines.append(f"{coverage.covered} of {coverage.of} planted values ({coverage.covered / coverage.of:.1%}) lay within their "
                     f"{coverage.level:.0%} intervals; exact 95 % interval {coverage.low:.1%} to {coverage.high:.1%}.")  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Print the table of a bank."""
    parser = argparse.ArgumentParser(prog="python -m calibration.recovery", description=__doc__)
    parser.add_argument("runs", type=Path, help="the folder FITTED.runs of a fit")
    parser.add_argument("pack", help="the pack that was fitted")
    parser.add_argument("--seed", type=int, default=1, help="of the cross-validation")
    said = parser.parse_args()
    try:
        bank = read_bank(said.runs, said.pack)
    except InputError as error:
        raise SystemExit(f"{error}") from None
    print(markdown(bank, *recovered(bank, said.seed)))


if __name__ == "__main__":
    main()
