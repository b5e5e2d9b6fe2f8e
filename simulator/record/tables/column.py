"""What a table and a column of the run folder are."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, NamedTuple

import pyarrow as pa

View = Literal["both banks", "payer bank", "payee bank", "bank", "everyone", "truth"]
"""Who sees a column: banks at either end of the payment, the bank whose row it is, everyone, or only the world itself."""

Known = Literal["then", "next day", "month end", "run end", "ahead"]
"""When a date or time in a row is known: when it comes, when that day is over, when its month is, when the run is, or from the row's
beginning, such as the expiry of a card."""

ID = pa.int64()
COUNT = pa.int32()
SMALL = pa.int16()
FLAG = pa.bool_()
MONEY = pa.float64()
NUMBER = pa.float64()
DATE = pa.date32()
TIME = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
WORD = pa.dictionary(pa.int8(), pa.string())
"""Text from a short list."""
NAME = pa.dictionary(pa.int16(), pa.string())
"""Text from a list that a scenario may lengthen."""


class In(NamedTuple):
    """Rows where a column holds one of some words."""

    column: str
    words: tuple[str, ...]


class Link(NamedTuple):
    """Rows that a viewer sees because rows of another table that the viewer sees name them."""

    column: str
    """Of this table."""
    table: str
    """The other one."""
    of: str
    """Its column that holds the same keys."""


@dataclass(frozen=True, slots=True)
class Column:
    """One documented column.

    Views and times follow from what is said here; `simulator.record.view` describes how.

    Attributes:
        name: Its name in the file.
        type: Its Arrow type.
        unit: What one unit of it is; empty where it has none.
        meaning: What it says, in a line.
        view: Who sees it.
        codes: The code list its words come from, where it has one.
        nullable: Whether a value may be missing.
        scheme: Whether a card scheme sees it although `view` names one bank.
        alias: An account: who may not see it sees a stand-in of their own for it.
        nameless: Rows in which nobody knows the account at the other end, so that there is not even a stand-in.
        known: When a date or time is known.
        known_at: Name of the column that says when the value was decided.
        before: What the column holds until then; missing by default.
        refers: Table whose key it holds: who does not see that row does not see the key.
    """

    name: str
    type: pa.DataType
    unit: str
    meaning: str
    view: View
    codes: type[IntEnum] | None = None
    nullable: bool = False
    scheme: bool = False
    alias: bool = False
    nameless: In | None = None
    known: Known = "then"
    known_at: str = ""
    before: str | float | None = None
    refers: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One documented table.

    Attributes:
        name: Its name: the path in the run folder without the ending.
        columns: Its columns, in order.
        meaning: What a row is, in a line.
        partitioned: Whether it is a folder of parts by month rather than one file; its first column is then the number of the row.
        time: Name of the column that says when a row begins to be; where there is none, a row is known with what it links to.
        links: By what a bank knows its rows where no column names the bank; one of them is enough.
        scheme: Rows that a card scheme sees; it sees every row of a table that everyone sees.
    """

    name: str
    columns: tuple[Column, ...]
    meaning: str
    partitioned: bool = False
    time: str = ""
    links: tuple[Link, ...] = ()
    scheme: In | Link | None = None

    @property
    def truth(self) -> bool:
        """Whether only the world itself knows it."""
        return self.name.startswith("truth/")

    @property
    def public(self) -> bool:
        """Whether everyone sees its rows, if not all that is in them."""
        return not self.truth and any(column.view == "everyone" for column in self.columns)

    @property
    def file(self) -> str:
        """Its path inside the run folder: a Parquet file, or a folder of parts where partitioned."""
        return self.name if self.partitioned else f"{self.name}.parquet"

    def seen_by(self, column: Column) -> View:
        """Who sees one of its columns."""
        return "truth" if self.truth else column.view

    @property
    def names(self) -> list[str]:
        """The names of its columns, in order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """One of its columns by name."""
        return next(column for column in self.columns if column.name == name)
