"""Whether a fraud model trained in a fitted world serves in the hidden one that it was fitted to.

    python -m calibration.twin --out DIR [--rho 1] [--seed 1]

A hidden world releases private aggregates of its first 60 days, the default world is fitted to them, and models trained in the
fitted world, in the default and in a second seed of the hidden world are tested on the hidden world's last days beside one that
was trained there. Tables are printed as Markdown. Fraud is many times denser than in life, so that it can be measured at this size.
What is in DIR already is not made again.
"""

import argparse
import sys
from pathlib import Path

from calibration.across import Reached, World, compared, markdown
from calibration.fit.fit import Size, fit_pack
from calibration.fit.result import Fitted
from calibration.fit.verdict import sentence
from calibration.pack import Fit
from calibration.private.aggregate import aggregate
from calibration.twin.table import write_table
from calibration.twin.worlds import default, hidden, place, searched, with_parameters
from simulator.errors import InputError, MachineError
from simulator.record.read import Run, open_run
from simulator.run import run_scenario
from simulator.scenario import Scenario
from simulator.scenario.file import dump_scenario, load_scenario

OWN, AGAIN, FITTED, DEFAULT = "the hidden world itself", "a second seed of the hidden world", "the fitted world", "the default"
SEEDS = {OWN: 101, AGAIN: 202, FITTED: 303, DEFAULT: 404}
"""Seeds of the worlds: no two are alike."""


def twin(out: Path, size: Fit | None = None, days: int | None = None, rho: float = 1.0, seed: int = 1,
         draws: int = 400) -> tuple[list[Reached], Fitted]:  # fmt: skip
    """Carry the test out.

    Args:
        out: folder of its worlds; what is there already is not made again.
        size: of the fit and of every world.
        days: that the worlds live which models learn in and are tested on.
        rho: budget of the release.
        seed: of the fit and of the intervals.
        draws: of payers.

    Returns:
        What each model reaches in the hidden world, its own first, and the fit.

    Raises:
        InputError: too little is guilty to measure by.
        MachineError: the disk is full.
    """
    out.mkdir(parents=True, exist_ok=True)
    size = size or searched().fit
    before = default(size.customers, days)
    truth = hidden(before, SEEDS[OWN])
    lived = {OWN: _lived(truth, out / "hidden"), AGAIN: _lived(truth.model_copy(update={"seed": SEEDS[AGAIN]}), out / "again"),
             DEFAULT: _lived(before.model_copy(update={"seed": SEEDS[DEFAULT]}), out / "default")}  # fmt: skip
    fitted = _fitted(lived[OWN], before, out, size, rho, seed)
    world = load_scenario(out / "fitted.yaml", {"period.days": before.period.days, "seed": SEEDS[FITTED]})
    lived[FITTED] = _lived(world, out / "fitted")
    worlds = [(name, World(lived[name])) for name in (OWN, AGAIN, FITTED, DEFAULT)]
    return compared(worlds, worlds[0][1], draws, seed=seed), fitted


def _lived(scenario: Scenario, folder: Path) -> Run:
    if not folder.exists():
        run_scenario(scenario, folder)
    return open_run(folder)


def _fitted(truth: Run, before: Scenario, out: Path, size: Fit, rho: float, seed: int) -> Fitted:
    """The default world fitted to what the hidden one releases."""
    pack, base, table = out / "pack.yaml", out / "default.yaml", out / "table.parquet"
    if not pack.is_file():
        write_table(truth, table)
        aggregate(table, place("release.yaml"), rho, out / "released.yaml", out / "ledger.jsonl")
        with_parameters(out / "released.yaml", pack, size)
    base.write_text(dump_scenario(before), encoding="utf-8")
    begun = (out / "fitted.runs").is_dir()
    return fit_pack(pack, base, out / "fitted.yaml", Size(seed=seed, draws=1), command="python -m calibration.twin", resume=begun)[0]


def said(found: list[Reached], fitted: Fitted) -> str:
    """The report of the test as Markdown."""
    planted = searched().hidden
    lines = [markdown(found), "", "| parameter | planted | fitted (90 %) | R² |", "|---|--:|--:|--:|"]
    for one in fitted.estimates:
        told = f"{one.estimate:.3g} ({one.low:.3g} to {one.high:.3g})" if one.identified else "not identified"
        lines.append(f"| {one.name} | {planted[one.name]:g} | {told} | {one.r2:.2f} |")
    by_name = {one.name: one for one in found}
    margin = by_name[FITTED].ratio - by_name[DEFAULT].ratio
    kept = by_name[FITTED].ratio
    lines += [
        "",
        sentence(fitted),
        "",
        f"The fitted world's model keeps {kept:.2f} of the average precision, {margin:+.2f} against the default's.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Carry the test out and print its tables."""
    parser = argparse.ArgumentParser(prog="python -m calibration.twin", description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the worlds")
    parser.add_argument("--rho", type=float, default=1.0, help="budget of the hidden world's release")
    parser.add_argument("--seed", type=int, default=1, help="of the fit")
    given = parser.parse_args()
    try:
        print(said(*twin(given.out, rho=given.rho, seed=given.seed)))
    except (InputError, MachineError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2 if isinstance(error, InputError) else 3) from None


if __name__ == "__main__":
    main()
