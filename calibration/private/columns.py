"""A column of a batch of a bank's table, read as what it should be; messages tell the column and how many rows, never a value."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from calibration.private.config import LARGEST
from calibration.private.postings import Flags, Floats, Ints
from simulator.errors import InputError

_HOUR_US = 3_600_000_000


def said(path: Path, column: str) -> str:
    """How messages call a column."""
    return f"{path}: column '{column}'"


class Column:
    """A column of a batch."""

    def __init__(self, path: Path, name: str, values: pa.Array) -> None:
        self.path, self.name = path, name
        self.values = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
        if pa.types.is_nested(self.values.type) or pa.types.is_null(self.values.type):
            raise self._wrong(f"the type {'null' if pa.types.is_null(values.type) else 'of lists or records'}", "plain values")

    def text(self) -> pa.Array:
        """As text, without spaces around; empty where there is none."""
        kind = self.values.type
        if pa.types.is_floating(kind):
            whole = pc.equal(self.values, pc.floor(self.values))
            # Ids with gaps are read as 12.0 by many tools.
            if pc.all(pc.fill_null(whole, True)).as_py() and pc.all(pc.less(pc.abs(pc.fill_null(self.values, 0)), 2.0**53)).as_py():
                return pc.fill_null(self.values.cast(pa.int64()).cast(pa.string()), "")
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise self._wrong("bytes", "text or numbers")
        return pc.utf8_trim_whitespace(pc.fill_null(self.values.cast(pa.string()), ""))

    def keys(self) -> pa.Array:
        """As text, of which none may be missing."""
        text = self.text()
        self._refuse(pc.equal(text, ""), "without a value", "one in each")
        if pa.types.is_floating(self.values.type):
            self._refuse(pc.is_nan(self.values), "that are no number", "an id in each")
        return text

    def numbers(self, decimal_mark: str = ".") -> Floats:
        """As finite numbers."""
        kind = self.values.type
        if pa.types.is_boolean(kind) or pa.types.is_temporal(kind):
            raise self._wrong("no numbers", "numbers")
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            text = self.text()
            text = pc.replace_substring(text, ",", ".") if decimal_mark == "," else text
            plain = pc.match_substring_regex(text, r"^[+-]?[0-9]{1,30}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,2})?$|^[+-]?\.[0-9]{1,30}$")
            self._refuse(pc.invert(plain), "that are no number", f"numbers with '{decimal_mark}' as the decimal mark")
            # Arrow reads no leading plus.
            numbers = pc.utf8_ltrim(text, "+").cast(pa.float64())
        else:
            numbers = self.values.cast(pa.float64())
        found: Floats = numbers.to_numpy(zero_copy_only=False)
        bad = ~np.isfinite(found) | (np.abs(found) > LARGEST * 1000)
        self._refuse(pa.array(bad), "that are no finite number", "a number in each")
        return found

    def days(self, form: str, utc_offset: float) -> tuple[Ints, Ints]:
        """Local days since 1970-01-01 and hours of each row.

        Args:
            form: as `strptime` has it; types of their own and ISO 8601 need none.
            utc_offset: hours added.
        """
        kind = self.values.type
        if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            stamps = self.values.cast(pa.timestamp("us"), safe=False) if pa.types.is_date(kind) else self.values.cast(
                pa.timestamp("us", tz=kind.tz), safe=False)  # fmt: skip
        else:
            stamps = self._parsed(form)
        self._refuse(
            pc.is_null(stamps), "that are no date", f"dates {'such as ' + form if form else 'in ISO 8601'} (config: table.date_format)"
        )
        moment = stamps.cast(pa.int64()).to_numpy() + round(utc_offset * _HOUR_US)
        far = np.abs(moment) > 200 * 366 * 24 * _HOUR_US
        self._refuse(pa.array(far), "in a far century", "dates near the period")
        return moment // (24 * _HOUR_US), moment % (24 * _HOUR_US) // _HOUR_US

    def _parsed(self, form: str) -> pa.Array:
        text = self.text()
        if form:
            return pc.strptime(text, format=form, unit="us", error_is_null=True)
        parsed = pd.to_datetime(pd.Series(text.to_numpy(zero_copy_only=False)), format="ISO8601", errors="coerce", utc=True)
        return pa.array(parsed.dt.as_unit("us"), pa.timestamp("us", tz="UTC"))

    def either(self, yes: list[str], no: list[str]) -> Flags:
        """Whether a row holds one of some values, where it must hold one of these or of others."""
        found, other = self.holds(yes), self.holds(no)
        self._refuse(pa.array(found == other), "with neither value or both", "the values of the config alone")
        return found

    def holds(self, values: list[str] | None) -> Flags:
        """Whether a row holds one of some values; with None, nothing."""
        found: Flags = pc.is_in(self.text(), pa.array(values if values is not None else [""], pa.string())).to_numpy(zero_copy_only=False)
        return found

    def numbered(self) -> Ints:
        """A number that the same text always has; -1 where there is none."""
        text = self.text().to_numpy(zero_copy_only=False).astype(object)
        hashed = pd.util.hash_array(text).view(np.int64) & np.int64(2**62 - 1)
        numbered: Ints = np.where(text == "", np.int64(-1), hashed)
        return numbered

    def _refuse(self, bad: pa.Array, found: str, expected: str) -> None:
        count = pc.sum(pc.fill_null(bad, True)).as_py() or 0
        if count:
            raise self._wrong(f"{count:,} rows {found} in {len(bad):,}", expected)

    def _wrong(self, found: str, expected: str) -> InputError:
        return InputError(f"{said(self.path, self.name)}: found {found}, expected {expected}")
