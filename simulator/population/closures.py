"""Closures: which firms will close and when, and the rows of those that open in their premises; drawn on the first morning.

Where shops may fail and others open in their place (`economy.vacant`), the last firm of each shop's premises has a successor whose day
is not known: it comes if the place falls vacant (`simulator.economy.failures`). Nobody in the world knows. A firm that will open has its
rows behind all others, its own bank and prices, and nothing else until it opens (`simulator.lives.premises`).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, normal, uniform, words
from simulator.population.firms import EMPLOYER, MERCHANT, Firms
from simulator.population.households import Floats
from simulator.population.institutions import Payees
from simulator.population.machines import Machines
from simulator.population.presence import NEVER
from simulator.population.trade import Contracts
from simulator.records import Records
from simulator.scenario import Scenario

YEAR = 365.25
YOUNG, RISK = 2 * YEAR, (2.0, 0.716)
"""Firms younger than two years close twice as often as all (assumption; a fifth of new establishments close in their first year and
half in five: Business Employment Dynamics, from memory). The other factor keeps the mean over ages of the first morning."""

TAKEN_OVER = ("sales", "wages", "places", "invoices", "reserve", "till", "approval", "sweeps", "provider")
"""Columns of firms that a firm takes over when it opens: the business that its place does."""


class Closures(NamedTuple):
    """Which firms close within a run, and columns over the firms that open in their place, in order of opening."""

    closed: NDArray[np.int32]
    """By firm, those that open included: first day on which it is closed, NEVER where it stays."""
    successor: NDArray[np.int32]
    """By firm: row of the firm that opens in its place, -1 for none."""
    seat: Ints
    """Row of the firm that had the premises on the first morning."""
    turn: Ints
    """How many have had them before."""
    opened: Ints
    """Day since 1970, always a Monday; NEVER for who waits for the place to fall vacant."""


def _lifetimes(rate: float, age: Ints, word: NDArray[np.uint32]) -> Floats:
    """Days until firms of an age close."""
    young, old = (rate * factor / YEAR for factor in RISK)
    left = np.maximum(0.0, YOUNG - age)
    risk = -np.log(uniform(word))
    return np.where(risk < left * young, risk / young, left + (risk - left * young) / old)


def expect_closures(scenario: Scenario, firms: Firms, start: int) -> Closures:
    """Draw who closes when: private merchants and employers, at a rate a year, and those that open in their place likewise."""
    rate = scenario.lives.close if scenario.lives.changes else 0.0
    end, size = start + scenario.period.days - 1, len(firms.kind)
    private = (firms.kind == MERCHANT) & (firms.trade == 0) | (firms.kind == EMPLOYER) & (firms.public == 0)
    seat = np.flatnonzero(private & (rate > 0))
    opened, found = firms.opened[seat].astype(np.int64), [np.zeros((3, 0), np.int64)]
    while len(seat):
        turn = len(found)
        since = np.maximum(opened, start)
        days = _lifetimes(rate, since - opened, words(scenario.seed, seat, Why.CLOSURE, turn)[0])
        closed = since + 1 + np.minimum(days, 1e6).astype(np.int64)
        closed += -(closed + 3) % 7  # a firm's last day is a Sunday
        falls = closed <= end
        seat, opened = seat[falls], closed[falls]
        found.append(np.stack([seat, np.full(len(seat), turn), opened]))
    if scenario.economy.vacant and scenario.lives.changes:
        shops = np.flatnonzero((firms.kind == MERCHANT) & (firms.trade == 0))
        before_it = np.bincount(np.concatenate(found, axis=1)[0], minlength=size)[shops]
        found.append(np.stack([shops, before_it + 1, np.full(len(shops), NEVER)]))
    seat, turns, opened = np.concatenate(found, axis=1)
    order = np.lexsort((seat, opened))
    seat, turns, opened = seat[order], turns[order], opened[order]
    row = size + np.arange(len(seat))
    chain = np.lexsort((turns, seat))
    same = np.append(False, seat[chain][1:] == seat[chain][:-1])
    before = np.empty(len(seat), np.int64)
    before[chain] = np.where(same, np.roll(row[chain], 1), seat[chain])
    closed, successor = np.full(size + len(seat), NEVER, np.int32), np.full(size + len(seat), -1, np.int32)
    closed[before], successor[before] = opened, row
    return Closures(closed, successor, seat, turns, opened)


def add_successors(scenario: Scenario, firms: Firms, closures: Closures) -> Firms:
    """Firms with the rows of those that will open: they have what their premises have, their own bank, prices and days."""
    seat = closures.seat
    price_word, bank_word, day_word, _ = words(scenario.seed, (seat | closures.turn << 26) & 0xFFFFFFFF, Why.CLOSURE, 0)
    sigma = scenario.firms.price_spread
    shares = np.cumsum([bank.share for bank in scenario.banks])
    own: dict[str, NDArray[Any]] = {
        "price": np.rint(np.exp(sigma * normal(price_word) - sigma * sigma / 2) * 65536),
        "bank": np.minimum(np.searchsorted(shares / shares[-1], uniform(bank_word), side="right"), len(shares) - 1),
        "weekday": (day_word >> np.uint32(16)) % 5, "opened": closures.opened,
        "provider": np.full(len(seat), -1), "owner": np.full(len(seat), -1), "parent": np.full(len(seat), -1),
        "approval": np.full(len(seat), 2**62 - 1),
    }  # fmt: skip
    nothing = {*TAKEN_OVER, "tax_due", "owed"} - {*own}
    columns = {}
    for name in (name for name in Firms._fields if name not in ("staff", "workers", "closed", "successor")):
        column = getattr(firms, name)
        added = np.zeros(len(seat)) if name in nothing else own.get(name, column[seat])
        columns[name] = np.concatenate([column, added.astype(column.dtype)])
    terminals = columns["terminals"].astype(np.int64)
    columns["first_terminal"] = np.cumsum(terminals) - terminals
    staff = np.append(firms.staff, np.full(len(seat), firms.staff[-1]))
    return firms._replace(**columns, staff=staff, closed=closures.closed, successor=closures.successor)


def add_relations(contracts: Contracts, payees: Payees, machines: Machines, seat: Ints) -> tuple[Contracts, Payees, Machines]:
    """Suppliers, payees and desks of firms with those of the firms that will open: they buy what was bought in their premises."""
    low, count = contracts.start[seat], np.diff(contracts.start)[seat]
    first = np.cumsum(count) - count
    rows = np.concatenate([np.arange(contracts.start[-1]), np.repeat(low - first, count) + np.arange(count.sum())])
    columns = {name: getattr(contracts, name)[rows] for name in Contracts._fields if name != "start"}
    return (
        Contracts(start=np.append(contracts.start, contracts.start[-1] + first + count), **columns),
        payees._replace(start=np.append(payees.start, np.full(len(seat), payees.start[-1]))),
        machines._replace(desks=np.append(machines.desks, machines.desks[seat])),
    )


def seats(firms: Records) -> Ints:
    """For each firm the one that had its premises on the first morning."""
    found = np.arange(len(firms), dtype=np.int64)
    for row in np.flatnonzero(firms.successor >= 0).tolist():  # a firm stands before the one that succeeds it
        found[firms.successor[row]] = found[row]
    return found
