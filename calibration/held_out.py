"""A fitted world beside rows of a bank that its fit never saw: the targets without noise, and whether a classifier tells the two apart.

    python -m calibration.held_out RUN TABLE --config RELEASE.yaml --pack PACK

prints Markdown. It is for whoever may see the table: what it prints of held-out customers is not private.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from calibration.compare import row
from calibration.measure import measure
from calibration.pack import read_pack
from calibration.private.config import read_config
from calibration.private.from_run import RunPostings
from calibration.private.from_table import TablePostings
from calibration.private.measured import measure_table, of
from calibration.targets import Target
from calibration.two_sample import Told, customer_months, tell_apart
from simulator.errors import InputError
from simulator.record.read import Run, open_run


def scored(run: Run, table: Path, config_file: Path, targets: Sequence[Target]) -> tuple[int, int, int, int]:
    """Counts the numbers of a pack that a world shows of customers who were held out.

    Args:
        run: of the fitted world.
        table: the bank's rows.
        config_file: how they are read, and which customers were released.
        targets: of the pack.

    Returns:
        Fit numbers within tolerance and all that can be told, then the same of the numbers that the fit was not led by.
    """
    config = read_config(config_file)
    part = held_out_part(config_file)
    truth, achieved = measure_table(table, config, targets, part), measure(run, targets)
    counts = {"fit": [0, 0], "hold-out": [0, 0]}
    for target in targets:
        known = truth.get(target.id)
        if target.role not in counts or not isinstance(known, dict):
            continue
        # The same target, at what the held-out customers really did: of those there is no noise.
        real = target.model_copy(update={"value": {name: known.get(name, 0.0) for name in target.components}, "error": 0.0})
        for component in target.components:
            verdict = row(real, component, achieved[target.id, component])["verdict"]
            counts[target.role][0] += verdict == "ok"
            counts[target.role][1] += verdict in ("ok", "off")
    fit, out = counts["fit"], counts["hold-out"]
    return fit[0], fit[1], out[0], out[1]


def held_out_part(config_file: Path) -> int:
    """The part of the customers that judges: the next after the released one.

    Raises:
        InputError: the config releases everybody.
    """
    split = read_config(config_file).split
    if split is None:
        raise InputError(f"{config_file}: split: found none, expected one: nobody is held out")
    return (split.use + 1) % split.parts


def told_apart(run: Run, table: Path, config_file: Path, targets: Sequence[Target], seed: int = 1) -> tuple[Told, Told]:
    """The two-sample test: months of customers who were held out against months of the world, and against released customers.

    Args:
        run: of the fitted world.
        table: the bank's rows.
        config_file: how they are read.
        targets: of the pack, which say how the run is read.
        seed: of the folds and the draws.

    Returns:
        The world against the held-out customers; the released customers against these, which is what sampling alone gives away.
    """
    config, part = read_config(config_file), held_out_part(config_file)
    asked = next(found for found in map(of, targets) if found.statistic is not None)
    kinds = list(config.table.kinds)
    real = customer_months(TablePostings(table, config, part), kinds)
    released = customer_months(TablePostings(table, config), kinds)
    made = customer_months(RunPostings(run, asked.reading, asked.amounts), list(asked.reading.kinds))
    return tell_apart(real, made, seed), tell_apart(real, released, seed)


def markdown(score: tuple[int, int, int, int], world: Told, null: Told) -> str:
    """Both as Markdown."""
    lines = [
        "| against held-out customers, without noise | within tolerance | |", "|---|--:|--:|",
        f"| numbers of fit targets | {score[0]} of {score[1]} | {score[0] / max(score[1], 1):.0%} |",
        f"| numbers of hold-out targets | {score[2]} of {score[3]} | {score[2] / max(score[3], 1):.0%} |", "",
        "| months of customers told apart | accuracy | 95 % interval | AUC | months a side |", "|---|--:|--:|--:|--:|",
    ]  # fmt: skip
    for name, told in (("the world from held-out customers", world), ("released from held-out customers", null)):
        lines.append(f"| {name} | {told.accuracy:.3f} | {told.low:.3f} to {told.high:.3f} | {told.auc:.3f} | {told.months:,} |")
    lines += ["", "| what gives the world away | accuracy lost without it | AUC alone |", "|---|--:|--:|"]
    lines += [f"| {name} | {lost:.3f} | {alone:.3f} |" for name, lost, alone in world.features]
    return "\n".join(lines)


def main() -> None:
    """Print how a world stands beside held-out rows."""
    parser = argparse.ArgumentParser(prog="python -m calibration.held_out", description=__doc__)
    parser.add_argument("run", type=Path, help="run folder of the fitted world")
    parser.add_argument("table", type=Path, help="the bank's table, Parquet or CSV")
    parser.add_argument("--config", type=Path, required=True, help="config that released the pack")
    parser.add_argument("--pack", required=True, help="the pack")
    said = parser.parse_args()
    try:
        run, targets = open_run(said.run), read_pack(said.pack).targets
        known = [target for target in targets if target.moment == "customer_statistic"]
        print(markdown(scored(run, said.table, said.config, known), *told_apart(run, said.table, said.config, known)))
    except InputError as error:
        raise SystemExit(f"{error}") from None


if __name__ == "__main__":
    main()
