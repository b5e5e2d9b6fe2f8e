"""How well scores find laundering: figures by model and shape. It needs NumPy and scikit-learn alone, so any environment can use it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ALERTS = 100
"""Payments that can be looked into in a day, those with the highest scores."""


class Found(NamedTuple):
    """What scores find in a test.

    Attributes:
        precision: Average precision over all rows of the test.
        f1: F1 of guilty rows at the threshold that was best in the validation.
        recall: Share of guilty rows that are among the `ALERTS` highest of their day.
        shapes: By shape, its guilty rows in the validation and the test, for either has few, and how many of them are among those.
        guilty: Guilty rows of the test.
        rows: Rows of the test.
    """

    precision: float
    f1: float
    recall: float
    shapes: dict[str, tuple[int, int]]
    guilty: int
    rows: int


def scored(
    score: NDArray[Any], guilty: NDArray[Any], test: NDArray[Any], day: NDArray[Any], group: NDArray[Any], groups: list[str]
) -> Found:
    """Judge scores of the rows of the validation and the test.

    Args:
        score: Of each row.
        guilty: Its truth.
        test: Whether it is of the test; the others choose the threshold.
        day: Its day.
        group: Code of its shape, -1 where it is innocent.
        groups: Shapes.
    """
    from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve

    shares = precision_recall_curve(guilty[~test], score[~test])
    both = 2 * shares[0] * shares[1] / np.maximum(shares[0] + shares[1], 1e-12)
    threshold = shares[2][min(int(both.argmax()), len(shares[2]) - 1)]
    alerted = np.zeros(len(score), bool)
    order = np.lexsort((-score, day))
    first = np.searchsorted(day[order], day[order])
    alerted[order[np.arange(len(order)) - first < ALERTS]] = True
    shapes = {name: (int((group == code).sum()), int(alerted[group == code].sum())) for code, name in enumerate(groups)}
    score, guilty, alerted = score[test], guilty[test], alerted[test]
    return Found(
        float(average_precision_score(guilty, score)), float(f1_score(guilty, score >= threshold)),
        float(alerted[guilty].mean()), shapes, int(guilty.sum()), len(guilty),
    )  # fmt: skip


def print_tables(found: dict[str, list[Found]]) -> None:
    """Print figures by model, mean and standard deviation over the seeds, and recall by shape, as Markdown."""
    any_of = next(iter(found.values()))[0]
    print(f"{any_of.guilty:,} of {any_of.rows:,} rows of the test are guilty; {len(next(iter(found.values())))} seeds.\n")
    print(f"| model | average precision | F1 | recall at {ALERTS} a day |")
    print("|---|--:|--:|--:|")
    for model, seeds in found.items():
        cells = (f"{np.mean(values):.3f} ± {np.std(values):.3f}" for values in zip(*(one[:3] for one in seeds), strict=True))
        print(f"| {model} | {' | '.join(cells)} |")
    print(f"\n| recall at {ALERTS} a day, by shape, validation and test | rows | {' | '.join(found)} |")
    print(f"|---|--:|{'--:|' * len(found)}")
    for shape, (rows, _) in any_of.shapes.items():
        cells = (f"{np.mean([one.shapes[shape][1] for one in seeds]) / rows:.2f}" if rows else "" for seeds in found.values())
        print(f"| {shape} | {rows} | {' | '.join(cells)} |")
