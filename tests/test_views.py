"""Views and time: a bank sees what it knew that day and nothing else, in every table."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_banks import BANKS, DAYS, START, Row, Town
from what_is_known import AHEAD, PUBLIC, SCHEME, TIMES, VIEWS, Observer, StandIn

from simulator.codes import words
from simulator.errors import InputError
from simulator.record import view as view_module
from simulator.record.alias import FIRST, aliases, siphash, viewer_key
from simulator.record.files import rows_of
from simulator.record.read import Run, open_run
from simulator.record.schema import TABLES
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

SEEDS = st.integers(0, 5)
EYES = st.sampled_from(["all", "scheme=card", *(f"bank={bank}" for bank in range(BANKS))])
DATES = st.none() | st.integers(-5, DAYS + 5).map(lambda day: START.date() + timedelta(day))
MOMENTS = DATES | st.integers(-5, DAYS * 24).map(lambda hour: START + timedelta(hours=hour))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("towns")


@pytest.fixture(scope="module")
def run(place: Path) -> Run:
    return town(place, 1)[0]


@cache
def town(place: Path, seed: int) -> tuple[Run, dict[str, list[Row]]]:
    made = Town(seed)
    return open_run(made.write(place / str(seed))), made.rows


@cache
def real_town(place: Path) -> tuple[Run, dict[str, list[Row]]]:
    run_scenario(load_scenario(Path(__file__).with_name("tiny_town.yaml")), place / "real")
    run = open_run(place / "real")
    return run, {name: run.table(name).to_pylist() for name in TABLES}


def looked_at(run: Run, view: str, when: date | datetime | None) -> Run:
    seen = run.view(view)
    return seen if when is None else seen.as_of(when)


def observer(rows: dict[str, list[Row]], view: str, when: date | datetime | None) -> Observer:
    if when is None or isinstance(when, datetime):
        return Observer(rows, view, when and when + timedelta(microseconds=1))
    return Observer(rows, view, datetime(when.year, when.month, when.day, tzinfo=UTC) + timedelta(1))


def same(found: list[Row], expected: list[Row], names: dict[int, int]) -> None:
    """Rows are equal, but for stand-ins: each account has one, which no other has."""
    assert len(found) == len(expected)
    for row, other in zip(found, expected, strict=True):
        for column, value in other.items():
            if isinstance(value, StandIn):
                assert FIRST <= row[column] < 2 * FIRST
                assert names.setdefault(value.account, row[column]) == row[column]
            else:
                assert row[column] == value, (column, row, other)
    assert len(set(names.values())) == len(names)


def values(table: pa.Table) -> Iterator[tuple[str, Any]]:
    """Every value of a table that stands for itself, words of dictionaries that no row has among them."""
    for name in table.column_names:
        column = table[name].combine_chunks()
        if pa.types.is_dictionary(column.type):
            yield from ((name, word) for word in column.dictionary.to_pylist())
        elif pa.types.is_list(column.type):
            yield from ((name, item) for item in column.flatten().to_pylist())
        else:
            yield from ((name, value) for value in column.to_pylist())


@settings(max_examples=25)
@given(seed=SEEDS, view=EYES, when=MOMENTS)
def test_every_table_shows_what_the_observer_knew(place: Path, seed: int, view: str, when: date | datetime | None) -> None:
    run, rows = town(place, seed)
    seen, knows = looked_at(run, view, when), observer(rows, view, when)
    tables = list(TABLES) if view == "all" else [name for name in TABLES if not name.startswith("truth/")]
    assert [name for name in seen.tables if name != "labels"] == [name for name in tables if view != "scheme=card" or name in SCHEME]
    names: dict[int, int] = {}
    for name in seen.tables:
        if name != "labels":
            table = seen.table(name)
            table.validate(full=True)
            assert all(field.nullable or not table[field.name].null_count for field in table.schema)
            same(table.to_pylist(), knows.table(name), names)


@settings(max_examples=25)
@given(seed=SEEDS, bank=st.integers(0, BANKS - 1), when=DATES)
def test_nothing_that_only_other_banks_know(place: Path, seed: int, bank: int, when: date | None) -> None:
    """No key, number or word of a bank's view stands only in rows of others."""
    run, rows = town(place, seed)

    def big(value: Any) -> bool:
        return (isinstance(value, str) and " " in value) or (isinstance(value, int | float) and value > 1000)

    own: set[Any] = set(range(len(rows["transactions"])))
    others: set[Any] = set()
    met = {row["device_id"] for row in rows["transactions"] if row["payer_bank"] == bank}
    met |= {row["device_id"] for row in rows["events"] if row["bank"] == bank}
    accounts = {row["account_id"] for row in rows["accounts"] if row["bank"] == bank}
    customers = {row["customer_id"] for row in rows["customers"] if row["bank"] == bank}
    for name, listed in rows.items():
        for row in listed:
            for column, value in row.items():
                if VIEWS[name, column] == "everyone" and name in PUBLIC:
                    mine = True
                elif name == "transactions":
                    side = VIEWS[name, column]
                    mine = bank in (row["payer_bank"], row["payee_bank"])
                    mine = mine and (side == "both banks" or row[side.replace(" ", "_")] == bank)
                else:
                    mine = row.get("bank") == bank or ("bank" not in row and name in ("holders", "identifiers", "devices"))
                    mine = mine and (name != "holders" or row["account_id"] in accounts)
                    mine = mine and (name != "identifiers" or row["customer_id"] in customers)
                    mine = mine and (name != "devices" or row["device_id"] in met)
                found = value if isinstance(value, list) else [value]
                (own if mine else others).update(item for item in found if not isinstance(item, dict) and big(item))
    secret = others - own
    assert len(secret) > 500
    seen = looked_at(run, f"bank={bank}", when)
    leaked = {(name, column, value) for name in seen.tables for column, value in values(seen.table(name)) if value in secret}
    assert not leaked


@settings(max_examples=25)
@given(seed=SEEDS, view=EYES, when=DATES.filter(bool))
def test_nothing_from_after_the_date(place: Path, seed: int, view: str, when: date) -> None:
    run, rows = town(place, seed)
    seen = looked_at(run, view, when)
    later = {row["transaction_id"] for row in rows["transactions"] if row["timestamp"].date() > when}
    for name in seen.tables:
        table = seen.table(name)
        for field in table.schema:
            if pa.types.is_temporal(field.type) and (name, field.name) not in AHEAD:
                days = [value.date() if isinstance(value, datetime) else value for value in table[field.name].to_pylist() if value]
                assert max(days, default=when) <= when, (name, field.name)
            if field.name in ("transaction_id", "related_transaction_id") and name != "truth/unseen":
                assert not later & set(table[field.name].to_pylist())


@settings(max_examples=25)
@given(seed=SEEDS, view=EYES.filter(lambda view: view != "scheme=card"), when=MOMENTS)
def test_labels_are_what_was_believed_that_day(place: Path, seed: int, view: str, when: date | datetime | None) -> None:
    run, rows = town(place, seed)
    seen = looked_at(run, view, when)
    expected = observer(rows, view, when).labels()
    assert seen.labels().to_pylist() == [expected[payment] for payment in sorted(expected)]
    assert seen.labels().equals(seen.table("labels"))


@settings(max_examples=25)
@given(seed=SEEDS, view=EYES, when=DATES)
def test_conditions_and_columns_choose_from_what_is_seen(place: Path, seed: int, view: str, when: date | None) -> None:
    """Also where a condition speaks of a column that is masked: it cannot ask what the viewer may not know."""
    run, _ = town(place, seed)
    seen = looked_at(run, view, when)
    whole = seen.transactions()
    for where in (
        pc.field("payer_balance") > 0,
        pc.field("device_id") >= 0,
        (pc.field("channel") == "online") | pc.field("settled_at").is_valid(),
    ):
        narrow = seen.transactions(["payee_account", "related_transaction_id"], where)
        assert narrow.to_pylist() == whole.filter(where).select(["payee_account", "related_transaction_id"]).to_pylist()
    by_month = [
        row
        for month in seen.months("transactions") or ()
        for batch in seen.batches("transactions", month=month)
        for row in batch.to_pylist()
    ]
    assert by_month == whole.to_pylist()
    name = pc.field("name") == "shop 1"
    assert seen.merchants(["valid_from"], name).to_pylist() == seen.merchants(where=name).select(["valid_from"]).to_pylist()


@pytest.mark.parametrize("view", ["all", "bank=0", "bank=1", "scheme=card"])
def test_a_run_of_the_simulator(place: Path, view: str) -> None:
    run, rows = real_town(place)
    for when in (None, date(2024, 3, 3)):
        seen, knows = looked_at(run, view, when), observer(rows, view, when)
        names: dict[int, int] = {}
        for name in seen.tables:
            if name != "labels":
                same(seen.table(name).to_pylist(), knows.table(name), names)
        assert 0 < seen.transactions().num_rows <= len(rows["transactions"]) - (view != "all")


def test_a_view_is_streamed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Month by month, batch by batch, and no month after the day."""
    opened: list[Path] = []

    def note(file: Path, *rest: Any) -> Iterator[pa.RecordBatch]:
        opened.extend([file] if "month=" in str(file) else [])
        return rows_of(file, *rest)

    monkeypatch.setattr("simulator.record.seen.rows_of", note)
    parts = run.files("transactions")
    batches = run.view("bank=1").batches("transactions", ["amount", "payee_account"])
    assert len(next(batches)) > 0 and opened == parts[:1]
    list(run.as_of("2024-02-10", bank=1).batches("transactions", ["amount"]))
    assert opened[1:] == parts[:2] and len(parts) > 2


def test_two_banks_cannot_join_what_they_see_of_accounts(place: Path) -> None:
    run, rows = town(place, 1)
    seen = []
    for view in ("bank=0", "bank=1", "scheme=card"):
        table = run.view(view).transactions(["payer_account", "payee_account"])
        seen.append({account for column in table.columns for account in column.to_pylist() if account >= FIRST})
    assert all(seen) and not any(seen[one] & seen[two] for one, two in ((0, 1), (0, 2), (1, 2)))
    accounts = np.array([row["account_id"] for row in rows["accounts"]])
    public = [aliases(accounts, viewer_key({}, view)) for view in ("bank=0", "bank=1")]
    assert not any(set(table.tolist()) & stand_ins for table in public for stand_ins in seen), "the key is the run's"


def test_siphash_is_the_published_one() -> None:
    """The reference vector of Aumasson and Bernstein for eight bytes."""
    message = np.frombuffer(bytes(range(8)), "<u8").copy()
    assert siphash(message, bytes(range(16))).tolist() == [0x93F5F5799A932462]
    assert aliases(np.array([-1, 5, 5]), bytes(16)).tolist()[0] == -1


def test_views_and_days_compose(run: Run) -> None:
    day, earlier = date(2024, 3, 1), date(2024, 2, 1)
    ways = [
        run.as_of(day, bank=1),
        run.view("bank=1").as_of(day),
        run.as_of(day).view("bank=1"),
        open_run(run.path, "bank=1").as_of("2024-03-01", bank=1),
        run.as_of(day).as_of("2024-03-09", bank=1),
        run.as_of(datetime(2024, 3, 1, 23, 59, 59, 999_999)),
    ]
    assert len({str(way.viewpoint) for way in ways[:-1]}) == 1 and repr(ways[0]).endswith("view='bank=1 as of 2024-03-01')")
    assert all(way.reports().equals(ways[0].reports()) for way in ways[:-1])
    assert ways[-1].viewpoint == run.as_of(day).viewpoint
    assert run.as_of(day).as_of(earlier).viewpoint == run.as_of(earlier).viewpoint
    assert run.as_of("1999-01-01").transactions().num_rows == 0
    assert run.as_of("9000-01-01").reports().equals(run.reports())
    assert run.true_labels().equals(run.table("truth/labels"))


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda run: run.view("bank=3"), "found 'bank=3', expected a bank of the run: 0, 1, 2"),
        (lambda run: open_run(run.path, "bank"), "found 'bank', expected 'all', 'bank='"),
        (lambda run: open_run(run.path, "scheme=cash"), "found 'scheme=cash'"),
        (lambda run: run.view("bank=1").view("all"), "found 'all' asked of the view 'bank=1'"),
        (lambda run: run.view("bank=1").as_of("2024-02-01", bank=2), "found 'bank=2' asked of the view 'bank=1'"),
        (lambda run: run.view("scheme=card").as_of("2024-02-01", bank=2), "found 'bank=2' asked of the view 'scheme=card'"),
        (lambda run: run.as_of("yesterday"), "found 'yesterday', expected a date such as"),
        (lambda run: run.as_of("2024-02-30"), "found '2024-02-30'"),
        (lambda run: run.as_of("9999-12-31"), "found '9999-12-31'"),
        (lambda run: run.as_of(20240230), "found '20240230'"),
        (lambda run: run.view("bank=1").stories(), "truth/stories: found in the view 'bank=1', expected a table of it: transactions"),
        (lambda run: run.view("scheme=card").labels(), "table: found 'labels', expected one of transactions, merchants"),
        (lambda run: run.view("scheme=card").customers(), "customers: found in the view 'scheme=card'"),
        (lambda run: run.view("bank=1").true_labels(), "truth/labels: found in the view 'bank=1'"),
        (lambda run: run.as_of("2024-02-01").files("cards"), "found the view 'all as of 2024-02-01', expected 'all'"),
        (lambda run: run.view("bank=1").transactions(["amuont"]), "found column 'amuont'"),
        (lambda run: run.view("bank=1").transactions(where=pc.field("amuont") > 0), "amuont"),
    ],
)
def test_what_cannot_be_seen_is_one_line(run: Run, ask: Any, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        ask(run)
    assert "\n" not in str(caught.value) or "amuont" in says


def test_the_registry_says_of_every_table_who_sees_it_and_when() -> None:
    for name, table in TABLES.items():
        assert table.time == TIMES.get(name, "") and (table.time or table.links), name
        for link in table.links:
            assert link.column in table.names and link.of in TABLES[link.table].names, name
        owner = {"bank", "payer_bank"} & set(table.names)
        assert owner or table.truth or table.public or table.links, f"{name}: which rows are a bank's?"
        for column in table.columns:
            assert column.known_at in ("", *table.names) and column.refers in ("", *TABLES), (name, column.name)
            assert not column.known_at or pa.types.is_temporal(table.column(column.known_at).type)
            if isinstance(column.before, str) and column.codes:
                assert column.before in words(column.codes)
            if column.view != "everyone" and table.public:
                assert "bank" in table.names, name
            if pa.types.is_temporal(column.type) and not table.truth and column.name != table.time and column.known != "ahead":
                assert column.nullable or column.name in ("opened", "issued", "onboarding_date"), "a view of an earlier day may miss it"


def test_the_page_says_what_a_card_network_sees() -> None:
    page = Path(view_module.__file__).with_name("VIEWS.md").read_text(encoding="utf-8")
    network = page.split("A card network (`scheme=card`) sees:")[1].split("## When")[0]
    for table in TABLES.values():
        seen = not table.truth and (table.public or table.scheme is not None)
        assert (f"`{table.name}`" in network) == seen, table.name
        assert all(f"`{column.name}`" in network for column in table.columns if column.scheme), table.name
