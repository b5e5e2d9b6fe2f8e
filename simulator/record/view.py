"""Views and time: what one observer could see, on one day.

`run.transactions()` is the pooled view: what all banks together saw in the whole run. A view is narrower in two ways that compose.

*Whose eyes.* `open_run(path, view="bank=3")` is what bank 3 sees, `view="scheme=card"` what a card network sees. The schema
registry says of every column who sees it (`Column.view`), and everything here follows from that:

- Rows. A bank sees payments that it is at either end of, rows of other tables that name it as their `bank`, and where no column
  names the bank, rows that its own rows lead to (`Table.links`): the holders of its accounts, the identifiers of its customers,
  the devices that it met in payments and events. Tables with columns for everyone (merchants, banks, terminals, the daily series)
  keep all rows. A card network sees payments by card and wallet and the cards in them (`Table.scheme`).
- Values. What it may not see is masked: -1 in keys, missing elsewhere. The account at the other end of a payment is a stand-in
  (`simulator.record.alias`): a bank recognises a counterparty that comes again, but cannot look it up, and two banks' stand-ins
  cannot be joined. The other end of notes is -1: nobody knows whose purse they come from. A key of a row that the viewer does not
  see (`Column.refers`) is -1, or left out of a list. Versions of a merchant that differ only in what is masked are one row.
- `transaction_id` stays what it is, the number of the row in the pooled table: reports and labels join on it. It tells a bank how
  many payments others made in between, and two banks that put their views together can match the payments between them.
- Truth is in no such view. `labels()` is what the bank of the view, or all together, believed (`simulator.record.known`).

*When.* `run.as_of("2025-03-31")` is what was known at the end of that UTC day, `run.as_of("2025-03-31", bank=3)` what bank 3 knew.

- Rows whose time (`Table.time`) is later are gone. What is dated by day is known when the day is over, figures of a month when
  the month is, and that a row holds no longer on the day after its last: only then has the new one begun.
- Dates and times that were still to come are missing, unless they were known from the start (the expiry of a card).
- What was decided later is undone (`Column.known_at`, `Column.before`): a report is open, nothing is recovered, nobody liable.
- Truth has no viewer, but as of a day it is cut the same way: labels of payments so far, stories begun, without their end.

Two things are the run's and no view of it: `run.manifest` and `run.scenario`. Whoever can open the folder can read all of it: what
one party may have is what `ledgerfolk export --view` writes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from simulator.errors import InputError
from simulator.record.moment import Moment
from simulator.record.schema import arrow_field
from simulator.record.tables.column import Column, In, Link, Table

_END: dict[str, str] = {"payer bank": "payer_bank", "payee bank": "payee_bank"}

type Sight = str
"""When a viewer sees a column's value in a row: `always`, `never`, or where the column of this name holds the viewer's own bank."""


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Whose eyes, and when.

    Attributes:
        bank: The bank that looks, if one does.
        scheme: The scheme that looks, if one does: `card`.
        until: Up to when; the whole run by default.
    """

    bank: int | None = None
    scheme: str = ""
    until: Moment | None = None

    def __str__(self) -> str:
        """The view's name, and its day where there is one."""
        return self.name + (f" as of {self.until}" if self.until else "")

    @property
    def name(self) -> str:
        """As `open_run` takes it."""
        return f"bank={self.bank}" if self.bank is not None else f"scheme={self.scheme}" if self.scheme else "all"

    @property
    def pooled(self) -> bool:
        """Whether nobody in particular looks."""
        return self.bank is None and not self.scheme

    @property
    def everything(self) -> bool:
        """Whether tables are seen as they are in the files."""
        return self.pooled and self.until is None

    def sees(self, table: Table) -> bool:
        """Whether a table is in this view."""
        if table.truth:
            return self.pooled
        return not self.scheme or table.public or table.scheme is not None

    def sight(self, table: Table, column: Column) -> Sight:
        """In which of the rows that it sees a viewer sees a column."""
        if self.pooled or column.view == "everyone":
            return "always"
        if self.scheme:
            seen = column.scheme or (column.view == "both banks" and not table.public)
            return "always" if seen else "never"
        names = table.names
        if "payer_bank" in names:
            return _END.get(column.view, "always")
        if "bank" in names:
            return "bank" if table.public else "always"
        return "never" if table.public else "always"

    def links(self, table: Table) -> tuple[Link, ...]:
        """By which other rows it knows the rows of a table; by none where it needs none."""
        if self.scheme:
            return (table.scheme,) if isinstance(table.scheme, Link) else ()
        if self.bank is not None and not table.public and not {"bank", "payer_bank"} & set(table.names):
            return table.links
        return table.links if self.until and not table.time else ()

    def rows(self, table: Table) -> ds.Expression | None:
        """Which rows of a table it sees, as far as the table itself can say; None for all of them."""
        conditions = []
        if self.bank is not None and not table.public:
            owners = [name for name in ("payer_bank", "payee_bank", "bank") if name in table.names]
            if owners:
                conditions.append(_any(pc.field(name) == self.bank for name in owners))
        if self.scheme and isinstance(table.scheme, In):
            conditions.append(pc.field(table.scheme.column).isin(list(table.scheme.words)))
        if self.until and table.time:
            conditions.append(pc.field(table.time) < self.until.bound(table.column(table.time)))
        found: ds.Expression | None = None
        for condition in conditions:
            found = condition if found is None else found & condition
        return found

    def merges(self, table: Table) -> tuple[str, str] | None:
        """The columns of first and last days of a table whose versions may look the same to this viewer; None where none can."""
        ends = [column.name for column in table.columns if column.known == "next day"]
        blind = any(self.sight(table, column) != "always" for column in table.columns)
        return (table.time, ends[0]) if table.public and ends and blind else None

    def field(self, table: Table, column: Column) -> pa.Field:
        """The Arrow field of a column in this view, which may miss values that the file has."""
        field = arrow_field(table, column)
        masked = self.sight(table, column) != "always" and mask_of(column) is None
        undone = bool(column.known_at) and column.before is None
        late = pa.types.is_temporal(column.type) and column.known != "ahead" and column.name != table.time
        return field.with_nullable(field.nullable or masked or (self.until is not None and (undone or late or column.known == "run end")))


POOLED = Viewpoint()
"""All banks together, the whole run."""


def viewpoint(view: str) -> Viewpoint:
    """The viewpoint that a name stands for: `all`, `bank=K` or `scheme=card`.

    Raises:
        InputError: It stands for none.
    """
    kind, _, which = view.partition("=") if isinstance(view, str) else ("", "", "")
    if view == "all":
        return Viewpoint()
    if kind == "bank" and which.isascii() and which.isdigit() and len(which) < 6:
        return Viewpoint(bank=int(which))
    if view == "scheme=card":
        return Viewpoint(scheme="card")
    raise InputError(f"view: found {str(view)[:60]!r}, expected 'all', 'bank=' and the number of a bank, or 'scheme=card'")


def mask_of(column: Column) -> int | None:
    """What stands in a column for a value that the viewer does not see: -1 in keys, which have no unit; missing elsewhere."""
    return -1 if pa.types.is_integer(column.type) and not column.unit else None


def _any(conditions: Iterable[ds.Expression]) -> ds.Expression:
    first, *rest = conditions
    for condition in rest:
        first = first | condition
    return first
