"""The statistics of a release as moments of a run: the same as of the statements that a bank would write of it."""

from pathlib import Path

import pandas as pd
import pytest
import yaml
from made_up_bank import CONFIG

from calibration.measure import check_moments, measure
from calibration.pack import Pack
from calibration.private.aggregate import aggregate
from calibration.private.config import read_config
from calibration.private.measured import measure_postings, measure_table
from calibration.targets import Target
from simulator.errors import InputError
from simulator.record.read import Run, open_run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

STATISTICS = {
    "kind_mix": {"profile": {"by": ["kind"]}},
    "week": {"profile": {"by": ["direction", "weekday"], "scale": "length"}},
    "hours": {"profile": {"by": ["hour"]}, "where": {"direction": "out"}},
    "days": {"profile": {"by": ["third", "month_end"], "weigh": "value"}},
    "sizes": {"profile": {"by": ["size"], "sizes": [10, 50, 200]}, "where": {"kind": "card"}, "whom": "with_any"},
    "fraud": {"profile": {"by": ["kind"]}, "where": {"fraud": True}},
    "count": {"histogram": {"of": "count", "edges": [10, 30, 60]}},
    "value": {"histogram": {"of": "value", "edges": [500, 2000, 5000]}, "where": {"direction": "out"}},
    "typical": {"histogram": {"of": "typical_amount", "edges": [15, 30, 60, 120]}},
    "share": {"histogram": {"of": "share", "edges": [0.25, 0.5, 0.75]}, "where": {"kind": "card"}},
    "merchants": {"histogram": {"of": "merchants", "edges": [2, 5, 9]}, "where": {"kind": "card"}, "whom": "with_any"},
    "balance": {"histogram": {"of": "balance", "edges": [0, 1000, 5000]}},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("run") / "out"
    changes = {"population.customers": 150, "period.days": 12, "period.start": "2024-01-25"}
    run_scenario(load_scenario("hamlet", changes), out)
    return open_run(out)


def statements_of(run: Run) -> pd.DataFrame:
    """What the banks of a run would print, written another way than the moments read it."""
    accounts = run.accounts().to_pandas().astype({"owner_kind": str, "kind": str})
    opened = accounts.groupby("account_id")["valid_from"].min()
    own = set(accounts[(accounts.owner_kind == "customer") & (accounts.kind == "current")]["account_id"])
    fraud = run.true_labels().to_pandas().query("is_fraud")["transaction_id"]
    paid = run.transactions().to_pandas()
    paid = paid[(paid.status == "approved") & ~paid.message.isin(["authorisation", "reversal"])]
    shared = paid[["transaction_id", "method", "channel", "purpose", "merchant_id"]].assign(fraud=paid.transaction_id.isin(fraud).map(str))
    sides = [
        shared.assign(side=side, account=paid[f"{who}_account"], at=paid[when], amount=paid[amount], balance=paid[f"{who}_balance"])
        for side, who, when, amount in (("D", "payer", "timestamp", "amount"), ("C", "payee", "settled_at", "credited_amount"))
    ]
    rows = pd.concat(sides)
    rows = rows[rows.account.isin(own)]
    rows = rows.assign(opened=rows.account.map(opened), merchant_id=rows.merchant_id.map(str).replace("-1", ""))
    return rows.sort_values(["transaction_id", "side"], ascending=[True, False], kind="stable")


@pytest.fixture(scope="module")
def config(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    plain = yaml.safe_load(CONFIG.read_text())
    period, hours = run.scenario.period, run.scenario.country.utc_offset.total_seconds() / 3600
    end = period.start + pd.Timedelta(days=period.days - 1)
    kinds = {"salary": {"side": "C", "purpose": "salary"}, "credit": {"side": "C"}, "card": {"method": ["card", "wallet"]},
             "cash": {"purpose": "withdrawal"}, "direct_debit": {"method": "direct_debit"}, "transfer": {"side": "D"}}  # fmt: skip
    plain |= {
        "period": {"start": str(period.start), "end": str(end)[:10]}, "delta": 0.000001, "amounts": [0, 3000], "least_days": 5,
        "least_customers": 5,
        "table": {
            "unit": "account", "date": "at", "utc_offset": hours, "opened": "opened", "amount": "amount", "merchant": "merchant_id",
            "balance": "balance", "row_id": "row", "direction": {"column": "side", "into": "C", "out_of": "D"}, "kinds": kinds,
            "fraud": {"column": "fraud", "values": "True"},
        },
        "statistics": [{"id": name, "what": "a statistic", "role": "fit", "of": of} for name, of in STATISTICS.items()],
    }  # fmt: skip
    plain["owner"]["allowance"] = 10.0
    file = tmp_path_factory.mktemp("config") / "config.yaml"
    file.write_text(yaml.safe_dump(plain, sort_keys=False))
    return file


def test_run_and_its_statements_agree_exactly(run: Run, config: Path, tmp_path: Path) -> None:
    rows = statements_of(run)
    rows.assign(row=range(len(rows))).to_csv(tmp_path / "statements.csv", index=False)
    pack = aggregate(tmp_path / "statements.csv", config, 10, tmp_path / "pack.yaml").pack
    targets = [target for target in pack.targets if target.of]
    assert {"customers", "kind_mix", "balance", "sizes"} <= {target.id for target in targets}
    of_run, of_table = measure_postings(run, targets), measure_table(tmp_path / "statements.csv", read_config(config), targets)
    assert of_run == of_table
    assert of_run["customers"] > 100
    for name in ("kind_mix", "hours", "count", "balance", "typical"):
        found = of_run[name]
        assert isinstance(found, dict) and sum(found.values()) == pytest.approx(1, abs=1e-5), name
        assert sum(share > 0.01 for share in found.values()) > 2, f"{name}: one cell only"


def test_measured_beside_other_moments(run: Run, config: Path) -> None:
    told = {"what": "one", "value": 1, "unit": "share", "population": "all", "period": "2024", "source": "a test, 2024", "status": "seen",
            "role": "fit"}  # fmt: skip
    reading = {"reading": read_config(config).run.model_dump(exclude_none=True), "amounts": [0, 3000]}
    asked = {"statistic": {"profile": {"by": ["kind"]}}}
    pack = Pack.model_validate({"name": "p", "targets": [
        {**told, "id": "remote", "moment": "remote_share"},
        {**told, "id": "kinds", "value": {"card": 0.5, "cash": 0.1}, "moment": "customer_statistic", "of": {**reading, **asked}},
        {**told, "id": "few", "value": {"card": 0.5}, "moment": "customer_statistic", "of": {**reading, **asked, "least_days": 400}},
        {**told, "id": "people", "moment": "customers", "of": reading},
    ]})  # fmt: skip
    check_moments(pack.targets, "p")
    found = measure(run, pack.targets)
    assert found["people", ""] and 0 < found["kinds", "card"] < 1 and 0 < found["remote", ""] < 1  # type: ignore[operator]
    assert found["few", "card"] is None
    for wrong in ({}, {**reading, **asked, "seed": 1}, reading):
        with pytest.raises(InputError, match=r"kinds\.of"):
            check_moments([pack.targets[1].model_copy(update={"of": wrong})], "p")
    with pytest.raises(InputError, match="customer_statistic"):
        check_moments([Target.model_validate({**told, "id": "x", "moment": "nothing_known"})], "p")
