"""`ledgerfolk aggregate`: from a bank's table to a pack of targets, and that it never tells a row."""

import json
from collections.abc import Callable
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from made_up_bank import CONFIG, statements, write
from typer.testing import CliRunner

from calibration.compare import row
from calibration.measure import check_moments
from calibration.pack import read_pack
from calibration.private.aggregate import aggregate
from calibration.private.config import read_config
from calibration.private.from_table import part_of
from calibration.private.ledger import read_ledger
from calibration.private.measured import measure_table
from simulator.cli import app
from simulator.errors import InputError
from simulator.scenario.extend import shipped

SECRET = "Sentinel7391"
NUMBER = 73917391.73


def run(*words: object) -> Any:
    return CliRunner().invoke(app, ["aggregate", *map(str, words)])


@pytest.fixture(scope="module")
def bank() -> pa.Table:
    return statements(400, mean=15)


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Path]:
    def made(**changes: Any) -> Path:
        plain = yaml.safe_load(CONFIG.read_text())
        plain["owner"]["allowance"] = 5.0
        for path, value in changes.items():
            *way, last = path.split("__")
            place = plain
            for step in way:
                place = place[step]
            if value is None:
                place.pop(last)
            else:
                place[last] = value
        file = tmp_path / "bank.yaml"
        file.write_text(yaml.safe_dump(plain, sort_keys=False, default_flow_style=False))
        return file

    # Dates are text to the reader, and YAML 1.1 wants them quoted.
    return lambda **changes: made(period={"start": "2024-01-01", "end": "2024-03-31"}, delta=0.000001, **changes)


def test_pack_is_read_back_with_its_cost(bank: pa.Table, config: Callable[..., Path], tmp_path: Path) -> None:
    table, out = write(bank, tmp_path / "bank.parquet"), tmp_path / "pack.yaml"
    done = run(table, "--config", config(), "--rho", 1, "--out", out, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    pack = read_pack(out)
    check_moments(pack.targets, "pack")
    assert pack.ledger == told["ledger"]
    assert pack.ledger["rho"] == 1 and pack.ledger["epsilon"] == pytest.approx(7.77, abs=0.01)
    assert {"delta", "unit", "config", "code", "membership_advantage_at_most", "noise", "digest"} <= set(pack.ledger)
    assert [target.id for target in pack.targets] == ["customers", *(one.id for one in read_config(CONFIG).statistics)]
    assert all(target.status == "released" for target in pack.targets)
    assert {target.role for target in pack.targets} == {"fit", "hold-out", "report"}
    assert told["cells"] == told["suppressed"] + sum(len(target.components) for target in pack.targets[1:])
    # Noise is there, and what the errors say of it is so.
    truth = measure_table(table, read_config(config()), pack.targets)
    scores = [(target.components[name] - truth[target.id][name]) / target.error_of(name) for target in pack.targets[1:]
              for name in target.components]  # fmt: skip
    assert any(scores) and max(map(abs, scores)) < 6
    again = run(table, "--config", config(), "--rho", 1, "--out", out)
    assert again.exit_code == 2 and "--force" in again.output


def test_cells_that_are_few_are_left_out_and_noisy_ones_are_not_assessed(
    bank: pa.Table, config: Callable[..., Path], tmp_path: Path
) -> None:
    table, out = write(bank, tmp_path / "bank.parquet"), tmp_path / "pack.yaml"
    found = aggregate(table, config(), 0.005, out)
    assert found.suppressed > 0
    kept = [(target, name) for target in found.pack.targets[1:] for name in target.components]
    # Four hundred customers are hidden by the noise of this budget: nothing may pass on it.
    assert found.not_assessable == sum(not target.is_assessable(name) for target, name in kept) > len(kept) / 2
    for target, name in kept:
        if not target.is_assessable(name):
            assert row(target, name, target.components[name])["verdict"] == "not assessed"


def test_too_few_customers_release_nothing(config: Callable[..., Path], tmp_path: Path) -> None:
    table = write(statements(3, mean=9), tmp_path / "bank.parquet")
    with pytest.raises(InputError, match="fewer customers than 20"):
        aggregate(table, config(), 1, tmp_path / "pack.yaml")
    assert not (tmp_path / "pack.yaml").exists()


def test_ledger_stops_the_release_before_noise(bank: pa.Table, config: Callable[..., Path], tmp_path: Path) -> None:
    table, file = write(bank, tmp_path / "bank.parquet"), config(owner__allowance=1.5)
    assert run(table, "--config", file, "--rho", 1, "--out", tmp_path / "a.yaml").exit_code == 0
    refused = run(table, "--config", file, "--rho", 1, "--out", tmp_path / "b.yaml")
    assert refused.exit_code == 2
    assert "retail_bank.ledger.jsonl" in refused.output and "expected at most 0.5" in refused.output
    assert not (tmp_path / "b.yaml").exists()


def test_same_figures_from_csv_and_parquet_in_other_units(bank: pa.Table, config: Callable[..., Path], tmp_path: Path) -> None:
    targets = aggregate(write(bank, tmp_path / "bank.parquet"), config(), 1, tmp_path / "pack.yaml").pack.targets
    here = measure_table(tmp_path / "bank.parquet", read_config(config()), targets)
    frame = bank.to_pandas()
    frame["booked_at"] = [day.strftime("%d.%m.%Y") for day in frame["booked_at"]]
    cents = (frame["amount"] * 100).round().astype(int)
    frame["amount"] = cents.where(frame["side"] == "credit", -cents)
    frame["balance"] = (frame["balance"] * 100).round().astype(int)
    frame.to_csv(tmp_path / "bank.csv", sep=";", index=False)
    signed = config(table__date_format="%d.%m.%Y", table__per_unit=100, table__delimiter=";", table__direction=None)
    assert measure_table(tmp_path / "bank.csv", read_config(signed), targets) == here


def test_shipped_pack_is_paid_for() -> None:
    folder = CONFIG.parent
    config, pack = read_config(folder / "czech_1990s.yaml"), read_pack("czech_1990s")
    assert read_ledger(folder / "czech_bank.ledger.jsonl", config.owner.name) == [pack.ledger]
    assert pack.ledger["config"] == sha256((folder / "czech_1990s.yaml").read_bytes()).hexdigest()
    assert {target.id for target in pack.targets} <= {"customers", *(one.id for one in config.statistics)}
    assert "retail_bank" not in shipped("packs")


def test_parts_share_no_customer(bank: pa.Table, config: Callable[..., Path], tmp_path: Path) -> None:
    table = write(bank, tmp_path / "bank.parquet")
    halves = read_config(config(split={"parts": 2, "use": 0}))
    targets = aggregate(table, config(), 1, tmp_path / "pack.yaml").pack.targets[:1]
    counted = [measure_table(table, halves, targets, part)["customers"] for part in (0, 1)]
    names = set(bank["customer_id"].to_pylist())
    assert counted == [sum(part_of(name, 2) == part for name in names) for part in (0, 1)]
    assert measure_table(table, halves, targets)["customers"] == counted[1]


ONE = {"id": "x", "what": "one", "role": "fit"}
BAD_CONFIGS = {
    "bounds the wrong way": ({"amounts": [100, 10]}, "amounts: .* expected two rising numbers"),
    "bounds beyond all money": ({"amounts": [0, 1e15]}, "amounts: .* expected two rising numbers"),
    "negative bounds": ({"amounts": [-5, 10]}, "amounts"),
    "edges that fall": ({"statistics": [{**ONE, "of": {"histogram": {"of": "count", "edges": [3, 1]}}}]}, "edges: .* rising"),
    "same id twice": ({"statistics": [{**ONE, "of": {"profile": {"by": ["kind"]}}}] * 2}, "an id of its own"),
    "neither": ({"statistics": [{**ONE, "of": {}}]}, "either a profile or a histogram"),
    "no such kind": ({"statistics": [{**ONE, "of": {"profile": {"by": ["hour"]}, "where": {"kind": "y"}}}]}, "one or more of salary"),
    "no column": ({"table__balance": None}, "a column table.balance"),
    "delta of one": ({"delta": 1.0}, "delta"),
    "allowance of nothing": ({"owner__allowance": -1}, "allowance"),
    "kinds apart": ({"run__kinds": {"salary": {"direction": "in"}}}, "the kinds of the table"),
    "no such account": ({"run__accounts": ["currant"]}, "accounts: .* expected one or more of current"),
    "no such word": ({"run__kinds": {"salary": {"purpose": "wages"}}}, "one or more of none, purchase"),
    "unknown key": ({"seed": 3}, "no such key"),
    "share of nothing": ({"customers": 0}, "more than 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_CONFIGS)
def test_bad_config_is_told(name: str, bank: pa.Table, config: Callable[..., Path], tmp_path: Path) -> None:
    changes, expected = BAD_CONFIGS[name]
    made = config(**{key: value for key, value in changes.items() if key != "delta"})
    if "delta" in changes:
        made.write_text(made.read_text().replace("1.0e-06", "1.0"))
    with pytest.raises(InputError, match=expected) as told:
        aggregate(write(bank, tmp_path / "bank.parquet"), made, 1, tmp_path / "p.yaml")
    assert "bank.yaml:" in str(told.value)


@pytest.mark.parametrize("rho", [-0.1, 0, 1000, "nan", "inf"])
def test_bad_rho_is_told(rho: float, bank: pa.Table, config: Callable[..., Path], tmp_path: Path) -> None:
    told = run(write(bank, tmp_path / "bank.parquet"), "--config", config(), "--out", tmp_path / "p.yaml", "--rho", rho)
    assert told.exit_code == 2 and "--rho: found" in told.output


def spoil(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(column), column, values)


def some(table: pa.Table, column: str, value: Any, kind: pa.DataType | None = None) -> pa.Table:
    """Every fourth row with another value."""
    old = table[column].to_pylist()
    return spoil(table, column, pa.array([value if place % 4 == 0 else one for place, one in enumerate(old)], kind))


DIRTY: dict[str, tuple[Callable[[pa.Table], pa.Table], str]] = {
    "no rows": (lambda t: t.slice(0, 0), "a table without rows"),
    "no amount": (lambda t: t.drop_columns(["amount"]), "column 'amount': found no such column among 6"),
    "two amounts": (lambda t: t.append_column("amount", t["amount"]), "column 'amount': found 2 columns of that name"),
    "amounts in words": (lambda t: some(t.set_column(2, "amount", t["amount"].cast(pa.string())), "amount", SECRET),
                         r"column 'amount': found [\d,]+ rows that are no number"),
    "amounts of no number": (lambda t: some(t, "amount", float("nan")), "column 'amount': found .* no finite number"),
    "amounts missing": (lambda t: some(t, "amount", None), "column 'amount'"),
    "amounts negative": (lambda t: some(t, "amount", -NUMBER), "negative amounts"),
    "amounts in cents of cents": (lambda t: spoil(t, "amount", pa.array([NUMBER] * t.num_rows)), "rows outside the bounds"),
    "true amounts": (lambda t: spoil(t, "amount", pa.array([True] * t.num_rows)), "no numbers"),
    "dates in words": (lambda t: some(spoil(t, "booked_at", t["booked_at"].cast(pa.string())), "booked_at", SECRET),
                       r"column 'booked_at': found [\d,]+ rows that are no date"),
    "dates missing": (lambda t: some(t, "booked_at", None, pa.date32()), "no date"),
    "dates of another age": (lambda t: spoil(t, "booked_at", pa.array([0] * t.num_rows, pa.int32()).cast(pa.date32())), "no row of"),
    "customers missing": (lambda t: some(t, "customer_id", None), "column 'customer_id': found .* without a value"),
    "direction unknown": (lambda t: some(t, "side", SECRET), "column 'side'"),
    "direction missing": (lambda t: some(t, "side", None), "column 'side'"),
    "lists": (lambda t: spoil(t, "type", pa.array([[SECRET]] * t.num_rows)), "lists or records"),
    "bytes": (lambda t: spoil(t, "type", pa.array([b"\xff" + SECRET.encode()] * t.num_rows)), "column 'type': found bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", DIRTY)
def test_dirty_table_is_told_without_a_value(name: str, bank: pa.Table, config: Callable[..., Path], tmp_path: Path) -> None:
    dirty, expected = DIRTY[name]
    table = write(dirty(bank), tmp_path / "bank.parquet")
    with pytest.raises(InputError, match=expected) as told:
        aggregate(table, config(), 1, tmp_path / "p.yaml")
    assert "bank.parquet" in str(told.value)
    assert SECRET not in str(told.value) and "7391" not in str(told.value)
    assert not list(tmp_path.glob("*ledger*")), "what cannot be read costs nothing"


TEXTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "no header"),
    "header alone": (b"customer_id,booked_at,amount,side,type,merchant,balance\n", "without rows"),
    "no header": (f"{SECRET},2024-01-02,1,debit,card,{SECRET},1\n".encode(), "no such column among 7"),
    "a field too many": (b"customer_id,booked_at,amount,side,type,merchant,balance\nC1,2024-01-02,1,debit,card,m,1\n"
                         + f"C1,2024-01-02,1,debit,card,m,1,{SECRET}\n".encode(), "found 1 rows with more or fewer fields than the 7"),
    "not text": (b"customer_id,booked_at,amount,side,type,merchant,balance\n\xff\xfe" + SECRET.encode() + b",2024-01-02,1,debit,card,m,1\n",
                 "cannot be read|UTF-8"),
    "an open quote": (b"customer_id,booked_at,amount,side,type,merchant,balance\n" + f'"{SECRET},2024-01-02,1,debit,card,m,1\n'.encode(),
                      "bank.csv"),
    "another delimiter": (f"customer_id;booked_at;amount\n{SECRET};2024-01-02;1\n".encode(), "no such column among 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_odd_text_is_told_without_a_value(name: str, config: Callable[..., Path], tmp_path: Path) -> None:
    text, expected = TEXTS[name]
    (tmp_path / "bank.csv").write_bytes(text)
    (tmp_path / "bank.parquet").write_bytes(text)
    for file in ("bank.csv", "bank.parquet"):
        done = run(tmp_path / file, "--config", config(), "--rho", 1, "--out", tmp_path / "p.yaml")
        assert done.exit_code == 2 and done.exception.__class__ is SystemExit, done.output
        assert SECRET not in done.output and "Traceback" not in done.output
    with pytest.raises(InputError, match=expected):
        aggregate(tmp_path / "bank.csv", config(), 1, tmp_path / "p.yaml")


def test_repeated_ids_are_counted(bank: pa.Table, config: Callable[..., Path], tmp_path: Path) -> None:
    ids = [f"{SECRET}{place // 2 if place < 10 else place}" for place in range(bank.num_rows)]
    table = write(bank.append_column("id", pa.array(ids)), tmp_path / "bank.parquet")
    with pytest.raises(InputError, match=r"column 'id': found 5 repeated ids") as told:
        aggregate(table, config(table__row_id="id"), 1, tmp_path / "p.yaml")
    assert SECRET not in str(told.value)


VALUES = st.one_of(
    st.none(), st.just(SECRET), st.just(f"{SECRET},{NUMBER}\n"), st.just(NUMBER), st.just(-NUMBER), st.just(float("inf")), st.just(10**30),
    st.just(""), st.just("2024-02-30"), st.just("2024-01-15"), st.just("credit"), st.just(True),
)  # fmt: skip
KEYS = ("kind", "direction", "weekday", "third", "month_end", "hour")


@settings(max_examples=40, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(statements(2, mean=6).column_names), st.lists(VALUES, min_size=1, max_size=4), max_size=3),
    st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True), st.sampled_from(["sum", "length"]),
    st.sampled_from(["count", "value", "typical_amount", "share", "merchants", "balance"]),
    st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=6, unique=True).map(sorted),
    st.sampled_from(["everyone", "with_any"]),
    st.sampled_from([".csv", ".parquet"]),
)  # fmt: skip
def test_nothing_of_a_row_is_ever_told(
    tmp_path: Path, bank: pa.Table, config: Callable[..., Path], dirt: dict[str, list[Any]], by: list[str], scale: str, of: str,
    edges: list[float], whom: str, ending: str,
) -> None:  # fmt: skip
    frame = bank.slice(0, 1500).to_pandas().astype(object)
    for column, values in dirt.items():
        frame[column] = [values[place // 7 % len(values)] if place % 7 == 0 else one for place, one in enumerate(frame[column])]
    # Ids that would be known again, if any were told.
    frame["customer_id"] = [f"{SECRET}{one}" if isinstance(one, str) and one.startswith("C") else one for one in frame["customer_id"]]
    file = tmp_path / f"bank{ending}"
    if ending == ".csv":
        frame.to_csv(file, index=False)
    else:
        frame.astype(str).to_parquet(file)
    asked = [
        {"id": "a", "what": "one", "role": "fit", "of": {"profile": {"by": by, "scale": scale}, "whom": whom}},
        {"id": "b", "what": "two", "role": "fit", "of": {"histogram": {"of": of, "edges": edges}, "whom": whom}},
    ]
    book = tmp_path / "retail_bank.ledger.jsonl"
    out = tmp_path / "p.yaml"
    for path in (book, out):
        path.unlink(missing_ok=True)
    said = run(file, "--config", config(statistics=asked), "--rho", 1, "--out", out)
    assert said.exit_code in (0, 2), said.output
    assert said.exception is None or isinstance(said.exception, SystemExit)
    written = "".join(path.read_text() for path in (book, out) if path.exists())
    for told in (said.output, written):
        assert SECRET not in told and "7391739" not in told and "Traceback" not in told


@pytest.mark.parametrize("name", ["retail_bank", "czech_1990s"])
def test_check_and_schema_know_releases(name: str, tmp_path: Path) -> None:
    shipped = Path(str(files("calibration") / "configs" / f"{name}.yaml"))
    said = CliRunner().invoke(app, ["check", str(shipped)])
    assert said.exit_code == 0 and f"release '{name}' is valid" in said.stdout
    schema = json.loads(CliRunner().invoke(app, ["schema", "release"]).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    tree = json.loads(json.dumps(yaml.safe_load(shipped.read_text(encoding="utf-8")), default=str))
    jsonschema.Draft202012Validator(schema).validate(tree)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**tree, "statistics": "all"})
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(shipped.read_text(encoding="utf-8").replace("least_customers: ", "least_customers: -"), encoding="utf-8")
    said = CliRunner().invoke(app, ["check", str(wrong)])
    assert said.exit_code == 2 and "least_customers" in said.output
