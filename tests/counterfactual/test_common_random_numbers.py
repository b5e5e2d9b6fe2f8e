"""Two worlds of one seed share every draw that a shock does not reach, so that its effect is told from few runs."""

from pathlib import Path

from simulator.stress import run_pairs
from simulator.stress.effects import narrower

ONE_POINT = """
extends: high_street
name: one_point
period: {days: 45}
population: {customers: 700}
stories: {library: []}
economy: {layoffs: 1.2 %, together: 0}  # 700 people have too few employers for colleagues to be laid off together
shocks:
  - {name: job_loss, kind: unemployment, source: "assumption: one point", path: {2024-01-08: 1 %}}
"""


def test_restaurants_under_one_point_of_lost_jobs(tmp_path: Path) -> None:
    """Paired intervals are at least five times narrower than unpaired ones of the same runs; nothing differs before the shock."""
    file = tmp_path / "one_point.yaml"
    file.write_text(ONE_POINT, encoding="utf-8")
    found = run_pairs(file, replicates=5, workers=2)
    whole = found.effects.query("period == 'run'").set_index(["metric", "group"])
    assert narrower(whole).loc[("spending", "category=restaurants")] >= 5
    assert narrower(whole).loc[("spending", "all")] >= 5
    assert whole.loc[("unemployment", "all"), "low"] > 0
    for one, two in zip(found.panel.baseline, found.panel.scenario, strict=True):
        assert all((one.parts[key][:6] == two.parts[key][:6]).all() for key in one.parts)
