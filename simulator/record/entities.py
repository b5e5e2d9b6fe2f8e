"""The tables of entities, traits and balances, from the columns of a world."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.codes import AccountKind, words
from simulator.draws import Ints, Why
from simulator.draws import words as draw_words
from simulator.population.accounts import CREDIT_CARD, FIRM_ROWS, LOAN, PERSON_ROWS, bank_of, kinds
from simulator.population.firms import BILLER, EMPLOYER, MERCHANT
from simulator.population.households import KINDS
from simulator.population.identity import Kind, public_ids
from simulator.population.world import World
from simulator.record.emit import Names
from simulator.record.schema import TABLES, arrow_schema
from simulator.scenario import Scenario

_BANDS = (18, 25, 35, 45, 55, 65, 75)


def build_names(world: World, seed: int) -> Names:
    """Public ids of a world's rows. An account's id depends on its owner's row alone, not on how many there are."""
    layout = world.layout
    owned = np.arange(layout.accounts, dtype=np.int64)
    rows = np.where(owned < layout.firm_base, owned, owned - layout.firm_base + (1 << 38))
    return Names(
        account=public_ids(seed, Kind.ACCOUNT, rows),
        bank=bank_of(layout, world.people.bank, world.firms.bank),
        firm=public_ids(seed, Kind.FIRM, np.arange(layout.firms), 30).astype(np.int32),
        card=public_ids(seed, Kind.CARD, np.arange(2 * layout.people)),
        terminal=public_ids(seed, Kind.TERMINAL, np.arange(int(world.firms.terminals.sum()))),
        first_terminal=np.ascontiguousarray(world.firms.first_terminal),
    )


def used_accounts(world: World) -> NDArray[np.bool_]:
    """Which account rows their owners use: cards, loans, tills and acquiring accounts only where there is a need."""
    layout = world.layout
    used = np.ones(layout.accounts, bool)
    people = used[: layout.firm_base].reshape(-1, PERSON_ROWS)
    people[:, CREDIT_CARD] = world.people.line > 0
    people[:, LOAN] = world.accounts.line[LOAN : layout.firm_base : PERSON_ROWS] > 0
    firms = used[layout.firm_base : layout.government].reshape(-1, FIRM_ROWS)
    firms[:, 1] = world.firms.kind != EMPLOYER
    firms[:, 2] = (world.firms.kind == MERCHANT) & (world.firms.online == 0)
    return used


def _days(values: Ints) -> pa.Array:
    return pa.array(values.astype(np.int32)).view(pa.date32())


def _word(table: str, column: str, names: list[str], codes: Ints) -> pa.Array:
    kind = arrow_schema(table).field(column).type
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(kind.index_type.to_pandas_dtype())), pa.array(names, pa.string()))


def _table(name: str, columns: dict[str, object], size: int) -> pa.Table:
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
            arrays.append(_word(name, field.name, [str(value)], np.zeros(size, np.int64)))
        else:
            arrays.append(pa.array(np.full(size, value)).cast(field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def empty_tables() -> dict[str, pa.Table]:
    """Every table that is a single file, with its schema and no rows."""
    return {name: arrow_schema(name).empty_table() for name, table in TABLES.items() if not table.partitioned}


class Entities:
    """Builds the entity tables of a run.

    Args:
        scenario: names of banks, categories, archetypes.
        world: the columns.
        names: public ids.
        start: first day, since 1970.
    """

    def __init__(self, scenario: Scenario, world: World, names: Names, start: int) -> None:
        self._scenario, self._world, self._names, self._start = scenario, world, names, start
        self._customer = public_ids(scenario.seed, Kind.CUSTOMER, np.arange(world.layout.people))
        self._unit = float(world.rules.unit)
        joined = draw_words(scenario.seed, np.arange(world.layout.people, dtype=np.int64), Why.OPENED)[0]
        # Tenure with a bank: uniform over up to twenty years, from the age of eighteen (assumption).
        years = np.minimum(20, world.people.age.astype(np.int64) - 17)
        self._joined = start - 1 - (joined.astype(np.int64) * (years * 365) >> 32)

    def tables(self) -> dict[str, pa.Table]:
        """All tables of entities and traits, by name."""
        return {
            "customers": self.customers(), "merchants": self.merchants(), "banks": self.banks(), "accounts": self.accounts(), "cards": self.cards(),
            "terminals": self.terminals(), "holders": self.holders(), "truth/traits": self.traits(),
        }  # fmt: skip

    def customers(self) -> pa.Table:
        """What the bank knows of each customer."""
        people, scenario = self._world.people, self._scenario
        bands = [f"{low}-{high - 1}" for low, high in zip(_BANDS, (*_BANDS[1:], 999), strict=True)]
        bands[-1] = f"{_BANDS[-1]}+"
        zones = [f"zone_{z:02}" for z in range(16)]
        employed = people.employer >= 0
        sectors = ["retail and services", *(s.name for s in scenario.income.sectors), *KINDS[1:]]
        firm_kind = self._world.firms.kind[np.maximum(people.employer, 0)]
        sector = np.where(firm_kind == EMPLOYER, 1 + self._world.firms.category[np.maximum(people.employer, 0)].astype(np.int64), 0)
        occupation = np.where(employed, sector, len(scenario.income.sectors) + np.maximum(people.kind, 1).astype(np.int64))
        rounded = np.round(people.gross / self._unit, -3)
        return _table("customers", {
            "customer_id": self._customer, "kind": "person", "household": public_ids(scenario.seed, Kind.HOUSEHOLD, people.household.astype(np.int64)),
            "age_band": _word("customers", "age_band", bands, np.searchsorted(_BANDS, people.age, side="right") - 1),
            "sex": _word("customers", "sex", ["female", "male"], people.sex), "region": _word("customers", "region", zones, people.zone),
            "residency": scenario.country.code, "occupation": _word("customers", "occupation", sectors, occupation), "declared_income": rounded,
            "onboarding_channel": "branch", "onboarding_date": _days(self._joined), "risk_rating": "low",
            "politically_exposed": np.zeros(len(people), bool), "bank": np.ascontiguousarray(people.bank), "valid_from": _days(self._joined), "valid_to": None,
        }, len(people))  # fmt: skip

    def merchants(self) -> pa.Table:
        """What everybody knows of each firm."""
        firms, scenario, world = self._world.firms, self._scenario, self._world
        names = [c.name for c in scenario.categories] + [b.name for b in scenario.bills] + [s.name for s in scenario.income.sectors]
        base = np.array([0, len(scenario.categories), len(scenario.categories) + len(scenario.bills)])[firms.kind]
        staff = np.diff(world.staff)
        bands = ["0", "1-9", "10-49", "50-249", "250+"]
        size = np.searchsorted([1, 10, 50, 250], staff, side="right")
        zones = ["remote", *(f"zone_{z:02}" for z in range(16))]
        account = world.layout.firm_base + np.arange(len(firms)) * FIRM_ROWS + (firms.kind != EMPLOYER)
        category = base + firms.category
        return _table("merchants", {
            "merchant_id": self._names.firm, "name": pa.array([f"{names[c].replace('_', ' ').title()} {i:06x}" for c, i in zip(category, self._names.firm, strict=True)]),
            "kind": _word("merchants", "kind", ["merchant", "employer"], firms.kind == EMPLOYER), "mcc": np.ascontiguousarray(firms.mcc),
            "category": _word("merchants", "category", names, category), "online": (firms.online == 1) | (firms.kind == BILLER),
            "region": _word("merchants", "region", zones, np.where(firms.town < 0, 0, firms.zone.astype(np.int64) + 1)), "country": scenario.country.code,
            "bank": np.ascontiguousarray(firms.bank), "account_id": self._names.account[account], "opened": _days(firms.opened.astype(np.int64)),
            "employees": _word("merchants", "employees", bands, size), "opens": np.ascontiguousarray(firms.opens), "closes": np.ascontiguousarray(firms.closes),
            "valid_from": _days(firms.opened.astype(np.int64)), "valid_to": None,
        }, len(firms))  # fmt: skip

    def banks(self) -> pa.Table:
        """The banks."""
        banks = self._scenario.banks
        total = sum(bank.share for bank in banks)
        size = len(banks)
        return _table("banks", {
            "bank": np.arange(size), "name": _word("banks", "name", [b.name for b in banks], np.arange(size)), "country": self._scenario.country.code,
            "share": np.array([bank.share / total for bank in banks]), "valid_from": _days(np.full(size, self._start)), "valid_to": None,
        }, size)  # fmt: skip

    def _owners(self) -> tuple[Ints, Ints]:
        """Kind of owner (place in the list of words) and public id of the owner, by account row."""
        layout = self._world.layout
        firm_kind = np.where(self._world.firms.kind == EMPLOYER, 2, 1)
        ends = np.concatenate([[4, 5], np.full(layout.banks, 3)])
        kind = np.concatenate([np.zeros(layout.firm_base, np.int64), np.repeat(firm_kind, FIRM_ROWS), ends])
        own = np.concatenate([np.repeat(self._customer, PERSON_ROWS), np.repeat(self._names.firm.astype(np.int64), FIRM_ROWS), [-1, -1], np.arange(layout.banks)])
        return kind, own

    def accounts(self) -> pa.Table:
        """Every account that its owner uses."""
        world, layout = self._world, self._world.layout
        used = np.flatnonzero(used_accounts(world))
        kind, own = self._owners()
        opened = np.concatenate([np.repeat(self._joined, PERSON_ROWS), np.repeat(world.firms.opened.astype(np.int64), FIRM_ROWS), np.full(2 + layout.banks, self._start)])
        unlimited = world.accounts.line >= 1 << 61
        limit = np.where(unlimited, 0, world.accounts.line) / self._unit
        owners = ["customer", "merchant", "employer", "bank", "government", "outside"]
        return _table("accounts", {
            "account_id": self._names.account[used], "owner_kind": _word("accounts", "owner_kind", owners, kind[used]), "owner_id": own[used],
            "kind": _word("accounts", "kind", words(AccountKind), kinds(layout)[used]), "bank": self._names.bank[used],
            "currency": self._scenario.country.currency, "opened": _days(opened[used]), "credit_limit": limit[used], "valid_from": _days(opened[used]),
            "valid_to": None,
        }, len(used))  # fmt: skip

    def cards(self) -> pa.Table:
        """A debit card on every current account, a credit card where there is a line; good for four years (assumption)."""
        world, people = self._world, self._world.layout.people
        exists = np.ones(2 * people, bool)
        exists[1::2] = world.people.line > 0
        card = np.flatnonzero(exists)
        owner, credit = card // 2, card % 2
        age = (draw_words(self._scenario.seed, card, Why.CARD)[0].astype(np.int64) * (4 * 365)) >> 32
        issued = np.maximum(self._start - 1 - age, self._joined[owner])
        return _table("cards", {
            "card_id": self._names.card[card], "account_id": self._names.account[owner * PERSON_ROWS + credit * CREDIT_CARD],
            "customer_id": self._customer[owner], "kind": _word("cards", "kind", ["debit", "credit"], credit),
            "bank": np.ascontiguousarray(world.people.bank)[owner], "issued": _days(issued), "expires": _days(issued + 4 * 365), "valid_from": _days(issued),
            "valid_to": None,
        }, len(card))  # fmt: skip

    def terminals(self) -> pa.Table:
        """Terminals at merchants."""
        firms = self._world.firms
        firm = np.repeat(np.arange(len(firms)), firms.terminals)
        zones = [f"zone_{z:02}" for z in range(16)]
        return _table("terminals", {
            "terminal_id": self._names.terminal, "merchant_id": self._names.firm[firm], "bank": np.ascontiguousarray(firms.bank)[firm], "kind": "counter",
            "region": _word("terminals", "region", zones, firms.zone[firm]), "valid_from": _days(firms.opened[firm].astype(np.int64)), "valid_to": None,
        }, len(firm))  # fmt: skip

    def holders(self) -> pa.Table:
        """Who holds which account: every person their own."""
        used = np.flatnonzero(used_accounts(self._world)[: self._world.layout.firm_base])
        used = used[used % PERSON_ROWS != 4]
        joined = _days(self._joined[used // PERSON_ROWS])
        return _table("holders", {
            "account_id": self._names.account[used], "customer_id": self._customer[used // PERSON_ROWS], "role": "primary", "valid_from": joined,
            "valid_to": None,
        }, len(used))  # fmt: skip

    def traits(self) -> pa.Table:
        """What only the world knows of each person."""
        people, scenario = self._world.people, self._scenario
        month = 365.25 / 12
        paid = people.employer >= 0
        firm = np.maximum(people.employer, 0)
        sectors = ["none", "retail_and_services", *(s.name for s in scenario.income.sectors)]
        beyond = self._world.firms.kind[firm] == EMPLOYER
        sector = np.where(paid, np.where(beyond, 2 + self._world.firms.category[firm].astype(np.int64), 1), 0)
        frequency = ["weekly", "biweekly", "semimonthly", "monthly", "none"]
        return _table("truth/traits", {
            "customer_id": self._customer, "archetype": _word("truth/traits", "archetype", [a.name for a in scenario.population.archetypes], people.archetype),
            "income_kind": _word("truth/traits", "income_kind", list(KINDS), people.kind), "sector": _word("truth/traits", "sector", sectors, sector),
            "employer_id": np.where(paid, self._names.firm[firm], -1),
            "pay_frequency": _word("truth/traits", "pay_frequency", frequency, np.where(paid, people.frequency, 4)), "gross_income": people.gross / self._unit,
            "net_income": people.net / self._unit, "quintile": people.decile.astype(np.int64) // 2 + 1, "age": np.ascontiguousarray(people.age),
            "adults": np.ascontiguousarray(people.adults), "children": np.ascontiguousarray(people.children), "town": np.ascontiguousarray(people.town),
            "zone": np.ascontiguousarray(people.zone),
            "tenure": _word("truth/traits", "tenure", ["owner", "mortgage", "rent", "lodging"], people.tenure), "buffer_target": people.buffer / self._unit,
            "spending_budget": people.budget / self._unit, "purchases_per_month": people.trips / 65536 * month * 1.4, "cash": people.cash / 2**32,
            "credit": people.credit / 2**32, "online": people.online / 4096, "wallet": people.wallet / 2**32,
            "sociability": people.social / 65536 * month, "hour_shift": np.ascontiguousarray(people.hours), "vulnerability": people.vulnerability / 65536,
        }, len(people))  # fmt: skip

    def balances(self, opening: Ints) -> pa.Table:
        """Opening and closing book balances of every account in use; nothing is in flight while every method settles at once."""
        used = np.flatnonzero(used_accounts(self._world))
        closing = self._world.accounts.book[used]
        return _table("truth/balances", {
            "account_id": self._names.account[used], "currency": self._scenario.country.currency, "opening_balance": opening[used] / self._unit,
            "closing_balance": closing / self._unit, "in_flight": 0.0,
        }, len(used))  # fmt: skip
