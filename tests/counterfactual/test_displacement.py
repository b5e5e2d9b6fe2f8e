"""After a control crews turn to what still pays, by their own takings; nobody scripts the mix."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from simulator.record.read import open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

STORY = """\
# A crew asks for money. It comes by {method}. It is gone.
name: by_{method}
title: Money asked for by {method}
typology: {id}
family: scam
about: A crew asks for money, and it comes by {method}. It is gone, and nobody tells the bank of it at all.
rate: {{yearly: 3, source: assumption}}
crewed: true
cast:
  victim: {{drawn: people, available: 500}}
  mule: {{drawn: mules}}
acts:
  - name: pays
    says: the victim pays
    hours: [9, 19]
    stage: fraud
    times: 2
    gap: {{between: [10 min, 60 min]}}
    declined: abandoned
    pay: {{payer: victim, payee: mule, method: {method}, channel: {channel}, amount: {{between: [100, 300]}}}}
"""


class NoTransfers:
    """A control that arrives on a day: instant transfers of more than a few coins are refused from then on."""

    def __init__(self, since: str) -> None:
        self.since = pa.scalar(pd.Timestamp(since, tz="UTC"), pa.timestamp("us", "UTC"))

    def score(self, batch: pa.RecordBatch) -> Any:
        late = pc.greater_equal(batch["timestamp"], self.since)
        sent = pc.equal(batch["method"].cast(pa.string()), "instant_transfer")
        return pc.and_(pc.and_(late, sent), pc.greater(batch["amount"], 50)).cast(pa.float64())


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("displacement")
    for method, channel, name in (("instant_transfer", "mobile", "T1"), ("cheque", "none", "T2")):
        (folder / f"{method}.yaml").write_text(STORY.format(method=method, channel=channel, id=name))
    scenario = folder / "crime.yaml"
    scenario.write_text(
        "extends: hamlet\nname: crime\npopulation: {customers: 600}\nperiod: {start: 2024-01-01, days: 60}\ndefence: {alerts: false}\n"
        "stories: {library: [instant_transfer.yaml, cheque.yaml], crews: 20, adapts: 1}\n"
    )
    return scenario


def _share(file: Path, out: Path, detector: NoTransfers | None, **changes: Any) -> tuple[float, float]:
    """Share of stories by transfer before the control and in the last three weeks."""
    run_scenario(load_scenario(file, changes), out, detector=detector, threshold=0.5)
    stories = open_run(out).stories().to_pandas()
    start = stories["start"]
    by_transfer = stories["typology"].astype(str) == "T1"
    before, late = start < pd.Timestamp("2024-01-25", tz="UTC"), start >= pd.Timestamp("2024-02-09", tz="UTC")
    assert before.sum() > 100 and late.sum() > 100
    return float(by_transfer[before].mean()), float(by_transfer[late].mean())


def test_crews_leave_what_no_longer_pays(file: Path, tmp_path: Path) -> None:
    control = NoTransfers("2024-01-25")
    free = _share(file, tmp_path / "free", None)
    controlled = _share(file, tmp_path / "controlled", control)
    stubborn = _share(file, tmp_path / "stubborn", control, **{"stories.adapts": 0.0})
    assert controlled[0] == pytest.approx(free[0], abs=0.02)  # nobody knows what will come
    assert abs(free[1] - free[0]) < 0.12  # left alone, the mix stays
    assert controlled[1] < 0.5 * free[1]
    assert stubborn[1] > 0.8 * free[1]
