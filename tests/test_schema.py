"""The schema registry says what the contract says, and every column is documented."""

from enum import IntEnum

import pyarrow as pa
import pytest

from simulator import codes
from simulator.record.schema import TABLES, arrow_schema

CONTRACT_TABLES = """transactions customers merchants banks accounts cards devices terminals holders identifiers events alerts cases reports
applications loans credit_months daily bank_months truth/labels truth/stories truth/accounts truth/traits truth/unseen truth/balances
truth/balance_sheet""".split()
CONTRACT_TRANSACTIONS = """transaction_id timestamp settled_at message related_transaction_id payer_account payee_account payer_bank
payee_bank amount currency credited_amount credited_currency method channel purpose entry_mode authentication
payee_check mcc merchant_id terminal_id country card_id device_id ip_id status decline_reason payer_balance
payee_balance""".split()
VIEWS = {"both banks", "payer bank", "payee bank", "bank", "everyone", "truth"}


def test_the_tables_are_those_of_the_contract() -> None:
    assert sorted(TABLES) == sorted(CONTRACT_TABLES)
    assert [name for name, table in TABLES.items() if table.truth] == [name for name in TABLES if name.startswith("truth/")]
    assert {name for name, table in TABLES.items() if table.partitioned} == {"transactions", "truth/unseen"}
    assert TABLES["truth/labels"].file == "truth/labels.parquet"


def test_transactions_have_the_columns_of_the_contract_in_order() -> None:
    assert TABLES["transactions"].names == CONTRACT_TRANSACTIONS
    assert TABLES["truth/unseen"].columns == TABLES["transactions"].columns
    schema = arrow_schema("transactions")
    narrow = {"payer_bank": pa.int16(), "payee_bank": pa.int16(), "mcc": pa.int16(), "merchant_id": pa.int32(), "amount": pa.float64()}
    assert {name: schema.field(name).type for name in narrow} == narrow
    assert schema.field("timestamp").type == schema.field("settled_at").type == pa.timestamp("us", tz="UTC")
    for name in schema.names:
        if (name.endswith("_id") and name != "merchant_id") or name.endswith("_account"):
            assert schema.field(name).type == pa.int64(), name


@pytest.mark.parametrize("name", CONTRACT_TABLES)
def test_every_column_is_documented(name: str) -> None:
    table = TABLES[name]
    assert table.meaning
    assert len(set(table.names)) == len(table.names)
    for column in table.columns:
        assert column.meaning.strip() and "\n" not in column.meaning and "|" not in column.meaning, column.name
        assert column.view in VIEWS, column.name
        assert column.name == column.name.lower() and column.name.isidentifier(), column.name


def test_every_code_list_of_payments_is_used_and_fits_its_column() -> None:
    used = {column.codes: column for table in TABLES.values() for column in table.columns if column.codes}
    listed = {thing for thing in vars(codes).values() if isinstance(thing, type) and issubclass(thing, IntEnum) and thing is not IntEnum}
    # What the planner tells the ledger, and what the tables of devices and events say in their own words.
    inner = {codes.Follow, codes.Schedule, codes.Device, codes.Network, codes.Event}
    assert set(used) - inner == listed - inner
    for code_list, column in used.items():
        assert pa.types.is_dictionary(column.type), column.name
        assert len(code_list) < 128 or column.type.index_type != pa.int8()


def test_no_column_or_order_of_observable_tables_names_a_label() -> None:
    for table in TABLES.values():
        if not table.truth:
            assert not {"is_fraud", "is_laundering", "story_id", "typology", "lookalike_of", "archetype"} & set(table.names)


def test_arrow_fields_carry_unit_meaning_and_view() -> None:
    field = arrow_schema("transactions").field("amount")
    assert field.metadata == {
        b"unit": b"currency units",
        b"meaning": b"what the payer is asked for, exact to the minor unit",
        b"view": b"both banks",
    }
    assert not field.nullable
    assert arrow_schema("customers").field("valid_to").nullable
    assert all(field.metadata[b"view"] == b"truth" for field in arrow_schema("truth/unseen"))
    assert arrow_schema("transactions", ["status", "amount"]).names == ["status", "amount"]
