"""A town in closed form for tests of the fit: moments that are smooth in the parameters, with noise that shrinks with its people."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calibration.fit.engine import Engine
from calibration.fit.space import Space
from calibration.fit.worlds import Plan
from calibration.pack import Pack
from simulator.scenario.file import load_scenario

type Floats = NDArray[np.float64]

CATEGORIES = ("groceries", "restaurants", "fast_food", "fuel", "convenience", "general_merchandise", "online_marketplace", "clothing",
              "electronics", "home_improvement", "furniture", "pharmacy", "doctors")  # fmt: skip


class Town:
    """A town whose last parameter nothing shows."""

    def __init__(self, parameters: int, moments: int, noise: float = 0.03) -> None:
        drawn = np.random.RandomState(7)
        self.slopes = drawn.normal(size=(moments, parameters)) * (drawn.uniform(size=(moments, parameters)) < 4 / parameters)
        self.slopes[np.arange(moments), np.arange(moments) % (parameters - 1)] += 2.0
        self.slopes[:, -1] = 0.0
        self.bends = 0.3 * drawn.normal(size=(moments, parameters))
        self.bends[:, -1] = 0.0
        self.noise = noise
        self.lived: list[Plan] = []

    def moments(self, points: Floats) -> Floats:
        """Without noise."""
        return np.asarray(10 + points @ self.slopes.T + (points - 0.5) ** 2 @ self.bends.T)

    def live(self, plans: Sequence[Plan]) -> Floats:
        """With noise that is the seed's."""
        self.lived += plans
        points = np.nan_to_num(np.array([plan.point for plan in plans]), nan=0.5)
        noise = [np.random.RandomState(plan.seed % 2**32).normal(size=len(self.slopes)) / np.sqrt(plan.customers / 1000) for plan in plans]
        return self.moments(points) + self.noise * np.array(noise)


def pack(town: Town, target: Floats, tolerance: str = "1 %") -> Pack:
    """Its targets and parameters."""
    count = town.slopes.shape[1]
    common = {
        "unit": "one",
        "population": "everybody",
        "period": "ever",
        "source": "made up",
        "status": "derived",
        "moment": "remote_share",
    }
    return Pack.model_validate({
        "name": "made_up", "fit": {"customers": 1000, "days": 10, "runs": 30, "seeds": 3},
        "targets": [{"id": f"t{place}", "what": f"number {place}", "value": value, "tolerance": tolerance,
                     "role": "hold-out" if place % 6 == 5 else "fit", **common} for place, value in enumerate(target.tolist())],
        "parameters": [{"name": name, "what": name, "paths": [f"categories.{name}.mean"], "how": "times", "low": 0.5, "high": 2.0,
                        "scale": "log"} for name in CATEGORIES[:count]],
    })  # fmt: skip


def engine(town: Town, made: Pack, seed: int = 1) -> Engine:
    """A fit of it that has not begun."""
    space = Space(load_scenario("hamlet"), made.parameters, "made_up")
    return Engine(made, space, town, seed, made.fit.runs, made.fit.customers, made.fit.seeds)
