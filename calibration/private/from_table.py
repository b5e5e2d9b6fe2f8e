"""The postings of a bank's table, Parquet or CSV, through the columns that its file names.

Nothing of a row is ever said: a message names the file, the column, what is wrong and in how many rows.
"""

import csv as plain_csv
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from calibration.private.columns import Column, said
from calibration.private.config import Config, listed
from calibration.private.postings import Flags, Ints, Postings, kinds_of, thousandths
from simulator.clock import EPOCH
from simulator.errors import InputError

BATCH = 1 << 18


class TablePostings:
    """Streams the postings of a table.

    Attributes:
        first: first day that counts.
        last: last day that counts.
    """

    def __init__(self, path: Path, config: Config, part: int | None = None) -> None:
        """Says how to read; nothing is read yet.

        Args:
            path: the table.
            config: how it is read.
            part: which part of the customers, where the config splits them; the released one by default.
        """
        self.path, self.config, self.table = path, config, config.table
        self.first, self.last = (config.period.start - EPOCH).days, (config.period.end - EPOCH).days
        self.part = part if part is not None else config.split.use if config.split else None
        self._rows: dict[str, int] = {}
        self._customers = 0
        self._ids: list[np.ndarray[tuple[int], np.dtype[np.uint64]]] = []

    @property
    def customers(self) -> int:
        """Customers seen so far."""
        return self._customers

    def batches(self) -> Iterator[Postings]:
        """Postings in row order, in bounded memory.

        Raises:
            InputError: the table cannot be read as the config says, has no rows, or is written in other units.
        """
        self._rows, self._customers, self._ids = {}, 0, []
        rows = outside = within = 0
        for batch in self._read():
            rows += batch.num_rows
            with _unsaid(self.path):
                postings, beyond = self._postings(batch)
            outside += beyond
            within += len(postings.customer)
            yield postings
        if rows == 0:
            raise InputError(f"{self.path}: found a table without rows, expected one row for each posting")
        low, high = self.config.amounts
        if outside > rows / 2:
            expected = f"most amounts from {low:g} to {high:g} currency units (config: amounts, table.per_unit)"
            raise InputError(
                f"{said(self.path, self.table.amount)}: found {outside:,} of {rows:,} rows outside the bounds, expected {expected}"
            )
        if within == 0:
            expected = f"days from {self.config.period.start} to {self.config.period.end} (config: period, split)"
            raise InputError(f"{said(self.path, self.table.date)}: found no row of {rows:,} that counts, expected {expected}")
        self._refuse_repeated(rows)

    def _refuse_repeated(self, rows: int) -> None:
        if self._ids:
            repeated = rows - len(np.unique(np.concatenate(self._ids)))
            if repeated:
                assert self.table.row_id is not None
                raise InputError(
                    f"{said(self.path, self.table.row_id)}: found {repeated:,} repeated ids in {rows:,} rows, expected each once"
                )

    def _postings(self, batch: pa.RecordBatch) -> tuple[Postings, int]:
        table, rows = self.table, batch.num_rows
        column = {name: Column(self.path, name, batch.column(name)) for name in table.columns}
        day, hour = column[table.date].days(table.date_format, table.utc_offset)
        amount = column[table.amount].numbers(table.decimal_mark) / table.per_unit
        customer = self._customer(column[table.unit].keys())
        out = amount < 0 if table.direction is None else column[table.direction.column].either(
            listed(table.direction.out_of), listed(table.direction.into))  # fmt: skip
        if table.direction is not None and (amount < 0).any():
            found = f"found {int((amount < 0).sum()):,} negative amounts in {rows:,} rows"
            raise InputError(f"{said(self.path, table.amount)}: {found}, expected none where a column tells the direction")
        amount = np.abs(amount)
        low, high = self.config.amounts
        beyond = int(((amount < low) | (amount > high)).sum())
        if table.row_id is not None:
            self._ids.append(pd.util.hash_array(column[table.row_id].keys().to_numpy(zero_copy_only=False).astype(object)))
        blank = np.full(rows, -1, np.int64)
        postings = Postings(
            customer=customer, day=day, hour=hour, amount=thousandths(np.clip(amount, low, high)), out=out,
            opened=column[table.opened].days(table.date_format, table.utc_offset)[0] if table.opened else day,
            kind=kinds_of(table.kinds, rows, lambda name, values: column[name].holds(values)),
            merchant=column[table.merchant].numbered() if table.merchant else blank,
            balance=thousandths(column[table.balance].numbers(table.decimal_mark) / table.per_unit) if table.balance else blank,
            fraud=column[table.fraud.column].holds(listed(table.fraud.values)) if table.fraud else blank > 0,
        )  # fmt: skip
        keep: Flags = (customer >= 0) & (day >= self.first) & (day <= self.last)
        return postings.only(keep), beyond

    def _customer(self, keys: pa.Array) -> Ints:
        coded = keys.dictionary_encode()
        found = np.array([self._row(key) for key in coded.dictionary.to_pylist()], np.int64)
        customer: Ints = found[coded.indices.to_numpy()]
        return customer

    def _row(self, key: str) -> int:
        row = self._rows.get(key)
        if row is None:
            split = self.config.split
            mine = split is None or self.part is None or part_of(key, split.parts) == self.part
            row = self._rows[key] = self._customers if mine else -1
            self._customers += mine
        return row

    def _read(self) -> Iterator[pa.RecordBatch]:
        if not self.path.is_file():
            raise InputError(f"{self.path}: found no such file, expected a table (.parquet or .csv)")
        with _unsaid(self.path):
            if self.path.suffix in (".parquet", ".pq"):
                with pq.ParquetFile(self.path) as file:
                    self._refuse_missing(file.schema_arrow.names)
                    yield from file.iter_batches(BATCH, columns=self.table.columns)
            else:
                yield from self._read_csv()

    def _read_csv(self) -> Iterator[pa.RecordBatch]:
        broken = 0

        def skip(row: object) -> str:
            nonlocal broken
            broken += 1
            return "skip"

        options = {
            "read_options": csv.ReadOptions(block_size=1 << 22),
            "parse_options": csv.ParseOptions(delimiter=self.table.delimiter, invalid_row_handler=skip),
        }
        with self.path.open(encoding="utf-8-sig", newline="") as stream:
            names = next(plain_csv.reader(stream, delimiter=self.table.delimiter), [])
        if not names:
            raise InputError(f"{self.path}: found no header, expected one and rows")
        self._refuse_missing(names)
        # Everything is text until its column says what it is: types guessed from rows would end up in messages.
        convert = csv.ConvertOptions(
            include_columns=self.table.columns, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        )
        with csv.open_csv(self.path, convert_options=convert, **options) as reader:
            yield from reader
        if broken:
            found = f"found {broken:,} rows with more or fewer fields than the {len(names)} of the header"
            raise InputError(f"{self.path}: {found}, expected as many (config: table.delimiter)")

    def _refuse_missing(self, names: list[str]) -> None:
        # What the table calls its columns is not said: without a header they would be its first row.
        for column in self.table.columns:
            if names.count(column) != 1:
                found = "no such column" if column not in names else f"{names.count(column)} columns of that name"
                raise InputError(f"{said(self.path, column)}: found {found} among {len(names)}, expected one")


def part_of(key: str, parts: int) -> int:
    """Which part of the customers a customer is in: SHA-256 of the id as text, first eight bytes, modulo the parts."""
    return int.from_bytes(sha256(key.encode()).digest()[:8]) % parts


@contextmanager
def _unsaid(path: Path) -> Iterator[None]:
    # Messages of the reading library quote rows, and so would the chain of causes.
    try:
        yield
    except (pa.ArrowException, plain_csv.Error, UnicodeError, ValueError, OverflowError) as error:
        kind = type(error).__name__
        raise InputError(f"{path}: found what cannot be read as {path.suffix or 'CSV'} ({kind}), expected a whole table") from None
