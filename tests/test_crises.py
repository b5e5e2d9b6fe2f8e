"""The shipped crises: every one reads, a slice of each lives with its money conserved, and none is driven by what it is judged by."""

import csv
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from simulator import PaymentsModel
from simulator.scenario.expectations import Treatment
from simulator.scenario.file import dump_scenario, load_scenario, shipped

CRISES = ["fed2025_severe", "eba2025_adverse", "gfc2008", "covid2020", "outage2018", "run2023", "rate_shock", "inflation_2022",
          "sca_introduction", "scam_wave"]  # fmt: skip
FOLDER = Path(str(files("scenarios")))

FED = """Real GDP growth, Nominal GDP growth, Real disposable income growth, Nominal disposable income growth, Unemployment rate
CPI inflation rate, 3-month Treasury rate, 5-year Treasury yield, 10-year Treasury yield, BBB corporate yield, Mortgage rate, Prime rate
Dow Jones Total Stock Market Index, House Price Index, Commercial Real Estate Price Index, Market Volatility Index (VIX)"""
"""The sixteen domestic variables of the Federal Reserve's scenarios; another twelve are of four countries or country blocs."""


@pytest.mark.parametrize("name", CRISES)
def test_it_reads_and_says_what_it_rests_on(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name)
    assert name in shipped()
    head = (FOLDER / f"{name}.yaml").read_text().split("extends:")[0]
    assert len(head) > 400 and "Look at:" in head
    assert "memory" in head or "assumption" in head
    assert scenario.shocks and scenario.expect
    for shock in scenario.shocks:
        assert len(shock.source) > 10, shock.name
    again = tmp_path / "again.yaml"
    again.write_text(dump_scenario(scenario))
    assert load_scenario(again) == scenario


@pytest.mark.parametrize("name", CRISES)
def test_a_slice_of_it_lives(name: str) -> None:
    """From the eve of its first shock on; the model ends with an error where money is not conserved."""
    scenario = load_scenario(name)
    first = min([min(path.points) for shock in scenario.shocks for path in (*([shock.path] if shock.path else []), *shock.by.values())]
                + [shock.start.date() for shock in scenario.shocks if shock.start is not None])  # fmt: skip
    begin = max(scenario.period.start, first - timedelta(2))
    days = (scenario.period.start + timedelta(scenario.period.days) - begin).days
    part = {"population.customers": 300, "period.start": begin, "period.days": days, "expect": []}
    model = PaymentsModel(name, shards=1, workers=1, **part)
    for _ in range(12):
        model.step()
    assert sum(day["purchases"] for day in model.series.days) > 300
    if name == "outage2018":
        assert model.economy.rails.failed > 0
    if name == "run2023":
        assert model.economy.runs.ran.sum() > 0


def test_the_pandemic_is_driven_by_law_and_jobs_alone() -> None:
    """Files that the scenario quotes hold orders and jobs, nothing of what was bought; every number of an order is a share of people."""
    text = (FOLDER / "covid2020.yaml").read_text()
    quoted = {path["file"] for shock in yaml.safe_load(text)["shocks"] for path in shock.get("by", {}).values() if "file" in path}
    assert quoted == {"covid2020_closures.csv", "covid2020_jobs.csv"}
    known = {
        "covid2020_closures.csv": "date restaurants fast_food stores department trips flights nights halls treatments lessons",
        "covid2020_jobs.csv": "date all retail food_and_lodging trade_and_transport business health leisure",
        "covid2020_orders.csv": "date stores home dining limited halls schools",
    }
    for name, columns in known.items():
        with (FOLDER / name).open() as file:
            rows = list(csv.DictReader(file))
        assert " ".join(rows[0]) == columns
        assert all(0 <= float(row[column]) <= 1 for row in rows for column in columns.split()[1:])
    with (FOLDER / "covid2020_closures.csv").open() as file, (FOLDER / "covid2020_orders.csv").open() as orders:
        for row, order in zip(csv.DictReader(file), csv.DictReader(orders), strict=True):
            assert float(row["stores"]) == float(order["stores"])
            assert abs(float(row["restaurants"]) - 0.75 * (float(order["dining"]) + 0.5 * float(order["limited"]))) < 0.002
            assert abs(float(row["trips"]) - 0.6 * float(order["home"])) < 0.002


def test_regulators_variables_are_all_accounted_for() -> None:
    fed, eba = (load_scenario(name).variables for name in ("fed2025_severe", "eba2025_adverse"))
    assert [variable.name for variable in fed[:16]] == FED.replace("\n", ", ").split(", ")
    abroad = {variable.name for variable in fed[16:]}
    assert len(abroad) == 12
    assert all(any(what in name for name in abroad) for what in ("Euro area", "Developing Asia", "Japan", "U.K."))
    assert len({variable.name for variable in eba}) == len(eba)
    assert sum(variable.name.startswith("Real gross value added, ") for variable in eba) == 16
    assert sum(variable.name.startswith("Market risk factor, ") for variable in eba) > 10
    for variables in (fed, eba):
        assert all(variable.by for variable in variables)
        assert {variable.treatment for variable in variables} == set(Treatment)
        used = " ".join(variable.by for variable in variables if variable.treatment is Treatment.USED)
        assert "shock jobs" in used and "shock prices" in used
        assert not any("capital ratio" in variable.by for variable in variables)


@pytest.mark.parametrize("name", ["fed2025_severe", "gfc2008"])
def test_a_recession_leaves_the_parameters_of_its_base(name: str) -> None:
    crisis, base = load_scenario(name), load_scenario("_recession")
    for part in crisis.model_fields_set - {"name", "about", "period", "shocks", "expect", "variables"}:
        assert getattr(crisis, part) == getattr(base, part), part
    assert crisis.period.days == 1186


def test_what_is_had_in_person_is_barred_though_it_is_bought_remotely() -> None:
    """A travel ban stops flights that are sold online, while shops that are shut go on selling there."""
    shut = {"name": "ban", "kind": "restriction", "source": "a test", "path": {"2024-01-02": 1.0}}
    model = PaymentsModel(
        "_crisis",
        shards=1,
        workers=1,
        **{"population.customers": 600, "period.days": 12, "shocks": [shut], "stories.intensity": 0, "stories.lookalikes": 0},
    )
    flights = clothes = 0
    for number, day in enumerate(model.stream(12)):
        rows = day.transactions.to_pandas()
        bought = rows[(rows.purpose == "purchase") & (rows.country == "US") & (rows.message == "payment") & (number > 1)]
        flights += int((bought.mcc == 4511).sum())
        clothes += int((bought.mcc == 5651).sum())
    assert clothes > 20
    assert flights <= 2  # a payment taken twice on the day after


@pytest.mark.parametrize(("relayed", "gets_past"), [(1.0, True), (0.0, False)])
def test_a_confirmation_bound_to_the_payment_stops_who_has_codes_only(relayed: float, gets_past: bool) -> None:
    """Codes got earlier do not answer a challenge that names amount and payee, unless the holder is on the line."""
    shares = {"cvv": 0.0, "one_time_code": 0.0, "sca_result": 1.0, "sca_exemption": 0.0, "low_value": 0.0, "relayed": relayed}
    strong: dict[str, Any] = {f"security.{name}": share for name, share in shares.items()}
    told: dict[str, Any] = {
        "stories.told": [],
        "stories.library": ["card_details"],
        "stories.intensity": 200,
        "population.customers": 600,
        "period.days": 25,
    }
    model = PaymentsModel("high_street", shards=1, workers=1, **strong, **told)
    rows = [day.transactions.select(["transaction_id", "status"]).to_pandas() for day in model.stream(25)]
    labels = model.labels().to_pandas()
    frauds = pd.concat(rows).merge(labels[labels.is_fraud][["transaction_id"]], on="transaction_id")
    guilty, approved = len(frauds), int((frauds.status == "approved").sum())
    assert guilty > 20
    assert (approved > guilty / 2) if gets_past else (approved == 0)
