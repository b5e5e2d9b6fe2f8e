"""Finished rows turned into the columns of the payments tables."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.codes import Authentication, Channel, EntryMode, Message, Method, PayeeCheck, Purpose, Reason, Status, words
from simulator.kernel import kernel
from simulator.population.accounts import CREDIT_CARD, CURRENT, PERSON_ROWS, PURSE
from simulator.population.devices import device_row, network_row, token_of
from simulator.population.equipment import TOKEN, card_row
from simulator.population.identity import BITS, Kind, public_id
from simulator.population.presence import NEVER
from simulator.record.schema import arrow_schema
from simulator.records import Records

_WORDS: dict[str, type[IntEnum]] = {
    "message": Message,
    "method": Method,
    "channel": Channel,
    "purpose": Purpose,
    "entry_mode": EntryMode,
    "authentication": Authentication,
    "payee_check": PayeeCheck,
    "status": Status,
    "decline_reason": Reason,
}
_FIELDS = {"entry_mode": "entry", "decline_reason": "reason", "payee_check": "check"}
SCHEMA = arrow_schema("transactions")
DAY = 86_400_000_000
HALF = BITS // 2


class Names(NamedTuple):
    """Public ids and facts by row, as the payments tables show them."""

    account: NDArray[np.int64]
    """Public id by account row."""
    bank: NDArray[np.int16]
    """Bank by account row, -1 for none."""
    firm: NDArray[np.int32]
    """Public id by firm row."""
    terminal: NDArray[np.int64]
    """Public id by terminal."""
    first_terminal: NDArray[np.int64]
    """First terminal by firm row."""
    abroad: int
    """First account row that may be in a foreign currency."""
    currency: NDArray[np.int16]
    """Place of the currency of the rows from there up to the banks: countries abroad and dealers."""
    unit: NDArray[np.float64]
    """Minor units in a unit, by currency."""
    machine: NDArray[np.int64]
    """Public id by cash machine."""
    desks: NDArray[np.int8]
    """Computers that the staff of a firm share."""
    gear: NDArray[np.int64]
    """Devices by person, see `simulator.population.devices`."""
    keys: NDArray[np.uint64]
    """What ids that no table holds are computed with, see `simulator.population.identity`."""
    start: int
    """First day of the run, since 1970."""
    tokens: int
    """1 where wallets hold cards."""


@kernel
def _currency(names: Names, row: int) -> int:
    """Place of the currency of an account row; the home currency is 0."""
    place = row - names.abroad
    return int(names.currency[place]) if 0 <= place < names.currency.shape[0] else 0


@kernel
def _fill(
    rows: Records,
    count: int,
    names: Names,
    people: int,
    time: NDArray[np.int64],
    payer: NDArray[np.int64],
    payee: NDArray[np.int64],
    payer_bank: NDArray[np.int16],
    payee_bank: NDArray[np.int16],
    amount: NDArray[np.float64],
    credited: NDArray[np.float64],
    currency: NDArray[np.int16],
    credited_currency: NDArray[np.int16],
    country: NDArray[np.int16],
    settled: NDArray[np.int64],
    related: NDArray[np.int64],
    mcc: NDArray[np.int16],
    merchant: NDArray[np.int32],
    terminal: NDArray[np.int64],
    payer_balance: NDArray[np.float64],
    payee_balance: NDArray[np.float64],
) -> None:
    for i in range(count):
        from_row = np.int64(rows.payer[i])
        to_row = np.int64(rows.payee[i])
        firm = np.int64(rows.firm[i])
        time[i] = rows.time[i]
        payer[i] = names.account[from_row]
        payee[i] = names.account[to_row]
        payer_bank[i] = names.bank[from_row]
        payee_bank[i] = names.bank[to_row]
        of, to = _currency(names, from_row), _currency(names, to_row)
        currency[i], credited_currency[i] = of, to
        amount[i] = rows.amount[i] / names.unit[of]
        credited[i] = rows.credited[i] / names.unit[to]
        country[i] = rows.country[i]
        settled[i] = rows.settled[i]
        related[i] = rows.related[i]
        mcc[i] = rows.mcc[i]
        merchant[i] = names.firm[firm] if firm >= 0 else -1
        at = np.int64(rows.terminal[i])
        terminal[i] = -1
        if at >= 0:
            terminal[i] = names.terminal[names.first_terminal[firm] + at] if firm >= 0 else names.machine[np.int64(rows.place[i])]
        payer_balance[i] = rows.payer_balance[i] / names.unit[of]
        payee_balance[i] = rows.payee_balance[i] / names.unit[to]


@kernel
def _find_things(
    rows: Records, count: int, names: Names, people: int, card: NDArray[np.int64], device: NDArray[np.int64], ip: NDArray[np.int64]
) -> None:
    """Rows of the cards, devices and networks that payments are made with; -1 for none."""
    for i in range(count):
        from_row = np.int64(rows.payer[i])
        person = from_row // PERSON_ROWS if from_row < people * PERSON_ROWS else -1
        since = rows.time[i] // DAY - names.start
        made = np.int64(rows.equipment[i])
        card[i] = -1
        method, which = np.int64(rows.method[i]), np.int64(rows.card[i])
        if method == Method.CARD or (method == Method.WALLET and which & TOKEN):
            holder = from_row if person >= 0 else np.int64(rows.payee[i])
            slot = holder % PERSON_ROWS
            if holder < people * PERSON_ROWS and (slot == CURRENT or slot == CREDIT_CARD):
                owner = holder // PERSON_ROWS
                token = token_of(names.gear[owner], since) if which & TOKEN else 0
                if method == Method.CARD or names.tokens == 1:
                    card[i] = card_row(owner * 2 + (1 if slot == CREDIT_CARD else 0), which & ~TOKEN, token)
        device[i] = -1
        ip[i] = -1
        place = np.int64(rows.place[i])
        if made & 7 > 0:
            device[i] = device_row(names.gear, names.desks, made & 7, person, place, since)
        if made >> 3 > 0:
            ip[i] = network_row(names.gear, made >> 3, person, place, since)


@kernel
def name_rows(keys: NDArray[np.uint64], kind: int, column: NDArray[np.int64]) -> None:
    """Rows of things as public ids, in place; -1 stays. Apart from what finds the rows, for so it runs in vector registers."""
    for i in range(column.shape[0]):
        row = column[i]
        named = public_id(keys, kind, max(0, row), HALF)
        column[i] = named if row >= 0 else -1


class Emitter:
    """Turns finished rows into Arrow tables.

    Args:
        names: public ids by row.
        people: rows of `simulator.population.people.People`, whose account rows come first.
        currencies: ISO 4217, home first.
        countries: ISO 3166-1, home first.
    """

    def __init__(self, names: Names, people: Records, currencies: list[str], countries: list[str]) -> None:
        self._names, self._people, self._everyone = names, len(people), people
        self._later = np.flatnonzero(people.joined == NEVER)
        """Rows whose bank is not known before somebody changes to it."""
        self._currencies, self._countries = pa.array(currencies, pa.string()), pa.array(countries, pa.string())

    def table(self, rows: Records, count: int, first_id: int) -> pa.Table:
        """The first ``count`` rows as a table of payments, numbered from ``first_id``."""
        banks = self._names.bank[: self._people * PERSON_ROWS].reshape(-1, PERSON_ROWS)
        banks[self._later, :PURSE] = self._everyone.bank[self._later, None]
        whole = {
            name: np.empty(count, np.int64) for name in ("time", "settled", "payer", "payee", "related", "terminal", "card", "device", "ip")
        }
        small = {
            name: np.empty(count, np.int16) for name in ("payer_bank", "payee_bank", "mcc", "currency", "credited_currency", "country")
        }
        money = {name: np.empty(count, np.float64) for name in ("amount", "credited", "payer_balance", "payee_balance")}
        merchant = np.empty(count, np.int32)
        _fill(
            rows,
            count,
            self._names,
            self._people,
            whole["time"],
            whole["payer"],
            whole["payee"],
            small["payer_bank"],
            small["payee_bank"],
            money["amount"],
            money["credited"],
            small["currency"],
            small["credited_currency"],
            small["country"],
            whole["settled"],
            whole["related"],
            small["mcc"],
            merchant,
            whole["terminal"],
            money["payer_balance"],
            money["payee_balance"],
        )
        _find_things(rows, count, self._names, self._people, whole["card"], whole["device"], whole["ip"])
        for kind, name in ((Kind.CARD, "card"), (Kind.DEVICE, "device"), (Kind.NETWORK, "ip")):
            name_rows(self._names.keys, int(kind), whole[name])
        zeros = np.zeros(count, np.int8)
        columns: dict[str, pa.Array] = {
            "transaction_id": pa.array(np.arange(first_id, first_id + count)),
            "timestamp": pa.array(whole["time"]).view(SCHEMA.field("timestamp").type),
            "settled_at": pa.array(whole["settled"]).view(SCHEMA.field("settled_at").type),
            "related_transaction_id": pa.array(whole["related"]),
            "payer_account": pa.array(whole["payer"]),
            "payee_account": pa.array(whole["payee"]),
            "payer_bank": pa.array(small["payer_bank"]),
            "payee_bank": pa.array(small["payee_bank"]),
            "amount": pa.array(money["amount"]),
            "currency": pa.DictionaryArray.from_arrays(small["currency"], self._currencies),
            "credited_amount": pa.array(money["credited"]),
            "credited_currency": pa.DictionaryArray.from_arrays(small["credited_currency"], self._currencies),
            "mcc": pa.array(small["mcc"]),
            "merchant_id": pa.array(merchant),
            "terminal_id": pa.array(whole["terminal"]),
            "country": pa.DictionaryArray.from_arrays(small["country"], self._countries),
            "card_id": pa.array(whole["card"]),
            "device_id": pa.array(whole["device"]),
            "ip_id": pa.array(whole["ip"]),
            "payer_balance": pa.array(money["payer_balance"]),
            "payee_balance": pa.array(money["payee_balance"]),
        }
        for name, codes in _WORDS.items():
            field = _FIELDS.get(name, name)
            code = np.ascontiguousarray(rows[field][:count]) if field in (rows.dtype.names or ()) else zeros
            columns[name] = pa.DictionaryArray.from_arrays(code, words(codes))
        return pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)
