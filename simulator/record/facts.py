"""What the tables of entities are made of, and how columns become tables of the registry."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.lives.diary import Diary
from simulator.population.abroad import merchant_rows
from simulator.population.accounts import CREDIT_CARD, FIRM_ROWS, LOAN, PERSON_ROWS, RESERVE, Layout, bank_of
from simulator.population.debts import CARD_DEBT, DEBTS, SHUT
from simulator.population.dossiers import Files
from simulator.population.firms import BILLER, INSTITUTION, MERCHANT
from simulator.population.identity import Kind, keys_of, public_ids
from simulator.population.trades import CLIENT_MONEY
from simulator.population.world import World
from simulator.record.emit import Names
from simulator.record.schema import arrow_schema
from simulator.records import Records
from simulator.scenario import DealMethod, Scenario


def build_names(world: World, scenario: Scenario, start: int) -> Names:
    """Public ids of a world's rows; ``start`` is the first day of the run, since 1970.

    An account's id depends on its owner's row alone, not on how many there are.
    """
    layout = world.layout
    owned = np.arange(layout.accounts, dtype=np.int64)
    beyond = owned - layout.government + (1 << 39)  # whatever the number of firms, those that will open among them
    rows = np.where(owned < layout.firm_base, owned, np.where(owned < layout.government, owned - layout.firm_base + (1 << 38), beyond))
    abroad = world.abroad
    foreign = merchant_rows(scenario, abroad.countries, abroad.stride)
    # A terminal abroad is numbered by its merchant there, beyond all those at home.
    counts = np.concatenate([world.firms.terminals, abroad.terminals]).astype(np.int64)
    first = np.cumsum(counts) - counts
    terminal = np.arange(counts.sum()) - np.repeat(first, counts)
    base = np.concatenate([first[: layout.firms], (1 << 39) + ((foreign - (1 << 29)) << 6)])
    seed = scenario.seed
    return Names(
        account=public_ids(seed, Kind.ACCOUNT, rows),
        bank=bank_of(layout, world.people.bank, world.firms.bank),
        firm=public_ids(seed, Kind.FIRM, np.append(np.arange(layout.firms), foreign), 30).astype(np.int32),
        terminal=public_ids(seed, Kind.TERMINAL, terminal + np.repeat(base, counts)),
        first_terminal=first,
        abroad=layout.abroad_base,
        currency=np.append(abroad.currency, np.arange(len(abroad.unit))).astype(np.int16),
        unit=abroad.unit.astype(np.float64),
        machine=public_ids(seed, Kind.TERMINAL, world.machines.number.astype(np.int64) + (1 << 38)),
        desks=world.machines.desks,
        gear=np.ascontiguousarray(world.equipment.gear),
        keys=keys_of(seed),
        start=start,
        tokens=int(not world.rules.agents),
    )


def customer_ids(seed: int, layout: Layout) -> Ints:
    """Public ids of customers: people, then firms. A firm's depends on its row alone, not on how many people there are."""
    rows = np.concatenate([np.arange(layout.people, dtype=np.int64), np.arange(layout.firms, dtype=np.int64) + (1 << 38)])
    return public_ids(seed, Kind.CUSTOMER, rows)


def used_accounts(scenario: Scenario, world: World, end: int) -> NDArray[np.bool_]:
    """Which account rows their owners used up to a day: cards, loans, tills and acquiring accounts only where there was a need."""
    layout = world.layout
    used = np.ones(layout.accounts, bool)
    people = used[: layout.firm_base].reshape(-1, PERSON_ROWS)
    people[:, CREDIT_CARD] = had_card(world)
    people[:, LOAN] = world.course.borrowed > 0
    people[world.people.joined > end] = False
    firms = used[layout.firm_base : layout.government].reshape(-1, FIRM_ROWS)
    firms[:, 1] = np.isin(world.firms.kind, (MERCHANT, BILLER)) | takes_cards(scenario, world.firms)
    pays_notes = (world.rules.earned_in_notes > 0) & ((np.diff(world.staff) > 0) | (world.firms.closed <= end))
    keeps_apart = (world.firms.fee > 0) | np.isin(world.firms.trade, CLIENT_MONEY)
    firms[:, RESERVE] = (world.firms.sweeps == 1) | (world.firms.trade > 0) & keeps_apart
    takes_notes = np.isin(world.firms.kind, (MERCHANT, INSTITUTION)) & (world.firms.online == 0)
    firms[:, 2] = takes_notes | pays_notes
    firms[world.firms.opened > end] = False
    return used


def had_card(world: World) -> NDArray[np.bool_]:
    """People who have a credit card, or had one whose account was closed."""
    had: NDArray[np.bool_] = (world.people.line > 0) | (world.debts.standing[CARD_DEBT::DEBTS] & SHUT > 0)
    return had


def takes_cards(scenario: Scenario, firms: Records) -> NDArray[np.bool_]:
    """Institutions whose clients may pay by card."""
    entries = [place for place, entry in enumerate(scenario.institutions) if entry.methods.get(DealMethod.CARD)]
    may: NDArray[np.bool_] = (firms.kind == INSTITUTION) & np.isin(firms.category, entries)
    return may


def days(values: Ints, known: NDArray[np.bool_] | None = None) -> pa.Array:
    """Days since 1970 as dates; missing where they are not known."""
    return pa.array(values.astype(np.int32), mask=None if known is None else ~known).view(pa.date32())


def word(table: str, column: str, names: list[str], codes: NDArray[np.integer[Any]]) -> pa.Array:
    """Codes as words of a column of the registry."""
    kind = arrow_schema(table).field(column).type
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(kind.index_type.to_pandas_dtype())), pa.array(names, pa.string()))


def table(name: str, columns: dict[str, object], size: int) -> pa.Table:
    """A table of the registry; columns that are single values are repeated."""
    schema = arrow_schema(name)
    arrays = []
    for field in schema:
        value = columns[field.name]
        if isinstance(value, pa.Array):
            arrays.append(value.cast(field.type) if value.type != field.type else value)
        elif isinstance(value, np.ndarray):
            arrays.append(pa.array(value).cast(field.type, safe=False))
        elif value is None:
            arrays.append(pa.nulls(size, field.type))
        elif pa.types.is_dictionary(field.type):
            arrays.append(word(name, field.name, [str(value)], np.zeros(size, np.int64)))
        else:
            arrays.append(pa.array(np.full(size, value)).cast(field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


class Facts:
    """What the entity tables are made of.

    Args:
        scenario: names of banks, categories, archetypes.
        world: the columns.
        names: public ids.
        start: first day, since 1970.
        diary: what changed since.
        files: what banks have in writing.
    """

    def __init__(self, scenario: Scenario, world: World, names: Names, start: int, diary: Diary, files: Files) -> None:
        self.scenario, self.world, self.names, self.start, self.diary, self.files = scenario, world, names, start, diary, files
        self.end = start + scenario.period.days - 1
        self.customer, self.business = np.split(customer_ids(scenario.seed, world.layout), [world.layout.people])
        self.unit = float(world.rules.unit)
        codes = list(dict.fromkeys([scenario.country.currency, *(country.currency for country in scenario.abroad.countries)]))
        self.currencies = codes
        # Currency of every account row: the home currency but for countries abroad and foreign dealers.
        self.currency = np.zeros(world.layout.accounts, np.int64)
        self.currency[world.layout.abroad_base : world.layout.bank_base] = names.currency
        self.joined = world.people.joined.astype(np.int64)
        parts = (np.repeat(self.joined, PERSON_ROWS), np.repeat(world.firms.opened.astype(np.int64), FIRM_ROWS))
        self.opened: Ints = np.concatenate([*parts, np.full(world.layout.accounts - world.layout.government, start)])
        """Day on which each account was opened; the boundary's, the first."""
        later = diary.past("opened")
        if later:
            self.opened[later["row"].astype(np.int64) * PERSON_ROWS + later["account"]] = later["day"]
        self.left = world.course.closes.astype(np.int64)
        """Last day as a customer: the accounts are closed some days after the person died or moved."""
        self.closed = np.repeat(self.left, PERSON_ROWS)
        """Last day of each account of people: cards that were charged off are closed earlier."""
        shut = diary.past("card_closed")
        if shut:
            card = shut["row"].astype(np.int64) * PERSON_ROWS + CREDIT_CARD
            self.closed[card] = np.minimum(self.closed[card], shut["day"])
        self.here = np.flatnonzero(self.joined <= self.end).astype(np.int64)
        """Rows of the people who are or were customers."""
