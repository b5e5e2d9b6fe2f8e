"""What Mesa sees: one agent a population, with verbs named as Mesa names them, and live views of single rows.

Columns belong to the world and change under the views. Money is in currency units here, whatever kernels count in.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from numpy.typing import NDArray

from simulator.population.accounts import FIRM_ROWS, PERSON_ROWS
from simulator.population.presence import here, trading
from simulator.records import Records

if TYPE_CHECKING:
    from simulator.model import PaymentsModel

Column = NDArray[Any]
_MONEY = frozenset(
    "gross net buffer budget purse line unpaid takings statement home sales wages invoices reserve till tax_due owed approval".split()
)


class Row:
    """A live view of one row of a population: every column is an attribute."""

    def __init__(self, population: "Population", row: int) -> None:
        object.__setattr__(self, "_population", population)
        object.__setattr__(self, "row", row)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._population.entry(name, self.row)
        except KeyError as error:
            raise AttributeError(*error.args) from None

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            self._population.set(name, value, [self.row])
        except KeyError as error:
            raise AttributeError(*error.args) from None

    def __dir__(self) -> list[str]:
        return [*self._population.columns, "row"]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._population.shown)
        return f"<{type(self._population).__name__} {self.row}: {shown}>"


class Population(mesa.Agent):
    """Many rows as one agent."""

    shown: tuple[str, ...] = ()

    def __init__(self, model: "PaymentsModel", table: Records) -> None:
        super().__init__(model)
        self._table = table
        self._rows: NDArray[np.int64] = np.arange(len(table))

    @property
    def columns(self) -> list[str]:
        """Names that `get` knows."""
        return [*self._accounts(), *self._names]

    @property
    def _names(self) -> tuple[str, ...]:
        return self._table.dtype.names or ()

    def _accounts(self) -> dict[str, int]:
        """Balances by name: the first row of the account and how far apart rows lie."""
        return {}

    def _account_columns(self, name: str) -> NDArray[np.int64]:
        raise KeyError(name)

    @property
    def rows(self) -> NDArray[np.int64]:
        """Numbers of the rows that are there today."""
        return np.arange(len(self._rows))

    def _column(self, name: str) -> Column:
        """A column of every row there ever is."""
        if name in self._accounts():
            return self._account_columns(name)
        if name not in self._names:
            raise KeyError(f"{type(self).__name__} has no column '{name}'; there are {', '.join(self.columns)}")
        column: Column = self._table[name][self._rows]
        return column

    def _in_units(self, name: str, values: Column) -> Column:
        is_money = name in _MONEY or name in self._accounts()
        return values / self.model.world.rules.unit if is_money else np.array(values)

    def get(self, name: str) -> Column:
        """A column, one entry for each row that is there; money in currency units.

        Raises:
            KeyError: there is no such column.
        """
        return self._in_units(name, self._column(name)[self.rows])

    def entry(self, name: str, row: int) -> Any:
        """One entry of a column, of any row.

        Raises:
            KeyError: there is no such column.
        """
        return self._in_units(name, self._column(name)[row : row + 1])[0].item()

    def set(self, name: str, value: Any, rows: Any = None) -> None:
        """Write a column, or some rows of it; balances can only move by payments.

        Raises:
            KeyError: there is no such column, or it is a balance.
        """
        if name not in self._names:
            raise KeyError(f"{type(self).__name__} has no column '{name}' that can be set; balances change by payments")
        if name in _MONEY:
            value = np.rint(np.asarray(value) * self.model.world.rules.unit)
        self._table[name][self._rows[self.rows if rows is None else rows]] = value

    def select(self, condition: Callable[["Population"], Column] | Column) -> NDArray[np.int64]:
        """Rows for which a column of truth values, or a function of the population that gives one, holds."""
        return self.rows[np.flatnonzero(condition(self) if callable(condition) else condition)]

    def agg(self, name: str, function: Callable[[Column], Any]) -> Any:
        """A function of a column, such as ``agg("age", np.mean)``."""
        return function(self.get(name))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> Row:
        rows = self.rows
        if row < 0 and -row <= len(rows):
            return Row(self, int(rows[row]))
        if row not in rows:
            raise IndexError(f"{type(self).__name__} has rows {rows[0]} to {rows[-1]}, not {row}")
        return Row(self, row)

    def __iter__(self) -> Iterator[Row]:
        return (Row(self, int(row)) for row in self.rows)


class Customers(Population):
    """The people who bank: a row is a person's for good, so that rows are those of who is here today."""

    shown = ("age", "gross", "balance")

    @property
    def rows(self) -> NDArray[np.int64]:
        """Numbers of the rows of the people who are here on the day to come."""
        return np.flatnonzero(here(self.model.world.people, self.model.clock.start + self.model.days_lived))

    def _accounts(self) -> dict[str, int]:
        return {"balance": 0, "savings": 1, "card_balance": 2, "loan_balance": 3, "notes": 4}

    def _account_columns(self, name: str) -> NDArray[np.int64]:
        world = self.model.world
        column: NDArray[np.int64] = world.accounts.book[self._accounts()[name] : world.layout.firm_base : PERSON_ROWS]
        return column


class Firms(Population):
    """Firms of some kinds, numbered among their own for good; rows are those of who is open."""

    shown = ("mcc", "balance")

    def __init__(self, model: "PaymentsModel", table: Records, *kinds: int) -> None:
        super().__init__(model, table)
        self._rows = np.flatnonzero(np.isin(table.kind, kinds))

    @property
    def rows(self) -> NDArray[np.int64]:
        """Numbers of the rows of the firms that are open on the day to come."""
        return np.flatnonzero(trading(self._table, self.model.clock.start + self.model.days_lived, self._rows))

    def _accounts(self) -> dict[str, int]:
        return {"balance": 0, "acquiring": 1, "till": 2, "reserve_balance": 3}

    def _account_columns(self, name: str) -> NDArray[np.int64]:
        layout = self.model.world.layout
        columns = self.model.world.accounts.book[layout.firm_base : layout.government].reshape(-1, FIRM_ROWS)
        column: NDArray[np.int64] = columns[self._rows, self._accounts()[name]]
        return column


class Merchants(Firms):
    """Firms that sell to people: shops, remote merchants and billers."""


class Employers(Firms):
    """Employers beyond retail."""


class Institutions(Firms):
    """Businesses with a special trade: exchanges, casinos, remitters, conveyancers, clubs."""


class Banks(mesa.Agent):
    """The banks: names, and what each has earned."""

    def __init__(self, model: "PaymentsModel") -> None:
        super().__init__(model)
        self.names = [bank.name for bank in model.settings.banks]

    def get(self, name: str) -> Column:
        """`balance`: the banks' own accounts, currency units.

        Raises:
            KeyError: there is no such column.
        """
        if name != "balance":
            raise KeyError(f"Banks has no column '{name}'; there is balance")
        layout = self.model.world.layout
        balances: Column = self.model.world.accounts.book[layout.bank_base :] / self.model.world.rules.unit
        return balances

    def __len__(self) -> int:
        return len(self.names)
