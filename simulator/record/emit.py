"""Finished rows turned into the columns of the payments tables."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.codes import Authentication, Channel, EntryMode, Message, Method, PayeeCheck, Purpose, Reason, Status, words
from simulator.kernel import kernel, step
from simulator.population.accounts import CREDIT_CARD, CURRENT, PERSON_ROWS, PURSE
from simulator.population.devices import device_row, network_row, token_of
from simulator.population.equipment import TOKEN, card_row
from simulator.population.identity import BITS, Kind, public_id
from simulator.population.presence import NEVER
from simulator.record.schema import arrow_schema
from simulator.records import AHEAD, Records, row_type

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


class Columns(NamedTuple):
    """Columns of a chunk of payments, of equal length."""

    time: NDArray[np.int64]
    settled: NDArray[np.int64]
    related: NDArray[np.int64]
    payer: NDArray[np.int64]
    payee: NDArray[np.int64]
    terminal: NDArray[np.int64]
    card: NDArray[np.int64]
    device: NDArray[np.int64]
    ip: NDArray[np.int64]
    amount: NDArray[np.float64]
    credited: NDArray[np.float64]
    payer_balance: NDArray[np.float64]
    payee_balance: NDArray[np.float64]
    merchant: NDArray[np.int32]
    payer_bank: NDArray[np.int16]
    payee_bank: NDArray[np.int16]
    mcc: NDArray[np.int16]
    currency: NDArray[np.int16]
    credited_currency: NDArray[np.int16]
    country: NDArray[np.int16]
    message: NDArray[np.int8]
    method: NDArray[np.int8]
    channel: NDArray[np.int8]
    purpose: NDArray[np.int8]
    entry: NDArray[np.int8]
    authentication: NDArray[np.int8]
    check: NDArray[np.int8]
    status: NDArray[np.int8]
    reason: NDArray[np.int8]


_ROOM = row_type(Columns)


@step
def _touch(rows: Records, first: int, last: int, names: Names) -> int:
    """Read what rows of a chunk name, so that it comes to the cache side by side and not one after the other."""
    read = np.int64(0)
    for i in range(first, last):
        payer, payee = rows.payer[i], rows.payee[i]
        read ^= names.account[payer] ^ names.account[payee] ^ np.int64(names.bank[payer]) ^ np.int64(names.bank[payee])
    return int(read)


@step
def _name_parties(rows: Records, first: int, last: int, names: Names, out: Columns) -> None:
    for i in range(first, last):
        payer, payee = np.int64(rows.payer[i]), np.int64(rows.payee[i])
        out.payer[i], out.payee[i] = names.account[payer], names.account[payee]
        out.payer_bank[i], out.payee_bank[i] = names.bank[payer], names.bank[payee]
        of, to = _currency(names, payer), _currency(names, payee)
        out.currency[i], out.credited_currency[i] = of, to
        out.amount[i] = rows.amount[i] / names.unit[of]
        out.credited[i] = rows.credited[i] / names.unit[to]
        out.payer_balance[i] = rows.payer_balance[i] / names.unit[of]
        out.payee_balance[i] = rows.payee_balance[i] / names.unit[to]
        firm, at = np.int64(rows.firm[i]), np.int64(rows.terminal[i])
        out.merchant[i] = names.firm[firm] if firm >= 0 else -1
        out.terminal[i] = -1
        if at >= 0:
            out.terminal[i] = names.terminal[names.first_terminal[firm] + at] if firm >= 0 else names.machine[np.int64(rows.place[i])]


@step
def _copy(rows: Records, first: int, last: int, out: Columns) -> None:
    for i in range(first, last):
        out.time[i] = rows.time[i]
        out.settled[i] = rows.settled[i]
        out.related[i] = rows.related[i]
        out.mcc[i] = rows.mcc[i]
        out.country[i] = rows.country[i]
        out.message[i] = rows.message[i]
        out.method[i] = rows.method[i]
        out.channel[i] = rows.channel[i]
        out.purpose[i] = rows.purpose[i]
        out.entry[i] = rows.entry[i]
        out.authentication[i] = rows.authentication[i]
        out.check[i] = rows.check[i]
        out.status[i] = rows.status[i]
        out.reason[i] = rows.reason[i]


@step
def _find_things(rows: Records, first: int, last: int, names: Names, people: int, out: Columns) -> None:
    """Rows of the cards, devices and networks that payments are made with; -1 for none."""
    for i in range(first, last):
        from_row = np.int64(rows.payer[i])
        person = from_row // PERSON_ROWS if from_row < people * PERSON_ROWS else -1
        since = rows.time[i] // DAY - names.start
        made = np.int64(rows.equipment[i])
        out.card[i] = -1
        method, which = np.int64(rows.method[i]), np.int64(rows.card[i])
        if method == Method.CARD or (method == Method.WALLET and which & TOKEN):
            holder = from_row if person >= 0 else np.int64(rows.payee[i])
            slot = holder % PERSON_ROWS
            if holder < people * PERSON_ROWS and (slot == CURRENT or slot == CREDIT_CARD):
                owner = holder // PERSON_ROWS
                token = token_of(names.gear[owner], since) if which & TOKEN else 0
                if method == Method.CARD or names.tokens == 1:
                    out.card[i] = card_row(owner * 2 + (1 if slot == CREDIT_CARD else 0), which & ~TOKEN, token)
        out.device[i] = -1
        out.ip[i] = -1
        place = np.int64(rows.place[i])
        if made & 7 > 0:
            out.device[i] = device_row(names.gear, names.desks, made & 7, person, place, since)
        if made >> 3 > 0:
            out.ip[i] = network_row(names.gear, made >> 3, person, place, since)


@kernel
def _fill(rows: Records, count: int, names: Names, people: int, out: Columns) -> None:
    """Columns of a chunk, a few rows at a time, so that a row is read from memory once."""
    for first in range(0, count, AHEAD):
        last = min(count, first + AHEAD)
        out.time[first] = _touch(rows, first, last, names)  # its place is written over next
        _name_parties(rows, first, last, names, out)
        _copy(rows, first, last, out)
        _find_things(rows, first, last, names, people, out)


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
        made = Columns(*(np.empty(count, _ROOM[name]) for name in Columns._fields))
        _fill(rows, count, self._names, self._people, made)
        for kind, column in ((Kind.CARD, made.card), (Kind.DEVICE, made.device), (Kind.NETWORK, made.ip)):
            name_rows(self._names.keys, int(kind), column)
        columns: dict[str, pa.Array] = {
            "transaction_id": pa.array(np.arange(first_id, first_id + count)),
            "timestamp": pa.array(made.time).view(SCHEMA.field("timestamp").type),
            "settled_at": pa.array(made.settled).view(SCHEMA.field("settled_at").type),
            "related_transaction_id": pa.array(made.related),
            "payer_account": pa.array(made.payer),
            "payee_account": pa.array(made.payee),
            "payer_bank": pa.array(made.payer_bank),
            "payee_bank": pa.array(made.payee_bank),
            "amount": pa.array(made.amount),
            "currency": pa.DictionaryArray.from_arrays(made.currency, self._currencies, safe=False),
            "credited_amount": pa.array(made.credited),
            "credited_currency": pa.DictionaryArray.from_arrays(made.credited_currency, self._currencies, safe=False),
            "mcc": pa.array(made.mcc),
            "merchant_id": pa.array(made.merchant),
            "terminal_id": pa.array(made.terminal),
            "country": pa.DictionaryArray.from_arrays(made.country, self._countries, safe=False),
            "card_id": pa.array(made.card),
            "device_id": pa.array(made.device),
            "ip_id": pa.array(made.ip),
            "payer_balance": pa.array(made.payer_balance),
            "payee_balance": pa.array(made.payee_balance),
        }
        for name, codes in _WORDS.items():
            columns[name] = pa.DictionaryArray.from_arrays(getattr(made, _FIELDS.get(name, name)), words(codes), safe=False)
        return pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)
