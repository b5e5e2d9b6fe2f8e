"""Baselines for finding laundering: boosting on the row, boosting with the graph, and what is left when counterparties are exchanged.

`python -m calibration.baselines RUN` prints tables in Markdown; `--arrays FILE` writes what `calibration.network` learns from.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from calibration.facts import Floats, Ints
from calibration.graph_features import Graph
from calibration.laundering import Payments, payments, permuted
from calibration.scores import Found, print_tables, scored
from simulator.audit.difficulty import INSTALL
from simulator.audit.lot import For, lots, some
from simulator.errors import InputError
from simulator.record.read import open_run

LEARNT = 200_000
"""Innocent rows that boosting learns from, drawn by lot and weighted back. Validation and test are never drawn from."""
NETWORKS = 3
"""Lots that are written for networks, one for each that is trained."""
LEAST = 30
"""Guilty rows below which a part of the days says nothing."""


def row_features(of: Payments) -> tuple[list[str], Floats]:
    """What a payment says by itself, its banks and accounts aside: time of day, weekday, sums, currencies, method, channel, purpose.

    Args:
        of: Payments.

    Returns:
        Names and values, a column each; words are codes.
    """
    named = {
        "hour": of.second % 86_400 / 3600,
        "weekday": of.day % 7,
        "paid": np.log1p(of.amount),
        "received": np.log1p(of.credited),
        # Sums of people are round more often than prices are.
        "round": np.where(np.mod(of.amount, 1) < 0.005, 1 + (np.mod(of.amount, 10) < 0.005) + (np.mod(of.amount, 100) < 0.005), 0),
        **of.words,
    }
    return list(named), np.stack(list(named.values()), axis=1).astype(np.float32)


def boosted(of: Payments, seeds: int, permute: str | None = None) -> dict[str, list[Found]]:
    """Measure boosting on the row and with the graph.

    Args:
        of: Payments.
        seeds: How many lots of innocent rows to learn from; figures are of each.
        permute: Exchange the ends of guilty rows among `guilty` rows or with `others`, by another lot for each seed.

    Returns:
        What was found by model, one for each seed.
    """
    part = of.parts()
    names, row = row_features(of)
    words = [place for place, name in enumerate(names) if name in of.words]
    measured = np.flatnonzero(part > 0)
    guilty, innocent = np.flatnonzero((part == 0) & of.guilty), np.flatnonzero((part == 0) & ~of.guilty)
    found: dict[str, list[Found]] = {"boosting, row": [], "boosting, row and graph": []}
    graph, seen = None, None
    for seed in range(seeds):
        drawn = some(innocent, LEARNT, For.BASELINE, seed)
        learnt = np.sort(np.concatenate([guilty, drawn]))
        weight = np.where(of.guilty[learnt], 1.0, len(innocent) / max(len(drawn), 1))
        if permute or graph is None:
            world = permuted(of, seed, permute == "others") if permute else of
            graph = Graph(world.source, world.target, world.second, world.amount, world.moves)
            seen = graph.features(measured)[1]
        assert seen is not None
        shown = {
            "boosting, row": (row[learnt], row[measured]),
            "boosting, row and graph": (
                np.hstack([row[learnt], graph.features(learnt)[1]]),
                np.hstack([row[measured], seen]),
            ),
        }
        for model, (known, asked) in shown.items():
            score = _fit(known, of.guilty[learnt], weight, words, seed, asked)
            found[model].append(scored(score, of.guilty[measured], part[measured] == 2, of.day[measured], of.group[measured], of.groups))
    return found


def _fit(known: Floats, guilty: Ints, weight: Floats, words: list[int], seed: int, asked: Floats) -> Floats:
    """Scores by boosting. One thread: the same figures on every machine."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    model = HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.05, min_samples_leaf=50, l2_regularization=1.0, early_stopping=False,
        categorical_features=words, random_state=seed,
    )  # fmt: skip
    with threadpool_limits(1):
        model.fit(known, guilty, sample_weight=weight)
        chunks = np.array_split(asked, max(len(asked) // 500_000, 1))
        scores: Floats = np.concatenate([model.predict_proba(chunk)[:, 1] for chunk in chunks])
    return scores


def arrays(of: Payments) -> dict[str, np.ndarray]:
    """What a graph network learns from: ends, what the row says as numbers, truth, part of the days, day and shape.

    Args:
        of: Payments.
    """
    names, row = row_features(of)
    columns: list[Floats] = []
    for place, name in enumerate(names):
        if name in of.words:
            columns += [(row[:, place] == code).astype(np.float32) for code in range(len(of.names[name]))]
        else:
            column = row[:, place]
            columns.append((column - column.mean()) / max(float(column.std()), 1e-6))
    return {
        "source": of.source, "target": of.target, "features": np.stack(columns, axis=1).astype(np.float32), "guilty": of.guilty,
        "part": of.parts(), "day": of.day, "group": of.group, "moves": of.moves,
        "lots": np.stack([lots(len(of.guilty), For.BASELINE, seed) for seed in range(NETWORKS)]),
        "groups": np.array(of.groups), "accounts": np.array(of.accounts),
    }  # fmt: skip


def main() -> None:
    """Print the tables of a run."""
    parser = argparse.ArgumentParser(prog="python -m calibration.baselines", description=__doc__)
    parser.add_argument("run", help="a run folder, such as that of aml_benchmark")
    parser.add_argument("--seeds", type=int, default=3, help="lots of innocent rows to learn from")
    parser.add_argument("--permute", choices=["guilty", "others"], help="first exchange ends of guilty rows")
    parser.add_argument("--arrays", type=Path, help="write what calibration.network learns from, and measure nothing")
    said = parser.parse_args()
    try:
        of = payments(open_run(said.run))
    except InputError as error:
        raise SystemExit(f"{error}") from None
    if said.arrays:
        np.savez(said.arrays, **arrays(permuted(of, 0, said.permute == "others") if said.permute else of))  # type: ignore[arg-type]
        return
    few = [int(of.guilty[of.parts() == part].sum()) for part in range(3)]
    if min(few) < LEAST:
        raise SystemExit(f"not measured: {few} guilty rows to learn from, to choose by and in the test; at least {LEAST} each are needed")
    try:
        print_tables(boosted(of, said.seeds, said.permute))
    except ImportError:
        print(INSTALL, file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
