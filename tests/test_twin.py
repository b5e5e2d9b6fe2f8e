"""The twin test in small: the hidden world's table is read as its run is, and a model moves between worlds as it should."""

from pathlib import Path

import numpy as np
import pytest

from calibration.across import World, compared, markdown, scores
from calibration.fit.space import Space
from calibration.measure import measure
from calibration.private.config import read_config
from calibration.private.measured import measure_table
from calibration.twin.table import write_table
from calibration.twin.worlds import LATER, LOYALTY, default, hidden, place, searched, with_parameters
from simulator.audit.leaks.sheet import DAY, Sheet
from simulator.errors import InputError
from simulator.record.read import Run, open_run
from simulator.run import run_scenario


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("twin")
    run_scenario(hidden(default(60, 60), 7), folder / "hidden", shards=1, workers=1)
    return open_run(folder / "hidden")


def test_the_hidden_world_is_as_planted_and_differs_beyond_what_a_fit_can_move() -> None:
    before = default(60, 60)
    world, told = hidden(before, 7), searched()
    assert world.stories.intensity == told.hidden["fraud_rate"] and world.purchases_per_month == told.hidden["purchases"]
    assert world.stories.mix["lost_card"] == told.hidden["lost_cards"]
    assert all(one.low <= told.hidden[one.name] <= one.high for one in told.parameters)
    moved = {path for paths in Space(before, told.parameters, "parameters.yaml").paths for path in paths}
    assert not any("loyalty" in path or "archetypes" in path for path in moved)
    for old, new in zip(before.categories, world.categories, strict=True):
        assert new.loyalty == pytest.approx(LOYALTY * old.loyalty)
    assert {new.hours - old.hours for old, new in zip(before.population.archetypes, world.population.archetypes, strict=True)} == {LATER}


def test_the_banks_table_says_what_the_run_says(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "table.parquet"
    assert write_table(run, file) > 1000
    config = read_config(place("release.yaml"))
    pack = _pack(config, tmp_path)
    real, lived = measure_table(file, config, pack.targets), measure(run, pack.targets)
    compared = 0
    for target in pack.targets:
        found = real[target.id]
        assert isinstance(found, dict)
        for component, told in found.items():
            # A customer who never moves money is in no table.
            assert told == pytest.approx(lived[target.id, component], abs=0.03)
            compared += 1
    assert compared > 20


def _pack(config, folder: Path):  # type: ignore[no-untyped-def]
    """A pack as a release without noise would make it."""
    import yaml

    from calibration.private.cells import cells_of
    from calibration.private.measured import Of

    targets = [
        {
            "id": one.id, "what": one.what, "value": dict.fromkeys(cells_of(one.of, list(config.table.kinds)), 0.1), "unit": "share",
            "population": "made up", "period": "2024", "source": "made up",
            "status": "released", "role": one.role, "tolerance": one.tolerance,
            "moment": "customer_statistic",
            "of": Of(reading=config.run, amounts=config.amounts, statistic=one.of).model_dump(mode="json", exclude_none=True),
        }
        for one in config.statistics
    ]  # fmt: skip
    (folder / "released.yaml").write_text(yaml.safe_dump({"name": "made_up", "targets": targets}))
    return with_parameters(folder / "released.yaml", folder / "pack.yaml")


def made_up(guilty_amount: float, seed: int, rows: int = 6000) -> Sheet:
    """Payments in which fraud is told by its amount alone."""
    draw = np.random.RandomState(seed)
    guilty = draw.random_sample(rows) < 0.05
    day = np.sort(draw.randint(0, 80, rows))
    columns = {
        "timestamp": day * DAY + draw.randint(0, DAY, rows),
        "amount": np.where(guilty, draw.lognormal(np.log(guilty_amount), 0.4, rows), draw.lognormal(3, 0.4, rows)),
        "payer_account": draw.randint(0, 300, rows), "payee_account": 1000 + draw.randint(0, 50, rows),
    }  # fmt: skip
    return Sheet.of(columns, guilty)


def test_a_model_serves_where_fraud_is_alike_and_not_where_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds = [World(_as_run(monkeypatch, made_up(amount, seed))) for amount, seed in ((60, 1), (60, 2), (5, 3))]
    own, again, other = compared([("own", worlds[0]), ("again", worlds[1]), ("other", worlds[2])], worlds[0], draws=60)
    assert own.ratio == own.ratio_low == own.ratio_high == 1 and own.precision > 0.7
    assert again.ratio > 0.9 and again.ratio_low <= again.ratio <= again.ratio_high
    assert other.ratio < 0.5 and other.ratio_high < again.ratio_low
    assert markdown([own, again, other]).count("\n") == 4


def test_words_that_only_one_world_knows_are_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    with_words, without = made_up(60, 1), made_up(60, 2)
    codes = np.zeros(len(with_words), np.int64)
    columns = {name: with_words.column(name) for name in ("timestamp", "amount", "payer_account", "payee_account")}
    worded = Sheet.of(columns | {"channel": np.array(["online"])[codes]}, with_words.guilty)
    one, other = (World(_as_run(monkeypatch, sheet)) for sheet in (worded, without))
    assert np.isfinite(scores(one, other)).all() and np.isfinite(scores(other, one)).all()


def test_a_world_with_too_little_fraud_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = made_up(60, 1)
    few = Sheet.of({name: sheet.column(name) for name in sheet.names}, np.arange(len(sheet)) < 10)
    with pytest.raises(InputError, match=r"guilty rows .*, expected at least"):
        World(_as_run(monkeypatch, few))


def _as_run(monkeypatch: pytest.MonkeyPatch, sheet: Sheet) -> Run:
    """A stand-in for a run whose payments are those of a sheet."""
    monkeypatch.setattr("calibration.across.sheet_of", lambda run: run)
    sheet.scenario = type("Named", (), {"name": "made_up"})()  # type: ignore[attr-defined]
    return sheet  # type: ignore[return-value]
