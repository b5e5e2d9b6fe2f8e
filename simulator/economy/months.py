"""Months of credit and of banks: what their tables say, kept month by month as integers until the run is written."""

import zlib
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.clock import EPOCH, Today
from simulator.codes import Purpose
from simulator.draws import Ints
from simulator.economy.sums import CARDS_BY_AGE, CLASSES, LINES_BY_AGE, LOANS_BY_AGE, OWN, Sums, add_up
from simulator.ledger import IN, OUT
from simulator.population.accounts import CREDIT_CARD, FIRM_ROWS, PERSON_ROWS, true_lines
from simulator.population.debts import DEBTS, DEFAULTED, NO_LINE, SHUT
from simulator.population.world import World
from simulator.records import Records
from simulator.scenario import Scenario

CREDIT_MONTH = np.dtype([
    ("balance", np.int64),
    ("credit_limit", np.int64),
    ("due", np.int64),
    ("paid", np.int64),
    ("off", np.int64),
    ("account", np.int32),
    ("days", np.int16),
    ("defaulted", np.int8),
])  # fmt: skip
"""A card or loan account, or a firm's line, in a month; minor units."""

FLIGHTS = ("households", "firms", "banks", "government", "outside")
"""To whom what is on its way goes."""


class Opening(NamedTuple):
    """What banks hold on the first morning beside their customers' accounts; minor units, by bank."""

    books: Ints
    reserves: Ints
    equity: Ints
    """Before what is set aside for bad loans."""
    securities: Ints
    """Claims on the outside; below 0 what is borrowed there."""
    allowance: Ints
    deposits: Ints
    lent: Ints


class BankMonth(NamedTuple):
    """The banks at the end of a month; minor units."""

    day: int
    sums: Sums
    flows: Ints
    """What they paid and were paid in the month, shape (banks, 2, purposes)."""
    since: Ints
    """The same since the first morning."""
    allowance: Ints
    before: Ints
    """Allowance a month ago."""
    customers: Ints
    central_bank: Ints
    """Owed to the central bank."""
    flights: Ints
    """On its way, by FLIGHTS."""
    others: Ints
    """Books of the government and of the outside."""


def is_month_end(day: int) -> bool:
    """Whether a month ends with a day."""
    return (EPOCH + timedelta(day + 1)).day == 1


class Months:
    """Keeps what happens to credit and banks.

    Args:
        scenario: what banks hold on the first morning.
        world: as it is then.
        day: the first day, since 1970.
        lines: debts of firms on their lines, see `simulator.economy.firm_lines`.

    Attributes:
        banks: The months of the banks so far.
        unit: Minor units in a currency unit.
        issued: What the central bank owes to everybody else, minor units; it never changes but by what it lends to banks.
    """

    def __init__(self, scenario: Scenario, world: World, day: int, lines: Records) -> None:
        self._rule, self._lines = scenario.lending, lines
        self.unit = int(world.rules.unit)
        self._insured = round(self._rule.insured * self.unit)
        sums = self.sums(world, day)
        _, others = _beyond(world)
        deposits, lent = sums.deposits, sums.lent
        reserves = np.rint(np.maximum(0, deposits) * self._rule.reserves).astype(np.int64)
        assets = np.maximum(deposits / max(0.01, 1 - self._rule.capital), lent + reserves)
        equity = np.rint(assets * self._rule.capital).astype(np.int64)
        self.opening = Opening(sums.books, reserves, equity, deposits + equity - lent - reserves, self.allowance(sums), deposits, lent)
        self.issued = int(reserves.sum() + sums.notes.sum() + others.sum())
        self.banks: list[BankMonth] = []
        self._credit: list[tuple[int, bytes]] = []
        self._flows = np.zeros((world.layout.banks, 2, len(Purpose)), np.int64)
        self._allowance = self.opening.allowance

    def sums(self, world: World, day: int) -> Sums:
        """What customers hold and owe at the close of a day."""
        return add_up(world, self._lines, day, self._insured)

    def allowance(self, sums: Sums) -> Ints:
        """What banks expect to lose of what they lent, by days past due."""
        loss = np.array(self._rule.allowances)
        cards: NDArray[np.float64] = sums.banks[:, CARDS_BY_AGE : CARDS_BY_AGE + CLASSES] @ loss
        lines: NDArray[np.float64] = sums.banks[:, LINES_BY_AGE : LINES_BY_AGE + CLASSES] @ loss  # as little secured as cards
        loans = sums.banks[:, LOANS_BY_AGE : LOANS_BY_AGE + CLASSES] @ loss * self._rule.secured
        found: Ints = np.rint(cards + lines + loans).astype(np.int64)
        return found

    def reserves(self, sums: Sums) -> Ints:
        """Reserves by bank: those of the first morning and what came from other banks since, less what went there."""
        found: Ints = self.opening.reserves + sums.books - self.opening.books
        return found

    def equity(self, sums: Sums, flows: Ints) -> Ints:
        """Equity by bank, before what is set aside for bad loans: that of the first morning, and what was earned or bought since."""
        found: Ints = self.opening.equity + sums.banks[:, OWN] + self.bought(flows)
        return found

    def bought(self, flows: Ints) -> Ints:
        """Securities that banks bought since the first morning, less what they sold.

        Args:
            flows: what banks paid and were paid since then.
        """
        found: Ints = flows[:, OUT, Purpose.INVESTMENT] - flows[:, IN, Purpose.INVESTMENT]
        return found

    def close_day(self, world: World, today: Today, banked: Ints, central_bank: Ints) -> None:
        """On the last day of a month, keep it.

        Args:
            world: whose debts are counted anew from tomorrow.
            today: the day that closes.
            banked: what banks paid and were paid since the start.
            central_bank: what each owes to the central bank.
        """
        if not is_month_end(today.day):
            return
        self._credit.append((today.day, _pack(np.concatenate([_credit(world, today.day), _overdrawn(world, today.day, self._lines)]))))
        sums = self.sums(world, today.day)
        allowance = self.allowance(sums)
        flights, others = _beyond(world)
        self.banks.append(
            BankMonth(today.day, sums, banked - self._flows, banked.copy(), allowance, self._allowance, _customers(world, today.day),
                      central_bank.copy(), flights, others)
        )  # fmt: skip
        self._flows, self._allowance = banked.copy(), allowance
        for name in ("fell", "paid", "off"):
            world.debts[name][:] = self._lines[name][:] = 0

    @property
    def credit(self) -> list[tuple[int, NDArray[Any]]]:
        """Months of credit so far: the last day of each and its rows of `CREDIT_MONTH`."""
        return [(day, _unpack(packed)) for day, packed in self._credit]

    def dump(self) -> dict[str, Any]:
        """Plain data for a checkpoint, apart from the months of credit."""
        banks = [[one.day, *([part.tolist() for part in (*one.sums, *one[2:])])] for one in self.banks]
        return {"banks": banks, "flows": self._flows.tolist(), "allowance": self._allowance.tolist(),
                "credit": [[day, len(packed)] for day, packed in self._credit]}  # fmt: skip

    def dump_credit(self) -> NDArray[np.uint8]:
        """The months of credit for a checkpoint."""
        return np.frombuffer(b"".join(packed for _, packed in self._credit), np.uint8)

    def load(self, stored: dict[str, Any], credit: NDArray[np.uint8]) -> None:
        """What `dump` and `dump_credit` gave, taken up again."""
        self.banks = []
        for day, *parts in stored["banks"]:
            arrays = [np.array(part, np.int64) for part in parts]
            self.banks.append(BankMonth(day, Sums(*arrays[:2]), *arrays[2:]))
        self._flows, self._allowance = np.array(stored["flows"], np.int64), np.array(stored["allowance"], np.int64)
        data, place = credit.tobytes(), 0
        self._credit = []
        for day, size in stored["credit"]:
            self._credit.append((day, data[place : place + size]))
            place += size


def _beyond(world: World) -> tuple[Ints, Ints]:
    """What is on its way, by FLIGHTS, and the books of the government and of the outside, in the home currency; minor units."""
    layout, book, flight = world.layout, world.accounts.book, world.accounts.flight
    home = np.append(world.abroad.currency == 0, np.arange(layout.bank_base - layout.dealer_base) == 0)
    beyond = layout.abroad_base + np.flatnonzero(home)
    flights = np.array([
        flight[: layout.firm_base].sum(), flight[layout.firm_base : layout.government].sum(), flight[layout.bank_base :].sum(),
        flight[layout.government], flight[layout.outside] + flight[beyond].sum(),
    ])  # fmt: skip
    return flights, np.array([book[layout.government], book[layout.outside] + book[beyond].sum()])


def _customers(world: World, day: int) -> Ints:
    """Customers of each bank, people and firms, whose accounts are open at the close of a day."""
    people, firms, layout = world.people, world.firms, world.layout
    here = (people.joined <= day) & (world.course.closes > day)
    trades = (firms.opened <= day) & (firms.closed > day)
    found: Ints = np.bincount(people.bank[here], minlength=layout.banks) + np.bincount(firms.bank[trades], minlength=layout.banks)
    return found.astype(np.int64)


def _credit(world: World, day: int) -> NDArray[Any]:
    """Every card, and every loan account that owes or moved, in the month that ends with a day; by account."""
    layout, people = world.layout, world.people
    month = (EPOCH + timedelta(day)).replace(day=1).toordinal() - EPOCH.toordinal()
    books = world.accounts.book[: layout.firm_base].reshape(-1, PERSON_ROWS)[:, CREDIT_CARD : CREDIT_CARD + DEBTS]
    debts = world.debts.reshape(-1, DEBTS)
    moved = (debts["fell"] != 0) | (debts["paid"] != 0) | (debts["off"] != 0)
    there = (people.joined <= day) & (world.course.closes >= month)
    cards = (people.line > 0) | (debts["standing"][:, 0] & SHUT > 0) & moved[:, 0]
    used = np.stack([cards, (world.course.borrowed > 0) & ((books[:, 1] != 0) | moved[:, 1])], axis=1) & there[:, None]
    person, kind = np.nonzero(used)
    rows = np.zeros(len(person), CREDIT_MONTH)
    account = person * PERSON_ROWS + CREDIT_CARD + kind
    rows["account"], rows["balance"] = account, -books[person, kind]
    line = true_lines(world.accounts.line[account])
    rows["credit_limit"] = np.where((kind == 0) & (line > NO_LINE), line, 0)
    mine = debts[person, kind]
    _put_debts(rows, mine, day)
    return rows


def _overdrawn(world: World, day: int, lines: Records) -> NDArray[Any]:
    """Every line of a firm that may be drawn, is drawn, or moved in the month that ends with a day."""
    account = world.layout.firm_base + np.arange(len(lines), dtype=np.int64) * FIRM_ROWS
    line, drawn = np.maximum(0, true_lines(world.accounts.line[account])), np.maximum(0, -world.accounts.book[account])
    used = np.flatnonzero((line > 0) | (drawn > 0) | (lines.fell != 0) | (lines.paid != 0) | (lines.off != 0))
    rows = np.zeros(len(used), CREDIT_MONTH)
    rows["account"], rows["balance"], rows["credit_limit"] = account[used], drawn[used], line[used]
    _put_debts(rows, lines.view(np.ndarray)[used], day)
    return rows


def _put_debts(rows: NDArray[Any], debts: NDArray[Any], day: int) -> None:
    """Fill in what fell due, was paid and is past due."""
    rows["due"], rows["paid"], rows["off"] = debts["fell"], debts["paid"], debts["off"]
    since = debts["since"].astype(np.int64)
    rows["days"] = np.where(since > 0, np.minimum(day - since, 32_000), 0)
    rows["defaulted"] = (since > 0) & (debts["standing"] & DEFAULTED > 0)


def _pack(rows: NDArray[Any]) -> bytes:
    """Rows as few bytes: column after column, for equal columns stand together."""
    columns = b"".join(np.ascontiguousarray(rows[name]).tobytes() for name in CREDIT_MONTH.names or ())
    return zlib.compress(columns, 1)


def _unpack(packed: bytes) -> NDArray[Any]:
    data = zlib.decompress(packed)
    rows = np.zeros(len(data) // CREDIT_MONTH.itemsize, CREDIT_MONTH)
    place = 0
    for name in CREDIT_MONTH.names or ():
        size = len(rows) * CREDIT_MONTH[name].itemsize
        rows[name] = np.frombuffer(data[place : place + size], CREDIT_MONTH[name])
        place += size
    return rows
