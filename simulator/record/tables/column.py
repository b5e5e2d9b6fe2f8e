"""What a table and a column of the run folder are."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import pyarrow as pa

View = Literal["both banks", "payer bank", "payee bank", "bank", "everyone", "truth"]
"""Who sees a column: banks at either end of the payment, the bank whose row it is, everyone, or only the world itself."""

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


@dataclass(frozen=True, slots=True)
class Column:
    """One documented column.

    Attributes:
        name: Its name in the file.
        type: Its Arrow type.
        unit: What one unit of it is; empty where it has none.
        meaning: What it says, in a line.
        view: Who sees it.
        codes: The code list its words come from, where it has one.
        nullable: Whether a value may be missing.
    """

    name: str
    type: pa.DataType
    unit: str
    meaning: str
    view: View
    codes: type[IntEnum] | None = None
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One documented table.

    Attributes:
        name: Its name: the path in the run folder without the ending.
        columns: Its columns, in order.
        meaning: What a row is, in a line.
        partitioned: Whether it is a folder of parts by month rather than one file.
    """

    name: str
    columns: tuple[Column, ...]
    meaning: str
    partitioned: bool = False

    @property
    def truth(self) -> bool:
        """Whether only the world itself knows it."""
        return self.name.startswith("truth/")

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
