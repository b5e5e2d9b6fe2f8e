"""What a finished stress is."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from simulator.scenario import Scenario
from simulator.stress.effects import Panel
from simulator.stress.verdicts import FAILED, Verdict


@dataclass(frozen=True)
class Stress:
    """A finished stress.

    Attributes:
        scenario: with what it was compared to as `baseline`.
        baseline: the world without it.
        seeds: of the pairs.
        panel: the pairs, day by day.
        effects: a row for each metric, group and period; see `simulator.stress.effects`.
        turns: the largest departure of each metric and group, and when it is over.
        verdicts: of the scenario's expectations.
        decomposition: each shock alone on and alone off; None where it was not asked for.
        sensitivity: statistics of what was varied; None where nothing was.
        points: the design and its results; None where nothing was varied.
        correlation: of defaults across replicates given the path; no rows in a world without defaults.
        about: what the summary says.
    """

    scenario: Scenario
    baseline: Scenario
    seeds: list[int]
    panel: Panel
    effects: pd.DataFrame
    turns: pd.DataFrame
    verdicts: list[Verdict]
    correlation: pd.DataFrame
    decomposition: pd.DataFrame | None = None
    sensitivity: pd.DataFrame | None = None
    points: pd.DataFrame | None = None
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether no expectation failed."""
        return not any(one.verdict == FAILED for one in self.verdicts)
